//! The park on the day: who is registered, which numbers are missing and why, and whose totals are not the ledger's.

use std::collections::{BTreeMap, BTreeSet};

use talon_domain::anomaly::Code;
use talon_domain::fact::{Direction, Family, Payload, TillTotals};
use talon_domain::ids::{MerchantId, TerminalEpoch, TerminalId, TerminalSeq};
use talon_domain::time::Instant;
use talon_projections::finding::findings;
use talon_projections::registry::{Ineligible, Registry};
use talon_projections::terminals::{Hole, LATE_FOR_US, Owner, Sum, Terminal, Terminals};

use super::ledger::{DAYS, Ledger};

const LYON: MerchantId = MerchantId(123_456_782);
const NANTES: MerchantId = MerchantId(987_654_324);
const LILLE: MerchantId = MerchantId(135_792_463);

/// When everything has come.
fn evening(ledger: &Ledger) -> Instant {
    ledger.day.arrivals.last().expect("a day").at
}

fn views(ledger: &Ledger) -> (Registry, Terminals) {
    (Registry::of(&ledger.fold), Terminals::of(&ledger.fold))
}

#[test]
fn the_chain_is_registered_before_anything_else_but_for_one_terminal() {
    for ledger in DAYS.iter() {
        let (registry, terminals) = views(ledger);
        assert_eq!((registry.merchants().count(), registry.shops().count()), (3, 6));
        let listed: Vec<_> = terminals.list(&registry, evening(ledger)).collect();
        assert_eq!((listed.len(), registry.assignments().count()), (12, 11), "eleven terminals, one of them swapped");
        let unknown: Vec<_> = listed.iter().filter(|one| one.assignment.is_none()).map(number).collect();
        assert_eq!(unknown, [(NANTES, 2, 1)]);
        let other = ledger.facts.iter().position(|fact| fact.header.kind.family() != Family::Registry);
        assert_eq!(other, Some(3 + 6 + 10 + 8), "companies, shops, devices and fee plans come first");
        for shop in &ledger.day.shops {
            let stated = registry.shop_by_nic(shop.merchant, shop.shop, ledger.day.date).expect("registered");
            assert_eq!(stated.what.label.as_deref(), Some(shop.name));
        }
    }
}

fn number(terminal: &Terminal<'_>) -> (MerchantId, u32, u16) {
    (terminal.merchant, terminal.terminal.0, terminal.epoch.0)
}

#[test]
fn a_swapped_terminal_is_two_devices_and_one_till() {
    for ledger in DAYS.iter() {
        let (registry, terminals) = views(ledger);
        let listed = terminals.list(&registry, evening(ledger));
        let swapped: Vec<_> = listed.filter(|one| (one.merchant, one.terminal) == (LYON, TerminalId(5))).collect();
        let [old, new] = &swapped[..] else { panic!("two devices") };
        assert!(old.is_replaced && !new.is_replaced);
        let serial =
            |one: &Terminal<'_>| one.assignment.and_then(|stated| stated.what.serial.clone()).expect("a serial");
        assert_ne!(serial(old), serial(new));
        assert!(old.holes.is_empty() && new.holes.is_empty());
        assert_eq!((old.first_seq, new.first_seq), (TerminalSeq(1), TerminalSeq(1)));
    }
}

/// Each device's numbers as they came: from its first on, without holes, but for what was lost and what was burnt.
#[test]
fn terminals_count_without_holes_but_for_two() {
    for ledger in DAYS.iter() {
        let mut counted: BTreeMap<_, BTreeSet<u32>> = BTreeMap::new();
        for header in ledger.facts.iter().map(|fact| &fact.header).filter(|header| header.terminal_seq.0 > 0) {
            let device = (header.merchant, header.terminal, header.terminal_epoch);
            assert!(counted.entry(device).or_default().insert(header.terminal_seq.0), "two facts of one number");
        }
        assert_eq!(counted.len(), 12);
        for (device, numbers) in &counted {
            let (first, last) = (*numbers.first().expect("some"), *numbers.last().expect("some"));
            let missing = (first..=last).filter(|number| !numbers.contains(number)).count();
            let expected = match *device {
                (LYON, TerminalId(4), TerminalEpoch(1)) => (118, 2),
                (LYON, TerminalId(6), TerminalEpoch(1)) => (1, 1),
                _ => (1, 0),
            };
            assert_eq!((first, missing), expected, "{device:?}");
        }
    }
}

#[test]
fn every_hole_has_its_owner() {
    for ledger in DAYS.iter() {
        let (registry, terminals) = views(ledger);
        let holes = |at| -> BTreeMap<_, Vec<Hole>> {
            let listed = terminals.list(&registry, at).filter(|one| !one.holes.is_empty());
            listed.map(|one| (number(&one), one.holes)).collect()
        };
        let evening = holes(evening(ledger));
        assert!(evening.keys().eq(&[(LYON, 4, 1), (LYON, 6, 1)]), "{evening:?}");
        let [burnt] = evening[&(LYON, 4, 1)][..] else { panic!("one hole") };
        assert_eq!((burnt.owner, burnt.last.0 - burnt.first.0), (Owner::Voided, 1));
        let [lost] = evening[&(LYON, 6, 1)][..] else { panic!("one hole") };
        assert_eq!((lost.owner, lost.first), (Owner::Late, lost.last));
        let [later] = holes(Instant(self::evening(ledger).0 + LATE_FOR_US))[&(LYON, 6, 1)][..] else {
            panic!("one hole")
        };
        assert_eq!(later, Hole { owner: Owner::Unexplained, ..lost });
    }
}

#[test]
fn what_is_found_of_the_park_is_what_the_script_placed() {
    for ledger in DAYS.iter() {
        let (registry, terminals) = views(ledger);
        let found = |at| -> Vec<_> {
            findings(&terminals, &registry, at).into_iter().map(|found| (found.code, found.merchant)).collect()
        };
        let placed = [
            (Code::TerminalMustBeRegistered, NANTES),
            (Code::TerminalShouldBeEligible, LYON),
            (Code::TerminalTotalsMustAgree, LYON),
        ];
        assert_eq!(found(evening(ledger)), placed);
        let lost = (Code::TerminalSequenceMustBeGapless, LYON);
        assert_eq!(found(Instant(evening(ledger).0 + LATE_FOR_US)), [placed[0], placed[1], lost, placed[2]]);
        let on_wifi = registry.assignment(LYON, TerminalId(3), TerminalEpoch(1)).expect("registered");
        assert_eq!(registry.ineligible(LYON, &on_wifi.what), [Ineligible::ConnectivityIsOther]);
    }
}

/// The terminal counts the refund that it asked for; the ledger knows the refund, and not the terminal.
#[test]
fn totals_differ_by_the_refund_whose_request_was_lost_and_by_nothing_else() {
    for ledger in DAYS.iter() {
        let (registry, terminals) = views(ledger);
        let unheard: Vec<_> = ledger
            .states
            .iter()
            .flat_map(|state| state.refunds.iter().map(move |refund| (state, refund)))
            .filter(|(state, refund)| {
                state.refund_requests.iter().all(|asked| Some(&asked.request_id) != refund.request_id.as_ref())
            })
            .collect();
        let [(state, refund)] = unheard[..] else { panic!("one refund without a request") };
        assert_eq!((state.key.merchant, state.terminal), (LYON, TerminalId(6)));
        let back = i128::from(refund.money.amount.minor_units());
        let mut stated = 0;
        for (merchant, number) in numbers() {
            for total in terminals.day_totals(merchant, TerminalId(number), &registry) {
                let counted = total.counted.expect("a provider");
                let lost = if (merchant, number) == (LYON, 6) { (1, -back) } else { (0, 0) };
                assert_eq!((total.stated.count, total.stated.net), (counted.count + lost.0, counted.net + lost.1));
                assert_eq!(total.day, ledger.day.date);
                stated += 1;
            }
        }
        assert!(stated >= 10, "nine terminals state totals, and of two providers where there are two: {stated}");
    }
}

/// Every terminal number but those of the dark shop.
fn numbers() -> impl Iterator<Item = (MerchantId, u32)> {
    let of = |merchant, numbers: std::ops::RangeInclusive<u32>| numbers.map(move |number| (merchant, number));
    of(LYON, 1..=6).chain(of(NANTES, 1..=2)).chain(of(LILLE, 1..=1))
}

#[test]
fn the_till_counts_what_its_terminal_took() {
    for ledger in DAYS.iter() {
        let (registry, terminals) = views(ledger);
        let shown = ledger.fold.streams().filter_map(|(_, stream)| stream.shown());
        let totals: Vec<&TillTotals> = shown
            .filter_map(|fact| match &fact.payload {
                Payload::TillTotals(totals) => Some(totals),
                _ => None,
            })
            .collect();
        let [till] = totals[..] else { panic!("one till") };
        assert_eq!((&*till.tender, &*till.till, till.direction), ("ALMA", "C1", Direction::Credit));
        let terminal = terminals.day_totals(LILLE, TerminalId(1), &registry);
        let [total] = &terminal[..] else { panic!("one provider") };
        let counted = Sum { count: till.count.into(), net: till.amount.amount.minor_units().into() };
        assert_eq!((counted, Some(counted)), (total.stated, total.counted));
    }
}
