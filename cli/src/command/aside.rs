//! `talon aside`: the records that the views could not take in, why, and another try.

use serde_json::json;
use talon_consumers::{Aside, Budget, Place, Setting, Source, Views, asides, open_views};
use talon_domain::ids::{PartitionId, Position};
use talon_journal::Journal;
use talon_projections::views;

use super::project::{self, Told, explained};
use super::tail;
use crate::args::{AsideArgs, AsideCommand, Common, ProjectArgs};
use crate::exit::{Exit, UsageError};
use crate::show::Screen;
use crate::stop::Stop;
use crate::{clock, ledger};

pub(crate) fn run(args: &AsideArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let dir = common.ledger()?;
    let journal = ledger::open_share(dir)?;
    let place = Place::of(dir);
    ledger::require_no_backup(dir)?;
    if matches!(args.command, AsideCommand::Retry) {
        return retry(&place, &journal, screen);
    }
    let found = found(&place, &journal, screen).map_err(explained)?;
    match &args.command {
        AsideCommand::Show { place } => show(place, &found, &journal, screen)?,
        AsideCommand::List | AsideCommand::Retry => list(&found, screen)?,
    }
    Ok(Exit::Done)
}

fn found(place: &Place, journal: &dyn Journal, screen: &mut Screen) -> anyhow::Result<Vec<Aside>> {
    let stop = Stop::asked()?;
    let told = Told::new(screen, false);
    let (tell, asked) = (|event| told.hear(&event), || stop.is_asked());
    let setting =
        Setting { journal, views: views::ALL.to_vec(), budget: Budget::default(), clock: &clock::now, stop: &asked };
    let views = open_views(place, "talon aside", &setting, &tell)?;
    told.finish();
    let found = asides(views.reading()?)?;
    refuse_unkept(&views)?;
    Ok(found)
}

/// Views in memory are of one moment: nothing is set aside in them.
fn refuse_unkept(views: &Views<'_>) -> anyhow::Result<()> {
    match views.source() {
        Source::Memory { reason, .. } => anyhow::bail!("nothing can be said of what is set aside: {reason}"),
        _ => Ok(()),
    }
}

fn list(found: &[Aside], screen: &mut Screen) -> std::io::Result<()> {
    if screen.is_json() {
        let records: Vec<_> = found.iter().map(aside_json).collect();
        return screen.json(&json!({ "type": "aside", "records": records }));
    }
    if found.is_empty() {
        let words = screen.say("Rien n'est mis de côté.", "Nothing is set aside.");
        return screen.line(words);
    }
    let heads = [screen.say("où", "where"), screen.say("version", "release"), screen.say("pourquoi", "why")];
    let row = |aside: &Aside| vec![where_of(aside), aside.release.clone(), aside.reason.clone()];
    screen.table(&heads, found.iter().map(row).collect())
}

fn show(place: &str, found: &[Aside], journal: &dyn Journal, screen: &mut Screen) -> anyhow::Result<()> {
    let asked = parse(place).ok_or_else(|| UsageError(format!("{place} is no place: name one as p7/1234")))?;
    let aside = found.iter().find(|aside| (aside.partition, aside.position) == asked);
    let aside = aside.ok_or_else(|| UsageError(format!("{place} is not set aside: talon aside list")))?;
    if screen.is_json() {
        screen.json(&json!({ "type": "aside", "records": [aside_json(aside)] }))?;
    } else {
        screen.line(&format!("{} ({}): {}", where_of(aside), aside.release, aside.reason))?;
    }
    let mut reader = journal.read(asked.0, asked.1)?;
    if let Some(stored) = reader.next()? {
        tail::show(&stored, screen)?;
    }
    Ok(())
}

/// The views are made anew: some facts are judged in the order of the ledger, so none can be put in afterwards.
fn retry(place: &Place, journal: &dyn Journal, screen: &mut Screen) -> anyhow::Result<Exit> {
    let args =
        ProjectArgs { follow: false, anew: true, commit_every: Budget::default().resident_facts, partitions: None };
    let done = project::project(place, journal, &args, screen).map_err(explained)?;
    project::tell(place, journal, &done, screen)?;
    Ok(project::exit(&done))
}

fn aside_json(aside: &Aside) -> serde_json::Value {
    json!({
        "partition": aside.partition.0, "position": aside.position.0, "reason": aside.reason, "release": aside.release,
    })
}

fn where_of(aside: &Aside) -> String {
    format!("p{}/{}", aside.partition, aside.position)
}

fn parse(place: &str) -> Option<(PartitionId, Position)> {
    let (partition, position) = place.strip_prefix('p')?.split_once('/')?;
    Some((PartitionId(partition.parse().ok()?), Position(position.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_typed_as_it_is_shown() {
        let aside = Aside {
            partition: PartitionId(7),
            position: Position(1_234),
            reason: String::new(),
            release: String::new(),
        };
        assert_eq!(parse(&where_of(&aside)), Some((aside.partition, aside.position)));
        assert_eq!((parse("7/1234"), parse("p7"), parse("p7/x")), (None, None, None));
    }
}
