//! `talon anomalies`: every rule that facts do not keep and since when, also of what belongs to no payment; those that were
//! cleared, with what cleared them; and what the order of the ledger found void or incomplete.

mod ordered;

use serde_json::{Value, json};
use talon_domain::anomaly::{Code, Language, Persistence, Severity};
use talon_domain::fold::Fold;
use talon_domain::ids::MerchantId;
use talon_projections::anomalies::{AnomalyLine, Filter, list};

use crate::args::{AnomaliesArgs, Common, SeverityArg};
use crate::exit::Exit;
use crate::show::{Screen, Tone, cut};
use crate::views;

/// How wide a slot is at most: what a provider's id makes wider is whole in JSON.
const SLOT_COLUMNS: usize = 24;

pub(crate) fn run(args: &AnomaliesArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let days = args.days.read()?;
    // What is void or incomplete is known to a fold alone, so the journal is walked.
    let views = views::replayed(common, &args.as_of, args.merchant.map(MerchantId))?;
    let filter = Filter {
        merchant: args.merchant.map(MerchantId),
        code: None,
        severity: args.severity(),
        days,
        is_cleared: Some(args.cleared),
        with_training: true,
    };
    let mut found = list(views.reading()?, &filter)?;
    // By its number: one that no rule of this release has finds nothing, and is no mistake.
    found.retain(|line| args.code.is_none_or(|code| line.code.number() == code));
    let fold = views.projection()?.fold();
    if screen.is_json() {
        let anomalies: Vec<_> = found.iter().map(|line| line_json(line, fold, screen.language)).collect();
        let answer = json!({
            "type": "anomalies", "anomalies": anomalies, "void": ordered::voids_json(fold),
            "incompleteBulks": ordered::incomplete_json(fold),
        });
        screen.json(&views.with_foot(answer))?;
        return Ok(Exit::Done);
    }
    if screen.is_csv() {
        spreadsheet(&found, fold, screen)?;
        return Ok(Exit::Done);
    }
    for of_one in found.chunk_by(|a, b| (a.code, a.key.merchant) == (b.code, b.key.merchant)) {
        of_a_code(of_one, fold, screen)?;
    }
    if !found.is_empty() {
        screen.line("")?;
    }
    ordered::tell(fold, screen)?;
    let count = screen.count(found.len() as u64, ["anomalie", "anomalies"], ["anomaly", "anomalies"]);
    screen.line(&count)?;
    views.foot(screen)?;
    Ok(Exit::Done)
}

impl AnomaliesArgs {
    fn severity(&self) -> Option<Severity> {
        let severity = self.severity.or(self.errors.then_some(SeverityArg::Error))?;
        Some(match severity {
            SeverityArg::Notice => Severity::Notice,
            SeverityArg::Warning => Severity::Warning,
            SeverityArg::Error => Severity::Error,
        })
    }
}

/// Whether it is a payment's: then its stream is a transaction's id.
fn is_payment(line: &AnomalyLine, fold: &Fold) -> bool {
    fold.stream(line.key).is_some_and(talon_domain::stream::Stream::is_payment)
}

/// Anomalies of one code and merchant: the sentence once, and a row for each.
fn of_a_code(lines: &[AnomalyLine], fold: &Fold, screen: &mut Screen) -> std::io::Result<()> {
    let Some(first) = lines.first() else { return Ok(()) };
    let code = first.code;
    screen.line("")?;
    let words = format!(" {}: {}", first.key.merchant, code.sentence(screen.language));
    screen.pieces(&[(&code.number().to_string(), code.severity().into()), (&words, Tone::Plain)])?;
    let mut heads = vec![("Transaction", "Transaction"), ("Où", "Where"), ("Depuis", "Since")];
    if lines.iter().any(|line| line.cleared.is_some()) {
        heads.extend([("Levée le", "Cleared"), ("Par", "By")]);
    }
    let rows = lines.iter().map(|line| row(line, fold)).collect();
    screen.table_of(&heads, rows)
}

fn row(line: &AnomalyLine, fold: &Fold) -> Vec<String> {
    let practice = if line.key.training { " *" } else { "" };
    let stream = if is_payment(line, fold) { format!("{}{practice}", line.key.stream) } else { "-".to_owned() };
    let mut row = vec![stream, cut(&line.slot, SLOT_COLUMNS), line.since.to_string()];
    row.extend(line.cleared.iter().flat_map(|cleared| [cleared.day.to_string(), cleared.kind.name().to_owned()]));
    row
}

fn spreadsheet(lines: &[AnomalyLine], fold: &Fold, screen: &mut Screen) -> std::io::Result<()> {
    let heads = [
        ("Code", "Code"),
        ("Gravité", "Severity"),
        ("Commerçant", "Merchant"),
        ("Transaction", "Transaction"),
        ("Où", "Where"),
        ("Quoi", "What"),
        ("Depuis", "Since"),
        ("Levée le", "Cleared"),
        ("Par", "By"),
    ];
    let rows = lines.iter().map(|line| {
        let stream = if is_payment(line, fold) { line.key.stream.to_string() } else { String::new() };
        let cleared = line.cleared.map(|cleared| (cleared.day.to_string(), cleared.kind.name().to_owned()));
        let (day, by) = cleared.unwrap_or_default();
        vec![
            line.code.number().to_string(),
            line.code.severity().words(screen.language).to_owned(),
            line.key.merchant.to_string(),
            stream,
            line.slot.clone(),
            line.code.sentence(screen.language).to_owned(),
            line.since.to_string(),
            day,
            by,
        ]
    });
    let rows = rows.collect();
    screen.table_of(&heads, rows)
}

fn line_json(line: &AnomalyLine, fold: &Fold, language: Language) -> Value {
    let code: Code = line.code;
    json!({
        "code": code.number(), "name": code.name(), "slot": line.slot, "severity": code.severity().name(),
        "transient": code.persistence() == Persistence::Transient, "words": code.sentence(language),
        "merchant": line.key.merchant.to_string(), "stream": line.key.stream.to_string(),
        "payment": is_payment(line, fold), "training": line.key.training, "since": line.since.to_string(),
        "cleared": line.cleared.map(|cleared| json!({
            "day": cleared.day.to_string(), "eventId": cleared.event_id.to_string(), "kind": cleared.kind.name(),
            "source": cleared.source.name(),
        })),
    })
}
