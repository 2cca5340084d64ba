//! Views made on purpose: of a whole ledger or of what it knew then, in memory, from the journal alone. What the projector
//! stores is never opened here: that is what makes a comparison with it worth something.

use talon_journal::{Journal, Positions};
use talon_projections::projection::{Projection, ProjectionError};
use talon_projections::view::View;

use crate::as_of::{AsOf, AsOfError, Scope, walk};
use crate::history::Progress;
use crate::taken::taken_as_of;

/// Views as of then, and the positions up to which they were made.
pub struct Projected {
    /// The views, settled.
    pub projection: Projection,
    /// The next position of each partition that was asked for.
    pub positions: Positions,
}

/// Why views were not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectError {
    /// What is asked for is not in this journal, or it could not be read.
    #[error(transparent)]
    AsOf(#[from] AsOfError),
    /// The projection could not go on.
    #[error(transparent)]
    Projection(#[from] ProjectionError),
}

/// Makes views of what a ledger knew then.
pub fn project(
    journal: &dyn Journal,
    as_of: &AsOf,
    scope: Scope,
    views: Vec<&'static dyn View>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Projected, ProjectError> {
    let mut projection = match as_of.effective_at {
        Some(day) => Projection::effective_at(views, day),
        None => Projection::in_memory(views),
    };
    let mut failed = None;
    let positions = walk(journal, as_of, progress, &mut |stored| {
        if failed.is_none() {
            failed = projection.take(taken_as_of(stored, as_of, scope)).err();
        }
    })?;
    failed.map_or(Ok(()), Err)?;
    projection.settle()?;
    Ok(Projected { projection, positions })
}
