//! What is judged in the order of the ledger (record.md 2 C): activations, erasures, and bulks. "Judged once against
//! the prefix at their position: valid, or void(reason); the verdict never changes."

use sha2::{Digest as _, Sha256};
use talon_domain::fact::{Commit, Fact, Kind, Payload, SchemaActivated, Source};
use talon_domain::ids::{EventId, StreamKey};

/// Whether a payload is judged here. The technical log and genesis are for people alone.
pub(super) const fn is_judged_here(payload: &Payload) -> bool {
    matches!(
        payload,
        Payload::NoteAdded(_)
            | Payload::SchemaActivated(_)
            | Payload::FoldActivated(_)
            | Payload::SubjectErased(_)
            | Payload::Chunk(_)
            | Payload::Commit(_)
            | Payload::Inert
    )
}

/// A fact that was judged: the reason why it is void, or nothing if it is valid.
pub type Ruled = (EventId, Option<&'static str>);

/// Rules on every activation and erasure among facts, which come in the order of their partition.
pub(super) fn rulings(facts: &[&Fact]) -> Vec<Ruled> {
    let mut ruled: Vec<Ruled> = Vec::new();
    let (mut schemas, mut erased): (Vec<(u32, u32)>, Vec<StreamKey>) = (Vec::new(), Vec::new());
    let mut fold = 1;
    for fact in facts {
        // Activations name no merchant, and are the ledger's own: "control and broadcast records: merchant 0, source
        // ledger".
        let is_the_ledgers = fact.header.merchant.0 == 0 && fact.header.source == Source::Ledger;
        let void = match &fact.payload {
            Payload::SchemaActivated(_) | Payload::FoldActivated(_) if !is_the_ledgers => {
                Some("activation_must_come_from_the_ledger")
            }
            Payload::SchemaActivated(p) if !may_be_activated(p) => Some("kind_must_be_activatable"),
            Payload::SchemaActivated(p) if schemas.contains(&(p.kind, p.schema)) => Some("schema_must_not_be_active"),
            Payload::FoldActivated(p) if p.version <= fold => Some("fold_must_be_newer"),
            Payload::SubjectErased(_) if fact.header.source != Source::Ledger => {
                Some("erasure_must_come_from_the_ledger")
            }
            Payload::SubjectErased(_) if erased.contains(&fact.header.stream_key()) => {
                Some("subject_must_not_be_erased")
            }
            Payload::SchemaActivated(p) => {
                schemas.push((p.kind, p.schema));
                None
            }
            Payload::FoldActivated(p) => {
                fold = p.version;
                None
            }
            Payload::SubjectErased(_) => {
                erased.push(fact.header.stream_key());
                None
            }
            // "New kinds only after SchemaActivated", and a note is a person's.
            Payload::NoteAdded(_) if fact.header.source != Source::Person => Some("note_must_come_from_a_person"),
            Payload::NoteAdded(_) if !schemas.contains(&(2021, fact.header.schema.into())) => {
                Some("kind_must_be_active")
            }
            Payload::NoteAdded(_) => None,
            _ => continue,
        };
        ruled.push((fact.header.event_id, void));
    }
    ruled
}

/// "New kinds only after SchemaActivated": kinds 1 to 64999, in a schema that is not written from the beginning.
fn may_be_activated(activated: &SchemaActivated) -> bool {
    let mut is_from_the_beginning = false;
    for kind in Kind::KNOWN {
        // What a later release learned to read is activated.
        if kind.0 != 2021 && u32::from(kind.0) == activated.kind && activated.schema == 1 {
            is_from_the_beginning = true;
        }
    }
    activated.kind >= 1 && activated.kind < 65_000 && activated.schema > 0 && !is_from_the_beginning
}

/// A bulk that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Which bulk.
    pub bulk: [u8; 16],
    /// The record that completed it.
    pub completed_by: EventId,
    /// What it adds up to: kind and schema.
    pub kind: (u32, u32),
    /// The chunks' bytes, in the order of their indexes.
    pub content: Vec<u8>,
}

/// The bulks of facts that come in the order of their partition: those that are applied, and those that are incomplete.
/// "The fold applies it at the record that completes it, once."
pub(super) fn bulks(facts: &[&Fact]) -> (Vec<Applied>, Vec<[u8; 16]>) {
    let (mut applied, mut incomplete) = (Vec::<Applied>::new(), Vec::new());
    for (place, fact) in facts.iter().enumerate() {
        let Some(bulk) = bulk_of(fact) else { continue };
        if applied.iter().any(|done| done.bulk == bulk) {
            continue;
        }
        let so_far: Vec<&Fact> = facts[..=place].iter().copied().filter(|fact| bulk_of(fact) == Some(bulk)).collect();
        match whole(&so_far) {
            Some((commit, content)) => {
                let kind = (commit.kind, commit.schema);
                applied.push(Applied { bulk, completed_by: fact.header.event_id, kind, content });
                incomplete.retain(|pending| *pending != bulk);
            }
            None if !incomplete.contains(&bulk) => incomplete.push(bulk),
            None => {}
        }
    }
    incomplete.sort_unstable();
    (applied, incomplete)
}

const fn bulk_of(fact: &Fact) -> Option<[u8; 16]> {
    match &fact.payload {
        Payload::Chunk(chunk) => Some(chunk.bulk.0),
        Payload::Commit(commit) => Some(commit.bulk.0),
        _ => None,
    }
}

/// The last commit, and the bytes of chunks 1 to its count in their order, if all are there and "SHA-256 over the
/// chunks' bytes in index order" is the commit's. Of two chunks of one index the last holds.
fn whole<'a>(facts: &[&'a Fact]) -> Option<(&'a Commit, Vec<u8>)> {
    let mut last_commit = None;
    for fact in facts {
        if let Payload::Commit(commit) = &fact.payload {
            last_commit = Some(commit);
        }
    }
    let commit = last_commit?;
    let mut content = Vec::new();
    for index in 1..=commit.count {
        let chunk = facts.iter().rev().find_map(|fact| match &fact.payload {
            Payload::Chunk(chunk) if chunk.index == index => Some(&chunk.content),
            _ => None,
        });
        content.extend_from_slice(chunk?);
    }
    (Sha256::digest(&content)[..] == commit.hash[..]).then_some((commit, content))
}
