//! Books: every view a second time, in plain loops. They keep every record, and count from the beginning each time they
//! are asked.
//!
//! They take from the auditor what a stream adds up to, and from the contract what is counted where: a comment in
//! quotation marks is the sentence that the loop below it carries out. Answers are plain numbers and texts under plain
//! keys, so that a test can lay any implementation beside them.
//!
//! Invariants:
//! - nothing is carried from one question to the next: a change is what a whole prefix comes to, less what the prefix
//!   before it came to
//! - practice is found like any payment, and counts nowhere
//!
//! This module does not know tables, keys as bytes, or what changed since it was last asked.

use std::collections::BTreeMap;

use talon_domain::fact::{Fact, Kind, Payload};
use talon_domain::ids::{PartitionId, StreamKey};
use talon_domain::time::{Day, Instant};

use super::admission::Admitted;
use super::payment::{Judged, judge};
use super::{Admission, Auditor, is_shown};

mod anomalies;
mod days;
mod devices;
mod instalments;
mod open;
mod settlement;
mod transactions;

pub use anomalies::{Broken, Clearing};
pub use days::{Line, Sums};
pub use devices::{Device, DeviceRow};
pub use instalments::{DueLine, DueSums};
pub use open::OpenRow;
pub use settlement::Owed;
pub use transactions::{Name, Row, Rows};

/// Everything that was told, in its order.
#[derive(Clone, Debug, Default)]
pub struct Books {
    told: Vec<Told>,
    /// Facts of later days are left out, if there is such a day.
    until: Option<Day>,
}

/// One thing that was told.
#[derive(Clone, Debug)]
enum Told {
    Record {
        partition: PartitionId,
        fact: Box<Fact>,
        phone_bucket: u32,
    },
    /// Every day before this one is closed.
    Closing(Day),
}

/// Everything that was told up to some place, admitted.
#[derive(Default)]
struct Prefix {
    auditor: Auditor,
    /// Of each fact that was admitted, in their order.
    arrivals: Vec<Arrival>,
    until: Option<Day>,
}

/// What came with a fact.
#[derive(Clone, Copy)]
struct Arrival {
    /// "The Paris day of the largest `recorded_at` so far in the partition."
    recorded_day: Day,
    phone_bucket: u32,
}

/// A stream as the books see it.
struct Stream<'a> {
    key: StreamKey,
    /// In the order in which they arrived.
    facts: Vec<&'a Fact>,
    arrivals: Vec<Arrival>,
    judged: Judged<'a>,
}

impl Books {
    /// Books of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next record of its partition, with the group of the phone number that it seals; 0 is none.
    pub fn record(&mut self, partition: PartitionId, fact: &Fact, phone_bucket: u32) {
        self.told.push(Told::Record { partition, fact: Box::new(fact.clone()), phone_bucket });
    }

    /// Closes every day before this one.
    pub fn open_from(&mut self, day: Day) {
        self.told.push(Told::Closing(day));
    }

    /// Sums by the day on which something happened.
    pub fn economic_days(&self) -> Sums {
        days::economic(&self.everything())
    }

    /// Sums by the day on which something is booked.
    pub fn booked_days(&self) -> Sums {
        days::booked(self)
    }

    /// Every payment in a few words.
    pub fn transactions(&self) -> Rows {
        transactions::rows(&self.everything())
    }

    /// Rules that are not kept, and those that were not when a day of recording ended.
    pub fn anomalies(&self) -> Vec<Broken> {
        anomalies::all(&self.everything())
    }

    /// Every device that is registered or that facts name, at a moment.
    pub fn devices(&self, at: Instant) -> BTreeMap<Device, DeviceRow> {
        devices::rows(&self.everything(), at)
    }

    /// Payments that are open at a moment.
    pub fn open_items(&self, at: Instant) -> BTreeMap<StreamKey, OpenRow> {
        open::items(&self.everything(), at)
    }

    /// Instalments by the day on which they fall due, in sums: how many, and how much.
    pub fn calendar(&self) -> DueSums {
        instalments::sums(&self.everything())
    }

    /// Instalments that are due, failed, claimed or covered, sorted.
    pub fn due(&self) -> Vec<(StreamKey, DueLine)> {
        instalments::due(&self.everything())
    }

    /// What payments let expect, and what lines of accounts book of it or beside it, sorted.
    pub fn owed(&self) -> Vec<Owed> {
        settlement::owed(&self.everything())
    }

    /// "As-of (R, E) = the fold of {facts in prefix R with day <= E} and the decisions in prefix R: facts are filtered,
    /// not the view's rows"; which records are facts is the prefix's business.
    #[must_use]
    pub fn effective_at(&self, day: Day) -> Self {
        Self { told: self.told.clone(), until: Some(day) }
    }

    fn everything(&self) -> Prefix {
        self.prefix(self.told.len())
    }

    /// What was told before a place, admitted from the beginning.
    fn prefix(&self, place: usize) -> Prefix {
        let mut prefix = Prefix { until: self.until, ..Prefix::default() };
        for (at, told) in self.told[..place].iter().enumerate() {
            let Told::Record { partition, fact, phone_bucket } = told else { continue };
            if let Admission::Fact | Admission::Parked = prefix.auditor.record(*partition, fact) {
                let recorded_day = self.recorded_day(at, *partition);
                prefix.arrivals.push(Arrival { recorded_day, phone_bucket: *phone_bucket });
            }
        }
        prefix
    }

    /// "The Paris day of the largest `recorded_at` so far in the partition", the record at this place included.
    fn recorded_day(&self, place: usize, of: PartitionId) -> Day {
        let mut largest = None;
        for told in &self.told[..=place] {
            match told {
                Told::Record { partition, fact, .. } if *partition == of => {
                    largest = largest.max(Some(fact.header.recorded_at));
                }
                _ => {}
            }
        }
        largest.and_then(Instant::paris_day).expect("the record itself is one")
    }
}

impl Prefix {
    /// Every stream of which something can be read, in the order of keys.
    fn streams(&self) -> Vec<Stream<'_>> {
        let mut streams = Vec::new();
        for key in self.auditor.keys() {
            streams.extend(self.stream(key));
        }
        streams
    }

    /// Every payment, in the order of keys.
    fn payments(&self) -> Vec<Stream<'_>> {
        let mut payments = self.streams();
        payments.retain(|stream| stream.judged.payment.is_some());
        payments
    }

    fn stream(&self, key: StreamKey) -> Option<Stream<'_>> {
        let (mut facts, mut arrivals) = (Vec::new(), Vec::new());
        for (admitted, arrival) in self.facts() {
            if admitted.fact.header.stream_key() == key {
                facts.push(&admitted.fact);
                arrivals.push(arrival);
            }
        }
        if facts.iter().all(|fact| matches!(fact.payload, Payload::Parked(_))) {
            return None;
        }
        let judged = judge(&facts);
        Some(Stream { key, facts, arrivals, judged })
    }

    /// Every fact of a stream that is shown and asked for, in the order of arrival.
    fn facts(&self) -> Vec<(&Admitted, Arrival)> {
        let mut facts = Vec::new();
        for (admitted, arrival) in self.auditor.admitted.iter().zip(&self.arrivals) {
            let header = &admitted.fact.header;
            let is_later = self.until.is_some_and(|until| header.day > until) && !is_in_ledger_order(header.kind);
            if is_shown(admitted) && !is_later {
                facts.push((admitted, *arrival));
            }
        }
        facts
    }
}

/// "2000+ decisions, 3000+ closings, 5000+ privacy": they are judged at their place, whatever their day.
const fn is_in_ledger_order(kind: Kind) -> bool {
    matches!(kind.0, 2_000..4_000 | 5_000..6_000)
}
