//! Further kinds of lines: what accounts book and pay out, and what becomes of plans.
//!
//! `LineRecorded acc=A id=L1 kind=payment 300.00 fee=7.60 tax=1.27 net=292.40 pay=P1 in=po1 on=2026-11-25`: a sign before
//! the amount, a fee, a tax or a net is its direction. `PlanChosen n=3 v=2 1@2026-11-25=100.00 2@2026-12-25=100.00`.

use talon_domain::fact::{
    DebitFailed, DefaultStage, Direction, InstalmentDefault, Kind, LineKind, Ordinal, Payload, Payout, PayoutStage,
    PlanChange, ScheduleChosen, SettlementLine,
};
use talon_domain::money::{Amount, Money};
use talon_domain::plan::{Instalment, Plan};
use talon_domain::time::Instant;

use crate::facts::{Words, day, euros};

pub(crate) fn payload(kind: &str, words: &Words<'_>, revision: u64) -> Option<(Kind, Payload)> {
    let provider = words.text("by");
    let said = match kind {
        "LineRecorded" => (Kind::SETTLEMENT_LINE_RECORDED, Payload::SettlementLine(Box::new(line(words, revision)))),
        "PayoutSent" => (Kind::PAYOUT_SENT, Payload::Payout(Box::new(payout(words, PayoutStage::Sent, revision)))),
        "PayoutReturned" => {
            let revision = revision.max(1);
            let payout = payout(words, PayoutStage::Returned, revision);
            (Kind::PAYOUT_RETURNED, Payload::Payout(Box::new(payout)))
        }
        "PlanChosen" => (Kind::SCHEDULE_CHOSEN, Payload::ScheduleChosen(Box::new(chosen(words, revision)))),
        "DebitFailed" => {
            let attempt = Ordinal::new(words.number("try"));
            let instalment = words.number("n");
            let failed = DebitFailed { instalment, attempt, amount: None, reason: None, provider, revision };
            (Kind::DEBIT_FAILED, Payload::DebitFailed(failed))
        }
        "InstalmentCovered" => (Kind::INSTALMENT_COVERED, default(words, DefaultStage::Covered, revision)),
        "InstalmentClaimed" => (Kind::INSTALMENT_CLAIMED, default(words, DefaultStage::Claimed, revision)),
        _ => return None,
    };
    Some(said)
}

/// `300.00` or `-60.00`.
fn directed(text: &str) -> (Money, Direction) {
    let direction = if text.starts_with('-') { Direction::Debit } else { Direction::Credit };
    (euros(text.trim_start_matches('-')), direction)
}

fn line(words: &Words<'_>, revision: u64) -> SettlementLine {
    let directed_amount = words.all().find(|word| word.contains('.') && !word.contains('=')).map(directed);
    let (mut amount, direction) = directed_amount.expect("an amount");
    if let Some(currency) = words.text("in_currency") {
        amount.currency = talon_domain::money::Currency::parse(&currency).expect("a currency");
    }
    let part = |key: &str| words.values(key).next().map(directed);
    // What is kept is written without a sign.
    let kept = |key: &str| {
        part(key).map_or((None, Direction::Debit), |(money, direction)| {
            let turned = if direction == Direction::Credit { Direction::Debit } else { Direction::Credit };
            (Some(money), turned)
        })
    };
    let ((merchant_fee, merchant_fee_direction), (tax, tax_direction)) = (kept("fee"), kept("tax"));
    let net = part("net");
    SettlementLine {
        account: words.text("acc").unwrap_or_else(|| "A".into()),
        line_id: words.text("id"),
        occurrence: Ordinal::default(),
        kind: words.named("kind", LineKind::ALL, LineKind::name).expect("a kind"),
        native_type: None,
        amount,
        direction,
        merchant_fee,
        merchant_fee_direction,
        tax,
        tax_direction,
        net: net.map(|(net, _)| net),
        net_direction: net.map_or(direction, |(_, direction)| direction),
        payment_id: words.text("pay"),
        refund_id: words.text("refund"),
        dispute_id: words.text("dispute"),
        payout_id: words.text("payout"),
        included_in_payout_id: words.text("in"),
        reference: None,
        end_to_end_id: None,
        bank_reference: None,
        booking_day: words.day("on"),
        value_day: None,
        provider: words.text("by"),
        file_hash: None,
        revision,
    }
}

fn payout(words: &Words<'_>, stage: PayoutStage, revision: u64) -> Payout {
    let amount = words.all().find(|word| word.contains('.') && !word.contains('=')).map(directed);
    Payout {
        account: words.text("acc").unwrap_or_else(|| "A".into()),
        payout_id: words.text("payout").expect("a payout"),
        stage,
        amount: amount.map(|(money, _)| money),
        direction: amount.map(|(_, direction)| direction).filter(|_| stage == PayoutStage::Sent),
        day: words.day("on"),
        reference: None,
        provider: words.text("by"),
        revision,
    }
}

fn default(words: &Words<'_>, stage: DefaultStage, revision: u64) -> Payload {
    let (instalment, provider) = (words.number("n"), words.text("by"));
    Payload::InstalmentDefault(InstalmentDefault { instalment, stage, amount: None, provider, revision })
}

fn chosen(words: &Words<'_>, revision: u64) -> ScheduleChosen {
    let instalments = words.all().filter_map(instalment).collect();
    let plan = Plan {
        installments_count: words.number("n"),
        deferred_days: words.number("days"),
        deferred_months: words.number("months"),
        instalments,
        customer_total_cost: None,
        annual_interest_rate_bps: None,
        legal_regime: None,
    };
    let change = words.named("change", PlanChange::ALL, PlanChange::name);
    ScheduleChosen { version: Ordinal::new(words.number("v")), plan, change, provider: words.text("by"), revision }
}

/// `2@2026-12-25=100.00`; `2@2026-12-25=0.00/100.00` was 100.00 before a refund.
fn instalment(word: &str) -> Option<Instalment> {
    let (number, rest) = word.split_once('@')?;
    let (due, amount) = rest.split_once('=').expect("an amount");
    let (now, before) = amount.split_once('/').unwrap_or((amount, amount));
    let noon = i64::from(day(due).0) * 86_400_000_000 + 43_200_000_000;
    let money = euros(now);
    Some(Instalment {
        number: number.parse().expect("a number"),
        due_date: Instant(noon),
        currency: money.currency,
        purchase_amount: money.amount,
        customer_fee: Amount::ZERO,
        customer_interest: Amount::ZERO,
        total_amount: money.amount,
        original_purchase_amount: euros(before).amount,
    })
}
