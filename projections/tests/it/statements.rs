//! What terminals and tills state of a day beside the ledger, and which payments may explain a difference.

use std::ops::RangeInclusive;

use talon_domain::time::Day;
use talon_projections::terminals::{Statement, Suspicion, Teller, day_statements};

use crate::facts::{MERCHANT, day, fact};
use crate::projection::projected;

/// Three payments of terminal 417 and till C1: 100.00 accepted and printed, 60.00 accepted and not printed, 40.00 without
/// an end. None of them is debited yet, so all are open.
const DAY: [&str; 8] = [
    "PaymentInitiated t417 shop=74 till=C1 100.00 by=alma",
    "PaymentAccepted provider 100.00 by=alma id=P1",
    "TicketsPrinted t417",
    "PaymentInitiated t417 shop=74 till=C1 60.00 by=alma p2",
    "PaymentAccepted provider 60.00 by=alma id=P2 p2",
    "PaymentInitiated t417 shop=74 till=C1 40.00 by=alma p3",
    "PaymentInitiated t418 shop=74 till=C2 40.00 by=alma p4",
    "PaymentInitiated t417 shop=74 till=C1 40.00 by=alma p5 training",
];

fn stated(more: &[&str], days: RangeInclusive<Day>) -> Vec<Statement> {
    let told: Vec<_> = (1..).zip(DAY.iter().chain(more)).map(|(number, line)| fact(line, number)).collect();
    day_statements(projected(&told, 2).tables(), MERCHANT, days).expect("memory")
}

fn today(more: &[&str]) -> Vec<Statement> {
    stated(more, day("2026-11-25")..=day("2026-11-25"))
}

fn in_words(statements: &[Statement]) -> Vec<String> {
    let suspects = |of: &Statement| {
        let one = |suspect: &talon_projections::terminals::Suspect| {
            let why: Vec<_> = suspect.why.iter().map(|why| why.name()).collect();
            format!("; p{} {}", suspect.key.stream.0[15], why.join(" "))
        };
        of.suspects.iter().map(one).collect::<String>()
    };
    let all = statements.iter().map(|of| {
        let teller = match &of.teller {
            Teller::Terminal(terminal) => format!("t{terminal}"),
            Teller::Till(shop, till) => format!("{shop} {till}"),
        };
        let counted = of.total.counted.map_or("-".into(), |sum| format!("{}/{}", sum.count, sum.net));
        let (stated, difference) = (of.total.stated, of.total.difference());
        format!(
            "{} {teller} {} {}/{} {counted} {:+}/{:+}{}",
            of.total.day,
            of.total.application,
            stated.count,
            stated.net,
            difference.count,
            difference.net,
            suspects(of)
        )
    });
    all.collect()
}

#[test]
fn a_terminal_and_a_till_that_agree_are_suspected_of_nothing() {
    let statements = today(&[
        "TerminalTotals terminal t417 e1 day=2026-11-25 alma=2/160.00 cb=9/700.00",
        "TillTotals person shop=74 till=C1 day=2026-11-25 tender=ALMA n=2 160.00",
    ]);
    assert_eq!(
        in_words(&statements),
        [
            "2026-11-25 t417 alma 2/16000 2/16000 +0/+0",
            "2026-11-25 t417 cb 9/70000 - +0/+0",
            "2026-11-25 74 C1 alma 2/16000 2/16000 +0/+0",
        ]
    );
}

#[test]
fn a_payment_of_the_difference_comes_first_then_what_is_not_printed_or_finished() {
    let statements = today(&["TerminalTotals terminal t417 e1 day=2026-11-25 alma=3/200.00"]);
    assert_eq!(
        in_words(&statements),
        ["2026-11-25 t417 alma 3/20000 2/16000 +1/+4000; p3 is_the_difference is_open; p2 has_no_ticket is_open; \
          p1 is_open"]
    );
}

#[test]
fn what_was_added_in_place_of_being_taken_away_is_half_the_difference() {
    let statements = today(&["TillTotals person shop=74 till=C1 day=2026-11-25 tender=Alma n=2 360.00"]);
    assert_eq!(
        in_words(&statements),
        [
            "2026-11-25 74 C1 alma 2/36000 2/16000 +0/+20000; p1 is_half_the_difference is_open; p2 has_no_ticket is_open; \
          p3 is_open; p4 is_open"
        ]
    );
}

#[test]
fn only_the_days_that_are_asked_for_are_answered_in_their_order() {
    let more = [
        "TerminalTotals terminal t417 e1 day=2026-11-26 alma=0/0.00",
        "TerminalTotals terminal t417 e1 day=2026-11-25 alma=2/160.00",
        "TillTotals person shop=74 till=C1 day=2026-11-25 tender=alma n=2 160.00",
        "TerminalTotals terminal t417 e1 day=2026-11-24 alma=0/0.00",
        "TerminalTotals terminal t417 e1 day=2026-11-25 alma=5/500.00 training m=1",
        "TerminalTotals terminal t417 e1 day=2026-11-25 alma=1/0.01 m=731829320",
    ];
    let days = stated(&more, day("2026-11-25")..=day("2026-11-26"));
    assert_eq!(
        in_words(&days),
        [
            "2026-11-25 t417 alma 2/16000 2/16000 +0/+0",
            "2026-11-25 74 C1 alma 2/16000 2/16000 +0/+0",
            "2026-11-26 t417 alma 0/0 0/0 +0/+0",
        ]
    );
}

#[test]
fn a_refund_is_the_tills_if_the_payments_own_terminal_made_it() {
    let refund = |terminal: &str| {
        let asked = format!("RefundRequested {terminal} 30.00 request=R1 by=alma");
        let done = "RefundCompleted provider 30.00 request=R1 id=F1 by=alma";
        let said = "TillTotals person shop=74 till=C1 day=2026-11-25 tender=alma n=3 130.00";
        in_words(&today(&[asked.as_str(), done, said])).concat()
    };
    assert_eq!(refund("t417"), "2026-11-25 74 C1 alma 3/13000 3/13000 +0/+0");
    assert!(refund("t418").starts_with("2026-11-25 74 C1 alma 3/13000 2/16000 +1/-3000; p1 is_the_difference"));
}

#[test]
fn every_suspicion_has_words_of_its_own() {
    use talon_domain::anomaly::Language::{English, French};
    let all = [Suspicion::IsTheDifference, Suspicion::IsHalfTheDifference, Suspicion::HasNoTicket, Suspicion::IsOpen];
    let words: std::collections::BTreeSet<_> =
        all.iter().flat_map(|why| [why.words(French), why.words(English)]).collect();
    assert_eq!(words.len(), 8);
}
