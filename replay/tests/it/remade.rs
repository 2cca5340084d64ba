//! A release that makes views in another version makes them anew from the streams that a store keeps: what they come to
//! is what one fold of the journal comes to, and the other views are not touched.

use std::ops::ControlFlow;

use talon_domain::time::Day;
use talon_journal::MemoryJournal;
use talon_projections::key::Key;
use talon_projections::projection::{Projection, ProjectionError};
use talon_projections::rows::Rows;
use talon_projections::store::{Merge, Table, Tables};
use talon_projections::table::beside;
use talon_projections::view::{Booking, Known, View};
use talon_projections::views::ALL;

use crate::letting_go::{Shared, at_once, differences, take};
use crate::mixture;

/// A view as an older release made it: under another version, and with other rows.
struct Older(&'static dyn View);

impl View for Older {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn version(&self) -> u16 {
        self.0.version() + 100
    }

    fn tables(&self) -> &'static [(Table, Merge)] {
        self.0.tables()
    }

    fn rows(&self, known: &Known<'_>, rows: &mut Rows) {
        // It left every second stream out.
        if known.key.stream.0[15].is_multiple_of(2) {
            self.0.rows(known, rows);
        }
    }

    fn book(&self, table: Table, key: &[u8], booking: Booking, booked: &mut Key) -> Option<Table> {
        let later = Booking { recorded_day: Day(booking.recorded_day.0 + 1), ..booking };
        self.0.book(table, key, later, booked)
    }
}

/// All views, those at these places in an older version.
fn older(places: &[usize]) -> Vec<&'static dyn View> {
    let view = |(place, view): (usize, &&'static dyn View)| -> &'static dyn View {
        if places.contains(&place) { Box::leak(Box::new(Older(*view))) } else { *view }
    };
    ALL.iter().enumerate().map(view).collect()
}

fn open(store: &Shared, views: Vec<&'static dyn View>) -> Projection {
    Projection::open(Box::new(store.clone()), views).expect("a store")
}

/// Projects so many records, and commits them.
fn commit(store: &Shared, views: Vec<&'static dyn View>, journal: &MemoryJournal, records: usize) {
    let mut projection = open(store, views);
    take(&mut projection, journal, records);
    projection.commit().expect("room");
}

#[test]
fn each_view_is_made_anew_as_one_fold_makes_it() {
    for seed in 0..24 {
        let journal = mixture::journal(3_000_000 + seed, 300);
        let store = Shared::default();
        let place = usize::try_from(seed).expect("small") % ALL.len();
        let places = if seed < 16 { vec![place] } else { vec![place, (place + 3) % ALL.len()] };
        commit(&store, older(&places), &journal, 150);
        commit(&store, older(&places), &journal, 100);
        let mut projection = open(&store, ALL.to_vec());
        let mut made: Vec<_> = places.iter().map(|place| ALL[*place].name()).collect();
        made.sort_by_key(|name| ALL.iter().position(|view| view.name() == *name));
        assert_eq!(projection.remade(), made, "seed {seed}");
        take(&mut projection, &journal, usize::MAX);
        projection.commit().expect("room");
        assert_eq!(differences(&at_once(&journal), &projection, &journal), "", "seed {seed}, {made:?}");
        drop(projection);
        let again = open(&store, ALL.to_vec());
        assert_eq!(again.remade(), Vec::<&str>::new(), "it is kept");
        assert_eq!(differences(&at_once(&journal), &again, &journal), "", "seed {seed}, {made:?}, opened again");
        for (table, _) in ALL.iter().flat_map(|view| view.tables()) {
            let mut rows = 0;
            let mut count = |_: &[u8], _: &[u8]| {
                rows += 1;
                ControlFlow::Continue(())
            };
            again.tables().scan(beside(*table), &[], None, &mut count).expect("rows");
            assert_eq!(rows, 0, "nothing is left beside {table:?}");
        }
    }
}

/// The first release to make a view, and the first not to make it any more.
#[test]
fn a_view_that_is_new_is_made_and_one_that_is_gone_is_dropped_and_comes_back() {
    let journal = mixture::journal(4, 300);
    let store = Shared::default();
    commit(&store, ALL[..5].to_vec(), &journal, 200);
    assert_eq!(open(&store, ALL.to_vec()).remade().len(), ALL.len() - 5);
    commit(&store, ALL[1..].to_vec(), &journal, 50);
    let mut projection = open(&store, ALL.to_vec());
    assert_eq!(projection.remade(), [ALL[0].name()]);
    take(&mut projection, &journal, usize::MAX);
    projection.commit().expect("room");
    assert_eq!(differences(&at_once(&journal), &projection, &journal), "");
}

#[test]
fn a_store_that_is_none_of_a_projection_is_not_remade() {
    let store = Shared::default();
    let mut tables = Tables::open(Box::new(store.clone()), |_| Merge::Latest).expect("one");
    tables.commit(b"\x63").expect("room");
    drop(tables);
    let error = Projection::open(Box::new(store), ALL.to_vec()).err().expect("not a projection's");
    assert!(matches!(error, ProjectionError::Store(_)), "{error}");
}
