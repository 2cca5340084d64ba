//! What is judged in the order of the ledger, drawn by chance: activations, erasures, chunks and commits, the log.

use sha2::{Digest as _, Sha256};
use talon_domain::fact::{
    BulkId, Chunk, Commit, Decided, FoldActivated, Kind, NoteAdded, NoteState, Payload, SchemaActivated, SubjectErased,
};
use talon_domain::ids::StreamId;

use super::Dice;

/// What the chunks of every bulk hold, from chunk 1 on.
const PARTS: [&[u8]; 3] = [b"one", b"two", b"three"];

pub(super) fn payload(dice: &mut Dice, kind: Kind) -> Payload {
    let decided = Decided { author_code: dice.maybe(50, &["a1"]).map(Into::into), reason: None };
    let bulk = BulkId([dice.one_of(&[7, 7, 8]); 16]);
    match kind {
        Kind::SCHEMA_ACTIVATED => Payload::SchemaActivated(SchemaActivated {
            kind: dice.one_of(&[1, 900, 900, 2021, 2021, 65_001, 0]),
            schema: dice.one_of(&[1, 1, 2, 2, 0]),
            decided,
        }),
        Kind::FOLD_ACTIVATED => Payload::FoldActivated(FoldActivated { version: dice.between(1, 3), decided }),
        Kind::NOTE_ADDED => Payload::NoteAdded(Box::new(NoteAdded {
            stream: StreamId([dice.one_of(&[3, 4]); 16]),
            code: dice.one_of(&["open", "hole"]).into(),
            slot: dice.maybe(30, &["41"]).map(Into::into),
            state: dice.one_of(NoteState::ALL),
            until: None,
            to: dice.maybe(30, &["c2"]).map(Into::into),
            author: "c1".into(),
            seen: None,
        })),
        Kind::SUBJECT_ERASED => Payload::SubjectErased(SubjectErased { decided }),
        Kind::CHUNK => {
            let index = dice.one_of(&[1, 1, 2, 2, 3, 4]);
            let part = if dice.percent(10) { b"else" } else { PARTS[(index as usize - 1) % 3] };
            Payload::Chunk(Chunk { bulk, index, content: part.into() })
        }
        Kind::COMMIT => Payload::Commit(commit(dice, bulk)),
        _ => Payload::Inert,
    }
}

/// Mostly of all three chunks, or of fewer, with the hash that they have; sometimes with another one.
fn commit(dice: &mut Dice, bulk: BulkId) -> Commit {
    let count = dice.one_of(&[2u32, 2, 1, 3]);
    let mut hash: [u8; 32] = Sha256::digest(PARTS[..count as usize].concat()).into();
    if dice.percent(15) {
        hash[0] ^= 1;
    }
    Commit { bulk, count, hash, kind: dice.one_of(&[2001, 2002]), schema: 1 }
}
