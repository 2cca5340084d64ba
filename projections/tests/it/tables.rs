//! Runs the tables in `tests/tables/`. A table names its columns in the line that begins with `arrives`; each further
//! line is a fact, or `it is 26T12:00`, which moves the moment at which the views are asked. An empty cell says nothing,
//! `"` is what stood above.
//!
//! Every table is run again shuffled, reversed, and with every line told twice: the end must be the same.

use std::fmt::Write as _;

use talon_domain::fact::Fact;
use talon_domain::fold::Fold;
use talon_domain::ids::PartitionId;
use talon_projections::registry::Registry;
use talon_projections::terminals::Terminals;

use crate::columns::{Views, show};
use crate::facts::{fact, moment};
use crate::projection::projected;

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
    assert!(tables >= 24, "only {tables} tables were found");
}

/// Runs one table; says which cells are wrong.
fn run(table: &str) -> Result<(), String> {
    let mut lines = table.lines();
    let title = lines.next().unwrap_or_default();
    let mut lines = lines.filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let columns = cells(lines.next().filter(|line| line.starts_with("arrives")).ok_or(format!("{title}: no columns"))?);
    let mut above: Vec<String> = vec![String::new(); columns.len()];
    let mut told = Vec::new();
    let mut at = moment("25T12:00");
    let mut wrong = String::new();
    for (number, line) in (1..).zip(lines) {
        let row = cells(line);
        match row[0].strip_prefix("it is ") {
            Some(now) => at = moment(now),
            None => told.push(fact(row[0], number)),
        }
        let fold = folded(told.iter());
        let views = Views { registry: Registry::of(&fold), terminals: Terminals::of(&fold), at };
        for (place, column) in columns.iter().enumerate().skip(1) {
            match row.get(place).copied().unwrap_or_default() {
                "" => continue,
                "\"" => {}
                cell => cell.clone_into(&mut above[place]),
            }
            let (expected, seen) = (&above[place], show(&views, column));
            if seen != *expected {
                let _ = writeln!(wrong, "{title}\n  {}\n  {column}: expected {expected}, the view says {seen}", row[0]);
            }
        }
    }
    same_in_every_order(&told, &mut wrong, title);
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

fn cells(line: &str) -> Vec<&str> {
    line.split('|').map(str::trim).collect()
}

pub(crate) fn folded<'f>(facts: impl Iterator<Item = &'f (PartitionId, Fact)>) -> Fold {
    let mut fold = Fold::new();
    facts.for_each(|(partition, fact)| {
        fold.apply(*partition, fact.clone());
    });
    fold
}

fn same_in_every_order(told: &[(PartitionId, Fact)], wrong: &mut String, title: &str) {
    let views = |fold: Fold| (Registry::of(&fold), Terminals::of(&fold));
    let end = views(folded(told.iter()));
    let projection = projected(told, 3);
    let kept = (Registry::read(projection.tables()), Terminals::read(projection.tables(), None));
    if (kept.0.expect("memory"), kept.1.expect("memory")) != end {
        let _ = writeln!(wrong, "{title}: what is kept is another view");
    }
    let turned = |seed: usize| (0..told.len()).map(move |at| &told[(at * 7 + seed) % told.len()]);
    let mut orders: Vec<Fold> = vec![folded(told.iter().rev()), folded(told.iter().flat_map(|fact| [fact, fact]))];
    if !told.len().is_multiple_of(7) {
        orders.extend((0..told.len()).map(|seed| folded(turned(seed))));
    }
    if orders.into_iter().any(|fold| views(fold) != end) {
        let _ = writeln!(wrong, "{title}: another order gives another view");
    }
}
