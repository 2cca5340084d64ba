//! Small ledgers to test with: their genesis, and records that a reader in any language can decode.

use talon_domain::fact::{FactHeader, Kind, Source};
use talon_domain::ids::{
    EventId, LedgerId, MerchantId, PartitionId, PrincipalId, ShopId, StreamId, TerminalEpoch, TerminalId, TerminalSeq,
};
use talon_domain::time::{Day, Instant};
use talon_journal::{Batch, PARTITIONS, SeedSource, SegmentSeed, encode_header, partition_of};

/// 2025-11-25T07:00:00Z.
const MORNING: Instant = Instant(1_764_054_000_000_000);
const DAY: Day = Day(20_417);

/// The ledger of tests.
pub fn ledger_id() -> LedgerId {
    LedgerId::parse("019ab9f4-d000-7aaa-8bbb-010203040500").expect("an id")
}

/// The genesis records of a ledger, one for each partition.
pub fn genesis(ledger_id: LedgerId) -> Batch {
    let mut batch = Batch::new();
    for partition in 0..PARTITIONS {
        let header = FactHeader {
            kind: Kind::GENESIS,
            source: Source::Ledger,
            principal: PrincipalId(0),
            terminal_epoch: TerminalEpoch(0),
            stream: StreamId(ledger_id.0),
            ..header(MerchantId(0), u64::from(partition))
        };
        let mut payload = text(1, &ledger_id.to_string());
        payload.extend(number(2, PARTITIONS.into()));
        payload.extend(number(3, partition.into()));
        batch.push(PartitionId(partition), &[&whole(&header, &payload)]).expect("a batch takes a genesis");
    }
    batch
}

/// A payment that was initiated: the merchant's `n`th, with a ticket text of `text_bytes`.
pub fn record(merchant: MerchantId, n: u64, text_bytes: usize) -> Vec<u8> {
    let mut payload = message(1, &[text(1, "EUR"), number(2, 100 + n)].concat());
    payload.extend(text(4, &"x".repeat(text_bytes)));
    whole(&header(merchant, n), &payload)
}

/// A batch of records, each in its merchant's partition.
pub fn batch_of<'a>(records: impl IntoIterator<Item = (MerchantId, &'a [u8])>) -> Batch {
    let mut batch = Batch::new();
    for (merchant, bytes) in records {
        batch.push(partition_of(merchant), &[bytes]).expect("a batch takes a record");
    }
    batch
}

/// Seeds that differ from one another and are the same in every run.
pub fn seeds(first: u64) -> SeedSource {
    let mut salt = first;
    Box::new(move || {
        salt = salt.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x2545_f491_4f6c_dd1d);
        SegmentSeed { salt, created_at: MORNING }
    })
}

fn header(merchant: MerchantId, n: u64) -> FactHeader {
    let mut id = ledger_id().0;
    id[8..].copy_from_slice(&(merchant.0.wrapping_mul(1_000_003) ^ n).to_be_bytes());
    id[8] = id[8] & 0x3f | 0x80;
    FactHeader {
        kind: Kind::PAYMENT_INITIATED,
        schema: 1,
        recorded_at: MORNING,
        occurred_at: MORNING,
        merchant,
        shop: ShopId(0),
        terminal: TerminalId(0),
        terminal_seq: TerminalSeq(0),
        terminal_epoch: TerminalEpoch(1),
        day: DAY,
        principal: PrincipalId(1),
        source: Source::Gateway,
        event_id: EventId(id),
        stream: StreamId(id),
        sealed: false,
        training: false,
        imported: false,
        clock_doubtful: false,
    }
}

fn whole(header: &FactHeader, payload: &[u8]) -> Vec<u8> {
    let salt = header.event_id.0.map(|byte| byte ^ 0x5a);
    let payload_len = u16::try_from(payload.len()).expect("a payload of a record");
    [&encode_header(header, payload_len, &salt), payload].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 127 {
        bytes.push(u8::try_from(value & 127).expect("seven bits") | 128);
        value >>= 7;
    }
    bytes.push(u8::try_from(value).expect("seven bits"));
    bytes
}

fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn message(field: u64, bytes: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

fn text(field: u64, text: &str) -> Vec<u8> {
    message(field, text.as_bytes())
}
