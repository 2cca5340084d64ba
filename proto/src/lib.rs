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
//! This crate does not judge facts, read a clock or a file, hold a key, or know about records.

mod check;
mod decode;
mod fault;
mod fields;
mod genesis;
mod json;
mod limits;
mod personal;
mod restate;
mod schema;
mod source_key;
mod timestamp;
mod walk;
pub mod wire;

pub use check::check_payload;
pub use decode::{decode, same_payload};
pub use fault::{Fault, Path, Rule};
pub use genesis::{Genesis, decode_genesis, encode_genesis};
pub use json::{JsonFault, Place, event_from_json, event_to_json, payload_to_json};
pub use limits::{ENTRIES_MAX, LINE_BYTES_MAX, PAYLOAD_BYTES_MAX, TEXT_BYTES_MAX};
pub use personal::{check_personal, personal_email, personal_is_empty, personal_name, personal_phone};
pub use restate::restate_event;
pub use schema::DESCRIPTOR_SET;
pub use source_key::event_id_of;
pub use walk::{Envelope, walk};
