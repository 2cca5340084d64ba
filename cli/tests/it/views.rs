//! Lists as people, spreadsheets and scripts read them. `TALON_BLESS=1` writes the lists that are compared anew.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use serde_json::Value;

use crate::clocked::{AT, BEGUN, DIFFERS, EARLY, LATE, MERCHANT, PAID, PHONE, QUIET, REFUNDED, TWIN, clocked};
use crate::talon::{code, done, err, json, on, on_with, out};

fn ask(args: &[&str]) -> Output {
    on(clocked(), args)
}

fn told(args: &[&str]) -> String {
    out(&done(ask(args)))
}

fn read(args: &[&str]) -> Value {
    json(&done(ask(&[&["--output", "json"], args].concat())))
}

/// Each list that people read, by the name of its file.
fn lists() -> Vec<(&'static str, Vec<&'static str>)> {
    vec![
        ("day", vec!["day", MERCHANT, "2025-11-24"]),
        (
            "days",
            vec!["day", MERCHANT, "--from", "2025-11-24", "--to", "2025-11-26", "--by", "day,shop,terminal,provider"],
        ),
        ("explain", vec!["explain", MERCHANT, "2025-11-24", "sale"]),
        ("find", vec!["find", "--merchant", MERCHANT, "--day", "2025-11-24"]),
        ("open-items", vec!["open-items", "--at", AT]),
        ("diff", vec!["diff", "2025-11-25T23:00:00Z", "2025-11-27T00:00:00Z"]),
        ("settlement", vec!["settlement", MERCHANT, "--at", AT]),
        ("instalments", vec!["instalments", "--merchant", MERCHANT, "--at", AT, "--by", "day,shop,provider"]),
        ("instalments-late", vec!["instalments", "--merchant", MERCHANT, "--at", AT, "--late"]),
        ("anomalies", vec!["anomalies"]),
        ("anomalies-cleared", vec!["anomalies", "--cleared"]),
        ("terminals", vec!["terminals", "--at", AT]),
        ("transactions", vec!["transactions"]),
    ]
}

/// Of everything that scripts read, once.
pub(crate) fn scripts() -> Vec<Vec<&'static str>> {
    let mut all: Vec<_> = lists().into_iter().map(|(_, args)| args).collect();
    all.push(vec!["terminals", "--at", QUIET]);
    all.push(vec!["day", MERCHANT, "2025-11-24", "--effective-at", "2025-11-30"]);
    all
}

fn compare(path: &str, told: &str) {
    let path = PathBuf::from(format!("{}/tests/it/views/{path}", env!("CARGO_MANIFEST_DIR")));
    if std::env::var_os("TALON_BLESS").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, told).expect("the list");
    }
    assert_eq!(told, fs::read_to_string(&path).expect("the list"), "{}", path.display());
}

#[test]
fn lists_are_told_in_both_languages_and_fit_a_page() {
    for language in ["fr", "en"] {
        for (name, args) in lists() {
            let told = told(&[&["--lang", language], &args[..]].concat());
            let widest = told.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(100), "{name} {language}: {widest:?}\n{told}");
            compare(&format!("{language}/{name}.txt"), &told);
        }
    }
}

#[test]
fn a_spreadsheet_gets_one_table_and_plain_numbers() {
    for (name, args) in lists() {
        let told = told(&[&["--output", "csv", "--lang", "fr"], &args[..]].concat());
        let columns = |line: &str| csv_columns(line);
        let counts: Vec<_> = told.lines().map(columns).collect();
        assert!(counts.windows(2).all(|two| two[0] == two[1]), "{name}: {told}");
        assert!(!told.contains('\u{202f}') && !told.contains('─'), "{name}: {told}");
        compare(&format!("csv/{name}.csv"), &told);
    }
}

/// How many cells a row has: commas outside of quotes, and one more.
fn csv_columns(line: &str) -> usize {
    line.split('"').step_by(2).map(|part| part.matches(',').count()).sum::<usize>() + 1
}

/// Both sides of a late fact: the answer of then is given again, by its positions and by its moment.
#[test]
fn each_list_as_of_then_does_not_know_what_came_later() {
    let part = |answer: &Value, name: &str| answer.pointer(name).unwrap_or_else(|| panic!("{name}: {answer}")).clone();
    for (args, pointer, then, now) in [
        (&["day", MERCHANT, "2025-11-25"][..], "/perpetual/0/net", "\"54000\"", "\"60000\""),
        (&["explain", MERCHANT, "2025-11-25", "sale"], "/value", "\"0\"", "\"6000\""),
        (&["find", "--payment", "payment_5"], "/payments/0/status", "", "\"collected\""),
        (&["open-items", "--at", AT, "--from", "2025-11-25"], "/items/0/status", "\"in_progress\"", "\"collected\""),
        (&["settlement", MERCHANT, "--at", AT, "--status", "paid,late"], "/totals/0/count", "", "1"),
        (
            &["instalments", "--merchant", MERCHANT, "--at", AT, "--from", "2026-02-24"],
            "/sums/0/currency",
            "",
            "\"EUR\"",
        ),
        (&["anomalies", "--code", "301"], "/anomalies/0/since", "\"2025-11-25\"", ""),
        (&["anomalies", "--cleared", "--code", "301"], "/anomalies/0/cleared/kind", "", "\"PaymentInitiated\""),
        (&["terminals", "--at", AT], "/terminals/0/lastSeq", "12", "14"),
        (
            &["transactions", "--provider", "alma", "--from", "2025-11-25"],
            "/transactions/0/status",
            "\"in_progress\"",
            "\"collected\"",
        ),
    ] {
        let of = |answer: &Value| answer.pointer(pointer).map(ToString::to_string).unwrap_or_default();
        let early = read(&[args, &["--as-of", EARLY]].concat());
        assert_eq!((of(&early).as_str(), of(&read(args)).as_str()), (then, now), "{args:?} {early}");
        let positions = part(&early, "/as_of/positions");
        let again = read(&[args, &["--as-of", positions.as_str().expect("a vector")]].concat());
        assert_eq!((of(&again), part(&again, "/as_of/positions")), (of(&early), positions), "{args:?}");
        let foot = told(&[args, &["--as-of", EARLY]].concat());
        assert!(foot.ends_with(&format!("known at {EARLY}\n")), "{args:?}: {foot}");
    }
}

#[test]
fn what_is_owed_is_told_with_why_and_by_when() {
    let owed = |args: &[&str]| read(&[&["settlement", MERCHANT, "--at", AT], args].concat());
    let all = owed(&[]);
    let line = |id: &str, what: &str| {
        let mut lines = all["lines"].as_array().expect("lines").iter();
        lines.find(|line| line["transaction"] == id && line["what"] == what).expect("a line").clone()
    };
    let paid = line(PAID, "payment");
    assert_eq!((&paid["expected"]["fee"], &paid["booked"]["net"]), (&"759".into(), &"29241".into()));
    assert_eq!((&paid["status"], &paid["payouts"][0]["payoutId"]), (&"paid".into(), &"payout_1".into()));
    let differs = line(DIFFERS, "payment");
    assert_eq!((&differs["difference"]["fee"], &differs["waived"]), (&"100".into(), &"100".into()));
    assert_eq!(
        (&line(REFUNDED, "payment")["feeGap"], &line(REFUNDED, "refund")["undated"]),
        (&"plan_unknown".into(), &"not_promised".into())
    );
    assert_eq!(
        (&line(LATE, "payment")["status"], &line(LATE, "payment")["due"]),
        (&"missing".into(), &"2025-11-27".into())
    );
    let late = owed(&["--missing-after", "366", "--status", "late"]);
    assert_eq!((late["lines"].as_array().map(Vec::len), &late["lines"][0]["transaction"]), (Some(1), &LATE.into()));
    let due = read(&["settlement", MERCHANT, "--at", "2025-11-27T12:00:00Z", "--status", "due"]);
    assert_eq!((&due["lines"][0]["transaction"], &due["payouts"]), (&LATE.into(), &Value::Array(Vec::new())));
    let count = |args: &[&str]| owed(args)["lines"].as_array().map(Vec::len);
    assert_eq!((count(&[]), count(&["--shop", "74"]), count(&["--terminal", "3"])), (Some(6), Some(5), Some(0)));
    assert_eq!(
        (count(&["--provider", "oney"]), count(&["2025-11-25"]), count(&["--totals"])),
        (Some(0), Some(1), Some(0))
    );
    assert_eq!(count(&["--from", "2025-11-25", "--to", "2025-11-26"]), Some(2));
    let by_shop = owed(&["--by", "shop"]);
    let totals: Vec<_> = by_shop["totals"]
        .as_array()
        .expect("sums")
        .iter()
        .map(|sum| (sum["shop"].as_u64(), sum["count"].as_u64()))
        .collect();
    assert_eq!(totals, [(Some(0), Some(1)), (Some(74), Some(5))], "what no payment expects is of no shop");
}

#[test]
fn what_falls_due_is_narrowed_and_listed_one_by_one() {
    let due = |args: &[&str]| read(&[&["instalments", "--merchant", MERCHANT, "--at", AT], args].concat());
    let listed = |args: &[&str]| {
        let answer = due(args);
        let lines = answer["instalments"].as_array().expect("a list").iter();
        lines
            .map(|one| {
                format!(
                    "{} {} {}",
                    one["day"].as_str().expect("a day"),
                    one["course"].as_str().expect("one"),
                    one["late"]
                )
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(listed(&["--late"]), ["2025-12-24 due true", "2025-12-24 failed true", "2025-12-25 due true"]);
    assert_eq!(listed(&["--list", "--from", "2026-02-01"]), ["2026-02-24 due false"]);
    assert_eq!(due(&["--list", "--from", "2026-02-01"])["instalments"][0]["rescheduledFrom"], "2026-01-24");
    assert_eq!(listed(&["--late", "--shop", "75"]), [""; 0]);
    let sums = due(&["--by", "provider"]);
    assert_eq!((&sums["sums"][0]["provider"], &sums["sums"][0]["day"]), (&"alma".into(), &Value::Null));
    assert_eq!(
        (&sums["sums"][0]["late"]["count"], &sums["sums"][0]["courses"]["failed"]["amount"]),
        (&3.into(), &"5000".into())
    );
}

#[test]
fn what_was_cleared_says_by_what_and_what_stands_since_when() {
    let codes = |args: &[&str]| {
        let answer = read(&[&["anomalies"], args].concat());
        answer["anomalies"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| one["code"].as_u64().expect("one"))
            .collect::<Vec<_>>()
    };
    assert_eq!((codes(&[]), codes(&["--cleared"])), (vec![311], vec![301, 302]));
    assert_eq!(
        (codes(&["--cleared", "--errors"]), codes(&["--cleared", "--severity", "warning"])),
        (vec![301], vec![302])
    );
    assert_eq!(
        (codes(&["--to", "2025-11-23"]), codes(&["--from", "2026-01-01"])),
        (vec![], vec![311]),
        "it stands still"
    );
    assert_eq!(codes(&["--cleared", "--from", "2025-11-26"]), [301, 302], "they stood when that day began");
    assert_eq!(codes(&["--cleared", "--from", "2025-11-27"]), [0; 0]);
    assert_eq!((codes(&["--code", "9999"]), codes(&["--merchant", "1"])), (vec![], vec![]));
}

#[test]
fn a_terminal_says_what_came_twice_and_whether_it_is_silent() {
    let of = |args: &[&str]| read(&[&["terminals"], args].concat())["terminals"].clone();
    let at_rest = of(&["--at", QUIET]);
    let [quiet] = &at_rest.as_array().expect("a list")[..] else { panic!("one") };
    assert_eq!(quiet["repeats"].to_string(), r#"[{"events":2,"first":8,"last":8}]"#);
    assert_eq!(quiet["silence"].to_string(), r#"{"day":"2025-12-01","tradingDays":3,"worked":3}"#);
    assert_eq!((&quiet["shop"], &quiet["clockSkew"]["behindMicros"]), (&74.into(), &"1000000".into()));
    assert_eq!(of(&["--at", "2025-11-24"])[0]["silence"], Value::Null);
    let count = |args: &[&str]| of(args).as_array().map(Vec::len);
    assert_eq!(
        (count(&["--shop", "74"]), count(&["--shop", "75"]), count(&["--terminal", "3"])),
        (Some(1), Some(0), Some(0))
    );
    let said = told(&["terminals", "--at", QUIET]);
    assert!(said.contains("silent: nothing on 2025-12-01, seen on 3 of the shop's last 3 trading days"), "{said}");
}

#[test]
fn below_a_day_stands_what_terminals_and_tills_say_of_it() {
    let of = |args: &[&str]| read(&[&["day", MERCHANT, "2025-11-24"], args].concat())["statements"].clone();
    let all = of(&[]);
    let [alma, cb, till] = &all.as_array().expect("a list")[..] else { panic!("{all}") };
    assert_eq!(
        (&alma["stated"]["net"], &alma["counted"]["net"], &alma["difference"]["net"]),
        (&"60000".into(), &"54000".into(), &"6000".into())
    );
    let suspects: Vec<_> =
        alma["suspects"].as_array().expect("a list").iter().map(|one| one["transaction"].clone()).collect();
    assert_eq!(suspects, [BEGUN, TWIN, REFUNDED, DIFFERS], "those whose amount fits come first");
    assert_eq!(
        (&cb["counted"], &cb["agrees"], &till["till"], &till["agrees"]),
        (&Value::Null, &true.into(), &"C1".into(), &true.into())
    );
    let count = |args: &[&str]| of(args).as_array().map(Vec::len);
    assert_eq!(
        (count(&["--provider", "alma"]), count(&["--terminal", "417"]), count(&["--shop", "75"])),
        (Some(2), Some(2), Some(0))
    );
    let csv = told(&["--output", "csv", "day", MERCHANT, "2025-11-24"]);
    assert!(!csv.contains("600.00"), "{csv}");
}

#[test]
fn payments_are_found_by_what_people_know() {
    let ids = |args: &[&str]| {
        let answer = read(&[&["find"], args].concat());
        answer["payments"].as_array().expect("a list").iter().map(|one| one["transaction"].clone()).collect::<Vec<_>>()
    };
    assert_eq!((ids(&["--ticket", "T-1"]), ids(&["--refund", "refund_3"])), (vec![PAID.into()], vec![REFUNDED.into()]));
    let at = ["--merchant", MERCHANT, "--day", "2025-11-24", "--shop", "74", "--terminal", "417", "--amount", "150.00"];
    assert_eq!(ids(&at), [DIFFERS]);
    let typed =
        on_with(clocked(), &["--output", "json", "find", "--merchant", MERCHANT, "--phone", "-"], PHONE.as_bytes());
    let found = json(&done(typed));
    assert_eq!(found["payments"].as_array().map(Vec::len), Some(2), "{found}");
    assert!(!found.to_string().contains("639980001"), "a number is in no answer");
    assert_eq!(ids(&["--merchant", MERCHANT, "--phone", "+33639980002"]), [""; 0]);
}

#[test]
fn a_question_that_makes_no_sense_is_refused_in_a_sentence() {
    for (args, said) in [
        (&["settlement", MERCHANT, "soon"][..], "DATE wants a date from 2000 to 2148"),
        (&["settlement", MERCHANT, "2025-11-24", "--to", "2025-11-25"], "cannot be used with"),
        (&["settlement", MERCHANT, "--from", "2025-11-25", "--to", "2025-11-24"], "--to lies before --from"),
        (&["settlement", MERCHANT, "--at", "soon"], "--at wants a moment"),
        (&["settlement", MERCHANT, "--status", "gone"], "invalid value 'gone'"),
        (&["instalments"], "--merchant <SIREN>"),
        (&["instalments", "--merchant", MERCHANT, "--from", "24 november"], "--from wants a date"),
        (&["instalments", "--merchant", MERCHANT, "--by", "terminal"], "invalid value 'terminal'"),
        (&["instalments", "--merchant", MERCHANT, "--as-of", "64:1"], "part 1 names no partition"),
        (&["anomalies", "--errors", "--severity", "notice"], "cannot be used with"),
        (&["anomalies", "--cleared", "--to", "x"], "--to wants a date"),
        (&["day", MERCHANT], "the following required arguments"),
        (&["day", MERCHANT, "--from", "2025-11-25", "--to", "2025-11-24"], "--to lies before --from"),
        (&["explain", MERCHANT, "2025-11-24", "profit"], "FIGURE is one of"),
        (&["explain", MERCHANT, "2025-11-24", "sale", "--plan", "many"], "--plan wants a number of instalments"),
        (&["find"], "say what is known"),
        (&["find", "--ticket", "T-1", "--payment", "payment_1"], "cannot be used with"),
        (&["find", "--merchant", MERCHANT, "--phone", "0639980001"], "--phone wants a number with its country"),
        (&["open-items", "--at", "soon"], "--at wants a moment"),
        (&["open-items", "--from", "2025-11-25", "--to", "2025-11-24"], "--to lies before --from"),
        (&["diff", "yesterday"], "--known-at wants the positions"),
        (&["transactions", "--day", "2025-11-24", "--from", "2025-11-24"], "cannot be used with"),
        (&["terminals", "--at", "soon"], "--at wants a moment"),
    ] {
        let refused = ask(args);
        assert_eq!((code(&refused), out(&refused).as_str()), (2, ""), "{args:?} {}", err(&refused));
        assert!(err(&refused).contains(said), "{args:?}: {}", err(&refused));
    }
}
