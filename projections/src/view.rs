//! What a view is: a name, a version, and what one stream comes to in it. Everything else - keeping, taking back, booking,
//! comparing, rebuilding - is the same for all of them ([`crate::projection`]).
//!
//! Invariant: a view's rows of a stream are a function of that stream's facts, their order of arrival and the days on
//! which they were recorded; of no clock, and of no other stream. What needs several streams is joined when it is asked.

use talon_domain::fact::Fact;
use talon_domain::ids::StreamKey;
use talon_domain::state::State;
use talon_domain::stream::Stream;
use talon_domain::time::Day;

use crate::key::Key;
use crate::rows::Rows;
use crate::store::{Merge, Table};

/// A fold of facts into rows.
pub trait View: Sync {
    /// What it is called.
    fn name(&self) -> &'static str;

    /// Which version of it: another one has other rows.
    fn version(&self) -> u16;

    /// Its tables, and how two values of one key meet there.
    fn tables(&self) -> &'static [(Table, Merge)];

    /// What a stream comes to in it.
    fn rows(&self, known: &Known<'_>, rows: &mut Rows);

    /// Where what is added to a row of an economic day is booked, for a view that has booked sums: the key is written,
    /// and the table named.
    fn book(&self, _table: Table, _key: &[u8], _booking: Booking, _booked: &mut Key) -> Option<Table> {
        None
    }
}

/// A stream as views see it.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Which.
    pub key: StreamKey,
    /// Its facts.
    pub stream: &'a Stream,
    /// What they add up to, if it is a payment. A stream of which nothing can be read yet is neither this nor the next.
    pub state: Option<&'a State>,
    /// What it states, if it is not.
    pub stated: Option<&'a Fact>,
    /// How each of its facts arrived, in their order.
    pub arrivals: &'a [Arrival],
}

/// What the journal adds to a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The day in Paris of the latest clock that its partition had seen when it was recorded.
    pub recorded_day: Day,
    /// The coarse group of the phone number that it sealed; 0 is none.
    pub phone_bucket: u32,
}

/// When something is booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Booking {
    /// The day in Paris of the record that changed it.
    pub recorded_day: Day,
    /// The first day that is not closed.
    pub first_open_day: Day,
}

impl Booking {
    /// The day on which a component of an economic day is booked: a wrong clock books nothing ahead, and what is closed
    /// stays closed.
    pub fn day_of(self, economic: Day) -> Day {
        economic.min(self.recorded_day).max(self.first_open_day)
    }
}
