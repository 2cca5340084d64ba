//! What is wrong with bytes that came from outside, and where. Invariants:
//! - a fault names a rule and a place of the schema; it never holds a piece of the input, which may be a phone or a card
//!   number. Its type sees to it: a place is made of the schema's own names and of counts
//! - it is made only on failure; the good path allocates nothing for it
//!
//! This module does not decide what an answer to a caller looks like; the door does.

use std::fmt;

macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident = $number:literal $name:literal $advice:literal)*) => {
        /// What the input had to satisfy and did not. Numbers and names are stable: never reused, never renamed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum Rule {
            $($(#[$doc])* $variant = $number,)*
        }

        impl Rule {
            /// All of them, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its stable number.
            pub const fn number(self) -> u8 {
                self as u8
            }

            /// Its name, in the positive: what has to hold.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// What to do about it.
            pub const fn advice(self) -> &'static str {
                match self {
                    $(Self::$variant => $advice,)*
                }
            }
        }
    };
}

rules! {
    /// The bytes are not a protobuf message.
    Protobuf = 1 "event_must_be_protobuf" "send one encoded talon.v1.Event"
    /// A field has another type on the wire than in the schema.
    FieldType = 2 "field_must_have_its_type" "encode it with the schema of talon.v1"
    /// A text is not UTF-8.
    Utf8 = 3 "text_must_be_utf8" "convert it before it is sent"
    /// A field that is single occurs twice, or a JSON key does.
    FieldOnce = 4 "field_must_occur_once" "send it once"
    /// No schema that this release knows has this field.
    FieldKnown = 5 "field_must_be_known" "the event is newer than this ledger, or the field is misspelt"
    /// No schema that this release knows has this payload.
    KindKnown = 6 "kind_must_be_known" "the event is newer than this ledger, or the kind is misspelt"
    /// The kind is known, this version of its payload is not.
    SchemaKnown = 7 "schema_must_be_known" "the event is newer than this ledger"
    /// An event carries exactly one payload.
    OnePayload = 8 "event_must_have_one_payload" "state exactly one fact"
    /// An event carries an `event_id` or a `source_key`, and not both.
    OneId = 9 "event_must_have_one_id" "state event_id, or source_key in its place"
    /// An id is a lower-case hyphenated UUID of version 7 or 8.
    Id = 10 "id_must_be_a_uuid_of_version_7_or_8" "write it in lower case with hyphens"
    /// A field that this message cannot do without is absent.
    FieldStated = 11 "field_must_be_stated" "state it"
    /// A number lies outside its range.
    Range = 12 "value_must_be_in_range" "see the fact's table in docs/events.md"
    /// A text is longer than 256 bytes.
    TextLength = 13 "text_must_be_at_most_256_bytes" "shorten it"
    /// A list has more than 64 entries.
    Count = 14 "list_must_have_at_most_64_entries" "send fewer"
    /// A choice has a number or name that the schema does not list.
    Choice = 15 "choice_must_be_known" "see the fact's table in docs/events.md"
    /// A currency is three capital letters.
    Currency = 16 "currency_must_be_three_capitals" "use the ISO 4217 code"
    /// A time lies outside the days 2000 to 2148 in Paris, or is no time.
    Time = 17 "time_must_be_in_2000_to_2148" "send the instant in UTC"
    /// I3: a line of a plan is the sum of its parts.
    LineSum = 18 "line_must_be_the_sum_of_its_parts" "total_amount is purchase_amount, customer_fee and customer_interest"
    /// Amounts that belong together - a plan's lines, a refund's parts - are in one currency.
    OneCurrency = 19 "amounts_must_have_one_currency" "state all amounts of the plan or refund in one currency"
    /// A text looks like it holds a card number.
    CardNumber = 20 "text_must_hold_no_card_number" "never send a card number; mask it at its source"
    /// A phone number is in E.164, with its plus sign.
    Phone = 21 "phone_must_be_e164" "write + and 8 to 15 digits, country code first"
    /// An e-mail address has one @ with something on both sides, and no spaces.
    Email = 22 "email_must_be_an_address" "correct it, or leave it out"
    /// A payload, an event or a line of JSON is too large.
    Size = 23 "event_must_be_small" "a payload has at most 60000 bytes, a line of JSON at most 262144"
    /// The line is not JSON.
    Json = 24 "line_must_be_json" "send one JSON object"
    /// JSON is nested deeper than any event.
    Depth = 25 "json_must_not_be_deep" "no event needs more than 8 levels"
    /// A JSON value has another type than its field.
    JsonType = 26 "value_must_have_its_type" "see the fact's table in docs/events.md"
    /// A publisher states only kinds that are not the ledger's own.
    PublisherKind = 27 "kind_must_be_a_publishers" "only the ledger itself states this kind"
    /// A day is a date of the calendar, in the years 2000 to 2148.
    Day = 28 "day_must_be_a_date_in_2000_to_2148" "write a date like 2026-11-25"
    /// A SHA-256 is written in hexadecimal.
    Hash = 29 "hash_must_be_64_hex_digits" "write the SHA-256 in 64 lower-case hexadecimal digits"
    /// A country is two capital letters.
    Country = 30 "country_must_be_two_capitals" "use the ISO 3166 code"
    /// What belongs to no payment names none.
    NoTransaction = 31 "transaction_must_not_be_stated" "leave transaction_id out: this kind belongs to no payment"
    /// A stream is written as records show it.
    Stream = 32 "stream_must_be_32_hex_digits" "write its 16 bytes in lower case with the hyphens of a UUID, as lists show it"
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One step on the way to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A field of the schema, by its JSON name.
    Field(&'static str),
    /// An entry of a list, from 0.
    Entry(usize),
    /// A field that no schema names, by its number on the wire.
    Number(u32),
    /// A key that no schema names: which one of its object, from 1. Its text is input, so it is not kept.
    Key(usize),
}

/// Where in an event: `scheduleChosen.instalments[2].totalAmount`, in the names that JSON uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// Innermost first: that is the order in which a failing check learns them.
    steps: Vec<Step>,
}

impl Path {
    /// Whether it is the event as a whole.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.steps.is_empty() {
            return f.write_str("the event");
        }
        for (depth, step) in self.steps.iter().rev().enumerate() {
            let dot = if depth == 0 { "" } else { "." };
            match step {
                Step::Field(name) => write!(f, "{dot}{name}")?,
                Step::Entry(index) => write!(f, "[{index}]")?,
                Step::Number(number) => write!(f, "{dot}field {number}")?,
                Step::Key(nth) => write!(f, "{dot}key {nth}")?,
            }
        }
        Ok(())
    }
}

/// A rule that was broken, and where. Holds nothing of the input.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rule} at {path}: {}", rule.advice())]
pub struct Fault {
    /// What had to hold.
    pub rule: Rule,
    /// Where it does not.
    pub path: Path,
}

impl Fault {
    /// A fault of the event as a whole.
    pub const fn new(rule: Rule) -> Self {
        Self { rule, path: Path { steps: Vec::new() } }
    }

    /// A fault of one field of the event.
    pub fn at(rule: Rule, name: &'static str) -> Self {
        Self::new(rule).within(Step::Field(name))
    }

    /// The same fault, seen from one level further out.
    pub(crate) fn within(mut self, step: Step) -> Self {
        self.path.steps.push(step);
        self
    }
}

impl From<Rule> for Fault {
    fn from(rule: Rule) -> Self {
        Self::new(rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_reads_as_a_sentence() {
        let fault = Fault::at(Rule::LineSum, "totalAmount").within(Step::Entry(2)).within(Step::Field("instalments"));
        let fault = fault.within(Step::Field("scheduleChosen"));
        assert_eq!(fault.path.to_string(), "scheduleChosen.instalments[2].totalAmount");
        assert!(fault.to_string().starts_with("line_must_be_the_sum_of_its_parts at scheduleChosen."));
        assert_eq!(Fault::new(Rule::Json).path.to_string(), "the event");
    }

    #[test]
    fn numbers_are_dense_and_names_differ() {
        let numbers: Vec<_> = Rule::ALL.iter().map(|rule| usize::from(rule.number())).collect();
        assert_eq!(numbers, (1..=Rule::ALL.len()).collect::<Vec<_>>());
        let mut names: Vec<_> = Rule::ALL.iter().map(|rule| rule.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Rule::ALL.len());
    }
}
