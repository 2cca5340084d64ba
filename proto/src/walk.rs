//! The envelope, read where it lies: every field of `talon.v1.Event` but the payload's, whose bytes are handed on
//! untouched. Invariants:
//! - nothing is allocated and nothing copied; texts and the payload borrow from the event
//! - what would be lost on the way to a record is refused: unknown fields, doubled fields, numbers that do not fit
//! - an envelope's instant is in the range of days that a record can carry
//!
//! This module does not check the payload or `Personal` ([`crate::check_payload`], [`crate::check_personal`]), looks into
//! the payload only to name the stream of what belongs to no payment, and does not know who may state what.

use talon_domain::claim::natural_stream;
use talon_domain::fact::{Family, Kind, Source};
use talon_domain::ids::{EventId, MerchantId, ShopId, StreamId, TerminalEpoch, TerminalId, TerminalSeq};
use talon_domain::time::Instant;

use crate::fault::{Fault, Rule, Step};
use crate::fields::{Fields, Value};
use crate::limits::{PAYLOAD_BYTES_MAX, TEXT_BYTES_MAX};
use crate::schema::{PAYLOAD_BASE, Schema};
use crate::timestamp;
use crate::{check_payload, decode, event_id_of};

/// An event before its payload is looked at. Numbers that were absent are 0, texts empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// The fact's id as text; empty if `source_key` stands in its place.
    pub event_id: &'a str,
    /// The publisher's own key; empty if `event_id` is stated.
    pub source_key: &'a str,
    /// Who is paid.
    pub merchant: MerchantId,
    /// Which shop.
    pub shop: ShopId,
    /// Which terminal.
    pub terminal: TerminalId,
    /// Which device behind the terminal's number.
    pub terminal_epoch: TerminalEpoch,
    /// The terminal's own count.
    pub terminal_seq: TerminalSeq,
    /// The payment's id as text; empty where the fact belongs to none.
    pub transaction_id: &'a str,
    /// When it happened, cut to the microsecond.
    pub occurred_at: Instant,
    /// Whose mouth.
    pub source: Source,
    /// For practice.
    pub training: bool,
    /// Version of the payload's schema, from 1.
    pub schema: u16,
    /// The encoded `Personal`, as it was published.
    pub personal: Option<&'a [u8]>,
    /// What the fact is: one that this release knows.
    pub kind: Kind,
    /// The encoded payload, as it was published.
    pub payload: &'a [u8],
}

impl Envelope<'_> {
    /// The fact's id: the one that was stated, or the one made of the source key.
    pub fn identity(&self) -> Result<EventId, Fault> {
        match (self.event_id, self.source_key) {
            ("", "") => Err(Fault::at(Rule::OneId, "eventId")),
            ("", key) => Ok(event_id_of(self.merchant, self.occurred_at, key)),
            (id, "") => EventId::parse(id).ok_or_else(|| Fault::at(Rule::Id, "eventId")),
            _ => Err(Fault::at(Rule::OneId, "sourceKey")),
        }
    }

    /// What the fact belongs to: its payment, or what its own content names.
    pub fn stream(&self) -> Result<StreamId, Fault> {
        if !is_of_payment(self.kind) {
            return self.natural_stream();
        }
        let rule = if self.transaction_id.is_empty() { Rule::FieldStated } else { Rule::Id };
        StreamId::parse(self.transaction_id).ok_or_else(|| Fault::at(rule, "transactionId"))
    }

    fn natural_stream(&self) -> Result<StreamId, Fault> {
        if !self.transaction_id.is_empty() {
            return Err(Fault::at(Rule::NoTransaction, "transactionId"));
        }
        natural_stream(&decode(self.kind, self.schema, self.payload)).ok_or_else(|| {
            let fault = check_payload(self.kind, self.schema, self.payload, &mut |_| true).err();
            fault.unwrap_or_else(|| Fault::new(Rule::KindKnown))
        })
    }
}

/// Whether publishers tell facts of a kind of a payment, and name it.
pub(crate) const fn is_of_payment(kind: Kind) -> bool {
    matches!(kind.family(), Family::Transaction)
}

/// Reads an event's envelope.
///
/// # Errors
/// A [`Fault`] if the bytes are no event, or if keeping them would lose or change something.
pub fn walk(event: &[u8]) -> Result<Envelope<'_>, Fault> {
    let mut draft = Draft::default();
    let mut fields = Fields::new(event);
    draft.take_in_order(&mut fields)?;
    for field in fields {
        let (number, value) = field.map_err(|_| Fault::new(Rule::Protobuf))?;
        draft.take(number, value)?;
    }
    draft.finish()
}

/// An envelope while its fields come in. A field that did not come has no bit in `seen`.
#[derive(Default)]
struct Draft<'a> {
    seen: u16,
    event_id: &'a str,
    source_key: &'a str,
    merchant: u64,
    shop: u32,
    terminal: u32,
    epoch: u16,
    seq: u32,
    transaction_id: &'a str,
    occurred_at: Option<Instant>,
    source: u32,
    training: bool,
    schema: u16,
    personal: Option<&'a [u8]>,
    payload: Option<(Kind, &'a [u8])>,
}

impl<'a> Draft<'a> {
    /// Takes what comes in the order in which encoders write; the rest is left.
    fn take_in_order(&mut self, fields: &mut Fields<'a>) -> Result<(), Fault> {
        self.take_next::<1, 0x0a>(fields)?;
        self.take_next::<2, 0x12>(fields)?;
        self.take_next::<3, 0x18>(fields)?;
        self.take_next::<4, 0x20>(fields)?;
        self.take_next::<5, 0x28>(fields)?;
        self.take_next::<6, 0x30>(fields)?;
        self.take_next::<7, 0x38>(fields)?;
        self.take_next::<8, 0x42>(fields)?;
        self.take_next::<9, 0x4a>(fields)?;
        self.take_next::<10, 0x50>(fields)?;
        self.take_next::<11, 0x58>(fields)?;
        self.take_next::<12, 0x60>(fields)?;
        self.take_next::<13, 0x6a>(fields)
    }

    /// Takes field `NUMBER` if it comes next: its tag is `TAG`.
    #[expect(clippy::inline_always, reason = "measured: with number and tag known, nothing is left of the choices")]
    #[inline(always)]
    fn take_next<const NUMBER: u32, const TAG: u8>(&mut self, fields: &mut Fields<'a>) -> Result<(), Fault> {
        match fields.behind::<TAG>().map_err(|_| Fault::new(Rule::Protobuf))? {
            Some(value) => self.take_header(NUMBER, value).map_err(|rule| located(rule, NUMBER)),
            None => Ok(()),
        }
    }

    #[inline]
    fn take(&mut self, number: u32, value: Value<'a>) -> Result<(), Fault> {
        if number >= PAYLOAD_BASE {
            return self.take_payload(number, value);
        }
        match self.take_header(number, value) {
            Ok(()) => Ok(()),
            Err(rule) => Err(located(rule, number)),
        }
    }

    #[expect(clippy::inline_always, reason = "measured: see take_next")]
    #[inline(always)]
    fn take_header(&mut self, number: u32, value: Value<'a>) -> Result<(), Rule> {
        let bit = 1u16.checked_shl(number).unwrap_or(0);
        if self.seen & bit != 0 {
            return Err(Rule::FieldOnce);
        }
        self.seen |= bit;
        match number {
            1 => self.event_id = text(value)?,
            2 => self.source_key = text(value)?,
            3 => self.merchant = number_of(value)?,
            4 => self.shop = number_of(value)?,
            5 => self.terminal = number_of(value)?,
            6 => self.epoch = number_of(value)?,
            7 => self.seq = number_of(value)?,
            8 => self.transaction_id = text(value)?,
            9 => self.occurred_at = Some(timestamp::read(bytes(value)?)?),
            10 => self.source = number_of(value)?,
            11 => self.training = number_of::<u8>(value).and_then(truth)?,
            12 => self.schema = number_of(value)?,
            13 => self.personal = Some(bytes(value)?),
            _ => return Err(Rule::FieldKnown),
        }
        Ok(())
    }

    fn take_payload(&mut self, number: u32, value: Value<'a>) -> Result<(), Fault> {
        let Some((_, field)) = Schema::of_talon().event.field(number) else { return Err(no_publishers(number)) };
        let payload = bytes(value).map_err(|rule| Fault::at(rule, field.json))?;
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err(Fault::at(Rule::Size, field.json));
        }
        let kind = u16::try_from(number - PAYLOAD_BASE).map_err(|_| Fault::at(Rule::KindKnown, field.json))?;
        match self.payload.replace((Kind(kind), payload)) {
            None => Ok(()),
            Some(_) => Err(Fault::at(Rule::OnePayload, field.json)),
        }
    }

    fn finish(self) -> Result<Envelope<'a>, Fault> {
        let stated = |name| move || Fault::at(Rule::FieldStated, name);
        let (kind, payload) = self.payload.ok_or_else(|| Fault::new(Rule::OnePayload))?;
        let source = match self.source {
            0 => return Err(stated("source")()),
            number => Source::from_number(number).ok_or_else(|| Fault::at(Rule::Choice, "source"))?,
        };
        Ok(Envelope {
            event_id: self.event_id,
            source_key: self.source_key,
            merchant: MerchantId(self.merchant),
            shop: ShopId(self.shop),
            terminal: TerminalId(self.terminal),
            terminal_epoch: TerminalEpoch(self.epoch),
            terminal_seq: TerminalSeq(self.seq),
            transaction_id: self.transaction_id,
            occurred_at: self.occurred_at.ok_or_else(stated("occurredAt"))?,
            source,
            training: self.training,
            schema: self.schema.max(1),
            personal: self.personal,
            kind,
            payload,
        })
    }
}

/// Why a payload is none of an event: only the ledger states it, or nobody knows it.
#[cold]
fn no_publishers(number: u32) -> Fault {
    match Schema::of_talon().ledger.field(number) {
        Some((_, field)) => Fault::at(Rule::PublisherKind, field.json),
        None => Fault::new(Rule::KindKnown).within(Step::Number(number)),
    }
}

#[inline]
fn bytes(value: Value<'_>) -> Result<&[u8], Rule> {
    match value {
        Value::Bytes(bytes) => Ok(bytes),
        _ => Err(Rule::FieldType),
    }
}

#[inline]
fn text(value: Value<'_>) -> Result<&str, Rule> {
    let bytes = bytes(value)?;
    if bytes.len() > TEXT_BYTES_MAX {
        return Err(Rule::TextLength);
    }
    std::str::from_utf8(bytes).map_err(|_| Rule::Utf8)
}

#[inline]
fn number_of<N: TryFrom<u64>>(value: Value<'_>) -> Result<N, Rule> {
    match value {
        Value::Number(number) => N::try_from(number).map_err(|_| Rule::Range),
        _ => Err(Rule::FieldType),
    }
}

#[inline]
const fn truth(number: u8) -> Result<bool, Rule> {
    match number {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Rule::Range),
    }
}

#[cold]
fn located(rule: Rule, number: u32) -> Fault {
    match Schema::of_talon().event.field(number) {
        Some((_, field)) => Fault::at(rule, field.json),
        None => Fault::new(rule).within(Step::Number(number)),
    }
}
