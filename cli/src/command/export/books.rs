//! `talon export day` and `talon export period`: what the views say of some days, as a folder of files.
//!
//! Invariants:
//! - what depends on a moment is asked at the end of the last day, unless another moment is named: the same ledger gives the
//!   same bytes whenever it is asked
//! - the manifest has the positions by which the same answer is asked again

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use anyhow::Context as _;
use serde_json::{Map, Value, json};
use talon_domain::anomaly::Language;
use talon_domain::ids::MerchantId;
use talon_domain::time::{Day, Instant};
use talon_exports::{Asked, File, Table, books, files};
use talon_journal::Journal;
use talon_projections::terminals::Terminals;
use talon_replay::Roots;

use super::folder;
use crate::args::{Common, ExportArgs, span, typed_day, typed_moment};
use crate::exit::{Exit, UsageError};
use crate::ledger;
use crate::show::{Bar, Screen};
use crate::views::{self, Views};

pub(super) fn run(
    days: [(&str, &String); 2],
    args: &ExportArgs,
    common: &Common,
    screen: &mut Screen,
) -> anyhow::Result<Exit> {
    let [from, to] = days.map(|(option, text)| typed_day(text, option));
    let days = span(from?, to?)?;
    let merchant = whose(&args.merchant)?;
    let at = args.at.as_deref().map_or_else(|| typed_moment(&days.end().to_string()), typed_moment)?;
    folder::require_vacant(common.ledger()?, &args.out)?;
    let views = views::open(common, &args.as_of, merchant)?;
    let merchants = merchant.map_or_else(|| everybody(&views), |merchant| Ok(vec![merchant]))?;
    let tables = tables(&views, &merchants, days.clone(), at)?;
    let said = said(&views, &merchants, &(days, at), args, (common, screen.language))?;
    let files = files(&tables, &said, screen.language)?;
    folder::write(&args.out, &files)?;
    answer(&tables, &files, &views, args, screen)
}

/// A merchant, or `None` for all.
fn whose(text: &str) -> anyhow::Result<Option<MerchantId>> {
    let wanted = || UsageError("--merchant wants a SIREN, as 732829320, or all".to_owned());
    if text == "all" {
        return Ok(None);
    }
    let number = text.parse().ok().filter(|number| *number > 0).ok_or_else(wanted)?;
    Ok(Some(MerchantId(number)))
}

/// Every merchant that facts or the registry name.
fn everybody(views: &Views) -> anyhow::Result<Vec<MerchantId>> {
    let terminals = Terminals::read(views.reading()?, None)?;
    let registered = views.registry().merchants().map(|(merchant, _)| merchant);
    let all: BTreeSet<_> = terminals.merchants().chain(registered).filter(|merchant| merchant.0 != 0).collect();
    Ok(all.into_iter().collect())
}

fn tables(
    views: &Views,
    merchants: &[MerchantId],
    days: RangeInclusive<Day>,
    at: Instant,
) -> anyhow::Result<Vec<Table>> {
    let reading = views.reading()?;
    let state_of = |key| views.state_of(reading, key);
    Ok(books(&Asked { reading, registry: views.registry(), state_of: &state_of, merchants, days, at })?)
}

/// Of what the export is made.
fn said(
    views: &Views,
    merchants: &[MerchantId],
    (days, at): &(RangeInclusive<Day>, Instant),
    args: &ExportArgs,
    (common, language): (&Common, Language),
) -> anyhow::Result<Map<String, Value>> {
    let journal = ledger::open_to_read(common.ledger()?)?;
    let said = json!({
        "ledgerId": journal.identity().ledger_id.to_string(),
        "from": days.start().to_string(),
        "to": days.end().to_string(),
        "at": at.rfc3339(),
        "merchants": merchants.iter().map(MerchantId::to_string).collect::<Vec<_>>(),
        "language": match language { Language::French => "fr", Language::English => "en" },
        "as_of": views.as_of_json(),
        "aside": views.aside(),
        "roots": if args.roots { Some(roots(views, &journal)?) } else { None },
    });
    let Value::Object(said) = said else { return Ok(Map::new()) };
    Ok(said)
}

/// The root of each partition at the positions of the views.
fn roots(views: &Views, journal: &dyn Journal) -> anyhow::Result<Vec<Value>> {
    let bar = Bar::records(journal.ends().total(), "hashing");
    let roots = Roots::up_to(views.positions(), journal, &mut |of| bar.at(of.done, of.total))?;
    bar.finish();
    let heads = roots
        .heads()
        .map(|(partition, head)| json!({ "partition": partition.0, "size": head.size, "root": head.root.to_string() }));
    Ok(heads.collect())
}

fn answer(
    tables: &[Table],
    files: &[File],
    views: &Views,
    args: &ExportArgs,
    screen: &mut Screen,
) -> anyhow::Result<Exit> {
    if screen.is_json() {
        let manifest = files.last().context("an export has a manifest")?;
        let mut answer: Value = serde_json::from_slice(&manifest.bytes)?;
        if let Value::Object(fields) = &mut answer {
            fields.insert("type".to_owned(), "export".into());
            fields.insert("out".to_owned(), args.out.display().to_string().into());
        }
        screen.json(&views.with_foot(answer))?;
        return Ok(Exit::Done);
    }
    let heads = [("Table", "Table"), (">Lignes", ">Rows"), ("Nom", "Name")];
    let rows = tables.iter().map(|table| {
        let [french, english] = table.title;
        vec![screen.say(french, english).to_owned(), table.rows.len().to_string(), table.name.to_owned()]
    });
    let rows = rows.collect();
    screen.table_of(&heads, rows)?;
    let count = screen.count(files.len() as u64, ["fichier", "fichiers"], ["file", "files"]);
    screen.line(&format!("{count} {} {}", screen.say("dans", "in"), args.out.display()))?;
    views.foot(screen)?;
    Ok(Exit::Done)
}
