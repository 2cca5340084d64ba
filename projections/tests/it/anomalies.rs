//! Anomalies over days of recording: what stands, since when, and what cleared it.

use talon_domain::anomaly::{Code, Severity};
use talon_projections::anomalies::{AnomalyLine, Count, Filter, counts, list};
use talon_testkit::traffic::{Histories, History};

use crate::facts::{MERCHANT, day};
use crate::projected::{Projected, projected, replayed};

/// `initiation_must_be_known initiation since 24 cleared 26 by PaymentInitiated of gateway`.
fn shown(line: &AnomalyLine) -> String {
    let of_month = |day: talon_domain::time::Day| day.to_string()[8..].to_owned();
    let cleared = line.cleared.map(|cleared| {
        let (day, kind, source) = (of_month(cleared.day), cleared.kind.name(), cleared.source.name());
        format!(" cleared {day} by {kind} of {source}")
    });
    format!("{} {} since {}{}", line.code, line.slot, of_month(line.since), cleared.unwrap_or_default())
}

fn found(projected: &Projected, filter: &Filter) -> Vec<String> {
    list(projected.tables(), filter).expect("in memory").iter().map(shown).collect()
}

fn all(lines: &str) -> Vec<String> {
    found(&projected(lines), &Filter::default())
}

const LATE: &str = "PaymentAccepted t417 300.00 recorded=24T10:00 at=24T10:00";

#[test]
fn what_stands_says_since_when() {
    assert_eq!(all(LATE), ["initiation_must_be_known initiation since 24"]);
    let later = format!("{LATE}\n TicketsPrinted t417 t2 t3 recorded=26T10:00");
    assert_eq!(all(&later), ["initiation_must_be_known initiation since 24"], "another day changes nothing");
}

#[test]
fn what_no_longer_stands_says_what_cleared_it() {
    let lines = format!(
        "{LATE}
        TicketsPrinted t417 t2 t3 recorded=26T10:00
        PaymentInitiated t417 300.00 recorded=26T11:00
        InstalmentDebited 300.00 provider recorded=27T10:00"
    );
    let cleared = "initiation_must_be_known initiation since 24 cleared 26 by PaymentInitiated of gateway";
    assert_eq!(all(&lines), [cleared, "schedule_must_be_known plan(1) since 27"]);
}

#[test]
fn what_came_and_went_within_a_day_was_not_seen() {
    let lines = "PaymentAccepted t417 300.00 recorded=24T10:00
        PaymentInitiated t417 300.00 recorded=24T22:59";
    assert_eq!(all(lines), [""; 0]);
    let next_day = lines.replace("22:59", "23:00");
    let cleared = "initiation_must_be_known initiation since 24 cleared 25 by PaymentInitiated of gateway";
    assert_eq!(all(&next_day), [cleared], "midnight in Paris");
}

/// A stream that somebody floods would else be judged once for each of its facts, whenever one more comes.
#[test]
fn of_a_flooded_stream_the_last_fact_of_the_day_is_named() {
    let cleared_in = |facts: usize| {
        let flood: Vec<_> = (1..=facts).map(|n| format!("SmsSent t417 n={n} recorded=26T12:00")).collect();
        all(&format!("{LATE}\n PaymentInitiated t417 300.00 recorded=26T11:00\n{}", flood.join("\n")))
    };
    let cleared = |by| vec![format!("initiation_must_be_known initiation since 24 cleared 26 by {by}")];
    assert_eq!(cleared_in(510), cleared("PaymentInitiated of gateway"));
    assert_eq!(cleared_in(511), cleared("SmsSent of gateway"));
}

#[test]
fn what_comes_back_stands_since_then() {
    let lines = format!(
        "{LATE}
        PaymentInitiated t417 300.00 recorded=25T10:00
        FactReversed fact=2 provider recorded=26T10:00"
    );
    assert_eq!(all(&lines), ["initiation_must_be_known initiation since 26"]);
    let again = format!("{lines}\n PaymentInitiated t417 300.00 provider recorded=27T10:00 rev=2");
    let cleared = "initiation_must_be_known initiation since 26 cleared 27 by PaymentInitiated of provider";
    assert_eq!(all(&again), [cleared]);
}

/// The day of the ledger turns with the latest clock that it has seen: one that goes back opens no day again.
#[test]
fn a_clock_that_goes_back_begins_no_other_day() {
    let lines = "SmsSent t417 p9 n=1 recorded=26T10:00
        PaymentAccepted t417 300.00 recorded=24T10:00
        PaymentInitiated t417 300.00 recorded=25T10:00";
    assert_eq!(all(lines), ["initiation_must_be_known initiation since 26"]);
}

#[test]
fn names_beside_payments_have_anomalies_too() {
    let lines = "ShopRegistered code=N1 town=Nantes recorded=24T10:00
        ShopRegistered gateway code=N1 town=Rezé recorded=25T10:00";
    assert_eq!(all(lines), ["witnesses_must_agree shop(N1) since 25"]);
    let corrected = format!("{lines}\n ShopRegistered code=N1 town=Rezé rev=1 recorded=27T10:00");
    let cleared = "witnesses_must_agree shop(N1) since 25 cleared 27 by ShopRegistered of person";
    assert_eq!(all(&corrected), [cleared]);
}

#[test]
fn anomalies_are_asked_for_by_code_severity_merchant_days_and_end() {
    let projected = projected(
        "PaymentAccepted t417 p1 300.00 recorded=20T10:00
        PaymentInitiated t417 p1 300.00 recorded=23T10:00
        PaymentAccepted t417 p2 300.00 recorded=24T10:00
        PaymentAccepted t417 p3 m=552100554 300.00 recorded=24T10:00
        PaymentInitiated t417 p4 300.00 recorded=25T10:00
        PaymentAccepted t417 p4 310.00 recorded=25T10:00
        PaymentAccepted t417 p5 300.00 training recorded=25T10:00",
    );
    let asked = |filter: Filter| found(&projected, &filter).len();
    let usual = Filter::default;
    assert_eq!(asked(usual()), 4);
    assert_eq!(asked(Filter { with_training: true, ..usual() }), 5);
    assert_eq!(asked(Filter { merchant: Some(MERCHANT), ..usual() }), 3);
    assert_eq!(asked(Filter { code: Some(Code::SaleAmountMustAgree), ..usual() }), 1);
    let known = Some(Code::InitiationMustBeKnown);
    assert_eq!(asked(Filter { merchant: Some(MERCHANT), code: known, ..usual() }), 2);
    assert_eq!(asked(Filter { severity: Some(Severity::Warning), ..usual() }), 3);
    assert_eq!(asked(Filter { is_cleared: Some(true), ..usual() }), 1);
    assert_eq!(asked(Filter { is_cleared: Some(false), ..usual() }), 3);
    let days = |from: &str, to: &str| asked(Filter { days: Some(day(from)..=day(to)), ..usual() });
    assert_eq!((days("2026-11-19", "2026-11-19"), days("2026-11-23", "2026-11-23")), (0, 1));
    assert_eq!((days("2026-11-24", "2026-11-24"), days("2026-11-25", "2026-11-30")), (2, 3));
    assert_eq!(found(&projected, &usual())[0], "sale_amount_must_agree initiation since 25", "the gravest first");
    let counted = counts(projected.tables(), &usual()).expect("in memory");
    assert_eq!(counted.get(&Code::InitiationMustBeKnown), Some(&Count { standing: 2, cleared: 1 }));
    assert_eq!(counted.get(&Code::SaleAmountMustAgree), Some(&Count { standing: 1, cleared: 0 }));
}

/// When something was seen depends on the order in which facts came; what stands does not.
#[test]
fn no_order_changes_what_stands() {
    let everything = Filter { with_training: true, is_cleared: Some(false), ..Filter::default() };
    let stands = |history: &History| {
        let lines = list(replayed(history).tables(), &everything).expect("in memory");
        let mut standing: Vec<_> = lines.into_iter().map(|line| (line.code, line.key, line.slot)).collect();
        standing.sort();
        standing
    };
    let mut standing = 0;
    for history in Histories::of(9_000).filter(|history| !history.has_conflict()).take(100) {
        let expected = stands(&history);
        for other in [history.shuffled(history.seed), history.doubled()] {
            assert_eq!(stands(&other), expected, "seed {}", history.seed);
        }
        standing += expected.len();
    }
    assert!(standing > 150, "only {standing} stood");
}
