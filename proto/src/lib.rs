//! What is said: `talon.v1`, its JSON, and what a payload must look like before the door lets it in.
//!
//! ```text
//! JSON line --event_from_json--> event bytes --walk--> envelope, payload bytes --check_payload--> fit to be kept
//! record's payload bytes --decode--> a fact of the domain        record --event_to_json--> the event that it was
//! ```
//!
//! Invariants:
//! - payload bytes are kept as they came; nothing here decodes and encodes them again
//! - what is accepted can be decoded, and loses nothing
//! - what is refused is refused by rule and place; no fault repeats a value, which may be a phone or a card number
//! - no payload schema has a field for personal data
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let line = br#"{"sourceKey": "alma:payment_11x:debit:2", "merchant": 732829320, "source": "provider",
//!     "transactionId": "019ab9f4-d1a0-7c3e-9a51-33c0ffee0001", "occurredAt": "2025-12-25T03:02:11Z",
//!     "instalmentDebited": {"instalment": 2, "amount": {"currency": "EUR", "minorUnits": 10000}}}"#;
//! let mut event = Vec::new();
//! talon_proto::event_from_json(line, &mut event)?;
//! let envelope = talon_proto::walk(&event)?;
//! talon_proto::check_payload(envelope.kind, envelope.schema, envelope.payload, &mut |_text| true)?;
//! assert_eq!(envelope.kind.name(), "InstalmentDebited");
//! # Ok(())
//! # }
//! ```
//!
//! This crate does not judge facts, read a clock or a file, hold a key, or know about records.

mod catalogue;
mod check;
mod decode;
mod fault;
mod fields;
mod forms;
mod genesis;
mod glance;
mod json;
mod limits;
mod personal;
mod restate;
mod schema;
mod source_key;
mod statement;
mod timestamp;
mod walk;
pub mod wire;

pub use catalogue::{FieldTerms, is_ledgers_own, rules_of, terms_of};
pub use check::check_payload;
pub use decode::{decode, same_payload};
pub use fault::{Fault, Path, Rule};
pub use genesis::{Genesis, decode_genesis, encode_genesis};
pub use glance::{Glance, glance, glance_json};
pub use json::{JsonFault, Place, event_from_json, event_to_json, payload_from_json, payload_to_json};
pub use limits::{ENTRIES_MAX, LINE_BYTES_MAX, PAYLOAD_BYTES_MAX, TEXT_BYTES_MAX};
pub use personal::{check_personal, personal_email, personal_is_empty, personal_name, personal_note, personal_phone};
pub use restate::restate_event;
pub use schema::DESCRIPTOR_SET;
pub use source_key::{broadcast_id_of, erasure_id_of, event_id_of};
pub use statement::{Statement, encode_line, encode_statement};
pub use walk::{Envelope, walk};
