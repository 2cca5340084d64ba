//! A ledger in memory, and what is put into it record by record.

use talon_domain::fact::{FactHeader, Kind, Source};
use talon_domain::ids::{
    EventId, LedgerId, MerchantId, PartitionId, PrincipalId, ShopId, StreamId, TerminalEpoch, TerminalId, TerminalSeq,
};
use talon_domain::time::{Day, Instant};
use talon_journal::{Batch, FORMAT, MemoryJournal, PARTITIONS, encode_header, partition_of};
use talon_proto::{Genesis, encode_genesis, payload_from_json};

pub(crate) const NOW: Instant = Instant(1_795_597_200_000_000);
pub(crate) const LEDGER: LedgerId =
    LedgerId([0x01, 0x9a, 0xb9, 0xf4, 0xd5, 0x80, 0x7a, 0xaa, 0x8b, 0xbb, 0, 0, 0, 0, 0, 1]);
pub(crate) const MERCHANT: MerchantId = MerchantId(732_829_320);

pub(crate) fn id(number: u8) -> [u8; 16] {
    let mut id = LEDGER.0;
    id[15] = number;
    id
}

pub(crate) fn header(kind: Kind, number: u8) -> FactHeader {
    FactHeader {
        kind,
        schema: 1,
        recorded_at: NOW,
        occurred_at: NOW,
        merchant: MERCHANT,
        shop: ShopId(17),
        terminal: TerminalId(4),
        terminal_seq: TerminalSeq(1),
        terminal_epoch: TerminalEpoch(1),
        day: NOW.paris_day().expect("in range"),
        principal: PrincipalId(1),
        source: Source::Gateway,
        event_id: EventId(id(number)),
        stream: StreamId(id(200)),
        sealed: false,
        training: false,
        imported: false,
        clock_doubtful: false,
    }
}

pub(crate) fn push(batch: &mut Batch, partition: PartitionId, header: &FactHeader, payload: &[u8]) {
    let length = u16::try_from(payload.len()).expect("small");
    batch.push(partition, &[&encode_header(header, length, &[7; 16]), payload]).expect("room");
}

pub(crate) fn genesis_header(number: u8) -> FactHeader {
    FactHeader {
        merchant: MerchantId(0),
        source: Source::Ledger,
        principal: PrincipalId(0),
        stream: StreamId(LEDGER.0),
        ..header(Kind::GENESIS, number)
    }
}

pub(crate) fn genesis_payload(ledger_id: LedgerId, partition: PartitionId) -> Vec<u8> {
    encode_genesis(&Genesis { ledger_id, partitions: PARTITIONS, partition, format: FORMAT, origin: "".into() })
}

/// A ledger; partition 63 may begin with a genesis that says something else.
pub(crate) fn ledger(odd: Option<LedgerId>) -> MemoryJournal {
    let mut batch = Batch::new();
    for partition in (0..PARTITIONS).map(PartitionId) {
        let says = odd.filter(|_| partition.0 == 63).unwrap_or(LEDGER);
        push(&mut batch, partition, &genesis_header(100), &genesis_payload(says, partition));
    }
    MemoryJournal::create(LEDGER, batch).expect("a journal")
}

/// The record of a fact whose payload is written as JSON, in its merchant's partition.
pub(crate) fn tell(batch: &mut Batch, header: &FactHeader, payload: &str) {
    let payload = payload_from_json(header.kind, payload.as_bytes()).expect("a payload");
    push(batch, partition_of(header.merchant), header, &payload);
}

/// A moment of the test's month, in UTC.
pub(crate) fn at(day: u32, hour: u32, minute: u32) -> Instant {
    let day = i64::from(Day::of(2026, 11, day).expect("a day").0);
    Instant::from_seconds((day * 24 + i64::from(hour)) * 3_600 + i64::from(minute) * 60).expect("in range")
}

/// The same header at another moment, with its day.
pub(crate) fn on(header: &FactHeader, occurred_at: Instant) -> FactHeader {
    FactHeader { occurred_at, day: occurred_at.paris_day().expect("in range"), ..header.clone() }
}
