//! Golden bytes of every fact, made with another implementation of protobuf. Files are added, never edited.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use prost_reflect::{DescriptorPool, DynamicMessage};
use talon_domain::claim::natural_stream;
use talon_domain::fact::{Direction, Kind, Payload, RefundEnd, TicketKind};
use talon_proto::{
    DESCRIPTOR_SET, Rule, check_payload, decode, decode_genesis, encode_genesis, event_from_json, event_to_json,
    payload_from_json, payload_to_json, same_payload, walk,
};

use crate::header_of;

pub(crate) struct Golden {
    name: String,
    pub(crate) kind: Kind,
    pub(crate) json: String,
    pub(crate) payload: Vec<u8>,
    /// Absent for what no publisher may send.
    event: Option<Vec<u8>>,
    /// Of a natural key; absent where the stream is the payment, or there is none.
    stream: Option<Vec<u8>>,
}

pub(crate) fn goldens() -> Vec<Golden> {
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
        stream: value("stream").map(bytes),
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
    for Golden { name, kind, payload, .. } in goldens() {
        assert_eq!(check_payload(kind, 1, &payload, &mut |_| true), Ok(()), "{name}");
        assert!(!matches!(decode(kind, 1, &payload), Payload::Parked(_)), "{name}");
        assert!(matches!(decode(kind, 2, &payload), Payload::Parked(_)), "{name}");
        assert_eq!(
            check_payload(kind, 2, &payload, &mut |_| true).map_err(|f| f.rule),
            Err(Rule::SchemaKnown),
            "{name}"
        );
    }
}

#[test]
fn what_only_the_ledger_writes_is_no_event() {
    let pool = DescriptorPool::decode(DESCRIPTOR_SET).expect("the embedded set");
    let own = pool.get_message_by_name("talon.v1.LedgerFact").expect("the list");
    for golden in goldens().into_iter().filter(|golden| golden.event.is_none()) {
        let field = own.get_field(u32::from(golden.kind.0) + 100).expect("a payload of the ledger");
        assert_eq!(payload_to_json(golden.kind, 1, &golden.payload).as_ref(), Ok(&golden.json), "{}", golden.name);

        let mut fact = DynamicMessage::new(own.clone());
        let message = field.kind().as_message().expect("a message").clone();
        let payload = DynamicMessage::decode(message, &golden.payload[..]).expect("a payload");
        fact.set_field(&field, prost_reflect::Value::Message(payload));
        let smuggled = prost::Message::encode_to_vec(&fact);
        let fault = walk(&smuggled).expect_err("no event");
        assert_eq!((fault.rule, fault.path.to_string().as_str()), (Rule::PublisherKind, field.json_name()));
        let line = format!("{{\"{}\":{}}}", field.name(), golden.json);
        let fault = event_from_json(line.as_bytes(), &mut Vec::new()).expect_err("no event");
        assert_eq!((fault.rule(), fault.path().to_string().as_str()), (Rule::PublisherKind, field.json_name()));
    }
}

#[test]
fn a_genesis_is_read_and_written() {
    let golden = goldens().into_iter().find(|golden| golden.kind == Kind::GENESIS).expect("the golden");
    let genesis = decode_genesis(&golden.payload).expect("a genesis");
    assert_eq!(encode_genesis(&genesis), golden.payload);
}

#[test]
fn a_natural_key_makes_the_golden_stream() {
    let mut streams = 0;
    for golden in goldens() {
        let natural = natural_stream(&decode(golden.kind, 1, &golden.payload)).map(|stream| stream.0.to_vec());
        let has_event = golden.event.as_ref().map(|event| walk(event).expect("an envelope"));
        let stream = has_event.map(|envelope| envelope.stream().expect("a stream").0.to_vec());
        assert_eq!(natural, golden.stream, "{}", golden.name);
        assert!(
            golden.stream.is_none() || stream.is_none_or(|stream| Some(stream) == golden.stream),
            "{}",
            golden.name
        );
        streams += usize::from(golden.stream.is_some());
    }
    assert_eq!(streams, 32, "two of each kind that names itself");
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

/// The payload of a golden, as the fold reads it.
fn read(kind: Kind, name: &str) -> Payload {
    let golden = goldens().into_iter().find(|golden| golden.name == name).expect("the golden");
    assert_eq!(golden.kind, kind);
    decode(kind, 1, &golden.payload)
}

#[test]
fn a_reprint_is_a_print_of_a_later_copy() {
    let Payload::TicketsPrinted(print) = read(Kind::RECEIPT_REPRINTED, "receipt_reprinted_full") else { panic!() };
    let [ticket] = &print.tickets[..] else { panic!("one paper") };
    assert_eq!((ticket.kind, ticket.about.as_deref(), ticket.copy.get()), (TicketKind::Plan, Some("2"), u32::MAX));
    assert_eq!(print.revision, 1);
}

#[test]
fn stages_of_one_thing_are_one_payload() {
    let Payload::Refunded(made) = read(Kind::REFUND_COMPLETED, "refund_completed_full") else { panic!("a refund") };
    let RefundEnd::Completed { cash, rebate, from_cancellation, payment_id } = made.end else { panic!("it was made") };
    let cents = |amount: Option<talon_domain::money::Amount>| amount.map(talon_domain::money::Amount::minor_units);
    assert_eq!((cents(cash), cents(rebate), from_cancellation), (Some(11_833), Some(23_466), true));
    assert_eq!(
        (payment_id.as_deref(), made.amount.map(|m| m.amount.minor_units())),
        (Some("payment_11x"), Some(35_299))
    );
    assert!(matches!(read(Kind::REFUND_COMPLETED, "refund_completed_bare"), Payload::Refunded(refund)
        if matches!(refund.end, RefundEnd::Completed { cash: None, rebate: None, from_cancellation: false, .. })));
    for (kind, name, revision) in [
        (Kind::REFUND_COMPLETED, "refund_completed_bare", 1),
        (Kind::REFUND_FAILED, "refund_failed_bare", 2),
        (Kind::CHARGEBACK_OPENED, "chargeback_opened_bare", 0),
        (Kind::CHARGEBACK_WON, "chargeback_won_bare", 1),
        (Kind::CHARGEBACK_LOST, "chargeback_lost_bare", 1),
        (Kind::PAYOUT_SENT, "payout_sent_bare", 0),
        (Kind::PAYOUT_RETURNED, "payout_returned_bare", 1),
        (Kind::REFUND_FAILED, "refund_failed_full", 5),
        (Kind::CHARGEBACK_LOST, "chargeback_lost_full", 7),
    ] {
        assert_eq!(read(kind, name).revision(), revision, "{name}");
    }
    let Payload::Payout(returned) = read(Kind::PAYOUT_RETURNED, "payout_returned_full") else { panic!("a payout") };
    assert_eq!((returned.reference.as_deref(), returned.direction), (Some("account closed"), None));
    let Payload::Payout(collected) = read(Kind::PAYOUT_SENT, "payout_sent_full") else { panic!("a payout") };
    assert_eq!((&*collected.account, collected.direction), ("ALMA-1", Some(Direction::Debit)));
    for name in ["chargeback_opened_full", "chargeback_won_full", "chargeback_lost_full"] {
        let golden = goldens().into_iter().find(|golden| golden.name == name).expect("the golden");
        let Payload::Chargeback(round) = decode(golden.kind, 1, &golden.payload) else { panic!("a round") };
        assert_eq!(round.payment_id.as_deref(), Some("payment_11x"), "{name}");
    }
}

#[test]
fn what_is_absent_has_its_meaning() {
    let Payload::SettlementLine(bare) = read(Kind::SETTLEMENT_LINE_RECORDED, "settlement_line_recorded_bare") else {
        panic!("a line")
    };
    assert_eq!((bare.direction, bare.net_direction), (Direction::Credit, Direction::Credit));
    assert_eq!((bare.merchant_fee_direction, bare.tax_direction), (Direction::Debit, Direction::Debit), "it is kept");
    let Payload::SettlementLine(full) = read(Kind::SETTLEMENT_LINE_RECORDED, "settlement_line_recorded_full") else {
        panic!("a line")
    };
    assert_eq!((full.direction, full.net_direction), (Direction::Debit, Direction::Credit));
    assert_eq!((full.merchant_fee_direction, full.tax_direction), (Direction::Credit, Direction::Debit));
    let days = [full.booking_day, full.value_day].map(|day| day.map(|day| day.to_string()));
    assert_eq!(days, [Some("2028-03-01".to_owned()), Some("2028-02-29".to_owned())]);
    let texts = [&full.native_type, &full.end_to_end_id, &full.bank_reference, &full.dispute_id];
    let said = ["CHARGE_BACK", "E2E-4z/é", "2025112700417", "dp_7"];
    assert_eq!(texts.map(|text| text.as_deref()), said.map(Some));
    let Payload::Payout(payout) = read(Kind::PAYOUT_SENT, "payout_sent_bare") else { panic!("a payout") };
    assert_eq!(payout.direction, Some(Direction::Credit));
    let Payload::Assignment(device) = read(Kind::TERMINAL_ASSIGNED, "terminal_assigned_bare") else { panic!() };
    assert_eq!((device.epoch.0, device.first_seq.0), (1, 1));
    let Payload::TerminalTotals(totals) = read(Kind::TERMINAL_TOTALS, "terminal_totals_bare") else { panic!() };
    assert_eq!((totals.epoch.0, totals.last_seq.0, totals.lines.len()), (1, 0, 0));
    let Payload::ScheduleChosen(plan) = read(Kind::SCHEDULE_CHOSEN, "schedule_chosen_changed") else { panic!() };
    assert_eq!(plan.change, Some(talon_domain::fact::PlanChange::PaidEarly));
}

/// The reader in Python was written from the pages alone: it has a name for each field of each kind.
#[test]
fn a_reader_that_shares_no_code_knows_every_field() {
    let record = |golden: &Golden| {
        let mut record = vec![0; 104];
        record[..2].copy_from_slice(&[0x54, 1]);
        record[2..4].copy_from_slice(&golden.kind.0.to_le_bytes());
        record[52..54].copy_from_slice(&[6, 1]);
        record[54..56].copy_from_slice(&u16::try_from(golden.payload.len()).expect("a payload").to_le_bytes());
        record.extend_from_slice(&golden.payload);
        record
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .map(|digit| char::from_digit(digit.into(), 16).expect("hex"))
            .collect::<String>()
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dev/reader/talon_reader.py");
    let mut reader = Command::new("python3");
    reader.arg(script).arg("--record").args(goldens().iter().map(record));
    let output = reader.output().expect("python3 is installed: the gate needs it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8(output.stdout).expect("text");
    assert_eq!(told.lines().count(), goldens().len());
    for (line, Golden { name, kind, .. }) in told.lines().zip(goldens()) {
        assert!(line.contains(&format!("\"name\": \"{}\"", kind.name())), "{name}: {line}");
        assert!(!line.contains("\"field_") && !line.contains("\"payload\": null"), "{name}: {line}");
    }
}

/// What docs/format.md says of payloads that are told again in other bytes.
#[test]
fn one_payload_has_many_bytes() {
    let payload = |kind, json: &str| payload_from_json(kind, json.as_bytes()).expect(json);
    let same = |kind, a: &str, b: &str| same_payload(kind, 1, &payload(kind, a), &payload(kind, b));
    let line = |more: &str| {
        format!(
            r#"{{"account":"A","lineId":"1","kind":"PAYMENT","amount":{{"currency":"EUR","minorUnits":"1"}}{more}}}"#
        )
    };
    assert!(same(Kind::SETTLEMENT_LINE_RECORDED, &line(""), &line(r#","direction":"CREDIT""#)));
    assert!(!same(Kind::SETTLEMENT_LINE_RECORDED, &line(""), &line(r#","direction":"DEBIT""#)));
    assert!(!same(Kind::SETTLEMENT_LINE_RECORDED, &line(""), &line(r#","occurrence":1"#)));
    let tax = r#","tax":{"currency":"EUR"}"#;
    assert!(!same(Kind::SETTLEMENT_LINE_RECORDED, &line(""), &line(tax)), "an absent amount is no zero");
    assert!(same(Kind::TERMINAL_ASSIGNED, r#"{"terminal":3}"#, r#"{"terminal":3,"epoch":1,"firstSeq":1}"#));
    assert!(!same(Kind::PHONE_VERIFIED, "{}", r#"{"number":1}"#), "a count that is absent is not stated");
    let refund = r#"{"amount":{"currency":"EUR","minorUnits":"1"}"#;
    assert!(!same(Kind::REFUND_COMPLETED, &format!("{refund}}}"), &format!(r#"{refund},"revision":"1"}}"#)));
    let [one, other] = [(r#"{"kind":"T2_CUSTOMER"}"#), (r#"{"kind":"T3_TILL"}"#)];
    let tickets = |a, b| format!(r#"{{"tickets":[{a},{b}]}}"#);
    assert!(!same(Kind::TICKETS_PRINTED, &tickets(one, other), &tickets(other, one)), "entries have an order");
    let entry = r#""number":1,"dueDate":"2026-11-25T09:00:00Z","purchaseAmount":{"currency":"EUR","minorUnits":"1"},"totalAmount":{"currency":"EUR","minorUnits":"1"}"#;
    let plan = |rate: &str, more: &str| format!(r#"{{"installmentsCount":1,"instalments":[{{{entry}{more}}}]{rate}}}"#);
    let zero = r#","customerFee":{"currency":"EUR"},"originalPurchaseAmount":{"currency":"EUR","minorUnits":"1"}"#;
    assert!(same(Kind::SCHEDULE_CHOSEN, &plan("", ""), &plan("", zero)));
    assert!(!same(Kind::SCHEDULE_CHOSEN, &plan("", ""), &plan(r#","annualInterestRateBps":0"#, "")), "optional");
}
