//! Runs the tables in `tests/tables/`. A table names its columns in the line that begins with `arrives`; each further
//! line is a fact, and what its stream looks like once it arrived. An empty cell says nothing, `"` is what stood above.
//!
//! Every table is run again shuffled, reversed, and with every line told twice: the end must be the same, to the byte.
//! A table whose title says "in this order" is of what the order of the ledger decides, and is run as it stands.

use std::fmt::Write as _;

use talon_domain::fact::Fact;
use talon_domain::fold::Fold;
use talon_domain::ids::PartitionId;

use crate::history::{fact, partition, shuffled};

mod show;

#[test]
fn every_table_holds_in_every_order() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tables");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("the tables").map(|e| e.expect("an entry").path()).collect();
    files.sort();
    let mut wrong = String::new();
    let mut tables = 0;
    for path in files {
        let text = std::fs::read_to_string(&path).expect("a table");
        for table in text.split("\n== ").skip(1) {
            tables += 1;
            if let Err(why) = run(table) {
                let _ = writeln!(wrong, "\n{}: {why}", path.file_name().unwrap_or_default().to_string_lossy());
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(tables > 120, "only {tables} tables were found");
}

/// A record of a table: in which partition, and what.
pub(crate) type Record = (PartitionId, Fact);

/// The facts of a table's lines.
pub(crate) fn records<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<Record> {
    (1..).zip(lines).map(|(number, line)| (partition(line), fact(line, number))).collect()
}

/// Runs one table; says which cell is wrong.
fn run(table: &str) -> Result<(), String> {
    let mut lines = table.lines();
    let title = lines.next().unwrap_or_default();
    let mut lines = lines.filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let columns = cells(lines.next().filter(|line| line.starts_with("arrives")).ok_or(format!("{title}: no columns"))?);
    let rows: Vec<_> = lines.map(cells).collect();
    let mut above: Vec<String> = vec![String::new(); columns.len()];
    let mut fold = Fold::new();
    let records = records(rows.iter().map(|row| row[0]));
    for (row, (partition, arrived)) in rows.iter().zip(&records) {
        let verdict = fold.apply(*partition, arrived.clone());
        for (at, column) in columns.iter().enumerate().skip(1) {
            match row.get(at).copied().unwrap_or_default() {
                "" => continue,
                "\"" => {}
                cell => cell.clone_into(&mut above[at]),
            }
            let expected = &above[at];
            let seen = show::observe(&fold, (*partition, arrived), verdict, column);
            if seen != *expected {
                return Err(format!("{title}\n  {}\n  {column}: expected {expected}, the fold says {seen}", row[0]));
            }
        }
    }
    // Which of two contents came first is a matter of order, by definition.
    let ordered = title.contains("in this order") || fold.counts().conflicts > 0;
    if ordered { Ok(()) } else { same_in_every_order(title, &fold, &records) }
}

fn cells(line: &str) -> Vec<&str> {
    line.split('|').map(str::trim).collect()
}

fn same_in_every_order(title: &str, fold: &Fold, records: &[Record]) -> Result<(), String> {
    let mut orders: Vec<Vec<Record>> = (1..=24).map(|seed| shuffled(records, seed)).collect();
    orders.push(records.iter().rev().cloned().collect());
    orders.push(records.iter().flat_map(|record| [record.clone(), record.clone()]).collect());
    for order in orders {
        let mut other = Fold::new();
        order.into_iter().for_each(|(partition, fact)| {
            other.apply(partition, fact);
        });
        for (key, stream) in fold.streams() {
            let (a, b) = (stream.whole(key), other.stream(key).map(|stream| stream.whole(key)));
            if Some(&a) != b.as_ref() {
                return Err(format!("{title}: another order gives another state\n{a:#?}\n{b:#?}"));
            }
        }
        if fold.digest() != other.digest() {
            return Err(format!("{title}: another order gives another digest"));
        }
    }
    Ok(())
}
