//! Followers at the head of the journal: what reads every record once, in order, and keeps what it makes of them.
//!
//! ```text
//! journal --> a thread reads and decodes --> mailbox, bounded --> a thread applies: the projector --> DIR/views
//!                                               ^                        |
//!             DIR/views.sock: a reader knocks --/                        \--> answers between two batches
//! ```
//!
//! With the feature `kafka` also the gate: what follows a topic of events that gateways publish to, and pushes them through
//! the door.
//!
//! Invariants:
//! - what a follower stored and how far it has come are stored in one step: a kill neither loses nor doubles an effect
//! - one projector at a time keeps a ledger's views; whoever else wants them asks it
//! - a record that cannot be folded is set aside with its reason, and holds up no other
//! - what is derived is never repaired: on any doubt it is moved aside and made anew from the journal
//! - memory is bounded: by batches in the mailbox, by facts until the next commit, by what one client may ask for
//!
//! But for the gate this crate does not append; it owns no clock (it is handed one), and prints nothing: it tells its caller events.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod aside;
mod entry;
mod event;
mod follower;
#[cfg(feature = "kafka")]
mod gate;
mod lag;
mod place;
mod projector;
mod socket;
mod views;

pub use aside::{Aside, aside_places, asides};
pub use entry::Entry;
pub use event::Event;
pub use follower::{Apply, Ended, Flow, Follower, Mailbox};
#[cfg(feature = "kafka")]
pub use gate::{FACTS_MAX, Gate, GateCounts, GateError, GateEvent, GateSetting, WINDOW};
pub use lag::Lag;
pub use place::{Claimed, Place, PlaceError};
pub use projector::{Budget, Projector, ProjectorError, Setting};
pub use socket::{Remote, Request, Response, WireError};
pub use views::{Own, Source, Views, kept_positions, open_views};

use talon_domain::time::Instant;

/// What time it is, by whoever runs a follower.
pub type Clock<'c> = &'c (dyn Fn() -> Instant + Sync);

/// Whether somebody asked a follower to stop.
pub type Stop<'s> = &'s (dyn Fn() -> bool + Sync);

/// Who hears what happens.
pub type Tell<'t> = &'t dyn Fn(Event);

/// A span as a clock counts it.
pub(crate) fn micros(span: std::time::Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}
