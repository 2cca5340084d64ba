//! What slots tell, in words for people. What belongs to no payment has its label.

use super::{EndKind, Slot};
use crate::anomaly::Language;

impl Slot {
    /// What it tells, in words.
    pub fn words(&self, language: Language) -> String {
        let french = matches!(language, Language::French);
        let pick = |fr: &'static str, en: &'static str| if french { fr } else { en };
        match self {
            Self::Initiation => pick("paiement initialisé", "payment initiated").into(),
            Self::Phone(n) => format!("{} {n}", pick("téléphone vérifié", "phone verified")),
            Self::Sms(n) => format!("{} {n}", pick("SMS envoyé", "SMS sent")),
            Self::SmsDelivery(n, status) => format!("{} {n}: {}", pick("suivi du SMS", "report on SMS"), status.name()),
            Self::LinkOpened(n) => format!("{} {n}", pick("lien ouvert", "link opened")),
            Self::Plan(version) => format!("{} v{version}", pick("échéancier choisi", "schedule chosen")),
            Self::Acceptance(id) if id.is_empty() => pick("accepté", "accepted").into(),
            Self::Acceptance(id) => format!("{} ({id})", pick("accepté", "accepted")),
            Self::Outcome(kind, attempt) => {
                format!("{} ({} {attempt})", end_words(*kind, french), pick("tentative", "attempt"))
            }
            Self::CancelAsked(EndKind::Expired, _) => {
                pick("cru expiré par la boutique", "taken for expired by the shop").into()
            }
            Self::CancelAsked(..) => pick("annulation demandée", "cancellation asked").into(),
            Self::Debit(id) => format!("{} {id}", pick("débit", "debit")),
            Self::DebitWithoutId(i) => format!("{} {i}", pick("débit de l'échéance", "debit of instalment")),
            Self::DebitFailure(i, attempt) => {
                format!("{} {i} ({attempt})", pick("échec du débit de l'échéance", "failed debit of instalment"))
            }
            Self::Covered(i) => format!("{} {i}", pick("prise en charge de l'échéance", "provider bears instalment")),
            Self::Claimed(i) => {
                format!("{} {i}", pick("mise en recouvrement de l'échéance", "collection of instalment"))
            }
            Self::CardReplaced(n) => format!("{} {n}", pick("carte remplacée", "card replaced")),
            Self::RefundRequest(id) => format!("{} {id}", pick("remboursement demandé", "refund asked")),
            Self::Refund(id) => format!("{} {id}", pick("remboursement", "refund")),
            Self::RefundWithoutId(request, _) if request.is_empty() => pick("remboursement", "refund").into(),
            Self::RefundWithoutId(request, _) => format!("{} {request}", pick("remboursement", "refund")),
            Self::Withdrawal => pick("rétractation", "withdrawal").into(),
            Self::Print(kind, _, 1) => format!("{} T{}", pick("ticket imprimé", "ticket printed"), *kind as u8),
            Self::Print(kind, _, copy) => format!("{} T{} n° {copy}", pick("duplicata", "duplicate"), *kind as u8),
            Self::Email(template, n) => format!("{} {} ({n})", pick("e-mail", "e-mail"), template.name()),
            Self::Replaces(stream) => format!("{} {stream}", pick("remplace", "replaces")),
            Self::Chargeback(id, round) => format!("{} {id} ({round})", pick("contestation", "dispute")),
            Self::Reversal(event) => format!("{} {event}", pick("contre-passation de", "reversal of")),
            other => other.label(),
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::TicketKind;

    #[test]
    fn slots_are_told_in_both_languages() {
        for (slot, french, english) in [
            (Slot::Initiation, "paiement initialisé", "payment initiated"),
            (Slot::Plan(2), "échéancier choisi v2", "schedule chosen v2"),
            (Slot::Acceptance("".into()), "accepté", "accepted"),
            (Slot::Outcome(EndKind::Refused, 2), "refusé (tentative 2)", "refused (attempt 2)"),
            (Slot::Print(TicketKind::Till, "".into(), 1), "ticket imprimé T3", "ticket printed T3"),
            (Slot::Print(TicketKind::Till, "".into(), 2), "duplicata T3 n° 2", "duplicate T3 n° 2"),
            (Slot::RefundWithoutId("".into(), None), "remboursement", "refund"),
            (Slot::Merchant, "merchant", "merchant"),
        ] {
            assert_eq!((slot.words(Language::French), slot.words(Language::English)), (french.into(), english.into()));
        }
    }
}
