//! What is judged in the order of the ledger, once: activations, erasures, and the parts of what fits into no record.

use super::registry::Decided;

/// From here on facts of this kind and schema may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaActivated {
    /// The kind's number.
    pub kind: u32,
    /// The version of its payload.
    pub schema: u32,
    /// Who decided it.
    pub decided: Decided,
}

/// From here on this version of the fold judges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoldActivated {
    /// The version.
    pub version: u32,
    /// Who decided it.
    pub decided: Decided,
}

/// The keys of a payment's personal data were destroyed. The ledger's own word, in the payment's stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectErased {
    /// Who decided it.
    pub decided: Decided,
}

/// Names what chunks belong to: a UUID's 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BulkId(pub [u8; 16]);

/// A part of what does not fit into one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// What it is a part of.
    pub bulk: BulkId,
    /// Which part, from 1.
    pub index: u32,
    /// Its bytes.
    pub content: Box<[u8]>,
}

/// A bulk is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Which bulk.
    pub bulk: BulkId,
    /// How many parts it has.
    pub count: u32,
    /// SHA-256 over the parts' bytes in their order.
    pub hash: [u8; 32],
    /// What the parts add up to: a kind's number.
    pub kind: u32,
    /// And the version of its payload.
    pub schema: u32,
}
