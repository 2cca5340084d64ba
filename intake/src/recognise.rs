//! Recognition: an event id names one content, for ever. The index says where to look; the stored record decides.
//!
//! Equal means equal in every field that a publisher controls and in the decoded payload. Where both tellings hold a
//! personal part and its key is at hand, that is compared too; without the key the door compares as the fold does.

use talon_domain::fact::{FactHeader, Family};
use talon_journal::Record;
use talon_proto::same_payload;

use crate::refusal::Difference;
use crate::seals::{SealingError, Seals};

/// In what a new event differs from a stored record; `None` if they say the same.
///
/// # Errors
/// They say the same but for the personal part, and the vault does not answer.
pub(crate) fn difference(
    stored: &Record<'_>,
    header: &FactHeader,
    payload: &[u8],
    personal: Option<&[u8]>,
    seals: &mut Seals,
) -> Result<Option<Difference>, SealingError> {
    let kept = stored.fact_header();
    let aside_from_person = FactHeader { sealed: kept.sealed, ..header.clone() };
    if let Some(field) = differing_field(&kept, &aside_from_person) {
        return Ok(Some(Difference::Envelope(field)));
    }
    // A stream that is made of the payload differs with it.
    let is_same =
        kept.same_statement(&aside_from_person) && same_payload(header.kind, header.schema, stored.payload(), payload);
    if !is_same {
        return Ok(Some(Difference::Payload));
    }
    Ok((!is_same_person(stored, personal, seals)?).then_some(Difference::Personal))
}

/// The first field of the envelope in which two tellings differ, by the name that JSON has for it; the kind is the
/// payload's own name.
fn differing_field(kept: &FactHeader, told: &FactHeader) -> Option<&'static str> {
    let names_payment = told.kind.family() == Family::Transaction;
    let fields = [
        ("kind", kept.kind != told.kind),
        ("schema", kept.schema != told.schema),
        ("merchant", kept.merchant != told.merchant),
        ("shop", kept.shop != told.shop),
        ("terminal", kept.terminal != told.terminal),
        ("terminalEpoch", kept.terminal_epoch != told.terminal_epoch),
        ("terminalSeq", kept.terminal_seq != told.terminal_seq),
        ("transactionId", names_payment && kept.stream != told.stream),
        ("occurredAt", kept.occurred_at != told.occurred_at),
        ("source", kept.source != told.source),
        ("training", kept.training != told.training),
    ];
    fields.into_iter().find(|(_, differs)| *differs).map(|(name, _)| name)
}

fn is_same_person(stored: &Record<'_>, personal: Option<&[u8]>, seals: &mut Seals) -> Result<bool, SealingError> {
    match (stored.sealed(), personal) {
        (Some(sealed), Some(personal)) => Ok(seals.holds(stored.header_bytes(), sealed, personal)?.unwrap_or(true)),
        (None, None) => Ok(true),
        _ => Ok(false),
    }
}
