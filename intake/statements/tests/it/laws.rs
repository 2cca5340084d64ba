//! Laws of reading: what holds for any file.

use std::fmt::Write as _;

use proptest::prelude::*;
use talon_statements::Map;

use crate::told::{alma, told};

const LABELS: [&str; 6] = [
    "Créée (Heure Europe/Paris)",
    "Montant brut (centimes)",
    "Frais Alma (centimes)",
    "Montant net (centimes)",
    "Identifiant ligne comptable",
    "Identifiant paiement",
];

fn row() -> impl Strategy<Value = [String; 6]> {
    (0u8..28, -9_999_999i64..9_999_999, 0i64..999, 0u16..500).prop_map(|(day, gross, fee, id)| {
        [
            format!("2026-11-{:02} 10:00:00", day + 1),
            gross.to_string(),
            fee.to_string(),
            (gross - fee).to_string(),
            format!("balance_txn_{id}"),
            format!("pay \"{id}\";\n{gross}"),
        ]
    })
}

/// A table with its columns in some order.
fn table(rows: &[[String; 6]], order: &[usize]) -> String {
    let mut file = String::new();
    let cells = |row: &[&str]| -> String {
        order.iter().map(|at| format!("\"{}\"", row[*at].replace('"', "\"\""))).collect::<Vec<_>>().join(";")
    };
    let _ = writeln!(file, "{}", cells(&LABELS));
    for row in rows {
        let _ = writeln!(file, "{}", cells(&row.each_ref().map(String::as_str)));
    }
    file
}

proptest! {
    /// Where columns stand means nothing.
    #[test]
    fn any_order_of_columns_gives_the_same_lines(
        rows in proptest::collection::vec(row(), 1..20),
        order in Just((0..6).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        let straight: Vec<_> = (0..6).collect();
        prop_assert_eq!(alma(table(&rows, &order)), alma(table(&rows, &straight)));
    }

    /// A file that was cut anywhere says of its whole rows what the whole file says of them.
    #[test]
    fn a_cut_file_loses_what_was_cut_and_nothing_else(
        rows in proptest::collection::vec(row(), 2..12),
        cut in any::<prop::sample::Index>(),
    ) {
        let file = table(&rows, &[0, 1, 2, 3, 4, 5]);
        let header = file.find('\n').expect("a header") + 1;
        let mut at = header + cut.index(file.len() - header);
        while !file.is_char_boundary(at) {
            at -= 1;
        }
        let (whole, part) = (alma(&file), alma(&file[..at]));
        let (whole, part): (Vec<_>, Vec<_>) = (whole.lines().collect(), part.lines().collect());
        // The last row may be refused, or read as what is left of it: an amount or an id may be cut to another one.
        let same = part.iter().zip(&whole).take_while(|(part, whole)| part == whole).count();
        prop_assert!(part.iter().skip(same).filter(|line| line.contains(": ")).count() <= 2, "{:?}\n{:?}", part, whole);
    }

    /// Whatever bytes come, each answer is a line, a refusal or an error, and no panic.
    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let map = Map::alma().expect("a map");
        let _ = told(&bytes, &map, true);
        let headed = [LABELS.join(";").as_bytes(), b"\n", &bytes].concat();
        let _ = told(&headed, &map, true);
        let _ = told(&[b"[", bytes.as_slice()].concat(), &map, true);
    }
}
