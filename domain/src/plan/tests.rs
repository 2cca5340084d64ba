//! The published plans of the provider (golden vectors) against the rules.

use super::*;

fn split(purchase: u64, n: u32, fee: u64, start: i64) -> Plan {
    let offer = if n == 1 { Offer::PayNow } else { Offer::Split(n) };
    quoted(purchase, offer, fee, start)
}

fn quoted(purchase: u64, offer: Offer, fee: u64, start: i64) -> Plan {
    let start = Instant::from_seconds(start).expect("in range");
    quote(Money::eur(purchase).expect("small"), offer, start, Amount::new(fee).expect("small")).expect("quotable")
}

fn due(plan: &Plan) -> Vec<i64> {
    plan.instalments.iter().map(|entry| entry.due_date.seconds()).collect()
}

fn shares(plan: &Plan) -> Vec<u64> {
    plan.instalments.iter().map(|entry| entry.purchase_amount.minor_units()).collect()
}

fn totals(plan: &Plan) -> Vec<u64> {
    plan.instalments.iter().map(|entry| entry.total_amount.minor_units()).collect()
}

#[test]
fn g1_what_remains_goes_to_the_first() {
    let plan = split(200_000, 3, 0, 1_591_772_561);
    assert_eq!(shares(&plan), [66_668, 66_666, 66_666]);
    assert_eq!(due(&plan), [1_591_772_561, 1_594_364_561, 1_597_042_961]);
}

#[test]
fn g2_the_fee_goes_to_the_first() {
    let plan = split(20_000, 3, 310, 1_636_386_621);
    assert_eq!(totals(&plan), [6_978, 6_666, 6_666]);
    assert_eq!(due(&plan), [1_636_386_621, 1_638_978_621, 1_641_657_021]);
    assert_eq!(plan.faults(false), []);
}

#[test]
fn g4_g5_g15_single_instalments() {
    assert_eq!(due(&split(45_000, 1, 0, 1_638_350_762)), [1_638_350_762]);
    let months = quoted(45_000, Offer::DeferredMonths(1), 0, 1_638_350_762);
    assert_eq!((due(&months), months.is_deferred()), (vec![1_641_029_162], true));
    let days = quoted(16_500, Offer::DeferredDays(15), 0, 1_735_208_969);
    assert_eq!(due(&days), [1_736_504_969]);
}

#[test]
fn g6_g7_g12_months_on_the_utc_clock() {
    let two = split(45_000, 2, 0, 1_638_350_762);
    assert_eq!((shares(&two), due(&two)), (vec![22_500; 2], vec![1_638_350_762, 1_641_029_162]));
    let three = split(45_000, 3, 135, 1_638_350_762);
    assert_eq!(totals(&three), [15_135, 15_000, 15_000]);
    assert_eq!(due(&three), [1_638_350_762, 1_641_029_162, 1_643_707_562]);
    let summer = split(60_000, 3, 0, 1_628_067_070);
    assert_eq!((shares(&summer), due(&summer)), (vec![20_000; 3], vec![1_628_067_070, 1_630_745_470, 1_633_337_470]));
}

#[test]
fn g17_before_its_refund() {
    let plan = split(35_199, 3, 100, 1_649_672_451);
    assert_eq!((shares(&plan), totals(&plan)), (vec![11_733; 3], vec![11_833, 11_733, 11_733]));
    assert_eq!(due(&plan), [1_649_672_451, 1_652_264_451, 1_654_942_851]);
}

#[test]
fn g19_four_instalments_begin_at_creation() {
    assert_eq!(due(&split(20_000, 4, 0, 1_787_048_072)).get(..2), Some(&[1_787_048_072, 1_789_726_472][..]));
}

/// G10: a credit of ten, which is stored as it came and held against invariants.
pub(crate) fn g10() -> Plan {
    const DUE: [i64; 10] = [
        1_634_819_600,
        1_637_498_000,
        1_640_090_000,
        1_642_768_400,
        1_645_446_800,
        1_647_866_000,
        1_650_544_400,
        1_653_136_400,
        1_655_814_800,
        1_658_406_800,
    ];
    const PARTS: [(u64, u64); 10] = [
        (4_773, 0),
        (4_274, 492),
        (4_294, 472),
        (4_337, 429),
        (4_395, 371),
        (4_485, 281),
        (4_516, 250),
        (4_583, 183),
        (4_639, 127),
        (4_704, 62),
    ];
    let amount = |minor| Amount::new(minor).expect("small");
    let entry = |((number, due), (purchase, interest)): ((u32, i64), (u64, u64))| Instalment {
        number,
        due_date: Instant::from_seconds(due).expect("in range"),
        currency: Currency::EUR,
        purchase_amount: amount(purchase),
        customer_fee: Amount::ZERO,
        customer_interest: amount(interest),
        total_amount: amount(purchase + interest),
        original_purchase_amount: amount(purchase),
    };
    Plan {
        installments_count: 10,
        deferred_days: 0,
        deferred_months: 0,
        instalments: (1..).zip(DUE).zip(PARTS).map(entry).collect(),
        customer_total_cost: Money::eur(2_667),
        annual_interest_rate_bps: Some(1_719),
        legal_regime: None,
    }
}

#[test]
fn g10_is_an_annuity_over_two_changes_of_the_clock() {
    let plan = g10();
    assert_eq!(plan.faults(false), []);
    assert_eq!(plan.original_purchase(), Some((Currency::EUR, 45_000)));
    assert_eq!((plan.cost(), plan.total()), (Some((Currency::EUR, 2_667)), Some((Currency::EUR, 47_667))));
    let start = Instant::from_seconds(1_634_819_600).expect("in range");
    let by_rule: Vec<_> = (0..10).filter_map(|k| start.plus_months(k)).map(Instant::seconds).collect();
    assert_eq!(due(&plan), by_rule, "R3 holds on the UTC clock");
}

#[test]
fn each_invariant_names_its_fault() {
    let broken = |change: fn(&mut Plan)| {
        let mut plan = g10();
        change(&mut plan);
        plan.faults(false)
    };
    assert_eq!(broken(|p| p.instalments[1].due_date = p.instalments[0].due_date), [PlanFault::DueDatesMustIncrease]);
    assert_eq!(broken(|p| p.customer_total_cost = Money::eur(2_668)), [PlanFault::CostMustAddUp]);
    assert_eq!(broken(|p| p.instalments[2].number = 2), [PlanFault::NumbersMustDiffer]);
    let swollen = |p: &mut Plan| p.instalments[4].total_amount = Amount::new(9_999).expect("small");
    assert_eq!(broken(swollen), [PlanFault::CreditMustBeAnAnnuity]);
}

#[test]
fn shares_that_do_not_divide() {
    for (purchase, n, expected) in [
        (10_001, 2, vec![5_001, 5_000]),
        (9_999, 4, vec![2_502, 2_499, 2_499, 2_499]),
        (10_000, 3, vec![3_334, 3_333, 3_333]),
        (100, 3, vec![34, 33, 33]),
        (5_001, 3, vec![1_667, 1_667, 1_667]),
    ] {
        assert_eq!(shares(&split(purchase, n, 0, 1_591_772_561)), expected);
    }
    assert_eq!(
        quote(Money::eur(1).expect("small"), Offer::Split(5), Instant::default(), Amount::ZERO),
        Err(QuoteError::CountNotQuotable(5))
    );
}
