//! Tables to be written: every kind of cell, and words that a publisher chose to do harm.

use talon_domain::money::Currency;
use talon_domain::time::{Day, Instant};
use talon_exports::{Cell, Column, Kind, Table, Word};

/// A code with words for people.
pub(crate) const LATE: Word = Word { name: "late", words: ["en retard", "late"] };

/// What a spreadsheet would compute, or trip over.
pub(crate) const HOSTILE: [&str; 9] = [
    "=HYPERLINK(\"evil\")",
    "+33",
    "-1+2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "a;b,\"c\"\nd",
    "00042",
    "_x0041_\u{1}\u{202e}é",
];

pub(crate) fn eur(minor: i128) -> Cell {
    Cell::money(Currency::EUR, minor)
}

/// One row of every kind for each hostile word, amounts of both signs, and a row of nothing.
pub(crate) fn sample() -> Table {
    let column = |name, head, kind| Column { name, head, about: "Said in a test.", kind };
    let columns = vec![
        column("id", ["Identifiant", "Id"], Kind::Text),
        column("sold_on", ["Vendu le", "Sold on"], Kind::Day),
        column("at", ["À", "At"], Kind::Moment),
        column("count", ["Nombre", "Count"], Kind::Count),
        column("amount", ["Montant", "Amount"], Kind::Money),
        column("currency", ["Devise", "Currency"], Kind::Text),
        column("status", ["=État", "Status"], Kind::Text),
        column("open", ["Ouvert", "Open"], Kind::Flag),
    ];
    let row = |(minor, words): (i128, &&str)| {
        let moment = Instant(1_764_000_000_000_000 + i64::try_from(minor).expect("small"));
        let day = Day::of(2025, 11, 24).expect("a day");
        let amount = eur(if minor % 2 == 0 { minor } else { -minor });
        vec![
            Cell::text(*words),
            day.into(),
            moment.into(),
            Cell::count(minor),
            amount,
            Cell::text("EUR"),
            LATE.into(),
            true.into(),
        ]
    };
    let mut rows: Vec<_> = (123_456..).zip(&HOSTILE).map(row).collect();
    let huge =
        [Cell::Count(i64::MAX), eur(i128::from(i64::MAX)), Cell::text("EUR"), vec![LATE, LATE].into(), false.into()];
    rows.push([Cell::text("huge"), Cell::Nothing, Cell::Nothing].into_iter().chain(huge).collect());
    let title = ["Les [échantillons] : un nom beaucoup trop long", "Samples"];
    Table { name: "samples", title, about: "A sample.", columns, key: 1, rows }
}
