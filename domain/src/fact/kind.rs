//! Kinds: what a fact is, by a stable number. Families of kinds have ranges of numbers of their own.

/// What a fact is: a stable number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(pub u16);

/// Which range a kind's number lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// 1 to 999: of a payment.
    Transaction,
    /// 1000 to 1999: what providers, banks, terminals and tills state.
    Settlement,
    /// 2000 to 2999: decisions of reconciliation.
    Decision,
    /// 3000 to 3999: closings.
    Closing,
    /// 4000 to 4999: who and what there is, and activations.
    Registry,
    /// 5000 to 5999: privacy.
    Privacy,
    /// 6000 to 64999: what Talon's own processes did.
    Technical,
    /// From 65000: genesis, chunks, commits.
    Control,
}

macro_rules! kinds {
    (known { $($(#[$doc:meta])* $constant:ident = $number:literal $name:literal)* }
     reserved { $($(#[$reserved_doc:meta])* $reserved:ident = $reserved_number:literal $reserved_name:literal)* }) => {
        impl Kind {
            $($(#[$doc])* pub const $constant: Self = Self($number);)*
            $($(#[$reserved_doc])* pub const $reserved: Self = Self($reserved_number);)*

            /// Every kind that this release can read, in the order of their numbers.
            pub const KNOWN: &'static [Self] = &[$(Self::$constant),*];

            /// Kinds whose numbers are taken, and whose schemas come with what judges them.
            pub const RESERVED: &'static [Self] = &[$(Self::$reserved),*];

            /// Its name, or "unknown".
            pub const fn name(self) -> &'static str {
                match self.0 {
                    $($number => $name,)*
                    $($reserved_number => $reserved_name,)*
                    _ => "unknown",
                }
            }
        }
    };
}

kinds! {
known {
    /// The seller typed an amount on the terminal.
    PAYMENT_INITIATED = 1 "PaymentInitiated"
    /// The customer's phone number was accepted.
    PHONE_VERIFIED = 2 "PhoneVerified"
    /// The SMS with the payment link left.
    SMS_SENT = 3 "SmsSent"
    /// A plan was agreed or changed.
    SCHEDULE_CHOSEN = 4 "ScheduleChosen"
    /// The provider accepted the payment.
    PAYMENT_ACCEPTED = 5 "PaymentAccepted"
    /// The card was debited of the first instalment.
    CARD_DEBITED = 6 "CardDebited"
    /// An instalment was debited.
    INSTALMENT_DEBITED = 7 "InstalmentDebited"
    /// Tickets left the printer.
    TICKETS_PRINTED = 8 "TicketsPrinted"
    /// An attempt was refused.
    PAYMENT_REFUSED = 9 "PaymentRefused"
    /// The link ran out.
    PAYMENT_EXPIRED = 10 "PaymentExpired"
    /// The payment was cancelled, or its cancellation asked.
    PAYMENT_CANCELLED = 11 "PaymentCancelled"
    /// The debit of an instalment failed.
    DEBIT_FAILED = 12 "DebitFailed"
    /// Whoever speaks cannot tell how an attempt ended.
    OUTCOME_UNKNOWN = 13 "OutcomeUnknown"
    /// What became of an SMS.
    SMS_DELIVERY = 14 "SmsDelivery"
    /// The customer opened the payment link.
    LINK_OPENED = 15 "LinkOpened"
    /// The shop stopped waiting.
    SHOP_TIMED_OUT = 16 "ShopTimedOut"
    /// This payment stands in for another one.
    PAYMENT_REPLACES = 17 "PaymentReplaces"
    /// An e-mail left.
    EMAIL_SENT = 18 "EmailSent"
    /// A ticket was printed again.
    RECEIPT_REPRINTED = 19 "ReceiptReprinted"
    /// A fact was told in error.
    FACT_REVERSED = 20 "FactReversed"
    /// The provider bears an instalment that was not paid.
    INSTALMENT_COVERED = 21 "InstalmentCovered"
    /// An instalment was handed to collection.
    INSTALMENT_CLAIMED = 22 "InstalmentClaimed"
    /// The customer gave another card.
    CARD_REPLACED = 23 "CardReplaced"
    /// Somebody asked for a refund.
    REFUND_REQUESTED = 24 "RefundRequested"
    /// A refund was made.
    REFUND_COMPLETED = 25 "RefundCompleted"
    /// A refund was not made, or came back.
    REFUND_FAILED = 26 "RefundFailed"
    /// The customer withdrew from the credit.
    WITHDRAWAL_EXERCISED = 27 "WithdrawalExercised"
    /// The customer's bank takes money back.
    CHARGEBACK_OPENED = 28 "ChargebackOpened"
    /// A round of a dispute ended for the merchant.
    CHARGEBACK_WON = 29 "ChargebackWon"
    /// A round of a dispute ended against the merchant.
    CHARGEBACK_LOST = 30 "ChargebackLost"
    /// A statement was read.
    STATEMENT_IMPORTED = 1001 "StatementImported"
    /// One line of a provider's or bank's account.
    SETTLEMENT_LINE_RECORDED = 1002 "SettlementLineRecorded"
    /// A transfer to the merchant left.
    PAYOUT_SENT = 1003 "PayoutSent"
    /// A transfer came back.
    PAYOUT_RETURNED = 1004 "PayoutReturned"
    /// A terminal's own end-of-day totals.
    TERMINAL_TOTALS = 1011 "TerminalTotals"
    /// What a till counted under one tender.
    TILL_TOTALS = 1012 "TillTotals"
    /// Sequence numbers that never named an event.
    SEQUENCE_VOIDED = 1013 "SequenceVoided"
    /// An event of a terminal was refused at the door.
    EVENT_REFUSED = 1014 "EventRefused"
    /// Somebody noted what is done about an item of the morning's list.
    NOTE_ADDED = 2021 "NoteAdded"
    /// A merchant.
    MERCHANT_REGISTERED = 4001 "MerchantRegistered"
    /// A shop.
    SHOP_REGISTERED = 4002 "ShopRegistered"
    /// A device behind a terminal's number.
    TERMINAL_ASSIGNED = 4003 "TerminalAssigned"
    /// What a provider takes for a plan, and when it pays.
    FEE_PLAN_REGISTERED = 4004 "FeePlanRegistered"
    /// The days on which something is closed.
    CALENDAR_REGISTERED = 4011 "CalendarRegistered"
    /// By which rules plans are predicted.
    PLAN_RULES_REGISTERED = 4012 "PlanRulesRegistered"
    /// Who may publish what.
    PRINCIPAL_REGISTERED = 4013 "PrincipalRegistered"
    /// A kind and schema may be written from here on.
    SCHEMA_ACTIVATED = 4021 "SchemaActivated"
    /// A version of the fold judges from here on.
    FOLD_ACTIVATED = 4022 "FoldActivated"
    /// The keys of a payment's personal data were destroyed.
    SUBJECT_ERASED = 5001 "SubjectErased"
    /// A process began to write.
    STARTED = 6001 "Started"
    /// A backup was restored.
    RESTORED = 6002 "Restored"
    /// A damaged end was cut off.
    REPAIRED = 6003 "Repaired"
    /// The machine's clock jumped.
    CLOCK_JUMPED = 6004 "ClockJumped"
    /// A credential was made.
    KEY_CREATED = 6005 "KeyCreated"
    /// A credential holds no longer.
    KEY_REVOKED = 6006 "KeyRevoked"
    /// The vault is wrapped under another key.
    MASTER_KEY_ROTATED = 6007 "MasterKeyRotated"
    /// Something left the ledger.
    EXPORTED = 6008 "Exported"
    /// A message that could not be taken was tried again.
    DEAD_LETTER_RETRIED = 6009 "DeadLetterRetried"
    /// A message that could not be taken was given up.
    DEAD_LETTER_DISCARDED = 6010 "DeadLetterDiscarded"
    /// Somebody looked at a payment's personal data.
    PERSONAL_DATA_OPENED = 6011 "PersonalDataOpened"
    /// Record 0 of every partition.
    GENESIS = 65000 "Genesis"
    /// A part of what fits into no record.
    CHUNK = 65001 "Chunk"
    /// A bulk is whole.
    COMMIT = 65002 "Commit"
}
reserved {
    /// A decision of reconciliation, by one person.
    DECISION_PROPOSED = 2001 "DecisionProposed"
    /// The second person's word.
    DECISION_APPROVED = 2002 "DecisionApproved"
    /// A proposal was taken back.
    DECISION_WITHDRAWN = 2003 "DecisionWithdrawn"
    /// A line and the ledger agree, says a person.
    MATCH_CONFIRMED = 2011 "MatchConfirmed"
    /// What does not agree was given up.
    BREAK_WRITTEN_OFF = 2012 "BreakWrittenOff"
    /// A day's totals stand.
    DAY_CLOSED = 3001 "DayClosed"
    /// A month's totals stand.
    MONTH_CLOSED = 3002 "MonthClosed"
    /// A year's totals stand.
    YEAR_CLOSED = 3003 "YearClosed"
    /// A merchant leaves its partition.
    MERCHANT_MOVE_BEGUN = 4031 "MerchantMoveBegun"
    /// A merchant has come to its partition.
    MERCHANT_MOVE_ENDED = 4032 "MerchantMoveEnded"
    /// The root of a history that was left behind.
    HISTORY_ROOT = 65003 "HistoryRoot"
}
}

impl Kind {
    /// The first kind of control records; publishers may state none of them.
    pub const CONTROL_FIRST: u16 = 65_000;
    /// The first kind of the technical log; publishers may state none from here on.
    pub const TECHNICAL_FIRST: u16 = 6_000;
    /// Stands for bytes that are no record.
    pub const FOREIGN_STUB: Self = Self(65_535);

    /// Its family.
    pub const fn family(self) -> Family {
        match self.0 {
            0..=999 => Family::Transaction,
            1_000..=1_999 => Family::Settlement,
            2_000..=2_999 => Family::Decision,
            3_000..=3_999 => Family::Closing,
            4_000..=4_999 => Family::Registry,
            5_000..=5_999 => Family::Privacy,
            6_000..=64_999 => Family::Technical,
            65_000.. => Family::Control,
        }
    }

    /// Whether such a fact names no merchant, so that every partition has a copy of its own.
    pub const fn is_broadcast(self) -> bool {
        matches!(
            self,
            Self::CALENDAR_REGISTERED
                | Self::PLAN_RULES_REGISTERED
                | Self::PRINCIPAL_REGISTERED
                | Self::SCHEMA_ACTIVATED
                | Self::FOLD_ACTIVATED
        )
    }
}
