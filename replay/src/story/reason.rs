//! Reasons and changes that publishers choose from a list, in words.
//!
//! Invariant: every choice that a payment's facts may carry has French words; its English ones are its name.

use talon_domain::anomaly::Language;

/// Names with their French words.
const FRENCH: [(&str, &str); 29] = [
    ("by_provider", "par le prestataire"),
    ("card_declined", "carte refusée"),
    ("strong_authentication_failed", "authentification forte échouée"),
    ("not_eligible", "non éligible"),
    ("requested_by_merchant", "demandée par le commerçant"),
    ("requested_by_customer", "demandée par le client"),
    ("authorization_expired", "autorisation échue"),
    ("no_answer", "sans réponse"),
    ("more_information_needed", "informations à compléter"),
    ("card_expired", "carte expirée"),
    ("opposition", "opposition"),
    ("ceiling_reached", "plafond atteint"),
    ("rescheduled", "rééchelonné"),
    ("refunded", "après remboursement"),
    ("paid_early", "payé d'avance"),
    ("corrected", "corrigé"),
    ("wrong_phone", "mauvais téléphone"),
    ("wrong_amount", "mauvais montant"),
    ("other_plan", "autre échéancier"),
    ("goods_returned", "marchandise rendue"),
    ("cancellation", "annulation"),
    ("double_payment", "double paiement"),
    ("withdrawal", "rétractation"),
    ("card_closed", "carte clôturée"),
    ("too_late", "trop tard"),
    ("fraud", "fraude"),
    ("goods_not_received", "marchandise non reçue"),
    ("goods_not_as_agreed", "marchandise non conforme"),
    ("not_recognised", "non reconnue"),
];

/// A choice in words.
pub(super) fn reason_words(name: &str, language: Language) -> String {
    let french = || FRENCH.iter().find(|(known, _)| *known == name).map(|(_, words)| (*words).to_owned());
    match language {
        Language::French => french().unwrap_or_else(|| name.replace('_', " ")),
        Language::English => name.replace('_', " "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use talon_domain::fact::{
        CancellationReason, ChargebackReason, DebitFailureReason, PlanChange, RefundFailureReason, RefundReason,
        RefusalReason, ReplacementReason, UnknownReason,
    };

    #[test]
    fn every_choice_has_french_words() {
        let mut names: Vec<&str> = Vec::new();
        names.extend(RefusalReason::ALL.iter().copied().map(RefusalReason::name));
        names.extend(CancellationReason::ALL.iter().copied().map(CancellationReason::name));
        names.extend(UnknownReason::ALL.iter().copied().map(UnknownReason::name));
        names.extend(DebitFailureReason::ALL.iter().copied().map(DebitFailureReason::name));
        names.extend(PlanChange::ALL.iter().copied().map(PlanChange::name));
        names.extend(ReplacementReason::ALL.iter().copied().map(ReplacementReason::name));
        names.extend(RefundReason::ALL.iter().copied().map(RefundReason::name));
        names.extend(RefundFailureReason::ALL.iter().copied().map(RefundFailureReason::name));
        names.extend(ChargebackReason::ALL.iter().copied().map(ChargebackReason::name));
        for name in names {
            assert!(FRENCH.iter().any(|(known, _)| *known == name), "{name}");
        }
        assert_eq!(reason_words("card_declined", Language::French), "carte refusée");
        assert_eq!(reason_words("card_declined", Language::English), "card declined");
    }
}
