//! One payment as JSON, and the names of things for people.

use serde_json::{Value, json};
use talon_domain::anomaly::{Anomaly, Language, Persistence, Severity};
use talon_domain::money::{Currency, Totals};
use talon_domain::open::open_reasons;
use talon_domain::slot::{EndKind, Slot};
use talon_domain::state::{AgreedPlan, Debit, Progress, Standing, State};

/// Everything that is known of a payment. `notes` are what no digest covers.
pub(crate) fn payment_json(state: &State, notes: &[Anomaly], language: Language) -> Value {
    json!({
        "type": "payment",
        "transactionId": state.key.stream.to_string(),
        "merchant": state.key.merchant.to_string(),
        "training": state.key.training,
        "shop": state.shop.0,
        "terminal": state.terminal.0,
        "provider": state.provider,
        "status": state.status.name(),
        "sale": state.sale.map(|sale| amount(sale.currency, sale.minor_units)),
        "saleDay": state.sale.and_then(|sale| sale.day).map(|day| day.to_string()),
        "collected": sums(&state.collected()),
        "suspense": sums(&state.suspense()),
        "paymentId": state.acceptance.as_ref().and_then(|acceptance| acceptance.payment_id.clone()),
        "plan": state.plan.as_ref().map(plan),
        "debits": state.debits.iter().map(debit).collect::<Vec<_>>(),
        "prints": state.prints.iter().map(|print| json!({
            "ticket": format!("t{}", print.kind as u8), "about": print.about, "copy": print.copy,
            "occurredAt": print.occurred_at.rfc3339(),
        })).collect::<Vec<_>>(),
        "timeline": state.timeline.iter().map(|moment| json!({
            "occurredAt": moment.occurred_at.rfc3339(), "slot": moment.slot.label(), "source": moment.source.name(),
            "witnesses": moment.witnesses, "eventId": moment.event_id.to_string(),
        })).collect::<Vec<_>>(),
        "open": open_reasons(state).into_iter().map(|reason| json!({
            "name": reason.name(), "words": reason.words(language),
        })).collect::<Vec<_>>(),
        "anomalies": state.anomalies.iter().chain(notes).map(|a| anomaly_json(a, language)).collect::<Vec<_>>(),
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
        "installmentsCount": agreed.plan.installments_count,
        "deferredDays": agreed.plan.deferred_days,
        "deferredMonths": agreed.plan.deferred_months,
        "instalments": agreed.instalments.iter().map(|state| json!({
            "number": state.entry.number,
            "dueDate": state.entry.due_date.rfc3339(),
            "total": amount(state.entry.currency, state.entry.total_amount.minor_units().into()),
            "progress": progress_name(state.progress),
        })).collect::<Vec<_>>(),
    })
}

fn debit(debit: &Debit) -> Value {
    json!({
        "debitId": debit.debit_id,
        "instalment": debit.instalment,
        "amount": amount(debit.money.currency, debit.money.amount.minor_units().into()),
        "occurredAt": debit.occurred_at.rfc3339(),
        "standing": match debit.standing { Standing::Collected => "collected", Standing::Suspense => "suspense" },
    })
}

const fn progress_name(progress: Progress) -> &'static str {
    match progress {
        Progress::Collected => "collected",
        Progress::Failed => "failed",
        Progress::Due => "due",
    }
}

/// An anomaly with its number, its name, its slot, and its sentence for people.
fn anomaly_json(anomaly: &Anomaly, language: Language) -> Value {
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

/// What a slot tells, in words.
pub(crate) fn slot_words(slot: &Slot, language: Language) -> String {
    let french = language == Language::French;
    let pick = |fr: &str, en: &str| if french { fr.to_owned() } else { en.to_owned() };
    match slot {
        Slot::Initiation => pick("paiement initialisé", "payment initiated"),
        Slot::Phone(n) => format!("{} {n}", pick("téléphone vérifié", "phone verified")),
        Slot::Sms(n) => format!("{} {n}", pick("SMS envoyé", "SMS sent")),
        Slot::Plan(version) => format!("{} v{version}", pick("échéancier choisi", "schedule chosen")),
        Slot::Acceptance(id) if id.is_empty() => pick("accepté", "accepted"),
        Slot::Acceptance(id) => format!("{} ({id})", pick("accepté", "accepted")),
        Slot::Outcome(kind, attempt) => {
            format!("{} ({} {attempt})", end_words(*kind, french), pick("tentative", "attempt"))
        }
        Slot::CancelAsked(EndKind::Expired, _) => pick("cru expiré par la boutique", "taken for expired by the shop"),
        Slot::CancelAsked(..) => pick("annulation demandée", "cancellation asked"),
        Slot::Debit(id) => format!("{} {id}", pick("débit", "debit")),
        Slot::DebitWithoutId(i) => format!("{} {i}", pick("débit de l'échéance", "debit of instalment")),
        Slot::DebitFailure(i, attempt) => {
            format!("{} {i} ({attempt})", pick("échec du débit de l'échéance", "failed debit of instalment"))
        }
        Slot::Print(kind, _, 1) => format!("{} T{}", pick("ticket imprimé", "ticket printed"), *kind as u8),
        Slot::Print(kind, _, copy) => format!("{} T{} n° {copy}", pick("duplicata", "duplicate"), *kind as u8),
    }
}

const fn end_words(kind: EndKind, french: bool) -> &'static str {
    match (kind, french) {
        (EndKind::Refused, true) => "refusé",
        (EndKind::Refused, false) => "refused",
        (EndKind::Expired, true) => "expiré",
        (EndKind::Expired, false) => "expired",
        (EndKind::Cancelled, true) => "annulé",
        (EndKind::Cancelled, false) => "cancelled",
        (EndKind::Unknown, true) => "issue inconnue",
        (EndKind::Unknown, false) => "outcome unknown",
    }
}
