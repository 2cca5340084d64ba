//! What exports, editors and people make of a table; each with the exact answer.

use encoding_rs::WINDOWS_1252;
use talon_statements::Map;

use crate::told::{alma, told};

/// A plain table: what is tested is the form.
const MAP: &str = r#"
format = "a test"
provider = "alma"
currency = "EUR"
decimal = "comma"
zone = "UTC"
[columns]
reference = ["Référence", "Reference"]
value_day = "Date"
amount = "Montant"
"#;

fn plain(file: impl AsRef<[u8]>) -> String {
    told(file.as_ref(), &Map::parse(MAP).expect("a map"), false)
}

fn by(decimal: &str, file: &str) -> String {
    let map = MAP.replace("\"comma\"", &format!("\"{decimal}\""));
    told(file.as_bytes(), &Map::parse(&map).expect("a map"), false)
}

const GOOD: &str = "Référence;Date;Montant\nA;2026-11-24;1234,56\nB;2026-11-24;-2,00\n";
const READ: &str = "\
2: adjustment 1234.56 reference=A booked=2026-11-24 value=2026-11-24 at=2026-11-24T00:00:00Z
3: adjustment -2.00 reference=B booked=2026-11-24 value=2026-11-24 at=2026-11-24T00:00:00Z";

#[test]
fn marks_line_ends_separators_and_the_order_of_columns_change_nothing() {
    assert_eq!(plain(GOOD), READ);
    assert_eq!(plain(format!("\u{feff}{GOOD}")), READ);
    assert_eq!(plain(GOOD.replace('\n', "\r\n")), READ);
    assert_eq!(plain(GOOD.replace('\n', "\r")), READ);
    assert_eq!(plain(GOOD.trim_end()), READ);
    assert_eq!(plain(GOOD.replace(';', "\t")), READ);
    assert_eq!(plain("\"Montant\",\"reference \",\"DATE\"\n\"1234,56\",A,2026-11-24\n\"-2,00\",B,24/11/2026\n"), READ);
    let padded = "Export du 25/11/2026\n\nRéférence;Date;Montant\n;;\nA;2026-11-24;1234,56\nB;2026-11-24;-2,00\n";
    assert_eq!(plain(padded), READ.replace("2: ", "5: ").replace("3: ", "6: "));
}

#[test]
fn letters_of_another_day_are_read_and_named() {
    let (old, ..) = WINDOWS_1252.encode(GOOD);
    assert_eq!(plain(old), format!("1: LOOK file_is_not_utf8 \"\"\n{READ}"));
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(GOOD.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(plain(wide), "NOT READ: the file is in UTF-16: save it as CSV UTF-8");
}

#[test]
fn quotes_hold_separators_quotes_and_line_breaks() {
    let file = "Référence;Date;Montant\n\"A;\"\"B\"\"\nC\";2026-11-24;1,00\nD;2026-11-24;2,00\n";
    assert_eq!(
        plain(file),
        "2: adjustment 1.00 reference=A;\"B\"\nC booked=2026-11-24 value=2026-11-24 at=2026-11-24T00:00:00Z\n\
         4: adjustment 2.00 reference=D booked=2026-11-24 value=2026-11-24 at=2026-11-24T00:00:00Z"
    );
    // One that stands for inches, and one that is never closed: each costs its own line and no other.
    let file = "Référence;Date;Montant\n5\" écran;2026-11-24;1,00\n\"E;2026-11-24;2,00\nD;2026-11-24;2,00\n";
    assert_eq!(
        plain(file),
        "2: adjustment 1.00 reference=5\" écran booked=2026-11-24 value=2026-11-24 at=2026-11-24T00:00:00Z\n\
         3: REFUSED 301 row_must_be_readable \"\"\n\
         4: adjustment 2.00 reference=D booked=2026-11-24 value=2026-11-24 at=2026-11-24T00:00:00Z"
    );
}

#[test]
fn a_row_that_is_too_long_or_too_short_costs_no_other() {
    let long = "x".repeat(100_000);
    let file =
        format!("Référence;Date;Montant\n{long};2026-11-24;1,00\nA;2026-11-24\nB;2026-11-24;1,00;\nC;2026-11-24;1,00");
    assert_eq!(
        plain(file),
        "2: REFUSED 301 row_must_be_readable \"\"\n\
         3: REFUSED 302 row_must_have_the_cells_of_its_header \"\"\n\
         4: REFUSED 302 row_must_have_the_cells_of_its_header \"\"\n\
         5: adjustment 1.00 reference=C booked=2026-11-24 value=2026-11-24 at=2026-11-24T00:00:00Z"
    );
    let text = "y".repeat(257);
    let file = format!("Référence;Date;Montant\n{text};2026-11-24;1,00");
    assert_eq!(plain(file), "2: REFUSED 312 text_must_be_at_most_256_bytes \"Référence\"");
}

#[test]
fn cells_that_say_nothing_or_nonsense_are_named() {
    let file = "Référence;Date;Montant\nA;;1,00\nB;2026-11-24;\nC;2026-11-31;1,00\nD;2026-11-24;1,005\nE;2026-11-24;=1+1\n\
                F;2026-11-24;99999999999999999\n";
    assert_eq!(
        plain(file),
        "2: REFUSED 303 field_must_be_stated \"Date\"\n\
         3: REFUSED 303 field_must_be_stated \"Montant\"\n\
         4: REFUSED 309 moment_must_be_readable \"Date\"\n\
         5: REFUSED 305 amount_must_be_exact \"Montant\"\n\
         6: REFUSED 304 amount_must_be_readable \"Montant\"\n\
         7: REFUSED 307 amount_must_be_in_range \"Montant\""
    );
}

#[test]
fn an_amount_is_read_by_the_maps_convention_and_no_other() {
    let read = |decimal: &str, amount: &str| {
        let told = by(decimal, &format!("Référence;Date;Montant\nA;2026-11-24;\"{amount}\""));
        told.split(" reference").next().unwrap_or_default().replace("2: adjustment ", "")
    };
    assert_eq!([read("comma", "1.234,56"), read("point", "1,234.56")], ["1234.56", "1234.56"]);
    assert_eq!(read("comma", "(12,00)"), "-12.00");
    assert_eq!(read("comma", "1,234.56"), "2: REFUSED 304 amount_must_be_readable \"Montant\"");
    assert_eq!(read("either", "1,234.56"), "1234.56");
    assert_eq!(read("either", "1.234"), "2: REFUSED 306 amount_must_have_one_meaning \"Montant\"");
}

#[test]
fn a_file_that_is_another_one_is_not_read() {
    let wrong = plain("Nom;Date\nA;2026-11-24\n");
    assert_eq!(wrong, "NOT READ: no header: this file has no column \"Montant\"; columns are found by their labels");
    assert!(plain("").starts_with("NOT READ: no header"));
    assert!(plain("{\"data\": []}").starts_with("NOT READ: this is JSON"));
    assert!(plain("PK\u{3}\u{4}no workbook").starts_with("NOT READ: the workbook cannot be read"));
    let alma = alma("Montant brut (centimes);Frais Alma (centimes)\n1;1\n");
    for label in ["Identifiant ligne comptable", "Créée (Heure Europe/Paris)", "Montant net (centimes)"] {
        assert!(alma.contains(label), "{alma}");
    }
}

#[test]
fn hours_that_are_twice_or_never_are_named() {
    let map = MAP.replace("\"UTC\"", "\"Europe/Paris\"").replace("value_day", "happened_at");
    let file = "Référence;Date;Montant\nA;2026-10-25 02:30:00;1,00\nB;2026-03-29 02:30:00;1,00\n";
    assert_eq!(
        told(file.as_bytes(), &Map::parse(&map).expect("a map"), false),
        "2: adjustment 1.00 reference=A booked=2026-10-25 at=2026-10-25T01:30:00Z\n\
         2: LOOK hour_comes_twice \"Date\"\n\
         3: REFUSED 310 moment_must_exist \"Date\""
    );
}

/// Two payments of one amount to one phone a minute apart, without ids; and the same line once more: all of them are true.
#[test]
fn legal_twins_are_numbered_and_none_is_swallowed() {
    let file = "Référence;Date;Montant\nA;2026-11-24;1,00\nA;2026-11-24;1,00\nA;2026-11-25;1,00\nA;2026-11-24;1,00\n";
    let told = plain(file);
    let occurrences: Vec<_> =
        told.lines().map(|line| line.split(" occurrence=").nth(1).map(|rest| &rest[..1])).collect();
    assert_eq!(occurrences, [None, Some("2"), None, Some("3")], "{told}");
}

#[test]
fn one_id_with_two_contents_is_named_and_both_are_kept() {
    let header = "Créée (Heure Europe/Paris);Montant brut (centimes);Frais Alma (centimes);Montant net (centimes);\
                  Identifiant ligne comptable";
    let rows = ["12000;456;11544;balance_txn_1", "12000;456;11544;balance_txn_1", "13000;456;12544;balance_txn_1"];
    let rows: Vec<_> = rows.iter().map(|row| format!("2026-11-24 10:00:00;{row}")).collect();
    let told = alma(format!("{header}\n{}", rows.join("\n")));
    let ends: Vec<_> = told.lines().map(|line| line.rsplit('Z').next().unwrap_or_default()).collect();
    assert_eq!(ends, ["", " AGAIN", " OTHERWISE"], "{told}");
}
