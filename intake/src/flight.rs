//! Groups on their way to the disk: while one is written, the next is admitted.
//!
//! - groups are answered in the order in which they were submitted
//! - the index learns a group's places before its answers are given out, so that nothing is answered as a duplicate of
//!   what is not durable
//!
//! How many groups may be under way is the caller's to say; this module does not hold it back.

use std::sync::Arc;

use talon_domain::time::Instant;
use talon_journal::{AppendError, Appended, Completion, Journal};

use crate::admit::{Door, IntakeError};
use crate::events::EventBatch;
use crate::group::Group;
use crate::outcome::Outcome;
use crate::publisher::Publisher;
use crate::read::read;
use crate::seals::SealingError;

/// A group that was handed to the journal.
#[derive(Debug)]
pub(crate) struct Flight {
    group: Group,
    answer: Completion,
}

impl Door {
    /// Admits a batch, appends what can be appended, waits until it is durable, and answers for every event. If a
    /// personal part cannot be sealed, nothing of the batch is appended, and every event is told so.
    ///
    /// # Errors
    /// Nothing of the batch was appended: see [`IntakeError`].
    pub fn publish(
        &mut self,
        events: &EventBatch,
        publisher: &Publisher,
        now: Instant,
        journal: &dyn Journal,
        group: &mut Group,
    ) -> Result<Vec<Outcome>, IntakeError> {
        match self.submit(events, publisher, now, journal, std::mem::take(group)) {
            Ok(()) => {}
            Err(IntakeError::Sealing(error)) => return Ok(unsealed(events, publisher, now, &error)),
            Err(error) => return Err(error),
        }
        while let Some(settled) = self.settle() {
            *group = settled;
        }
        Ok(group.take_outcomes())
    }

    /// Admits a batch and hands it to the journal, without waiting: [`Door::settle`] gives the group back with its
    /// outcomes, one for each event.
    ///
    /// # Errors
    /// Nothing of the batch was appended; the group is lost.
    pub fn submit(
        &mut self,
        events: &EventBatch,
        publisher: &Publisher,
        now: Instant,
        journal: &dyn Journal,
        mut group: Group,
    ) -> Result<(), IntakeError> {
        self.admit(events, publisher, now, journal, &mut group)?;
        let batch = group.take_batch();
        let answer = if batch.is_empty() { Completion::known(Ok(Appended::new(batch))) } else { journal.append(batch) };
        self.flights.push_back(Flight { group, answer });
        Ok(())
    }

    /// How many groups are under way.
    pub fn under_way(&self) -> usize {
        self.flights.len()
    }

    /// Waits for the group that was submitted first, and gives it back with its outcomes; `None` if none is left.
    pub fn settle(&mut self) -> Option<Group> {
        if self.settled.is_empty() {
            self.land();
        }
        self.settled.pop_front()
    }

    pub(crate) fn settle_all(&mut self) {
        while self.land() {}
    }

    /// Waits for the oldest flight; `false` if there is none.
    fn land(&mut self) -> bool {
        let Some(Flight { mut group, answer }) = self.flights.pop_front() else { return false };
        let answer: Result<Appended, AppendError> = answer.wait();
        match &answer {
            Ok(appended) => self.index.settle(appended.places()),
            Err(_) => self.index.forget(),
        }
        group.conclude(answer);
        self.settled.push_back(group);
        true
    }
}

/// The answers of a batch of which nothing could be appended: refusals stay, everything else may be sent again.
fn unsealed(events: &EventBatch, publisher: &Publisher, now: Instant, error: &SealingError) -> Vec<Outcome> {
    let reason: Arc<str> = error.to_string().into();
    let answer = |(number, event): (usize, Result<&[u8], &crate::refusal::Refusal>)| {
        let read = event.map_err(Clone::clone).and_then(|event| read(number, event, publisher, now));
        read.map_or_else(Outcome::Refused, |_| Outcome::NotAppended(Arc::clone(&reason)))
    };
    events.iter().enumerate().map(answer).collect()
}
