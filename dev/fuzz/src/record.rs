//! Records: what parses is written again byte for byte, and everything that meets a record afterwards copes with it.

use talon_domain::fact::Payload;
use talon_domain::ids::{PartitionId, Position};
use talon_journal::{Record, Stored, encode_header, partition_of};
use talon_proto::{check_payload, decode, event_from_json, payload_to_json, same_payload, walk};
use talon_replay::{Dumped, Entry, History, classify, event_json};
use talon_vault::SealedPart;

/// Any bytes as a record.
pub fn record(bytes: &[u8]) {
    let Ok(record) = Record::parse(bytes) else { return };
    is_written_as_it_was(&record, bytes);
    if let Some(sealed) = record.sealed() {
        SealedPart::parse(sealed).expect("the vault reads what the journal lets in");
    }
    payload_is_read_or_parked(&record);
    let home = partition_of(record.merchant());
    for partition in [home, PartitionId((home.0 + 1) % 64)] {
        is_folded(&Stored { partition, position: Position(1), bytes });
    }
}

fn is_written_as_it_was(record: &Record<'_>, bytes: &[u8]) {
    let payload_len = u16::try_from(record.payload().len()).expect("two bytes");
    let header = encode_header(&record.fact_header(), payload_len, &record.salt());
    assert_eq!(&header, record.header_bytes());
    assert_eq!([&header, record.payload(), record.sealed().unwrap_or_default()].concat(), bytes);
}

fn payload_is_read_or_parked(record: &Record<'_>) {
    let (kind, schema, payload) = (record.kind(), record.schema(), record.payload());
    let fit = check_payload(kind, schema, payload, &mut |_| true);
    let is_parked = matches!(decode(kind, schema, payload), Payload::Parked(_));
    assert_eq!(fit.is_err(), is_parked, "what is fit is read, and nothing else: {fit:?}");
    assert!(same_payload(kind, schema, payload, payload));
    assert!(is_parked || payload_to_json(kind, schema, payload).is_ok());
}

/// A record changes a state once, however often it is there; what it is dumped as says the same.
fn is_folded(stored: &Stored<'_>) {
    let (mut once, mut twice) = (History::new(), History::new());
    once.take(stored);
    twice.take(stored);
    twice.take(&Stored { position: Position(2), ..*stored });
    assert_eq!(once.digest(), twice.digest());
    let Entry::Fact(fact) = classify(stored) else { return };
    let Some(Dumped::Event(line)) = event_json(stored, &mut |_| None) else { return };
    let mut event = Vec::new();
    event_from_json(line.as_bytes(), &mut event).expect("a dumped line is read again");
    let Ok(said) = walk(&event) else { return }; // no publisher could have stated it
    let header = fact.header;
    assert_eq!((said.kind, said.schema, said.merchant), (header.kind, header.schema, header.merchant));
    assert_eq!((said.occurred_at, said.source), (header.occurred_at, header.source));
    let payload = Record::parse(stored.bytes).expect("it was parsed before").payload();
    let is_parked = matches!(fact.payload, Payload::Parked(_));
    assert!(is_parked || same_payload(said.kind, said.schema, said.payload, payload), "{line}");
}
