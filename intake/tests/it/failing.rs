//! What the door says when the journal or the vault does not do its part.

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use talon_domain::ids::{PartitionId, Position};
use talon_intake::{EventBatch, MessageSource, Messages, Outcome};
use talon_journal::{AppendError, Batch, Completion, Identity, Journal, Positions, ReadError, Reader};
use talon_vault::{MasterKeyError, VaultError};

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
    bench.open_door(Box::new(|| Err("no master key at ledger.key".into())));
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

/// A person's telling, and another person's under the same id.
fn persons() -> [String; 2] {
    let said = line_with(1, r#""personal":{"phone":"+33639980012"},"#, r#""phoneVerified":{"number":1}"#);
    let other = said.replace("+33639980012", "+33639980013");
    [said, other]
}

#[test]
fn a_damaged_vault_makes_no_conflict_of_a_duplicate_and_is_known_as_damaged() {
    let mut bench = Bench::new();
    let [said, other] = persons();
    assert!(matches!(bench.one(&said), Outcome::Appended(_)));
    let whole = fs::read(bench.keys()).expect("a vault");
    fs::write(bench.keys(), b"no database at all").expect("room");
    for line in [&said, &other] {
        let Outcome::NotAppended(reason) = bench.one(line) else { panic!("{line}") };
        assert!(reason.contains("cannot be compared") && reason.contains("is damaged"), "{reason}");
    }
    assert!(bench.door.vault_is_damaged());
    fs::write(bench.keys(), whole).expect("room");
    assert!(matches!(bench.one(&said), Outcome::Duplicate(_)));
    assert!(matches!(bench.one(&other), Outcome::Refused(_)));
}

#[test]
fn a_vault_that_is_busy_is_tried_again_with_the_next_batch() {
    let mut bench = Bench::new();
    let [said, other] = persons();
    assert!(matches!(bench.one(&said), Outcome::Appended(_)));
    let (mut open, mut tries) = (bench.vault(), 0);
    bench.open_door(Box::new(move || {
        tries += 1;
        assert!(tries <= 3, "once a batch, and not again once it is open");
        if tries < 3 { Err(VaultError::Busy { path: PathBuf::from("keys.sqlite") }.into()) } else { Ok(open()?) }
    }));
    for batch in [format!("{said}\n{said}\n"), said.replace("00000001\"", "00000002\"")] {
        let outcomes = bench.publish(&batch);
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::NotAppended(_))), "{outcomes:?}");
    }
    assert!(!bench.door.vault_is_damaged());
    assert!(matches!(bench.one(&said), Outcome::Duplicate(_)));
    assert!(matches!(bench.one(&other), Outcome::Refused(_)), "it is open, and compares");
}

#[test]
fn without_a_key_what_was_told_before_is_compared_as_the_fold_compares_it() {
    let path = || PathBuf::from("ledger.key");
    let errors: [fn(PathBuf) -> Box<dyn std::error::Error + Send + Sync>; 4] = [
        |path| MasterKeyError::Missing { path }.into(),
        |path| VaultError::Absent { path }.into(),
        |path| VaultError::Unfinished { path }.into(),
        |path| VaultError::WrongKey { path, wanted: "a".into(), given: "b".into() }.into(),
    ];
    for error in errors {
        let mut bench = Bench::new();
        let [said, other] = persons();
        assert!(matches!(bench.one(&said), Outcome::Appended(_)));
        bench.open_door(Box::new(move || Err(error(path()))));
        let outcomes = bench.publish(&format!("{said}\n{other}\n"));
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Duplicate(_))), "{outcomes:?}");
        let without = line_with(1, "", r#""phoneVerified":{"number":1}"#);
        assert!(matches!(bench.one(&without), Outcome::Refused(_)), "that a person was told is no secret");
        let new = bench.one(&said.replace("00000001\"", "00000002\""));
        assert!(matches!(new, Outcome::NotAppended(_)), "{new:?}");
    }
}

#[test]
fn no_key_is_made_for_what_was_told_before() {
    let mut bench = Bench::new();
    let [said, _] = persons();
    assert!(matches!(bench.one(&said), Outcome::Appended(_)));
    let mut open = bench.vault();
    bench.open_door(Box::new(move || Ok(open()?)));
    let before = fs::read(bench.keys()).expect("a vault");
    assert!(matches!(bench.one(&said), Outcome::Duplicate(_)));
    assert!(fs::read(bench.keys()).expect("a vault") == before, "not a byte of the vault");
    assert!(matches!(bench.one(&said.replace("00000001\"", "00000002\"")), Outcome::Appended(_)));
    assert!(fs::read(bench.keys()).expect("a vault") != before);
}
