//! Activations, erasures, the parts of what fits into no record, and what no fold reads: genesis and technical log.

use talon_domain::fact::{self, BulkId, Family, Kind, Payload};
use talon_domain::ids::EventId;

use super::message;
use super::registry::decided;
use crate::{forms, wire};

pub(super) fn read(kind: Kind, payload: &[u8]) -> Option<Payload> {
    match kind {
        Kind::SCHEMA_ACTIVATED => message(payload).map(schema_activated),
        Kind::FOLD_ACTIVATED => message(payload).map(fold_activated),
        Kind::SUBJECT_ERASED => message(payload).map(subject_erased),
        Kind::CHUNK => message(payload).and_then(chunk),
        Kind::COMMIT => message(payload).as_ref().and_then(commit),
        Kind::GENESIS => Some(Payload::Inert),
        kind if kind.family() == Family::Technical => Some(Payload::Inert),
        _ => None,
    }
}

fn schema_activated(m: wire::SchemaActivated) -> Payload {
    Payload::SchemaActivated(fact::SchemaActivated {
        kind: m.kind,
        schema: m.schema,
        decided: decided(m.author_code, m.reason),
    })
}

fn fold_activated(m: wire::FoldActivated) -> Payload {
    Payload::FoldActivated(fact::FoldActivated { version: m.version, decided: decided(m.author_code, m.reason) })
}

fn subject_erased(m: wire::SubjectErased) -> Payload {
    Payload::SubjectErased(fact::SubjectErased { decided: decided(m.author_code, m.reason) })
}

fn chunk(m: wire::Chunk) -> Option<Payload> {
    let content = m.content.into();
    Some(Payload::Chunk(fact::Chunk { bulk: bulk(&m.bulk_id)?, index: m.index, content }))
}

fn commit(m: &wire::Commit) -> Option<Payload> {
    Some(Payload::Commit(fact::Commit {
        bulk: bulk(&m.bulk_id)?,
        count: m.count,
        hash: forms::hash(&m.hash)?,
        kind: m.kind,
        schema: m.schema,
    }))
}

fn bulk(id: &str) -> Option<BulkId> {
    EventId::parse(id).map(|id| BulkId(id.0))
}
