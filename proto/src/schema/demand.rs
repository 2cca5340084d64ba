//! What a message must say beyond what its types demand. One row for each field that has a demand.

/// What a text has to look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Anything up to 256 bytes that holds no card number.
    Free,
    /// Three capital letters.
    Currency,
    /// A lower-case hyphenated UUID of version 7 or 8.
    Uuid,
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

/// The demands on one field. A number is measured by its value; a text, a message and a list by being there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Demand {
    pub(super) least: u64,
    pub(super) most: u64,
    pub(super) part: Part,
    pub(super) form: Form,
}

/// What is demanded of a field that has no row.
const NONE: Demand = Demand { least: 0, most: u64::MAX, part: Part::Apart, form: Form::Free };
const STATED: Demand = between(1, u64::MAX);
/// An amount has at most 10^12 minor units.
const AMOUNT: Demand = Demand { part: Part::Whole, ..between(0, talon_domain::money::Amount::MAX.minor_units()) };

const ROWS: &[(&str, &str, Demand)] = &[
    ("Money", "currency", Demand { form: Form::Currency, part: Part::Alike, ..STATED }),
    ("Money", "minor_units", AMOUNT),
    ("PaymentInitiated", "amount", STATED),
    ("ScheduleChosen", "installments_count", between(1, 64)),
    ("ScheduleChosen", "instalments", Demand { part: Part::Alike, ..STATED }),
    ("Instalment", "number", STATED),
    ("Instalment", "due_date", STATED),
    ("Instalment", "purchase_amount", Demand { part: Part::Addend, ..STATED }),
    ("Instalment", "customer_fee", Demand { part: Part::Addend, ..NONE }),
    ("Instalment", "customer_interest", Demand { part: Part::Addend, ..NONE }),
    ("Instalment", "total_amount", Demand { part: Part::Whole, ..STATED }),
    ("Instalment", "original_purchase_amount", Demand { part: Part::Alike, ..NONE }),
    ("CardDebited", "amount", STATED),
    ("InstalmentDebited", "instalment", STATED),
    ("InstalmentDebited", "amount", STATED),
    ("TicketsPrinted", "tickets", STATED),
    ("PrintedTicket", "kind", STATED),
    ("DebitFailed", "instalment", STATED),
    ("Personal", "phone", Demand { form: Form::Phone, ..NONE }),
    ("Personal", "email", Demand { form: Form::Email, ..NONE }),
    ("Genesis", "ledger_id", Demand { form: Form::Uuid, ..STATED }),
    ("Genesis", "partitions", between(1, u16::MAX as u64)),
    ("Genesis", "partition", between(0, u16::MAX as u64)),
    ("Genesis", "format", between(0, u8::MAX as u64)),
];

const fn between(least: u64, most: u64) -> Demand {
    Demand { least, most, ..NONE }
}

impl Demand {
    /// The demands on a field.
    pub(super) fn of(message: &str, field: &str) -> Self {
        ROWS.iter().find(|row| (row.0, row.1) == (message, field)).map_or(NONE, |row| row.2)
    }

    /// The fields that have a row, as `Message.field`.
    #[cfg(test)]
    pub(super) fn places() -> impl Iterator<Item = (&'static str, &'static str)> {
        ROWS.iter().map(|row| (row.0, row.1))
    }
}
