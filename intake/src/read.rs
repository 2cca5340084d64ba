//! Reading one event as far as the door judges it: its form, its scope, card numbers; and the header of the record that
//! it would be. Nothing is allocated for an event that may be taken.
//!
//! This module does not know what the journal holds.

use talon_domain::fact::{FactHeader, Source};
use talon_domain::time::Instant;
use talon_journal::{IdKey, PAYLOAD_BYTES_MAX};
use talon_proto::{
    Envelope, Fault, Rule, check_payload, check_personal, personal_email, personal_is_empty, personal_name,
    personal_note, walk,
};

use crate::card::holds_card_number;
use crate::publisher::Publisher;
use crate::refusal::Refusal;

/// A source's clock may be this far ahead of the appender's, in microseconds: five minutes.
const AHEAD_MAX: i64 = 5 * 60 * 1_000_000;
/// And this far behind: 400 days.
const BEHIND_MAX: i64 = 400 * 86_400 * 1_000_000;

/// An event that was read and may be appended.
#[derive(Debug)]
pub(crate) struct Candidate<'e> {
    /// Which event of its batch it is, from 0.
    pub(crate) event: usize,
    pub(crate) header: FactHeader,
    pub(crate) payload: &'e [u8],
    pub(crate) personal: Option<&'e [u8]>,
}

impl Candidate<'_> {
    pub(crate) const fn key(&self) -> IdKey {
        IdKey { merchant: self.header.merchant, id: self.header.event_id }
    }
}

/// Reads an event.
pub(crate) fn read<'e>(
    number: usize,
    event: &'e [u8],
    publisher: &Publisher,
    now: Instant,
) -> Result<Candidate<'e>, Refusal> {
    let envelope = walk(event)?;
    in_scope(&envelope, publisher)?;
    if holds_card_number(envelope.source_key) {
        return Err(Fault::at(Rule::CardNumber, "sourceKey").into());
    }
    check_payload(envelope.kind, envelope.schema, envelope.payload, &mut |text| !holds_card_number(text))?;
    if envelope.payload.len() > PAYLOAD_BYTES_MAX {
        return Err(Refusal::RecordTooLarge);
    }
    let personal = personal(envelope.personal)?;
    let header = header(&envelope, personal.is_some(), publisher, now)?;
    Ok(Candidate { event: number, header, payload: envelope.payload, personal })
}

fn in_scope(envelope: &Envelope<'_>, publisher: &Publisher) -> Result<(), Refusal> {
    if envelope.merchant.0 == 0 {
        return Err(Refusal::MerchantIsTheLedger);
    }
    if !publisher.may_write_for(envelope.merchant) {
        return Err(Refusal::MerchantOutOfScope);
    }
    if envelope.source == Source::Ledger || !publisher.sources.contains(&envelope.source) {
        return Err(Refusal::SourceOutOfScope);
    }
    Ok(())
}

/// The personal part, if there is anything in it.
fn personal(part: Option<&[u8]>) -> Result<Option<&[u8]>, Refusal> {
    let Some(part) = part else { return Ok(None) };
    check_personal(part)?;
    let texts = [personal_email(part), personal_name(part), personal_note(part)];
    if texts.into_iter().flatten().any(holds_card_number) {
        return Err(Fault::at(Rule::CardNumber, "personal").into());
    }
    Ok(Some(part).filter(|part| !personal_is_empty(part)))
}

fn header(envelope: &Envelope<'_>, sealed: bool, publisher: &Publisher, now: Instant) -> Result<FactHeader, Refusal> {
    let occurred_at = envelope.occurred_at;
    let day = occurred_at.paris_day().ok_or_else(|| Fault::at(Rule::Time, "occurredAt"))?;
    Ok(FactHeader {
        kind: envelope.kind,
        schema: envelope.schema,
        recorded_at: now,
        occurred_at,
        merchant: envelope.merchant,
        shop: envelope.shop,
        terminal: envelope.terminal,
        terminal_seq: envelope.terminal_seq,
        terminal_epoch: envelope.terminal_epoch,
        day,
        principal: publisher.principal,
        source: envelope.source,
        event_id: envelope.identity()?,
        stream: envelope.stream()?,
        sealed,
        training: envelope.training,
        imported: publisher.imported,
        clock_doubtful: is_doubtful(occurred_at, now),
    })
}

/// Whether a source's clock is far from the appender's.
pub(crate) fn is_doubtful(occurred_at: Instant, now: Instant) -> bool {
    !(-AHEAD_MAX..=BEHIND_MAX).contains(&now.0.saturating_sub(occurred_at.0))
}
