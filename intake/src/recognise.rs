//! Recognition: an event id names one content, for ever. The index says where to look; the stored record decides.
//!
//! Equal means equal in every field that a publisher controls and in the decoded payload. Where both tellings hold a
//! personal part and its key is at hand, that is compared too; without the key the door compares as the fold does.

use talon_domain::fact::FactHeader;
use talon_journal::Record;
use talon_proto::same_payload;

use crate::seals::Seals;

/// Whether a stored record says what a new event says.
pub(crate) fn says_the_same(
    stored: &Record<'_>,
    header: &FactHeader,
    payload: &[u8],
    personal: Option<&[u8]>,
    seals: &mut Seals,
) -> bool {
    let equal = stored.fact_header().same_statement(header)
        && same_payload(header.kind, header.schema, stored.payload(), payload);
    equal && same_person(stored, personal, seals)
}

fn same_person(stored: &Record<'_>, personal: Option<&[u8]>, seals: &mut Seals) -> bool {
    match (stored.sealed(), personal) {
        (Some(sealed), Some(personal)) => seals.holds(stored.header_bytes(), sealed, personal).unwrap_or(true),
        _ => true,
    }
}
