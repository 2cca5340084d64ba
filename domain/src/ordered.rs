//! What is judged in the order of the ledger, once: activations, erasures, and bulks of chunks. Each is held against the
//! prefix before it, and its verdict never changes, whatever comes later and whatever release reads it.
//!
//! A note is valid where a person adds it, once its kind is activated; what it notes is for whoever asks to find.
//!
//! This module does not judge other decisions, nor closings: their schemas come with what judges them.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use crate::anomaly::Code;
use crate::fact::{BulkId, Chunk, Commit, Fact, FoldActivated, Kind, Payload, SchemaActivated, Source};
use crate::ids::{EventId, MerchantId, StreamKey};

/// What the order of the ledger says of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// It holds.
    Valid,
    /// It does not, and never will.
    Void(VoidReason),
}

/// Why a fact does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum VoidReason {
    /// Only the ledger activates.
    ActivationMustComeFromTheLedger,
    /// This kind is written from the beginning, or is no kind that is activated.
    KindMustBeActivatable,
    /// It is active already.
    SchemaMustNotBeActive,
    /// A later or equal version judges already.
    FoldMustBeNewer,
    /// Only the ledger, which holds the keys, erases.
    ErasureMustComeFromTheLedger,
    /// The person was erased before.
    SubjectMustNotBeErased,
    /// Facts of this kind are written from its activation on.
    KindMustBeActive,
    /// Only a person notes.
    NoteMustComeFromAPerson,
}

impl VoidReason {
    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ActivationMustComeFromTheLedger => "activation_must_come_from_the_ledger",
            Self::KindMustBeActivatable => "kind_must_be_activatable",
            Self::SchemaMustNotBeActive => "schema_must_not_be_active",
            Self::FoldMustBeNewer => "fold_must_be_newer",
            Self::ErasureMustComeFromTheLedger => "erasure_must_come_from_the_ledger",
            Self::SubjectMustNotBeErased => "subject_must_not_be_erased",
            Self::KindMustBeActive => "kind_must_be_active",
            Self::NoteMustComeFromAPerson => "note_must_come_from_a_person",
        }
    }
}

/// What was judged so far.
#[derive(Clone, Debug, Default)]
pub struct Rulings {
    all: Vec<(EventId, Kind, Ruling)>,
    schemas: BTreeSet<(u32, u32)>,
    fold: u32,
    erased: BTreeSet<StreamKey>,
}

impl Rulings {
    /// Judges the next fact, if it is one of those that are judged here.
    pub(crate) fn rule(&mut self, fact: &Fact) {
        let ruling = match &fact.payload {
            Payload::SchemaActivated(activated) => self.schema(fact, activated),
            Payload::FoldActivated(activated) => self.fold(fact, activated),
            Payload::SubjectErased(_) if fact.header.source != Source::Ledger => {
                Ruling::Void(VoidReason::ErasureMustComeFromTheLedger)
            }
            Payload::SubjectErased(_) if self.erased.insert(fact.header.stream_key()) => Ruling::Valid,
            Payload::SubjectErased(_) => Ruling::Void(VoidReason::SubjectMustNotBeErased),
            Payload::NoteAdded(_) => self.note(fact),
            _ => return,
        };
        self.all.push((fact.header.event_id, fact.header.kind, ruling));
    }

    fn schema(&mut self, fact: &Fact, activated: &SchemaActivated) -> Ruling {
        if !is_the_ledgers(fact) {
            Ruling::Void(VoidReason::ActivationMustComeFromTheLedger)
        } else if !is_activatable(activated) {
            Ruling::Void(VoidReason::KindMustBeActivatable)
        } else if self.schemas.insert((activated.kind, activated.schema)) {
            Ruling::Valid
        } else {
            Ruling::Void(VoidReason::SchemaMustNotBeActive)
        }
    }

    fn fold(&mut self, fact: &Fact, activated: &FoldActivated) -> Ruling {
        if !is_the_ledgers(fact) {
            return Ruling::Void(VoidReason::ActivationMustComeFromTheLedger);
        }
        if activated.version <= self.newest_fold() {
            return Ruling::Void(VoidReason::FoldMustBeNewer);
        }
        self.fold = activated.version;
        Ruling::Valid
    }

    fn note(&self, fact: &Fact) -> Ruling {
        if fact.header.source != Source::Person {
            Ruling::Void(VoidReason::NoteMustComeFromAPerson)
        } else if self.is_active(fact.header.kind, fact.header.schema) {
            Ruling::Valid
        } else {
            Ruling::Void(VoidReason::KindMustBeActive)
        }
    }

    /// Every ruling, in the order of the ledger.
    pub fn all(&self) -> &[(EventId, Kind, Ruling)] {
        &self.all
    }

    /// The version of the fold that judges: the newest that was activated, 1 from the beginning.
    pub const fn newest_fold(&self) -> u32 {
        if self.fold == 0 { 1 } else { self.fold }
    }

    /// Whether facts of this kind and schema may be written: from the beginning, or since an activation.
    pub fn is_active(&self, kind: Kind, schema: u16) -> bool {
        (schema == 1 && is_born(kind.0.into())) || self.schemas.contains(&(kind.0.into(), schema.into()))
    }

    /// Whether the person of this payment was erased.
    pub fn is_erased(&self, key: StreamKey) -> bool {
        self.erased.contains(&key)
    }
}

fn is_the_ledgers(fact: &Fact) -> bool {
    fact.header.merchant == MerchantId(0) && fact.header.source == Source::Ledger
}

fn is_activatable(activated: &SchemaActivated) -> bool {
    let is_kind = (1..u32::from(Kind::CONTROL_FIRST)).contains(&activated.kind);
    is_kind && activated.schema > 0 && !(activated.schema == 1 && is_born(activated.kind))
}

/// Kinds that are written from the beginning of a ledger, in schema 1. A list of the format, not of a release: what a
/// later release learns to read is activated.
const fn is_born(kind: u32) -> bool {
    matches!(kind, 1..=30 | 1_001..=1_004 | 1_011..=1_014 | 4_001..=4_004 | 4_011..=4_013 | 4_021..=4_022 | 5_001 | 6_001..=6_011)
}

/// Bulks: what came in several parts.
#[derive(Clone, Debug, Default)]
pub struct Bulks {
    pending: BTreeMap<BulkId, Pending>,
    applied: Vec<AppliedBulk>,
    done: BTreeSet<BulkId>,
}

#[derive(Clone, Debug, Default)]
struct Pending {
    chunks: BTreeMap<u32, Box<[u8]>>,
    commit: Option<Commit>,
}

/// A bulk that is whole: what it holds counts from the record that completed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedBulk {
    /// Which bulk.
    pub bulk: BulkId,
    /// The record that completed it.
    pub completed_by: EventId,
    /// What the parts add up to: a kind's number, and the version of its payload.
    pub kind: u32,
    /// The version of that payload.
    pub schema: u32,
    /// The parts, one after the other.
    pub content: Vec<u8>,
}

impl Bulks {
    /// Takes the next part or commit, and applies the bulk if it is the last one missing. Until then a part that is told
    /// again takes the place of the one before.
    pub(crate) fn take(&mut self, fact: &Fact) {
        let id = match &fact.payload {
            Payload::Chunk(chunk) => chunk.bulk,
            Payload::Commit(commit) => commit.bulk,
            _ => return,
        };
        if self.done.contains(&id) {
            return;
        }
        let pending = self.pending.entry(id).or_default();
        match &fact.payload {
            Payload::Chunk(Chunk { index, content, .. }) => {
                pending.chunks.insert(*index, content.clone());
            }
            Payload::Commit(commit) => {
                pending.commit = Some(commit.clone());
            }
            _ => {}
        }
        if let Some(content) = pending.whole()
            && let Some(Commit { kind, schema, .. }) = pending.commit
        {
            self.applied.push(AppliedBulk { bulk: id, completed_by: fact.header.event_id, kind, schema, content });
            self.done.insert(id);
            self.pending.remove(&id);
        }
    }

    /// Bulks that count, in the order of the ledger.
    pub fn applied(&self) -> &[AppliedBulk] {
        &self.applied
    }

    /// Bulks that mean nothing yet, each with the rule that is not kept.
    pub fn incomplete(&self) -> impl Iterator<Item = (BulkId, Code)> {
        self.pending.keys().map(|bulk| (*bulk, Code::BulkMustBeComplete))
    }
}

impl Pending {
    /// The parts, one after the other, if the commit says that these are all and that this is what they are.
    fn whole(&self) -> Option<Vec<u8>> {
        let commit = self.commit.as_ref()?;
        let wanted: Vec<_> = self.chunks.range(1..=commit.count).map(|(_, content)| content).collect();
        if u32::try_from(wanted.len()).ok()? != commit.count {
            return None;
        }
        let mut content = Vec::new();
        wanted.into_iter().for_each(|part| content.extend_from_slice(part));
        (<[u8; 32]>::from(Sha256::digest(&content)) == commit.hash).then_some(content)
    }
}
