//! Stating things of the registry: read what stands, decide row by row, append what is new or changed, report.
//!
//! What stands is read behind the writer's lock, so that nothing changes between the look and the append.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use talon_domain::ids::{EventId, MerchantId};
use talon_intake::{EventBatch, Outcome, Publisher};
use talon_journal::Journal;
use talon_projections::registry::Registry;
use talon_vault::Entropy;

use crate::args::{By, Common};
use crate::clock;
use crate::exit::Exit;
use crate::ledger::{self, Writing};
use crate::park::{Column, Decision, Entry, Fate, Fault, Judge, Refused, Row, Rule, Standing, What, decided};
use crate::show::Screen;

/// Events that are made durable together.
const BATCH: usize = 1_000;

/// A row to be stated, with its line if it comes from a file.
pub(crate) type Line = (Option<u64>, Result<Row, Fault>);

/// What became of a row.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) line: Option<u64>,
    pub(crate) what: Option<What>,
    pub(crate) merchant: Option<MerchantId>,
    /// What it is called beside its merchant.
    pub(crate) name: Option<String>,
    pub(crate) became: Became,
    pub(crate) revision: u64,
    pub(crate) event_id: Option<EventId>,
    /// What it changes: the column, what it was, what it is.
    pub(crate) changes: Vec<(Column, Option<String>, Option<String>)>,
}

/// What became of a row, in the end.
#[derive(Clone, Debug)]
pub(crate) enum Became {
    New,
    Changed,
    Same,
    Refused(Refused),
    /// It was not appended, and may be if it is stated again.
    NotAppended(String),
    /// Nobody knows; stated again, it is recognised if it stands.
    Unknown(String),
}

impl Became {
    /// Its stable name.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Same => "same",
            Self::Refused(_) => "refused",
            Self::NotAppended(_) => "not_appended",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// States rows; with `preview` only says what would become of them.
pub(crate) fn register(
    lines: Vec<Line>,
    by: &By,
    preview: bool,
    common: &Common,
    screen: &mut Screen,
) -> anyhow::Result<Vec<Report>> {
    let dir = common.ledger()?;
    if preview {
        let journal = ledger::open_to_read(dir)?;
        return Ok(decide(lines, by, preview, &journal)?.into_iter().map(|(report, _)| report).collect());
    }
    let mut ledger = ledger::open_to_write(dir, common)?;
    let mut decided = decide(lines, by, preview, &ledger.journal)?;
    append(&mut decided, &mut ledger)?;
    if let Err(error) = ledger.door.close() {
        let given_up = screen.say("des clés inutilisées sont perdues", "unused keys are given up");
        screen.remark(&format!("{given_up}: {error}"))?;
    }
    Ok(decided.into_iter().map(|(report, _)| report).collect())
}

/// A report and the event that would make it true.
type Decided = (Report, Option<Vec<u8>>);

/// Decides what becomes of each row, told in the rows' own order.
fn decide(lines: Vec<Line>, by: &By, preview: bool, journal: &dyn Journal) -> anyhow::Result<Vec<Decided>> {
    let registry = Registry::of(ledger::history(journal)?.fold());
    let by = decided(&by.author_code, &by.reason);
    let rows = read(lines, &registry);
    let mut judge = Judge::new(registry, by, clock::now(), Entropy::from_os()?);
    let entries: Vec<_> = rows.iter().filter_map(|(_, _, entry)| entry.as_ref().ok()).collect();
    let mut decisions = judge.decide(&entries).into_iter();
    let mut decision = |entry: &Result<Entry, Fault>| match entry {
        Ok(_) => decisions.next().unwrap_or_else(|| Decision::refused(Fault::of(Rule::RowReadable).into())),
        Err(fault) => Decision::refused((*fault).into()),
    };
    Ok(rows
        .iter()
        .map(|(line, what, entry)| report(*line, *what, entry.as_ref().ok(), decision(entry), preview))
        .collect())
}

/// A row's line, what it is about, and what it says.
type Read = (Option<u64>, Option<What>, Result<Entry, Fault>);

/// Reads rows. One that cannot be read may be what stands already, taken by another door.
fn read(lines: Vec<Line>, registry: &Registry) -> Vec<Read> {
    // Made only if a row cannot be read.
    let standing = LazyCell::new(|| {
        let rows = Standing::all(registry).into_iter().map(|one| (one.entry.row(), one.entry));
        rows.collect::<BTreeMap<_, _>>()
    });
    let entry = |row: Result<Row, Fault>| {
        let row = row?;
        Entry::read(&row).or_else(|fault| standing.get(&row).cloned().ok_or(fault))
    };
    let what = |row: &Result<Row, Fault>| row.as_ref().ok().map(|row| row.what);
    lines.into_iter().map(|(line, row)| (line, what(&row), entry(row))).collect()
}

fn report(line: Option<u64>, what: Option<What>, entry: Option<&Entry>, decision: Decision, preview: bool) -> Decided {
    let (event_id, event) = decision.event.unzip();
    let changes = match (&decision.fate, entry) {
        (Fate::Changed(before), Some(entry)) => changes(&entry.row(), before),
        _ => Vec::new(),
    };
    let became = match decision.fate {
        Fate::New => Became::New,
        Fate::Changed(_) => Became::Changed,
        Fate::Same => Became::Same,
        Fate::Refused(refused) => Became::Refused(refused),
    };
    let (merchant, name) = entry.map(|entry| (entry.merchant(), entry.key().name())).unzip();
    // A preview makes no event.
    let event_id = event_id.filter(|_| !preview);
    (Report { line, what, merchant, name, became, revision: decision.revision, event_id, changes }, event)
}

fn changes(row: &Row, before: &Row) -> Vec<(Column, Option<String>, Option<String>)> {
    let changes = row.changes(before).into_iter();
    changes.map(|(column, was, is)| (column, was.map(Into::into), is.map(Into::into))).collect()
}

/// Appends the events, those first that others need. Once the ledger takes no more, nothing further is tried.
fn append(decided: &mut [Decided], ledger: &mut Writing) -> anyhow::Result<()> {
    let mut order: Vec<usize> = (0..decided.len()).filter(|at| has_event(decided, *at)).collect();
    order.sort_by_key(|at| decided.get(*at).and_then(|(report, _)| report.what));
    let mut failed = false;
    for chunk in order.chunks(BATCH) {
        let mut events = EventBatch::new();
        for at in chunk {
            let event = decided.get(*at).and_then(|(_, event)| event.as_deref()).unwrap_or_default();
            events.push(*at as u64, event);
        }
        let Writing { journal, door, group, .. } = &mut *ledger;
        let outcomes = if failed {
            vec![Outcome::NotAppended("the ledger had taken no more before it".into()); chunk.len()]
        } else {
            door.publish(&events, &Publisher::local(), clock::now(), journal, group)?
        };
        for (at, outcome) in chunk.iter().zip(outcomes) {
            failed |= matches!(outcome, Outcome::NotAppended(_) | Outcome::Unknown(_));
            if let Some((report, _)) = decided.get_mut(*at) {
                settle(report, outcome);
            }
        }
    }
    Ok(())
}

fn has_event(decided: &[Decided], at: usize) -> bool {
    decided.get(at).is_some_and(|(_, event)| event.is_some())
}

fn settle(report: &mut Report, outcome: Outcome) {
    match outcome {
        Outcome::Appended(_) | Outcome::Duplicate(_) => {}
        Outcome::Refused(refusal) => report.became = Became::Refused(Refused::Door(refusal)),
        Outcome::NotAppended(reason) => report.became = Became::NotAppended(reason.to_string()),
        Outcome::Unknown(reason) => report.became = Became::Unknown(reason.to_string()),
    }
}

/// How a command ends that stated these.
pub(crate) fn exit(reports: &[Report]) -> Exit {
    let any = |is: fn(&Became) -> bool| reports.iter().any(|report| is(&report.became));
    if any(|became| matches!(became, Became::NotAppended(_) | Became::Unknown(_))) {
        Exit::Failed
    } else if any(|became| matches!(became, Became::Refused(_))) {
        Exit::SomeRefused
    } else {
        Exit::Done
    }
}
