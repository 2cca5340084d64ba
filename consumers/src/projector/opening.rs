//! Opening what was stored, and making it anew. Invariants:
//! - what is opened was made of this journal, by these views: those of another version are made anew beside the others
//! - what is not is moved aside, never mended; a journal that holds less than was read is refused, and nothing is moved

use talon_projections::projection::{Projection, ProjectionError};
use talon_projections::store::{SledStore, StoreError};

use super::ends;
use super::keeping::{Breakdown, guarded, let_go};
use super::{Projector, ProjectorError};
use crate::event::Event;

/// How often a store may break in one run: then it is not the store.
const MOVES_MAX: u32 = 3;

impl Projector<'_> {
    /// Opens the last commit. What was taken since is forgotten, and is read again.
    pub(super) fn open_again(&mut self) -> Result<(), ProjectorError> {
        self.close();
        loop {
            let reason = match self.open_store() {
                Ok(projection) => {
                    if !projection.remade().is_empty() {
                        (self.tell)(Event::Remade { views: projection.remade().to_vec() });
                    }
                    self.projection = Some(projection);
                    return Ok(());
                }
                Err(Breakdown::Store(StoreError::Broken(reason)) | Breakdown::Panic(reason)) => reason,
                Err(Breakdown::Other(ProjectorError::Projection(other @ ProjectionError::OtherViews { .. }))) => {
                    other.to_string()
                }
                Err(Breakdown::Store(error)) => return Err(error.into()),
                Err(Breakdown::Other(error)) => return Err(error),
            };
            self.move_aside(reason)?;
        }
    }

    /// Moves aside what is stored, and begins anew.
    pub(super) fn make_anew(&mut self, reason: String) -> Result<(), ProjectorError> {
        self.close();
        self.move_aside(reason)?;
        self.open_again()
    }

    fn close(&mut self) {
        self.sessions.close();
        let_go(self.projection.take());
        self.ends.forget();
        (self.taken, self.taken_bytes, self.taken_since) = (0, 0, None);
    }

    fn open_store(&mut self) -> Result<Projection, Breakdown> {
        let path = self.place.make_views().map_err(|error| Breakdown::Other(error.into()))?;
        let views = self.setting.views.clone();
        let projection = guarded(|| {
            let store = SledStore::open(&path)?;
            Projection::open(Box::new(store), views)
        })?;
        match ends::check(&projection, self.setting.journal) {
            Ok(()) => Ok(projection),
            Err(ProjectorError::Store(error)) => Err(Breakdown::Store(error)),
            Err(error) => Err(Breakdown::Other(error)),
        }
    }

    fn move_aside(&mut self, reason: String) -> Result<(), ProjectorError> {
        if self.moved_aside >= MOVES_MAX {
            return Err(ProjectorError::Hopeless { times: self.moved_aside, reason });
        }
        self.moved_aside = self.moved_aside.saturating_add(1);
        let to = self.place.move_aside((self.setting.clock)())?;
        (self.tell)(Event::MovedAside { to, reason });
        Ok(())
    }
}
