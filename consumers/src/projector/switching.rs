//! Switching: a view that was made anew elsewhere takes the place of the one that is kept.
//!
//! Invariants:
//! - until the last batch is written the kept view is untouched, in the store and for readers of it
//! - what is switched in was made of the very records that the other views were made of

use std::ops::ControlFlow;

use talon_journal::Positions;
use talon_projections::projection::Projection;
use talon_projections::reading::Reading;
use talon_projections::store::{StoreError, Tables};
use talon_projections::table::beside;
use talon_projections::view::View;

use super::{Projector, ProjectorError};

impl Projector<'_> {
    /// Puts a view in the place of the one that is kept; how many rows it has.
    ///
    /// # Errors
    /// Conflict where it was made of other records than those that were taken here; else what the store gave, and then
    /// the kept view is as it was.
    pub fn switch(&mut self, view: &dyn View, made: &dyn Reading, made_of: &Positions) -> Result<u64, ProjectorError> {
        self.commit()?;
        self.finish()?;
        if *made_of != self.positions_taken() {
            return Err(ProjectorError::OtherRecords);
        }
        let Some(projection) = &mut self.projection else { return Err(ProjectorError::Closed) };
        let rows = load(view, made, projection.tables_mut())?;
        // The rows beside are durable now, and nobody reads them.
        rewrite(projection)?;
        for (table, _) in view.tables() {
            projection.tables_mut().replace(*table, beside(*table))?;
        }
        rewrite(projection)?;
        Ok(rows)
    }
}

/// Loads the rows of a view beside the live ones.
fn load(view: &dyn View, made: &dyn Reading, tables: &mut Tables) -> Result<u64, StoreError> {
    let mut rows = 0u64;
    for (table, _) in view.tables() {
        tables.drop_table(beside(*table))?;
        let mut load = tables.load(beside(*table))?;
        let mut failed = None;
        made.scan(*table, &[], None, &mut |key, value| {
            rows = rows.saturating_add(1);
            failed = load.push(key, value).err();
            if failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        failed.map_or(Ok(()), Err)?;
        load.finish()?;
    }
    Ok(rows)
}

/// Writes the list of runs anew, with the state that is there.
fn rewrite(projection: &mut Projection) -> Result<(), StoreError> {
    let state = projection.tables().state().to_vec();
    projection.tables_mut().commit(&state)
}
