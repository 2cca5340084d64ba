//! Facts of a payment, from the words of a line.

use talon_domain::fact::{
    CancellationReason, CardReplaced, Chargeback, ChargebackReason, ChargebackStage, DebitFailed, DebitFailureReason,
    Debited, DefaultStage, EmailSent, EmailTemplate, End, Ended, FactReversed, InstalmentDefault, Kind, LinkOpened,
    Payload, PaymentAccepted, PaymentInitiated, PaymentReplaces, PhoneVerified, PlanChange, PrintedTicket, RefundEnd,
    RefundFailureReason, RefundReason, RefundRequested, Refunded, RefusalReason, ReplacementReason, ScheduleChosen,
    SmsDelivery, SmsSent, SmsStatus, TicketKind, TicketsPrinted, UnknownReason, WithdrawalExercised,
};
use talon_domain::money::{Amount, Currency, Money};
use talon_domain::plan::{Instalment, Plan};
use talon_domain::regime::LegalRegime;

use super::{MORNING, Words, cents, event_id, stream_id};

pub(super) fn payload(kind: Kind, words: &Words<'_>) -> Option<Payload> {
    flow(kind, words).or_else(|| after(kind, words)).or_else(|| money_back(kind, words))
}

fn flow(kind: Kind, words: &Words<'_>) -> Option<Payload> {
    let (revision, provider, attempt) = (words.count("rev").into(), words.text("provider"), words.ordinal("attempt"));
    let ended = |end| Payload::Ended(Ended { end, attempt, provider: provider.clone(), revision });
    let amount = || words.amount().unwrap_or_else(|| panic!("an amount in: {}", words.line));
    Some(match kind {
        Kind::PAYMENT_INITIATED => Payload::PaymentInitiated(PaymentInitiated {
            amount: amount(),
            provider,
            till_id: words.text("till"),
            till_ticket: words.text("ticket"),
            cashier_code: words.text("cashier"),
            terminal_clock: None,
            revision,
        }),
        Kind::PHONE_VERIFIED => Payload::PhoneVerified(PhoneVerified { number: words.ordinal("n"), revision }),
        Kind::SMS_SENT => {
            Payload::SmsSent(SmsSent { number: words.ordinal("n"), message_id: words.text("id"), revision })
        }
        Kind::SCHEDULE_CHOSEN => Payload::ScheduleChosen(Box::new(ScheduleChosen {
            version: words.ordinal("v"),
            plan: plan(words),
            change: named(words.value("change"), PlanChange::ALL, PlanChange::name),
            provider,
            revision,
        })),
        Kind::PAYMENT_ACCEPTED => Payload::PaymentAccepted(PaymentAccepted {
            payment_id: words.text("id"),
            amount: words.amount(),
            attempt,
            deferred_capture: words.has("manual"),
            provider,
            revision,
        }),
        Kind::CARD_DEBITED | Kind::INSTALMENT_DEBITED => Payload::Debited(Debited {
            instalment: if kind == Kind::CARD_DEBITED { 1 } else { words.count("i") },
            amount: amount(),
            debit_id: words.text("id"),
            payment_id: words.text("payment"),
            provider,
            revision,
        }),
        Kind::RECEIPT_REPRINTED | Kind::TICKETS_PRINTED => {
            Payload::TicketsPrinted(TicketsPrinted { tickets: tickets(words), revision })
        }
        Kind::PAYMENT_REFUSED => ended(End::Refused(match words.value("reason") {
            Some("card") => Some(RefusalReason::CardDeclined),
            Some("provider") => Some(RefusalReason::ByProvider),
            _ => None,
        })),
        Kind::PAYMENT_EXPIRED => ended(End::Expired),
        Kind::PAYMENT_CANCELLED => ended(End::Cancelled(match words.value("reason") {
            Some("customer") => Some(CancellationReason::RequestedByCustomer),
            Some("authorization_expired") => Some(CancellationReason::AuthorizationExpired),
            _ => None,
        })),
        Kind::OUTCOME_UNKNOWN => {
            ended(End::Unknown(words.has("maybe").then_some(UnknownReason::MoreInformationNeeded)))
        }
        Kind::DEBIT_FAILED => Payload::DebitFailed(DebitFailed {
            instalment: words.count("i"),
            attempt,
            amount: words.amount(),
            reason: words.has("opposition").then_some(DebitFailureReason::Opposition),
            provider,
            revision,
        }),
        Kind::SHOP_TIMED_OUT => ended(End::TimedOut),
        _ => return None,
    })
}

fn after(kind: Kind, words: &Words<'_>) -> Option<Payload> {
    let revision = words.count("rev").into();
    Some(match kind {
        Kind::SMS_DELIVERY => Payload::SmsDelivery(SmsDelivery {
            number: words.ordinal("n"),
            status: named(words.value("status"), SmsStatus::ALL, SmsStatus::name).expect("a status"),
            message_id: words.text("id"),
            revision,
        }),
        Kind::LINK_OPENED => Payload::LinkOpened(LinkOpened { number: words.ordinal("n"), revision }),
        Kind::PAYMENT_REPLACES => Payload::PaymentReplaces(PaymentReplaces {
            replaced: stream_id(words.count("of")),
            reason: named(words.value("reason"), ReplacementReason::ALL, ReplacementReason::name),
            revision,
        }),
        Kind::EMAIL_SENT => Payload::EmailSent(EmailSent {
            template: named(words.value("template"), EmailTemplate::ALL, EmailTemplate::name).expect("a template"),
            number: words.ordinal("n"),
            revision,
        }),
        Kind::FACT_REVERSED => Payload::FactReversed(FactReversed {
            reversed: event_id(words.count("of")),
            reason: words.text("reason"),
            revision,
        }),
        _ => return None,
    })
}

fn money_back(kind: Kind, words: &Words<'_>) -> Option<Payload> {
    let (revision, provider) = (words.count("rev").into(), words.text("provider"));
    let refunded = |end| {
        let (refund_id, request_id) = (words.text("id"), words.text("request"));
        let provider = provider.clone();
        Payload::Refunded(Box::new(Refunded { refund_id, request_id, amount: words.amount(), end, provider, revision }))
    };
    let chargeback = |stage| {
        Payload::Chargeback(Chargeback {
            dispute_id: words.text("id").expect("a dispute"),
            round: words.ordinal("round"),
            stage,
            payment_id: words.text("payment"),
            amount: words.amount(),
            reason: words.has("fraud").then_some(ChargebackReason::Fraud),
            provider: provider.clone(),
            revision,
        })
    };
    let handled = |stage| {
        let (instalment, amount) = (words.count("i"), words.amount());
        Payload::InstalmentDefault(InstalmentDefault {
            instalment,
            stage,
            amount,
            provider: provider.clone(),
            revision,
        })
    };
    Some(match kind {
        Kind::INSTALMENT_COVERED => handled(DefaultStage::Covered),
        Kind::INSTALMENT_CLAIMED => handled(DefaultStage::Claimed),
        Kind::CARD_REPLACED => Payload::CardReplaced(CardReplaced { number: words.ordinal("n"), provider, revision }),
        Kind::REFUND_REQUESTED => Payload::RefundRequested(RefundRequested {
            request_id: words.text("request").expect("a request"),
            amount: words.amount(),
            refund_id: words.text("id"),
            reason: named(words.value("reason"), RefundReason::ALL, RefundReason::name),
            provider,
            revision,
        }),
        Kind::REFUND_COMPLETED => refunded(RefundEnd::Completed {
            cash: words.money("cash").map(|money| money.amount),
            rebate: words.money("rebate").map(|money| money.amount),
            from_cancellation: words.has("cancellation"),
            payment_id: words.text("payment"),
        }),
        Kind::REFUND_FAILED => {
            refunded(RefundEnd::Failed(words.has("closed").then_some(RefundFailureReason::CardClosed)))
        }
        Kind::WITHDRAWAL_EXERCISED => Payload::WithdrawalExercised(WithdrawalExercised { provider, revision }),
        Kind::CHARGEBACK_OPENED => chargeback(ChargebackStage::Opened),
        Kind::CHARGEBACK_WON => chargeback(ChargebackStage::Won),
        Kind::CHARGEBACK_LOST => chargeback(ChargebackStage::Lost),
        _ => return None,
    })
}

/// The choice of this name.
fn named<C: Copy>(name: Option<&str>, all: &[C], name_of: fn(C) -> &'static str) -> Option<C> {
    let name = name?;
    let found = all.iter().copied().find(|choice| name_of(*choice) == name);
    Some(found.unwrap_or_else(|| panic!("no such choice: {name}")))
}

fn tickets(words: &Words<'_>) -> Vec<PrintedTicket> {
    let kinds = words.all().filter_map(|word| TicketKind::from_number(word.strip_prefix('T')?.parse().ok()?));
    kinds.map(|kind| PrintedTicket { kind, about: words.text("about"), copy: words.ordinal("copy") }).collect()
}

/// `lines=100.00,100.00` with `fee=` on the first, due monthly from 2026-11-25; `due=` and `numbers=` override.
fn plan(words: &Words<'_>) -> Plan {
    let list = |key| words.value(key).map(|text| text.split(',').collect::<Vec<_>>());
    let lines = list("lines").unwrap_or_else(|| panic!("lines in: {}", words.line));
    let (due, numbers, interest) = (list("due"), list("numbers"), list("interest"));
    let original = list("original");
    let currency = words.value("currency").map_or(Currency::EUR, |code| Currency::parse(code).expect("a code"));
    let zero = Amount::ZERO;
    let entry = |(k, line): (u32, &&str)| {
        let at = k as usize;
        let purchase_amount = cents(line).expect("an amount");
        let customer_fee = if k == 0 { words.value("fee").and_then(cents).unwrap_or(zero) } else { zero };
        let customer_interest = interest.as_ref().map_or(zero, |all| cents(all[at]).expect("an amount"));
        let months = due.as_ref().map_or(k, |all| all[at].parse().expect("months"));
        let whole = purchase_amount.checked_add(customer_fee).expect("small");
        Instalment {
            number: numbers.as_ref().map_or(k + 1, |all| all[at].parse().expect("a number")),
            due_date: MORNING.plus_months(months).expect("in range"),
            currency,
            purchase_amount,
            customer_fee,
            customer_interest,
            total_amount: whole.checked_add(customer_interest).expect("small"),
            original_purchase_amount: original
                .as_ref()
                .map_or(purchase_amount, |all| cents(all[at]).expect("an amount")),
        }
    };
    Plan {
        installments_count: words
            .value("count")
            .map_or(u32::try_from(lines.len()).expect("few"), |_| words.count("count")),
        deferred_days: words.count("days"),
        deferred_months: words.count("months"),
        instalments: (0..).zip(&lines).map(entry).collect(),
        customer_total_cost: words
            .value("cost")
            .map(|text| Money { currency, amount: cents(text).expect("an amount") }),
        annual_interest_rate_bps: None,
        legal_regime: words.value("law").map(|_| LegalRegime::OutsideConsumerCredit),
    }
}
