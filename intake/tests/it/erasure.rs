//! A person is erased (X8): the evidence stays what it was, whoever tells of the person again changes nothing, and no other
//! fact can stand in the erasure's way.

use std::fs;

use talon_domain::fact::{Fact, Kind, Payload};
use talon_domain::fold::Fold;
use talon_domain::ids::{MerchantId, PartitionId, StreamId};
use talon_domain::ordered::Rulings;
use talon_intake::{Erased, Outcome, Subject};
use talon_journal::{Batch, Journal as _, Record, partition_of};
use talon_proto::{decode, erasure_id_of, payload_from_json};
use talon_vault::SealedPart;

use crate::bench::{Bench, INITIATED, line, line_with};

const MERCHANT: MerchantId = MerchantId(732_829_320);
const PHONE: &str = "+33639980012";
const PERSON: &str = r#""personal":{"phone":"+33639980012"},"#;
const VERIFIED: &str = r#""phoneVerified":{"number":1}"#;

fn subject() -> Subject {
    let stream = StreamId::parse("019ab9f4-d500-7aaa-8bbb-0102030405bb").expect("an id");
    Subject { merchant: MERCHANT, stream, training: false }
}

fn erase(bench: &mut Bench) -> Erased {
    let why =
        payload_from_json(Kind::SUBJECT_ERASED, br#"{"authorCode":"dpo-2","reason":"art. 17"}"#).expect("a reason");
    bench.door.erase(&subject(), &why, bench.now, &bench.journal).expect("an answer")
}

/// Tells of the person in a fact of its own.
fn tell(bench: &mut Bench, number: u32) -> Outcome {
    bench.one(&line_with(number, PERSON, &format!(r#""phoneVerified":{{"number":{number}}}"#)))
}

/// What the vault opens of each record that has a sealed part; `None` if there is no key.
fn opened(bench: &Bench) -> Vec<Option<Vec<u8>>> {
    let mut vault = bench.vault()().expect("a vault");
    let records = bench.records();
    let sealed = records.iter().filter_map(|bytes| {
        let record = Record::parse(bytes).expect("a record");
        record.sealed().map(|sealed| (*record.header_bytes(), sealed.to_vec()))
    });
    sealed.map(|(header, sealed)| vault.open_sealed(&header, &sealed).ok().map(|plain| plain.to_vec())).collect()
}

/// What somebody without a key makes of the records.
fn folded(bench: &Bench) -> (String, Rulings) {
    let mut fold = Fold::new();
    for bytes in bench.records() {
        let record = Record::parse(&bytes).expect("a record");
        let payload = decode(record.kind(), record.schema(), record.payload());
        assert!(!matches!(payload, Payload::Parked(_)));
        fold.apply(partition_of(record.merchant()), Fact { header: record.fact_header(), payload });
    }
    let rulings = fold.partitions().find(|(of, _)| *of == partition_of(MERCHANT)).expect("it").1.rulings().clone();
    (fold.digest().to_string(), rulings)
}

/// Everything that lies on the disk beside the journal, and the journal.
fn holds_the_phone(bench: &Bench) -> bool {
    let folder = bench.keys().parent().expect("a folder").to_owned();
    let files = fs::read_dir(folder).expect("the folder").map(|entry| fs::read(entry.expect("an entry").path()));
    let holds = |bytes: &[u8]| bytes.windows(PHONE.len() - 1).any(|of| of == &PHONE.as_bytes()[1..]);
    files.map(|bytes| bytes.expect("a file")).chain(bench.records()).any(|bytes| holds(&bytes))
}

fn key_id(bytes: &[u8]) -> u64 {
    let record = Record::parse(bytes).expect("a record");
    SealedPart::parse(record.sealed().expect("a sealed part")).expect("a form").key_id().0
}

#[test]
fn x8_erased_and_told_again() {
    let mut bench = Bench::new();
    assert!(matches!(bench.one(&line(9, INITIATED)), Outcome::Appended(_)));
    let told = line_with(1, PERSON, VERIFIED);
    assert!(matches!(bench.one(&told), Outcome::Appended(_)));
    let (records, (digest, _)) = (bench.records(), folded(&bench));
    assert!(opened(&bench).iter().all(|plain| plain.as_ref().is_some_and(|plain| !plain.is_empty())));

    assert_eq!(erase(&mut bench).keys, 1);
    assert_eq!(bench.records()[..records.len()], records, "what was hashed is what it was");
    let (after, rulings) = folded(&bench);
    assert_eq!(after, digest, "without any key");
    assert!(rulings.is_erased(talon_domain::ids::StreamKey {
        merchant: MERCHANT,
        stream: subject().stream,
        training: false
    }));
    assert_eq!(opened(&bench), [None]);

    let count = bench.records().len();
    assert!(matches!(bench.one(&told), Outcome::Duplicate(_)));
    assert_eq!(bench.records().len(), count);
    // No key was used: the next person, another payment's, is sealed with the very next one.
    let other = line_with(2, PERSON, VERIFIED).replace("0102030405bb", "0102030405cc");
    assert!(matches!(bench.one(&other), Outcome::Appended(_)));
    let last = bench.records().pop().expect("a record");
    assert_eq!(key_id(&last), key_id(&records[1]) + 1);
    assert!(!holds_the_phone(&bench));
}

#[test]
fn who_was_erased_is_sealed_empty() {
    let mut bench = Bench::new();
    tell(&mut bench, 1);
    erase(&mut bench);
    assert!(matches!(tell(&mut bench, 2), Outcome::Appended(_)));
    assert_eq!(opened(&bench), [None, Some(Vec::new())], "b0 stays, and the person does not");
    assert!(matches!(tell(&mut bench, 2), Outcome::Duplicate(_)));
}

/// An event id is the publisher's to choose: one that is the erasure's own must not bring the person back.
#[test]
fn an_erasure_whose_id_is_taken_holds_all_the_same() {
    let mut bench = Bench::new();
    tell(&mut bench, 1);
    let id = erasure_id_of(MERCHANT, subject().stream, false).to_string();
    let taking = line(7, r#""linkOpened":{}"#).replace("019ab9f4-d580-7aaa-8bbb-000000000007", &id);
    assert!(matches!(bench.one(&taking), Outcome::Appended(_)));
    assert!(!erase(&mut bench).was_told);
    assert!(erase(&mut bench).was_told, "it is found under the id that it has");
    tell(&mut bench, 2);
    assert_eq!(opened(&bench), [None, Some(Vec::new())]);
}

/// A record in another merchant's partition is foreign: no fold counts it, so it must not keep the fact itself out.
#[test]
fn a_foreign_record_is_no_telling() {
    let mut elsewhere = Bench::new();
    tell(&mut elsewhere, 1);
    let stray = elsewhere.records().remove(0);
    let mut bench = Bench::new();
    let mut batch = Batch::new();
    let partition = PartitionId(partition_of(MERCHANT).0 ^ 1);
    batch.push(partition, &[&stray]).expect("room");
    bench.journal.append(batch).wait().expect("appended");
    bench.open_door(Box::new({
        let mut open = bench.vault();
        move || Ok(open()?)
    }));
    assert!(matches!(tell(&mut bench, 1), Outcome::Appended(_)));
    assert!(matches!(tell(&mut bench, 1), Outcome::Duplicate(_)));
}
