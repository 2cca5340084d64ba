//! The bytes of a record, against golden files and against the tables of docs/format.md.

use std::collections::BTreeMap;

use proptest::prelude::*;
use talon_domain::fact::{FactHeader, Kind, Source};
use talon_domain::ids::*;
use talon_domain::time::{Day, Instant};
use talon_journal::{HEADER_BYTES, PARTITIONS, Record, RecordError, encode_header, partition_of};
use talon_testkit::{format_table, unhex};

fn golden() -> BTreeMap<&'static str, Vec<u8>> {
    let lines = include_str!("../golden/records.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(' ')).map(|(name, rest)| (name, unhex(&rest[..rest.len() - 65]))).collect()
}

#[test]
fn golden_records_parse_and_encode_to_the_same_bytes() {
    let golden = golden();
    assert_eq!(golden.len(), 5);
    for (name, bytes) in &golden {
        let record = Record::parse(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let payload_len = u16::try_from(record.payload().len()).unwrap();
        let header = encode_header(&record.fact_header(), payload_len, &record.salt());
        assert_eq!(&header, record.header_bytes(), "{name}");
        let again = [&header[..], record.payload(), record.sealed().unwrap_or_default()].concat();
        assert_eq!(&again, bytes, "{name}");
    }
}

#[test]
fn golden_records_say_what_they_were_made_to_say() {
    let golden = golden();
    let header = |name: &str| Record::parse(&golden[name]).unwrap().fact_header();
    let initiated = header("initiated");
    assert_eq!((initiated.kind, initiated.source), (Kind::PAYMENT_INITIATED, Source::Gateway));
    assert_eq!((initiated.merchant, initiated.shop), (MerchantId(839_100_575), ShopId(17)));
    assert_eq!((initiated.terminal, initiated.terminal_seq), (TerminalId(417), TerminalSeq(9)));
    assert_eq!(initiated.occurred_at, Instant(1_764_054_000_000_000));
    assert_eq!(initiated.occurred_at.paris_day(), Some(initiated.day));
    assert!(header("phone_verified_sealed").sealed && header("card_debited_training").training);
    let imported = header("clock_doubtful_imported");
    assert!(imported.imported && imported.clock_doubtful);
    assert_eq!((header("genesis").kind, header("genesis").source), (Kind::GENESIS, Source::Ledger));
}

#[test]
fn the_header_lies_as_the_format_page_draws_it() {
    let fact = FactHeader {
        kind: Kind(0x0102),
        schema: 0x0304,
        recorded_at: Instant(0x1112_1314_1516_1718),
        occurred_at: Instant(0x2122_2324_2526_2728),
        merchant: MerchantId(0x3132_3334_3536_3738),
        shop: ShopId(0x4142_4344),
        terminal: TerminalId(0x5152_5354),
        terminal_seq: TerminalSeq(0x6162_6364),
        terminal_epoch: TerminalEpoch(0x7172),
        day: Day(0x7374),
        principal: PrincipalId(0x8182_8384),
        source: Source::Person,
        event_id: EventId(*b"event id, 16 B.."),
        stream: StreamId(*b"stream id, 16 B."),
        sealed: false,
        training: false,
        imported: false,
        clock_doubtful: false,
    };
    let header = encode_header(&fact, 0x9192, b"salt of 16 bytes");
    let mut end = 0;
    for row in format_table("record-header") {
        let (offset, size): (usize, usize) = (row[0].parse().unwrap(), row[1].parse().unwrap());
        assert_eq!(offset, end, "{} leaves a hole", row[2]);
        end = offset + size;
        let number = |value: u64| value.to_le_bytes()[..size].to_vec();
        let expected = match row[2].as_str() {
            "magic" => number(0x54),
            "format" => vec![1],
            "flags" => number(0),
            "kind" => number(0x0102),
            "schema" => number(0x0304),
            "recorded_at" => number(0x1112_1314_1516_1718),
            "occurred_at" => number(0x2122_2324_2526_2728),
            "merchant" => number(0x3132_3334_3536_3738),
            "shop" => number(0x4142_4344),
            "terminal" => number(0x5152_5354),
            "terminal_seq" => number(0x6162_6364),
            "terminal_epoch" => number(0x7172),
            "day" => number(0x7374),
            "principal" => number(0x8182_8384),
            "source" => number(5),
            "day_rule" => number(1),
            "payload_len" => number(0x9192),
            "event_id" => b"event id, 16 B..".to_vec(),
            "stream_id" => b"stream id, 16 B.".to_vec(),
            "salt" => b"salt of 16 bytes".to_vec(),
            other => panic!("no such field: {other}"),
        };
        assert_eq!(header[offset..end], expected, "{}", row[2]);
    }
    assert_eq!(end, HEADER_BYTES);
}

#[test]
fn flags_are_the_bits_of_the_format_page() {
    let plain = Record::parse(&golden()["initiated"]).map(|r| r.fact_header()).unwrap();
    let bits = |fact: &FactHeader| u16::from_le_bytes([encode_header(fact, 0, &[0; 16])[6], 0]);
    for row in format_table("flags") {
        let mut fact = plain.clone();
        match row[1].as_str() {
            "sealed" => fact.sealed = true,
            "training" => fact.training = true,
            "imported" => fact.imported = true,
            "clock_doubtful" => fact.clock_doubtful = true,
            other => panic!("no such flag: {other}"),
        }
        assert_eq!(bits(&fact), 1 << row[0].parse::<u16>().unwrap(), "{}", row[1]);
    }
}

#[test]
fn merchants_go_to_the_partitions_of_the_format_page() {
    for row in format_table("partitions") {
        let merchant = MerchantId(row[0].parse().unwrap());
        assert_eq!(partition_of(merchant).to_string(), row[1], "merchant {merchant}");
    }
    assert!(partition_of(MerchantId(u64::MAX)).0 < PARTITIONS);
}

#[test]
fn what_is_not_defined_is_no_record() {
    let golden = golden();
    let broken = |name: &str, at: usize, to: u8| {
        let mut bytes = golden[name].clone();
        bytes[at] = to;
        Record::parse(&bytes).map(|_| ()).unwrap_err()
    };
    assert_eq!(broken("initiated", 0, 0), RecordError::Magic(0));
    assert_eq!(broken("initiated", 1, 0), RecordError::Format(0), "a draft");
    assert_eq!(broken("initiated", 1, 2), RecordError::Format(2));
    assert_eq!(broken("initiated", 6, 2), RecordError::Flags(2));
    assert_eq!(broken("initiated", 7, 1), RecordError::Flags(0x100));
    assert_eq!(broken("initiated", 52, 0), RecordError::Source(0));
    assert_eq!(broken("initiated", 52, 7), RecordError::Source(7));
    assert_eq!(broken("initiated", 53, 2), RecordError::DayRule(2));
    assert_eq!(broken("initiated", 55, 1), RecordError::Payload(0x011b));
    assert_eq!(broken("initiated", 54, 0x1a), RecordError::Sealed(1));
    assert_eq!(broken("initiated", 6, 1), RecordError::Sealed(0));
    assert_eq!(broken("phone_verified_sealed", 106, 2), RecordError::Sealed(60));
    assert_eq!(Record::parse(&[0x54; 103]), Err(RecordError::Length(103)));
    assert_eq!(Record::parse(&vec![0x54; 65_536]), Err(RecordError::Length(65_536)));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever parses is written back byte for byte, so that no two readers can disagree about it.
    #[test]
    fn what_parses_encodes_to_the_same_bytes(
        mut bytes in proptest::collection::vec(any::<u8>(), 104..400),
        source in 0u8..8,
        flags in 0u8..32,
        payload in 0u16..300,
    ) {
        bytes[..2].copy_from_slice(&[0x54, 0]);
        bytes[6..8].copy_from_slice(&[flags, 0]);
        bytes[52..54].copy_from_slice(&[source, 1]);
        bytes[54..56].copy_from_slice(&payload.to_le_bytes());
        if let Ok(record) = Record::parse(&bytes) {
            let header = encode_header(&record.fact_header(), payload, &record.salt());
            prop_assert_eq!(&header, record.header_bytes());
            prop_assert_eq!(record.payload().len(), usize::from(payload));
        }
    }
}
