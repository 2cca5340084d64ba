//! The demo's trading day, held against the door and the fold: every line is taken, every story happens on every day,
//! and a day is a function of its seed.

mod ledger;

use std::collections::{BTreeMap, BTreeSet};

use crate::demo::script::{Arrival, day};
use ledger::{DAYS, entered};
use talon_domain::anomaly::{Code, Persistence};
use talon_domain::fact::{Source, TicketKind};
use talon_domain::fold::Fold;
use talon_domain::open::{OpenReason, open_reasons};
use talon_domain::slot::Slot;
use talon_domain::state::{Progress, Standing, Status};
use talon_domain::stream::Stream;
use talon_domain::time::Instant;
use talon_journal::partition_of;

#[test]
fn a_day_is_a_function_of_its_seed() {
    let bytes = |seed| day(seed).arrivals.into_iter().map(|a| (a.at, a.json)).collect::<Vec<_>>();
    assert!(bytes(1) == bytes(1));
    assert!(bytes(1) != bytes(2));
}

/// A day that moves without anybody meaning it would move every page that shows it.
#[test]
fn the_first_day_is_the_one_that_was_written() {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in day(1).arrivals.iter().flat_map(|arrival| arrival.json.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    }
    assert_eq!(hash, 17_870_057_994_642_323_126);
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
fn arrival_order_changes_nothing() {
    for ledger in DAYS.iter().take(3) {
        let mut backwards = Fold::new();
        for fact in ledger.facts.iter().rev() {
            backwards.apply(partition_of(fact.header.merchant), fact.clone());
        }
        assert_eq!(backwards.digest().to_string(), ledger.fold.digest().to_string());
    }
}

#[test]
fn terminals_count_without_holes() {
    for ledger in DAYS.iter() {
        let mut counted: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for fact in ledger.facts.iter().filter(|fact| fact.header.terminal_seq.0 > 0) {
            let header = &fact.header;
            let device = (header.merchant, header.terminal, header.terminal_epoch);
            let first = counted.entry(device).or_default().insert(header.terminal_seq.0, header.occurred_at);
            assert_eq!(first, None, "two facts of one number");
        }
        assert_eq!(counted.len(), 12, "eleven terminals, one of them replaced");
        for numbers in counted.values() {
            assert!(numbers.keys().copied().eq(1..=u32::try_from(numbers.len()).expect("few")));
        }
    }
}

#[test]
fn every_state_of_a_payment_occurs() {
    use Status::{Accepted, Cancelled, Collected, InProgress, Refused, Unknown};
    for ledger in DAYS.iter() {
        let found: BTreeSet<_> = ledger.states.iter().map(|state| state.status).collect();
        assert_eq!(found, BTreeSet::from([Collected, Cancelled, Accepted, Refused, Unknown, InProgress]));
    }
}

#[test]
fn every_reason_to_stay_open_occurs_but_one() {
    use OpenReason::{CancellationAsked, MoneyInSuspense, OutcomeAwaited, OutcomeUnknown, TicketsNotPrinted};
    for ledger in DAYS.iter() {
        let found: BTreeSet<_> = ledger.states.iter().flat_map(open_reasons).collect();
        let expected = [OutcomeAwaited, OutcomeUnknown, CancellationAsked, TicketsNotPrinted, MoneyInSuspense];
        assert_eq!(found, BTreeSet::from(expected));
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
            assert_eq!(plan.faults(false), []);
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
fn the_hand_placed_stories_happen() {
    for ledger in DAYS.iter() {
        let any = |holds: &dyn Fn(&talon_domain::state::State) -> bool| ledger.states.iter().any(holds);
        assert!(any(&|s| s.sms.len() == 2 && s.status == Status::Collected), "a link sent again");
        assert!(any(&|s| s.acceptance.as_ref().is_some_and(|a| a.attempt == 2)), "another card");
        assert!(ledger.fold.payments().any(|(_, stream)| two_mouths(stream)), "a debit that gateway and provider tell");
        assert!(any(&|s| s.key.training), "practice");
        assert!(any(&|s| s.prints.iter().any(|print| print.copy == 2)), "a duplicate");
        let later = |progress| {
            let second = move |s: &talon_domain::state::State| {
                let plan = s.plan.as_ref();
                plan.is_some_and(|agreed| agreed.instalments.get(1).is_some_and(|i| i.progress == progress))
            };
            ledger.states.iter().filter(|s| second(s)).count()
        };
        assert_eq!((later(Progress::Collected), later(Progress::Failed)), (4, 1));
        let held = ledger.states.iter().flat_map(|s| &s.debits).filter(|debit| debit.standing == Standing::Suspense);
        assert_eq!(held.count(), 2);
        assert!(any(&|s| s.shop.0 == 0), "money of no known shop");
    }
}

/// One debit that the gateway tells without an id and the provider with one.
fn two_mouths(stream: &Stream) -> bool {
    stream.told().slots.iter().any(|filled| matches!(filled.slot, Slot::Debit(_)) && filled.witnesses.len() == 2)
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
