//! The projector: the follower that keeps the views. Invariants:
//! - positions, facts and rows are committed in one step, and what a kill takes away is read again
//! - it goes on only with a journal whose records are the ones it has read
//! - a store that contradicts itself is moved aside and made anew; a record that cannot be folded is set aside
//!
//! This module does not know what a view means, nor how clients are served.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use talon_domain::ids::{PartitionId, Position};
use talon_domain::time::Instant;
use talon_journal::{Journal, Positions, Stored};
use talon_projections::projection::Projection;
use talon_projections::store::Tables;
use talon_projections::view::View;

use crate::entry::Entry;
use crate::event::Event;
use crate::follower::{Apply, Ended, Flow, Follower, Mailbox};
use crate::lag::Lag;
use crate::place::{Claimed, Place};
use crate::socket::{Desk, Sessions};
use crate::views::positions_of;
use crate::{Clock, Stop, Tell, micros};

mod ends;
mod error;
mod fault;
mod keeping;
mod opening;
mod serving;
mod switching;

use ends::Ends;
pub use error::ProjectorError;
use fault::Search;
pub(crate) use keeping::guarded;

/// When a projector commits.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// With so many facts in memory.
    pub resident_facts: usize,
    /// With so many bytes of facts that came since the last commit: one of them may be as long as a record.
    pub fact_bytes: usize,
    /// With so many bytes of changed rows in memory.
    pub row_bytes: usize,
    /// With nothing to do, once something has been uncommitted for so long.
    pub idle: Duration,
    /// With something to do, once something has been uncommitted for so long.
    pub age: Duration,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            resident_facts: 50_000,
            fact_bytes: 64 << 20,
            row_bytes: 32 << 20,
            idle: Duration::from_secs(2),
            age: Duration::from_secs(30),
        }
    }
}

/// What a projector works with.
#[derive(Clone)]
pub struct Setting<'p> {
    /// What it follows.
    pub journal: &'p dyn Journal,
    /// The views that it keeps.
    pub views: Vec<&'static dyn View>,
    /// When it commits.
    pub budget: Budget,
    /// What time it is.
    pub clock: Clock<'p>,
    /// Whether to stop.
    pub stop: Stop<'p>,
}

/// Keeps the views of one ledger. Whoever has it holds the lock of their place.
pub struct Projector<'p> {
    place: Place,
    _claimed: Claimed,
    setting: Setting<'p>,
    tell: Tell<'p>,
    /// Absent only while it is opened again, or when that failed.
    projection: Option<Projection>,
    /// The last record of each partition that was taken.
    ends: Ends,
    search: Search,
    desk: Option<Arc<Desk>>,
    /// Whoever reads the store over the socket.
    sessions: Sessions,
    /// Records that were taken since the last commit.
    taken: u64,
    /// Bytes of the facts among them.
    taken_bytes: usize,
    /// When the first of them was taken.
    taken_since: Option<Instant>,
    last: (PartitionId, Position),
    /// When rows were brought up to what was taken, to be answered from.
    settled_at: Instant,
    /// How often a store was moved aside.
    moved_aside: u32,
}

impl<'p> Projector<'p> {
    /// Opens the views of a place, from where they were left, or none yet.
    pub fn open(place: Place, claimed: Claimed, setting: Setting<'p>, tell: Tell<'p>) -> Result<Self, ProjectorError> {
        let mut projector = Self {
            place,
            _claimed: claimed,
            setting,
            tell,
            projection: None,
            ends: Ends::default(),
            search: Search::default(),
            desk: None,
            sessions: Sessions::default(),
            taken: 0,
            taken_bytes: 0,
            taken_since: None,
            last: (PartitionId(0), Position(0)),
            settled_at: Instant(i64::MIN),
            moved_aside: 0,
        };
        projector.open_again()?;
        Ok(projector)
    }

    /// Follows the journal: to its end, or until somebody asks to stop. Everything that was taken is committed then.
    pub fn run(&mut self, waits: bool) -> Result<Ended, ProjectorError> {
        self.run_with(&Mailbox::new(), waits)
    }

    /// The same, and answers on the socket of the place meanwhile. Where there can be no socket it says so and goes on.
    pub fn run_and_answer(&mut self, waits: bool) -> Result<Ended, ProjectorError> {
        let mailbox = Mailbox::new();
        let desk = match Desk::open(&self.place) {
            Ok(desk) => Arc::new(desk),
            Err(error) => {
                (self.tell)(Event::Unasked { reason: error.to_string() });
                return self.run_with(&mailbox, waits);
            }
        };
        self.desk = Some(Arc::clone(&desk));
        let ended = thread::scope(|scope| {
            let closing = Closing(&desk);
            scope.spawn(|| desk.listen(&|| mailbox.ring()));
            let ended = self.run_with(&mailbox, waits);
            drop(closing);
            ended
        });
        self.desk = None;
        self.sessions.close();
        ended
    }

    fn run_with(&mut self, mailbox: &Mailbox<Entry>, waits: bool) -> Result<Ended, ProjectorError> {
        let Setting { journal, clock, stop, .. } = self.setting;
        let follower = Follower { journal, mailbox, clock, stop, waits };
        let ended = loop {
            let ended = follower.follow(self)?;
            // A commit may find a record at fault, or the store broken: then it is gone through again.
            if self.commit()? != Flow::Again && self.finish()? != Flow::Again {
                break ended;
            }
        };
        self.merge_a_little()?;
        Ok(ended)
    }

    /// The rows of every view, as far as everything that was taken.
    pub fn tables(&self) -> Result<&Tables, ProjectorError> {
        self.projection.as_ref().map(Projection::tables).ok_or(ProjectorError::Closed)
    }

    /// The next position of each partition.
    pub fn positions_taken(&self) -> Positions {
        self.projection.as_ref().map(positions_of).unwrap_or_default()
    }

    /// How many records were taken, over all partitions.
    pub fn records(&self) -> u64 {
        self.positions_taken().total()
    }

    fn age(&self) -> i64 {
        self.taken_since.map_or(0, |since| (self.setting.clock)().0.saturating_sub(since.0))
    }

    fn is_over_budget(&self, projection: &Projection) -> bool {
        let budget = &self.setting.budget;
        self.search.is_window_full(self.taken)
            || projection.resident_facts() >= budget.resident_facts
            || self.taken_bytes >= budget.fact_bytes
            || projection.tables().memory_bytes() >= budget.row_bytes
    }
}

/// Closes a desk when it goes, also by a panic: its thread is waited for.
struct Closing<'d>(&'d Desk);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Apply for Projector<'_> {
    type Item = Entry;
    type Error = ProjectorError;

    fn decode(stored: &Stored<'_>) -> Entry {
        Entry::of(stored)
    }

    fn positions(&self) -> Positions {
        self.positions_taken()
    }

    fn apply(&mut self, items: Vec<Entry>) -> Result<Flow, ProjectorError> {
        self.taken_since.get_or_insert((self.setting.clock)());
        self.fold(items)
    }

    fn between(&mut self, lag: Lag, is_idle: bool) -> Result<Flow, ProjectorError> {
        if self.go_on()? == Flow::Again || self.serve(lag, is_idle)? == Flow::Again {
            return Ok(Flow::Again);
        }
        let budget = self.setting.budget;
        let patience = if is_idle { budget.idle } else { budget.age };
        if self.taken > 0 && self.age() >= micros(patience) {
            return self.commit();
        }
        Ok(Flow::GoOn)
    }

    fn tell(&mut self, event: Event) {
        (self.tell)(event);
    }
}
