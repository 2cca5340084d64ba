//! `talon digest`: the state in one line, or each view in one.
//!
//! A view's digest is read from its rows where they lie, so that it speaks of what is kept and not of what was meant.

use serde_json::{Value, json};
use talon_domain::digest::Digest;
use talon_projections::digest::digest_of;
use talon_projections::view::View;
use talon_projections::views::ALL;

use crate::args::{Common, DigestArgs};
use crate::exit::Exit;
use crate::show::{Screen, Tone, as_of_json};
use crate::views::{self, Views};
use crate::{incarnation, ledger};

pub(crate) fn run(args: &DigestArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    if args.views {
        return of_views(args, common, screen);
    }
    let then = args.as_of.read()?;
    let dir = common.ledger()?;
    let journal = ledger::open_to_read(dir)?;
    let history = ledger::history_as_of(&journal, &then)?;
    let (fold, state) = history.digest();
    let positions: Vec<u64> = history.positions().iter().map(|(_, next)| next.0).collect();
    screen.json(&json!({
        "type": "digest", "fold": fold, "state": state.to_string(), "positions": positions,
        "incarnation": incarnation::of(dir)?, "as_of": as_of_json(&then.as_of, history.positions()),
    }))?;
    Ok(Exit::Done)
}

fn of_views(args: &DigestArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let views = views::open(common, &args.as_of, None)?;
    let digests = digests(&views)?;
    if screen.is_json() {
        screen.json(&views.with_foot(json!({ "type": "viewDigests", "views": digests_json(&digests) })))?;
        return Ok(Exit::Done);
    }
    table(&digests, screen)?;
    let vector = format!("{} {}", screen.say("aux positions", "at the positions"), views.vector());
    screen.pieces(&[(&vector, Tone::Quiet)])?;
    views.foot(screen)?;
    Ok(Exit::Done)
}

/// A view with its digest and its number of rows.
pub(crate) struct OfView {
    view: &'static dyn View,
    digest: Digest,
    rows: u64,
}

pub(crate) fn digests(views: &Views) -> anyhow::Result<Vec<OfView>> {
    let of = |view: &&'static dyn View| {
        let (digest, rows) = digest_of(views.reading()?, *view)?;
        Ok(OfView { view: *view, digest, rows })
    };
    ALL.iter().map(of).collect()
}

pub(crate) fn digests_json(digests: &[OfView]) -> Value {
    let of = digests.iter().map(|of| {
        json!({
            "view": of.view.name(), "version": of.view.version(), "rows": of.rows, "digest": of.digest.to_string(),
        })
    });
    of.collect()
}

fn table(digests: &[OfView], screen: &mut Screen) -> std::io::Result<()> {
    let heads = [
        screen.say("Vue", "View").to_owned(),
        format!(">{}", screen.say("Version", "Version")),
        format!(">{}", screen.say("Lignes", "Rows")),
        screen.say("Empreinte", "Digest").to_owned(),
    ];
    let rows = digests.iter().map(|of| {
        vec![of.view.name().to_owned(), of.view.version().to_string(), of.rows.to_string(), of.digest.to_string()]
    });
    screen.table(&heads.each_ref().map(String::as_str), rows.collect())
}
