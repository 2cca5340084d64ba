//! The one door. Whatever wants to be in the journal comes through here: the command line, a daemon, a consumer.
//!
//! ```text
//! lines, messages --> EventBatch --admit--> decode, check, scan for cards, recognise, seal, encode --> Group
//! Group --submit--> Journal::append --> durable --settle--> one outcome for each event, in their order
//! what names no merchant --broadcast--> one copy for each partition that has none yet
//! a person is erased --erase--> the fact of it, then keys destroyed
//! what was refused of a terminal --tell_refused--> whose hole in its count that is
//! ```
//!
//! Invariants:
//! - an event that cannot be taken blames itself: the batch around it goes on
//! - nothing is decided here about money: what is authentic and well formed is appended and judged later
//! - nothing is answered before it is durable; an answer that cannot be known says so
//! - a personal part is sealed before it reaches a buffer that is written; no answer repeats a value that came in
//! - the clock is an argument
//!
//! Bounds: a batch has at most 10,000 events and 4 MiB ([`EventBatch`]); a line of JSON at most 256 KiB.
//!
//! This crate does not open files, read the environment, choose an engine, or know what facts mean together.

mod admit;
mod broadcast;
mod card;
mod erasure;
mod events;
mod flight;
mod genesis;
mod group;
mod lines;
mod message;
mod outcome;
mod publisher;
mod read;
mod recall;
mod recognise;
mod refusal;
mod refused;
mod seals;
mod statement;
mod technical;

pub use admit::{Door, IntakeError};
pub use broadcast::{Broadcast, BroadcastError, Told};
pub use card::holds_card_number;
pub use erasure::{Erased, ErasureError, Subject};
pub use events::{BATCH_BYTES_MAX, BATCH_EVENTS_MAX, EventBatch};
pub use genesis::{genesis, new_event_id, new_ledger_id};
pub use group::Group;
pub use lines::{Messages, Source as MessageSource};
pub use message::Message;
pub use outcome::{Outcome, Place};
pub use publisher::{Merchants, Publisher};
pub use refusal::{Difference, First, Refusal};
pub use refused::Refused;
pub use seals::{OpenVault, SealingError, Seals};
pub use statement::{line_event, statement_event};
pub use technical::{TechnicalError, tell_technical};
