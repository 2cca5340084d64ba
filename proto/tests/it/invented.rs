//! Events that a seed invents: every kind, well formed, with odd texts and edges of ranges. Texts carry a mark, so that a
//! fault that repeats a value is caught.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use prost_types::Timestamp;
use talon_proto::wire::event::Payload;
use talon_proto::wire::{
    CardDebited, DebitFailed, Event, Instalment, InstalmentDebited, Money, OutcomeUnknown, PaymentAccepted,
    PaymentCancelled, PaymentExpired, PaymentInitiated, PaymentRefused, Personal, PhoneVerified, PrintedTicket,
    ScheduleChosen, SmsSent, TicketsPrinted,
};

/// In every invented text that a publisher chose.
pub(crate) const MARK: &str = "zqzq";
/// In every invented phone.
pub(crate) const PHONE_MARK: &str = "63998";

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[ -~éß\u{1f600}\n\\\\\"]{0,20}".prop_map(|text| format!("{MARK}{text}"))]
}

fn count() -> impl Strategy<Value = u32> {
    prop_oneof![0..4u32, any::<u32>()]
}

fn revision() -> impl Strategy<Value = u64> {
    prop_oneof![0..4u64, any::<u64>()]
}

fn cents() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), 1..100_000u64, Just(1_000_000_000_000)]
}

fn money() -> impl Strategy<Value = Money> {
    ("(EUR|USD|XPF)", cents()).prop_map(|(currency, minor_units)| Money { currency, minor_units })
}

fn time() -> impl Strategy<Value = Timestamp> {
    (946_681_200..5_648_742_000i64, prop_oneof![Just(0), Just(250_000_000), 0..1_000_000_000i32])
        .prop_map(|(seconds, nanos)| Timestamp { seconds, nanos })
}

fn line() -> impl Strategy<Value = Instalment> {
    let small = || 0..300_000_000_000u64;
    (1..=u32::MAX, time(), small(), of(small()), of(small()), of(small())).prop_map(
        |(number, due, purchase, fee, interest, original)| {
            let eur = |minor_units| Money { currency: "EUR".into(), minor_units };
            let total = purchase + fee.unwrap_or(0) + interest.unwrap_or(0);
            Instalment {
                number,
                due_date: Some(due),
                purchase_amount: Some(eur(purchase)),
                customer_fee: fee.map(eur),
                customer_interest: interest.map(eur),
                total_amount: Some(eur(total)),
                original_purchase_amount: original.map(eur),
            }
        },
    )
}

fn plan() -> impl Strategy<Value = ScheduleChosen> {
    let terms = (count(), 1..=64u32, count(), count(), of(count()), 0..3i32);
    (terms, vec(line(), 1..6), of(money()), text(), revision()).prop_map(
        |(
            (version, installments_count, deferred_days, deferred_months, rate, regime),
            lines,
            cost,
            provider,
            revision,
        )| {
            ScheduleChosen {
                version,
                installments_count,
                deferred_days,
                deferred_months,
                instalments: lines,
                customer_total_cost: cost,
                annual_interest_rate_bps: rate,
                legal_regime: regime,
                provider,
                revision,
            }
        },
    )
}

fn tickets() -> impl Strategy<Value = TicketsPrinted> {
    let ticket = (1..=4i32, text(), count()).prop_map(|(kind, about, copy)| PrintedTicket { kind, about, copy });
    (vec(ticket, 1..5), revision()).prop_map(|(tickets, revision)| TicketsPrinted { tickets, revision })
}

fn initiated() -> impl Strategy<Value = PaymentInitiated> {
    (money(), text(), text(), text(), text(), text(), revision()).prop_map(
        |(amount, provider, till_id, till_ticket, cashier_code, terminal_clock, revision)| PaymentInitiated {
            amount: Some(amount),
            provider,
            till_id,
            till_ticket,
            cashier_code,
            terminal_clock,
            revision,
        },
    )
}

fn debits() -> impl Strategy<Value = Payload> {
    let debit = (1..=u32::MAX, money(), text(), text(), text(), revision());
    (any::<bool>(), debit).prop_map(|(card, (instalment, amount, debit_id, payment_id, provider, revision))| {
        let amount = Some(amount);
        if card {
            Payload::CardDebited(CardDebited { amount, debit_id, payment_id, provider, revision })
        } else {
            let debit = InstalmentDebited { instalment, amount, debit_id, payment_id, provider, revision };
            Payload::InstalmentDebited(debit)
        }
    })
}

fn ends() -> impl Strategy<Value = Payload> {
    (0..5u8, count(), 0..3i32, of(money()), text(), text(), revision()).prop_map(
        |(which, attempt, reason, amount, provider, payment_id, revision)| match which {
            0 => Payload::PaymentRefused(PaymentRefused { attempt, reason, provider, revision }),
            1 => Payload::PaymentExpired(PaymentExpired { attempt, provider, revision }),
            2 => Payload::PaymentCancelled(PaymentCancelled { attempt, reason, provider, revision }),
            3 => Payload::OutcomeUnknown(OutcomeUnknown { attempt, reason, provider, revision }),
            _ => {
                let deferred_capture = reason == 1;
                let accepted = PaymentAccepted { payment_id, amount, attempt, deferred_capture, provider, revision };
                Payload::PaymentAccepted(accepted)
            }
        },
    )
}

fn payload() -> impl Strategy<Value = Payload> {
    let failed = (1..9u32, count(), of(money()), 0..=4i32, text(), revision());
    prop_oneof![
        initiated().prop_map(Payload::PaymentInitiated),
        (count(), revision()).prop_map(|(number, revision)| Payload::PhoneVerified(PhoneVerified { number, revision })),
        (count(), text(), revision()).prop_map(|(number, message_id, revision)| Payload::SmsSent(SmsSent {
            number,
            message_id,
            revision
        })),
        plan().prop_map(Payload::ScheduleChosen),
        debits(),
        tickets().prop_map(Payload::TicketsPrinted),
        ends(),
        failed.prop_map(|(instalment, attempt, amount, reason, provider, revision)| {
            Payload::DebitFailed(DebitFailed { instalment, attempt, amount, reason, provider, revision })
        }),
    ]
}

fn personal() -> impl Strategy<Value = Personal> {
    let email = prop_oneof![Just(String::new()), Just(format!("{MARK}@example.org"))];
    ("\\+3363998[0-9]{4}", email, text()).prop_map(|(phone, email, name)| Personal { phone, email, name })
}

fn uuid() -> impl Strategy<Value = String> {
    "[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
}

/// An event that the door would take.
pub(crate) fn event() -> impl Strategy<Value = Event> {
    let place = (any::<u64>(), count(), count(), 0..=u32::from(u16::MAX), count());
    (uuid(), place, uuid(), time(), 1..=6i32, any::<bool>(), of(personal()), payload()).prop_map(
        |(event_id, place, transaction_id, mut at, source, training, personal, payload)| {
            let (merchant, shop, terminal, terminal_epoch, terminal_seq) = place;
            at.nanos = at.nanos / 1_000 * 1_000;
            Event {
                event_id,
                source_key: String::new(),
                merchant,
                shop,
                terminal,
                terminal_epoch,
                terminal_seq,
                transaction_id,
                occurred_at: Some(at),
                source,
                training,
                schema: 0,
                personal,
                payload: Some(payload),
            }
        },
    )
}
