//! One payment as JSON.

use serde_json::{Value, json};
use talon_domain::anomaly::{Anomaly, Language, Persistence, Severity};
use talon_domain::fact::{PlanChange, SmsStatus};
use talon_domain::money::{Currency, Totals};
use talon_domain::open::open_reasons;
use talon_domain::state::{AgreedPlan, Debit, Sms, Standing, State};
use talon_domain::stream::Stream;
use talon_domain::time::Instant;

mod money_back;

/// Everything that is known of a payment; what no digest covers is among its anomalies.
pub(crate) fn payment_json(state: &State, stream: &Stream, language: Language) -> Value {
    let (told, notes) = (stream.told(), stream.notes());
    json!({
        "type": "payment",
        "transactionId": state.key.stream.to_string(),
        "merchant": state.key.merchant.to_string(),
        "training": state.key.training,
        "shop": state.shop.0,
        "terminal": state.terminal.0,
        "provider": state.provider.as_deref(),
        "status": state.status.name(),
        "closed": state.is_closed,
        "sale": state.sale.map(|sale| amount(sale.currency, sale.minor_units)),
        "saleDay": state.sale.and_then(|sale| sale.day).map(|day| day.to_string()),
        "collected": sums(&state.collected()),
        "refunded": sums(&state.refunded()),
        "suspense": sums(&state.suspense()),
        "paymentId": state.acceptance.as_ref().and_then(|acceptance| acceptance.payment_id.as_deref()),
        "plan": state.plan.as_ref().map(plan),
        "debits": state.debits.iter().map(debit).collect::<Vec<_>>(),
        "refundRequests": state.refund_requests.iter().map(money_back::request).collect::<Vec<_>>(),
        "refunds": state.refunds.iter().map(money_back::refund).collect::<Vec<_>>(),
        "disputes": state.disputes.iter().map(money_back::dispute).collect::<Vec<_>>(),
        "withdrawnAt": state.withdrawal.map(|withdrawal| withdrawal.occurred_at.rfc3339()),
        "cardsReplaced": state.cards_replaced,
        "replaces": state.replaces.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "reversals": state.reversals.iter().map(money_back::reversal).collect::<Vec<_>>(),
        "messages": state.sms.iter().map(message).collect::<Vec<_>>(),
        "emails": state.emails.iter().map(|(template, number)| json!({
            "template": template.name(), "number": number,
        })).collect::<Vec<_>>(),
        "prints": state.prints.iter().map(|print| json!({
            "ticket": format!("t{}", print.kind as u8), "about": &*print.about, "copy": print.copy,
            "occurredAt": print.occurred_at.rfc3339(),
        })).collect::<Vec<_>>(),
        "timeline": told.timeline.iter().map(|moment| json!({
            "occurredAt": moment.occurred_at.rfc3339(), "slot": moment.slot.label(), "source": moment.source.name(),
            "witnesses": moment.witnesses, "eventId": moment.event_id.to_string(),
        })).collect::<Vec<_>>(),
        "open": open_reasons(state).into_iter().map(|reason| json!({
            "name": reason.name(), "words": reason.words(language),
        })).collect::<Vec<_>>(),
        "anomalies": state.anomalies.iter().chain(&notes).map(|a| anomaly_json(a, language)).collect::<Vec<_>>(),
    })
}

fn amount(currency: Currency, minor_units: u128) -> Value {
    // Numbers beyond 2^53 are no numbers to every reader: amounts are text, as on the wire.
    json!({ "currency": currency.code(), "minorUnits": minor_units.to_string() })
}

fn sums(totals: &Totals) -> Vec<Value> {
    totals.iter().map(|(currency, minor_units)| amount(currency, minor_units)).collect()
}

fn plan(agreed: &AgreedPlan) -> Value {
    json!({
        "version": agreed.version,
        "firstVersion": agreed.first_version,
        "change": agreed.change.map(PlanChange::name),
        "installmentsCount": agreed.plan.installments_count,
        "deferredDays": agreed.plan.deferred_days,
        "deferredMonths": agreed.plan.deferred_months,
        "instalments": agreed.instalments.iter().map(|state| json!({
            "number": state.entry.number,
            "dueDate": state.entry.due_date.rfc3339(),
            "total": amount(state.entry.currency, state.entry.total_amount.minor_units().into()),
            "progress": state.progress.name(),
            "paidEarly": state.paid_early,
        })).collect::<Vec<_>>(),
    })
}

fn debit(debit: &Debit) -> Value {
    json!({
        "debitId": debit.debit_id.as_deref(),
        "instalment": debit.instalment,
        "amount": amount(debit.money.currency, debit.money.amount.minor_units().into()),
        "occurredAt": debit.occurred_at.rfc3339(),
        "standing": match debit.standing { Standing::Counts => "collected", Standing::Suspense => "suspense" },
    })
}

fn message(sms: &Sms) -> Value {
    json!({
        "number": sms.number, "sentAt": sms.sent_at.map(Instant::rfc3339),
        "delivery": sms.delivery.map(SmsStatus::name), "opened": sms.is_opened,
    })
}

/// An anomaly with its number, its name, its slot, and its sentence for people.
pub(crate) fn anomaly_json(anomaly: &Anomaly, language: Language) -> Value {
    json!({
        "code": anomaly.code.number(),
        "name": anomaly.code.name(),
        "slot": anomaly.slot.label(),
        "severity": match anomaly.code.severity() {
            Severity::Notice => "notice", Severity::Warning => "warning", Severity::Error => "error",
        },
        "transient": anomaly.code.persistence() == Persistence::Transient,
        "words": anomaly.code.sentence(language),
    })
}
