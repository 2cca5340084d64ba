//! What somebody types first, and what they then see.

use crate::talon::{Scratch, code, demo, done, err, json, on, out, talon};

fn featured() -> String {
    let scratch = Scratch::new();
    let played = talon().args(["--output", "json", "demo", "--dir"]).arg(scratch.path("demo")).output();
    let shown = json(&done(played.expect("the command runs")));
    shown["featured"].as_str().expect("an id").to_owned()
}

#[test]
fn every_command_teaches_itself() {
    let help = out(&done(talon().arg("--help").output().expect("the command runs")));
    for command in
        ["init", "publish", "transactions", "transaction", "receipt", "tail", "verify", "digest", "dump", "demo", "key"]
    {
        assert!(help.contains(command), "{command}");
        if command != "key" {
            let own = out(&done(talon().args([command, "--help"]).output().expect("the command runs")));
            assert!(own.contains("talon ") && own.contains("Example"), "{command}: {own}");
        }
    }
    assert!(help.contains("Exit codes"));
    let wrong = talon().arg("publis").output().expect("the command runs");
    assert_eq!(code(&wrong), 2);
    assert!(err(&wrong).contains("publish"), "it says what was perhaps meant: {}", err(&wrong));
}

#[test]
fn the_demo_shows_the_day_in_both_languages() {
    for (lang, words) in [
        (
            "fr",
            [
                "La journée par boutique et prestataire",
                "Remboursé",
                "Ce qui reste à faire",
                "Anomalies, et pourquoi",
                "Les TPE le soir",
                "annulé par le TPE",
                "tickets d'une cliente",
                "La journée d'une boutique",
                "Un paiement ouvert, et pourquoi",
                "Un total, jusqu'à ses faits",
                "telle qu'on la savait à 14 h",
                "L'histoire entière, fixée",
                "tout se tient",
            ],
        ),
        (
            "en",
            [
                "The day by shop and provider",
                "Refunded",
                "What is open",
                "Anomalies, and why",
                "The terminals in the evening",
                " voided\n",
                "customer's three tickets",
                "The day of one shop",
                "An open payment, and why",
                "A total, down to its facts",
                "as it was known at 14:00",
                "All of history, pinned",
                "all is well",
            ],
        ),
    ] {
        let scratch = Scratch::new();
        let played = talon().args(["--lang", lang, "demo", "--dir"]).arg(scratch.path("demo")).output();
        let shown = out(&done(played.expect("the command runs")));
        for word in
            words.into_iter().chain(["TRANSACTION EN COURS", "PAIEMENT ALMA ACCEPTE", "A CONSERVER", "06 ** ** ** "])
        {
            assert!(shown.contains(word), "{word}\n{shown}");
        }
        let typed: Vec<_> = shown.lines().filter_map(|line| line.strip_prefix("  talon --ledger ")).collect();
        assert!(typed.len() > 10, "{shown}");
        for line in typed.iter().filter(|line| !line.contains("--out")) {
            let again = talon().arg("--ledger").args(line.split(' ')).output().expect("the command runs");
            // One object of the provider's file has no time, on purpose.
            let expected = if line.contains(" import ") { 3 } else { 0 };
            assert_eq!(code(&again), expected, "what is shown can be typed again: {line}\n{}", err(&again));
        }
        let of_two = shown.lines().filter(|line| line.starts_with(" Cardamine Bellecour  "));
        let providers: Vec<_> = of_two.filter_map(|line| line.split_whitespace().nth(2)).collect();
        assert_eq!(providers, ["alma", "oney"], "two providers of one shop are never one total");
        assert!(!shown.contains('\x1b'), "no colours where nobody looks");
        assert!(scratch.path("demo/day.jsonl").exists() && scratch.path("demo/ledger/journal").exists());
    }
}

#[test]
fn a_seed_is_a_day() {
    let scratch = Scratch::new();
    let digest = |name: &str, seed: &str| {
        let played =
            talon().args(["--output", "json", "demo", "--seed", seed, "--dir"]).arg(scratch.path(name)).output();
        json(&done(played.expect("the command runs")))["digest"].as_str().expect("a digest").to_owned()
    };
    assert_eq!(digest("a", "7"), digest("b", "7"));
    assert_ne!(digest("a2", "7"), digest("c", "8"));
    let filled = talon().args(["demo", "--dir"]).arg(scratch.path("a")).output().expect("the command runs");
    assert_eq!(code(&filled), 2, "a folder that somebody named is never replaced");
}

#[test]
fn one_payment_is_told_in_words() {
    let id = featured();
    let ledger = demo().join("ledger");
    let english = out(&done(on(&ledger, &["transaction", &id])));
    for word in ["Status", "collected", "Schedule v1", "Story", "payment initiated", "SMS sent", "debit"] {
        assert!(english.contains(word), "{word}\n{english}");
    }
    let french = out(&done(on(&ledger, &["--lang", "fr", "transaction", &id])));
    for word in ["État", "prélevé", "Échéancier v1", "Histoire", "paiement initialisé"] {
        assert!(french.contains(word), "{word}\n{french}");
    }
    let told = json(&done(on(&ledger, &["--output", "json", "transaction", &id])));
    assert_eq!((&told["transactionId"], &told["status"]), (&id.clone().into(), &"collected".into()));
}

#[test]
fn tickets_come_in_two_widths_and_say_why_when_there_is_none() {
    let id = featured();
    let ledger = demo().join("ledger");
    for (width, columns) in [("24", 24), ("42", 42)] {
        for kind in ["t2", "t3"] {
            let ticket =
                out(&done(on(&ledger, &["receipt", &id, "--kind", kind, "--width", width, "--shop-name", "Chez Zoé"])));
            assert!(ticket.lines().all(|line| line.chars().count() <= columns), "{ticket}");
            assert!(ticket.contains("Chez Zoé") && ticket.contains("A CONSERVER"), "{ticket}");
            assert_eq!(ticket.contains("06 ** ** ** "), kind == "t2", "{ticket}");
        }
    }
    let none = on(&ledger, &["receipt", &id, "--kind", "t4"]);
    assert_eq!(code(&none), 1);
    assert!(!err(&none).is_empty());
}

#[test]
fn lists_can_be_narrowed_and_read_by_scripts() {
    let ledger = demo().join("ledger");
    let count = |args: &[&str]| {
        let args: Vec<_> = ["--output", "json", "transactions"].into_iter().chain(args.iter().copied()).collect();
        json(&done(on(&ledger, &args)))["transactions"].as_array().expect("a list").len()
    };
    let all = count(&[]);
    assert!(all > 300);
    for narrower in [
        &["--open"][..],
        &["--anomalies"],
        &["--status", "refused"],
        &["--status", "in-progress"],
        &["--terminal", "3"],
        &["--day", "2026-11-24"],
    ] {
        let some = count(narrower);
        assert!(some > 0 && some < all, "{narrower:?}: {some} of {all}");
    }
    assert_eq!(count(&["--day", "2020-01-01"]), 0);
}

#[test]
fn the_tail_shows_the_last_records() {
    let ledger = demo().join("ledger");
    let shown = out(&done(on(&ledger, &["tail", "-n", "5"])));
    assert_eq!(shown.lines().count(), 5);
    let last: Vec<serde_json::Value> = out(&done(on(&ledger, &["--output", "json", "tail", "-n", "2"])))
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(last.len(), 2);
    assert!(last[1]["payload"].is_object() && last[1]["eventId"].is_string());
}
