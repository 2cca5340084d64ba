//! Notes: who looks after an item of the morning's list, and until when. Invariants:
//! - of an item the last valid note in the order of the ledger holds; one that is void never does
//! - a note moves no figure: it is read beside the views, from what is judged in the order of the ledger
//! - it says what the item said when it was noted, so that an item that says something else is looked at again
//!
//! Not here: the words of a note, which are sealed, and what an item is ([`crate::worklist`]).

use std::collections::BTreeMap;

use talon_domain::fact::{Fact, Kind, NoteAdded, Payload};
use talon_domain::fold::Fold;
use talon_domain::ids::{EventId, MerchantId, PartitionId, StreamId};
use talon_domain::ordered::Ruling;
use talon_domain::time::{Day, Instant};

use crate::kept;
use crate::key::Fields;
use crate::reading::{Reading, walk};
use crate::store::StoreError;
use crate::table::ORDERED;

/// Which item something is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ItemId {
    /// Whose.
    pub merchant: MerchantId,
    /// The stream that it is about: the payment, else what states it.
    pub stream: StreamId,
    /// What kind of item it is.
    pub code: String,
    /// Which of them within the stream; empty where there is one.
    pub slot: String,
}

/// The note that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it says; its words are sealed.
    pub said: NoteAdded,
    /// When it was noted.
    pub at: Instant,
    /// Its event.
    pub event_id: EventId,
}

impl Note {
    /// Whether it takes an item that says this off the first list on a day: its date has not come, and the item says what
    /// it said.
    pub fn rests(&self, content: &[u8; 32], today: Day) -> bool {
        self.said.until.is_none_or(|until| today < until) && self.said.seen.is_none_or(|seen| seen == *content)
    }
}

/// How many partitions have heard that notes may be written.
pub fn partitions_that_take_notes(reading: &dyn Reading) -> Result<usize, StoreError> {
    let fold = judged(reading)?;
    Ok(fold.partitions().filter(|(_, of)| of.rulings().is_active(Kind::NOTE_ADDED, SCHEMA)).count())
}

/// The schema of the notes that this release writes.
pub const SCHEMA: u16 = 1;

/// What is judged in the order of the ledger, judged again.
fn judged(reading: &dyn Reading) -> Result<Fold, StoreError> {
    let mut facts = Vec::new();
    walk(reading, ORDERED, &[], None, &mut |key, row| {
        let partition = Fields::of(key).u16().map(PartitionId);
        facts.push(partition.zip(kept::restore_ordered(row)).ok_or_else(unread)?);
        Ok(())
    })?;
    let mut fold = Fold::new();
    fold.apply_all(&mut facts);
    Ok(fold)
}

/// The notes of a ledger, each item's last.
pub fn notes(reading: &dyn Reading) -> Result<BTreeMap<ItemId, Note>, StoreError> {
    let mut notes = BTreeMap::new();
    for (_, partition) in judged(reading)?.partitions() {
        let mut rulings = partition.rulings().all().iter();
        for fact in partition.ordered() {
            let Some((note, id)) = note_of(fact) else { continue };
            let ruled = rulings.find(|(event, kind, _)| (*event, *kind) == (note.event_id, fact.header.kind));
            if ruled.is_some_and(|(_, _, ruling)| *ruling == Ruling::Valid) {
                notes.insert(id, note);
            }
        }
    }
    Ok(notes)
}

fn note_of(fact: &Fact) -> Option<(Note, ItemId)> {
    let Payload::NoteAdded(said) = &fact.payload else { return None };
    let id = ItemId {
        merchant: fact.header.merchant,
        stream: said.stream,
        code: said.code.to_string(),
        slot: said.slot.as_deref().unwrap_or_default().to_owned(),
    };
    Some((Note { said: (**said).clone(), at: fact.header.occurred_at, event_id: fact.header.event_id }, id))
}

fn unread() -> StoreError {
    StoreError::Broken("a fact in the order of the ledger cannot be read".to_owned())
}
