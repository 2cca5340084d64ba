//! A database, opened by SQLite as anybody would.

use rusqlite::Connection;
use rusqlite::types::Value;
use talon_exports::{Cell, ExportError, database};

use crate::tables::{HOSTILE, eur, sample};

fn opened(bytes: &[u8]) -> (tempfile::TempDir, Connection) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("talon.sqlite");
    std::fs::write(&path, bytes).expect("room");
    let connection = Connection::open(path).expect("a database");
    (folder, connection)
}

fn said() -> Vec<(&'static str, String)> {
    vec![("from", "2025-11-24".to_owned()), ("as_of", "4:120".to_owned())]
}

#[test]
fn rows_are_whole_numbers_and_words_as_they_are() {
    let (_folder, database) = opened(&database(&[sample()], &said(), 1).expect("bytes"));
    let mut rows =
        database.prepare("SELECT id, sold_on, at, count, amount, status, open FROM samples").expect("columns");
    let rows = rows.query_map([], |row| (0..7).map(|at| row.get(at)).collect::<Result<Vec<Value>, _>>()).expect("rows");
    let rows: Vec<_> = rows.map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), HOSTILE.len() + 1);
    let text = |text: &str| Value::Text(text.to_owned());
    for (row, words) in rows.iter().zip(HOSTILE) {
        assert_eq!(row[0], text(words));
    }
    let moment = text("2025-11-24T17:00:00.123457+01:00");
    let numbers = [Value::Integer(123_457), Value::Integer(-123_457), text("late"), Value::Integer(1)];
    assert_eq!(rows[1], [&[text("+33"), text("2025-11-24"), moment][..], &numbers].concat());
    assert_eq!((&rows[9][1], &rows[9][4]), (&Value::Null, &Value::Integer(i64::MAX)));
}

#[test]
fn it_describes_itself() {
    let (_folder, database) = opened(&database(&[sample()], &said(), 7).expect("bytes"));
    let one = |sql: &str| database.query_row(sql, [], |row| row.get::<_, Value>(0)).expect("a value");
    let text = |text: &str| Value::Text(text.to_owned());
    assert_eq!(one("SELECT value FROM about WHERE name = 'as_of'"), text("4:120"));
    assert_eq!(one("SELECT count(*) FROM columns WHERE table_name = 'samples'"), Value::Integer(8));
    assert_eq!(one("SELECT head_fr FROM columns WHERE place = 5"), text("Montant"));
    assert_eq!(one("SELECT name FROM pragma_table_info('samples') WHERE pk = 1"), text("id"));
    assert_eq!(one("SELECT type FROM pragma_table_info('samples') WHERE name = 'amount'"), text("INTEGER"));
    assert_eq!(
        (one("PRAGMA user_version"), one("PRAGMA application_id")),
        (Value::Integer(7), Value::Integer(1_413_565_518))
    );
    assert_eq!(one("PRAGMA integrity_check"), text("ok"));
}

#[test]
fn a_row_that_comes_twice_is_refused() {
    let mut table = sample();
    table.rows.push(table.rows[0].clone());
    let error = database(&[table], &said(), 1).expect_err("a key twice").to_string();
    assert!(error.contains("at the table samples") && error.contains("UNIQUE"), "{error}");
}

#[test]
fn an_amount_beyond_its_column_is_refused_and_not_cut() {
    let mut table = sample();
    table.rows[3][4] = eur(i128::from(i64::MAX) + 1);
    let error = database(&[table.clone()], &said(), 1).expect_err("too large");
    assert!(matches!(error, ExportError::TooLarge { table: "samples", column: "amount" }), "{error}");
    table.rows[3][4] = Cell::Nothing;
    assert!(database(&[table], &said(), 1).is_ok());
}
