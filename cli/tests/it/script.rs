//! The demo's trading day, held against the door and the fold: every line is taken, every story happens on every day,
//! and a day is a function of its seed.

mod books;
mod ledger;
mod stories;
mod terminals;

use std::collections::{BTreeMap, BTreeSet};

use crate::demo::script::{Arrival, day};
use ledger::{DAYS, entered};
use talon_domain::anomaly::{Code, Persistence};
use talon_domain::fact::{Fact, Source, TicketKind};
use talon_domain::fold::Fold;
use talon_domain::open::{OpenReason, open_reasons};
use talon_domain::state::Status;
use talon_domain::time::Instant;
use talon_journal::partition_of;
use talon_projections::registry::Registry;
use talon_projections::terminals::Terminals;

#[test]
fn a_day_is_a_function_of_its_seed() {
    let bytes = |seed| day(seed).arrivals.into_iter().map(|a| (a.at, a.json)).collect::<Vec<_>>();
    assert!(bytes(1) == bytes(1));
    assert!(bytes(1) != bytes(2));
}

/// A day that moves without anybody meaning it would move every page that shows it. It moved when a second provider, the
/// registry, customers who come back and the terminals' own totals came into it.
#[test]
fn the_first_day_is_the_one_that_was_written() {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in day(1).arrivals.iter().flat_map(|arrival| arrival.json.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    }
    assert_eq!(hash, 2_343_190_560_931_290_975);
}

#[test]
fn the_door_takes_every_line_in_canonical_form() {
    for ledger in DAYS.iter() {
        for arrival in &ledger.day.arrivals {
            let (fact, canonical) = entered(arrival);
            let (name, id) = (arrival.json.split('"').nth(1), fact.header.event_id);
            assert!(matches!(name, Some("eventId" | "sourceKey")));
            assert_eq!(fact.header.source == Source::Provider, name == Some("sourceKey"), "{}", arrival.json);
            let rest = |line: &str| line.split_once(',').map(|(_, rest)| rest.to_owned());
            assert_eq!(rest(&canonical), rest(&arrival.json));
            assert!(canonical.starts_with(&format!("{{\"eventId\":\"{id}\"")));
        }
    }
}

#[test]
fn a_day_is_large_enough_and_some_of_it_comes_twice_or_late() {
    for ledger in DAYS.iter() {
        let counts = ledger.fold.counts();
        assert!(ledger.day.arrivals.len() >= 3_000, "{}", ledger.day.arrivals.len());
        assert_eq!((counts.conflicts, counts.parked), (0, 0));
        let percent = counts.duplicates * 100 / counts.facts;
        assert!((3..=5).contains(&percent), "{percent} % come twice");
        assert!((380..=430).contains(&ledger.states.len()), "{} payments", ledger.states.len());
        assert!(ledger.day.arrivals.is_sorted_by_key(|arrival| arrival.at));
        let late =
            ledger.facts.iter().filter(|fact| minutes_late(fact.header.recorded_at, fact.header.occurred_at) > 5);
        assert!(late.count() > 60);
    }
}

fn minutes_late(recorded: Instant, occurred: Instant) -> i64 {
    (recorded.0 - occurred.0) / 60_000_000
}

#[test]
fn order_and_doubles_change_nothing() {
    for ledger in DAYS.iter().take(3) {
        let facts = &ledger.facts;
        let doubled = facts.iter().flat_map(|fact| [fact, fact]).collect();
        for order in [facts.iter().rev().collect(), shuffled(facts, 7), shuffled(facts, 8), doubled] {
            let order: Vec<&Fact> = order;
            let mut other = Fold::new();
            for fact in order {
                other.apply(partition_of(fact.header.merchant), fact.clone());
            }
            assert_eq!(other.digest().to_string(), ledger.fold.digest().to_string());
            assert!(other.streams().map(|(key, _)| key).eq(ledger.fold.streams().map(|(key, _)| key)));
            for (key, stream) in ledger.fold.streams() {
                let whole = other.stream(key).map(|stream| (stream.whole(key), stream.notes()));
                assert_eq!(whole, Some((stream.whole(key), stream.notes())));
            }
            assert_eq!(Registry::of(&other), Registry::of(&ledger.fold));
            assert_eq!(Terminals::of(&other), Terminals::of(&ledger.fold));
        }
    }
}

fn shuffled(facts: &[Fact], mut seed: u64) -> Vec<&Fact> {
    let mut order: Vec<_> = facts.iter().collect();
    for at in (1..order.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        order.swap(at, usize::try_from(seed >> 33).expect("31 bits") % (at + 1));
    }
    order
}

#[test]
fn every_state_of_a_payment_occurs() {
    use Status::{Accepted, Cancelled, Collected, InProgress, Refused, TimedOut, Unknown};
    for ledger in DAYS.iter() {
        let found: BTreeSet<_> = ledger.states.iter().map(|state| state.status).collect();
        assert_eq!(found, BTreeSet::from([Collected, Cancelled, Accepted, Refused, TimedOut, Unknown, InProgress]));
    }
}

#[test]
fn every_reason_to_stay_open_occurs_but_two() {
    use OpenReason::{
        CancellationAsked, DisputeOpen, MoneyInSuspense, OutcomeAwaited, OutcomeUnknown, RefundAwaited,
        SuccessAfterExpiry, TicketsNotPrinted, WithdrawalToSettle,
    };
    let of_the_day =
        [OutcomeAwaited, OutcomeUnknown, CancellationAsked, TicketsNotPrinted, MoneyInSuspense, SuccessAfterExpiry];
    let of_what_came_back = [RefundAwaited, DisputeOpen, WithdrawalToSettle];
    for ledger in DAYS.iter() {
        let found: BTreeSet<_> = ledger.states.iter().flat_map(open_reasons).collect();
        assert_eq!(found, of_the_day.into_iter().chain(of_what_came_back).collect());
    }
}

#[test]
fn anomalies_are_those_of_the_stories_and_no_others() {
    let once = [
        Code::PaymentMustBeKnown,
        Code::InitiationMustBeKnown,
        Code::SaleAmountMustAgree,
        Code::InstalmentMustBeDebitedOnce,
        Code::SuccessShouldPrecedeExpiry,
        Code::AskedCancellationMustBeSettled,
        Code::ClockShouldBeRight,
    ];
    for ledger in DAYS.iter() {
        let found = ledger.anomalies();
        assert_eq!(found, once.into_iter().map(|code| (code, 1)).collect());
        assert!(found.keys().any(|code| code.persistence() == Persistence::Transient));
    }
}

#[test]
fn every_plan_occurs_and_keeps_its_rules() {
    for ledger in DAYS.iter() {
        let mut kinds = BTreeSet::new();
        for state in &ledger.states {
            let Some(plan) = state.plan.as_ref().map(|agreed| &agreed.plan) else { continue };
            assert_eq!(plan.faults(state.plan.as_ref().is_some_and(|agreed| agreed.change.is_some())), []);
            assert_eq!(plan.original_purchase().map(|sum| sum.1), state.sale.map(|sale| sale.minor_units));
            kinds.insert((plan.installments_count, plan.deferred_days, plan.deferred_months));
        }
        let expected = [(1, 0, 1), (1, 15, 0), (1, 30, 0), (2, 0, 0), (3, 0, 0), (4, 0, 0), (10, 0, 0)];
        assert_eq!(kinds, BTreeSet::from(expected));
    }
}

#[test]
fn credits_have_the_shape_of_the_published_one() {
    let plans = DAYS.iter().flat_map(|ledger| &ledger.states).filter_map(|state| state.plan.as_ref());
    for plan in plans.map(|agreed| &agreed.plan).filter(|plan| plan.installments_count == 10) {
        let [first, second, ..] = &plan.instalments[..] else { panic!("ten") };
        let (first, second) = (first.total_amount.minor_units(), second.total_amount.minor_units());
        assert!(first.abs_diff(second) <= 10, "{first} {second}");
        // G10: 2,667 on 45,000, give or take what rounding and the lengths of months do.
        let (cost, purchase) = (plan.cost().expect("euro").1, plan.original_purchase().expect("euro").1);
        assert!((580..=610).contains(&(cost * 10_000 / purchase)), "{cost} on {purchase}");
    }
}

#[test]
fn a_shop_that_is_dark_is_silent_and_three_customers_have_no_tickets() {
    for ledger in DAYS.iter() {
        let dark_shop = ledger.day.shops.iter().find(|shop| shop.town == "Rezé").expect("a shop");
        let dark = |at: Instant| ((18, 12)..(18, 41)).contains(&at.paris_time());
        let mine =
            ledger.facts.iter().filter(|f| (f.header.merchant, f.header.shop) == (dark_shop.merchant, dark_shop.shop));
        assert_eq!(mine.filter(|fact| dark(fact.header.occurred_at)).count(), 0);
        let without: Vec<_> =
            ledger.states.iter().filter(|s| open_reasons(s).contains(&OpenReason::TicketsNotPrinted)).collect();
        assert_eq!(without.len(), 3);
        for state in &without {
            assert_eq!((state.key.merchant, state.shop), (dark_shop.merchant, dark_shop.shop));
            assert_eq!(state.status, Status::Collected);
            assert!(state.debits.iter().all(|debit| debit.occurred_at.paris_time() < (18, 12)));
        }
        assert_eq!(without.iter().filter(|state| !state.ends.is_empty()).count(), 2, "two were asked about");
    }
}

#[test]
fn the_featured_payment_went_as_it_should() {
    for ledger in DAYS.iter() {
        let featured = ledger.day.featured;
        let state = ledger.states.iter().find(|state| state.key.stream == featured).expect("a payment");
        assert_eq!((state.status, open_reasons(state), &state.anomalies[..]), (Status::Collected, vec![], &[][..]));
        assert_eq!(state.plan.as_ref().map(|agreed| agreed.plan.installments_count), Some(3));
        for kind in [TicketKind::InProgress, TicketKind::Customer, TicketKind::Till] {
            assert!(state.printed(kind), "{kind:?}");
        }
        let of_it = |line: &&Arrival| line.json.contains(&featured.to_string());
        assert!(ledger.day.arrivals.iter().filter(of_it).any(|line| line.json.contains("\"phone\":\"+3363998")));
    }
}

#[test]
fn companies_are_well_formed_and_people_invented() {
    for shop in day(1).shops {
        assert!(luhn(&shop.merchant.to_string()) && luhn(&format!("{}{:05}", shop.merchant, shop.shop.0)), "{shop:?}");
        assert!(shop.name.starts_with("Cardamine") && !shop.town.is_empty());
    }
    let mut phones = BTreeMap::new();
    for arrival in day(1).arrivals {
        if let Some((_, phone)) = arrival.json.split_once("\"phone\":\"") {
            assert!(phone.starts_with("+3363998") && phone.as_bytes()[12] == b'"');
            let payment = arrival.json.split_once("\"transactionId\":\"").map(|(_, id)| id[..36].to_owned());
            assert_eq!(*phones.entry(phone[..12].to_owned()).or_insert(payment.clone()), payment, "one number each");
        }
        if let Some((_, email)) = arrival.json.split_once("\"email\":\"") {
            let address = email.split('"').next().expect("a text");
            assert!(address.is_ascii() && (address.ends_with("@example.org") || address.ends_with("@example.com")));
        }
    }
    assert!(phones.len() > 350);
}

fn luhn(digits: &str) -> bool {
    let digit = |(place, c): (usize, char)| {
        let digit = c.to_digit(10).expect("a digit") * if place % 2 == 0 { 1 } else { 2 };
        digit / 10 + digit % 10
    };
    digits.chars().rev().enumerate().map(digit).sum::<u32>() % 10 == 0
}

/// Whatever number somebody types after `--seed`.
#[test]
fn every_seed_has_a_day() {
    for seed in (1_000..1_020).chain([0, u64::MAX]) {
        let day = day(seed);
        assert!(day.arrivals.len() >= 3_000 && day.arrivals.iter().any(|a| a.json.contains(&day.featured.to_string())));
    }
}

/// The provider's account of the next morning follows from the seed, and each company's has one of each thing that may be
/// wrong.
#[test]
fn a_morning_brings_one_of_each_thing_that_may_be_wrong() {
    for seed in 0..20 {
        let (played, again) = (day(seed).statements, day(seed).statements);
        for (statement, again) in played.iter().zip(&again) {
            assert_eq!((statement.merchant, &statement.json), (again.merchant, &again.json));
            let page: serde_json::Value = serde_json::from_str(&statement.json).expect("json");
            assert!(page["data"].as_array().expect("objects").len() > 20, "seed {seed}");
            let names: Vec<_> = statement.differences.iter().map(|(what, _)| what.name()).collect();
            let all = [
                "fee",
                "amount",
                "missing",
                "unknown",
                "refund",
                "two_contents",
                "unreadable",
                "waiver",
                "overdue",
                "payout",
            ];
            assert_eq!(names, all, "seed {seed}, merchant {}", statement.merchant);
        }
    }
}
