//! A registry that is read from rows is the registry of the facts.

use std::ops::ControlFlow;

use talon_domain::fact::{
    Assignment, Calendar, Connectivity, Decided, Establishment, FeePlan, Merchant, Ordinal, PayoutRule, Rounding,
    RoundingScope, Shop, Source, TerminalRange,
};
use talon_domain::fold::Fold;
use talon_domain::ids::{EventId, ShopId, TerminalEpoch, TerminalId, TerminalSeq};
use talon_domain::money::Money;
use talon_domain::time::{Day, Instant};
use talon_testkit::traffic::Histories;

use super::row::Row;
use super::{Registered, Registry, RegistryView, Stated};
use crate::projection::rows_of_fold;
use crate::reading::Reading;
use crate::table::REGISTERED;

fn said<T>(what: T) -> Stated<T> {
    Stated { what, source: Source::Gateway, event_id: EventId([7; 16]), occurred_at: Instant(-3) }
}

fn full() -> Vec<Registered> {
    let decided = Decided { author_code: Some("AB".into()), reason: Some("moved".into()) };
    let euros = |cents| Money::eur(cents);
    let merchant = Merchant {
        label: "M".into(),
        country: Some("FR".into()),
        closed_from: Some(Day(3)),
        decided: decided.clone(),
        revision: 4,
    };
    let shop = Shop {
        code: "PAR1".into(),
        label: Some("L".into()),
        town: Some("Paris".into()),
        establishments: vec![
            Establishment { nic: ShopId(74), from_day: None },
            Establishment { nic: ShopId(82), from_day: Some(Day(9)) },
        ],
        closed_from: Some(Day(5)),
        decided: decided.clone(),
        revision: 6,
    };
    let assignment = Assignment {
        terminal: TerminalId(1),
        epoch: TerminalEpoch(2),
        shop_code: Some("PAR1".into()),
        serial: Some("S".into()),
        logical_id: Some("G".into()),
        range: Some(TerminalRange::TetraMove),
        model: Some("Move/5000".into()),
        connectivity: Some(Connectivity::Ethernet),
        first_seq: TerminalSeq(116),
        from_day: Some(Day(7)),
        until_day: Some(Day(8)),
        decided: decided.clone(),
        revision: 9,
    };
    let fee_plan = FeePlan {
        id: "a3".into(),
        version: Ordinal::new(2),
        provider: "alma".into(),
        installments_count: 3,
        deferred_days: 15,
        deferred_months: 1,
        from_day: Some(Day(1)),
        until_day: Some(Day(2)),
        merchant_fee_bps: 380,
        merchant_fee_fixed: euros(25),
        tax_bps: 2_000,
        customer_fee_bps: 11,
        purchase_least: euros(5_000),
        purchase_most: euros(200_000),
        rounding: Some(Rounding::HalfEven),
        rounding_scope: Some(RoundingScope::Day),
        payout_rule: Some(PayoutRule::Weekly),
        payout_day: 1,
        decided: decided.clone(),
        revision: 12,
    };
    let closed_days = vec![(Day(20_000), Some("Noël".into())), (Day(20_001), None)];
    let calendar = Calendar { id: "FR-2026".into(), version: Ordinal::new(3), closed_days, decided, revision: 13 };
    vec![
        Registered::Merchant(said(merchant)),
        Registered::Shop(said(shop)),
        Registered::Assignment(said(assignment)),
        Registered::FeePlan(said(fee_plan)),
        Registered::Calendar(said(calendar)),
    ]
}

#[test]
fn what_is_registered_comes_back_whole() {
    for registered in full() {
        let bytes = postcard::to_allocvec(&Row::of(&registered)).expect("written");
        let row: Row = postcard::from_bytes(&bytes).expect("read");
        assert_eq!(row.registered(), Some(registered));
    }
}

#[test]
fn the_rows_of_a_history_register_what_its_fold_does() {
    let mut registered = 0;
    for history in Histories::of(90_000).take(800) {
        let mut fold = Fold::new();
        for (partition, fact) in &history.records {
            fold.apply(*partition, fact.clone());
        }
        let tables = rows_of_fold(&fold, &[&RegistryView]);
        let read = Registry::read(&tables).expect("memory");
        assert_eq!(read, Registry::of(&fold), "seed {}", history.seed);
        Reading::scan(&tables, REGISTERED, &[], None, &mut |_, _| {
            registered += 1;
            ControlFlow::Continue(())
        })
        .expect("memory");
    }
    assert!(registered > 150, "only {registered} statements were registered");
}
