//! Choices: enumerations whose numbers and names are stable for ever. The numbers are those of `talon.v1`.

/// Declares enumerations with their numbers and stable names.
macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $number:literal $text:literal)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            #[repr(u8)]
            pub enum $name {
                $($(#[$variant_doc])* $variant = $number,)*
            }

            impl $name {
                /// All of them, in the order of their numbers.
                pub const ALL: &'static [Self] = &[$(Self::$variant),*];

                /// The one with this number.
                pub const fn from_number(number: u32) -> Option<Self> {
                    match number {
                        $($number => Some(Self::$variant),)*
                        _ => None,
                    }
                }

                /// Its stable name.
                pub const fn name(self) -> &'static str {
                    match self {
                        $(Self::$variant => $text,)*
                    }
                }
            }
        )*
    };
}

choices! {
    /// The tickets of the flow. A T6 is a copy of another paper, so it has no number here.
    TicketKind {
        /// "Transaction en cours".
        InProgress = 1 "t1"
        /// The customer's schedule.
        Customer = 2 "t2"
        /// The till's copy.
        Till = 3 "t3"
        /// Refused, expired, cancelled.
        Ended = 4 "t4"
        /// Refund or cancellation; about the refund.
        Refund = 5 "t5"
        /// Statement of a plan after changes; about the plan's version.
        Plan = 7 "t7"
    }
    /// The class of a refusal; never printed.
    RefusalReason {
        /// The provider's own decision.
        ByProvider = 1 "by_provider"
        /// The card was declined.
        CardDeclined = 2 "card_declined"
        /// Strong authentication failed.
        StrongAuthenticationFailed = 3 "strong_authentication_failed"
        /// The payment may not be paid this way.
        NotEligible = 4 "not_eligible"
    }
    /// Why a payment was cancelled.
    CancellationReason {
        /// The merchant asked.
        RequestedByMerchant = 1 "requested_by_merchant"
        /// The customer asked.
        RequestedByCustomer = 2 "requested_by_customer"
        /// A manual capture was not made in time.
        AuthorizationExpired = 3 "authorization_expired"
    }
    /// Why an outcome is unknown.
    UnknownReason {
        /// Nobody answered.
        NoAnswer = 1 "no_answer"
        /// The provider asks the customer for more; not final.
        MoreInformationNeeded = 2 "more_information_needed"
    }
    /// Why a debit failed.
    DebitFailureReason {
        /// Declined.
        CardDeclined = 1 "card_declined"
        /// The card ran out.
        CardExpired = 2 "card_expired"
        /// The card was stopped.
        Opposition = 3 "opposition"
        /// Above its ceiling.
        CeilingReached = 4 "ceiling_reached"
    }
    /// Why a plan was changed.
    PlanChange {
        /// An instalment was postponed.
        Rescheduled = 1 "rescheduled"
        /// A refund took from what is still due.
        Refunded = 2 "refunded"
        /// The customer paid before it was due.
        PaidEarly = 3 "paid_early"
        /// An earlier version was wrong.
        Corrected = 4 "corrected"
    }
    /// How far an SMS came, in the order in which one follows the other; the furthest is shown.
    SmsStatus {
        /// Waiting at the carrier's door.
        Queued = 1 "queued"
        /// Taken by the carrier.
        Accepted = 2 "accepted"
        /// On its way.
        Sending = 3 "sending"
        /// Handed on.
        Sent = 4 "sent"
        /// No report came.
        Unknown = 5 "unknown"
        /// It could not be sent.
        Failed = 6 "failed"
        /// It did not arrive.
        Undelivered = 7 "undelivered"
        /// It arrived.
        Delivered = 8 "delivered"
    }
    /// Why a payment was begun again.
    ReplacementReason {
        /// Another phone.
        WrongPhone = 1 "wrong_phone"
        /// Another amount.
        WrongAmount = 2 "wrong_amount"
        /// Another plan.
        OtherPlan = 3 "other_plan"
    }
    /// What an e-mail is about.
    EmailTemplate {
        /// The confirmation, with the link to the next instalments.
        Confirmation = 1 "confirmation"
        /// An instalment falls due.
        Reminder = 2 "reminder"
        /// A debit failed.
        DebitFailed = 3 "debit_failed"
        /// The plan was changed.
        PlanChanged = 4 "plan_changed"
        /// A refund was made.
        Refund = 5 "refund"
        /// A copy of a ticket.
        Receipt = 6 "receipt"
    }
    /// Why a refund was asked.
    RefundReason {
        /// Goods came back.
        GoodsReturned = 1 "goods_returned"
        /// A cancellation after success.
        Cancellation = 2 "cancellation"
        /// Too much was taken.
        WrongAmount = 3 "wrong_amount"
        /// Paid twice.
        DoublePayment = 4 "double_payment"
        /// The customer withdrew.
        Withdrawal = 5 "withdrawal"
    }
    /// Why a refund failed.
    RefundFailureReason {
        /// The card takes no more money.
        CardClosed = 1 "card_closed"
        /// The provider's own decision.
        ByProvider = 2 "by_provider"
        /// Too late.
        TooLate = 3 "too_late"
    }
    /// Why a customer's bank takes money back.
    ChargebackReason {
        /// Fraud.
        Fraud = 1 "fraud"
        /// Goods did not come.
        GoodsNotReceived = 2 "goods_not_received"
        /// Goods are not what was agreed.
        GoodsNotAsAgreed = 3 "goods_not_as_agreed"
        /// The customer does not know the payment.
        NotRecognised = 4 "not_recognised"
    }
    /// How far a round of a dispute came.
    ChargebackStage {
        /// The money is taken back.
        Opened = 1 "opened"
        /// It ended for the merchant: the money is back.
        Won = 2 "won"
        /// It ended against the merchant: the money is gone.
        Lost = 3 "lost"
    }
    /// What the provider did about an instalment that the customer did not pay.
    DefaultStage {
        /// It bears the loss.
        Covered = 1 "covered"
        /// It handed the claim to collection.
        Claimed = 2 "claimed"
    }
    /// Which way money goes, seen from the merchant.
    Direction {
        /// To the merchant.
        Credit = 1 "credit"
        /// From the merchant.
        Debit = 2 "debit"
    }
    /// What a settlement line is about.
    LineKind {
        /// A payment.
        Payment = 1 "payment"
        /// A refund.
        Refund = 2 "refund"
        /// A payout.
        Payout = 3 "payout"
        /// A fee.
        Fee = 4 "fee"
        /// A fee given back.
        FeeWaiver = 5 "fee_waiver"
        /// Anything that has no name of its own.
        Adjustment = 6 "adjustment"
        /// What a customer did not pay, borne by the provider.
        DefaultCoverage = 7 "default_coverage"
        /// A chargeback.
        Chargeback = 8 "chargeback"
        /// A chargeback given back.
        ChargebackWon = 9 "chargeback_won"
        /// Withheld.
        Reserve = 10 "reserve"
        /// No longer withheld.
        ReserveRelease = 11 "reserve_release"
        /// A bank's transfer.
        Transfer = 12 "transfer"
    }
    /// How far a payout came.
    PayoutStage {
        /// It left.
        Sent = 1 "sent"
        /// It came back.
        Returned = 2 "returned"
    }
    /// A maker's family of terminals.
    TerminalRange {
        /// Ingenico Tetra, on a desk.
        TetraDesk = 1 "tetra_desk"
        /// Ingenico Tetra, carried about.
        TetraMove = 2 "tetra_move"
        /// Any other.
        Other = 3 "other"
    }
    /// How a terminal reaches the gateway.
    Connectivity {
        /// A SIM card.
        Sim = 1 "sim"
        /// A cable.
        Ethernet = 2 "ethernet"
        /// Wireless, in the shop.
        Wifi = 3 "wifi"
        /// Through another device.
        Bluetooth = 4 "bluetooth"
        /// Any other way.
        Other = 5 "other"
    }
    /// What becomes of half a cent.
    Rounding {
        /// Away from zero.
        HalfUp = 1 "half_up"
        /// To the even cent.
        HalfEven = 2 "half_even"
    }
    /// What is rounded.
    RoundingScope {
        /// Each line.
        Line = 1 "line"
        /// A day's sum.
        Day = 2 "day"
    }
    /// When a provider pays.
    PayoutRule {
        /// So many working days after the sale.
        AfterDays = 1 "after_days"
        /// On one day of the week.
        Weekly = 2 "weekly"
        /// On one day of the month.
        Monthly = 3 "monthly"
        /// Nobody knows.
        Unknown = 4 "unknown"
    }
    /// Where the cents go that a division leaves over.
    Remainder {
        /// To the first instalment.
        First = 1 "first"
        /// To the last instalment.
        Last = 2 "last"
        /// One cent at a time, from the first on.
        Spread = 3 "spread"
    }
    /// How far an item of the morning's list came.
    NoteState {
        /// Somebody works on it.
        Taken = 1 "taken"
        /// Somebody else has to answer: the provider, the shop, the bank.
        Waiting = 2 "waiting"
        /// It is understood, and nothing is to be done.
        Known = 3 "known"
    }
}
