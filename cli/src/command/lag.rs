//! `talon lag`: how far the views that are kept are behind the journal, in records and in seconds. Nothing is brought up to
//! date for it.

use serde_json::json;
use talon_consumers::{Budget, Lag, Place, Setting, kept_positions};
use talon_domain::ids::PartitionId;
use talon_domain::time::Instant;
use talon_journal::{Journal, Positions, Record};
use talon_projections::views;
use talon_replay::vector_text;

use crate::args::{Common, LagArgs};
use crate::exit::Exit;
use crate::show::Screen;
use crate::{book, clock, ledger};

/// What a reader is called where somebody else wants the views.
const HOLDER: &str = "talon lag";
/// So many records are looked at for the oldest of those that are missing.
const LOOKS: u32 = 10_000;

pub(crate) fn run(args: &LagArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let dir = common.ledger()?;
    let journal = ledger::open_share(dir)?;
    let ends = journal.ends();
    let setting = Setting {
        journal: &journal,
        views: views::ALL.to_vec(),
        budget: Budget::default(),
        clock: &clock::now,
        stop: &|| false,
    };
    let kept = kept_positions(&Place::of(dir), HOLDER, &setting, &|_| ())?;
    let records = ends.total().saturating_sub(kept.total());
    let lag = Lag { records, since: oldest(&journal, &kept, &ends)? };
    let seconds = lag.seconds(clock::now());
    let share = book::share(dir)?.map(|partitions| partitions.to_string());
    if screen.is_json() {
        screen.json(&json!({
            "type": "lag", "records": records, "seconds": seconds, "positions": vector_text(&kept),
            "journal": vector_text(&ends), "partitions": share,
        }))?;
    } else {
        let records = screen.count(records, ["enregistrement", "enregistrements"], ["record", "records"]);
        let words = screen.say("de retard", "behind");
        screen.line(&format!("{records}, {seconds} s {words}"))?;
    }
    let is_late = args.max.is_some_and(|max| seconds > max.seconds());
    Ok(if is_late { Exit::Failed } else { Exit::Done })
}

/// When the oldest record was recorded that the views do not hold: of the first one that is missing in each partition.
fn oldest(journal: &dyn Journal, kept: &Positions, ends: &Positions) -> anyhow::Result<Option<Instant>> {
    let is_missing = |partition: PartitionId| kept.next(partition) < ends.next(partition);
    let mut missing = ends.iter().filter(|(partition, _)| is_missing(*partition)).count();
    if missing == 0 {
        return Ok(None);
    }
    let mut oldest: Option<Instant> = None;
    let mut reader = journal.scan(kept)?;
    for _ in 0..LOOKS {
        let Some(stored) = reader.next()?.filter(|_| missing > 0) else { break };
        if stored.position != kept.next(stored.partition) {
            continue;
        }
        missing -= 1;
        let recorded_at = Record::parse(stored.bytes).map(|record| record.recorded_at()).ok();
        oldest = oldest.into_iter().chain(recorded_at).min();
    }
    Ok(oldest)
}
