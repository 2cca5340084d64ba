//! Golden bytes of every fact, made with another implementation of protobuf. Files are added, never edited.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use talon_domain::fact::{Kind, Payload};
use talon_proto::{decode, decode_genesis, encode_genesis, event_from_json, event_to_json, payload_to_json, walk};

use crate::{checked, header_of};

struct Golden {
    name: String,
    kind: Kind,
    json: String,
    payload: Vec<u8>,
    /// Absent for what no publisher may send.
    event: Option<Vec<u8>>,
}

fn goldens() -> Vec<Golden> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let files = fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path());
    let mut goldens: Vec<_> = files.map(|path| golden(&path)).collect();
    goldens.sort_by(|a, b| a.name.cmp(&b.name));
    goldens
}

fn golden(path: &Path) -> Golden {
    let text = fs::read_to_string(path).expect("a text");
    let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
    let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
    // A payload without a word is an empty line.
    let payload = value("payload").map(bytes).unwrap_or_default();
    Golden {
        kind: Kind(value("kind").and_then(|kind| kind.parse().ok()).expect("a kind")),
        json: value("json").expect("json").to_owned(),
        payload,
        event: value("event").map(bytes),
        name,
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        hex.bytes().map(|c| u8::try_from((c as char).to_digit(16).expect("hex")).expect("a digit")).collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

#[test]
fn there_is_a_golden_for_every_kind() {
    let kinds: BTreeSet<_> = goldens().iter().map(|golden| golden.kind).collect();
    assert_eq!(kinds, Kind::KNOWN.iter().copied().collect());
}

#[test]
fn json_becomes_the_golden_bytes() {
    for golden in goldens() {
        let Some(event) = golden.event else { continue };
        let mut made = Vec::new();
        event_from_json(golden.json.as_bytes(), &mut made).unwrap_or_else(|fault| panic!("{}: {fault}", golden.name));
        assert_eq!(made, event, "{}", golden.name);
    }
}

#[test]
fn golden_bytes_become_their_json() {
    for golden in goldens() {
        let Some(event) = &golden.event else { continue };
        let envelope = walk(event).unwrap_or_else(|fault| panic!("{}: {fault}", golden.name));
        assert_eq!((envelope.kind, envelope.payload), (golden.kind, &golden.payload[..]), "{}", golden.name);
        let line = event_to_json(&header_of(&envelope), envelope.payload, envelope.personal).expect("a known kind");
        if envelope.source_key.is_empty() {
            assert_eq!(line, golden.json, "{}", golden.name);
        } else {
            // The key is not kept; the id that was made of it is.
            let rest = |line: &str| line.split_once("\"merchant\"").map(|(_, rest)| rest.to_owned());
            let golden_line = golden.json.replace(&format!("\"sourceKey\":\"{}\",", envelope.source_key), "");
            assert_eq!(rest(&line), rest(&golden_line), "{}", golden.name);
        }
    }
}

#[test]
fn every_golden_fact_is_read() {
    for golden in goldens() {
        if golden.kind == Kind::GENESIS {
            let genesis = decode_genesis(&golden.payload).expect("a genesis");
            assert_eq!(encode_genesis(&genesis), golden.payload);
            assert_eq!(payload_to_json(golden.kind, 1, &golden.payload).as_ref(), Ok(&golden.json));
            continue;
        }
        let envelope = walk(golden.event.as_ref().expect("an event")).expect("an envelope");
        assert_eq!(checked(&envelope), Ok(()), "{}", golden.name);
        let payload = decode(golden.kind, 1, &golden.payload);
        assert!(!matches!(payload, Payload::Parked(_)), "{}", golden.name);
        assert!(matches!(decode(golden.kind, 2, &golden.payload), Payload::Parked(_)), "{}", golden.name);
    }
}

#[test]
fn a_card_debit_is_the_debit_of_instalment_one() {
    let find = |name: &str| goldens().into_iter().find(|golden| golden.name == name).expect("the golden").payload;
    let Payload::Debited(debit) = decode(Kind::CARD_DEBITED, 1, &find("card_debited_full")) else { panic!("a debit") };
    assert_eq!((debit.instalment, debit.amount.amount.minor_units(), debit.debit_id.as_deref()), (1, 0, Some("D7")));
    let Payload::ScheduleChosen(chosen) = decode(Kind::SCHEDULE_CHOSEN, 1, &find("schedule_chosen_full")) else {
        panic!("a schedule")
    };
    let originals: Vec<_> =
        chosen.plan.instalments.iter().map(|line| line.original_purchase_amount.minor_units()).collect();
    assert_eq!(originals, [10_001, 10_000, 9_999], "what was not stated is the purchase amount");
    assert_eq!(chosen.plan.annual_interest_rate_bps, Some(0), "a stated zero is a statement");
}
