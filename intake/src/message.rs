//! Messages of a broker: one event each, in the form that a header names.
//!
//! Invariants:
//! - a message that cannot be read is a refusal under its number, and the batch around it goes on
//! - a key decides nothing: it may be left out, and one that contradicts the event is refused

use talon_proto::{Glance, LINE_BYTES_MAX, event_from_json, glance, glance_json};

use crate::events::EventBatch;
use crate::refusal::Refusal;

/// What came: any of it may be missing, and the value may be anything.
#[derive(Clone, Copy, Debug)]
pub struct Message<'m> {
    /// What the broker chose the partition by: the merchant in decimal digits.
    pub key: Option<&'m [u8]>,
    /// The header `content-type`.
    pub content_type: Option<&'m [u8]>,
    /// The event.
    pub value: Option<&'m [u8]>,
}

/// In which form an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Protobuf,
    Json,
}

impl Form {
    /// The form of a media type; what stands behind a semicolon decides nothing.
    fn of(content_type: &[u8]) -> Option<Self> {
        let named = content_type.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        match named.to_ascii_lowercase().as_slice() {
            b"application/x-protobuf" | b"application/protobuf" => Some(Self::Protobuf),
            b"application/json" => Some(Self::Json),
            _ => None,
        }
    }
}

impl Message<'_> {
    /// What the message's event says of itself, if it can be read that far.
    pub fn glance(&self) -> Glance {
        match (self.content_type.and_then(Form::of), self.value) {
            (Some(Form::Protobuf), Some(event)) => glance(event),
            (Some(Form::Json), Some(line)) => glance_json(line),
            _ => Glance::default(),
        }
    }

    /// Appends the message's event.
    fn read(&self, into: &mut Vec<u8>) -> Result<(), Refusal> {
        let value = self.value.filter(|value| !value.is_empty()).ok_or(Refusal::Empty)?;
        if value.len() > LINE_BYTES_MAX {
            return Err(Refusal::TooLong { limit: LINE_BYTES_MAX });
        }
        let start = into.len();
        match self.content_type.and_then(Form::of).ok_or(Refusal::ContentType)? {
            Form::Protobuf => into.extend_from_slice(value),
            Form::Json => event_from_json(value, into)?,
        }
        self.require_key(into.get(start..).unwrap_or_default())
    }

    /// What names no merchant, or cannot be read so far, is refused for that.
    fn require_key(&self, event: &[u8]) -> Result<(), Refusal> {
        let Some(key) = self.key.filter(|key| !key.is_empty()) else { return Ok(()) };
        match glance(event).merchant.0 {
            0 => Ok(()),
            merchant if key == merchant.to_string().as_bytes() => Ok(()),
            _ => Err(Refusal::Key),
        }
    }
}

impl EventBatch {
    /// Takes the event of a message, or why there is none.
    ///
    /// # Panics
    /// As [`EventBatch::push_with`]; a message takes at most [`LINE_BYTES_MAX`] bytes.
    pub fn push_message(&mut self, number: u64, message: &Message<'_>) {
        self.push_with(number, |bytes| message.read(bytes));
    }
}
