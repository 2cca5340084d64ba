//! Anomalies of what belongs to no payment are listed like those of payments.

use crate::talon::{Scratch, done, json, on_with, out};

/// Two contents of one line of a statement.
const LINES: &str = r#"{"eventId":"019ab9f4-d580-7aaa-8bbb-0102030405a1","merchant":"732829320","occurredAt":"2026-11-24T09:00:00Z","source":"provider","settlementLineRecorded":{"account":"alma:1","lineId":"L1","kind":"payment","direction":"credit","amount":{"currency":"EUR","minorUnits":"6000"}}}
{"eventId":"019ab9f4-d580-7aaa-8bbb-0102030405a2","merchant":"732829320","occurredAt":"2026-11-24T09:00:00Z","source":"provider","settlementLineRecorded":{"account":"alma:1","lineId":"L1","kind":"payment","direction":"credit","amount":{"currency":"EUR","minorUnits":"6100"}}}
"#;

#[test]
fn a_line_that_is_told_in_two_amounts_is_listed() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    done(on_with(&ledger, &["publish", "-"], LINES.as_bytes()));
    let told = out(&done(on_with(&ledger, &["anomalies"], b"")));
    assert!(told.contains("201") && told.contains("line(alma:1, L1)") && told.contains("1 anomaly"), "{told}");
    let listed = json(&done(on_with(&ledger, &["--output", "json", "anomalies", "--errors"], b"")));
    assert_eq!(listed["anomalies"][0]["name"], "witnesses_must_agree");
    assert_eq!(listed["anomalies"][0]["payment"], false);
    let none = json(&done(on_with(&ledger, &["--output", "json", "anomalies", "--code", "301"], b"")));
    assert_eq!(none["anomalies"].as_array().map(Vec::len), Some(0));
}
