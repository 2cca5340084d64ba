//! Payments in several currencies, and in none yet: no list and no explanation takes one for another.

use std::path::{Path, PathBuf};

use crate::talon::{Scratch, done, json, on, on_with, out};

const DAY: [&str; 2] = ["123456782", "2026-11-24"];

/// A sale of 12,345.60 in francs and one in euros, on one ticket; and a debit of a payment that nobody began.
pub(crate) fn ledger(scratch: &Scratch) -> PathBuf {
    let ledger = scratch.ledger("ledger");
    let event = |number: u32, kind: &str, body: &str| {
        format!(
            r#"{{"eventId":"01a20c3f-45f8-792b-8542-000000000{number}1","transactionId":"01a20c3f-45f8-792b-8542-000000000{number}0","merchant":"123456782","occurredAt":"2026-11-24T09:{number}:00Z","source":"SOURCE_PROVIDER","{kind}":{body}}}"#
        )
    };
    let begun = |number, currency| {
        let amount = format!(r#"{{"currency":"{currency}","minorUnits":"1234560"}}"#);
        let began = event(number, "paymentInitiated", &format!(r#"{{"amount":{amount},"tillTicket":"C1-7"}}"#));
        let accepted = event(number + 1, "paymentAccepted", &format!(r#"{{"paymentId":"p","amount":{amount}}}"#));
        let stream = format!("000000000{number}0");
        [began, accepted.replace(&format!("000000000{}0", number + 1), &stream)]
    };
    let unknown = event(30, "outcomeUnknown", "{}");
    let lines = [&begun(10, "EUR")[..], &begun(20, "CHF")[..], &[unknown]].concat().join("\n");
    done(on_with(&ledger, &["publish", "-"], lines.as_bytes()));
    ledger
}

fn asked(ledger: &Path, args: &[&str], output: &str) -> String {
    out(&done(on(ledger, &[args, &["--output", output]].concat())))
}

#[test]
fn an_amount_is_never_without_its_currency() {
    let scratch = Scratch::new();
    let ledger = ledger(&scratch);
    let found = asked(&ledger, &["find", "--ticket", "C1-7"], "table");
    assert!(found.contains("12,345.60 EUR") && found.contains("12,345.60 CHF"), "{found}");
    let found = asked(&ledger, &["find", "--ticket", "C1-7"], "csv");
    for code in ["EUR", "CHF"] {
        let is_told = found.lines().any(|line| line.contains(",12345.60,") && line.contains(&format!(",{code}")));
        assert!(is_told, "{code}: {found}");
    }
    let differs = asked(&ledger, &["diff", "0:1", "now"], "table");
    for words in ["sale EUR", "sale CHF", "sale 12,345.60 EUR", "sale 12,345.60 CHF"] {
        assert!(differs.contains(words), "{words}: {differs}");
    }
}

#[test]
fn an_explanation_says_its_currency_and_a_spreadsheet_can_add_it_up() {
    let scratch = Scratch::new();
    let ledger = ledger(&scratch);
    let explain = |more: &[&str], output: &str| asked(&ledger, &[&["explain"], &DAY[..], more].concat(), output);
    let euros = explain(&["sale"], "table");
    assert!(euros.contains("sale 2026-11-24 = 12,345.60 EUR (1 payment)"), "{euros}");
    let francs = explain(&["sale", "--currency", "CHF"], "csv");
    assert!(francs.contains(",12345.60\n") && !francs.contains("12,345"), "{francs}");
}

#[test]
fn a_count_is_of_all_currencies_unless_one_is_named() {
    let scratch = Scratch::new();
    let ledger = ledger(&scratch);
    let value = |more: &[&str]| {
        let explained = on(&ledger, &[&["explain"], &DAY[..], more, &["--output", "json"]].concat());
        json(&done(explained))["value"].as_str().expect("a number").to_owned()
    };
    let payments = ["payments_accepted", "payments_unknown"].map(|figure| value(&[figure]));
    assert_eq!(payments, ["2", "1"]);
    assert_eq!(value(&["payments_accepted", "--currency", "CHF"]), "1");
    assert_eq!(value(&["payments_unknown", "--currency", "EUR"]), "0");
}
