//! What the door refuses: by code, place and advice, without the batch around it, and never repeating what came in.

use std::collections::BTreeSet;

use prost::encoding::{WireType, encode_key};
use talon_domain::fact::{Kind, Source};
use talon_domain::ids::MerchantId;
use talon_intake::{Merchants, MessageSource, Outcome, Refusal};
use talon_proto::event_from_json;

use crate::bench::{Bench, INITIATED, behind_length, line, line_beside_payments, line_with};

const SHOP: &str = r#""shopRegistered":{"code":"LYO-2"}"#;

fn refusal(outcome: Outcome) -> Refusal {
    match outcome {
        Outcome::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

/// Each row: a line, the rule that refuses it, and where.
fn rows() -> Vec<(String, &'static str, &'static str)> {
    let good = || line(1, INITIATED);
    let euro = r#"{"currency":"EUR","minorUnits":"100"}"#;
    let plan = |line: &str| format!(r#""scheduleChosen":{{"installmentsCount":1,"instalments":[{line}]}}"#);
    let entry = r#"{"number":1,"dueDate":"2026-11-25T09:00:00Z","purchaseAmount":{"currency":"EUR","minorUnits":"100"},"customerFee":{"currency":"EUR","minorUnits":"7"},"totalAmount":{"currency":"EUR","minorUnits":"100"}}"#;
    let with_text = |text: &str| line(1, &format!(r#""paymentInitiated":{{"amount":{euro},"tillTicket":"{text}"}}"#));
    let card = "4111 1111 1111 1111";
    vec![
        ("not json".into(), "line_must_be_json", ""),
        (r#"{"eventId": "#.into(), "line_must_be_json", ""),
        (good().replace("gateway", "ledger"), "source_must_be_in_scope", "source"),
        (good().replace(r#""732829320""#, "0"), "merchant_must_not_be_the_ledger", "merchant"),
        (good().replace("d580-7aaa", "d580-4aaa"), "id_must_be_a_uuid_of_version_7_or_8", "eventId"),
        (good().replace("019ab9f4-d580", "019AB9F4-D580"), "id_must_be_a_uuid_of_version_7_or_8", "eventId"),
        (good().replace("d500-7aaa", "d500-4aaa"), "id_must_be_a_uuid_of_version_7_or_8", "transactionId"),
        (line(1, r#""paymentTeleported":{}"#), "kind_must_be_known", ""),
        (line(1, SHOP), "transaction_must_not_be_stated", "transactionId"),
        (good().replace("transactionId", "sourceKey"), "event_must_have_one_id", "sourceKey"),
        (line(1, r#""subjectErased":{"authorCode":"C7"}"#), "kind_must_be_a_publishers", "subjectErased"),
        (
            line(1, r#""subjectErased":{"authorCode":"C7"}"#).replace("gateway", "person"),
            "kind_must_be_a_publishers",
            "subjectErased",
        ),
        (line_beside_payments(1, INITIATED), "field_must_be_stated", "transactionId"),
        (line_beside_payments(1, r#""shopRegistered":{}"#), "field_must_be_stated", "shopRegistered.code"),
        (line_beside_payments(1, &SHOP.replace("LYO-2", card)), "text_must_hold_no_card_number", "shopRegistered.code"),
        (
            line_beside_payments(1, r#""terminalTotals":{"terminal":3,"day":"2026-02-30"}"#),
            "day_must_be_a_date_in_2000_to_2148",
            "terminalTotals.day",
        ),
        (line(1, r#""paymentRefused":{"mood":"bad"}"#), "field_must_be_known", "paymentRefused"),
        (line_with(1, r#""schema":2,"#, INITIATED), "schema_must_be_known", "schema"),
        (good().replace("2026-11-25T08:59:00Z", "1999-12-31T22:59:59Z"), "time_must_be_in_2000_to_2148", "occurredAt"),
        (good().replace("2026-11-25T08:59:00Z", "2149-01-01T00:00:00Z"), "time_must_be_in_2000_to_2148", "occurredAt"),
        (good().replace("20934", "1000000000001"), "value_must_be_in_range", "paymentInitiated.amount.minorUnits"),
        (good().replace(r#""20934""#, "209.34"), "value_must_be_in_range", "paymentInitiated.amount.minorUnits"),
        (good().replace(r#""20934""#, "-1"), "", "paymentInitiated.amount.minorUnits"),
        (good().replace("EUR", "euro"), "currency_must_be_three_capitals", "paymentInitiated.amount.currency"),
        (line(1, r#""paymentInitiated":{}"#), "field_must_be_stated", "paymentInitiated.amount"),
        (line(1, &plan(entry)), "line_must_be_the_sum_of_its_parts", "scheduleChosen.instalments[0]"),
        (line(1, &format!("{INITIATED},{}", r#""paymentRefused":{}"#)), "event_must_have_one_payload", ""),
        (good().replace(r#""shop":17"#, r#""shop":17,"shop":18"#), "field_must_occur_once", ""),
        (with_text(card), "text_must_hold_no_card_number", "paymentInitiated.tillTicket"),
        (with_text("CB 4111111111111111 12/27"), "text_must_hold_no_card_number", "paymentInitiated.tillTicket"),
        (with_text(&"x".repeat(257)), "text_must_be_at_most_256_bytes", "paymentInitiated.tillTicket"),
        (
            line_with(1, &format!(r#""personal":{{"name":"{card}"}},"#), INITIATED),
            "text_must_hold_no_card_number",
            "personal",
        ),
        (line_with(1, r#""personal":{"phone":"0639980012"},"#, INITIATED), "phone_must_be_e164", "personal.phone"),
        (format!("{{{}", "[".repeat(10_000)), "", ""),
    ]
}

#[test]
fn each_refusal_names_its_rule_its_place_and_no_value() {
    for (line, name, at) in rows() {
        let mut bench = Bench::new();
        let refusal = refusal(bench.one(&line));
        let said = refusal.to_string();
        assert!(name.is_empty() || refusal.name() == name, "{line}\n{said}");
        assert!(refusal.place().starts_with(at), "{line}\n{said}");
        assert!(refusal.number() > 0 && !refusal.advice().is_empty(), "{said}");
        for value in ["4111", "0639980012", "paymentTeleported", "mood", "euro", "xxx", "1000000000001"] {
            assert!(!said.contains(value), "{said}");
        }
        assert!(bench.records().is_empty(), "{line}");
    }
}

#[test]
fn a_refused_line_takes_nobody_with_it() {
    let mut bench = Bench::new();
    let mut file = String::new();
    let rows = rows();
    let bad = rows.len();
    for (number, (line_, _, _)) in (100..).zip(rows) {
        file = format!("{file}{line_}\n{}\n", line(number, INITIATED));
    }
    let outcomes = bench.publish(&file);
    assert_eq!(outcomes.iter().filter(|o| matches!(o, Outcome::Appended(_))).count(), bad);
    assert_eq!(outcomes.iter().filter(|o| matches!(o, Outcome::Refused(_))).count(), bad);
}

#[test]
fn a_credential_is_held_to_its_scope() {
    let mut bench = Bench::new();
    bench.publisher.merchants = Merchants::Only([MerchantId(552_100_554)].into());
    assert_eq!(refusal(bench.one(&line(1, INITIATED))).name(), "merchant_must_be_in_scope");
    bench.publisher.merchants = Merchants::Every;
    bench.publisher.sources = BTreeSet::from([Source::Provider]);
    assert_eq!(refusal(bench.one(&line(1, INITIATED))).name(), "source_must_be_in_scope");
}

/// Whatever a publisher may say and speak for, what only the ledger states is not its to say: in JSON or in protobuf.
#[test]
fn nobody_states_what_only_the_ledger_does() {
    let own = [
        Kind::EVENT_REFUSED,
        Kind::CALENDAR_REGISTERED,
        Kind::PLAN_RULES_REGISTERED,
        Kind::PRINCIPAL_REGISTERED,
        Kind::SCHEMA_ACTIVATED,
        Kind::FOLD_ACTIVATED,
    ];
    let last = Kind::KNOWN.iter().filter(|kind| kind.0 >= Kind::TECHNICAL_FIRST);
    let mut bench = Bench::new();
    bench.publisher.sources = Source::ALL.into();
    for kind in own.iter().chain(last) {
        let (first, rest) = kind.name().split_at(1);
        let member = first.to_lowercase() + rest;
        let refused = refusal(bench.one(&line_beside_payments(1, &format!(r#""{member}":{{}}"#))));
        assert_eq!((refused.name(), refused.place()), ("kind_must_be_a_publishers", member.clone()));

        let mut event = Vec::new();
        event_from_json(line(1, r#""linkOpened":{}"#).as_bytes(), &mut event).expect("an event");
        event.truncate(event.len() - 3);
        encode_key(u32::from(kind.0) + 100, WireType::LengthDelimited, &mut event);
        event.push(0);
        let outcomes = bench.publish_bytes(&behind_length(&event), MessageSource::Delimited);
        let [Outcome::Refused(refused)] = &outcomes[..] else { panic!("{outcomes:?}") };
        assert_eq!((refused.number(), refused.place()), (27, member));
    }
    for kind in Kind::RESERVED {
        let (first, rest) = kind.name().split_at(1);
        let said = line_beside_payments(1, &format!(r#""{}{rest}":{{}}"#, first.to_lowercase()));
        assert_eq!(refusal(bench.one(&said)).name(), "kind_must_be_known");
    }
    assert!(bench.records().is_empty());
}

#[test]
fn numbers_and_names_of_the_door_are_its_own() {
    let numbers: Vec<_> = Refusal::own().iter().map(Refusal::number).collect();
    assert_eq!(numbers, (101..=110).collect::<Vec<_>>());
    let names: BTreeSet<_> = Refusal::own().iter().map(Refusal::name).collect();
    assert_eq!(names.len(), numbers.len());
    assert!(talon_proto::Rule::ALL.iter().all(|rule| u16::from(rule.number()) < 100));
}
