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
    /// T2 and T3, while nobody said how the payment ended.
    NotAccepted,
    /// T2 and T3, of a payment that was refused, expired or cancelled.
    EndedWithoutSuccess,
    /// T2 and T3, before the provider's plan is known.
    ScheduleUnknown,
    /// T4, of a payment that succeeded.
    Succeeded,
    /// T4, while nobody said how the payment ended.
    NotEnded,
    /// T4, where a shop asked or believed, and nobody decided.
    EndOnlyAsked,
    /// T2, T3 and T4, where nobody can tell.
    OutcomeUnknown,
    /// A kind that this release does not lay out.
    NotLaidOut,
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
            Self::Succeeded => "the payment succeeded: its papers are T2 and T3",
            Self::NotEnded => "the payment has not ended: T1 is its only paper until then",
            Self::EndOnlyAsked => "the end was asked or believed, not decided: T1 is the only paper until it is",
            Self::NotLaidOut => "this release prints no paper of this kind",
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
            Self::Succeeded => "le paiement a abouti : ses papiers sont T2 et T3",
            Self::NotEnded => "le paiement n'est pas terminé : d'ici là, son seul papier est T1",
            Self::EndOnlyAsked => "la fin est demandée ou supposée, pas décidée : d'ici là, le seul papier est T1",
            Self::NotLaidOut => "cette version n'imprime pas ce type de papier",
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
