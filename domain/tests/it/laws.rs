//! Laws that hold for every history. Histories are drawn as lines of a table, so that a failure reads like one.

use std::collections::BTreeSet;

use proptest::prelude::*;
use talon_domain::anomaly::{Anomaly, Persistence};
use talon_domain::contribution::{Account, contributions};
use talon_domain::fact::{Fact, Payload};
use talon_domain::fold::Fold;
use talon_domain::ids::StreamKey;
use talon_domain::money::{Currency, Totals};
use talon_domain::open::open_reasons;
use talon_domain::slot::Slot;
use talon_domain::state::State;

use crate::history::{MINUTE, PARTITION, fact, shuffled};

fn any_of(words: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::sample::select(words)
}

/// One line: few values for each word, so that lines meet.
pub(crate) fn line() -> impl Strategy<Value = String> {
    let source = any_of(&["provider", "bank", "gateway", "terminal", "person"]);
    let amount = any_of(&["50.00", "50.00", "100.00", "69.78"]);
    let kind = any_of(&[
        "PaymentInitiated",
        "PhoneVerified",
        "SmsSent",
        "ScheduleChosen lines=50.00,50.00",
        "ScheduleChosen lines=100.00 days=30",
        "ScheduleChosen lines=60.00,50.00 v=2",
        "PaymentAccepted",
        "CardDebited",
        "InstalmentDebited i=1",
        "InstalmentDebited i=2",
        "TicketsPrinted T2 T3",
        "TicketsPrinted T1",
        "PaymentRefused",
        "PaymentExpired",
        "PaymentCancelled",
        "PaymentCancelled reason=authorization_expired",
        "DebitFailed i=2",
        "OutcomeUnknown",
        "ShopTimedOut",
        "SmsDelivery status=delivered",
        "LinkOpened",
        "InstalmentCovered i=2",
        "InstalmentClaimed i=2",
        "CardReplaced",
        "RefundRequested request=R1",
        "RefundRequested request=R2",
        "RefundCompleted",
        "RefundCompleted request=R1 cash=50.00",
        "RefundFailed request=R1",
        "WithdrawalExercised",
        "ChargebackOpened id=X",
        "ChargebackWon id=X round=1",
        "ChargebackLost id=X round=2",
        "EmailSent template=refund",
        "PaymentReplaces of=2",
        "ReceiptReprinted T2 copy=2",
        "FactReversed of=1",
        "FactReversed of=3",
        "FactReversed of=5",
    ]);
    let id = any_of(&["", "", "id=A", "id=B", "id=C"]);
    let payment = any_of(&["", "payment=A", "payment=B"]);
    let number = any_of(&["", "attempt=1 n=1 copy=1", "attempt=2 n=2 copy=2", "attempt=3"]);
    let place =
        any_of(&["", "terminal=4 seq=1", "terminal=4 seq=2 shop=7", "provider=alma", "provider=oney", "training"]);
    let revision = any_of(&["", "rev=1", "rev=2"]);
    let stream = any_of(&["t1", "t1", "t1", "t2"]);
    (kind, source, amount, id, payment, number, place, revision, stream).prop_map(
        |(kind, source, amount, id, payment, number, place, revision, stream)| {
            format!("{kind} {source} {amount} {id} {payment} {number} {place} {revision} {stream}")
        },
    )
}

fn history() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(line(), 1..14)
}

fn facts(lines: &[String]) -> Vec<Fact> {
    (1..).zip(lines).map(|(number, line)| fact(line, number)).collect()
}

fn fold(facts: impl IntoIterator<Item = Fact>) -> Fold {
    let mut fold = Fold::new();
    facts.into_iter().for_each(|fact| {
        fold.apply(PARTITION, fact);
    });
    fold
}

fn states(fold: &Fold) -> Vec<State> {
    fold.payments().map(|(key, stream)| stream.state(key)).collect()
}

fn sum(totals: &Totals) -> i128 {
    totals.of(Currency::EUR).cast_signed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_and_any_repetition_give_the_same_books(lines in history(), seed in 1u64.., twice in 0usize..14) {
        let facts = facts(&lines);
        let once = fold(facts.clone());
        let mut told_again = shuffled(&facts, seed);
        told_again.extend(facts.iter().take(twice).cloned());
        let again = fold(shuffled(&told_again, seed ^ 0x5eed));
        prop_assert_eq!(states(&once), states(&again));
        prop_assert_eq!(once.digest(), again.digest());
        prop_assert_eq!(again.counts().duplicates, twice.min(facts.len()) as u64);
    }

    #[test]
    fn clocks_change_no_amount_and_no_plan(lines in history(), seed in 1u64..) {
        let facts = facts(&lines);
        let clocks = shuffled(&facts, seed);
        let mut moved = facts.clone();
        for (fact, other) in moved.iter_mut().zip(&clocks) {
            fact.header.occurred_at = other.header.occurred_at;
        }
        for (a, b) in states(&fold(facts)).into_iter().zip(states(&fold(moved))) {
            let plan = |s: &State| s.plan.as_ref().map(|agreed| (agreed.version, agreed.plan.clone()));
            prop_assert_eq!(plan(&a), plan(&b));
            let sale = |s: &State| s.sale.map(|sale| (sale.currency, sale.minor_units));
            prop_assert_eq!(sale(&a), sale(&b));
            prop_assert_eq!((a.status, a.collected(), a.suspense()), (b.status, b.collected(), b.suspense()));
        }
    }

    #[test]
    fn no_debit_is_lost_and_totals_add_up(lines in history()) {
        let lines: Vec<_> = lines.into_iter().filter(|line| !line.starts_with("FactReversed")).collect();
        let facts = facts(&lines);
        let told_once = fold(facts.clone());
        for (key, stream) in told_once.payments() {
            let state = stream.state(key);
            let of_stream = facts.iter().filter(|fact| fact.header.stream_key() == state.key);
            let told: Vec<_> = of_stream.filter_map(|fact| match &fact.payload {
                Payload::Debited(debit) => Some(debit),
                _ => None,
            }).collect();
            let ids: BTreeSet<_> = told.iter().filter_map(|debit| debit.debit_id.clone()).collect();
            let shown: Vec<_> = state.debits.iter().filter_map(|debit| debit.debit_id.clone()).collect();
            prop_assert_eq!(ids.into_iter().collect::<Vec<_>>(), shown, "each id once");
            let witnesses: BTreeSet<_> = stream
                .told()
                .slots
                .iter()
                .filter(|filled| matches!(filled.slot, Slot::Debit(_) | Slot::DebitWithoutId(_)))
                .flat_map(|filled| filled.witnesses.clone())
                .collect();
            prop_assert_eq!(witnesses.len(), told.len(), "each telling witnesses one debit");
            let added = |account| -> i128 {
                contributions(&state).iter().filter(|(key, _)| key.account == account).map(|(_, minor)| *minor).sum()
            };
            let practice = state.key.training;
            prop_assert_eq!(added(Account::Collected), if practice { 0 } else { sum(&state.collected()) });
            prop_assert_eq!(added(Account::Suspense), if practice { 0 } else { sum(&state.suspense()) });
            let given = added(Account::RefundCash) + added(Account::RefundRebate) + added(Account::RefundUndivided);
            prop_assert_eq!(given, if practice { 0 } else { sum(&state.refunded()) });
        }
    }

    #[test]
    fn who_recorded_it_when_and_how_changes_nothing(lines in history(), recorded in any::<i64>(), principal in any::<u32>()) {
        let facts = facts(&lines);
        let mut moved = facts.clone();
        for fact in &mut moved {
            fact.header.recorded_at.0 = recorded;
            fact.header.principal.0 = principal;
            fact.header.imported = true;
            fact.header.clock_doubtful = true;
        }
        let (a, b) = (fold(facts), fold(moved));
        prop_assert_eq!(states(&a), states(&b));
        prop_assert_eq!(a.digest(), b.digest());
    }

    #[test]
    fn a_payment_is_judged_by_its_own_facts_alone(lines in history()) {
        let all = facts(&lines);
        let together = fold(all.clone());
        for (key, stream) in together.payments() {
            let alone = fold(all.iter().filter(|fact| fact.header.stream_key() == key).cloned());
            prop_assert_eq!(Some(stream.state(key)), alone.stream(key).map(|stream| stream.state(key)));
        }
    }

    #[test]
    fn what_is_told_again_word_for_word_by_the_same_mouth_changes_no_money(lines in history()) {
        let once = facts(&lines);
        let mut told = once.clone();
        for fact in &once {
            let mut again = fact.clone();
            again.header.event_id.0[0] = 1; // another event id: another witness of the same content
            told.push(again);
        }
        for (a, b) in states(&fold(once)).into_iter().zip(states(&fold(told))) {
            prop_assert_eq!((a.status, a.collected(), a.suspense(), a.anomalies), (b.status, b.collected(), b.suspense(), b.anomalies));
        }
    }

    /// Without corrections and reversals, and of one mouth, a contradiction that needs a decision stays where it is,
    /// whatever else is told (docs/decisions/0010).
    #[test]
    fn a_permanent_contradiction_stays(lines in history()) {
        let corrects = |line: &String| ["FactReversed", "rev=", "v=2"].iter().any(|word| line.contains(word));
        let lines = lines.into_iter().filter(|line| !corrects(line)).map(|line| {
            ["bank", "gateway", "terminal", "person"].iter().fold(line, |line, source| line.replace(source, "provider"))
        });
        let mut fold = Fold::new();
        let mut standing: BTreeSet<(StreamKey, Anomaly)> = BTreeSet::new();
        for fact in facts(&lines.collect::<Vec<_>>()) {
            fold.apply(PARTITION, fact);
            let found = states(&fold).into_iter().flat_map(|state| state.anomalies.into_iter().map(move |a| (state.key, a)));
            let permanent = |(_, anomaly): &(StreamKey, Anomaly)| anomaly.code.persistence() == Persistence::Permanent;
            let found: BTreeSet<_> = found.filter(permanent).collect();
            prop_assert!(standing.is_subset(&found), "{:?}", standing.difference(&found).collect::<Vec<_>>());
            standing = found;
        }
    }

    #[test]
    fn nonsense_has_a_state(lines in history(), numbers in proptest::collection::vec(any::<(u32, u32, u64, i64)>(), 14)) {
        let mut facts = facts(&lines);
        for (fact, (a, b, c, d)) in facts.iter_mut().zip(numbers) {
            fact.header.terminal.0 = a;
            fact.header.occurred_at.0 = d.wrapping_mul(MINUTE);
            fact.header.event_id.0[..8].copy_from_slice(&c.to_be_bytes());
            if let Payload::Debited(debit) = &mut fact.payload {
                debit.instalment = b;
            }
            if let Payload::ScheduleChosen(chosen) = &mut fact.payload {
                chosen.plan.installments_count = a;
                chosen.plan.deferred_days = b;
                chosen.plan.deferred_months = a;
                chosen.plan.instalments.truncate((c % 3) as usize);
            }
        }
        let told = fold(facts);
        for state in states(&told) {
            open_reasons(&state);
            contributions(&state);
        }
        told.digest();
    }
}

/// Histories that a hostile or broken publisher could append: each is judged in work that grows with its length, so
/// this test ends at once. With pairs it would not end.
#[test]
fn twenty_thousand_facts_in_one_stream_are_judged() {
    let many: [&dyn Fn(u32) -> String; 12] = [
        &|n| format!("CardDebited gateway {n}.00"),
        &|n| format!("InstalmentDebited provider 50.00 i=1 id=D{n}"),
        &|n| format!("InstalmentDebited gateway 50.00 i={n}"),
        &|n| format!("PaymentAccepted provider 100.00 id=P{n}"),
        &|n| format!("SmsSent gateway n={n}"),
        &|n| format!("PaymentCancelled terminal attempt={n}"),
        &|n| format!("TicketsPrinted terminal T2 about=r{n} seq={n}"),
        &|n| format!("RefundCompleted provider 1.00 request=R{n}"),
        &|n| format!("RefundRequested gateway 1.00 request=R{n} id=F{n}"),
        &|n| format!("ChargebackOpened provider 1.00 id=X round={n}"),
        &|n| format!("FactReversed provider of={}", n % 10_000),
        &|n| format!("SmsDelivery gateway status=sent n={n}"),
    ];
    for line in many {
        let facts: Vec<_> = (1..=20_000).rev().map(|n| fact(&line(n), n)).collect();
        let told = fold(facts);
        assert_eq!(states(&told).len(), 1);
    }
}
