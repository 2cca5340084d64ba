//! The record: a header of 104 bytes, the payload as it was published, and the sealed part. These bytes do not depend
//! on the engine that keeps them; they are what is hashed, signed, copied and handed to auditors (docs/format.md 2).
//!
//! - `HEADER_BYTES + payload_len <= bytes <= RECORD_BYTES_MAX`, and equality on the left exactly if nothing is sealed
//! - what parses encodes to the same header again, byte for byte
//!
//! This module does not decode a payload, open a sealed part or hash a leaf.

use talon_domain::fact::{FactHeader, Kind, Source};
use talon_domain::ids::{EventId, MerchantId, PrincipalId, ShopId, StreamId, TerminalEpoch, TerminalId, TerminalSeq};
use talon_domain::time::{Day, Instant};

use crate::layout::{put, take};

/// Bytes of a record's header.
pub const HEADER_BYTES: usize = 104;
/// Bytes of the longest record: its length is a u16.
pub const RECORD_BYTES_MAX: usize = 65_535;
/// Bytes of the longest payload; the rest of the longest record is room for the header and a sealed part.
pub const PAYLOAD_BYTES_MAX: usize = 60_000;
/// The record format that this release writes and reads: frozen for ever.
pub const FORMAT: u8 = 1;
/// First byte of every record, so that zeros are never one.
pub const MAGIC: u8 = 0x54;

const SEALED: u16 = 1;
const TRAINING: u16 = 1 << 2;
const IMPORTED: u16 = 1 << 3;
const CLOCK_DOUBTFUL: u16 = 1 << 4;
const DEFINED_FLAGS: u16 = SEALED | TRAINING | IMPORTED | CLOCK_DOUBTFUL;

/// A sealed part is algorithm, bucket and key id (12), ciphertext in blocks, tag (16).
const SEALED_FRAME_BYTES: usize = 12 + SEAL_BLOCK_BYTES;
const SEAL_BLOCK_BYTES: usize = 16;
const SEAL_AES_256_GCM: u8 = 1;

const _: () = assert!(HEADER_BYTES + PAYLOAD_BYTES_MAX + SEALED_FRAME_BYTES + SEAL_BLOCK_BYTES <= RECORD_BYTES_MAX);

/// Why bytes are not a record of this release's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// Shorter than a header, or longer than a record may be.
    #[error("{0} bytes are not a record, which has 104 to 65535")]
    Length(usize),
    /// The first byte is not a record's.
    #[error("a record begins with 0x54, not {0:#04x}")]
    Magic(u8),
    /// A format that this release does not read.
    #[error("record format {0} is not read by this release")]
    Format(u8),
    /// A flag that is not defined.
    #[error("flags {0:#06x} have an undefined bit")]
    Flags(u16),
    /// A source that does not exist.
    #[error("source {0} is not one of 1 to 6")]
    Source(u8),
    /// A rule for days that does not exist.
    #[error("day rule {0} is not known")]
    DayRule(u8),
    /// The payload is too long, or reaches past the record.
    #[error("a payload of {0} bytes does not fit")]
    Payload(u16),
    /// The sealed flag and what follows the payload do not agree.
    #[error("the {0} bytes behind the payload are not what the sealed flag says")]
    Sealed(usize),
}

/// The header of a fact whose payload has `payload_len` bytes. Whether a sealed part follows is `fact.sealed`.
pub fn encode_header(fact: &FactHeader, payload_len: u16, salt: &[u8; 16]) -> [u8; HEADER_BYTES] {
    let mut to = [0; HEADER_BYTES];
    put::<0, 2, _>(&mut to, [MAGIC, FORMAT]);
    put::<2, 2, _>(&mut to, fact.kind.0.to_le_bytes());
    put::<4, 2, _>(&mut to, fact.schema.to_le_bytes());
    put::<6, 2, _>(&mut to, flags_of(fact).to_le_bytes());
    put::<8, 8, _>(&mut to, fact.recorded_at.0.to_le_bytes());
    put::<16, 8, _>(&mut to, fact.occurred_at.0.to_le_bytes());
    put::<24, 8, _>(&mut to, fact.merchant.0.to_le_bytes());
    put::<32, 4, _>(&mut to, fact.shop.0.to_le_bytes());
    put::<36, 4, _>(&mut to, fact.terminal.0.to_le_bytes());
    put::<40, 4, _>(&mut to, fact.terminal_seq.0.to_le_bytes());
    put::<44, 2, _>(&mut to, fact.terminal_epoch.0.to_le_bytes());
    put::<46, 2, _>(&mut to, fact.day.0.to_le_bytes());
    put::<48, 4, _>(&mut to, fact.principal.0.to_le_bytes());
    put::<52, 2, _>(&mut to, [fact.source as u8, Day::RULE]);
    put::<54, 2, _>(&mut to, payload_len.to_le_bytes());
    put::<56, 16, _>(&mut to, fact.event_id.0);
    put::<72, 16, _>(&mut to, fact.stream.0);
    put::<88, 16, _>(&mut to, *salt);
    to
}

fn flags_of(fact: &FactHeader) -> u16 {
    let flags = [
        (fact.sealed, SEALED),
        (fact.training, TRAINING),
        (fact.imported, IMPORTED),
        (fact.clock_doubtful, CLOCK_DOUBTFUL),
    ];
    flags.into_iter().filter(|(set, _)| *set).fold(0, |all, (_, bit)| all | bit)
}

/// Bytes that are a record. Every accessor reads from the header in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    bytes: &'a [u8],
    header: &'a [u8; HEADER_BYTES],
    payload: &'a [u8],
    sealed: &'a [u8],
    source: Source,
}

impl<'a> Record<'a> {
    /// Reads bytes strictly: what is not defined is refused.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, RecordError> {
        let length = RecordError::Length(bytes.len());
        let (header, body) = bytes.split_first_chunk::<HEADER_BYTES>().ok_or(length)?;
        if bytes.len() > RECORD_BYTES_MAX {
            return Err(length);
        }
        let source = check_header(header)?;
        let payload_len = u16::from_le_bytes(take::<54, _, _>(header));
        let split = body.split_at_checked(payload_len.into()).filter(|(p, _)| p.len() <= PAYLOAD_BYTES_MAX);
        let (payload, sealed) = split.ok_or(RecordError::Payload(payload_len))?;
        let record = Self { bytes, header, payload, sealed, source };
        if !record.is_sealed_as_it_says() {
            return Err(RecordError::Sealed(sealed.len()));
        }
        Ok(record)
    }

    fn is_sealed_as_it_says(&self) -> bool {
        if self.flags() & SEALED == 0 {
            return self.sealed.is_empty();
        }
        let ciphertext = self.sealed.len().checked_sub(SEALED_FRAME_BYTES);
        let in_blocks = ciphertext.is_some_and(|n| n > 0 && n.is_multiple_of(SEAL_BLOCK_BYTES));
        in_blocks && self.sealed.first() == Some(&SEAL_AES_256_GCM)
    }

    fn flags(&self) -> u16 {
        u16::from_le_bytes(take::<6, _, _>(self.header))
    }

    /// All of it.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The first 104 bytes.
    pub const fn header_bytes(&self) -> &'a [u8; HEADER_BYTES] {
        self.header
    }

    /// The payload, exactly as it was published.
    pub const fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// The sealed part, if there is one.
    pub fn sealed(&self) -> Option<&'a [u8]> {
        (!self.sealed.is_empty()).then_some(self.sealed)
    }

    /// The coarse group of the phone number that is sealed; 0 is none.
    pub fn phone_bucket(&self) -> u32 {
        let [_, low, middle, high] = self.sealed.first_chunk().copied().unwrap_or_default();
        u32::from_le_bytes([low, middle, high, 0])
    }

    /// The record's format.
    pub fn format(&self) -> u8 {
        let [format] = take::<1, 1, _>(self.header);
        format
    }

    /// What the fact is.
    pub fn kind(&self) -> Kind {
        Kind(u16::from_le_bytes(take::<2, _, _>(self.header)))
    }

    /// Version of the payload's schema.
    pub fn schema(&self) -> u16 {
        u16::from_le_bytes(take::<4, _, _>(self.header))
    }

    /// The appender's clock.
    pub fn recorded_at(&self) -> Instant {
        Instant(i64::from_le_bytes(take::<8, _, _>(self.header)))
    }

    /// When it happened.
    pub fn occurred_at(&self) -> Instant {
        Instant(i64::from_le_bytes(take::<16, _, _>(self.header)))
    }

    /// Who is paid.
    pub fn merchant(&self) -> MerchantId {
        MerchantId(u64::from_le_bytes(take::<24, _, _>(self.header)))
    }

    /// Which shop.
    pub fn shop(&self) -> ShopId {
        ShopId(u32::from_le_bytes(take::<32, _, _>(self.header)))
    }

    /// Which terminal.
    pub fn terminal(&self) -> TerminalId {
        TerminalId(u32::from_le_bytes(take::<36, _, _>(self.header)))
    }

    /// Date in Paris of `occurred_at`.
    pub fn day(&self) -> Day {
        Day(u16::from_le_bytes(take::<46, _, _>(self.header)))
    }

    /// Whose mouth.
    pub const fn source(&self) -> Source {
        self.source
    }

    /// The fact's name.
    pub fn event_id(&self) -> EventId {
        EventId(take::<56, _, _>(self.header))
    }

    /// What it belongs to.
    pub fn stream_id(&self) -> StreamId {
        StreamId(take::<72, _, _>(self.header))
    }

    /// Keeps a neighbour's hash in a proof from being guessed.
    pub fn salt(&self) -> [u8; 16] {
        take::<88, _, _>(self.header)
    }

    /// Everything that the header states of the fact.
    pub fn fact_header(&self) -> FactHeader {
        let flags = self.flags();
        FactHeader {
            kind: self.kind(),
            schema: self.schema(),
            recorded_at: self.recorded_at(),
            occurred_at: self.occurred_at(),
            merchant: self.merchant(),
            shop: self.shop(),
            terminal: self.terminal(),
            terminal_seq: TerminalSeq(u32::from_le_bytes(take::<40, _, _>(self.header))),
            terminal_epoch: TerminalEpoch(u16::from_le_bytes(take::<44, _, _>(self.header))),
            day: self.day(),
            principal: PrincipalId(u32::from_le_bytes(take::<48, _, _>(self.header))),
            source: self.source,
            event_id: self.event_id(),
            stream: self.stream_id(),
            sealed: flags & SEALED != 0,
            training: flags & TRAINING != 0,
            imported: flags & IMPORTED != 0,
            clock_doubtful: flags & CLOCK_DOUBTFUL != 0,
        }
    }
}

fn check_header(header: &[u8; HEADER_BYTES]) -> Result<Source, RecordError> {
    let [magic, format] = take::<0, 2, _>(header);
    let flags = u16::from_le_bytes(take::<6, _, _>(header));
    let [source, day_rule] = take::<52, 2, _>(header);
    match (magic, format, flags & !DEFINED_FLAGS, day_rule) {
        (MAGIC, FORMAT, 0, Day::RULE) => Source::from_number(source.into()).ok_or(RecordError::Source(source)),
        (MAGIC, FORMAT, 0, _) => Err(RecordError::DayRule(day_rule)),
        (MAGIC, FORMAT, _, _) => Err(RecordError::Flags(flags)),
        (MAGIC, _, _, _) => Err(RecordError::Format(format)),
        _ => Err(RecordError::Magic(magic)),
    }
}
