//! Refusals: what is not appended, and why. A refusal has a stable number, says what, where and what to do, and never
//! holds a value that came in.
//!
//! Numbers below 100 are the rules of the schema ([`talon_proto::Rule`]); the door's own begin at 101.

use std::borrow::Cow;
use std::fmt;

use talon_domain::ids::EventId;
use talon_proto::{Fault, JsonFault, Rule};

use crate::outcome::Place;

/// Why an event is not appended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// It is not what `talon.v1` says an event is.
    Malformed(JsonFault),
    /// Merchant 0 is the ledger itself.
    MerchantIsTheLedger,
    /// The publisher may not speak for this merchant.
    MerchantOutOfScope,
    /// The publisher may not be this mouth.
    SourceOutOfScope,
    /// This event id names another content already.
    Conflict {
        /// The id.
        event_id: EventId,
        /// Where the first one is, or its number in this batch.
        first: First,
        /// In what they differ.
        difference: Difference,
    },
    /// The record would be larger than a journal holds.
    RecordTooLarge,
    /// A line or message that is longer than any event.
    TooLong {
        /// How long it may be, in bytes.
        limit: usize,
    },
    /// The file ends in the middle of a message.
    CutShort,
    /// A message does not say in which form its event is, or in one that nobody reads.
    ContentType,
    /// A message without a value.
    Empty,
    /// The key of a message names another merchant than its event.
    Key,
}

/// The first telling of an event id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// It is in the journal.
    Kept(Place),
    /// It came earlier in the same batch, under this number.
    SameBatch(u64),
}

/// In what two tellings of one event id differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// In the envelope, first at this field, by the name that JSON has for it.
    Envelope(&'static str),
    /// In what the fact says.
    Payload,
    /// Only in the personal part: another one, or one of them has none.
    Personal,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Envelope(field) => write!(f, "its {field} differs"),
            Self::Payload => f.write_str("its payload differs"),
            Self::Personal => f.write_str("only its personal part differs"),
        }
    }
}

impl Refusal {
    /// One of each that is the door's own, in the order of their numbers: for lists of what may be refused.
    pub fn own() -> Vec<Self> {
        let first = First::SameBatch(1);
        vec![
            Self::MerchantIsTheLedger,
            Self::MerchantOutOfScope,
            Self::SourceOutOfScope,
            Self::Conflict { event_id: EventId::default(), first, difference: Difference::Payload },
            Self::RecordTooLarge,
            Self::TooLong { limit: 0 },
            Self::CutShort,
            Self::ContentType,
            Self::Empty,
            Self::Key,
        ]
    }

    /// Its stable number.
    pub fn number(&self) -> u16 {
        match self {
            Self::Malformed(json) => json.fault.rule.number().into(),
            Self::MerchantIsTheLedger => 101,
            Self::MerchantOutOfScope => 102,
            Self::SourceOutOfScope => 103,
            Self::Conflict { .. } => 104,
            Self::RecordTooLarge => 105,
            Self::TooLong { .. } => 106,
            Self::CutShort => 107,
            Self::ContentType => 108,
            Self::Empty => 109,
            Self::Key => 110,
        }
    }

    /// Its stable name: the rule in the positive.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Malformed(json) => json.fault.rule.name(),
            Self::MerchantIsTheLedger => "merchant_must_not_be_the_ledger",
            Self::MerchantOutOfScope => "merchant_must_be_in_scope",
            Self::SourceOutOfScope => "source_must_be_in_scope",
            Self::Conflict { .. } => "event_id_must_name_one_content",
            Self::RecordTooLarge => "record_must_fit",
            Self::TooLong { .. } => "line_must_be_short",
            Self::CutShort => "file_must_be_whole",
            Self::ContentType => "content_type_must_be_known",
            Self::Empty => "message_must_have_a_value",
            Self::Key => "key_must_be_the_merchant",
        }
    }

    /// Where in the event, or empty for the event as a whole.
    pub fn place(&self) -> String {
        match self {
            Self::Malformed(json) if !json.fault.path.is_empty() => json.fault.path.to_string(),
            Self::MerchantIsTheLedger | Self::MerchantOutOfScope => "merchant".into(),
            Self::SourceOutOfScope => "source".into(),
            Self::ContentType => "content-type".into(),
            Self::Key => "key".into(),
            Self::Conflict { .. } => "eventId".into(),
            _ => String::new(),
        }
    }

    /// What to do about it.
    pub fn advice(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Malformed(json) => return malformed_advice(json),
            Self::MerchantIsTheLedger => "name the merchant that is paid; 0 is the ledger itself",
            Self::MerchantOutOfScope => "publish with a credential that may write for this merchant",
            Self::SourceOutOfScope => "state a source that this credential may speak for",
            Self::Conflict { difference: Difference::Personal, .. } => {
                "the fact is kept, there is nothing to do; `dump --open` carries persons to another ledger"
            }
            Self::Conflict { .. } => "give a new fact a new id; a correction is a higher revision under a new id",
            Self::RecordTooLarge => "shorten the event: a record has at most 65535 bytes",
            Self::TooLong { .. } => "no event is that long; is this the right file?",
            Self::CutShort => "send the file again, whole; what was taken before its end is recognised",
            Self::ContentType => "set the header content-type to application/x-protobuf or application/json",
            Self::Empty => "send the event as the message's value; nothing is ever deleted by a message",
            Self::Key => "let the key be the event's merchant in decimal digits, or send none",
        })
    }
}

fn malformed_advice(json: &JsonFault) -> Cow<'static, str> {
    let rule = json.fault.rule;
    match json.expected {
        None => Cow::Borrowed(rule.advice()),
        Some(name) if matches!(rule, Rule::FieldKnown | Rule::KindKnown) => {
            Cow::Owned(format!("{}; perhaps {name} was meant", rule.advice()))
        }
        Some(what) => Cow::Owned(format!("expected {what}")),
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number(), self.name())?;
        let place = self.place();
        if !place.is_empty() {
            write!(f, " at {place}")?;
        }
        match self {
            Self::Conflict { event_id, first: First::Kept(place), difference } => {
                write!(f, " ({event_id} is {place} already, {difference})")?;
            }
            Self::Conflict { event_id, first: First::SameBatch(number), difference } => {
                write!(f, " ({event_id} is event {number} already, {difference})")?;
            }
            Self::TooLong { limit } => write!(f, " (more than {limit} bytes)")?,
            Self::Malformed(JsonFault { place: Some(place), .. }) => write!(f, " in column {}", place.column)?,
            _ => {}
        }
        write!(f, ": {}", self.advice())
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Malformed(JsonFault { fault, expected: None, place: None })
    }
}

impl From<JsonFault> for Refusal {
    fn from(fault: JsonFault) -> Self {
        Self::Malformed(fault)
    }
}
