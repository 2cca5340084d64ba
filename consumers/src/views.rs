//! The reading side: the views of a ledger for a command that asks something. Three ways, in this order:
//! - a projector runs and answers: it is asked
//! - nobody keeps the views: this process does, catches up first, and reads
//! - neither can be: the journal is folded in memory, and why is said
//!
//! Invariant: all three give the same rows for the same records; which records those are is said.

use talon_journal::{Positions, Stored};
use talon_projections::projection::Projection;
use talon_projections::reading::Reading;
use talon_projections::view::View;

use crate::Tell;
use crate::entry::{Content, Entry};
use crate::event::Event;
use crate::follower::{Apply, Ended, Flow, Follower, Mailbox};
use crate::lag::Lag;
use crate::place::{Claimed, Place, PlaceError};
use crate::projector::{Projector, ProjectorError, Setting, guarded};
use crate::socket::{Remote, connect};

/// How often it is looked again whether whoever keeps the views answers, or is done with them.
const TRIES: u32 = 20;
/// How long it is waited between two tries for a projector that begins.
const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_millis(100);

/// The views of a ledger, to be read.
pub struct Views<'p> {
    source: Source<'p>,
    positions: Positions,
    lag: Lag,
}

/// Where they are read.
#[non_exhaustive]
pub enum Source<'p> {
    /// A running projector answers.
    Remote(Remote),
    /// This process keeps them.
    Own(Own<'p>),
    /// They were folded in memory.
    Memory {
        /// All of them.
        projection: Box<Projection>,
        /// Why they had to be.
        reason: String,
    },
}

/// Views that this process keeps: nobody else does meanwhile.
pub struct Own<'p>(Box<Projector<'p>>);

impl<'p> Views<'p> {
    /// Where rows are read.
    pub fn reading(&self) -> Result<&dyn Reading, ProjectorError> {
        Ok(match &self.source {
            Source::Remote(remote) => remote,
            Source::Own(own) => own.0.tables()?,
            Source::Memory { projection, .. } => projection.tables(),
        })
    }

    /// Where they are read.
    pub const fn source(&self) -> &Source<'p> {
        &self.source
    }

    /// The next position of each partition: what the views are made of.
    pub const fn positions(&self) -> &Positions {
        &self.positions
    }

    /// How far they are behind the journal.
    pub const fn lag(&self) -> Lag {
        self.lag
    }
}

/// Opens the views of a ledger to be read, for somebody who is called so.
pub fn open_views<'p>(
    place: &Place,
    holder: &str,
    setting: &Setting<'p>,
    tell: Tell<'p>,
) -> Result<Views<'p>, ProjectorError> {
    let mut refused = String::new();
    for _ in 0..TRIES {
        if let Some(remote) = connect(place) {
            if is_of(&remote, &setting.views) {
                return Ok(asked(remote));
            }
            "the projector that runs keeps other views: it is of another release".clone_into(&mut refused);
            break;
        }
        match place.claim(holder) {
            Ok(claimed) => match own(place, claimed, setting.clone(), tell) {
                Err(error @ (ProjectorError::Journal(_) | ProjectorError::Stopped)) => return Err(error),
                Err(error) => {
                    refused = error.to_string();
                    break;
                }
                Ok(views) => return Ok(views),
            },
            Err(error @ PlaceError::Held { .. }) => refused = error.to_string(),
            Err(error) => {
                refused = error.to_string();
                break;
            }
        }
    }
    in_memory(setting, refused, tell)
}

/// How far the views of a place are, without bringing them further: what a projector that runs says, or what is stored.
pub fn kept_positions(
    place: &Place,
    holder: &str,
    setting: &Setting<'_>,
    tell: Tell<'_>,
) -> Result<Positions, ProjectorError> {
    let mut tries = TRIES;
    let claimed = loop {
        if let Some(remote) = connect(place) {
            return Ok(remote.positions());
        }
        match place.claim(holder) {
            // One that begins holds the place before it answers.
            Err(PlaceError::Held { .. }) if tries > 0 => {
                tries = tries.saturating_sub(1);
                std::thread::sleep(LOOK_AGAIN);
            }
            claimed => break claimed?,
        }
    };
    Ok(Projector::open(place.clone(), claimed, setting.clone(), tell)?.positions())
}

fn is_of(remote: &Remote, views: &[&'static dyn View]) -> bool {
    let ours = views.iter().map(|view| (view.name(), view.version()));
    remote.views().iter().map(|(name, version)| (name.as_str(), *version)).eq(ours)
}

fn asked<'p>(remote: Remote) -> Views<'p> {
    let (positions, lag) = (remote.positions(), remote.lag());
    Views { source: Source::Remote(remote), positions, lag }
}

fn own<'p>(place: &Place, claimed: Claimed, setting: Setting<'p>, tell: Tell<'p>) -> Result<Views<'p>, ProjectorError> {
    let mut projector = Projector::open(place.clone(), claimed, setting, tell)?;
    if projector.run(false)? == Ended::Stopped {
        return Err(ProjectorError::Stopped);
    }
    let positions = projector.positions();
    Ok(Views { source: Source::Own(Own(Box::new(projector))), positions, lag: Lag::default() })
}

fn in_memory<'p>(setting: &Setting<'p>, reason: String, tell: Tell<'p>) -> Result<Views<'p>, ProjectorError> {
    let projection = Box::new(Projection::in_memory(setting.views.clone()));
    let mut folding = Folding { projection, tell };
    let Setting { journal, clock, stop, .. } = *setting;
    let follower = Follower { journal, mailbox: &Mailbox::new(), clock, stop, waits: false };
    if follower.follow(&mut folding)? == Ended::Stopped {
        return Err(ProjectorError::Stopped);
    }
    let positions = folding.positions();
    let projection = folding.projection;
    Ok(Views { source: Source::Memory { projection, reason }, positions, lag: Lag::default() })
}

/// Folds in memory: nothing is stored, and nothing is let go.
struct Folding<'t> {
    projection: Box<Projection>,
    tell: Tell<'t>,
}

impl Apply for Folding<'_> {
    type Item = Entry;
    type Error = ProjectorError;

    fn decode(stored: &Stored<'_>) -> Entry {
        Entry::of(stored)
    }

    fn positions(&self) -> Positions {
        positions_of(&self.projection)
    }

    fn apply(&mut self, items: Vec<Entry>) -> Result<Flow, ProjectorError> {
        let projection = &mut self.projection;
        for item in items {
            if let Content::Unread(reason) = &item.content {
                return Err(ProjectorError::Unfoldable { reason: reason.clone() });
            }
            guarded(|| {
                let mut taken = Ok(());
                item.into_taken(|record| taken = projection.take(record));
                taken
            })?;
        }
        Ok(Flow::GoOn)
    }

    fn between(&mut self, _: Lag, is_idle: bool) -> Result<Flow, ProjectorError> {
        let projection = &mut self.projection;
        if is_idle {
            guarded(|| projection.settle())?;
        }
        Ok(Flow::GoOn)
    }

    fn tell(&mut self, event: Event) {
        (self.tell)(event);
    }
}

/// The next position of each partition.
pub(crate) fn positions_of(projection: &Projection) -> Positions {
    let mut positions = Positions::beginning();
    projection.positions().for_each(|(partition, next)| positions.set(partition, next));
    positions
}
