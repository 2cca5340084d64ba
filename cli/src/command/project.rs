//! `talon project`: keeps the views of a ledger beside it, so that who asks does not fold the whole journal.
//!
//! Stopped by a signal it commits and ends with 0; killed, it goes on from its last commit.

use serde_json::json;
use talon_consumers::{Aside, Budget, Ended, Place, Projector, ProjectorError, Setting, asides};
use talon_journal::Journal;
use talon_projections::store::{StoreError, StoreErrorKind};
use talon_projections::views;

use crate::args::{Common, ProjectArgs};
use crate::exit::Exit;
use crate::show::Screen;
use crate::stop::Stop;
use crate::{book, clock, ledger};

mod told;

pub(crate) use told::{Told, words};

/// What a projector is called where somebody else wants its place.
const HOLDER: &str = "talon project";

pub(crate) fn run(args: &ProjectArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let dir = common.ledger()?;
    if let Some(partitions) = &args.partitions {
        book::settle_share(dir, partitions)?;
    }
    let journal = ledger::open_share(dir)?;
    ledger::require_no_backup(dir)?;
    let place = Place::of(dir);
    let done = project(&place, &journal, args, screen).map_err(explained)?;
    tell(&place, &journal, &done, screen)?;
    Ok(exit(&done))
}

/// How the command ends.
pub(crate) const fn exit(done: &Done) -> Exit {
    if done.aside.is_empty() { Exit::Done } else { Exit::SomeRefused }
}

/// What became of it.
pub(crate) struct Done {
    ended: Ended,
    records: u64,
    aside: Vec<Aside>,
}

/// Runs a projector on a place that nobody else has.
pub(crate) fn project(
    place: &Place,
    journal: &dyn Journal,
    args: &ProjectArgs,
    screen: &mut Screen,
) -> Result<Done, anyhow::Error> {
    let stop = Stop::asked()?;
    let claimed = place.claim(HOLDER)?;
    if args.anew {
        place.clear(&claimed)?;
    }
    let told = Told::new(screen, args.follow);
    let (tell, asked) = (|event| told.hear(&event), || stop.is_asked());
    let budget = Budget { resident_facts: args.commit_every, ..Budget::default() };
    let setting = Setting { journal, views: views::ALL.to_vec(), budget, clock: &clock::now, stop: &asked };
    let mut projector = Projector::open(place.clone(), claimed, setting, &tell)?;
    let ended = projector.run_and_answer(args.follow)?;
    told.finish();
    let (records, aside) = (projector.records(), asides(projector.tables()?)?);
    Ok(Done { ended, records, aside })
}

pub(crate) fn tell(place: &Place, journal: &dyn Journal, done: &Done, screen: &mut Screen) -> std::io::Result<()> {
    let behind = journal.ends().total().saturating_sub(done.records);
    if screen.is_json() {
        return screen.json(&json!({
            "type": "projection", "ledger": place.ledger().display().to_string(), "records": done.records,
            "behind": behind, "aside": done.aside.len(), "stopped": done.ended == Ended::Stopped,
        }));
    }
    let records = screen.count(done.records, ["enregistrement", "enregistrements"], ["record", "records"]);
    let words = screen.say("sont dans les vues", "are in the views");
    screen.line(&format!("{records} {words}: {}", place.views().display()))?;
    if !done.aside.is_empty() {
        let count = u64::try_from(done.aside.len()).unwrap_or(u64::MAX);
        let aside = screen.count(count, ["mis de côté", "mis de côté"], ["of them set aside", "of them set aside"]);
        screen.line(&format!("  {aside}: talon aside list"))?;
    }
    Ok(())
}

/// An error with what to do about it, by its kind.
pub(crate) fn explained(error: anyhow::Error) -> anyhow::Error {
    let Some(of) = error.downcast_ref::<ProjectorError>() else { return error };
    match of {
        ProjectorError::Journal(_) => match error.downcast() {
            Ok(ProjectorError::Journal(error)) => error.into(),
            Ok(error) => error.into(),
            Err(error) => error,
        },
        of if of.is_other_journal() => {
            error.context("the views stay as they are; `talon project --anew` makes them anew")
        }
        ProjectorError::Store(StoreError::Full) => {
            error.context("the views stay as they were; make room, and say `talon project` again")
        }
        ProjectorError::Store(of) if of.kind() == StoreErrorKind::Unavailable => {
            error.context("the views stay as they were, and the journal is not touched")
        }
        _ => error,
    }
}
