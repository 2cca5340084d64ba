//! A file in which nearly everything is wrong: every line is named, every good line is taken.

use std::fs;

use crate::talon::{Scratch, code, err, on, on_with, out};

fn good(number: u32) -> String {
    format!(
        r#"{{"eventId":"019ab9f4-d580-7aaa-8bbb-0000{number:08x}","merchant":"732829320","terminal":4,"transactionId":"019ab9f4-d500-7aaa-8bbb-0102030405bb","occurredAt":"2026-11-24T10:00:00Z","source":"gateway","smsSent":{{"number":{number}}}}}"#
    )
}

#[test]
fn bad_lines_are_named_by_number_code_place_and_advice_and_good_lines_are_taken() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let card = good(9).replace(r#"{"number":9}"#, r#"{"messageId":"4111 1111 1111 1111"}"#);
    let file = [
        good(1),
        "not json".into(),
        good(2),
        good(3).replace("smsSent", "smsTeleported"),
        good(3).replace("d580-7aaa", "d580-4aaa"),
        card,
        good(1).replace(r#""number":1"#, r#""number":7"#),
        good(4),
    ]
    .join("\n");
    let published = on_with(&ledger, &["publish", "-"], file.as_bytes());
    assert_eq!(code(&published), 3);
    assert!(out(&published).contains("3 appended") && out(&published).contains("5 refused"), "{}", out(&published));
    let said = err(&published);
    for expected in [
        "line 2: 24 line_must_be_json",
        "line 4: 6 kind_must_be_known",
        "newer than this ledger",
        "line 5: 10 id_must_be_a_uuid_of_version_7_or_8 at eventId",
        "line 6: 20 text_must_hold_no_card_number at smsSent.messageId",
        "line 7: 104 event_id_must_name_one_content",
        "019ab9f4-d580-7aaa-8bbb-000000000001 is event 1 already",
    ] {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
    assert!(!said.contains("4111") && !said.contains("smsTeleported"), "{said}");

    let again = on_with(&ledger, &["publish", "-"], file.as_bytes());
    assert_eq!(code(&again), 3);
    assert!(out(&again).contains("0 appended, 3 known already, 5 refused"), "{}", out(&again));
    assert!(err(&again).contains("is p0/1 already"), "{}", err(&again));
}

#[test]
fn a_check_names_a_line_that_contradicts_an_earlier_part_of_the_file() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let other = good(1).replace(r#""number":1"#, r#""number":7"#);
    let file = [good(1), good(2), good(1), other].join("\n");
    for batch in ["1", "1000"] {
        let checked = on_with(&ledger, &["publish", "--check", "--batch", batch, "-"], file.as_bytes());
        assert_eq!(code(&checked), 3, "{}", err(&checked));
        assert!(err(&checked).contains("line 4: 104"), "{}", err(&checked));
        assert!(out(&checked).contains("2 would be appended, 1 known already, 1 refused"), "{}", out(&checked));
    }
}

#[test]
fn a_script_gets_an_object_for_each_line() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let published = on_with(&ledger, &["--output", "json", "publish", "-"], format!("{}\n[]\n", good(1)).as_bytes());
    let lines: Vec<serde_json::Value> =
        out(&published).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(
        (&lines[0]["outcome"], &lines[0]["partition"], &lines[0]["position"]),
        (&"appended".into(), &0.into(), &1.into())
    );
    assert_eq!((&lines[1]["number"], &lines[1]["outcome"]), (&2.into(), &"refused".into()));
    assert!(lines[1]["code"].is_u64() && lines[1]["advice"].is_string());
    assert_eq!((&lines[2]["appended"], &lines[2]["refused"]), (&1.into(), &1.into()));
}

#[test]
fn what_is_not_there_is_said_so() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    for (args, expected, said) in [
        (&["publish", "no-such-file"][..], 2, "no-such-file is not there"),
        (&["publish", "--check", "no-such-file"], 2, "no-such-file is not there"),
        (&["publish", env!("CARGO_MANIFEST_DIR")], 2, "is a folder"),
        (&["transaction", "019ab9f4-d500-7aaa-8bbb-0102030405bb"], 1, "no transaction"),
        (&["transaction", "17"], 2, "UUID"),
        (&["transactions", "--day", "yesterday"], 2, "--day"),
        (&["transactions", "--day", "+2026-+1-+1"], 2, "--day"),
        (&["receipt", "019ab9f4-d500-7aaa-8bbb-0102030405bb", "--kind", "t9"], 2, "t9"),
    ] {
        let output = on(&ledger, args);
        assert_eq!(code(&output), expected, "{args:?} {}", err(&output));
        assert!(err(&output).contains(said), "{args:?} {}", err(&output));
    }
    let nowhere = on(&scratch.path("nowhere"), &["digest"]);
    assert_eq!(code(&nowhere), 2);
    assert!(!scratch.path("nowhere").exists(), "nothing is made where there was nothing");
    assert!(err(&nowhere).contains("nowhere"), "{}", err(&nowhere));
    let unsaid = crate::talon::talon().arg("digest").output().expect("the command runs");
    assert_eq!(code(&unsaid), 2);
    assert!(err(&unsaid).contains("--ledger"), "{}", err(&unsaid));
    assert!(fs::read_dir(scratch.path("ledger")).expect("a ledger").count() >= 2);
    let file = ledger.join("lock");
    for args in [&["digest"][..], &["verify"], &["publish", "-"], &["repair", "--cut-after", "64", "--as", "op-7"]] {
        let no_ledger = on(&file, args);
        assert_eq!(code(&no_ledger), 2, "{args:?} {}", err(&no_ledger));
        assert!(err(&no_ledger).contains("holds no ledger"), "{args:?} {}", err(&no_ledger));
    }
}

#[test]
fn who_stops_listening_does_not_stop_a_publication() {
    use std::process::Stdio;
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let day = crate::talon::demo().join("day.jsonl");
    let mut child = crate::talon::talon()
        .arg("--ledger")
        .arg(&ledger)
        .args(["--output", "json", "publish", "--batch", "50"])
        .arg(&day)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command runs");
    drop(child.stdout.take());
    let ended = child.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), Some(1), "{}", err(&ended));
    assert!(err(&ended).contains("could not be told"), "{}", err(&ended));
    let expected = crate::talon::state_digest(&crate::talon::demo().join("ledger"));
    assert_eq!(crate::talon::state_digest(&ledger), expected, "everything is in");
}

/// In words only the last line is told, and it is told by flushing it: that too must not end a refusal with success.
#[test]
fn who_does_not_listen_at_all_is_answered_by_the_end() {
    use std::process::Stdio;
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let file = scratch.path("events.jsonl");
    fs::write(&file, format!("{}\nnot json\n{}\n", good(1), good(2))).expect("a file");
    let mut command = crate::talon::talon();
    command.arg("--ledger").arg(&ledger).args(["publish", "--batch", "1"]).arg(&file);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command runs");
    drop(child.stdout.take());
    drop(child.stderr.take());
    assert_eq!(child.wait().expect("it ends").code(), Some(1));
    assert_eq!(out(&on(&ledger, &["dump"])).lines().count(), 2, "both good lines are in");
}

#[test]
fn a_text_that_a_terminal_would_obey_is_shown_as_text() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let line = good(1).replace(
        r#""smsSent":{"number":1}"#,
        r#""paymentAccepted":{"provider":"al\u001b[2J\u202ema","paymentId":"P\u0007\n1"}"#,
    );
    let published = on_with(&ledger, &["publish", "-"], line.as_bytes());
    assert_eq!(code(&published), 0, "{}", err(&published));
    for args in [&["transaction", "019ab9f4-d500-7aaa-8bbb-0102030405bb"][..], &["transactions"], &["tail"]] {
        let shown = out(&on(&ledger, args));
        assert!(!shown.contains(['\x1b', '\x07', '\u{202e}']), "{args:?} {shown}");
    }
    // A dump is no terminal's: published elsewhere it has to say the same.
    let (dumped, again) = (out(&on(&ledger, &["dump"])), scratch.ledger("again"));
    assert!(dumped.contains('\u{202e}') && !dumped.contains('\x1b'), "{dumped}");
    assert_eq!(code(&on_with(&again, &["publish", "-"], dumped.as_bytes())), 0);
    assert_eq!(crate::talon::state_digest(&again), crate::talon::state_digest(&ledger));
}

#[test]
fn one_is_not_several() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let file = format!("{}\n{}\n{}\n", good(1), good(2), good(1));
    let told =
        |args: &[&str], input: &str| out(&on_with(&ledger, &[&["--lang", "fr"], args].concat(), input.as_bytes()));
    assert!(told(&["publish", "--check", "-"], &good(1)).contains("1 serait ajouté, 0 déjà connu, 0 refusé\n"));
    assert!(told(&["publish", "-"], &file).contains("2 ajoutés, 1 déjà connu, 0 refusé\n"));
    assert!(told(&["transactions"], "").contains("1 paiement\n"));
}
