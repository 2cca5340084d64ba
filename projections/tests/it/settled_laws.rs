//! What holds for every history of settlement and of what falls due: each line of an account is counted once, whatever the
//! order in which it is told, and a status says only what is so.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use talon_domain::fact::{Direction, Fact, LineKind, Payload};
use talon_domain::ids::{MerchantId, PartitionId};
use talon_domain::money::{Currency, Money};
use talon_domain::time::{Day, Instant};
use talon_projections::instalments::{Course, DueBy, DueFilter, due_lines, due_sums};
use talon_projections::projection::Projection;
use talon_projections::registry::Registry;
use talon_projections::settlement::{
    Asked, Due, Named, OwedLine, Settled, Status, What, lines_of, lines_of_payout, settlement,
};
use talon_testkit::traffic::{Dice, Histories};

use crate::facts::{MERCHANT, fact, moment};
use crate::projection::projected;
use crate::settled::{assert_is_sum, short};
use crate::tables::folded;

/// No history makes a question fail, totals are sums, and each line of an account is counted once.
#[test]
fn every_line_of_every_history_is_counted_once() {
    for history in Histories::of(1).filter(|history| !history.has_conflict()).take(200) {
        let first = projected(&history.records, usize::MAX);
        let registry = registry(&history.records);
        let merchants: std::collections::BTreeSet<_> = history.records.iter().map(|(_, f)| f.header.merchant).collect();
        for merchant in merchants {
            let days = Day(0)..=Day(u16::MAX);
            let asked = Asked::at(&registry, merchant, days, moment("25T12:00"));
            let settled = settlement(first.tables(), &asked).expect("rows");
            assert_is_sum(&settled);
            assert_eq!(booked(&settled), moved(&history.records, merchant), "{}", history.in_words());
            instalments_add_up(&first, merchant);
        }
    }
}

/// Payments, lines and payouts that share so few names that they meet, miss and contradict one another.
const MEETING: [&str; 36] = [
    "CalendarRegistered id=TARGET-2026 v=1 closed=2026-12-25",
    "FeePlanRegistered id=a1 by=alma n=1 bps=253 pays=after_days on=1",
    "FeePlanRegistered id=a1 v=2 by=alma n=1 bps=200 scope=day from=2026-11-25",
    "FeePlanRegistered id=o1 by=oney n=1 bps=100 pays=weekly on=1",
    "PlanChosen p1 n=1 by=alma 1@2026-11-24=100.00 provider at=24T10:00",
    "PlanChosen p2 n=1 by=alma 1@2026-11-25=10.03 provider",
    "PlanChosen p3 n=1 by=oney 1@2026-11-25=100.00 provider",
    "PaymentAccepted p1 100.00 id=P1 by=alma provider at=24T10:00",
    "PaymentAccepted p2 10.03 id=P2 by=alma provider",
    "PaymentAccepted p3 100.00 id=P3 by=oney provider",
    "PaymentAccepted p4 100.00 id=P1 by=alma provider",
    "PaymentAccepted p5 50.00 id=P1 by=oney provider",
    "RefundCompleted p1 60.00 id=R1 provider at=25T10:00",
    "RefundCompleted p2 60.00 id=R1 provider at=25T10:00",
    "ChargebackOpened p1 100.00 dispute=C1 provider at=25T10:00",
    "ChargebackWon p1 100.00 dispute=C1 provider at=26T10:00",
    "PaymentCancelled p2 provider",
    "LineRecorded id=L1 kind=payment 100.00 fee=2.53 tax=0.42 net=97.47 pay=P1 in=po1 on=2026-11-25 by=alma",
    "LineRecorded id=L2 kind=payment 100.00 fee=2.53 pay=P1 in=po1 on=2026-11-25",
    "LineRecorded id=L3 kind=payment 10.03 fee=0.20 pay=P2 in=po1 on=2026-11-25 by=alma",
    "LineRecorded id=L4 kind=payment 10.03 fee=0.21 pay=P2 in=po2 on=2026-11-26 by=alma",
    "LineRecorded acc=O id=L1 kind=payment 100.00 pay=P3 in=po1 on=2026-11-25 by=oney",
    "LineRecorded acc=O id=L2 kind=fee -1.00 tax=0.17 pay=P3 on=2026-11-26 by=oney",
    "LineRecorded acc=O id=L3 kind=fee_waiver 1.00 pay=P3 on=2026-11-26 by=oney",
    "LineRecorded id=L5 kind=refund -60.00 refund=R1 in=po2 on=2026-11-26",
    "LineRecorded id=L6 kind=refund -60.00 refund=R1 in_currency=USD on=2026-11-26",
    "LineRecorded id=L7 kind=chargeback -100.00 dispute=C1 in=po2 on=2026-11-26",
    "LineRecorded id=L8 kind=chargeback_won 100.00 dispute=C1 in=po2 on=2026-11-26",
    "LineRecorded id=L9 kind=adjustment -5.00 pay=P1 in=po2 on=2026-11-26",
    "LineRecorded id=L10 kind=reserve -500.00 on=2026-11-26",
    "LineRecorded id=L11 kind=payout -97.47 payout=po1 on=2026-11-27",
    "LineRecorded id=L1 rev=2 kind=payment 100.00 fee=2.53 tax=0.42 net=97.47 pay=P2 on=2026-11-26 by=alma",
    "PayoutSent payout=po1 97.47 on=2026-11-26",
    "PayoutSent payout=po2 -20.00 on=2026-11-28",
    "PayoutSent acc=O payout=po1 100.00 on=2026-11-26",
    "PayoutReturned payout=po1 97.47",
];

fn registry(facts: &[(PartitionId, Fact)]) -> Registry {
    Registry::of(&folded(facts.iter()))
}

/// Whatever is told, and in whatever order: each line is counted once, and a status says only what is so.
#[test]
fn each_line_is_counted_once_and_a_status_says_what_is_so() {
    let pool: Vec<_> = (1..).zip(MEETING).map(|(number, line)| fact(line, number)).collect();
    let mut statuses = std::collections::BTreeSet::new();
    for seed in 0..300 {
        let mut dice = Dice::of(seed);
        let kept = dice.between(30, 95);
        let told: Vec<_> = pool.iter().filter(|_| dice.percent(kept)).cloned().collect();
        let registry = registry(&told);
        let projection = projected(&dice.shuffled(&told), 5);
        let at = moment(["25T12:00", "26T12:00", "27T12:00", "40T12:00"][dice.below(4)]);
        let missing_after = [0, 1, 2, 5, u32::MAX][dice.below(5)];
        let ask = |projection: &Projection| {
            let asked = Asked { missing_after, ..Asked::at(&registry, MERCHANT, Day(0)..=Day(u16::MAX), at) };
            settlement(projection.tables(), &asked).expect("rows")
        };
        let settled = ask(&projection);
        assert_is_sum(&settled);
        assert_eq!(booked(&settled), moved(&told, MERCHANT), "seed {seed}: {settled:#?}");
        assert_eq!(ask(&projected(&dice.shuffled(&told), 100)), settled, "seed {seed}");
        for line in &settled.lines {
            statuses.insert(line.status);
            says_what_is_so(line, at);
        }
    }
    assert_eq!(statuses.into_iter().collect::<Vec<_>>(), Status::ALL, "every status is met");
}

fn says_what_is_so(line: &OwedLine, at: Instant) {
    let is_expected = !matches!(line.status, Status::Unexpected | Status::Stated);
    assert_eq!(line.expected.is_some(), is_expected, "{line:?}");
    assert_eq!(line.surprise.is_some(), line.status == Status::Unexpected, "{line:?}");
    let differs = line.difference().parts().into_iter().flatten().any(|part| part.abs() > 1);
    assert!(!differs || line.status == Status::Differs, "{line:?}");
    let today = at.paris_day().expect("a day");
    let is_past = matches!(line.due, Due::On(day) if day < today);
    match line.status {
        Status::Paid => assert!(line.payouts.iter().all(|(_, payout)| !payout.is_empty()), "{line:?}"),
        Status::Late => assert!(is_past && line.what == What::Payment, "{line:?}"),
        Status::Missing => {
            assert!(is_past && line.what == What::Payment && line.booked.is_none() && line.waived == 0, "{line:?}");
        }
        Status::Due => assert!(!is_past && matches!(line.due, Due::On(_)), "{line:?}"),
        _ => {}
    }
}

/// The instalments that are listed are those of the sums that are not collected.
fn instalments_add_up(projection: &Projection, merchant: MerchantId) {
    let (days, filter, at) = (Day(0)..=Day(u16::MAX), DueFilter::default(), moment("25T12:00"));
    let mut listed = BTreeMap::<(Currency, &str), (i128, i128)>::new();
    let mut add = |currency, name, amount: i128| {
        let (count, sum) = listed.entry((currency, name)).or_default();
        (*count, *sum) = (*count + 1, *sum + amount);
    };
    due_lines(projection.tables(), merchant, days.clone(), &filter, at, &mut |line| {
        let (currency, amount) = (line.instalment.currency().expect("a currency"), line.instalment.amount.into());
        add(currency, line.instalment.course().name(), amount);
        if line.is_late {
            add(currency, "late", amount);
        }
        ControlFlow::Continue(())
    })
    .expect("rows");
    let sums = due_sums(projection.tables(), merchant, days, &filter, DueBy::default(), at).expect("rows");
    let mut summed = BTreeMap::new();
    for (currency, sum) in sums.values().flatten() {
        let open = [Course::Due, Course::Failed, Course::Claimed, Course::Covered];
        let told = open.map(|course| (course.name(), sum.of(course))).into_iter().chain([("late", sum.late)]);
        let told = told.filter(|(_, tally)| tally.count != 0);
        summed.extend(told.map(|(name, tally)| ((*currency, name), (tally.count, tally.amount))));
    }
    assert_eq!(listed, summed);
}

/// Lines are found by what they name, and by what pays them, within their merchant and account.
#[test]
fn lines_are_found_by_what_they_name() {
    let told: Vec<_> = (1..)
        .zip([
            "LineRecorded id=L1 kind=payment 100.00 pay=P1 in=po1 on=2026-11-26",
            "LineRecorded id=L2 kind=fee -1.00 pay=P1 in=po2 on=2026-11-25",
            "LineRecorded acc=O id=L3 kind=payment 50.00 pay=P1 in=po1 on=2026-11-25",
            "LineRecorded id=L4 kind=refund -60.00 refund=P1 pay=P1 in=po1 on=2026-11-25",
            "LineRecorded m=7 id=L5 kind=payment 7.00 pay=P1 in=po1 on=2026-11-25",
            "LineRecorded id=L6 kind=payment 8.00 pay=P11 in=po11 on=2026-11-25",
        ])
        .map(|(number, line)| fact(line, number))
        .collect();
    let projection = projected(&told, 1);
    let found = |merchant, name: Named| {
        let lines = lines_of(projection.tables(), merchant, &name).expect("rows");
        lines.iter().map(|(day, account, line)| format!("{} {account} {}", short(*day), line.gross)).collect::<Vec<_>>()
    };
    let payment = || Named::Payment("P1".into());
    assert_eq!(found(MERCHANT, payment()), ["11-25 A -100", "11-26 A 10000", "11-25 O 5000"]);
    assert_eq!(found(MERCHANT, Named::Refund("P1".into())), ["11-25 A -6000"]);
    assert_eq!(found(MerchantId(7), payment()), ["11-25 A 700"]);
    assert_eq!(found(MERCHANT, Named::Dispute("P1".into())), [""; 0]);
    let paid = lines_of_payout(projection.tables(), MERCHANT, "A", "po1").expect("rows");
    assert_eq!(paid.iter().map(|(_, line)| line.gross).collect::<Vec<_>>(), [-6_000, 10_000]);
}

/// What an answer says was booked, in each currency: what was left, and fees that were given back.
fn booked(settled: &Settled) -> BTreeMap<Currency, i128> {
    let mut sums = BTreeMap::new();
    for line in &settled.lines {
        let net = line.booked.and_then(|booked| booked.net).unwrap_or(0);
        *sums.entry(line.currency).or_insert(0) += net + line.waived;
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

/// What the winning lines of a history move, added up without any view: each line counts once.
fn moved(records: &[(PartitionId, Fact)], merchant: MerchantId) -> BTreeMap<Currency, i128> {
    let mut sums = BTreeMap::new();
    let signed = |money: Money, direction| {
        let amount = i128::from(money.amount.minor_units());
        if direction == Direction::Credit { amount } else { -amount }
    };
    for (key, stream) in folded(records.iter()).streams() {
        let Some(Payload::SettlementLine(line)) = stream.shown().map(|fact| &fact.payload) else { continue };
        if key.merchant != merchant || key.training || matches!(line.kind, LineKind::Payout | LineKind::Transfer) {
            continue;
        }
        let own = |money: Option<Money>| money.filter(|money| money.currency == line.amount.currency);
        let fee = own(line.merchant_fee).map_or(0, |fee| signed(fee, line.merchant_fee_direction));
        let left = signed(line.amount, line.direction) + fee;
        let net = own(line.net).map_or(left, |net| signed(net, line.net_direction));
        *sums.entry(line.amount.currency).or_insert(0) += net;
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}
