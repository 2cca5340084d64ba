//! Folding and committing, and what is done when either breaks down. Whatever panics here panics under a guard: then
//! what is in memory is worth nothing, and the last commit is opened again.

use std::panic::{AssertUnwindSafe, catch_unwind};

use talon_projections::projection::{Projection, ProjectionError};
use talon_projections::store::StoreError;

use super::fault::Verdict;
use super::{Projector, ProjectorError};
use crate::aside;
use crate::entry::{Content, Entry, words_of};
use crate::event::Event;
use crate::follower::Flow;

/// Steps of merging that are done before whoever has it lets go.
const MERGE_STEPS: usize = 16;

impl Projector<'_> {
    /// Takes records, and commits whenever the budget is spent.
    pub(super) fn fold(&mut self, items: Vec<Entry>) -> Result<Flow, ProjectorError> {
        for item in items {
            if let Err(breakdown) = self.take(item) {
                return self.break_down(breakdown);
            }
            let is_due = self.projection.as_ref().is_some_and(|projection| self.is_over_budget(projection));
            if is_due && self.commit()? == Flow::Again {
                return Ok(Flow::Again);
            }
        }
        Ok(Flow::GoOn)
    }

    fn take(&mut self, mut item: Entry) -> Result<(), Breakdown> {
        let (partition, position) = (item.partition, item.position);
        let Some(projection) = &mut self.projection else { return Err(Breakdown::Other(ProjectorError::Closed)) };
        self.taken = self.taken.saturating_add(1);
        self.taken_bytes = self.taken_bytes.saturating_add(item.bytes());
        self.last = (partition, position);
        let is_known = self.search.found(partition, position).map(str::to_owned);
        if let Some(reason) = is_known.or_else(|| item.unread()) {
            aside::put(projection.tables_mut(), partition, position, &reason);
            item.content = Content::None;
        }
        self.ends.take(partition, item.witness);
        guarded(|| {
            let mut taken = Ok(());
            item.into_taken(|record| taken = projection.take(record));
            taken
        })
    }

    /// Begins to commit what was taken; it is written while records are taken on.
    pub(super) fn commit(&mut self) -> Result<Flow, ProjectorError> {
        if self.taken == 0 {
            return Ok(Flow::GoOn);
        }
        let Some(projection) = &mut self.projection else { return Err(ProjectorError::Closed) };
        self.ends.put(projection.tables_mut());
        if let Err(breakdown) = guarded(|| projection.commit_behind()) {
            return self.break_down(breakdown);
        }
        self.search.clear(self.taken);
        (self.taken, self.taken_bytes, self.taken_since) = (0, 0, None);
        Ok(Flow::GoOn)
    }

    /// Brings the rows up to what was taken.
    pub(super) fn settle(&mut self) -> Result<Flow, ProjectorError> {
        let Some(projection) = &mut self.projection else { return Err(ProjectorError::Closed) };
        match guarded(|| projection.settle()) {
            Ok(()) => Ok(Flow::GoOn),
            Err(breakdown) => self.break_down(breakdown),
        }
    }

    /// Sees to what is written behind: a commit that was begun, or what is to be merged.
    pub(super) fn go_on(&mut self) -> Result<Flow, ProjectorError> {
        self.keep(|projection| projection.go_on().map(|_| ()))
    }

    /// Waits until everything that was committed is durable.
    pub(super) fn finish(&mut self) -> Result<Flow, ProjectorError> {
        self.keep(Projection::finish)
    }

    /// Merges some of what is due before the store is let go.
    pub(super) fn merge_a_little(&mut self) -> Result<(), ProjectorError> {
        for _ in 0..MERGE_STEPS {
            let mut is_due = false;
            let merge = |projection: &mut Projection| {
                is_due = projection.tables_mut().merge_step()?;
                Ok(())
            };
            if self.keep(merge)? == Flow::Again || !is_due || (self.setting.stop)() {
                break;
            }
        }
        Ok(())
    }

    /// Does something with the store: no record is at fault if that breaks down.
    fn keep(
        &mut self,
        work: impl FnOnce(&mut Projection) -> Result<(), ProjectionError>,
    ) -> Result<Flow, ProjectorError> {
        let Some(projection) = &mut self.projection else { return Err(ProjectorError::Closed) };
        match guarded(|| work(projection)) {
            Ok(()) => Ok(Flow::GoOn),
            Err(Breakdown::Panic(reason)) => self.break_down(Breakdown::Store(StoreError::Broken(reason))),
            Err(breakdown) => self.break_down(breakdown),
        }
    }

    /// Something broke down. What can be mended is: a broken store is made anew, and a record at fault is searched.
    pub(super) fn break_down(&mut self, breakdown: Breakdown) -> Result<Flow, ProjectorError> {
        match breakdown {
            Breakdown::Store(StoreError::TooLong { .. }) | Breakdown::Panic(_) if self.taken > 0 => {
                self.suspect(&breakdown.to_string())?;
            }
            Breakdown::Store(StoreError::Broken(reason)) | Breakdown::Panic(reason) => self.make_anew(reason)?,
            Breakdown::Store(error) => return Err(error.into()),
            Breakdown::Other(error) => return Err(error),
        }
        Ok(Flow::Again)
    }

    fn suspect(&mut self, reason: &str) -> Result<(), ProjectorError> {
        let (reason, last, among) = (reason.to_owned(), self.last, self.taken);
        (self.tell)(match self.search.break_down(among, last, &reason) {
            Verdict::Search(among) => Event::Searching { reason, among },
            Verdict::Found(partition, position) => Event::SetAside { partition, position, reason },
        });
        self.open_again()
    }
}

impl Entry {
    fn unread(&self) -> Option<String> {
        match &self.content {
            Content::Unread(reason) => Some(reason.clone()),
            Content::None | Content::Fact { .. } => None,
        }
    }
}

/// What broke down.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Breakdown {
    #[error("{0}")]
    Store(StoreError),
    #[error("folding panicked: {0}")]
    Panic(String),
    #[error("{0}")]
    Other(ProjectorError),
}

impl From<Breakdown> for ProjectorError {
    fn from(breakdown: Breakdown) -> Self {
        match breakdown {
            Breakdown::Store(error) => Self::Store(error),
            Breakdown::Panic(reason) => Self::Unfoldable { reason },
            Breakdown::Other(error) => error,
        }
    }
}

impl From<ProjectionError> for Breakdown {
    fn from(error: ProjectionError) -> Self {
        match ProjectorError::from(error) {
            ProjectorError::Store(error) => Self::Store(error),
            other => Self::Other(other),
        }
    }
}

/// Does something with a projection, which may panic: then nothing of it is used any more.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T, ProjectionError>) -> Result<T, Breakdown> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => done.map_err(Breakdown::from),
        Err(panic) => Err(Breakdown::Panic(words_of(panic.as_ref()))),
    }
}

/// Lets a projection go, whatever state a panic left it in.
pub(super) fn let_go(projection: Option<Projection>) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(projection)));
}
