//! Sums on paper are sums in the state: amounts are read back from papers and held against what the fold says.

use std::collections::BTreeMap;

use proptest::prelude::*;
use talon_domain::fact::TicketKind;
use talon_domain::money::Totals;
use talon_domain::state::{Refund, Standing, State};
use talon_receipts::{Layout, Particulars, layout};

use crate::days::days;
use crate::paper::{amount, amount_of, amounts_of, entries, values};
use crate::situations::refunded_in_full;
use crate::story::{Story, credit_of_ten};
use crate::strange::payment;

type Sums = BTreeMap<String, u128>;

fn sums(totals: &Totals) -> Sums {
    totals.iter().map(|(currency, minor_units)| (currency.to_string(), minor_units)).collect()
}

fn printed(layout: &Layout, name: &str) -> Sums {
    amounts_of(layout, name).into_iter().map(|(minor_units, code)| (code, minor_units)).collect()
}

/// What the rows with these remarks come to; a currency that comes to nothing counts as absent.
fn rows(layout: &Layout, notes: &[&str]) -> Sums {
    let mut sums = Sums::new();
    for (note, (minor_units, code)) in entries(layout) {
        if notes.is_empty() || notes.contains(&note) {
            *sums.entry(code).or_default() += minor_units;
        }
    }
    some(sums)
}

fn some(sums: Sums) -> Sums {
    sums.into_iter().filter(|(_, minor_units)| *minor_units > 0).collect()
}

/// The paper of a refund by its id, or by a request that names no other.
fn of_refund(state: &State, refund: &Refund) -> Option<Layout> {
    let name = refund.refund_id.as_deref().or(refund.request_id.as_deref())?;
    let is_meant = |other: &&Refund| [&other.refund_id, &other.request_id].iter().any(|id| id.as_deref() == Some(name));
    let is_alone = state.refunds.iter().filter(is_meant).count() == 1;
    (refund.refund_id.is_some() || is_alone).then_some(())?;
    layout(TicketKind::Refund, &Particulars { refund: Some(name), ..Particulars::of(state) }).ok()
}

#[test]
fn the_published_full_refund_is_cash_and_rebate() {
    let state = refunded_in_full().state();
    let paper = layout(TicketKind::Refund, &Particulars::of(&state)).expect("a ticket");
    let of = |name| amount_of(&paper, name);
    assert_eq!((of("RENDU SUR LA CARTE"), of("DEDUIT DES ECHEANCES")), (Some(11_833), Some(23_466)));
    assert_eq!((of("CE REMBOURSEMENT"), of("TOTAL REMBOURSE")), (Some(35_299), Some(35_299)));
    assert_eq!((of("MONTANT ACHAT"), of("DEJA REMBOURSE"), of("RESTE A PRELEVER")), (Some(35_199), Some(0), Some(0)));
    let statement = layout(TicketKind::Plan, &Particulars::of(&state)).expect("a ticket");
    let eur = |cents| (cents, "EUR".to_owned());
    assert_eq!(entries(&statement), [("PRELEVE", eur(11_833)), ("SOLDE", eur(0)), ("SOLDE", eur(0))]);
}

#[test]
fn printed_sums_of_a_credit_are_the_plan_s() {
    let plan = credit_of_ten();
    let state = Story::sold(1_634_819_600, 45_000, &plan).state();
    let paper = layout(TicketKind::Customer, &Particulars::of(&state)).expect("a ticket");
    let of = |name| amount_of(&paper, name);
    let total = plan.total().map(|sum| sum.1);
    assert_eq!(rows(&paper, &[]).get("EUR").copied(), total);
    assert_eq!((of("TOTAL CLIENT"), of("MONTANT TOTAL DU")), (total, total));
    assert_eq!((of("INTERETS"), of("ACHAT"), of("DONT PRELEVE")), (Some(2_667), Some(45_000), Some(4_773)));
    assert_eq!((values(&paper, "TAEG"), values(&paper, "NOMBRE D'ECHEANCES")), (vec!["17,19 %"], vec!["10"]));
}

#[test]
fn a_day_prints_what_was_stated_and_what_was_counted() {
    for day in days() {
        let layout = day.layout();
        let stated: Vec<_> = day.devices.iter().flat_map(|device| &device.stated.lines).collect();
        let amounts: Vec<_> = entries(&layout).into_iter().map(|(_, (minor_units, _))| minor_units).collect();
        assert_eq!(amounts, stated.iter().map(|line| line.amount.amount.minor_units().into()).collect::<Vec<u128>>());
        let counted: Vec<_> = day.totals.iter().filter_map(|(.., counted)| *counted).collect();
        for tally in counted {
            let of = values(&layout, &format!("REGISTRE ({})", tally.count));
            let nets: Vec<_> = of.iter().filter_map(|value| amount(value.trim_start_matches('-'))).collect();
            assert!(nets.iter().any(|(net, _)| *net == tally.net.unsigned_abs()), "{tally:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_refund_s_amounts_add_up_and_are_the_state_s(state in payment()) {
        for refund in &state.refunds {
            let Some(layout) = of_refund(&state, refund) else { continue };
            let of = |name| amount_of(&layout, name);
            let whole = u128::from(refund.money.amount.minor_units());
            let parts = of("RENDU SUR LA CARTE").zip(of("DEDUIT DES ECHEANCES")).map(|(cash, rebate)| cash + rebate);
            prop_assert_eq!(parts, refund.split.map(|_| whole));
            if refund.standing != Some(Standing::Counts) {
                prop_assert_eq!(of("TOTAL REMBOURSE"), None);
                continue;
            }
            prop_assert_eq!(of("CE REMBOURSEMENT"), Some(whole));
            prop_assert_eq!(of("DEJA REMBOURSE").map(|before| before + whole), of("TOTAL REMBOURSE"));
            let all = state.refunded().of(refund.money.currency);
            let later = state.refunds.iter().any(|other| other.occurred_at > refund.occurred_at);
            prop_assert!(of("TOTAL REMBOURSE") <= Some(all));
            prop_assert!(later || of("TOTAL REMBOURSE") == Some(all));
        }
    }

    #[test]
    fn a_statement_s_sums_are_the_state_s(state in payment()) {
        let Ok(layout) = layout(TicketKind::Plan, &Particulars::of(&state)) else { return Ok(()) };
        let agreed = state.plan.as_ref().expect("a plan");
        prop_assert_eq!(entries(&layout).len(), agreed.instalments.len());
        prop_assert_eq!(printed(&layout, "DEJA PRELEVE"), sums(&state.collected()));
        prop_assert_eq!(printed(&layout, "TOTAL REMBOURSE"), sums(&state.refunded()));
        prop_assert_eq!(some(printed(&layout, "PRIS EN CHARGE")), rows(&layout, &["PRIS EN CHARGE"]));
        prop_assert_eq!(some(printed(&layout, "EN RECOUVREMENT")), rows(&layout, &["EN RECOUVREMENT"]));
        let due = printed(&layout, "RESTE A PRELEVER");
        prop_assert!(due.is_empty() || some(due) == rows(&layout, &["A VENIR", "EN INCIDENT"]));
    }

    #[test]
    fn a_schedule_s_sums_are_the_plan_s(state in payment()) {
        for kind in [TicketKind::Customer, TicketKind::Till] {
            let Ok(layout) = layout(kind, &Particulars::of(&state)) else { continue };
            let (currency, total) = state.plan.as_ref().and_then(|agreed| agreed.plan.total()).expect("a plan");
            prop_assert_eq!(amounts_of(&layout, "TOTAL CLIENT"), [(total, currency.to_string())]);
            prop_assert_eq!(printed(&layout, "DONT PRELEVE"), sums(&state.collected()));
            let stated: u128 = entries(&layout).iter().map(|(_, (minor_units, _))| *minor_units).sum();
            prop_assert_eq!(stated, total);
        }
    }
}
