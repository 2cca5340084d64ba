//! What the door takes, and how it recognises it.

use talon_domain::ids::PartitionId;
use talon_domain::time::Instant;
use talon_intake::{Difference, First, MessageSource, Outcome, Place, Refusal};
use talon_journal::{Record, partition_of};
use talon_proto::{decode, event_from_json};

use crate::bench::{Bench, INITIATED, NOW, behind_length, line, line_beside_payments, line_with};

const PHONE: &str = r#""personal":{"phone":"+33639980012","email":"lea.martin@example.org","name":"Léa Martin"},"#;
const VERIFIED: &str = r#""phoneVerified":{"number":1}"#;

fn place(outcome: &Outcome) -> Place {
    match outcome {
        Outcome::Appended(place) | Outcome::Duplicate(place) => *place,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_event_is_appended_as_it_was_said() {
    let mut bench = Bench::new();
    let said = line(1, INITIATED);
    let at = place(&bench.one(&said));
    let merchant = talon_domain::ids::MerchantId(732_829_320);
    assert_eq!((at.partition, at.position.0, at.recorded_at), (partition_of(merchant), 1, NOW));
    assert_eq!(at.partition, PartitionId(0), "the golden partition of this merchant");

    let records = bench.records();
    let record = Record::parse(&records[0]).expect("a record");
    let header = record.fact_header();
    assert_eq!((header.shop.0, header.terminal.0, header.principal.0), (17, 417, 1));
    assert_eq!(header.day.to_string(), "2026-11-25");
    assert!(!header.sealed && !header.clock_doubtful && !header.imported);
    let mut event = Vec::new();
    event_from_json(said.as_bytes(), &mut event).expect("an event");
    let payload = talon_proto::walk(&event).expect("an envelope").payload;
    assert_eq!(record.payload(), payload, "byte for byte");
}

#[test]
fn the_same_file_again_appends_nothing() {
    let mut bench = Bench::new();
    let file: String = (1..=50).map(|n| line(n, INITIATED) + "\n").collect();
    let first = bench.publish(&file);
    let again = bench.publish(&file);
    assert!(first.iter().all(|o| matches!(o, Outcome::Appended(_))));
    assert!(again.iter().all(|o| matches!(o, Outcome::Duplicate(_))));
    assert_eq!(first.iter().map(place).collect::<Vec<_>>(), again.iter().map(place).collect::<Vec<_>>());
    assert_eq!(bench.records().len(), 50);
}

#[test]
fn a_double_in_one_batch_gets_the_first_ones_place() {
    let mut bench = Bench::new();
    let outcomes = bench.publish(&format!("{0}\n{0}\n", line(1, INITIATED)));
    assert!(matches!(outcomes[0], Outcome::Appended(_)) && matches!(outcomes[1], Outcome::Duplicate(_)));
    assert_eq!(place(&outcomes[0]), place(&outcomes[1]));
}

#[test]
fn one_fact_as_json_and_as_protobuf_is_a_duplicate() {
    let mut bench = Bench::new();
    bench.one(&line(1, INITIATED));
    let mut event = Vec::new();
    // The same payload with a default written out: other bytes, equal once decoded.
    event_from_json(line(1, INITIATED).as_bytes(), &mut event).expect("an event");
    let payload_at = event.len() - talon_proto::walk(&event).expect("an envelope").payload.len();
    event.extend_from_slice(&[0x38, 0x00]); // revision = 0
    event[payload_at - 1] += 2;
    let file = behind_length(&event);
    let outcomes = bench.publish_bytes(&file, MessageSource::Delimited);
    assert!(matches!(outcomes[..], [Outcome::Duplicate(_)]), "{outcomes:?}");
}

#[test]
fn another_content_under_one_id_is_refused_and_both_are_named() {
    let mut bench = Bench::new();
    let first = place(&bench.one(&line(1, INITIATED)));
    let other = INITIATED.replace("20934", "20935");
    let outcomes = bench.publish(&format!("{}\n{}\n{}\n", line(1, &other), line(2, INITIATED), line(2, &other)));
    let conflict = |outcome: &Outcome| match outcome {
        Outcome::Refused(refusal @ Refusal::Conflict { first, .. }) => (*first, refusal.to_string()),
        other => panic!("{other:?}"),
    };
    let (kept, said) = conflict(&outcomes[0]);
    assert_eq!(kept, First::Kept(first));
    assert!(said.contains("019ab9f4-d580-7aaa-8bbb-000000000001") && said.contains("p0/1"), "{said}");
    assert_eq!(conflict(&outcomes[2]).0, First::SameBatch(2));
    assert!(matches!(outcomes[1], Outcome::Appended(_)), "the good line between them is taken");
}

#[test]
fn a_source_key_stands_for_an_id() {
    let mut bench = Bench::new();
    let keyed = line(1, INITIATED)
        .replace(r#""eventId":"019ab9f4-d580-7aaa-8bbb-000000000001""#, r#""sourceKey":"alma:payment_11x:created""#);
    assert!(matches!(bench.one(&keyed), Outcome::Appended(_)));
    assert!(matches!(bench.one(&keyed), Outcome::Duplicate(_)));
    let records = bench.records();
    let id = Record::parse(&records[0]).expect("a record").event_id();
    assert_eq!(id.0[6] >> 4, 8, "made of content");
}

#[test]
fn a_source_key_stands_for_an_id_only_with_its_own_moment() {
    let mut bench = Bench::new();
    let keyed = line(1, INITIATED)
        .replace(r#""eventId":"019ab9f4-d580-7aaa-8bbb-000000000001""#, r#""sourceKey":"alma:payment_11x:created""#);
    assert!(matches!(bench.one(&keyed), Outcome::Appended(_)));
    let Outcome::Refused(refusal) = bench.one(&keyed.replace("08:59:00Z", "08:59:00.000001Z")) else { panic!() };
    assert!(refusal.number() == 104 && refusal.to_string().contains("its occurredAt differs"), "{refusal}");
    let later = bench.one(&keyed.replace("08:59:00Z", "08:59:00.001Z"));
    assert!(matches!(later, Outcome::Appended(_)), "another millisecond is another id");
}

#[test]
fn a_person_is_sealed_compared_and_nowhere_in_clear() {
    let mut bench = Bench::new();
    let said = line_with(1, PHONE, VERIFIED);
    assert!(matches!(bench.one(&said), Outcome::Appended(_)));
    assert!(matches!(bench.one(&said), Outcome::Duplicate(_)));
    let other = said.replace("+33639980012", "+33639980013");
    assert!(
        matches!(bench.one(&other), Outcome::Refused(Refusal::Conflict { .. })),
        "another person is another content"
    );
    let records = bench.records();
    assert_eq!(records.len(), 1);
    let record = Record::parse(&records[0]).expect("a record");
    assert!(record.fact_header().sealed && record.sealed().is_some());
    for secret in ["33639980012", "lea.martin", "Martin"] {
        assert!(!records[0].windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
    }
}

#[test]
fn one_person_in_another_order_of_fields_is_the_same() {
    let mut bench = Bench::new();
    let said = line_with(1, PHONE, VERIFIED);
    bench.one(&said);
    let mut event = Vec::new();
    event_from_json(said.as_bytes(), &mut event).expect("an event");
    let personal = talon_proto::walk(&event).expect("an envelope").personal.expect("a person").to_vec();
    let phone = 2 + usize::from(personal[1]);
    let turned = [&personal[phone..], &personal[..phone]].concat();
    let at = event.windows(personal.len()).position(|window| window == personal).expect("the person");
    event[at..at + turned.len()].copy_from_slice(&turned);
    let outcomes = bench.publish_bytes(&behind_length(&event), MessageSource::Delimited);
    assert!(matches!(outcomes[..], [Outcome::Duplicate(_)]), "{outcomes:?}");
}

#[test]
fn a_telling_without_its_person_is_told_so() {
    let mut bench = Bench::new();
    bench.one(&line_with(1, PHONE, VERIFIED));
    let Outcome::Refused(refusal) = bench.one(&line(1, VERIFIED)) else { panic!("refused") };
    assert!(matches!(refusal, Refusal::Conflict { difference: Difference::Personal, .. }));
    assert!(refusal.to_string().contains("nothing to do"), "{refusal}");
}

#[test]
fn a_mark_of_byte_order_is_no_part_of_the_first_line() {
    let file = format!("\u{feff}{}\n", line(1, INITIATED));
    assert!(matches!(Bench::new().publish(&file)[..], [Outcome::Appended(_)]));
}

#[test]
fn what_comes_again_in_any_order_is_recognised() {
    let mut bench = Bench::new();
    let lines: Vec<_> = (1..=600).map(|n| line(n, INITIATED)).collect();
    bench.publish(&lines.join("\n"));
    let turned: Vec<_> = (0..600).map(|at| lines[(at * 7 + 3) % 600].clone()).collect();
    let again = bench.publish(&turned.join("\n"));
    assert!(again.iter().all(|outcome| matches!(outcome, Outcome::Duplicate(_))));
    assert_eq!(again.iter().map(|o| place(o).position).collect::<std::collections::BTreeSet<_>>().len(), 600);
}

#[test]
fn an_empty_person_is_none() {
    let mut bench = Bench::new();
    bench.one(&line_with(1, r#""personal":{},"#, VERIFIED));
    assert!(!Record::parse(&bench.records()[0]).expect("a record").fact_header().sealed);
}

#[test]
fn a_strange_clock_is_marked_and_taken() {
    for (occurred_at, doubtful) in [
        ("2026-11-25T09:05:00Z", false),
        ("2026-11-25T09:05:00.000001Z", true),
        ("2025-10-21T09:00:00Z", false),
        ("2025-10-21T08:59:59Z", true),
        ("2001-01-01T00:00:00Z", true),
        ("2148-06-01T00:00:00Z", true),
    ] {
        let mut bench = Bench::new();
        bench.one(&line(1, INITIATED).replace("2026-11-25T08:59:00Z", occurred_at));
        let records = bench.records();
        assert_eq!(
            Record::parse(&records[0]).expect("a record").fact_header().clock_doubtful,
            doubtful,
            "{occurred_at}"
        );
    }
}

#[test]
fn what_is_authentic_but_strange_is_taken() {
    let mut bench = Bench::new();
    for (number, payload) in (1..).zip([
        // a plan that does not add up to any purchase, with two equal dates
        r#""scheduleChosen":{"installmentsCount":2,"instalments":[{"number":1,"dueDate":"2026-11-25T09:00:00Z","purchaseAmount":{"currency":"EUR","minorUnits":"1"},"totalAmount":{"currency":"EUR","minorUnits":"1"}},{"number":2,"dueDate":"2026-11-25T09:00:00Z","purchaseAmount":{"currency":"EUR","minorUnits":"2"},"totalAmount":{"currency":"EUR","minorUnits":"2"}}]}"#,
        r#""cardDebited":{"amount":{"currency":"EUR","minorUnits":"100"}}"#,
        r#""paymentRefused":{}"#,
        r#""paymentCancelled":{"attempt":9}"#,
        r#""paymentInitiated":{"amount":{"currency":"EUR"}}"#,
        // a SIRET in a free text is no card number
        r#""paymentInitiated":{"amount":{"currency":"EUR","minorUnits":"1"},"tillId":"73282932000017"}"#,
    ]) {
        let outcome = bench.one(&line(number, payload));
        assert!(matches!(outcome, Outcome::Appended(_)), "{payload}: {outcome:?}");
    }
}

#[test]
fn what_belongs_to_no_payment_is_the_stream_of_its_own_name() {
    let mut bench = Bench::new();
    let line = r#""settlementLineRecorded":{"account":"ALMA-1","lineId":"acc_7","kind":"payment","amount":{"currency":"EUR","minorUnits":"30000"}}"#;
    let anonymous = line.replace(r#""lineId":"acc_7","#, "");
    let corrected = line.replace("30000", "30001");
    let shop = r#""shopRegistered":{"code":"LYO-2","establishments":[{"nic":17}],"authorCode":"C7"}"#;
    let sources = ["bank", "provider", "bank", "bank", "person"];
    let told = [line, &corrected, &anonymous, &anonymous.replace("30000", "30001"), shop];
    for ((number, payload), source) in (1..).zip(told).zip(sources) {
        let said = line_beside_payments(number, payload).replace("gateway", source);
        assert!(matches!(bench.one(&said), Outcome::Appended(_)), "{payload}");
        assert!(matches!(bench.one(&said), Outcome::Duplicate(_)), "{payload}");
    }
    let records = bench.records();
    let headers: Vec<_> = records.iter().map(|bytes| Record::parse(bytes).expect("a record").fact_header()).collect();
    let streams: Vec<_> = headers.iter().map(|header| header.stream).collect();
    // First 16 bytes of SHA-256("talon.stream" || 0 || "line" || 0 || "ALMA-1" || 0 || "acc_7"), and so on.
    assert_eq!(streams[0].to_string(), "203ee26c-f57b-07cb-85f3-055540e849bd");
    assert_eq!(streams[4].to_string(), "d2ecdb0d-62b5-02dd-7eff-bdc7cf90a07c");
    assert_eq!(streams[0], streams[1], "one line by its id, whatever it says and whoever says it");
    assert!(streams[2] != streams[0] && streams[2] != streams[3], "without an id it is named by what it says");
    for (header, payload) in headers.iter().zip(&records) {
        let record = Record::parse(payload).expect("a record");
        let natural = talon_domain::claim::natural_stream(&decode(header.kind, header.schema, record.payload()));
        assert_eq!(natural, Some(header.stream));
    }
}

#[test]
fn a_conflict_names_the_first_field_that_differs() {
    let mut bench = Bench::new();
    let said = line(1, INITIATED);
    bench.one(&said);
    let line_of_a_shop = line_beside_payments(2, r#""shopRegistered":{"code":"LYO-2"}"#);
    bench.one(&line_of_a_shop);
    let payload = |line: &str| line.replace("20934", "20935");
    for (other, words) in [
        (said.replace(r#""shop":17"#, r#""shop":18"#), "its shop differs"),
        (said.replace(r#""terminal":417"#, r#""terminal":418"#), "its terminal differs"),
        (said.replace(r#""shop":17"#, r#""shop":17,"terminalEpoch":2"#), "its terminalEpoch differs"),
        (said.replace(r#""shop":17"#, r#""shop":17,"terminalSeq":2"#), "its terminalSeq differs"),
        (said.replace("d500-7aaa", "d500-7aab"), "its transactionId differs"),
        (said.replace("08:59:00Z", "08:59:01Z"), "its occurredAt differs"),
        (said.replace("gateway", "provider"), "its source differs"),
        (said.replace(r#""shop":17"#, r#""shop":17,"training":true"#), "its training differs"),
        (line(1, r#""linkOpened":{}"#), "its kind differs"),
        (payload(&said.replace("gateway", "bank").replace("417", "418")), "its terminal differs"),
        (payload(&said), "its payload differs"),
        (line_of_a_shop.replace("LYO-2", "LYO-3"), "its payload differs"),
        (line_of_a_shop.replace("gateway", "person"), "its source differs"),
    ] {
        let Outcome::Refused(refusal) = bench.one(&other) else { panic!("{other}") };
        assert!(refusal.to_string().contains(words), "{refusal}\n{other}");
        assert_eq!(refusal.number(), 104);
    }
}

#[test]
fn an_import_is_marked() {
    let mut bench = Bench::new();
    bench.publisher.imported = true;
    bench.now = Instant(NOW.0 + 1);
    bench.one(&line(1, INITIATED));
    let header = Record::parse(&bench.records()[0]).expect("a record").fact_header();
    assert!(header.imported && header.recorded_at == Instant(NOW.0 + 1));
}
