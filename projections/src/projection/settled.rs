//! What a stream comes to, carried into tables: its rows in every view, and what is added to a day also on the day on which
//! that is booked.

use talon_domain::fold::Fold;
use talon_domain::ids::{PartitionId, StreamKey};
use talon_domain::stream::Stream;

use crate::cells::Cells;
use crate::key::Key;
use crate::rows::{Rows, Sink};
use crate::store::{Table, Tables};
use crate::terminals::stated;
use crate::view::{Arrival, Booking, Known, View};
use crate::views::merge_of;

/// Where the changes of a stream go: into the tables, and what is added to a day also to the day on which it is booked.
pub(super) struct Settled<'s> {
    pub(super) tables: &'s mut Tables,
    /// Which of its tables: the live ones, or those beside them.
    pub(super) place: fn(Table) -> Table,
    pub(super) views: &'s [&'static dyn View],
    pub(super) booking: Booking,
    pub(super) room: &'s mut Room,
}

/// Where the changes of a day's row are written for the day on which they are booked. Its memory serves all streams.
#[derive(Debug, Default)]
pub(super) struct Room {
    key: Key,
    sums: Cells,
}

impl Sink for Settled<'_> {
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) {
        self.tables.put((self.place)(table), key, value);
    }

    fn delete(&mut self, table: Table, key: &[u8]) {
        self.tables.delete((self.place)(table), key);
    }

    fn add(&mut self, table: Table, key: &[u8], cells: &Cells) {
        self.tables.add((self.place)(table), key, cells);
        let Room { key: booked_key, sums } = &mut *self.room;
        let booked = self.views.iter().find_map(|view| view.book(table, key, self.booking, booked_key));
        if let Some(table) = booked {
            sums.clear();
            sums.extend_sums(cells);
            self.tables.add((self.place)(table), booked_key.as_bytes(), sums);
        }
    }
}

/// What a stream comes to in these views. Of one that cannot be read yet its facts' headers can.
pub(crate) fn rows_of(
    views: &[&'static dyn View],
    key: StreamKey,
    stream: &Stream,
    arrivals: &[Arrival],
    rows: &mut Rows,
) {
    let state = stream.is_payment().then(|| stream.state(key));
    let stated = if stream.is_payment() || stream.is_parked() { None } else { stated(stream) };
    let known = Known { key, stream, state: state.as_ref(), stated, arrivals };
    views.iter().for_each(|view| view.rows(&known, rows));
    rows.finish();
}

/// The rows of views that need no arrivals, of a history that was folded elsewhere.
pub(crate) fn rows_of_fold(fold: &Fold, views: &[&'static dyn View]) -> Tables {
    let (mut tables, mut rows, before) = (Tables::in_memory(merge_of), Rows::default(), Rows::default());
    for (partition, of) in fold.partitions() {
        for (key, stream) in of.all_streams().filter(|(key, _)| key.merchant.0 != 0 || partition == PartitionId(0)) {
            rows.clear();
            rows_of(views, key, stream, &[], &mut rows);
            rows.replace(&before, &mut tables);
        }
    }
    tables
}
