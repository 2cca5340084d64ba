//! Anomalies: facts that contradict each other, or that miss another. Nothing is dropped because of one: it is kept,
//! coded and shown, and money of unclear standing is held in suspense. Invariants:
//! - a code's number and name never change and are never used again for something else
//! - a transient anomaly may clear when a further fact arrives; a permanent one needs a decision or a correction
//!
//! An anomaly is identified by its stream, code and slot. When it opened is no part of it.

use std::fmt;

use crate::slot::Slot;

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Notice,
    /// Somebody should look at it.
    Warning,
    /// The books cannot be right until it is settled.
    Error,
}

/// Whether waiting may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Persistence {
    /// Something is missing; a further fact may clear it.
    Transient,
    /// Two present facts contradict each other.
    Permanent,
}

/// A language that clerks read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// French.
    #[default]
    French,
    /// English.
    English,
}

macro_rules! codes {
    ($($constant:ident = $number:literal $name:literal $severity:ident $persistence:ident
        $fr:literal $en:literal)*) => {
        /// The rule that is not kept, in the positive.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $en] $constant = $number,)*
        }

        impl Code {
            /// Every code, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$constant),*];

            /// Its stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$constant => $name,)* }
            }

            /// How much it matters.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$constant => Severity::$severity,)* }
            }

            /// Whether waiting may clear it.
            pub const fn persistence(self) -> Persistence {
                match self { $(Self::$constant => Persistence::$persistence,)* }
            }

            /// What is the matter, in one sentence.
            pub const fn sentence(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$constant, Language::French) => $fr,
                      (Self::$constant, Language::English) => $en,)*
                }
            }
        }
    };
}

codes! {
    EventIdMustNameOneContent = 101 "event_id_must_name_one_content" Error Permanent
        "Un même identifiant d'événement porte deux contenus : le premier est retenu."
        "One event id carries two contents: the first one stays."
    ClockShouldBeRight = 102 "clock_should_be_right" Notice Permanent
        "L'horloge de la source est loin de celle du registre."
        "The source's clock is far from the ledger's."
    WitnessesMustAgree = 201 "witnesses_must_agree" Error Permanent
        "Deux témoins d'un même fait se contredisent."
        "Two witnesses of one fact contradict each other."
    RepetitionMustBeNumbered = 202 "repetition_must_be_numbered" Notice Transient
        "Un fait répété à un autre moment ne porte pas de numéro : répétition ou doublon ?"
        "A fact told again for another moment carries no number: a repetition or a double?"
    PaymentMustBeKnown = 301 "payment_must_be_known" Error Transient
        "De l'argent a bougé pour un paiement dont on ne sait rien d'autre : en attente."
        "Money moved for a payment of which nothing else is known: held in suspense."
    InitiationMustBeKnown = 302 "initiation_must_be_known" Warning Transient
        "L'initialisation du paiement sur le terminal n'est pas arrivée."
        "The payment's initiation on the terminal has not arrived."
    TerminalShouldBeNamed = 303 "terminal_should_be_named" Notice Transient
        "L'initialisation ne nomme aucun terminal."
        "The initiation names no terminal."
    SaleAmountMustAgree = 304 "sale_amount_must_agree" Error Permanent
        "L'initialisation, l'acceptation et l'échéancier ne donnent pas le même montant."
        "Initiation, acceptance and plan do not give the same amount."
    CurrencyMustAgree = 305 "currency_must_agree" Error Permanent
        "Un débit n'est pas dans la devise de la vente."
        "A debit is not in the currency of the sale."
    ScheduleMustBeKnown = 311 "schedule_must_be_known" Warning Transient
        "Un débit est connu, mais pas encore l'échéancier."
        "A debit is known, but not yet the schedule."
    PlanShouldComeFromProvider = 312 "plan_should_come_from_provider" Warning Transient
        "Une version de l'échéancier n'est pas confirmée par le prestataire."
        "A version of the plan is not confirmed by the provider."
    DueDatesMustIncrease = 313 "due_dates_must_increase" Warning Permanent
        "Les dates d'échéance ne se suivent pas."
        "The due dates do not strictly increase."
    PlanCostMustAddUp = 314 "plan_cost_must_add_up" Error Permanent
        "Les frais et intérêts des échéances ne font pas le coût total annoncé."
        "The instalments' fees and interest are not the stated total cost."
    InstalmentNumbersMustDiffer = 315 "instalment_numbers_must_differ" Error Permanent
        "Deux échéances portent le même numéro."
        "Two instalments carry one number."
    CreditPlanMustBeAnAnnuity = 316 "credit_plan_must_be_an_annuity" Notice Permanent
        "Les mensualités d'un crédit devraient être égales, et la première sans intérêts."
        "A credit's monthly totals should be equal, and the first one free of interest."
    InstalmentMustBeInPlan = 321 "instalment_must_be_in_plan" Warning Transient
        "Un débit porte sur une échéance que l'échéancier ne contient pas."
        "A debit is for an instalment that the plan does not hold."
    DebitAmountMustMatchPlan = 322 "debit_amount_must_match_plan" Error Transient
        "Le montant débité n'est pas celui de l'échéance."
        "The amount debited is not the instalment's."
    DebitAmountMustAgree = 323 "debit_amount_must_agree" Error Permanent
        "Deux témoins d'un débit ne donnent pas le même montant."
        "Two witnesses of one debit do not give the same amount."
    InstalmentMustBeDebitedOnce = 324 "instalment_must_be_debited_once" Error Permanent
        "Une échéance a été débitée deux fois : le second débit est en attente."
        "An instalment was debited twice: the second debit is held in suspense."
    PaymentMustBeAcceptedOnce = 401 "payment_must_be_accepted_once" Error Permanent
        "Le prestataire a accepté deux paiements pour une seule vente : les débits du second sont en attente."
        "The provider accepted two payments for one sale: the second one's debits are held in suspense."
    AttemptMustHaveOneOutcome = 402 "attempt_must_have_one_outcome" Warning Permanent
        "Une même tentative est dite acceptée et non aboutie."
        "One attempt is said to be accepted and to have failed."
    RefusedPaymentMustNotBeDebited = 403 "refused_payment_must_not_be_debited" Error Transient
        "Un paiement qui n'a pas abouti a été débité."
        "A payment that did not succeed was debited."
    CancelledPaymentMustNotBeDebited = 404 "cancelled_payment_must_not_be_debited" Error Permanent
        "Un paiement annulé a été débité : il faut le rembourser."
        "A cancelled payment was debited: it has to be refunded."
    SuccessShouldPrecedeExpiry = 405 "success_should_precede_expiry" Warning Permanent
        "Le paiement a abouti après que la caisse l'a cru expiré."
        "The payment succeeded after the shop had taken it for expired."
    AskedCancellationMustBeSettled = 406 "asked_cancellation_must_be_settled" Warning Permanent
        "Une annulation a été demandée, mais le paiement a abouti : rembourser ou classer."
        "A cancellation was asked, but the payment succeeded: refund it or drop the request."
    TicketMustBePrintedOnce = 501 "ticket_must_be_printed_once" Warning Permanent
        "Un même exemplaire d'un ticket a été imprimé deux fois."
        "One copy of a ticket was printed twice."
}

impl Code {
    /// Its stable number.
    pub const fn number(self) -> u16 {
        self as u16
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A rule that is not kept, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Anomaly {
    /// Which rule.
    pub code: Code,
    /// Where: the slot whose claims contradict each other, or miss something.
    pub slot: Slot,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_ordered() {
        let numbers: Vec<_> = Code::ALL.iter().map(|code| code.number()).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
    }

    #[test]
    fn names_state_the_rule_in_the_positive() {
        for code in Code::ALL {
            assert!(code.name().contains("_must_") || code.name().contains("_should_"), "{code}");
        }
    }
}
