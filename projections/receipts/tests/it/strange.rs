//! Payments and days as nobody would make them: any facts, told by anybody, with any texts, amounts and dates.

use proptest::prelude::*;
use talon_domain::fact::{
    ApplicationTotal, CancellationReason, Chargeback, ChargebackStage, DebitFailed, Debited, DefaultStage, Direction,
    End, Ended, InstalmentDefault, Ordinal, Payload, PaymentAccepted, PaymentInitiated, PlanChange, RefundEnd,
    RefundRequested, Refunded, ScheduleChosen, SmsSent, Source, Text, WithdrawalExercised,
};
use talon_domain::ids::TerminalSeq;
use talon_domain::money::{Amount, Currency, Money};
use talon_domain::plan::{Instalment, Plan};
use talon_domain::state::State;
use talon_domain::time::Instant;
use talon_receipts::Tally;

use crate::days::{DayStory, Device, device};
use crate::story::{AFTERNOON, Story};

/// Text as nobody would choose it: any letters, and those that steer or stack.
pub(crate) fn strange() -> impl Strategy<Value = Text> {
    let nasty = proptest::sample::select(vec![
        '\u{202e}', '\u{200d}', '\u{301}', '\n', '\t', '\u{1b}', '東', 'ﬁ', '€', '-', ' ', '\u{a0}', 'é', 'Ж', '𝔸',
        '\u{ad}',
    ]);
    let letter = prop_oneof![any::<char>(), nasty, proptest::char::range('!', '~')];
    proptest::collection::vec(letter, 0..200).prop_map(|letters| letters.into_iter().collect::<String>().into())
}

pub(crate) fn strange_or_none() -> impl Strategy<Value = Option<Text>> {
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

fn ordinal() -> impl Strategy<Value = Ordinal> {
    (0..4_u32).prop_map(Ordinal::new)
}

fn id() -> impl Strategy<Value = Option<Text>> {
    proptest::option::of(proptest::sample::select(vec!["a", "b"]).prop_map(Text::from))
}

fn one_of<T: Copy + std::fmt::Debug>(all: &'static [T]) -> impl Strategy<Value = T> {
    proptest::sample::select(all)
}

fn begun() -> impl Strategy<Value = Payload> {
    let texts = (strange_or_none(), strange_or_none(), strange_or_none(), strange_or_none());
    (money(), texts).prop_map(|(amount, (provider, till_id, till_ticket, cashier_code))| {
        let (terminal_clock, revision) = (None, 0);
        let begun = PaymentInitiated { amount, provider, till_id, till_ticket, cashier_code, terminal_clock, revision };
        Payload::PaymentInitiated(begun)
    })
}

fn agreed() -> impl Strategy<Value = Payload> {
    let change = proptest::option::of(one_of(PlanChange::ALL));
    (ordinal(), plan(), change, strange_or_none()).prop_map(|(version, plan, change, provider)| {
        Payload::ScheduleChosen(Box::new(ScheduleChosen { version, plan, change, provider, revision: 0 }))
    })
}

fn accepted() -> impl Strategy<Value = Payload> {
    (prop_oneof![id(), strange_or_none()], ordinal()).prop_map(|(payment_id, attempt)| {
        let (amount, deferred_capture, provider, revision) = (None, false, None, 0);
        Payload::PaymentAccepted(PaymentAccepted { payment_id, amount, attempt, deferred_capture, provider, revision })
    })
}

fn debited() -> impl Strategy<Value = Payload> {
    (1..4_u32, money(), id(), id()).prop_map(|(instalment, amount, debit_id, payment_id)| {
        let (provider, revision) = (None, 0);
        Payload::Debited(Debited { instalment, amount, debit_id, payment_id, provider, revision })
    })
}

fn not_taken() -> impl Strategy<Value = Payload> {
    let failed = (1..4_u32, ordinal()).prop_map(|(instalment, attempt)| {
        let (amount, reason, provider, revision) = (None, None, None, 0);
        Payload::DebitFailed(DebitFailed { instalment, attempt, amount, reason, provider, revision })
    });
    let given_up = (1..4_u32, one_of(DefaultStage::ALL)).prop_map(|(instalment, stage)| {
        let (amount, provider) = (None, None);
        Payload::InstalmentDefault(InstalmentDefault { instalment, stage, amount, provider, revision: 0 })
    });
    prop_oneof![failed, given_up]
}

fn ended() -> impl Strategy<Value = Payload> {
    (end(), ordinal()).prop_map(|(end, attempt)| Payload::Ended(Ended { end, attempt, provider: None, revision: 0 }))
}

fn refunded() -> impl Strategy<Value = Payload> {
    let part = || proptest::option::of(money().prop_map(|money| money.amount));
    let made = (part(), part(), any::<bool>()).prop_map(|(cash, rebate, from_cancellation)| RefundEnd::Completed {
        cash,
        rebate,
        from_cancellation,
        payment_id: None,
    });
    let end = prop_oneof![4 => made, 1 => Just(RefundEnd::Failed(None))];
    (prop_oneof![id(), strange_or_none()], id(), money(), end).prop_map(|(refund_id, request_id, amount, end)| {
        let (amount, provider, revision) = (Some(amount), None, 0);
        Payload::Refunded(Box::new(Refunded { refund_id, request_id, amount, end, provider, revision }))
    })
}

fn asked_or_taken_back() -> impl Strategy<Value = Payload> {
    let asked = strange().prop_map(|request_id| {
        let (amount, refund_id, reason, provider, revision) = (None, None, None, None, 0);
        Payload::RefundRequested(RefundRequested { request_id, amount, refund_id, reason, provider, revision })
    });
    let disputed = (one_of(ChargebackStage::ALL), ordinal(), money()).prop_map(|(stage, round, amount)| {
        let (dispute_id, payment_id, amount, reason, provider, revision) =
            ("d".into(), None, Some(amount), None, None, 0);
        Payload::Chargeback(Chargeback { dispute_id, round, stage, payment_id, amount, reason, provider, revision })
    });
    let withdrawn = Just(Payload::WithdrawalExercised(WithdrawalExercised { provider: None, revision: 0 }));
    prop_oneof![asked, disputed, withdrawn]
}

fn payload() -> impl Strategy<Value = Payload> {
    prop_oneof![
        1 => begun(),
        1 => ordinal().prop_map(|number| Payload::SmsSent(SmsSent { number, message_id: None, revision: 0 })),
        2 => agreed(),
        2 => accepted(),
        2 => debited(),
        1 => not_taken(),
        2 => ended(),
        2 => refunded(),
        1 => asked_or_taken_back(),
    ]
}

/// A payment of a few facts, each by anybody.
pub(crate) fn payment() -> impl Strategy<Value = State> {
    let source = proptest::sample::select(Source::ALL.to_vec());
    (any::<bool>(), proptest::collection::vec((source, payload()), 1..9)).prop_map(|(training, told)| {
        let story = if training { Story::at(AFTERNOON).for_practice() } else { Story::at(AFTERNOON) };
        told.into_iter().fold(story, |story, (source, payload)| story.by(source).tells(payload)).state()
    })
}

fn tally() -> impl Strategy<Value = Tally> {
    (any::<u64>(), any::<i128>()).prop_map(|(count, net)| Tally { count, net })
}

fn application_total() -> impl Strategy<Value = ApplicationTotal> {
    (strange(), any::<u32>(), money(), one_of(Direction::ALL))
        .prop_map(|(application, count, amount, direction)| ApplicationTotal { application, count, amount, direction })
}

fn a_device() -> impl Strategy<Value = Device> {
    let range = (any::<u32>(), any::<u32>()).prop_map(|(first, last)| (TerminalSeq(first), TerminalSeq(last)));
    let missing = proptest::option::of(proptest::collection::vec(range, 0..30));
    let lines = proptest::collection::vec(application_total(), 0..5);
    let at = proptest::option::of(any::<i64>().prop_map(Instant));
    (any::<u16>(), any::<u32>(), lines, at, missing).prop_map(|(epoch, last_seq, lines, stated_at, missing)| Device {
        stated_at,
        missing,
        ..device(epoch, last_seq, lines)
    })
}

/// A terminal's day of anything.
pub(crate) fn day() -> impl Strategy<Value = DayStory> {
    let total = (strange(), tally(), proptest::option::of(tally()))
        .prop_map(|(application, stated, counted)| (application.to_string(), stated, counted));
    let parts = (proptest::collection::vec(a_device(), 0..3), proptest::collection::vec(total, 0..4));
    (strange(), parts, any::<bool>(), any::<u32>()).prop_map(|(shop, (devices, totals), training, copy)| DayStory {
        name: "strange",
        shop: shop.to_string(),
        devices,
        totals,
        training,
        copy,
    })
}
