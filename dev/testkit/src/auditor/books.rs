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

use talon_domain::fact::{Fact, Kind, Payload};
use talon_domain::ids::{PartitionId, StreamKey};
use talon_domain::time::Day;

use super::payment::{Judged, judge};
use super::{Admission, Auditor, is_shown};

mod days;
mod open;
mod transactions;

pub use days::{Line, Sums};
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
    phone_buckets: Vec<u32>,
    until: Option<Day>,
}

/// A stream as the books see it.
struct Stream<'a> {
    key: StreamKey,
    /// In the order in which they arrived.
    facts: Vec<&'a Fact>,
    phone_buckets: Vec<u32>,
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
        for told in &self.told[..place] {
            let Told::Record { partition, fact, phone_bucket } = told else { continue };
            if let Admission::Fact | Admission::Parked = prefix.auditor.record(*partition, fact) {
                prefix.phone_buckets.push(*phone_bucket);
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
        largest.and_then(talon_domain::time::Instant::paris_day).expect("the record itself is one")
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
        let (mut facts, mut phone_buckets) = (Vec::new(), Vec::new());
        for (admitted, bucket) in self.auditor.admitted.iter().zip(&self.phone_buckets) {
            let header = &admitted.fact.header;
            let is_later = self.until.is_some_and(|until| header.day > until) && !is_in_ledger_order(header.kind);
            if is_shown(admitted) && header.stream_key() == key && !is_later {
                facts.push(&admitted.fact);
                phone_buckets.push(*bucket);
            }
        }
        if facts.iter().all(|fact| matches!(fact.payload, Payload::Parked(_))) {
            return None;
        }
        let judged = judge(&facts);
        Some(Stream { key, facts, phone_buckets, judged })
    }
}

/// "2000+ decisions, 3000+ closings, 5000+ privacy": they are judged at their place, whatever their day.
const fn is_in_ledger_order(kind: Kind) -> bool {
    matches!(kind.0, 2_000..4_000 | 5_000..6_000)
}
