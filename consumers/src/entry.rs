//! A record on its way to a projection: decoded in the reading thread, owned, so that it can be handed over.
//!
//! Invariant: whatever decoding does, a record becomes an entry; one that makes it panic says so.
//!
//! This module does not know what a fact means.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use talon_domain::fact::Fact;
use talon_domain::ids::{PartitionId, Position};
use talon_domain::time::Instant;
use talon_journal::{Record, Stored};
use talon_projections::projection::{Taken, TakenFact};
use talon_replay::taken;

/// What tells a record from every other one: its id and its salt. Bytes that are no record have none.
pub(crate) type Witness = [u8; 32];

/// A record, decoded.
#[derive(Debug)]
pub struct Entry {
    pub(crate) partition: PartitionId,
    pub(crate) position: Position,
    pub(crate) recorded_at: Instant,
    pub(crate) witness: Witness,
    pub(crate) content: Content,
}

/// What is in it.
#[derive(Debug)]
pub(crate) enum Content {
    /// Nothing that views are made of.
    None,
    Fact {
        fact: Box<Fact>,
        payload: Vec<u8>,
        phone_bucket: u32,
    },
    /// Decoding panicked.
    Unread(String),
}

impl Entry {
    /// Decodes a record.
    pub(crate) fn of(stored: &Stored<'_>) -> Self {
        Self::guarded(stored, taken)
    }

    fn guarded<'a>(stored: &Stored<'a>, taken: impl FnOnce(&Stored<'a>) -> Taken<'a>) -> Self {
        let record = Record::parse(stored.bytes).ok();
        let content = match catch_unwind(AssertUnwindSafe(|| taken(stored))) {
            Ok(taken) => taken.fact.map_or(Content::None, Content::of),
            Err(panic) => Content::Unread(format!("decoding panicked: {}", words_of(panic.as_ref()))),
        };
        Self {
            partition: stored.partition,
            position: stored.position,
            recorded_at: record.as_ref().map_or(Instant(i64::MIN), Record::recorded_at),
            witness: record.as_ref().map_or([0; 32], witness_of),
            content,
        }
    }

    /// How long its fact is as it was published, if it is one.
    pub(crate) fn bytes(&self) -> usize {
        match &self.content {
            Content::Fact { payload, .. } => payload.len(),
            Content::None | Content::Unread(_) => 0,
        }
    }

    /// The record as a projection takes it, if its fact counts.
    pub(crate) fn into_taken(self, fold: impl FnOnce(Taken<'_>)) {
        let (partition, position, recorded_at) = (self.partition, self.position, self.recorded_at);
        match self.content {
            Content::Fact { fact, payload, phone_bucket } => {
                let fact = Some(TakenFact { fact: *fact, payload: &payload, phone_bucket });
                fold(Taken { partition, position, recorded_at, fact });
            }
            Content::None | Content::Unread(_) => fold(Taken { partition, position, recorded_at, fact: None }),
        }
    }
}

impl Content {
    fn of(fact: TakenFact<'_>) -> Self {
        let TakenFact { fact, payload, phone_bucket } = fact;
        Self::Fact { fact: Box::new(fact), payload: payload.to_vec(), phone_bucket }
    }
}

/// What tells a stored record from every other one.
pub(crate) fn witness(stored: &Stored<'_>) -> Witness {
    Record::parse(stored.bytes).map_or([0; 32], |record| witness_of(&record))
}

fn witness_of(record: &Record<'_>) -> Witness {
    let mut witness = [0; 32];
    let bytes = record.event_id().0.into_iter().chain(record.salt());
    witness.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    witness
}

/// What a panic said.
pub(crate) fn words_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no reason was given".to_owned())
}

#[cfg(test)]
mod tests {
    use talon_domain::ids::MerchantId;
    use talon_testkit::record;

    use super::*;

    fn stored(bytes: &[u8]) -> Stored<'_> {
        Stored { partition: talon_journal::partition_of(MerchantId(7)), position: Position(3), bytes }
    }

    #[test]
    fn a_record_that_makes_decoding_panic_says_so_and_keeps_its_place() {
        let bytes = record(MerchantId(7), 1, 4);
        let entry = Entry::guarded(&stored(&bytes), |_| panic!("a strange kind"));
        assert!(matches!(&entry.content, Content::Unread(reason) if reason.ends_with("a strange kind")), "{entry:?}");
        assert_eq!((entry.position, entry.witness), (Position(3), witness(&stored(&bytes))));
    }

    #[test]
    fn two_records_have_two_witnesses_and_bytes_that_are_no_record_have_none() {
        let (one, other) = (record(MerchantId(7), 1, 4), record(MerchantId(7), 2, 4));
        assert_ne!(witness(&stored(&one)), witness(&stored(&other)));
        let entry = Entry::of(&stored(b"no record"));
        assert!(matches!(entry.content, Content::None));
        assert_eq!((entry.recorded_at, entry.witness), (Instant(i64::MIN), [0; 32]));
    }
}
