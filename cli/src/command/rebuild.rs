//! `talon rebuild`: makes a view anew from the journal, beside the one that is kept; compares them; switches.
//!
//! Until the last step nothing that is kept has changed: whoever stops it leaves the kept view as it was.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use talon_consumers::{Budget, Ended, Place, Projector, Setting, aside_places};
use talon_domain::digest::Digest;
use talon_domain::ids::{PartitionId, Position};
use talon_journal::{Journal, Positions};
use talon_projections::compare::{Making, compare};
use talon_projections::describe::describe;
use talon_projections::digest::digest_of;
use talon_projections::reading::Reading;
use talon_projections::view::View;
use talon_projections::views;
use talon_replay::{AsOf, Projected, Scope, project};

use crate::args::{Common, RebuildArgs};
use crate::command::project::{Told, explained};
use crate::exit::{Exit, UsageError};
use crate::show::{Bar, Screen, Tone};
use crate::stop::Stop;
use crate::{clock, ledger};

/// What it is called where somebody else wants the views.
const HOLDER: &str = "talon rebuild";
/// Differences that are told one by one.
const TOLD: usize = 20;

/// What became of a view.
struct Rebuilt {
    view: &'static dyn View,
    kept: (Digest, u64),
    made: (Digest, u64),
    differing: u64,
    differences: Vec<String>,
    is_switched: bool,
}

pub(crate) fn run(args: &RebuildArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let asked = asked(&args.view)?;
    let dir = common.ledger()?;
    let journal = ledger::open_share(dir)?;
    ledger::require_no_backup(dir)?;
    let stop = Stop::asked()?;
    let rebuilt = rebuild(&journal, &Place::of(dir), &asked, args, &stop, screen).map_err(explained)?;
    if screen.is_json() {
        let views: Vec<_> = rebuilt.iter().map(rebuilt_json).collect();
        screen.json(&json!({ "type": "rebuild", "views": views }))?;
    } else {
        rebuilt.iter().try_for_each(|one| tell(one, screen))?;
    }
    let is_well = rebuilt.iter().all(|one| one.differing == 0 || one.is_switched);
    Ok(if is_well { Exit::Done } else { Exit::DamageFound })
}

fn asked(name: &str) -> anyhow::Result<Vec<&'static dyn View>> {
    if name == "all" {
        return Ok(views::ALL.to_vec());
    }
    let names: Vec<_> = views::ALL.iter().map(|view| view.name()).collect();
    let wrong = || UsageError(format!("VIEW is all, or one of {}", names.join(", ")));
    Ok(vec![views::named(name).ok_or_else(wrong)?])
}

fn rebuild(
    journal: &dyn Journal,
    place: &Place,
    asked: &[&'static dyn View],
    args: &RebuildArgs,
    stop: &Stop,
    screen: &mut Screen,
) -> anyhow::Result<Vec<Rebuilt>> {
    let claimed = place.claim(HOLDER)?;
    let told = Told::new(screen, false);
    let (tell, is_asked) = (|event| told.hear(&event), || stop.is_asked());
    let budget = Budget::default();
    let setting = Setting { journal, views: views::ALL.to_vec(), budget, clock: &clock::now, stop: &is_asked };
    let mut projector = Projector::open(place.clone(), claimed, setting, &tell)?;
    if projector.run(false)? == Ended::Stopped {
        return Err(stopped());
    }
    told.finish();
    let positions = projector.positions_taken();
    let made = anew(journal, &positions, aside_places(projector.tables()?)?, asked)?;
    let mut rebuilt = Vec::new();
    for view in asked {
        if stop.is_asked() {
            return Err(stopped());
        }
        let mut one = compared(*view, projector.tables()?, made.projection.tables())?;
        if args.switch {
            projector.switch(*view, made.projection.tables(), &made.positions)?;
            one.is_switched = true;
        }
        rebuilt.push(one);
    }
    Ok(rebuilt)
}

fn stopped() -> anyhow::Error {
    anyhow::anyhow!("stopped: the views that are kept are as they were")
}

/// The views made of the very records that the kept ones were made of.
fn anew(
    journal: &dyn Journal,
    of: &Positions,
    aside: BTreeSet<(PartitionId, Position)>,
    asked: &[&'static dyn View],
) -> anyhow::Result<Projected> {
    let bar = Bar::records(of.total(), "folding anew");
    let as_of = AsOf::before(of.clone()).without(aside);
    let made = project(journal, &as_of, Scope::All, asked.to_vec(), &mut |done| bar.at(done.done, done.total));
    bar.finish();
    made.map_err(crate::views::explained)
}

fn compared(view: &'static dyn View, kept: &dyn Reading, made: &dyn Reading) -> anyhow::Result<Rebuilt> {
    let (mut differing, mut differences) = (0u64, Vec::new());
    for (table, _) in view.tables() {
        let making = |reading| Making { reading, table: *table };
        compare(making(kept), making(made), &mut |difference| {
            differing += 1;
            if differences.len() < TOLD {
                differences.push(describe(*table, &difference));
            }
            std::ops::ControlFlow::Continue(())
        })?;
    }
    let (kept, made) = (digest_of(kept, view)?, digest_of(made, view)?);
    Ok(Rebuilt { view, kept, made, differing, differences, is_switched: false })
}

fn tell(one: &Rebuilt, screen: &mut Screen) -> std::io::Result<()> {
    let rows = |(_, rows): (Digest, u64)| screen.count(rows, ["ligne", "lignes"], ["row", "rows"]);
    let name = format!("{} {}: {}, ", one.view.name(), one.view.version(), rows(one.kept));
    let made = format!("{} {}, ", screen.say("refaite", "made anew"), rows(one.made));
    let verdict = if one.differing == 0 {
        (screen.say("identiques", "the same").to_owned(), Tone::Good)
    } else {
        let count = screen.count(one.differing, ["différence", "différences"], ["difference", "differences"]);
        (count, Tone::Bad)
    };
    screen.pieces(&[(&name, Tone::Plain), (&made, Tone::Plain), (&verdict.0, verdict.1)])?;
    one.differences.iter().try_for_each(|line| screen.line(&format!("  {line}")))?;
    if one.is_switched {
        let switched = screen.say("  remplacée par la nouvelle", "  the new one is in its place").to_owned();
        screen.line(&switched)?;
    }
    Ok(())
}

fn rebuilt_json(one: &Rebuilt) -> Value {
    json!({
        "view": one.view.name(), "version": one.view.version(),
        "keptRows": one.kept.1, "keptDigest": one.kept.0.to_string(),
        "madeRows": one.made.1, "madeDigest": one.made.0.to_string(),
        "differing": one.differing, "differences": one.differences, "switched": one.is_switched,
    })
}
