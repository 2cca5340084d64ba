//! A group under way: the records of one admitted batch, and what is known of each event before they are durable.

use std::collections::HashMap;
use std::sync::Arc;

use talon_domain::ids::{EventId, MerchantId};
use talon_domain::time::Instant;
use talon_journal::{AppendError, Appended, Batch};

use crate::events::EventBatch;
use crate::outcome::{Outcome, Place};
use crate::refusal::Refusal;

/// The records of one batch. Reused, it allocates nothing once it is warm.
#[derive(Debug, Default)]
pub struct Group {
    batch: Batch,
    recorded_at: Instant,
    admitted: Vec<Admitted>,
    /// Where in the batch an id stands that is not durable yet. Never iterated.
    pending: HashMap<(MerchantId, EventId), Pending>,
}

/// A record that is not durable yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pending {
    pub(crate) record: usize,
    pub(crate) number: u64,
}

/// What is known of an event before the records are durable.
#[derive(Clone, Debug)]
pub(crate) enum Admitted {
    Record(usize),
    DuplicateOfRecord(usize),
    Duplicate(Place),
    Refused(Refusal),
}

impl Group {
    /// An empty group.
    pub fn new() -> Self {
        Self::default()
    }

    /// The records, in the order of their events.
    pub const fn batch(&self) -> &Batch {
        &self.batch
    }

    /// The events that are refused, whatever the journal answers, each with the number it came under.
    pub fn refusals<'g>(&'g self, events: &'g EventBatch) -> impl Iterator<Item = (u64, &'g Refusal)> {
        self.admitted.iter().enumerate().filter_map(|(index, admitted)| match admitted {
            Admitted::Refused(refusal) => Some((events.number(index).unwrap_or_default(), refusal)),
            _ => None,
        })
    }

    /// The number under which the event of each record came, in the order of the batch.
    pub fn numbers<'g>(&'g self, events: &'g EventBatch) -> impl Iterator<Item = u64> {
        self.admitted.iter().enumerate().filter_map(|(index, admitted)| match admitted {
            Admitted::Record(_) => events.number(index),
            _ => None,
        })
    }

    /// How many events were told before, in the journal or earlier in the batch.
    pub fn duplicates(&self) -> usize {
        let told = |admitted: &&Admitted| matches!(admitted, Admitted::Duplicate(_) | Admitted::DuplicateOfRecord(_));
        self.admitted.iter().filter(told).count()
    }

    pub(crate) fn begin(&mut self, recorded_at: Instant) {
        self.batch.clear();
        self.admitted.clear();
        self.pending.clear();
        self.recorded_at = recorded_at;
    }

    pub(crate) fn batch_mut(&mut self) -> &mut Batch {
        &mut self.batch
    }

    pub(crate) fn note(&mut self, admitted: Admitted) {
        self.admitted.push(admitted);
    }

    pub(crate) fn note_pending(&mut self, merchant: MerchantId, id: EventId, pending: Pending) {
        self.pending.insert((merchant, id), pending);
    }

    pub(crate) fn pending(&self, merchant: MerchantId, id: EventId) -> Option<Pending> {
        self.pending.get(&(merchant, id)).copied()
    }

    pub(crate) fn pending_ids(&self) -> impl Iterator<Item = (MerchantId, EventId, usize)> + '_ {
        let records = self.batch.iter().enumerate();
        records.filter_map(|(record, (_, bytes))| {
            let parsed = talon_journal::Record::parse(bytes).ok()?;
            Some((parsed.merchant(), parsed.event_id(), record))
        })
    }

    pub(crate) fn take_batch(&mut self) -> Batch {
        std::mem::take(&mut self.batch)
    }

    pub(crate) fn put_back(&mut self, batch: Batch) {
        self.batch = batch;
    }

    /// The outcome of each event, once the journal has answered.
    pub(crate) fn outcomes(&self, answer: &Result<Appended, AppendError>) -> Vec<Outcome> {
        self.admitted.iter().map(|admitted| self.outcome(admitted, answer)).collect()
    }

    fn outcome(&self, admitted: &Admitted, answer: &Result<Appended, AppendError>) -> Outcome {
        match (admitted, answer) {
            (Admitted::Duplicate(place), _) => Outcome::Duplicate(*place),
            (Admitted::Refused(refusal), _) => Outcome::Refused(refusal.clone()),
            (Admitted::Record(record), Ok(appended)) => self.kept(appended, *record, Outcome::Appended),
            (Admitted::DuplicateOfRecord(record), Ok(appended)) => self.kept(appended, *record, Outcome::Duplicate),
            (Admitted::Record(record) | Admitted::DuplicateOfRecord(record), Err(error)) => failed(error, *record),
        }
    }

    fn kept(&self, appended: &Appended, record: usize, outcome: fn(Place) -> Outcome) -> Outcome {
        appended.place(record).map_or_else(
            || Outcome::Unknown("the journal did not say where the record is".into()),
            |(partition, position)| outcome(Place { partition, position, recorded_at: self.recorded_at }),
        )
    }
}

/// What is true of a record after an append failed: the durable prefix cannot name its places, so the caller asks
/// again under the same ids.
fn failed(error: &AppendError, record: usize) -> Outcome {
    let reason: Arc<str> = error.to_string().into();
    let may_be_in = match error {
        AppendError::Rejected { .. } => 0,
        AppendError::Unavailable { durable, .. } => *durable,
        AppendError::Indeterminate { durable, in_doubt, .. } => durable.saturating_add(*in_doubt),
        _ => usize::MAX,
    };
    if record < may_be_in { Outcome::Unknown(reason) } else { Outcome::NotAppended(reason) }
}
