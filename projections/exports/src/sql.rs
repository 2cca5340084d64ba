//! Tables as a file of SQLite: what any tool for analysis opens.
//!
//! - an amount is an INTEGER of minor units, and its currency is in the row; a flag is 0 or 1
//! - a day is `2025-11-24`, a moment `2025-11-24T14:00:03.120000+01:00`: text, by the clock of Paris
//! - codes are their names
//! - `columns` says what each column means, `about` what the whole is made of
//!
//! Invariants:
//! - the same tables give the same bytes: pages, versions and the order of writing are fixed, and no time is written
//! - a row that is not told from another by its table's key refuses the file: it would count twice
//!
//! The database is made in memory and handed over as bytes: this module opens no file.

use rusqlite::types::Value;
use rusqlite::{Connection, MAIN_DB, params_from_iter};

use crate::error::ExportError;
use crate::moment::iso;
use crate::table::{Cell, Column, Kind, Table};

/// "TALN".
const APPLICATION_ID: i32 = 0x5441_4c4e;

/// The bytes of a database.
///
/// # Errors
/// [`ExportError::Sql`] where a row comes twice or the database refuses, [`ExportError::TooLarge`] for an amount beyond 64
/// bits.
pub fn database(tables: &[Table], about: &[(&str, String)], version: i32) -> Result<Vec<u8>, ExportError> {
    let refused = ExportError::sql("about");
    let mut connection = Connection::open_in_memory().map_err(&refused)?;
    let pragmas = format!(
        "PRAGMA page_size = 4096; PRAGMA encoding = 'UTF-8'; PRAGMA journal_mode = OFF; PRAGMA auto_vacuum = NONE;
         PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {version};"
    );
    connection.execute_batch(&pragmas).map_err(&refused)?;
    connection.execute_batch("BEGIN").map_err(&refused)?;
    describe(&connection, tables, about).map_err(&refused)?;
    tables.iter().try_for_each(|table| fill(&connection, table))?;
    connection.execute_batch("COMMIT").map_err(&refused)?;
    let bytes = connection.serialize(MAIN_DB).map_err(&refused)?;
    Ok(bytes.to_vec())
}

/// What each column means, and what the whole is made of.
fn describe(connection: &Connection, tables: &[Table], about: &[(&str, String)]) -> rusqlite::Result<()> {
    connection.execute_batch(
        "CREATE TABLE about (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
         CREATE TABLE columns (table_name TEXT NOT NULL, place INTEGER NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
         head_fr TEXT NOT NULL, head_en TEXT NOT NULL, about TEXT NOT NULL, PRIMARY KEY (table_name, name));",
    )?;
    let mut said = connection.prepare("INSERT INTO about VALUES (?, ?)")?;
    for (name, value) in about {
        said.execute([*name, value])?;
    }
    let mut column = connection.prepare("INSERT INTO columns VALUES (?, ?, ?, ?, ?, ?, ?)")?;
    for table in tables {
        for (place, of) in (1_i64..).zip(&table.columns) {
            let [french, english] = of.head;
            column.execute((table.name, place, of.name, of.kind.name(), french, english, of.about))?;
        }
    }
    Ok(())
}

fn fill(connection: &Connection, table: &Table) -> Result<(), ExportError> {
    let refused = ExportError::sql(table.name);
    connection.execute_batch(&declared(table)).map_err(&refused)?;
    let places = vec!["?"; table.columns.len()].join(", ");
    let mut insert = connection.prepare(&format!("INSERT INTO {} VALUES ({places})", table.name)).map_err(&refused)?;
    for row in &table.rows {
        let cells = table.columns.iter().zip(row).map(|(column, cell)| value(cell, (table.name, column.name)));
        let cells = cells.collect::<Result<Vec<_>, _>>()?;
        insert.execute(params_from_iter(cells)).map_err(&refused)?;
    }
    Ok(())
}

/// The statement that makes a table.
fn declared(table: &Table) -> String {
    let key: Vec<_> = table.columns.iter().take(table.key).map(|column| column.name).collect();
    let mut parts: Vec<_> =
        table.columns.iter().enumerate().map(|(at, column)| declared_column(column, at < table.key)).collect();
    if !key.is_empty() {
        parts.push(format!("PRIMARY KEY ({})", key.join(", ")));
    }
    format!("CREATE TABLE {} ({})", table.name, parts.join(", "))
}

fn declared_column(column: &Column, is_key: bool) -> String {
    let kind = match column.kind {
        Kind::Text | Kind::Day | Kind::Moment => "TEXT",
        Kind::Flag | Kind::Count | Kind::Money => "INTEGER",
    };
    format!("{} {kind}{}", column.name, if is_key { " NOT NULL" } else { "" })
}

fn value(cell: &Cell, (table, column): (&'static str, &'static str)) -> Result<Value, ExportError> {
    Ok(match cell {
        Cell::Nothing => Value::Null,
        Cell::Text(words) => Value::Text(words.clone()),
        Cell::Words(words) => Value::Text(Cell::names(words)),
        Cell::Flag(flag) => Value::Integer(i64::from(*flag)),
        Cell::Count(number) => Value::Integer(*number),
        Cell::Money { minor, .. } => {
            Value::Integer(i64::try_from(*minor).map_err(|_| ExportError::TooLarge { table, column })?)
        }
        Cell::Day(day) => Value::Text(day.to_string()),
        Cell::Moment(moment) => Value::Text(iso(*moment)),
    })
}
