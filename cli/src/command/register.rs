//! `talon merchant|shop|terminal|fee-plan add|list`: one statement of the registry, and what stands of its kind.

use serde_json::{Value, json};
use talon_domain::ids::MerchantId;
use talon_projections::registry::Registry;

use crate::args::{Common, ListArgs, Register, Statement};
use crate::exit::Exit;
use crate::ledger;
use crate::park::{Column, Row, Standing, What, body};
use crate::register::{exit, register};
use crate::show::{Screen, tell_one};

pub(crate) fn run<S: Statement + clap::Args>(
    command: &Register<S>,
    common: &Common,
    screen: &mut Screen,
) -> anyhow::Result<Exit> {
    match command {
        Register::Add(statement) => add(statement, common, screen),
        Register::List(args) => list(S::WHAT, args, common, screen),
    }
}

fn add<S: Statement>(statement: &S, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let mut row = Row::new(S::WHAT);
    statement.cells().into_iter().for_each(|(column, text)| row.put(column, text.trim()));
    let reports = register(vec![(None, Ok(row))], statement.by(), false, common, screen)?;
    for report in &reports {
        tell_one(report, screen)?;
    }
    Ok(exit(&reports))
}

fn list(what: What, args: &ListArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let journal = ledger::open_to_read(common.ledger()?)?;
    let registry = Registry::of(ledger::history(&journal)?.fold());
    let wanted = |one: &Standing| {
        one.entry.what() == what && args.merchant.is_none_or(|merchant| one.entry.merchant() == MerchantId(merchant))
    };
    let all: Vec<_> = Standing::all(&registry).into_iter().filter(wanted).collect();
    if screen.is_json() {
        let (kind, entries) = (plural(what), all.iter().map(standing_json).collect::<Vec<_>>());
        screen.json(&json!({ "type": kind, kind: entries }))?;
        return Ok(Exit::Done);
    }
    let rows: Vec<_> = all.iter().map(|one| one.entry.row()).collect();
    let columns: Vec<Column> =
        what.columns().iter().copied().filter(|c| rows.iter().any(|row| row.get(*c).is_some())).collect();
    if !rows.is_empty() {
        let heads: Vec<_> = columns.iter().map(|column| column.label(screen.language)).collect();
        let cells = |row: &Row| columns.iter().map(|column| row.get(*column).unwrap_or_default().to_owned()).collect();
        screen.table(&heads, rows.iter().map(cells).collect())?;
    }
    let words = what.words(screen.language);
    let several = format!("{words}{}", if words.ends_with('E') { "" } else { "s" });
    let count = screen.count(rows.len() as u64, [words, &several], [words, &several]);
    screen.line(&count)?;
    Ok(Exit::Done)
}

/// The type of a list's answer, and the field that holds it.
const fn plural(what: What) -> &'static str {
    match what {
        What::Merchant => "merchants",
        What::Shop => "shops",
        What::Terminal => "assignments",
        What::FeePlan => "feePlans",
    }
}

fn standing_json(standing: &Standing) -> Value {
    let mut said = body(&standing.entry);
    if let Some(fields) = said.as_object_mut() {
        fields.insert("merchant".into(), json!(standing.entry.merchant().to_string()));
        fields.insert("source".into(), json!(standing.source.name()));
        fields.insert("occurredAt".into(), json!(standing.occurred_at.rfc3339()));
        fields.insert("eventId".into(), json!(standing.event_id.to_string()));
    }
    said
}
