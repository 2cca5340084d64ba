//! Holds `docs/format.md` against the code: the rule of the day, and the rows of the state digest.

use std::collections::BTreeSet;

use talon_domain::claim::natural_stream;
use talon_domain::fact::Kind;
use talon_domain::fold::Fold;
use talon_domain::ordered::{Rulings, VoidReason};
use talon_domain::time::Instant;

use crate::history::{fact, partition};

/// The rows of a table of the page, each cut into its cells.
fn table(name: &str) -> Vec<Vec<String>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/format.md");
    let page = std::fs::read_to_string(path).expect("the page");
    let start = format!("<!-- table: {name} -->");
    let body = page.split(&start).nth(1).unwrap_or_else(|| panic!("no table {name}"));
    let rows = body.split("<!-- end -->").next().unwrap_or_default().lines().skip(3);
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

#[test]
fn the_page_tells_the_day_as_the_code_does() {
    let rows = table("days");
    assert!(rows.len() >= 7);
    for row in rows {
        let at = chrono::DateTime::parse_from_rfc3339(&row[0]).expect("a time").timestamp_micros();
        assert_eq!(Instant(at).paris_day().map(|day| day.to_string()), Some(row[1].clone()), "{}", row[0]);
    }
}

/// What the page shows is golden: rows are added to it, and those that were there when the format was frozen stay.
#[test]
fn the_page_has_every_golden_row() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/format.md")).expect("the page");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
    let files: Vec<_> =
        std::fs::read_dir(folder).expect("the goldens").map(|file| file.expect("a file").path()).collect();
    assert_eq!(files.len(), 7);
    for file in files {
        for row in std::fs::read_to_string(&file).expect("a text").lines() {
            assert!(page.lines().any(|line| line == row), "{}: {row}", file.display());
        }
    }
}

#[test]
fn golden_lines_never_get_another_name() {
    let rows = table("golden-lines");
    assert!(rows.len() >= 3);
    for row in rows {
        let made = natural_stream(&fact(&row[0], 1).payload).expect("a stream");
        assert_eq!(made.to_string(), row[1], "{}", row[0]);
    }
}

#[test]
fn golden_rows_of_the_digest_never_change() {
    let rows = table("golden-rows");
    assert!(rows.len() >= 3);
    for row in rows {
        let mut fold = Fold::new();
        for (number, line) in (1..).zip(row[0].split("; ")) {
            fold.apply(partition(line), fact(line, number));
        }
        assert_eq!(fold.digest().to_string(), row[1], "{}", row[0]);
    }
}

/// What is written without an activation is a list of the format, not of a release.
#[test]
fn the_page_tells_which_kinds_are_written_from_the_beginning() {
    let rows = table("born");
    let ranges: Vec<_> = rows.iter().map(|row| [0, 1].map(|at| row[at].parse::<u16>().expect("a kind"))).collect();
    let rulings = Rulings::default();
    for kind in 0..=u16::MAX {
        let is_born = ranges.iter().any(|[from, to]| (*from..=*to).contains(&kind));
        assert_eq!(rulings.is_active(Kind(kind), 1), is_born, "{kind}");
        assert!(!rulings.is_active(Kind(kind), 2), "{kind}");
    }
}

#[test]
fn the_page_tells_every_reason_for_which_a_fact_is_void() {
    let names: BTreeSet<String> = table("void").into_iter().map(|row| row[1].clone()).collect();
    let reasons = [
        VoidReason::ActivationMustComeFromTheLedger,
        VoidReason::KindMustBeActivatable,
        VoidReason::SchemaMustNotBeActive,
        VoidReason::FoldMustBeNewer,
        VoidReason::ErasureMustComeFromTheLedger,
        VoidReason::SubjectMustNotBeErased,
        VoidReason::KindMustBeActive,
        VoidReason::NoteMustComeFromAPerson,
    ];
    assert_eq!(names, reasons.iter().map(|reason| reason.name().to_owned()).collect());
}
