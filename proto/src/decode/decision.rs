//! Kinds 2001 to 2999: what people decide. So far they note.

use talon_domain::fact::{self, Kind, NoteState, Payload};
use talon_domain::ids::StreamId;

use super::{choice, message, stated_day, stated_text, text};
use crate::{forms, wire};

pub(super) fn read(kind: Kind, payload: &[u8]) -> Option<Payload> {
    match kind {
        Kind::NOTE_ADDED => message(payload).and_then(note),
        _ => None,
    }
}

fn note(m: wire::NoteAdded) -> Option<Payload> {
    Some(Payload::NoteAdded(Box::new(fact::NoteAdded {
        stream: StreamId::parse_any(&m.stream)?,
        code: text(m.code)?,
        slot: text(m.slot),
        state: choice(m.state, NoteState::from_number)??,
        until: stated_day(&m.until_day)?,
        to: text(m.to_code),
        author: text(m.author_code)?,
        seen: stated_text(&m.seen, forms::hash)?,
    })))
}
