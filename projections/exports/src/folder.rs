//! What an export is made of: every table in every form, a dictionary of their columns, and a manifest that names each file
//! by its sum.
//!
//! Invariants:
//! - the manifest names every file but itself, with its length and SHA-256
//! - sums of the manifest are those of the tables' rows
//! - the same tables and the same words about them give the same bytes
//!
//! This module writes no file: it hands over names and bytes.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use talon_domain::anomaly::Language;

use crate::comma::{Convention, comma};
use crate::error::ExportError;
use crate::sheet::workbook;
use crate::sql::database;
use crate::table::Table;

/// The version of all forms: it rises when a table, a column or a convention changes.
pub const SCHEMA: i32 = 1;

/// The name of the manifest.
pub const MANIFEST: &str = "MANIFEST.json";

/// A file of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path in the folder.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// The files of an export, the manifest last. `said` tells of what it is made: fields of the manifest.
///
/// # Errors
/// As the writers of workbooks and databases have them.
pub fn files(tables: &[Table], said: &Map<String, Value>, language: Language) -> Result<Vec<File>, ExportError> {
    let mut files = Vec::new();
    let mut add = |path: String, bytes: Vec<u8>| files.push(File { path, bytes });
    for table in tables {
        add(format!("csv/{}.csv", table.name), comma(table, Convention::Plain).into_bytes());
        add(format!("csv-fr/{}.csv", table.name), comma(table, Convention::French).into_bytes());
    }
    add("talon.xlsx".to_owned(), workbook(tables, language)?);
    add("talon.sqlite".to_owned(), database(tables, &about(said), SCHEMA)?);
    add("DICTIONARY.md".to_owned(), dictionary(tables).into_bytes());
    files.sort_by(|one, other| one.path.cmp(&other.path));
    let manifest = format!("{:#}\n", manifest(tables, said, &files));
    files.push(File { path: MANIFEST.to_owned(), bytes: manifest.into_bytes() });
    Ok(files)
}

/// The same for the database: texts as they are, all else as JSON.
fn about(said: &Map<String, Value>) -> Vec<(&str, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut about = vec![("schema", SCHEMA.to_string())];
    about.extend(said.iter().map(|(name, value)| (name.as_str(), text(value))));
    about
}

fn manifest(tables: &[Table], said: &Map<String, Value>, files: &[File]) -> Value {
    let mut manifest = Map::new();
    manifest.insert("schema".to_owned(), SCHEMA.into());
    manifest.extend(said.clone());
    let tables: Vec<_> = tables.iter().map(table_json).collect();
    manifest.insert("tables".to_owned(), tables.into());
    let files: Vec<_> = files
        .iter()
        .map(|file| json!({ "path": file.path, "bytes": file.bytes.len(), "sha256": sha256(&file.bytes) }))
        .collect();
    manifest.insert("files".to_owned(), files.into());
    Value::Object(manifest)
}

fn table_json(table: &Table) -> Value {
    let sums = table.sums().into_iter().flat_map(|(column, sums)| {
        sums.into_iter().map(move |(currency, minor)| {
            json!({ "column": column, "currency": currency.code(), "minorUnits": minor.to_string() })
        })
    });
    json!({ "name": table.name, "rows": table.rows.len(), "sums": sums.collect::<Vec<_>>() })
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What each table and column means.
fn dictionary(tables: &[Table]) -> String {
    let mut text = String::from(HEAD);
    for table in tables {
        let [french, english] = table.title;
        let key: Vec<_> = table.columns.iter().take(table.key).map(|column| format!("`{}`", column.name)).collect();
        let _ = write!(text, "\n## {}\n\n{french} / {english}. {}", table.name, table.about);
        let _ =
            writeln!(text, " Key: {}.\n\n| column | head | kind | what it means |\n|---|---|---|---|", key.join(", "));
        for column in &table.columns {
            let [french, english] = column.head;
            let head = if french == english { french.to_owned() } else { format!("{french} / {english}") };
            let _ = writeln!(text, "| `{}` | {head} | {} | {} |", column.name, column.kind.name(), column.about);
        }
    }
    text
}

const HEAD: &str = "# Data dictionary

Every table is here in five forms: `csv` for programs, `csv-fr` for a French spreadsheet, a sheet of `talon.xlsx`, a table of
`talon.sqlite`, and its rows and sums in `MANIFEST.json`. All of them hold the same rows in the same order.

| kind | csv | csv-fr | xlsx | sqlite |
|---|---|---|---|---|
| text | as it is, codes by their names; an apostrophe before what a spreadsheet would compute | the same, codes in French | a text cell, codes in the reader's language | TEXT, codes by their names |
| flag | true, false | oui, non | a word | INTEGER, 1 or 0 |
| count | 1234 | 1234 | a number; words beyond 15 digits | INTEGER |
| money | 1234.56, in major units | 1234,56 | a number with the currency's decimals; words beyond 15 digits | INTEGER, in minor units |
| day | 2025-11-24 | 24/11/2025 | a date | TEXT, 2025-11-24 |
| moment | 2025-11-24T14:00:03.000000+01:00, by the clock of Paris | 24/11/2025 14:00:03 +01:00 | a time, its offset in its format | TEXT, as in csv |

The currency of a row's amounts is in its column `currency`. An empty cell is not known, or does not apply. Days are those of
Paris. Practice is in no table. What a view counts and when it changes is told in docs/views.md, under the heading that a
table's description names.
";
