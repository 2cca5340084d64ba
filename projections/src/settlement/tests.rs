//! Fees against published figures and hand-made ones, and promised days around the ends of weeks, months and years.

use std::collections::BTreeSet;

use talon_domain::anomaly::Language;
use talon_domain::fact::{Decided, FeePlan, LineKind, Ordinal, PayoutRule, Rounding, RoundingScope};
use talon_domain::fold::Fold;
use talon_domain::ids::MerchantId;
use talon_domain::money::{Currency, Money};
use talon_domain::time::{Day, Instant};

use super::due::{Due, Undated, due};
use super::fee::{DaySums, Fee, Sold, fee_of};
use super::fold::Settlement;
use super::line::{Amounts, FeeGap, OwedLine, Status, Surprise, What};
use super::nearest::Nearest;
use super::query::{Asked, settle};
use super::row::{Counted, balance_cell, read_balance_cell};
use crate::calendar::Computed;
use crate::projection::rows_of_fold;
use crate::registry::Registry;
use crate::working_days::WorkingDays;

fn plan(bps: u32, rounding: Option<Rounding>, rounding_scope: Option<RoundingScope>) -> FeePlan {
    FeePlan {
        id: "a3".into(),
        version: Ordinal::default(),
        provider: "alma".into(),
        installments_count: 3,
        deferred_days: 0,
        deferred_months: 0,
        from_day: None,
        until_day: None,
        merchant_fee_bps: bps,
        merchant_fee_fixed: None,
        tax_bps: 2_000,
        customer_fee_bps: 0,
        purchase_least: None,
        purchase_most: None,
        rounding,
        rounding_scope,
        payout_rule: None,
        payout_day: 0,
        decided: Decided::default(),
        revision: 0,
    }
}

fn sold(gross: u128) -> Sold<'static> {
    let plan = Some((3, 0, 0));
    Sold { merchant: MerchantId(7), provider: "alma", day: Day(20_000), gross, currency: Currency::EUR, plan }
}

fn kept(plan: &FeePlan, gross: u128) -> (i128, i128) {
    let fee = fee_of(plan, &sold(gross), &mut DaySums::new()).expect("a fee");
    (fee.kept, fee.tax)
}

#[test]
fn fees_are_those_that_were_published() {
    // 200.00 in four at 5.76 %: 11.52, of which 1.92 are tax. 120.00 at 3.80 %: 4.56.
    assert_eq!(kept(&plan(576, None, None), 20_000), (1_152, 192));
    assert_eq!(kept(&plan(380, None, None), 12_000), (456, 76));
    assert_eq!(kept(&plan(380, None, None), 200_000), (7_600, 1_267));
    assert_eq!(kept(&plan(253, None, None), 10_000), (253, 42));
}

#[test]
fn half_a_cent_goes_where_the_plan_says() {
    for (gross, up, even) in [(100, 1, 0), (300, 2, 2), (500, 3, 2), (99, 0, 0), (101, 1, 1)] {
        assert_eq!(kept(&plan(50, Some(Rounding::HalfUp), None), gross).0, up, "{gross} half up");
        assert_eq!(kept(&plan(50, Some(Rounding::HalfEven), None), gross).0, even, "{gross} half even");
    }
}

#[test]
fn what_is_taken_for_each_payment_is_in_the_sale_s_currency() {
    let mut plan = plan(100, None, None);
    plan.merchant_fee_fixed = Money::eur(25);
    assert_eq!(kept(&plan, 10_000), (125, 21));
    let dollars = Sold { currency: Currency::parse("USD").expect("a currency"), ..sold(10_000) };
    assert_eq!(fee_of(&plan, &dollars, &mut DaySums::new()), Err(FeeGap::FeeInOtherCurrency));
}

#[test]
fn shares_of_a_day_add_up_to_its_fee_and_its_tax() {
    for (rounding, bps) in [(Rounding::HalfUp, 253), (Rounding::HalfEven, 150), (Rounding::HalfUp, 1)] {
        let plan = plan(bps, Some(rounding), Some(RoundingScope::Day));
        let mut sums = DaySums::new();
        let grosses: Vec<u128> = (1..200).map(|n| n * 37 % 1_001).collect();
        let shares: Vec<Fee> = grosses.iter().map(|gross| fee_of(&plan, &sold(*gross), &mut sums).unwrap()).collect();
        let whole = FeePlan { rounding_scope: None, ..plan.clone() };
        let sum = (shares.iter().map(|fee| fee.kept).sum(), shares.iter().map(|fee| fee.tax).sum());
        assert_eq!(sum, kept(&whole, grosses.iter().sum()), "{bps} bps");
        assert!(shares.iter().all(|fee| fee.is_share && fee.kept >= 0 && fee.tax >= 0));
    }
}

#[test]
fn hostile_numbers_do_not_overflow() {
    let plan = FeePlan { tax_bps: u32::MAX, ..plan(u32::MAX, None, Some(RoundingScope::Day)) };
    let mut sums = DaySums::new();
    for _ in 0..3 {
        assert!(fee_of(&plan, &sold(u128::MAX), &mut sums).is_ok_and(|fee| fee.kept >= 0));
    }
}

fn promised(rule: PayoutRule, on: u32, sold_on: (i32, u32, u32)) -> Due {
    let mut open = WorkingDays::default();
    for year in [2026, 2027] {
        let closed = Computed::Target.closed_days(year).expect("a computed year");
        open.state(year, closed.into_iter().map(|(day, _)| day));
    }
    let plan = FeePlan { payout_rule: Some(rule), payout_day: on, ..plan(0, None, None) };
    due(&plan, Day::of(sold_on.0, sold_on.1, sold_on.2).expect("a day"), &open)
}

#[test]
fn promised_days_are_working_days() {
    use PayoutRule::{AfterDays, Monthly, Weekly};
    let on = |year, month, day| Due::On(Day::of(year, month, day).expect("a day"));
    // Christmas Day and the day after are closed, and the 27th is a Sunday.
    assert_eq!(promised(AfterDays, 1, (2026, 12, 24)), on(2026, 12, 28));
    assert_eq!(promised(AfterDays, 3, (2026, 11, 25)), on(2026, 11, 30));
    // A Wednesday: the next Monday; a Monday: the one after it; a Sunday is paid on Monday.
    assert_eq!(promised(Weekly, 1, (2026, 11, 25)), on(2026, 11, 30));
    assert_eq!(promised(Weekly, 1, (2026, 11, 30)), on(2026, 12, 7));
    assert_eq!(promised(Weekly, 7, (2026, 11, 25)), on(2026, 11, 30));
    // The 31st of a month of 30 or 28 days is its last: a Monday; a Sunday, so the 1st of March.
    assert_eq!(promised(Monthly, 31, (2026, 11, 25)), on(2026, 11, 30));
    assert_eq!(promised(Monthly, 30, (2027, 1, 31)), on(2027, 3, 1));
    assert_eq!(promised(Monthly, 31, (2026, 11, 30)), on(2026, 12, 31));
    assert_eq!(promised(Monthly, 25, (2026, 11, 25)), on(2026, 12, 28));
}

#[test]
fn what_no_rule_and_no_calendar_names_is_unknown() {
    let unknown = Due::Unknown;
    assert_eq!(promised(PayoutRule::Unknown, 3, (2026, 11, 25)), unknown(Undated::NoRule));
    for on in [0, 8, 32, u32::MAX] {
        assert_eq!(promised(PayoutRule::Weekly, on, (2026, 11, 25)), unknown(Undated::NoRule), "{on}");
    }
    for on in [0, 32, u32::MAX] {
        assert_eq!(promised(PayoutRule::Monthly, on, (2026, 11, 25)), unknown(Undated::NoRule), "{on}");
    }
    assert_eq!(promised(PayoutRule::AfterDays, 1, (2027, 12, 31)), unknown(Undated::CalendarUnknown));
    assert_eq!(promised(PayoutRule::Monthly, 15, (2027, 12, 31)), unknown(Undated::CalendarUnknown));
}

#[test]
fn a_difference_is_of_what_is_known_on_both_sides() {
    let all = Amounts { gross: Some(100), fee: Some(3), tax: None, net: Some(97) };
    let other = Amounts { gross: Some(101), fee: None, tax: Some(1), net: Some(90) };
    assert_eq!(all.less(other).parts(), [Some(-1), None, None, Some(7)]);
    assert!(all.less(other).exceeds(6) && !all.less(other).exceeds(7));
    assert!(!Amounts::default().exceeds(0));
}

#[test]
fn a_balance_is_read_as_it_was_written() {
    for counted in [Counted::Lines, Counted::Net] {
        let code = balance_cell(counted, Currency::EUR);
        assert_eq!(read_balance_cell(code), Some((counted, Currency::EUR)));
    }
}

#[test]
fn names_and_words_are_distinct() {
    fn distinct<T: Copy>(all: &[T], of: impl Fn(T) -> &'static str) {
        let told: BTreeSet<_> = all.iter().map(|one| of(*one)).collect();
        assert_eq!(told.len(), all.len(), "{told:?}");
    }
    for language in [Language::French, Language::English] {
        distinct(&Status::ALL, |one| one.words(language));
        distinct(&FeeGap::ALL, |one| one.words(language));
        distinct(&Surprise::ALL, |one| one.words(language));
        distinct(&Undated::ALL, |one| one.words(language));
    }
    distinct(&Status::ALL, Status::name);
    distinct(&FeeGap::ALL, FeeGap::name);
    distinct(&Surprise::ALL, Surprise::name);
    distinct(&Undated::ALL, Undated::name);
    let all: Vec<_> = LineKind::ALL.iter().map(|kind| What::Other(*kind)).collect();
    distinct(&all, What::name);
    distinct(&all, |one| one.words(Language::French));
    distinct(&all, |one| one.words(Language::English));
}

/// An unexpected line and open ones: the nearest by amount, then by day, each with what speaks against it.
#[test]
fn what_comes_nearest_is_told_with_its_gaps() {
    let line = |id: &str, provider: &str, gross: i128, day: u16, status: Status| {
        let amounts = Amounts { gross: Some(gross), ..Amounts::default() };
        let is_unexpected = status == Status::Unexpected;
        OwedLine {
            day: Day(day),
            provider: provider.to_owned(),
            what: What::Payment,
            stream: None,
            entry: None,
            id: Some(id.to_owned()),
            happened_on: Day(day),
            currency: Currency::EUR,
            expected: (!is_unexpected).then_some(amounts),
            fee_gap: None,
            booked: (is_unexpected || status == Status::Paid).then_some(amounts),
            waived: 0,
            payouts: Vec::new(),
            due: Due::Unknown(Undated::NotPromised),
            status,
            surprise: None,
            is_share: false,
        }
    };
    let lines = [
        line("stranger", "alma", 10_000, 20_000, Status::Unexpected),
        line("same amount, later", "alma", 10_000, 20_003, Status::Late),
        line("same amount, same day", "oney", 10_000, 20_000, Status::Due),
        line("a cent more", "alma", 10_001, 20_000, Status::Late),
        line("far", "alma", 50_000, 20_000, Status::Late),
        line("settled", "alma", 10_000, 20_000, Status::Paid),
    ];
    let nearest = Nearest::of(&lines);
    let told = |of: &OwedLine| -> Vec<(String, i128, i32, bool)> {
        let told = nearest.to(of).into_iter();
        told.map(|of| (of.line.id.clone().unwrap_or_default(), of.gross_gap, of.days_gap, of.is_other_provider))
            .collect()
    };
    let expected =
        [("same amount, same day", 0, 0, true), ("same amount, later", 0, 3, false), ("a cent more", 1, 0, false)];
    assert_eq!(told(&lines[0]), expected.map(|(id, gap, days, other)| (id.to_owned(), gap, days, other)));
    assert_eq!(told(&lines[3]), [("stranger".to_owned(), -1, 0, false)]);
    assert_eq!(told(&lines[5]), []);
}

/// What is read at once is what look-ups find, in every history.
#[test]
fn a_question_of_many_rows_is_answered_as_one_of_few() {
    let (mut lines, mut taken) = (0, 0);
    for history in talon_testkit::traffic::Histories::of(80_000).take(6_000) {
        let mut fold = Fold::new();
        history.records.iter().for_each(|(partition, fact)| _ = fold.apply(*partition, fact.clone()));
        let (rows, registry) = (rows_of_fold(&fold, &[&Settlement]), Registry::of(&fold));
        let merchants: BTreeSet<_> = history.records.iter().map(|(_, f)| f.header.merchant).collect();
        for merchant in merchants {
            let asked = Asked::at(&registry, merchant, Day(0)..=Day(u16::MAX), Instant(1_764_000_000_000_000));
            let one_by_one = settle(&rows, &asked, usize::MAX).expect("rows");
            let at_once = settle(&rows, &asked, 0).expect("rows");
            assert_eq!(one_by_one, at_once, "seed {}\n{}", history.seed, history.in_words());
            lines += at_once.lines.len();
            taken += at_once.lines.iter().filter(|line| line.booked.is_some() && line.expected.is_some()).count();
        }
    }
    assert!(lines > 5_000 && taken > 80, "{lines} lines, {taken} of them fulfilled");
}
