//! Laws that hold for every payment, however strange its facts, and for every text that others choose.

use proptest::prelude::*;
use talon_domain::fact::{
    CancellationReason, Debited, End, Ended, Ordinal, Payload, PaymentAccepted, PaymentInitiated, ScheduleChosen,
    SmsSent, Source, Text, TicketKind,
};
use talon_domain::money::{Amount, Currency, Money};
use talon_domain::plan::{Instalment, Plan};
use talon_domain::slot::EndKind;
use talon_domain::state::{State, Status};
use talon_domain::time::Instant;
use talon_receipts::{Line, Particulars, Width, layout};

use crate::golden::PHONE;
use crate::story::{AFTERNOON, Story};

const KINDS: [TicketKind; 4] = [TicketKind::InProgress, TicketKind::Customer, TicketKind::Till, TicketKind::Ended];

/// Text as nobody would choose it: any letters, and those that steer or stack.
fn strange() -> impl Strategy<Value = Text> {
    let nasty = proptest::sample::select(vec![
        '\u{202e}', '\u{200d}', '\u{301}', '\n', '\t', '\u{1b}', '東', 'ﬁ', '€', '-', ' ', '\u{a0}', 'é', 'Ж', '𝔸',
        '\u{ad}',
    ]);
    let letter = prop_oneof![any::<char>(), nasty, proptest::char::range('!', '~')];
    proptest::collection::vec(letter, 0..200).prop_map(|letters| letters.into_iter().collect::<String>().into())
}

fn stated() -> impl Strategy<Value = Option<Text>> {
    proptest::option::of(strange())
}

fn money() -> impl Strategy<Value = Money> {
    let currency = proptest::sample::select(vec!["EUR", "EUR", "JPY", "TND"]);
    let minor_units = prop_oneof![0..100_000_u64, 0..=Amount::MAX.minor_units()];
    (currency, minor_units).prop_map(|(code, minor_units)| Money {
        currency: Currency::parse(code).expect("a code"),
        amount: Amount::new(minor_units).expect("in range"),
    })
}

fn due_date() -> impl Strategy<Value = Instant> {
    prop_oneof![
        (0..400_i64).prop_map(|days| Instant((AFTERNOON + days * 86_400) * 1_000_000)),
        any::<i64>().prop_map(Instant),
    ]
}

fn plan() -> impl Strategy<Value = Plan> {
    let entry = (any::<u32>(), due_date(), money(), money()).prop_map(|(number, due_date, money, cost)| Instalment {
        number,
        due_date,
        currency: money.currency,
        purchase_amount: money.amount,
        customer_fee: cost.amount,
        customer_interest: Amount::ZERO,
        total_amount: money.amount,
        original_purchase_amount: money.amount,
    });
    let terms = (0..13_u32, 0..3_u32, 0..2_u32, proptest::option::of(any::<u32>()));
    (terms, proptest::collection::vec(entry, 0..14)).prop_map(|((count, days, months, rate), instalments)| Plan {
        installments_count: count,
        deferred_days: days,
        deferred_months: months,
        instalments,
        customer_total_cost: None,
        annual_interest_rate_bps: rate,
        legal_regime: None,
    })
}

fn end() -> impl Strategy<Value = End> {
    proptest::sample::select(vec![
        End::Refused(None),
        End::Expired,
        End::Cancelled(Some(CancellationReason::RequestedByCustomer)),
        End::Cancelled(None),
        End::Unknown(None),
        End::TimedOut,
    ])
}

fn payload() -> impl Strategy<Value = Payload> {
    let attempt = || (0..3_u32).prop_map(Ordinal::new);
    let id = || proptest::option::of(proptest::sample::select(vec!["a", "b"]).prop_map(Text::from));
    prop_oneof![
        (money(), stated(), stated(), stated(), stated()).prop_map(|(amount, provider, till_id, till_ticket, code)| {
            let (cashier_code, terminal_clock) = (code, None);
            let initiated =
                PaymentInitiated { amount, provider, till_id, till_ticket, cashier_code, terminal_clock, revision: 0 };
            Payload::PaymentInitiated(initiated)
        }),
        attempt().prop_map(|number| Payload::SmsSent(SmsSent { number, message_id: None, revision: 0 })),
        (plan(), stated()).prop_map(|(plan, provider)| {
            Payload::ScheduleChosen(ScheduleChosen {
                version: Ordinal::new(1),
                plan,
                change: None,
                provider,
                revision: 0,
            })
        }),
        (prop_oneof![id(), stated()], attempt()).prop_map(|(payment_id, attempt)| {
            let (amount, deferred_capture, provider) = (None, false, None);
            Payload::PaymentAccepted(PaymentAccepted {
                payment_id,
                amount,
                attempt,
                deferred_capture,
                provider,
                revision: 0,
            })
        }),
        (money(), id(), id()).prop_map(|(amount, debit_id, payment_id)| {
            Payload::Debited(Debited { instalment: 1, amount, debit_id, payment_id, provider: None, revision: 0 })
        }),
        (end(), attempt()).prop_map(|(end, attempt)| Payload::Ended(Ended {
            end,
            attempt,
            provider: None,
            revision: 0
        })),
        (end(), attempt()).prop_map(|(end, attempt)| Payload::Ended(Ended {
            end,
            attempt,
            provider: None,
            revision: 0
        })),
    ]
}

/// A payment of a few facts, each by anybody.
fn payment() -> impl Strategy<Value = State> {
    let source = proptest::sample::select(Source::ALL.to_vec());
    (any::<bool>(), proptest::collection::vec((source, payload()), 1..7)).prop_map(|(training, told)| {
        let story = if training { Story::at(AFTERNOON).for_practice() } else { Story::at(AFTERNOON) };
        told.into_iter().fold(story, |story, (source, payload)| story.by(source).tells(payload)).state()
    })
}

/// Said in another way than the crate does: somebody who decides ended it, nobody took money, nothing is in doubt.
fn is_proven(state: &State) -> bool {
    let by_who_knows = |source| matches!(source, Source::Provider | Source::Bank | Source::Gateway);
    let decided =
        |kind| state.ends.iter().any(|end| !end.only_asked && end.end.kind() == kind && by_who_knows(end.source));
    let ended = match state.status {
        Status::Refused => decided(EndKind::Refused),
        Status::Expired => decided(EndKind::Expired),
        Status::Cancelled => decided(EndKind::Cancelled),
        Status::Accepted => {
            state.plan.as_ref().is_some_and(|agreed| agreed.plan.is_deferred())
                && state.acceptance.as_ref().is_some_and(|accepted| by_who_knows(accepted.source))
        }
        Status::Collected | Status::TimedOut | Status::Unknown | Status::InProgress => false,
    };
    ended && state.collected().is_empty() && state.suspense().is_empty()
}

/// Letters of the upper half of ISO-8859-1, without the soft hyphen, and of ASCII.
fn is_one_cell(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{ff}')
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_row_is_wider_than_its_paper(
        state in payment(), name in stated(), phone in stated(), copy in any::<u32>(),
    ) {
        let (shop_name, masked_phone, copy) = (name.as_deref(), phone.as_deref(), Ordinal::new(copy));
        let of = Particulars { state: &state, shop_name, masked_phone, copy };
        for layout in KINDS.iter().filter_map(|kind| layout(*kind, &of).ok()) {
            for width in [Width::Columns24, Width::Columns42] {
                for row in layout.text(width).lines() {
                    prop_assert!(row.chars().count() <= width.columns(), "{row:?}");
                    prop_assert!(row.chars().all(is_one_cell), "{row:?}");
                    prop_assert_eq!(row, row.trim_end());
                }
            }
        }
    }

    #[test]
    fn no_debit_is_never_claimed_without_proof(state in payment()) {
        let of = Particulars { state: &state, shop_name: None, masked_phone: None, copy: Ordinal::new(1) };
        for layout in KINDS.iter().filter_map(|kind| layout(*kind, &of).ok()) {
            let claims = layout.text(Width::Columns42).contains("AUCUN DEBIT");
            prop_assert!(!claims || is_proven(&state), "{state:#?}");
            let warns = layout.text(Width::Columns42).contains("DEBIT A VERIFIER");
            let held = !state.suspense().is_empty();
            let is_open = matches!(state.status, Status::InProgress | Status::TimedOut | Status::Unknown);
            prop_assert_eq!(warns, held && !is_open);
        }
    }

    #[test]
    fn the_till_s_copy_does_not_depend_on_the_customer(state in payment(), phone in strange()) {
        let of = |masked_phone| Particulars { state: &state, shop_name: None, masked_phone, copy: Ordinal::new(1) };
        let without = layout(TicketKind::Till, &of(None));
        prop_assert_eq!(&without, &layout(TicketKind::Till, &of(Some(PHONE))));
        prop_assert_eq!(&without, &layout(TicketKind::Till, &of(Some(&phone))));
    }

    #[test]
    fn the_printed_total_is_the_plan_s(state in payment()) {
        let of = Particulars { state: &state, shop_name: None, masked_phone: None, copy: Ordinal::new(1) };
        if let Ok(layout) = layout(TicketKind::Customer, &of) {
            let (currency, total) = state.plan.as_ref().and_then(|agreed| agreed.plan.total()).expect("a plan");
            let printed = layout.lines().iter().find_map(|line| match line {
                Line::KeyValue { key, value, .. } if key.as_str() == "TOTAL CLIENT" => Some(value.as_str()),
                _ => None,
            });
            let digits: String = printed.expect("a total").chars().filter(char::is_ascii_digit).collect();
            prop_assert_eq!(digits.parse::<u128>().ok(), Some(total));
            prop_assert!(printed.is_some_and(|text| text.ends_with(currency.code())));
        }
    }
}
