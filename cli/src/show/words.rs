//! The names of things for people.

use talon_domain::anomaly::Language;
use talon_domain::slot::{EndKind, Slot};

/// What a slot tells, in words.
pub(crate) fn slot_words(slot: &Slot, language: Language) -> String {
    let french = language == Language::French;
    let pick = |fr: &'static str, en: &'static str| if french { fr } else { en };
    match slot {
        Slot::Initiation => pick("paiement initialisé", "payment initiated").into(),
        Slot::Phone(n) => format!("{} {n}", pick("téléphone vérifié", "phone verified")),
        Slot::Sms(n) => format!("{} {n}", pick("SMS envoyé", "SMS sent")),
        Slot::SmsDelivery(n, status) => format!("{} {n}: {}", pick("suivi du SMS", "report on SMS"), status.name()),
        Slot::LinkOpened(n) => format!("{} {n}", pick("lien ouvert", "link opened")),
        Slot::Plan(version) => format!("{} v{version}", pick("échéancier choisi", "schedule chosen")),
        Slot::Acceptance(id) if id.is_empty() => pick("accepté", "accepted").into(),
        Slot::Acceptance(id) => format!("{} ({id})", pick("accepté", "accepted")),
        Slot::Outcome(kind, attempt) => {
            format!("{} ({} {attempt})", end_words(*kind, french), pick("tentative", "attempt"))
        }
        Slot::CancelAsked(EndKind::Expired, _) => {
            pick("cru expiré par la boutique", "taken for expired by the shop").into()
        }
        Slot::CancelAsked(..) => pick("annulation demandée", "cancellation asked").into(),
        Slot::Debit(id) => format!("{} {id}", pick("débit", "debit")),
        Slot::DebitWithoutId(i) => format!("{} {i}", pick("débit de l'échéance", "debit of instalment")),
        Slot::DebitFailure(i, attempt) => {
            format!("{} {i} ({attempt})", pick("échec du débit de l'échéance", "failed debit of instalment"))
        }
        Slot::Covered(i) => format!("{} {i}", pick("prise en charge de l'échéance", "provider bears instalment")),
        Slot::Claimed(i) => format!("{} {i}", pick("mise en recouvrement de l'échéance", "collection of instalment")),
        Slot::CardReplaced(n) => format!("{} {n}", pick("carte remplacée", "card replaced")),
        Slot::RefundRequest(id) => format!("{} {id}", pick("remboursement demandé", "refund asked")),
        Slot::Refund(id) => format!("{} {id}", pick("remboursement", "refund")),
        Slot::RefundWithoutId(request, _) => format!("{} {request}", pick("remboursement", "refund")),
        Slot::Withdrawal => pick("rétractation", "withdrawal").into(),
        Slot::Print(kind, _, 1) => format!("{} T{}", pick("ticket imprimé", "ticket printed"), *kind as u8),
        Slot::Print(kind, _, copy) => format!("{} T{} n° {copy}", pick("duplicata", "duplicate"), *kind as u8),
        Slot::Email(template, n) => format!("{} {} ({n})", pick("e-mail", "e-mail"), template.name()),
        Slot::Replaces(stream) => format!("{} {stream}", pick("remplace", "replaces")),
        Slot::Chargeback(id, round) => format!("{} {id} ({round})", pick("contestation", "dispute")),
        Slot::Reversal(event) => format!("{} {event}", pick("contre-passation de", "reversal of")),
        other => other.label(),
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
        (EndKind::TimedOut, true) => "délai dépassé en boutique",
        (EndKind::TimedOut, false) => "shop timed out",
    }
}
