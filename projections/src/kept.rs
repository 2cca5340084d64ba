//! How a stream's facts are kept, so that the fold can have them back. Invariants:
//! - what comes back is the same facts, in the same order, with the same conflicts: the same state
//! - salts, keys and sealed parts are not kept; the group of a phone number is
//!
//! The bytes are the store's own, bound to no promise: another version of them is a rebuilt store.

use serde::{Deserialize, Serialize};
use talon_domain::fact::{Fact, FactHeader, Kind, Source};
use talon_domain::ids::{EventId, PrincipalId, ShopId, StreamKey, TerminalEpoch, TerminalId, TerminalSeq};
use talon_domain::stream::Stream;
use talon_domain::time::{Day, Instant};
use talon_proto::decode;

use crate::key::{Fields, Key};
use crate::view::Arrival;

const SEALED: u8 = 1;
const IMPORTED: u8 = 2;
const CLOCK_DOUBTFUL: u8 = 4;

/// One fact, without what its stream's key says.
#[derive(Serialize, Deserialize)]
struct KeptFact<'a> {
    kind: u16,
    schema: u16,
    flags: u8,
    source: u8,
    recorded_at: i64,
    /// By how much it lies before it was recorded.
    behind: i64,
    place: (u32, u32, u32, u16),
    day: u16,
    principal: u32,
    event_id: [u8; 16],
    recorded_day: u16,
    phone_bucket: u32,
    payload: &'a [u8],
}

/// Adds a fact to the bytes of a stream.
pub(crate) fn keep(fact: &FactHeader, payload: &[u8], arrival: Arrival, bytes: &mut Vec<u8>) {
    let flag = |set: bool, flag: u8| if set { flag } else { 0 };
    let kept = KeptFact {
        kind: fact.kind.0,
        schema: fact.schema,
        flags: flag(fact.sealed, SEALED) | flag(fact.imported, IMPORTED) | flag(fact.clock_doubtful, CLOCK_DOUBTFUL),
        source: fact.source as u8,
        recorded_at: fact.recorded_at.0,
        behind: fact.recorded_at.0.wrapping_sub(fact.occurred_at.0),
        place: (fact.shop.0, fact.terminal.0, fact.terminal_seq.0, fact.terminal_epoch.0),
        day: fact.day.0,
        principal: fact.principal.0,
        event_id: fact.event_id.0,
        recorded_day: arrival.recorded_day.0,
        phone_bucket: arrival.phone_bucket,
        payload,
    };
    // Writing numbers and bytes into memory cannot fail.
    *bytes = postcard::to_extend(&kept, std::mem::take(bytes)).unwrap_or_default();
}

/// A stream as it comes back.
#[derive(Debug, Default)]
pub(crate) struct Restored {
    pub(crate) facts: Vec<Fact>,
    pub(crate) arrivals: Vec<Arrival>,
    pub(crate) conflicts: Vec<usize>,
    /// The bytes of its facts, to be added to.
    pub(crate) bytes: Vec<u8>,
}

impl Restored {
    /// The stream itself.
    pub(crate) fn into_stream(self) -> Stream {
        Stream::from_kept(self.facts, &self.conflicts)
    }
}

/// Bytes of a row; a stream that has more is kept in several. Most have a tenth of it.
const PART_BYTES: usize = 32 * 1024;

/// What a store holds of a stream: the places of its conflicts and its facts, in one row or several.
pub(crate) fn row(conflicts: &[usize], facts: &[u8]) -> Vec<Vec<u8>> {
    let row = Vec::with_capacity(facts.len().saturating_add(8));
    let mut row = postcard::to_extend(&conflicts, row).unwrap_or_default();
    row.extend_from_slice(facts);
    let further = u32::try_from(row.chunks(PART_BYTES).count().saturating_sub(1)).unwrap_or(u32::MAX);
    let mut parts: Vec<_> = row.chunks(PART_BYTES).map(<[u8]>::to_vec).collect();
    if let Some(first) = parts.first_mut() {
        first.splice(..0, further.to_be_bytes());
    }
    parts
}

/// How many further rows a stream has beside its first one, and what is in that.
pub(crate) fn first_part(row: &[u8]) -> Option<(u32, &[u8])> {
    let (further, rest) = row.split_first_chunk()?;
    Some((u32::from_be_bytes(*further), rest))
}

/// Takes a stream back; `None` if these bytes, all parts together, are not what [`row`] makes.
pub(crate) fn restore(key: StreamKey, row: &[u8]) -> Option<Restored> {
    let (conflicts, facts) = postcard::take_from_bytes(row).ok()?;
    let mut restored = Restored { conflicts, bytes: facts.to_vec(), ..Restored::default() };
    let mut rest = facts;
    while !rest.is_empty() {
        let (kept, behind) = postcard::take_from_bytes::<KeptFact<'_>>(rest).ok()?;
        rest = behind;
        restored.arrivals.push(Arrival { recorded_day: Day(kept.recorded_day), phone_bucket: kept.phone_bucket });
        let header = header(key, &kept)?;
        let payload = decode(header.kind, header.schema, kept.payload);
        restored.facts.push(Fact { header, payload });
    }
    Some(restored)
}

/// What a store holds of a fact in the order of the ledger: the key of its stream, and the fact.
pub(crate) fn ordered_row(key: StreamKey, fact: &[u8]) -> Vec<u8> {
    let mut row = Key::new();
    row.stream_key(key).bytes(fact);
    row.as_bytes().to_vec()
}

/// Takes a fact in the order of the ledger back.
pub(crate) fn restore_ordered(row: &[u8]) -> Option<Fact> {
    let mut fields = Fields::of(row);
    let key = fields.stream_key()?;
    let kept = postcard::from_bytes::<KeptFact<'_>>(fields.rest()).ok()?;
    let header = header(key, &kept)?;
    let payload = decode(header.kind, header.schema, kept.payload);
    Some(Fact { header, payload })
}

fn header(key: StreamKey, kept: &KeptFact<'_>) -> Option<FactHeader> {
    let (shop, terminal, seq, epoch) = kept.place;
    Some(FactHeader {
        kind: Kind(kept.kind),
        schema: kept.schema,
        recorded_at: Instant(kept.recorded_at),
        occurred_at: Instant(kept.recorded_at.wrapping_sub(kept.behind)),
        merchant: key.merchant,
        shop: ShopId(shop),
        terminal: TerminalId(terminal),
        terminal_seq: TerminalSeq(seq),
        terminal_epoch: TerminalEpoch(epoch),
        day: Day(kept.day),
        principal: PrincipalId(kept.principal),
        source: Source::from_number(kept.source.into())?,
        event_id: EventId(kept.event_id),
        stream: key.stream,
        sealed: kept.flags & SEALED != 0,
        training: key.training,
        imported: kept.flags & IMPORTED != 0,
        clock_doubtful: kept.flags & CLOCK_DOUBTFUL != 0,
    })
}
