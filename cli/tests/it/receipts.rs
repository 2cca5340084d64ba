//! Papers from the command line: refunds, statements, duplicates as their originals were, and ends of days.

use std::path::Path;
use std::sync::OnceLock;

use crate::talon::{Scratch, code, done, err, on, on_with, out};

pub(crate) const PAYMENT: &str = "019ab9f4-d580-7aaa-8bbb-0102030405aa";

/// One payment of 200,00 EUR in two, refunded twice; a paper was printed after each step. Then the end of the day: the
/// terminal counts a sale that never came, and number 6 is missing.
fn ledger() -> &'static Path {
    static LEDGER: OnceLock<(Scratch, std::path::PathBuf)> = OnceLock::new();
    let (_, ledger) = LEDGER.get_or_init(|| {
        let scratch = Scratch::new();
        let ledger = scratch.ledger("ledger");
        done(on_with(&ledger, &["publish", "-"], lines().join("\n").as_bytes()));
        (scratch, ledger)
    });
    ledger
}

pub(crate) fn lines() -> Vec<String> {
    let eur = |cents: u32| format!(r#"{{"currency":"EUR","minorUnits":"{cents}"}}"#);
    let entry = |number: u32, due: &str, cents: u32| {
        let (share, due) = (eur(cents), format!("{due}T09:00:00Z"));
        format!(
            r#"{{"number":{number},"dueDate":"{due}","purchaseAmount":{share},"totalAmount":{share},"originalPurchaseAmount":{}}}"#,
            eur(10_000)
        )
    };
    let plan = |version: u32, change: &str, second: u32| {
        let entries = [entry(1, "2025-11-24", 10_000), entry(2, "2025-12-24", second)].join(",");
        format!(r#""scheduleChosen":{{"version":{version},{change}"installmentsCount":2,"instalments":[{entries}]}}"#)
    };
    let printed = |papers: &[(&str, &str)]| {
        let paper = |(kind, about): &(&str, &str)| format!(r#"{{"kind":"{kind}"{about},"copy":1}}"#);
        format!(r#""ticketsPrinted":{{"tickets":[{}]}}"#, papers.iter().map(paper).collect::<Vec<_>>().join(","))
    };
    let refunded = |id: &str, parts: &str, cents: u32| {
        format!(r#""refundCompleted":{{"refundId":"{id}","amount":{}{parts}}}"#, eur(cents))
    };
    let parts = format!(r#","cash":{},"rebate":{}"#, eur(1_000), eur(4_000));
    let initiated = format!(r#""paymentInitiated":{{"amount":{},"provider":"alma","tillTicket":"T-77"}}"#, eur(20_000));
    let debited = format!(r#""cardDebited":{{"amount":{},"debitId":"debit_1"}}"#, eur(10_000));
    let told: Vec<(&str, &str, u32, String)> = vec![
        ("09:00", "GATEWAY", 1, initiated),
        ("09:01", "TERMINAL", 2, printed(&[("TICKET_KIND_T1_IN_PROGRESS", "")])),
        ("09:02", "PROVIDER", 0, plan(1, "", 10_000)),
        ("09:03", "PROVIDER", 0, r#""paymentAccepted":{"paymentId":"payment_1"}"#.to_owned()),
        ("09:03", "PROVIDER", 0, debited),
        ("09:04", "TERMINAL", 3, printed(&[("TICKET_KIND_T2_CUSTOMER", ""), ("TICKET_KIND_T3_TILL", "")])),
        ("10:00", "PROVIDER", 0, refunded("refund_1", &parts, 5_000)),
        ("10:01", "PROVIDER", 0, plan(2, r#""change":"PLAN_CHANGE_REFUNDED","#, 6_000)),
        (
            "10:02",
            "TERMINAL",
            4,
            printed(&[("TICKET_KIND_T5_REFUND", r#","about":"refund_1""#), ("TICKET_KIND_T7_PLAN", r#","about":"2""#)]),
        ),
        ("11:00", "PROVIDER", 0, refunded("refund_2", "", 3_000)),
        ("11:01", "TERMINAL", 5, printed(&[("TICKET_KIND_T5_REFUND", r#","about":"refund_2""#)])),
    ];
    let event = |(n, (at, source, seq, body)): (usize, &(&str, &str, u32, String))| {
        let terminal = match seq {
            0 => String::new(),
            seq => format!(r#","shop":74,"terminal":3,"terminalEpoch":1,"terminalSeq":{seq}"#),
        };
        format!(
            r#"{{"eventId":"019ab9f4-d580-7aaa-8bbb-0102030405{n:02}","merchant":"732829320"{terminal},"transactionId":"{PAYMENT}","occurredAt":"2025-11-24T{at}:00Z","source":"SOURCE_{source}",{body}}}"#
        )
    };
    let mut lines: Vec<_> = told.iter().enumerate().map(event).collect();
    lines.push(totals("732829320", 50, 7, &eur(20_000), &eur(35_500)));
    lines.push(totals("356000000", 51, 3, &eur(1_200), &eur(0)));
    lines
}

/// A terminal's totals: two sales by alma in two lines, and cards.
fn totals(merchant: &str, number: u32, last: u32, alma: &str, cards: &str) -> String {
    let line = |application: &str, count: u32, amount: &str| {
        format!(r#"{{"application":"{application}","count":{count},"amount":{amount}}}"#)
    };
    let lines = [line("alma", 2, alma), line("cb", 9, cards)].join(",");
    let body =
        format!(r#""terminalTotals":{{"terminal":3,"epoch":1,"day":"2025-11-24","lastSeq":{last},"lines":[{lines}]}}"#);
    format!(
        r#"{{"eventId":"019ab9f4-d580-7aaa-8bbb-0102030405{number}","merchant":"{merchant}","shop":74,"terminal":3,"terminalEpoch":1,"terminalSeq":{last},"occurredAt":"2025-11-24T18:45:00Z","source":"SOURCE_TERMINAL",{body}}}"#
    )
}

fn paper(args: &[&str]) -> String {
    let all: Vec<_> = ["receipt", PAYMENT, "--width", "42"].iter().chain(args).copied().collect();
    out(&done(on(ledger(), &all)))
}

/// The value on the row of a name.
fn value<'p>(paper: &'p str, name: &str) -> Option<&'p str> {
    paper.lines().find_map(|row| row.strip_prefix(name)).map(str::trim)
}

#[test]
fn each_refund_has_a_paper_of_its_own() {
    let first = paper(&["--kind", "t5", "--refund", "refund_1"]);
    assert_eq!(value(&first, "RENDU SUR LA CARTE"), Some("10,00 EUR"));
    assert_eq!(value(&first, "TOTAL REMBOURSE"), Some("50,00 EUR"));
    let second = paper(&["--kind", "t5", "--refund", "refund_2", "--till"]);
    assert!(second.contains("REPARTITION ENTRE") && second.contains("EXEMPLAIRE CAISSE"), "{second}");
    let of = |name| value(&second, name);
    assert_eq!((of("DEJA REMBOURSE"), of("TOTAL REMBOURSE")), (Some("50,00 EUR"), Some("80,00 EUR")));
    assert_eq!(of("TICKET"), Some("T-77"));
}

#[test]
fn a_statement_shows_the_plan_in_force() {
    let statement = paper(&["--kind", "t7"]);
    assert!(
        statement.contains("MODIFIE APRES REMBOURSEMENT") && statement.contains("EXEMPLAIRE CLIENT"),
        "{statement}"
    );
    assert!(statement.contains("ECHEANCIER A ACTUALISER"), "the second refund came after the plan\n{statement}");
    assert_eq!(value(&statement, "24/12/2025 A VENIR"), Some("60,00 EUR"));
}

#[test]
fn a_duplicate_shows_the_payment_as_it_was_at_the_original_s_print() {
    let again = |kind: &[&str]| {
        let all: Vec<_> =
            kind.iter().chain(&["--copy", "2", "--at-reprint", "2025-11-25T10:00:00+01:00"]).copied().collect();
        paper(&all)
    };
    let first = again(&["--kind", "t1"]);
    assert!(first.contains("TRANSACTION EN COURS") && first.contains("DUPLICATA 2"), "{first}");
    assert_eq!(first.matches("DU 25/11/2025 10:00").count(), 2);
    assert_eq!(code(&on(ledger(), &["receipt", PAYMENT, "--kind", "t1"])), 1, "the payment is over");

    let schedule = again(&["--kind", "t2"]);
    assert_eq!(value(&schedule, "24/12/2025"), Some("100,00 EUR"), "{schedule}");
    let now = on(ledger(), &["receipt", PAYMENT, "--kind", "t2"]);
    assert!(code(&now) == 1 && err(&now).contains("print T7"), "an original of now: {}", err(&now));

    let refund = again(&["--kind", "t5", "--refund", "refund_1"]);
    assert_eq!(value(&refund, "RESTE A PRELEVER"), Some("60,00 EUR"), "no second refund yet\n{refund}");
    let statement = again(&["--kind", "t7"]);
    assert!(!statement.contains("A ACTUALISER"), "{statement}");
    assert_eq!(value(&statement, "TOTAL REMBOURSE"), Some("50,00 EUR"));
    assert!(paper(&["--kind", "t3", "--copy", "12"]).contains("DUPLICATA 12"), "now is a moment too");
}

/// An event of the payment that a ledger hears by itself, at this clock of the day.
fn told(ledger: &Path, number: u32, at: &str, source: &str, body: &str) {
    let line = format!(
        r#"{{"eventId":"019ab9f4-d580-7aaa-8bbb-0102030406{number:02}","merchant":"732829320","shop":74,"terminal":3,"transactionId":"{PAYMENT}","occurredAt":"2025-11-24T{at}Z","source":"SOURCE_{source}",{body}}}"#
    );
    done(on_with(ledger, &["publish", "-"], line.as_bytes()));
}

const BEGUN: &str = r#""paymentInitiated":{"amount":{"currency":"EUR","minorUnits":"20000"},"provider":"alma"}"#;

fn plan(second: u32, revision: u32) -> String {
    let entry = |number: u32, due: &str, cents: u32| {
        let eur = format!(r#"{{"currency":"EUR","minorUnits":"{cents}"}}"#);
        format!(
            r#"{{"number":{number},"dueDate":"{due}T09:00:00Z","purchaseAmount":{eur},"totalAmount":{eur},"originalPurchaseAmount":{eur}}}"#
        )
    };
    let entries = [entry(1, "2025-11-24", 20_000 - second), entry(2, "2025-12-24", second)].join(",");
    format!(
        r#""scheduleChosen":{{"version":1,"installmentsCount":2,"instalments":[{entries}],"revision":"{revision}"}}"#
    )
}

fn printed(kind: &str) -> String {
    format!(r#""ticketsPrinted":{{"tickets":[{{"kind":"TICKET_KIND_{kind}","copy":1}}]}}"#)
}

#[test]
fn a_duplicate_leaves_out_what_was_learnt_after_the_print() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let again = |kind: &str| {
        let args = ["receipt", PAYMENT, "--width", "42", "--kind", kind, "--copy", "2"];
        out(&done(on(&ledger, &args)))
    };
    told(&ledger, 1, "13:00:00", "GATEWAY", BEGUN);
    told(&ledger, 2, "13:00:30", "TERMINAL", &printed("T1_IN_PROGRESS"));
    told(&ledger, 3, "13:00:10", "PROVIDER", &plan(8_000, 0));
    told(&ledger, 4, "13:00:11", "PROVIDER", r#""paymentAccepted":{"paymentId":"payment_1"}"#);
    assert!(again("t1").contains("TRANSACTION EN COURS"), "a paper that is in the customer's hand has its duplicate");
    told(&ledger, 5, "13:00:40", "TERMINAL", &printed("T2_CUSTOMER"));
    told(&ledger, 6, "13:00:10", "PROVIDER", &plan(9_000, 1));
    assert_eq!(value(&again("t2"), "24/12/2025"), Some("80,00 EUR"), "the correction came later");
}

#[test]
fn a_print_that_is_heard_of_before_what_it_shows_has_its_duplicate_too() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    told(&ledger, 1, "13:00:40", "TERMINAL", &printed("T2_CUSTOMER"));
    told(&ledger, 2, "13:00:00", "GATEWAY", BEGUN);
    told(&ledger, 3, "13:00:10", "PROVIDER", &plan(8_000, 0));
    told(&ledger, 4, "13:00:11", "PROVIDER", r#""paymentAccepted":{"paymentId":"payment_1"}"#);
    let again = out(&done(on(&ledger, &["receipt", PAYMENT, "--width", "42", "--kind", "t2", "--copy", "2"])));
    assert_eq!(value(&again, "24/12/2025"), Some("80,00 EUR"), "{again}");
}

#[test]
fn no_duplicate_is_printed_before_its_original() {
    let day = ["receipt", "--terminal", "3", "--day", "2025-11-24", "--merchant", "732829320"];
    for args in [&["receipt", PAYMENT, "--kind", "t2"][..], &day] {
        let at = |at: &str| on(ledger(), &[args, &["--copy", "2", "--at-reprint", at]].concat());
        let refused = at("2025-11-23");
        assert!(code(&refused) == 2 && err(&refused).contains("before the original"), "{}", err(&refused));
        done(at("2025-11-24T18:45:00Z"));
    }
}

#[test]
fn an_end_of_day_is_the_terminal_s_own_where_it_is_registered() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    for args in [
        &["merchant", "add", "732829320", "--label", "Halles du Lin"][..],
        &["shop", "add", "PAR1", "--merchant", "732829320", "--label", "Halles Bastille", "--nic", "74"],
        &["terminal", "add", "3", "--merchant", "732829320", "--shop", "PAR1"],
    ] {
        done(on(&ledger, &[args, &["--as", "op-7", "--reason", "a test"]].concat()));
    }
    let said = |number: u32, source: &str, last: u32, cents: u32| {
        let body = format!(
            r#""terminalTotals":{{"terminal":3,"epoch":1,"day":"2025-11-24","lastSeq":{last},"lines":[{{"application":"alma","count":1,"amount":{{"currency":"EUR","minorUnits":"{cents}"}}}}]}}"#
        );
        let line = format!(
            r#"{{"eventId":"019ab9f4-d580-7aaa-8bbb-0102030407{number:02}","merchant":"732829320","occurredAt":"2025-11-24T18:45:00Z","source":"SOURCE_{source}",{body}}}"#
        );
        done(on_with(&ledger, &["publish", "-"], line.as_bytes()));
    };
    said(1, "TERMINAL", 8, 30_000);
    said(2, "GATEWAY", 9, 40_000);
    let paper = out(&done(on(&ledger, &["receipt", "--terminal", "3", "--day", "2025-11-24", "--width", "42"])));
    assert_eq!(value(&paper, "DERNIER NUMERO"), Some("8"), "{paper}");
    assert_eq!(value(&paper, "TOTAL ALMA (1)"), Some("300,00 EUR"), "{paper}");
    assert!(paper.contains("Halles Bastille") && paper.contains("SIRET 732 829 320 00074"), "{paper}");
}

#[test]
fn an_end_of_day_stands_beside_the_ledger_s() {
    let day = |args: &[&str]| {
        let all: Vec<_> = ["receipt", "--terminal", "3", "--day", "2025-11-24"].iter().chain(args).copied().collect();
        on(ledger(), &all)
    };
    let several = day(&[]);
    assert_eq!(code(&several), 2);
    assert!(err(&several).contains("--merchant"), "{}", err(&several));

    let paper = out(&done(day(&["--merchant", "732829320", "--width", "42", "--shop-name", "Chez Zoé"])));
    let of = |name| value(&paper, name);
    assert_eq!((of("DERNIER NUMERO"), of("NUMEROS MANQUANTS")), (Some("7"), Some("6")), "{paper}");
    assert_eq!((of("TOTAL ALMA (2)"), of("REGISTRE (1)")), (Some("200,00 EUR"), Some("200,00 EUR")));
    assert!(paper.contains("ECART AVEC LE REGISTRE") && paper.contains("Chez Zoé"), "{paper}");
    assert_eq!(of("TOTAL CB (9)"), Some("355,00 EUR"));
    assert!(paper.contains("HORS REGISTRE") && !paper.contains("DUPLICATA"));
    let again = out(&done(day(&["--merchant", "732829320", "--copy", "2"])));
    assert!(again.starts_with("      DUPLICATA 2\n"), "{again}");

    let none = on(ledger(), &["receipt", "--terminal", "4", "--day", "2025-11-24"]);
    assert_eq!((code(&none), err(&none).contains("stated no totals")), (1, true), "{}", err(&none));
}

#[test]
fn what_makes_no_paper_is_said_in_both_languages() {
    let t5: &[&str] = &[PAYMENT, "--kind", "t5"];
    for (args, exit, english, french) in [
        (t5, 1, "several refunds", "plusieurs remboursements"),
        (&[PAYMENT, "--kind", "t5", "--copy", "2"], 1, "several refunds", "plusieurs remboursements"),
        (&[PAYMENT, "--kind", "t5", "--refund", "x"], 1, "no refund of this name", "aucun remboursement"),
        (&[PAYMENT, "--kind", "t4", "--copy", "2"], 1, "no original", "aucun original"),
        (&[PAYMENT, "--kind", "t2", "--refund", "x"], 2, "--kind t5", "--kind t5"),
        (&[PAYMENT, "--kind", "t3", "--till"], 2, "t5 or t7", "t5 ou t7"),
        (&[PAYMENT, "--kind", "t2", "--at-reprint", "2025-11-25"], 2, "--copy 2 or more", "--copy 2 ou plus"),
        (&[PAYMENT, "--kind", "t2", "--copy", "2", "--at-reprint", "soon"], 2, "wants a moment", "veut un instant"),
        (&["--terminal", "3", "--day", "today"], 2, "--day", "--day"),
    ] {
        for (language, words) in [("en", english), ("fr", french)] {
            let all: Vec<_> = ["--lang", language, "receipt"].iter().chain(args).copied().collect();
            let output = on(ledger(), &all);
            assert_eq!(code(&output), exit, "{args:?} {}", err(&output));
            assert!(err(&output).contains(words), "{args:?} {}", err(&output));
        }
    }
}

#[test]
fn a_command_line_that_asks_for_no_paper_or_for_two_is_refused() {
    for args in [
        &["receipt"][..],
        &["receipt", PAYMENT],
        &["receipt", PAYMENT, "--kind", "t6"],
        &["receipt", PAYMENT, "--kind", "t2", "--copy", "0"],
        &["receipt", PAYMENT, "--kind", "t2", "--terminal", "3", "--day", "2025-11-24"],
        &["receipt", PAYMENT, "--kind", "t5", "--customer", "--till"],
        &["receipt", "--terminal", "3"],
        &["receipt", "--day", "2025-11-24"],
    ] {
        assert_eq!(code(&on(ledger(), args)), 2, "{args:?}");
    }
}
