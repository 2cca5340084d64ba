//! Workbooks, read by another program than wrote them.

use std::io::Cursor;

use calamine::{Data, DataRef, Reader, Xlsx, open_workbook_from_rs};
use talon_domain::anomaly::Language;
use talon_domain::money::Currency;
use talon_exports::{Cell, Column, Kind, Table, workbook};

use crate::tables::{HOSTILE, sample};

fn read(bytes: Vec<u8>) -> Xlsx<Cursor<Vec<u8>>> {
    open_workbook_from_rs(Cursor::new(bytes)).expect("a workbook")
}

fn clock(cell: &Data) -> (u16, u8, u8, u8, u8, u8, u16) {
    let Data::DateTime(moment) = cell else { panic!("no moment: {cell:?}") };
    moment.to_ymd_hms_milli()
}

#[test]
fn words_stay_words_and_numbers_numbers() {
    let mut book = read(workbook(&[sample()], Language::French).expect("bytes"));
    assert_eq!(book.sheet_names(), ["Les  échantillons    un nom bea"]);
    let sheet = book.worksheet_range_at(0).expect("a sheet").expect("read");
    let formulas = book.worksheet_formula(&book.sheet_names()[0]).expect("a sheet");
    assert!(formulas.used_cells().next().is_none(), "no cell is computed");
    let rows: Vec<_> = sheet.rows().collect();
    assert_eq!(
        rows[0].iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["Identifiant", "Vendu le", "À", "Nombre", "Montant", "Devise", "=État", "Ouvert"]
    );
    for (row, words) in rows[1..].iter().zip(HOSTILE) {
        assert_eq!(row[0], Data::String(words.to_owned()));
    }
    assert_eq!(rows[1][3], Data::Float(123_456.0));
    assert_eq!(rows[1][4], Data::Float(1_234.56));
    assert_eq!(rows[2][4], Data::Float(-1_234.57));
    assert_eq!(clock(&rows[1][1]), (2025, 11, 24, 0, 0, 0, 0));
    // 1764000000 is 16:00:00 in UTC.
    assert_eq!(clock(&rows[1][2]), (2025, 11, 24, 17, 0, 0, 0));
}

#[test]
fn what_excel_would_round_is_words() {
    let mut book = read(workbook(&[sample()], Language::English).expect("bytes"));
    let sheet = book.worksheet_range("Samples").expect("a sheet");
    let huge = sheet.rows().next_back().expect("a row");
    assert_eq!(huge[3], Data::String("9223372036854775807".into()));
    assert_eq!(huge[4], Data::String("92233720368547758.07".into()));
    assert_eq!(huge[1], Data::Empty);
}

#[test]
fn the_same_tables_are_the_same_bytes() {
    let bytes = || workbook(&[sample()], Language::French).expect("bytes");
    assert!(bytes() == bytes(), "nothing of its making is in it");
}

#[test]
fn a_table_without_rows_has_its_heads_and_an_amount_its_decimals() {
    let column = |name, kind| Column { name, head: [name, name], about: "", kind };
    let columns = vec![column("yen", Kind::Money), column("dinar", Kind::Money)];
    let mut table = Table { name: "a", title: ["A", "A"], about: "", columns, key: 0, rows: Vec::new() };
    let mut book = read(workbook(&[table.clone()], Language::English).expect("bytes"));
    assert_eq!(book.worksheet_range("A").expect("a sheet").get_size(), (1, 2));
    let money = |code, minor| Cell::money(Currency::parse(code).expect("a code"), minor);
    table.rows.push(vec![money("JPY", 1_234), money("TND", 1_234)]);
    let mut book = read(workbook(&[table], Language::English).expect("bytes"));
    let mut cells = book.worksheet_cells_reader("A").expect("a sheet");
    let mut numbers = Vec::new();
    while let Some(cell) = cells.next_cell().expect("a cell") {
        if let DataRef::Float(number) = cell.get_value() {
            numbers.push(*number);
        }
    }
    assert_eq!(numbers, [1_234.0, 1.234]);
}

#[test]
fn two_tables_of_one_name_are_refused_with_the_name() {
    let error = workbook(&[sample(), sample()], Language::English).expect_err("one name twice").to_string();
    assert!(error.contains("the workbook cannot be written"), "{error}");
}
