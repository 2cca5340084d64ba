//! What lies in the ledger's folder: journal and vault, as far as opening them tells.

use std::path::Path;

use talon_domain::ids::Position;
use talon_domain::time::Instant;
use talon_journal::{
    EmbeddedJournal, Folder, IndexHealth, Journal as _, Record, SegmentStat, Storage as _, SummaryState,
};
use talon_vault::{MasterKey, Vault, VaultError};

use super::{Findings, State, shown};
use crate::args::{Common, Span};
use crate::command::repair::set_aside;
use crate::show::Screen;
use crate::{clock, incarnation, keys};

/// The log, its end, its summaries, and what is left beside it.
pub(super) fn journal(
    dir: &Path,
    journal: &EmbeddedJournal,
    findings: &mut Findings,
    screen: &Screen,
) -> anyhow::Result<()> {
    let writer = Folder::new(dir).holder()?;
    let segments = journal.segments();
    let records: u64 = segments.iter().map(|segment| segment.records).sum();
    let used: u64 = segments.iter().map(|segment| segment.used_bytes).sum();
    let count = screen.count(records, ["enregistrement", "enregistrements"], ["record", "records"]);
    let who = writer.as_deref().unwrap_or(screen.say("personne", "nobody"));
    findings.note("ledger", State::Ok, format!("{count}, {} {who}", screen.say("écrit par", "written by")));
    findings.gauge("incarnation", incarnation::of(dir)?.into(), "");
    findings.gauge("records", records, "");
    findings.gauge("segments", segments.len() as u64, "");
    findings.gauge("used", used, "B");
    if let Some(torn) = journal.torn_tail() {
        let words = screen.say(
            "octets jamais confirmés à la fin ; qui écrit ensuite les coupe",
            "bytes at the end were never acknowledged; the next writer cuts them",
        );
        findings.note("torn", State::Warning, format!("{} {words}", torn.bytes));
    }
    if let Err(error) = IndexHealth::of_files(&Folder::index(dir), journal.identity().ledger_id) {
        let words = screen.say("qui écrit ensuite le refait", "the next writer makes it again");
        findings.note("index", State::Warning, format!("{error}; {words}"));
    }
    summaries(&segments, writer.is_some(), findings, screen);
    left_overs(dir, findings, screen)
}

/// A writer at work has just closed a segment, and makes its summary when it has the time.
fn summaries(segments: &[SegmentStat], is_written: bool, findings: &mut Findings, screen: &Screen) {
    let many = |state| segments.iter().filter(|segment| segment.summary == state).count();
    let missing = if is_written { 0 } else { many(SummaryState::Missing) };
    let bad = missing + many(SummaryState::Wrong);
    if bad > 0 {
        let words = screen.say(
            "manquent ou sont faux ; qui écrit ensuite les refait",
            "are missing or wrong; the next writer makes them again",
        );
        findings.note("summaries", State::Warning, format!("{bad} {words}"));
    }
}

fn left_overs(dir: &Path, findings: &mut Findings, screen: &Screen) -> anyhow::Result<()> {
    let left: Vec<_> = set_aside(dir)?.into_keys().collect();
    if let Some(first) = left.first() {
        let words = screen.say(
            "coupés du journal et gardés ; publiez ce qui manque, puis rangez-les ailleurs :",
            "cut off the journal and kept; publish what is missing, then move them elsewhere:",
        );
        findings.note("leftovers", State::Warning, format!("{} {words} {first}", left.len()));
    }
    Ok(())
}

/// The vault opens, and its master key is the one that is at hand.
pub(super) fn vault(dir: &Path, common: &Common, journal: &EmbeddedJournal, findings: &mut Findings, screen: &Screen) {
    match Vault::slabs(dir, journal.identity().ledger_id) {
        Ok(slabs) => {
            findings.gauge("slabs_claimed", slabs.claimed, "");
            findings.gauge("slabs_free", slabs.free, "");
            findings.gauge("slabs_closed", slabs.closed, "");
        }
        // A writer is busy, or was interrupted: the next look tells.
        Err(error @ (VaultError::Busy { .. } | VaultError::Interrupted { .. })) => {
            return findings.note("vault", State::Warning, error.to_string());
        }
        Err(error) => return findings.note("vault", State::Critical, error.to_string()),
    }
    let located = keys::place(dir, common);
    let given = MasterKey::read(&located).ok().map(|key| key.fingerprint());
    if let Some((given, wanted)) = given.zip(Vault::master_key_fingerprint(dir).ok())
        && given != wanted
    {
        let words = screen.say("n'ouvre pas ce coffre", "does not open this vault");
        findings.note("key", State::Critical, format!("{} {words} ({given}, {wanted})", shown(&located.path)));
    }
}

/// How long ago the last record was made.
pub(super) fn age(
    journal: &EmbeddedJournal,
    most: Span,
    findings: &mut Findings,
    screen: &Screen,
) -> anyhow::Result<()> {
    let mut last = Instant::default();
    for (partition, end) in journal.ends().iter() {
        let mut reader = journal.read(partition, Position(end.0.saturating_sub(1)))?;
        if let Some(Ok(record)) = reader.next()?.map(|stored| Record::parse(stored.bytes)) {
            last = last.max(record.recorded_at());
        }
    }
    let words = screen.say("depuis le dernier enregistrement", "since the last record");
    findings.bounded("age", Span::between(last, clock::now()), most, words);
    Ok(())
}
