//! The journal on a topic of Apache Kafka: the same contract, bytes and positions as the embedded one, when one machine is
//! not enough.
//!
//! ```text
//! Batch --> Journal::append --> producer, idempotent --> partition leader, all in-sync replicas --> Completion answers
//!                                                              |
//!            Journal::{read, scan, wait} <---------------------+    offset = position, none left out
//! ```
//!
//! Gateways that speak Kafka publish to a topic of their own: its messages come through an [`Inbox`], and what cannot be
//! taken leaves through an [`Outbox`], unchanged, as a dead letter.
//!
//! Invariants:
//! - the value of a message is the record, byte for byte; its offset is the record's position; its partition is that of
//!   the merchant, set by us and not by the client
//! - an append is answered with success only when all in-sync replicas have it; what nobody can know is indeterminate
//! - positions are dense: a reader that is handed a higher offset than the next one stops, and names what is missing
//! - nothing is transactional, compacted or deleted: whatever could lose a record is refused before the first read
//!
//! This crate alone names rdkafka. It does not know what a fact means, and judges nothing that it carries.

mod beginnings;
mod connection;
mod door;
mod ends;
mod fault;
mod inbox;
mod journal;
mod letter;
mod letters;
mod outbox;
mod pending;
mod producing;
mod reader;
mod topic;
mod value;
mod waited;

pub use connection::{Connection, ConnectionError};
pub use inbox::{Came, Inbox, InboxError, Lost, Taken};
pub use journal::{AppendPatience, KafkaJournal};
pub use letter::{CONTENT_TYPE, Letter, Reason};
pub use letters::read_letters;
pub use outbox::{Outbox, OutboxError};
pub use topic::{Finding, Role, TopicError, Topics};
