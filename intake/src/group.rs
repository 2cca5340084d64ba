//! A group under way: the records of one admitted batch, and what is known of each event before they are durable.
//!
//! - every event of the batch has a line, in the order of the batch, and is decided once
//! - a group that is used again allocates nothing for an event that is taken

use std::sync::Arc;

use talon_domain::ids::PartitionId;
use talon_domain::time::Instant;
use talon_journal::{AppendError, Appended, Batch, BatchError};

use crate::events::EventBatch;
use crate::outcome::{Outcome, Place};
use crate::refusal::Refusal;

/// The records of one batch, and the answers once they are durable.
#[derive(Debug, Default)]
pub struct Group {
    batch: Batch,
    recorded_at: Instant,
    /// One for each event; `None` until it is decided.
    admitted: Vec<Option<Admitted>>,
    /// Of which event each record is.
    events: Vec<usize>,
    outcomes: Vec<Outcome>,
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

    /// The outcome of each event, in the order of the batch; none before the group is settled.
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// The events that are refused, whatever the journal answers, each with the number it came under.
    pub fn refusals<'g>(&'g self, events: &'g EventBatch) -> impl Iterator<Item = (u64, &'g Refusal)> {
        self.admitted.iter().enumerate().filter_map(|(index, admitted)| match admitted {
            Some(Admitted::Refused(refusal)) => Some((events.number(index).unwrap_or_default(), refusal)),
            _ => None,
        })
    }

    /// The number under which the event of each record came, in the order of the batch.
    pub fn numbers<'g>(&'g self, events: &'g EventBatch) -> impl Iterator<Item = u64> {
        self.events.iter().filter_map(|event| events.number(*event))
    }

    /// How many events were told before, in the journal or earlier in the batch.
    pub fn duplicates(&self) -> usize {
        let told = |admitted: &&Admitted| matches!(admitted, Admitted::Duplicate(_) | Admitted::DuplicateOfRecord(_));
        self.admitted.iter().flatten().filter(told).count()
    }

    pub(crate) fn begin(&mut self, recorded_at: Instant) {
        self.batch.clear();
        self.admitted.clear();
        self.events.clear();
        self.outcomes.clear();
        self.recorded_at = recorded_at;
    }

    /// The next event is not decided yet.
    pub(crate) fn await_decision(&mut self) {
        self.admitted.push(None);
    }

    /// The next event is decided at once.
    pub(crate) fn decide(&mut self, admitted: Admitted) {
        self.admitted.push(Some(admitted));
    }

    pub(crate) fn is_decided(&self, event: usize) -> bool {
        self.admitted.get(event).is_some_and(Option::is_some)
    }

    pub(crate) fn note(&mut self, event: usize, admitted: Admitted) {
        if let Some(line) = self.admitted.get_mut(event) {
            *line = Some(admitted);
        }
    }

    /// Notes what was found first, and not what is found later.
    pub(crate) fn note_first(&mut self, event: usize, admitted: Admitted) {
        if !self.is_decided(event) {
            self.note(event, admitted);
        }
    }

    /// Makes a record of an event.
    pub(crate) fn push(&mut self, event: usize, partition: PartitionId, parts: &[&[u8]]) -> Result<(), BatchError> {
        let record = self.batch.len();
        self.batch.push(partition, parts)?;
        self.events.push(event);
        self.note(event, Admitted::Record(record));
        Ok(())
    }

    /// Of which event a record is.
    pub(crate) fn event_of(&self, record: usize) -> usize {
        self.events.get(record).copied().unwrap_or_default()
    }

    pub(crate) fn take_batch(&mut self) -> Batch {
        std::mem::take(&mut self.batch)
    }

    pub(crate) fn take_outcomes(&mut self) -> Vec<Outcome> {
        std::mem::take(&mut self.outcomes)
    }

    /// The journal has answered.
    pub(crate) fn conclude(&mut self, answer: Result<Appended, AppendError>) {
        let mut outcomes = std::mem::take(&mut self.outcomes);
        outcomes.extend(self.admitted.iter().flatten().map(|admitted| self.outcome(admitted, &answer)));
        self.outcomes = outcomes;
        if let Ok(appended) = answer {
            self.batch = appended.into_batch();
        }
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
