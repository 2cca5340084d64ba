//! Why a payment has no ticket of a kind: a paper that disagrees with the books is worse than none.

use std::fmt;

use talon_domain::anomaly::Language;

/// Why this ticket cannot be laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoTicket {
    /// T1, of a payment of whose beginning nothing is known.
    InitiationUnknown,
    /// T1, of a payment that succeeded or ended.
    NotInProgress,
    /// T2, T3 and T7, while nobody said how the payment ended.
    NotAccepted,
    /// T2, T3 and T7, of a payment that was refused, expired or cancelled.
    EndedWithoutSuccess,
    /// T2, T3 and T7, before the provider's plan is known.
    ScheduleUnknown,
    /// T2 and T3, of a payment that was refunded, withdrawn from or planned anew since.
    PlanChanged,
    /// T4, of a payment that succeeded.
    Succeeded,
    /// T4, while nobody said how the payment ended.
    NotEnded,
    /// T4, where a shop asked or believed, and nobody decided.
    EndOnlyAsked,
    /// T2, T3, T4 and T7, where nobody can tell.
    OutcomeUnknown,
    /// T5, of a refund that nobody told.
    RefundUnknown,
    /// T5, of one of several refunds, and not said of which.
    RefundNotNamed,
    /// T5, of a refund that was only asked.
    RefundOnlyAsked,
    /// T5, of a refund that failed.
    RefundFailed,
}

impl NoTicket {
    /// For people: why, and which paper to print instead.
    pub const fn words(self, language: Language) -> &'static str {
        match language {
            Language::French => self.french(),
            Language::English => self.english(),
        }
    }

    const fn english(self) -> &'static str {
        match self {
            Self::InitiationUnknown => "how the payment began is not known yet: wait for its initiation",
            Self::NotInProgress => "the payment is no longer in progress: print what it became, T2 and T3, or T4",
            Self::NotAccepted => "the payment is not accepted: T1 is its only paper until then",
            Self::EndedWithoutSuccess => "the payment ended without success: its paper is T4",
            Self::ScheduleUnknown => "the provider's schedule is not known yet: wait for it",
            Self::PlanChanged => {
                "the payment was refunded, withdrawn from or planned anew since: print T7, which says so"
            }
            Self::Succeeded => "the payment succeeded: its papers are T2 and T3",
            Self::NotEnded => "the payment has not ended: T1 is its only paper until then",
            Self::EndOnlyAsked => "the end was asked or believed, not decided: T1 is the only paper until it is",
            Self::RefundUnknown => "no refund of this name is known: its paper follows the refund",
            Self::RefundNotNamed => "the payment has several refunds: name the one to print",
            Self::RefundOnlyAsked => "the refund was asked, not made: it has no paper until it is",
            Self::RefundFailed => "the refund failed: no money was given back, so it has no paper",
            Self::OutcomeUnknown => "how the payment ended is not known: T1 is its only paper",
        }
    }

    const fn french(self) -> &'static str {
        match self {
            Self::InitiationUnknown => "le début du paiement n'est pas encore connu : attendre son initialisation",
            Self::NotInProgress => "le paiement n'est plus en cours : imprimer ce qu'il est devenu, T2 et T3, ou T4",
            Self::NotAccepted => "le paiement n'est pas accepté : d'ici là, son seul papier est T1",
            Self::EndedWithoutSuccess => "le paiement n'a pas abouti : son papier est T4",
            Self::ScheduleUnknown => "l'échéancier du prestataire n'est pas encore connu : l'attendre",
            Self::PlanChanged => "le paiement a depuis été remboursé, rétracté ou replanifié : imprimer T7, qui le dit",
            Self::Succeeded => "le paiement a abouti : ses papiers sont T2 et T3",
            Self::NotEnded => "le paiement n'est pas terminé : d'ici là, son seul papier est T1",
            Self::EndOnlyAsked => "la fin est demandée ou supposée, pas décidée : d'ici là, le seul papier est T1",
            Self::RefundUnknown => "aucun remboursement de ce nom n'est connu : son papier suit le remboursement",
            Self::RefundNotNamed => "le paiement a plusieurs remboursements : nommer celui à imprimer",
            Self::RefundOnlyAsked => "le remboursement est demandé, pas effectué : d'ici là, il n'a pas de papier",
            Self::RefundFailed => "le remboursement a échoué : rien n'a été rendu, il n'a donc pas de papier",
            Self::OutcomeUnknown => "l'issue du paiement est inconnue : son seul papier est T1",
        }
    }
}

impl fmt::Display for NoTicket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.english())
    }
}

impl std::error::Error for NoTicket {}
