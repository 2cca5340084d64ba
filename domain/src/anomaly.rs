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

impl Severity {
    /// All of them, the lightest first.
    pub const ALL: [Self; 3] = [Self::Notice, Self::Warning, Self::Error];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// For people.
    pub const fn words(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Notice, Language::French) => "à savoir",
            (Self::Warning, Language::French) => "à regarder",
            (Self::Error, Language::French) => "à régler",
            (other, Language::English) => other.name(),
        }
    }
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
        $fr:literal $en:literal clears $clears:literal todo $todo:literal)*) => {
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

            /// What clears it.
            pub const fn clears(self) -> &'static str {
                match self { $(Self::$constant => $clears,)* }
            }

            /// What somebody should do.
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$constant => $todo,)* }
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
        clears "nothing: the first content stays for ever"
        todo "find out which publisher reuses ids; tell what is true under a new id"
    ClockShouldBeRight = 102 "clock_should_be_right" Notice Permanent
        "L'horloge de la source est loin de celle du registre."
        "The source's clock is far from the ledger's."
        clears "nothing: it is part of what was told"
        todo "set the clock of the source that told it"
    WitnessesMustAgree = 201 "witnesses_must_agree" Error Permanent
        "Deux témoins d'un même fait se contredisent."
        "Two witnesses of one fact contradict each other."
        clears "a higher revision from the mouth that was wrong, or a reversal"
        todo "ask both mouths; the one of higher authority is shown meanwhile"
    RepetitionMustBeNumbered = 202 "repetition_must_be_numbered" Notice Transient
        "Un fait répété à un autre moment ne porte pas de numéro : répétition ou doublon ?"
        "A fact told again for another moment carries no number: a repetition or a double?"
        clears "the same fact with its number stated"
        todo "let the publisher number what it repeats"
    PaymentMustBeKnown = 301 "payment_must_be_known" Error Transient
        "De l'argent a bougé pour un paiement dont on ne sait rien d'autre : en attente."
        "Money moved for a payment of which nothing else is known: held in suspense."
        clears "the initiation, the acceptance or the plan of the payment"
        todo "look for the payment at the provider; the money is held meanwhile"
    InitiationMustBeKnown = 302 "initiation_must_be_known" Warning Transient
        "L'initialisation du paiement sur le terminal n'est pas arrivée."
        "The payment's initiation on the terminal has not arrived."
        clears "the initiation"
        todo "look for a hole in the terminal's sequence"
    TerminalShouldBeNamed = 303 "terminal_should_be_named" Notice Transient
        "L'initialisation ne nomme aucun terminal."
        "The initiation names no terminal."
        clears "a witness of the initiation that names the terminal"
        todo "let the gateway name the terminal"
    SaleAmountMustAgree = 304 "sale_amount_must_agree" Error Permanent
        "L'initialisation, l'acceptation et l'échéancier ne donnent pas le même montant."
        "Initiation, acceptance and plan do not give the same amount."
        clears "a higher revision, a new version of the plan, or a reversal"
        todo "compare the till's ticket with the provider's payment; the plan's amount counts meanwhile"
    CurrencyMustAgree = 305 "currency_must_agree" Error Permanent
        "Un débit n'est pas dans la devise de la vente."
        "A debit is not in the currency of the sale."
        clears "a higher revision or a reversal"
        todo "ask the provider: a payment has one currency"
    ScheduleMustBeKnown = 311 "schedule_must_be_known" Warning Transient
        "Un débit est connu, mais pas encore l'échéancier."
        "A debit is known, but not yet the schedule."
        clears "the provider's plan"
        todo "fetch the plan from the provider"
    PlanShouldComeFromProvider = 312 "plan_should_come_from_provider" Warning Transient
        "Une version de l'échéancier n'est pas confirmée par le prestataire."
        "A version of the plan is not confirmed by the provider."
        clears "the same version told by the provider"
        todo "fetch the plan from the provider"
    DueDatesMustIncrease = 313 "due_dates_must_increase" Warning Permanent
        "Les dates d'échéance ne se suivent pas."
        "The due dates do not strictly increase."
        clears "a higher revision of this version, or a new version"
        todo "ask the provider for the right dates"
    PlanCostMustAddUp = 314 "plan_cost_must_add_up" Error Permanent
        "Les frais et intérêts des échéances ne font pas le coût total annoncé."
        "The instalments' fees and interest are not the stated total cost."
        clears "a higher revision of this version, or a new version"
        todo "ask the provider which cost holds"
    InstalmentNumbersMustDiffer = 315 "instalment_numbers_must_differ" Error Permanent
        "Deux échéances portent le même numéro."
        "Two instalments carry one number."
        clears "a higher revision of this version, or a new version"
        todo "ask the provider for the right numbers"
    CreditPlanMustBeAnAnnuity = 316 "credit_plan_must_be_an_annuity" Notice Permanent
        "Les mensualités d'un crédit devraient être égales, et la première sans intérêts."
        "A credit's monthly totals should be equal, and the first one free of interest."
        clears "a higher revision of this version, or a new version"
        todo "check the plan if a customer asks; it is the provider's to compute"
    InstalmentMustBeInPlan = 321 "instalment_must_be_in_plan" Warning Transient
        "Un débit porte sur une échéance que l'échéancier ne contient pas."
        "A debit is for an instalment that the plan does not hold."
        clears "a version of the plan that holds the instalment"
        todo "fetch the plan from the provider"
    DebitAmountMustMatchPlan = 322 "debit_amount_must_match_plan" Error Transient
        "Le montant débité n'est pas celui de l'échéance."
        "The amount debited is not the instalment's."
        clears "a version of the plan with this amount, or a higher revision of the debit"
        todo "compare the plan with the debit at the provider"
    DebitAmountMustAgree = 323 "debit_amount_must_agree" Error Permanent
        "Deux témoins d'un débit ne donnent pas le même montant."
        "Two witnesses of one debit do not give the same amount."
        clears "a higher revision from the mouth that was wrong, or a reversal"
        todo "ask the provider; its amount counts meanwhile"
    InstalmentMustBeDebitedOnce = 324 "instalment_must_be_debited_once" Error Permanent
        "Une échéance a été débitée deux fois : le second débit est en attente."
        "An instalment was debited twice: the second debit is held in suspense."
        clears "a reversal or a higher revision of one of the debits"
        todo "let the provider give one debit back; it is held meanwhile"
    PaymentMustBeAcceptedOnce = 401 "payment_must_be_accepted_once" Error Permanent
        "Le prestataire a accepté deux paiements pour une seule vente : les débits du second sont en attente."
        "The provider accepted two payments for one sale: the second one's debits are held in suspense."
        clears "a reversal of one acceptance"
        todo "let the provider cancel one of the two payments"
    AttemptMustHaveOneOutcome = 402 "attempt_must_have_one_outcome" Warning Transient
        "Une même tentative est dite acceptée et non aboutie."
        "One attempt is said to be accepted and to have failed."
        clears "a higher revision that numbers the attempt, or a reversal"
        todo "ask the provider how the attempt ended; acceptance counts meanwhile"
    RefusedPaymentMustNotBeDebited = 403 "refused_payment_must_not_be_debited" Error Transient
        "Un paiement qui n'a pas abouti a été débité."
        "A payment that did not succeed was debited."
        clears "the acceptance of a further attempt"
        todo "ask the provider whether the debit stands"
    CancelledPaymentMustNotBeDebited = 404 "cancelled_payment_must_not_be_debited" Error Transient
        "Un paiement annulé a été débité : il faut le rembourser."
        "A cancelled payment was debited: it has to be refunded."
        clears "a full refund, or the acceptance of a later attempt"
        todo "refund the customer, or have the cancellation taken back"
    SuccessShouldPrecedeExpiry = 405 "success_should_precede_expiry" Warning Transient
        "Le paiement a abouti après que la caisse l'a cru expiré."
        "The payment succeeded after the shop had taken it for expired."
        clears "the acceptance of a later attempt, or a reversal of the belief"
        todo "see whether the customer was served twice"
    AskedCancellationMustBeSettled = 406 "asked_cancellation_must_be_settled" Warning Transient
        "Une annulation a été demandée, mais le paiement a abouti : rembourser ou classer."
        "A cancellation was asked, but the payment succeeded: refund it or drop the request."
        clears "a full refund, the provider's cancellation, or a reversal of the wish"
        todo "refund the customer, or drop the wish"
    TicketMustBePrintedOnce = 501 "ticket_must_be_printed_once" Warning Permanent
        "Un même exemplaire d'un ticket a été imprimé deux fois."
        "One copy of a ticket was printed twice."
        clears "a reversal of one print"
        todo "number the copies on the terminal: a second one is a duplicata"
    MoneyBackMustNotExceedSale = 601 "money_back_must_not_exceed_sale" Error Transient
        "Remboursements et contestations dépassent la vente et les frais du client."
        "Refunds and chargebacks exceed the sale and the customer's fees."
        clears "a plan that explains it, a reversal, a refund that fails, or a dispute that is won"
        todo "find out which refund or dispute is one too many"
    RefundMustBeTheSumOfItsParts = 602 "refund_must_be_the_sum_of_its_parts" Error Permanent
        "Le montant remboursé n'est pas la somme du versement et de la remise."
        "A refund's amount is not the sum of its cash and its rebate."
        clears "a higher revision of the refund"
        todo "ask the provider for cash and rebate; the stated cash counts meanwhile, the rest as rebate"
    RefundSplitMustBeKnown = 603 "refund_split_must_be_known" Warning Transient
        "On ne sait pas ce qui est versé et ce qui est remis sur les échéances à venir."
        "Nobody says what of a refund is cash and what is a rebate."
        clears "a witness that states cash or rebate"
        todo "fetch the refund from the provider"
    RefundMustFollowAcceptance = 604 "refund_must_follow_acceptance" Warning Transient
        "Un remboursement est connu, mais ni acceptation ni débit."
        "A refund is known, but neither acceptance nor debit."
        clears "the acceptance, or a debit"
        todo "fetch the payment from the provider: before acceptance there is only cancellation"
    ChargebackAmountMustBeKnown = 605 "chargeback_amount_must_be_known" Error Transient
        "Une contestation pèse sur le paiement, et son montant est inconnu."
        "A chargeback weighs on the payment, and its amount is not known."
        clears "a fact of the dispute that states the amount"
        todo "ask the provider for the amount"
    ReversalMustNameAFact = 701 "reversal_must_name_a_fact" Warning Transient
        "Une contre-passation ne désigne aucun fait de ce paiement qui puisse être repris."
        "A reversal names no fact of this payment that can be taken back."
        clears "the fact that it names; a reversal itself is never reversed"
        todo "check the id that was reversed"
    ReversalMustHaveAuthority = 702 "reversal_must_have_authority" Warning Transient
        "Une contre-passation vient d'une source de moindre autorité que le fait : elle est sans effet."
        "A reversal comes from a mouth of lower authority than the fact: it has no effect."
        clears "a reversal by a mouth of equal or higher authority"
        todo "let the mouth that told the fact take it back"
    BulkMustBeComplete = 801 "bulk_must_be_complete" Warning Transient
        "Un enregistrement en plusieurs parties n'est pas complet, ou ne correspond pas à son empreinte."
        "A record in several parts is not complete, or does not match its hash."
        clears "the parts that are missing"
        todo "repeat what wrote it; if it stays, verify the journal"
    MerchantMustBeRegistered = 901 "merchant_must_be_registered" Warning Transient
        "Ce commerçant n'est pas au référentiel."
        "This merchant is not in the registry."
        clears "its registration"
        todo "talon merchant add"
    ShopMustBeRegistered = 902 "shop_must_be_registered" Warning Transient
        "Ce point de vente n'est pas au référentiel."
        "This shop is not in the registry."
        clears "its registration"
        todo "talon shop add"
    TerminalMustBeRegistered = 903 "terminal_must_be_registered" Warning Transient
        "Ce terminal n'est pas au référentiel."
        "This terminal is not in the registry."
        clears "its assignment"
        todo "talon terminal add"
    TerminalShouldBeEligible = 904 "terminal_should_be_eligible" Warning Transient
        "Ce terminal n'est pas éligible au paiement en plusieurs fois."
        "This terminal is not eligible for payment in instalments."
        clears "an assignment that states an eligible range and connectivity, or a French merchant"
        todo "replace the device, connect it by SIM or Ethernet, or correct the registry"
    TerminalSequenceMustBeGapless = 905 "terminal_sequence_must_be_gapless" Warning Transient
        "Il manque des numéros dans la séquence du terminal."
        "Numbers are missing in the terminal's sequence."
        clears "the events that are missing, or a statement that the numbers are void"
        todo "let the gateway send what is missing; a refused event has to be mended first"
    TerminalTotalsMustAgree = 906 "terminal_totals_must_agree" Warning Transient
        "Les totaux de fin de journée du terminal ne sont pas ceux du registre."
        "The terminal's end-of-day totals are not the ledger's."
        clears "the events that are missing, or a higher revision of the totals"
        todo "look at the terminal's holes and at its payments of that day"
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
