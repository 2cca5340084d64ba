//! Views of another version: when a release makes some views otherwise than the one before it, those are made anew from
//! the streams that the store keeps, beside the rows that are there, and take their place in one step.
//!
//! Invariants:
//! - until that step the store holds what it held: whoever is killed meanwhile begins again, and an older release reads on
//! - a stream is settled at each change of the day on which its facts were recorded, as it was when they came: what is
//!   booked is booked on the same days
//! - some thousand streams are held at a time, however many there are
//!
//! Other folds, and facts that are read otherwise, are not this module's: then streams themselves are others, and all is
//! made anew from the journal.

use talon_domain::fact::Fact;
use talon_domain::ids::{PartitionId, StreamKey};
use talon_domain::stream::Stream;
use talon_domain::time::Day;

use super::settled::{Room, Settled, rows_of};
use super::{Projection, ProjectionError, Stand};
use crate::kept::Restored;
use crate::rows::Rows;
use crate::store::{StoreError, Table, Tables};
use crate::streams::next_streams;
use crate::table::beside;
use crate::view::{Arrival, Booking, View};

/// Streams that are brought back together.
const TOGETHER: usize = 4_096;
/// Bytes of rows in memory with which they are written behind.
const ROW_BYTES: usize = 64 << 20;

impl Projection {
    /// Makes those of its views anew that the store holds in another version, or not at all; lets go what no view of this
    /// release has.
    pub(super) fn remake(&mut self, held: &Stand) -> Result<(), ProjectionError> {
        let views: Vec<_> = self.views.iter().copied().filter(|view| !held.has(*view)).collect();
        let tables: Vec<Table> = views.iter().flat_map(|view| view.tables()).map(|(table, _)| *table).collect();
        tables.iter().try_for_each(|table| self.tables.drop_table(beside(*table)))?;
        let first_open_day = Day(held.first_open_day);
        let mut from = Some(Vec::new());
        while let Some(key) = from {
            let (streams, next) = next_streams(&self.tables, &key, TOGETHER)?;
            for (partition, key, restored) in streams {
                if key.merchant.0 != 0 || partition == PartitionId(0) {
                    put_beside(&views, key, restored, first_open_day, &mut self.tables);
                }
            }
            if self.tables.memory_bytes() >= ROW_BYTES {
                self.rewrite()?;
            }
            from = next;
        }
        // The rows beside are in the store now, and nobody reads them.
        self.rewrite()?;
        tables.iter().try_for_each(|table| self.tables.replace(*table, beside(*table)))?;
        self.drop_unnamed(held)?;
        let state = postcard::to_allocvec(&held.with_views_of(&self.stand)).unwrap_or_default();
        self.tables.commit(&state)?;
        self.remade = views.iter().map(|view| view.name()).collect();
        Ok(())
    }

    /// Writes rows behind, with the state that is there.
    fn rewrite(&mut self) -> Result<(), StoreError> {
        let state = self.tables.state().to_vec();
        self.tables.commit(&state)
    }

    /// Drops what views held that this release does not have, as far as it knows their tables.
    fn drop_unnamed(&mut self, held: &Stand) -> Result<(), StoreError> {
        let gone = crate::views::ALL.iter().filter(|view| held.names(view.name()) && !self.stand.names(view.name()));
        gone.flat_map(|view| view.tables()).try_for_each(|(table, _)| self.tables.drop_table(*table))
    }
}

/// Puts beside the live rows what a stream comes to, day of recording by day of recording.
fn put_beside(views: &[&'static dyn View], key: StreamKey, of: Restored, first_open_day: Day, tables: &mut Tables) {
    let (mut before, mut rows, mut room) = (Rows::default(), Rows::default(), Room::default());
    let mut settle = |stream: &Stream, arrivals: &[Arrival]| {
        let Some(recorded_day) = arrivals.last().map(|arrival| arrival.recorded_day) else { return };
        let booking = Booking { recorded_day, first_open_day };
        rows.clear();
        rows_of(views, key, stream, arrivals, &mut rows);
        let (tables, room) = (&mut *tables, &mut room);
        rows.replace(&before, &mut Settled { tables, place: beside, views, booking, room });
        std::mem::swap(&mut before, &mut rows);
    };
    let Restored { facts, arrivals, conflicts, .. } = of;
    let (mut so_far, mut told) = (Stream::default(), 0usize);
    for day in arrivals.chunk_by(|a, b| a.recorded_day == b.recorded_day) {
        let next = told.saturating_add(day.len());
        if next == arrivals.len() {
            break;
        }
        let of_the_day: Vec<Fact> = facts.iter().skip(told).take(day.len()).cloned().collect();
        so_far.extend(of_the_day);
        settle(&so_far, arrivals.get(..next).unwrap_or_default());
        told = next;
    }
    settle(&Stream::from_kept(facts, &conflicts), &arrivals);
}
