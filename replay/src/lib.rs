//! History on purpose: the journal read from its beginning, folded, checked, listed and handed on.
//!
//! ```text
//! Journal::scan --> classify: control, foreign, fact --> domain::Fold --> states, digest
//!        \--> verify: who is this record, does it stand where it belongs
//!        \--> roots: one proof tree for each partition, held against pins
//!        \--> story: what each record of a payment changed
//!        \--> dump: the events that were published, to be published again
//! ```
//!
//! Invariants:
//! - one path builds state: live, replayed and audited are the same fold over the same facts
//! - nothing here writes, and nothing needs a key; a personal part is opened only by a caller who hands in how
//!
//! This crate does not follow the head of the journal, keep a view, or print.

mod anomalies;
mod as_of;
mod classify;
mod diff;
mod digests;
mod dump;
mod history;
mod listing;
mod pin;
mod project;
mod roots;
mod story;
mod taken;
mod verify;

pub use anomalies::{Anomalous, anomalies};
pub use as_of::{
    AsOf, AsOfError, Known, Scope, VECTOR_BYTES_MAX, VectorError, parse_vector, vector_text, walk, walk_within,
};
pub use classify::{Entry, Foreign, classify};
pub use diff::{Diff, FactDiff, FigureDiff, PaymentDiff, diff};
pub use digests::{ViewDigests, digests};
pub use dump::{Dumped, Personal, event_json};
pub use history::{History, Progress};
pub use listing::{Filter, find};
pub use pin::{Pin, PinError};
pub use project::{ProjectError, Projected, project};
pub use roots::{PinState, Roots};
pub use story::{Change, Fate, Place, Stories, Story, Teller, Telling, Value, What};
pub use taken::taken;
pub use talon_tlog::leaf_hash;
pub use verify::{Finding, Identities, Oddity};
