//! Recognition: an event id names one content, for ever. The index says where to look; the stored record decides.
//!
//! Equal means equal in every field that a publisher controls and in the decoded payload. Where both tellings hold a
//! personal part and its key is at hand, that is compared too; without the key the door compares as the fold does.

use talon_domain::fact::FactHeader;
use talon_journal::Record;
use talon_proto::same_payload;

use crate::refusal::Difference;
use crate::seals::Seals;

/// In what a new event differs from a stored record; `None` if they say the same.
pub(crate) fn difference(
    stored: &Record<'_>,
    header: &FactHeader,
    payload: &[u8],
    personal: Option<&[u8]>,
    seals: &mut Seals,
) -> Option<Difference> {
    let kept = stored.fact_header();
    let aside_from_person = FactHeader { sealed: kept.sealed, ..header.clone() };
    if !kept.same_statement(&aside_from_person) {
        return Some(Difference::Envelope);
    }
    if !same_payload(header.kind, header.schema, stored.payload(), payload) {
        return Some(Difference::Payload);
    }
    (!is_same_person(stored, personal, seals)).then_some(Difference::Personal)
}

fn is_same_person(stored: &Record<'_>, personal: Option<&[u8]>, seals: &mut Seals) -> bool {
    match (stored.sealed(), personal) {
        (Some(sealed), Some(personal)) => seals.holds(stored.header_bytes(), sealed, personal).unwrap_or(true),
        (None, None) => true,
        _ => false,
    }
}
