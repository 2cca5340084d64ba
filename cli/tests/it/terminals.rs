//! `talon terminals`: holes with their owners, eligibility, and the end of the day, on a real ledger.

use std::path::Path;

use serde_json::Value;

use crate::talon::{Scratch, code, done, err, json, on, on_with, out};

const BY: [&str; 4] = ["--as", "op-7", "--reason", "a test"];

fn event(number: u32, day: u32, members: &str) -> String {
    let is_of_payment = members.contains("transactionId");
    let source = if is_of_payment && members.contains("paymentAccepted") { "provider" } else { "gateway" };
    format!(
        r#"{{"eventId":"019ab9f4-d580-7aaa-8bbb-0000{number:08x}","merchant":"732829320","occurredAt":"2025-11-{day}T10:00:00Z","source":"{source}",{members}}}"#
    )
}

fn sms(number: u32, day: u32, epoch: u32, seq: u32) -> String {
    let members = format!(
        r#""shop":74,"terminal":417,"terminalEpoch":{epoch},"terminalSeq":{seq},"transactionId":"019ab9f4-d500-7aaa-8bbb-0102030405bb","smsSent":{{"number":{number}}}"#
    );
    event(number, day, &members)
}

/// A swapped terminal, a hole on each of its two devices, a voided number, a sale, and totals that do not agree.
pub(crate) fn story(ledger: &Path) {
    for args in [
        &["merchant", "add", "732829320", "--label", "Halles du Lin"][..],
        &["shop", "add", "PAR1", "--merchant", "732829320", "--nic", "74"],
        &[
            "terminal",
            "add",
            "417",
            "--merchant",
            "732829320",
            "--shop",
            "PAR1",
            "--range",
            "tetra_move",
            "--model",
            "Move/5000",
            "--connectivity",
            "sim",
            "--first-seq",
            "116",
            "--until",
            "2025-11-24",
        ],
        &[
            "terminal",
            "add",
            "417",
            "--merchant",
            "732829320",
            "--shop",
            "PAR1",
            "--epoch",
            "2",
            "--range",
            "tetra_move",
            "--model",
            "Move/5000",
            "--connectivity",
            "wifi",
            "--from",
            "2025-11-24",
        ],
    ] {
        done(on(ledger, &[args, &BY].concat()));
    }
    let sale = r#""transactionId":"019ab9f4-d500-7aaa-8bbb-0102030405cc""#;
    let lines = [
        sms(1, 24, 1, 116),
        sms(2, 24, 1, 118),
        sms(3, 24, 1, 121),
        event(4, 24, r#""sequenceVoided":{"terminal":417,"epoch":1,"from":119,"to":120,"reason":"burnt"}"#),
        sms(5, 25, 2, 1),
        sms(6, 25, 2, 3),
        event(
            7,
            25,
            &format!(
                r#""terminal":417,"terminalEpoch":2,"terminalSeq":4,{sale},"paymentInitiated":{{"amount":{{"currency":"EUR","minorUnits":"20934"}},"provider":"alma"}}"#
            ),
        ),
        event(
            8,
            25,
            &format!(
                r#"{sale},"paymentAccepted":{{"paymentId":"P1","amount":{{"currency":"EUR","minorUnits":"20934"}},"provider":"alma"}}"#
            ),
        ),
        event(
            9,
            25,
            r#""terminalTotals":{"terminal":417,"epoch":2,"day":"2025-11-25","lastSeq":5,"lines":[{"application":"alma","count":2,"amount":{"currency":"EUR","minorUnits":"30934"}},{"application":"cb","count":7,"amount":{"currency":"EUR","minorUnits":"1"}}]}"#,
        ),
    ];
    done(on_with(ledger, &["publish", "-"], lines.join("\n").as_bytes()));
}

fn holes(terminal: &Value) -> String {
    let all = terminal["holes"].as_array().expect("a list").iter();
    all.map(|hole| format!("{}-{} {}", hole["first"], hole["last"], hole["owner"].as_str().expect("one")))
        .collect::<Vec<_>>()
        .join(", ")
}

#[test]
fn every_hole_has_its_owner_and_every_day_its_verdict() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    story(&ledger);
    let at = |at: &str| json(&done(on(&ledger, &["--output", "json", "terminals", "--at", at])));
    let seen = at("2025-11-25T20:00:00Z");
    let [first, second] = &seen["terminals"].as_array().expect("a list")[..] else { panic!("{seen}") };
    assert_eq!((first["epoch"].as_u64(), second["epoch"].as_u64()), (Some(1), Some(2)));
    assert_eq!(holes(first), "117-117 unexplained, 119-120 voided");
    assert_eq!(holes(second), "2-2 late, 5-5 late");
    assert_eq!(holes(&at("2025-11-26T10:00:00Z")["terminals"][1]), "2-2 unexplained, 5-5 unexplained");
    assert_eq!((&first["replaced"], &second["replaced"], &second["lastSeq"]), (&true.into(), &false.into(), &5.into()));
    assert_eq!(second["ineligible"][0]["name"], "connectivity_is_other");

    assert_eq!(first["days"], Value::Array(vec![]), "a till knows one terminal: its days stand beside its last device");
    let [alma, cb] = &second["days"].as_array().expect("days")[..] else { panic!("{second}") };
    assert_eq!(
        (&alma["agrees"], &alma["stated"]["net"], &alma["counted"]["net"]),
        (&false.into(), &"30934".into(), &"20934".into())
    );
    assert_eq!((&cb["agrees"], &cb["counted"]), (&true.into(), &Value::Null), "the bank's cards are not followed");
    let codes: Vec<_> =
        seen["findings"].as_array().expect("a list").iter().map(|finding| finding["code"].as_u64()).collect();
    assert_eq!(codes, [Some(904), Some(905), Some(906)]);
}

#[test]
fn people_read_the_same_in_words() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    story(&ledger);
    let shown = out(&done(on(&ledger, &["terminals", "--at", "2025-11-25"])));
    for words in [
        "417 e1     PAR1   Move/5000   replaced   121   2025-11-24 11:00",
        "732829320 417 e1, missing: 117 unexplained, 119-120 voided",
        "neither SIM nor Ethernet",
        "2025-11-25 alma 2 / 309.34 EUR, ledger 1 / 209.34 EUR",
        "905 732829320 terminal 417 e1, 117 unexplained: Numbers are missing",
        "2 terminals\n",
    ] {
        assert!(shown.contains(words), "{words}\n{shown}");
    }
    let french = out(&done(on(&ledger, &["--lang", "fr", "terminals", "--holes", "--at", "2025-11-26"])));
    assert!(french.contains("117 inexpliqué, 119-120 annulé par le TPE") && french.contains("2 TPE\n"), "{french}");
    assert!(french.contains("905 ") && !french.contains("904 "), "only holes were asked for: {french}");
}

#[test]
fn a_terminal_that_nobody_registered_is_listed_and_found() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    done(on_with(&ledger, &["publish", "-"], sms(1, 25, 0, 7).as_bytes()));
    let seen = json(&done(on(&ledger, &["--output", "json", "terminals", "--at", "2025-11-27"])));
    assert_eq!(
        (seen["terminals"][0]["registered"].as_bool(), holes(&seen["terminals"][0]).as_str()),
        (Some(false), "1-6 unexplained")
    );
    let codes: Vec<_> =
        seen["findings"].as_array().expect("a list").iter().map(|finding| finding["code"].as_u64()).collect();
    assert_eq!(codes, [Some(901), Some(902), Some(903), Some(905)]);
    let other = json(&done(on(&ledger, &["--output", "json", "terminals", "--merchant", "839100575"])));
    assert_eq!((&other["terminals"], &other["findings"]), (&Value::Array(vec![]), &Value::Array(vec![])));
}

#[test]
fn of_many_holes_twenty_are_shown_and_the_rest_counted() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let lines: Vec<_> = (1..=30).map(|n| sms(n, 25, 0, n * 2)).collect();
    done(on_with(&ledger, &["publish", "-"], lines.join("\n").as_bytes()));
    let args = ["terminals", "--holes", "--at", "2025-11-27"];
    let shown = out(&done(on(&ledger, &args)));
    assert_eq!(shown.matches("  905 ").count(), 20, "{shown}");
    assert_eq!(shown.matches("and 10 more").count(), 2, "in the table and below\n{shown}");
    let french = out(&done(on(&ledger, &[&["--lang", "fr"][..], &args].concat())));
    assert!(french.contains("et 10 de plus"), "{french}");
    let all = json(&done(on(&ledger, &[&["--output", "json"][..], &args].concat())));
    assert_eq!(all["findings"].as_array().map(Vec::len), Some(30), "JSON has all of them");
}

#[test]
fn an_epoch_that_nobody_assigned_does_not_take_the_days_over() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    story(&ledger);
    let wrong = event(
        20,
        25,
        r#""terminalTotals":{"terminal":417,"epoch":65535,"day":"2025-11-25","lastSeq":1,"lines":[{"application":"cb","count":1,"amount":{"currency":"EUR","minorUnits":"1"}}]}"#,
    );
    done(on_with(&ledger, &["publish", "-"], wrong.as_bytes()));
    let seen = json(&done(on(&ledger, &["--output", "json", "terminals", "--at", "2025-11-25"])));
    let days: Vec<_> =
        seen["terminals"].as_array().expect("a list").iter().map(|one| one["days"] != Value::Array(vec![])).collect();
    assert_eq!(days, [false, true, false], "{seen}");
}

#[test]
fn a_moment_that_is_none_is_a_mistake() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let wrong = on(&ledger, &["terminals", "--at", "yesterday"]);
    assert!(code(&wrong) == 2 && err(&wrong).contains("--at wants a moment"), "{}", err(&wrong));
}
