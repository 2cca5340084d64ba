//! What a message must say beyond what its types demand. One row for each field that has a demand. A field is demanded
//! only where the domain cannot do without it; what contradicts other facts is accepted and judged.

/// What a text has to look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Anything up to 256 bytes that holds no card number.
    Free,
    /// Three capital letters.
    Currency,
    /// Two capital letters.
    Country,
    /// A lower-case hyphenated UUID of version 7 or 8.
    Uuid,
    /// Any 16 bytes in the same way of writing.
    Stream,
    /// A date of the calendar, 2000-01-01 to 2148-12-31.
    Day,
    /// 64 lower-case hexadecimal digits.
    Hash,
    /// E.164 with its plus sign.
    Phone,
    /// Plausibly an address.
    Email,
}

/// The part that a field's amount plays in its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// None.
    Apart,
    /// One of the parts of a sum.
    Addend,
    /// The sum.
    Whole,
    /// No part of the sum, but of its currency.
    Alike,
}

/// The demands on one field. A number is measured by its value, bytes by their length; a text, a message and a list by
/// being there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Demand {
    pub(super) least: u64,
    pub(super) most: u64,
    pub(super) part: Part,
    pub(super) form: Form,
    /// What a number counts as that is not stated; 0 is no count.
    pub(super) absent: u64,
}

/// What is demanded of a field that has no row.
const NONE: Demand = Demand { least: 0, most: u64::MAX, part: Part::Apart, form: Form::Free, absent: 0 };
/// Counts from 1; what is not stated is the first.
const COUNT: Demand = Demand { absent: 1, ..NONE };
const STATED: Demand = between(1, u64::MAX);
/// An amount has at most 10^12 minor units.
const AMOUNT: Demand = Demand { part: Part::Whole, ..between(0, talon_domain::money::Amount::MAX.minor_units()) };
const ALIKE: Demand = Demand { part: Part::Alike, ..NONE };
const ALIKE_STATED: Demand = Demand { part: Part::Alike, ..STATED };
const ADDEND: Demand = Demand { part: Part::Addend, ..NONE };
const DAY: Demand = Demand { form: Form::Day, ..NONE };
const DAY_STATED: Demand = Demand { form: Form::Day, ..STATED };
const HASH: Demand = Demand { form: Form::Hash, ..NONE };
const HASH_STATED: Demand = Demand { form: Form::Hash, ..STATED };
const UUID_STATED: Demand = Demand { form: Form::Uuid, ..STATED };
/// 0 is 1, as where it is absent.
const EPOCH: Demand = Demand { absent: 1, ..between(0, u16::MAX as u64) };
/// A kind, a schema's version, a fold's version.
const SIXTEEN_BITS: Demand = between(1, u16::MAX as u64);
/// Nothing to all of it.
const SHARE_BPS: Demand = between(0, 10_000);
/// A record has 65,535 bytes, and a chunk's payload no more than any other.
const CONTENT: Demand = between(1, 59_000);

type Row = (&'static str, &'static str, Demand);

const ROWS: [&[Row]; 7] = [SHARED, PAYMENT, MONEY_BACK, SETTLEMENT, DECISION, REGISTRY, LEDGER];

const SHARED: &[Row] = &[
    ("Money", "currency", Demand { form: Form::Currency, ..ALIKE_STATED }),
    ("Money", "minor_units", AMOUNT),
    ("Personal", "phone", Demand { form: Form::Phone, ..NONE }),
    ("Personal", "email", Demand { form: Form::Email, ..NONE }),
];

const PAYMENT: &[Row] = &[
    ("PaymentInitiated", "amount", STATED),
    ("PhoneVerified", "number", COUNT),
    ("SmsSent", "number", COUNT),
    ("ScheduleChosen", "version", COUNT),
    ("ScheduleChosen", "installments_count", between(1, 64)),
    ("ScheduleChosen", "instalments", ALIKE_STATED),
    ("Instalment", "number", STATED),
    ("Instalment", "due_date", STATED),
    ("Instalment", "purchase_amount", Demand { part: Part::Addend, ..STATED }),
    ("Instalment", "customer_fee", ADDEND),
    ("Instalment", "customer_interest", ADDEND),
    ("Instalment", "total_amount", Demand { part: Part::Whole, ..STATED }),
    ("Instalment", "original_purchase_amount", ALIKE),
    ("PaymentAccepted", "attempt", COUNT),
    ("CardDebited", "amount", STATED),
    ("InstalmentDebited", "instalment", STATED),
    ("InstalmentDebited", "amount", STATED),
    ("TicketsPrinted", "tickets", STATED),
    ("PrintedTicket", "kind", STATED),
    ("PrintedTicket", "copy", COUNT),
    ("PaymentRefused", "attempt", COUNT),
    ("PaymentExpired", "attempt", COUNT),
    ("PaymentCancelled", "attempt", COUNT),
    ("DebitFailed", "instalment", STATED),
    ("DebitFailed", "attempt", COUNT),
    ("OutcomeUnknown", "attempt", COUNT),
    ("SmsDelivery", "number", COUNT),
    ("SmsDelivery", "status", STATED),
    ("LinkOpened", "number", COUNT),
    ("ShopTimedOut", "attempt", COUNT),
    ("PaymentReplaces", "transaction_id", UUID_STATED),
    ("EmailSent", "template", STATED),
    ("EmailSent", "number", COUNT),
    ("ReceiptReprinted", "kind", STATED),
    ("ReceiptReprinted", "copy", between(2, u64::MAX)),
    ("FactReversed", "event_id", UUID_STATED),
    ("CardReplaced", "number", COUNT),
];

const MONEY_BACK: &[Row] = &[
    ("InstalmentCovered", "instalment", STATED),
    ("InstalmentClaimed", "instalment", STATED),
    ("RefundRequested", "request_id", STATED),
    ("RefundCompleted", "amount", ALIKE_STATED),
    ("RefundCompleted", "cash", ALIKE),
    ("RefundCompleted", "rebate", ALIKE),
    ("ChargebackOpened", "dispute_id", STATED),
    ("ChargebackOpened", "round", COUNT),
    ("ChargebackOpened", "amount", STATED),
    ("ChargebackWon", "dispute_id", STATED),
    ("ChargebackWon", "round", COUNT),
    ("ChargebackLost", "dispute_id", STATED),
    ("ChargebackLost", "round", COUNT),
];

const SETTLEMENT: &[Row] = &[
    ("StatementImported", "account", STATED),
    ("StatementImported", "file_hash", HASH_STATED),
    ("StatementImported", "first_day", DAY),
    ("StatementImported", "last_day", DAY),
    ("SettlementLineRecorded", "account", STATED),
    ("SettlementLineRecorded", "occurrence", COUNT),
    ("SettlementLineRecorded", "kind", STATED),
    // A card acquirer's line is gross in the shopper's currency, and net in the merchant's.
    ("SettlementLineRecorded", "amount", STATED),
    ("SettlementLineRecorded", "booking_day", DAY),
    ("SettlementLineRecorded", "value_day", DAY),
    ("SettlementLineRecorded", "file_hash", HASH),
    ("PayoutSent", "account", STATED),
    ("PayoutSent", "payout_id", STATED),
    ("PayoutSent", "amount", STATED),
    ("PayoutSent", "day", DAY),
    ("PayoutReturned", "account", STATED),
    ("PayoutReturned", "payout_id", STATED),
    ("TerminalTotals", "terminal", STATED),
    ("TerminalTotals", "epoch", EPOCH),
    ("TerminalTotals", "day", DAY_STATED),
    ("ApplicationTotal", "application", STATED),
    ("ApplicationTotal", "amount", STATED),
    ("TillTotals", "shop", STATED),
    ("TillTotals", "till", STATED),
    ("TillTotals", "day", DAY_STATED),
    ("TillTotals", "tender", STATED),
    ("TillTotals", "amount", STATED),
    ("SequenceVoided", "terminal", STATED),
    ("SequenceVoided", "epoch", EPOCH),
    ("SequenceVoided", "from", STATED),
    ("SequenceVoided", "to", STATED),
];

const DECISION: &[Row] = &[
    ("NoteAdded", "stream", Demand { form: Form::Stream, ..STATED }),
    ("NoteAdded", "code", STATED),
    ("NoteAdded", "state", STATED),
    ("NoteAdded", "until_day", DAY),
    ("NoteAdded", "author_code", STATED),
    ("NoteAdded", "seen", HASH),
];

const REGISTRY: &[Row] = &[
    ("MerchantRegistered", "label", STATED),
    ("MerchantRegistered", "country", Demand { form: Form::Country, ..NONE }),
    ("MerchantRegistered", "closed_from", DAY),
    ("ShopRegistered", "code", STATED),
    ("ShopRegistered", "closed_from", DAY),
    // SIRET: the NIC has five digits.
    ("Establishment", "nic", between(1, 99_999)),
    ("Establishment", "from_day", DAY),
    ("TerminalAssigned", "terminal", STATED),
    ("TerminalAssigned", "epoch", EPOCH),
    ("TerminalAssigned", "first_seq", COUNT),
    ("TerminalAssigned", "from_day", DAY),
    ("TerminalAssigned", "until_day", DAY),
    ("FeePlanRegistered", "id", STATED),
    ("FeePlanRegistered", "version", COUNT),
    ("FeePlanRegistered", "provider", STATED),
    ("FeePlanRegistered", "installments_count", between(1, 64)),
    ("FeePlanRegistered", "from_day", DAY),
    ("FeePlanRegistered", "until_day", DAY),
    ("FeePlanRegistered", "merchant_fee_bps", SHARE_BPS),
    ("FeePlanRegistered", "tax_bps", SHARE_BPS),
    ("FeePlanRegistered", "customer_fee_bps", SHARE_BPS),
    ("FeePlanRegistered", "payout_day", between(0, 31)),
];

const LEDGER: &[Row] = &[
    ("EventRefused", "code", STATED),
    ("EventRefused", "event_id", UUID_STATED),
    ("EventRefused", "terminal", STATED),
    ("EventRefused", "epoch", EPOCH),
    ("EventRefused", "seq", STATED),
    ("CalendarRegistered", "id", STATED),
    ("CalendarRegistered", "version", COUNT),
    ("CalendarRegistered", "closed_days", STATED),
    ("ClosedDay", "day", DAY_STATED),
    ("PlanRulesRegistered", "id", STATED),
    ("PlanRulesRegistered", "version", COUNT),
    ("PlanRulesRegistered", "from_day", DAY),
    ("PrincipalRegistered", "number", STATED),
    ("Scope", "source", between(1, 5)),
    ("SchemaActivated", "kind", SIXTEEN_BITS),
    ("SchemaActivated", "schema", SIXTEEN_BITS),
    ("FoldActivated", "version", SIXTEEN_BITS),
    ("Exported", "file_hash", HASH),
    ("PersonalDataOpened", "merchant", STATED),
    ("PersonalDataOpened", "transaction_id", UUID_STATED),
    ("Genesis", "ledger_id", UUID_STATED),
    ("Genesis", "partitions", SIXTEEN_BITS),
    ("Genesis", "partition", between(0, u16::MAX as u64)),
    ("Genesis", "format", between(0, u8::MAX as u64)),
    ("Chunk", "bulk_id", UUID_STATED),
    ("Chunk", "index", STATED),
    ("Chunk", "content", CONTENT),
    ("Commit", "bulk_id", UUID_STATED),
    ("Commit", "count", STATED),
    ("Commit", "hash", HASH_STATED),
    ("Commit", "kind", SIXTEEN_BITS),
    ("Commit", "schema", SIXTEEN_BITS),
];

const fn between(least: u64, most: u64) -> Demand {
    Demand { least, most, ..NONE }
}

impl Demand {
    /// The demands on a field.
    pub(super) fn of(message: &str, field: &str) -> Self {
        let mut rows = ROWS.into_iter().flatten();
        rows.find(|row| (row.0, row.1) == (message, field)).map_or(NONE, |row| row.2)
    }

    /// The fields that have a row, as `Message.field`.
    #[cfg(test)]
    pub(super) fn places() -> impl Iterator<Item = (&'static str, &'static str)> {
        ROWS.into_iter().flatten().map(|row| (row.0, row.1))
    }
}
