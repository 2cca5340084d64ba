//! Following a journal: read behind what is stored, decode, hand over, and go on as the journal grows.
//!
//! Invariants:
//! - records of a partition are handed over in their order and without a hole, from the stored positions on
//! - reading and decoding are done in a thread of their own; at most a mailbox of batches waits between the two
//! - whoever asks to stop is heard between two batches
//!
//! This module does not store anything: [`Apply`] does, together with its positions.

use std::time::Duration;

use talon_domain::ids::Position;
use talon_journal::{Journal, Positions, ReadError, Stored};

use crate::event::Event;
use crate::lag::Lag;
use crate::{Clock, Stop};

mod mailbox;
mod reading;
mod standing;

pub use mailbox::Mailbox;
use mailbox::{Batch, Mail};
use standing::Standing;

/// How long one wait for a batch lasts: then it is asked whether to stop, and for idle work.
const PATIENCE: Duration = Duration::from_millis(100);

/// What a follower makes of records, and keeps.
pub trait Apply {
    /// A record, decoded.
    type Item: Send;
    /// Why it cannot go on.
    type Error: From<ReadError>;

    /// Decodes a record. Runs in the reading thread, and must not panic.
    fn decode(stored: &Stored<'_>) -> Self::Item;

    /// The next position of each partition: what is kept already.
    fn positions(&self) -> Positions;

    /// Applies records.
    fn apply(&mut self, items: Vec<Self::Item>) -> Result<Flow, Self::Error>;

    /// Comes between two batches, and again and again while there are none.
    fn between(&mut self, lag: Lag, is_idle: bool) -> Result<Flow, Self::Error>;

    /// Hears what happened.
    fn tell(&mut self, event: Event);
}

/// How a follower goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// With the next batch; it waits for one.
    GoOn,
    /// There is idle work left: it does not wait.
    Busy,
    /// What was applied and not kept is lost: reading begins again at the kept positions.
    Again,
}

/// Why a follower ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was asked to.
    Stopped,
    /// It has applied all that was durable, and was not to wait for more.
    CaughtUp,
}

/// What a follower follows, and how.
pub struct Follower<'f, T> {
    /// What it reads.
    pub journal: &'f dyn Journal,
    /// Where batches wait.
    pub mailbox: &'f Mailbox<T>,
    /// What time it is.
    pub clock: Clock<'f>,
    /// Whether to stop.
    pub stop: Stop<'f>,
    /// Whether it waits for what comes, or ends when it has caught up.
    pub waits: bool,
}

impl<T: Send> Follower<'_, T> {
    /// Follows until it is asked to stop, or has caught up if it is not to wait.
    pub fn follow<A: Apply<Item = T>>(&self, apply: &mut A) -> Result<Ended, A::Error> {
        loop {
            if let Some(ended) = self.read_on(apply)? {
                return Ok(ended);
            }
        }
    }

    /// Reads from the kept positions on; `None` if that has to be begun again.
    fn read_on<A: Apply<Item = T>>(&self, apply: &mut A) -> Result<Option<Ended>, A::Error> {
        let from = apply.positions();
        let mut standing = Standing::at(&from);
        self.mailbox.open();
        std::thread::scope(|scope| {
            // Dropped before the thread is waited for, also by a panic: a closed mailbox ends the reading.
            let _closing = Closing(self.mailbox);
            scope.spawn(|| reading::read(self.journal, from, self.mailbox, A::decode));
            self.drive(apply, &mut standing)
        })
    }

    fn drive<A: Apply<Item = T>>(&self, apply: &mut A, standing: &mut Standing) -> Result<Option<Ended>, A::Error> {
        let mut flow = Flow::GoOn;
        loop {
            if (self.stop)() {
                return Ok(Some(Ended::Stopped));
            }
            let mail = self.mailbox.take(if flow == Flow::Busy { Duration::ZERO } else { PATIENCE });
            let is_idle = !matches!(mail, Mail::Batch(_));
            let is_end = matches!(mail, Mail::End);
            if let Mail::Batch(batch) = mail {
                let Batch { items, after, oldest, ends } = *batch?;
                standing.begin(&ends, oldest);
                if apply.apply(items)? == Flow::Again {
                    return Ok(None);
                }
                standing.applied(&after);
            } else if is_end {
                standing.end();
            }
            standing.tell((self.clock)(), &mut |event| apply.tell(event));
            flow = apply.between(standing.lag(), is_idle)?;
            if flow == Flow::Again {
                return Ok(None);
            }
            if is_end && !self.waits {
                return Ok(Some(Ended::CaughtUp));
            }
        }
    }
}

/// Closes a mailbox when it goes.
struct Closing<'m, T>(&'m Mailbox<T>);

impl<T> Drop for Closing<'_, T> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// The positions after a record.
pub(crate) fn pass(positions: &mut Positions, stored: &Stored<'_>) {
    positions.set(stored.partition, Position(stored.position.0.saturating_add(1)));
}
