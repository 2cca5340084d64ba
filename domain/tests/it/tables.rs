//! Runs the tables in `tests/tables/`. A table names its columns in the line that begins with `arrives`; each further
//! line is a fact, and what the payment looks like once it arrived. An empty cell says nothing, `"` is what stood above.
//!
//! Every table is run again shuffled, reversed, and with every line told twice: the end must be the same, to the byte.

use std::fmt::Write as _;

use talon_domain::anomaly::Anomaly;
use talon_domain::fact::Fact;
use talon_domain::fold::{Fold, Verdict};
use talon_domain::ids::StreamKey;
use talon_domain::money::Totals;
use talon_domain::open::open_reasons;
use talon_domain::state::State;

use crate::history::{fact, shuffled, stream_id};

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
    assert!(tables > 40, "only {tables} tables were found");
}

/// Runs one table; says which cell is wrong.
fn run(table: &str) -> Result<(), String> {
    let mut lines = table.lines();
    let title = lines.next().unwrap_or_default();
    let mut lines = lines.filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let columns = cells(lines.next().filter(|line| line.starts_with("arrives")).ok_or(format!("{title}: no columns"))?);
    let mut above: Vec<String> = vec![String::new(); columns.len()];
    let mut fold = Fold::new();
    let mut facts = Vec::new();
    for (number, line) in (1..).zip(lines) {
        let row = cells(line);
        let arrived = fact(row[0], number);
        let verdict = fold.apply(arrived.clone());
        facts.push(arrived);
        for (at, column) in columns.iter().enumerate().skip(1) {
            match row.get(at).copied().unwrap_or_default() {
                "" => continue,
                "\"" => {}
                cell => cell.clone_into(&mut above[at]),
            }
            let expected = &above[at];
            let seen = observe(&fold, &facts, verdict, column);
            if seen != *expected {
                return Err(format!("{title}\n  {}\n  {column}: expected {expected}, the fold says {seen}", row[0]));
            }
        }
    }
    same_in_every_order(title, &fold, &facts)
}

fn cells(line: &str) -> Vec<&str> {
    line.split('|').map(str::trim).collect()
}

fn same_in_every_order(title: &str, fold: &Fold, facts: &[Fact]) -> Result<(), String> {
    if fold.counts().conflicts > 0 {
        return Ok(()); // which of two contents came first is a matter of order, by definition
    }
    let mut orders: Vec<Vec<Fact>> = (1..=24).map(|seed| shuffled(facts, seed)).collect();
    orders.push(facts.iter().rev().cloned().collect());
    orders.push(facts.iter().flat_map(|fact| [fact.clone(), fact.clone()]).collect());
    for order in orders {
        let mut other = Fold::new();
        order.into_iter().for_each(|fact| {
            other.apply(fact);
        });
        for (key, stream) in fold.streams() {
            let (a, b) = (stream.state(key), other.stream(key).map(|stream| stream.state(key)));
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

/// What a column shows of the payment of the last fact.
fn observe(fold: &Fold, facts: &[Fact], verdict: Verdict, column: &str) -> String {
    let key = facts.last().expect("a fact").header.stream_key();
    let first = StreamKey { stream: stream_id(1), ..key };
    let key = if fold.stream(key).is_some() { key } else { first };
    let stream = fold.stream(key).expect("a stream");
    let state = stream.state(key);
    match column {
        "verdict" => format!("{verdict:?}").to_lowercase(),
        "notes" => names(&stream.notes()),
        _ => show(&state, column),
    }
}

fn show(state: &State, column: &str) -> String {
    match column {
        "status" => state.status.words(talon_domain::anomaly::Language::English).to_owned(),
        "collected" => euros(&state.collected()),
        "suspense" => euros(&state.suspense()),
        "sale" => state.sale.map_or("-".into(), |sale| two_decimals(sale.minor_units)),
        "sale day" => state.sale.and_then(|sale| sale.day).map_or("-".into(), |day| day.to_string()),
        "plan" => state.plan.as_ref().map_or("-".into(), |agreed| {
            let amounts =
                agreed.plan.by_number().into_iter().map(|e| two_decimals(e.purchase_amount.minor_units().into()));
            format!("v{} {}", agreed.version, amounts.collect::<Vec<_>>().join(" "))
        }),
        "instalments" => state.plan.as_ref().map_or("-".into(), |agreed| {
            let states = agreed.instalments.iter().map(|i| format!("{:?}", i.progress).to_lowercase());
            states.collect::<Vec<_>>().join(" ")
        }),
        "debits" => listed(state.debits.iter().map(|d| d.debit_id.as_deref().unwrap_or("?").to_owned())),
        "sms" => state.sms.len().to_string(),
        "prints" => listed(state.prints.iter().map(|p| format!("T{}#{}", p.kind as u8, p.copy))),
        "place" => {
            format!("{}/{}/{}", state.shop, state.terminal, state.provider.as_deref().unwrap_or("-"))
        }
        "accepted" => state.acceptance.as_ref().map_or("-".into(), |a| a.payment_id.as_deref().unwrap_or("?").into()),
        "open" => {
            listed(open_reasons(state).into_iter().map(|r| r.words(talon_domain::anomaly::Language::English).into()))
        }
        "regime" => state.plan.as_ref().map_or("-".into(), |agreed| format!("{:?}", agreed.regime)),
        "till" => state.initiation.as_ref().and_then(|i| i.till_ticket.as_deref()).unwrap_or("-").into(),
        "where" => listed(state.anomalies.iter().map(|anomaly| anomaly.slot.label())),
        "books" => listed(talon_domain::contribution::contributions(state).into_iter().map(|(key, minor)| {
            let amount = two_decimals(u128::try_from(minor).expect("nothing is taken back yet"));
            format!("{:?} {amount} {} {}x {}", key.account, key.day, key.plan, key.provider)
        })),
        "witnesses" => listed(state.slots.iter().map(|s| s.witnesses.len().to_string())),
        "anomalies" => names(&state.anomalies),
        other => panic!("no such column: {other}"),
    }
}

fn listed(all: impl Iterator<Item = String>) -> String {
    let joined = all.collect::<Vec<_>>().join(", ");
    if joined.is_empty() { "-".into() } else { joined }
}

fn names(anomalies: &[Anomaly]) -> String {
    let mut codes: Vec<_> = anomalies.iter().map(|anomaly| anomaly.code).collect();
    codes.dedup();
    listed(codes.into_iter().map(|code| code.name().to_owned()))
}

fn euros(totals: &Totals) -> String {
    let all: Vec<_> = totals.iter().map(|(_, minor)| two_decimals(minor)).collect();
    if all.is_empty() { "0.00".into() } else { all.join(" + ") }
}

fn two_decimals(minor: u128) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}
