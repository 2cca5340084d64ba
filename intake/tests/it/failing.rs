//! What the door says when the journal or the vault does not do its part.

use std::sync::Mutex;
use std::time::Duration;

use talon_domain::ids::{PartitionId, Position};
use talon_intake::{EventBatch, MessageSource, Messages, Outcome, Seals};
use talon_journal::{AppendError, Batch, Completion, IdIndex, Identity, Journal, Positions, ReadError, Reader};
use talon_vault::Entropy;

use crate::bench::{Bench, INITIATED, line, line_with};

/// A journal whose every append fails in the way that is set.
pub(crate) struct Failing<'j> {
    inner: &'j dyn Journal,
    error: Mutex<Option<AppendError>>,
}

impl<'j> Failing<'j> {
    /// The next append fails with this.
    pub(crate) fn with(inner: &'j dyn Journal, error: AppendError) -> Self {
        Self { inner, error: Mutex::new(Some(error)) }
    }
}

impl Journal for Failing<'_> {
    fn identity(&self) -> Identity {
        self.inner.identity()
    }
    fn append(&self, _: Batch) -> Completion {
        let error = self.error.lock().expect("one thread").take().expect("an error for each append");
        Completion::known(Err(error))
    }
    fn ends(&self) -> Positions {
        self.inner.ends()
    }
    fn read(&self, partition: PartitionId, from: Position) -> Result<Box<dyn Reader + '_>, ReadError> {
        self.inner.read(partition, from)
    }
    fn scan(&self, from: &Positions) -> Result<Box<dyn Reader + '_>, ReadError> {
        self.inner.scan(from)
    }
    fn wait(&self, beyond: &Positions, timeout: Duration) -> Result<bool, ReadError> {
        self.inner.wait(beyond, timeout)
    }
}

fn batch(lines: &str) -> EventBatch {
    let mut batch = EventBatch::new();
    Messages::new(lines.as_bytes(), MessageSource::JsonLines).fill(&mut batch, 1_000).expect("bytes in memory");
    batch
}

#[test]
fn each_event_learns_whether_it_may_be_in() {
    let file: String = (1..=4).map(|n| line(n, INITIATED) + "\n").collect();
    let reason = || "disk full".into();
    for (error, expected) in [
        (AppendError::Rejected { reason: reason() }, "nnnn"),
        (AppendError::Unavailable { durable: 1, reason: reason() }, "unnn"),
        (AppendError::Indeterminate { durable: 1, in_doubt: 2, reason: reason() }, "uuun"),
    ] {
        let mut bench = Bench::new();
        let failing = Failing::with(&bench.journal, error);
        let outcomes = bench
            .door
            .publish(&batch(&file), &bench.publisher, bench.now, &failing, &mut bench.group)
            .expect("answers");
        let letters: String = outcomes
            .iter()
            .map(|outcome| match outcome {
                Outcome::NotAppended(_) => 'n',
                Outcome::Unknown(_) => 'u',
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(letters, expected);
        // Published again under the same ids, everything is taken once.
        assert!(bench.publish(&file).iter().all(|o| matches!(o, Outcome::Appended(_))));
    }
}

#[test]
fn without_its_key_a_person_is_not_sealed_and_nothing_of_the_batch_is_appended() {
    let mut bench = Bench::new();
    let seals = Seals::later(Box::new(|| Err("no master key at ledger.key".into())));
    let index = IdIndex::of(&bench.journal).expect("an index");
    bench.door = talon_intake::Door::new(index, seals, Entropy::from_seed([1; 32]));
    assert!(matches!(bench.one(&line(1, INITIATED)), Outcome::Appended(_)), "nothing personal, no key needed");
    let person = line_with(2, r#""personal":{"phone":"+33639980012"},"#, r#""phoneVerified":{}"#);
    let events = batch(&format!("{}\n{person}\nnot json\n", line(3, INITIATED)));
    let outcomes = bench
        .door
        .publish(&events, &bench.publisher, bench.now, &bench.journal, &mut bench.group)
        .expect("an answer for each event");
    let [Outcome::NotAppended(first), Outcome::NotAppended(second), Outcome::Refused(_)] = &outcomes[..] else {
        panic!("{outcomes:?}")
    };
    assert!(first == second && first.contains("no master key at ledger.key"), "{first}");
    assert_eq!(bench.records().len(), 1);
}
