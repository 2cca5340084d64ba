//! The views that are kept, held against the journal: everything is folded again from the bytes, and every view's digest
//! compared with that of the rows in the store. A ledger that keeps no views has nothing to compare.
//!
//! What the store holds is read by whoever keeps it; what it is held against never opens it.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::num::NonZero;
use std::path::Path;
use std::thread::available_parallelism;

use serde_json::{Value, json};
use talon_consumers::{Budget, Event, Place, Setting, Source, aside_places, open_views};
use talon_domain::digest::Digest;
use talon_domain::ids::{PartitionId, Position};
use talon_journal::{Journal, Positions};
use talon_projections::digest::digest_of;
use talon_projections::views;
use talon_replay::{AsOf, digests, vector_text};

use crate::clock;
use crate::show::{Bar, Screen, Tone};

/// What a verification is called where somebody else wants the views.
const HOLDER: &str = "talon verify";

/// The views, view by view; none where none are kept.
pub(super) struct KeptViews {
    positions: Positions,
    views: Vec<KeptView>,
    /// Why the views that were there had to be moved aside: what is compared was made anew just now.
    broken: Option<String>,
}

struct KeptView {
    name: &'static str,
    version: u16,
    kept: (Digest, u64),
    folded: (Digest, u64),
}

impl KeptViews {
    /// Compares; `None` where no views are kept, or where nobody can read them.
    pub(super) fn check(dir: &Path, journal: &dyn Journal) -> anyhow::Result<Option<Self>> {
        let place = Place::of(dir);
        if !place.views().is_dir() {
            return Ok(None);
        }
        let Some(Stored { positions, aside, views: kept, broken }) = stored(&place, journal)? else { return Ok(None) };
        let bar = Bar::records(0, "views");
        let threads = available_parallelism().map_or(1, NonZero::get);
        let as_of = AsOf::before(positions.clone()).without(aside);
        let made = digests(journal, &as_of, views::ALL, threads, &mut |done| bar.at(done.done, done.total));
        bar.finish();
        let (folded, _) = made.map_err(crate::views::explained)?;
        let view = |(name, version, kept)| {
            let folded = folded.get(name).copied().unwrap_or_default();
            KeptView { name, version, kept, folded }
        };
        Ok(Some(Self { positions, views: kept.into_iter().map(view).collect(), broken }))
    }

    /// Whether a view is not what the journal makes of it.
    pub(super) fn is_damage(&self) -> bool {
        self.broken.is_some() || self.views.iter().any(|view| view.kept != view.folded)
    }

    pub(super) fn tell(&self, screen: &mut Screen) -> std::io::Result<()> {
        for view in self.views.iter().filter(|view| view.kept != view.folded) {
            let words = screen.say("n'est pas ce que le journal en fait", "is not what the journal makes of it");
            let advice = format!("talon rebuild {} --switch", view.name);
            screen.pieces(&[(&format!("{} {words}: {advice}", view.name), Tone::Bad)])?;
        }
        if let Some(reason) = &self.broken {
            let words = screen.say(
                "les vues étaient endommagées ; mises de côté et refaites du journal",
                "the views were damaged; they were moved aside and made anew from the journal",
            );
            screen.pieces(&[(&format!("{words}: {reason}"), Tone::Bad)])?;
        }
        let rows = self.views.iter().fold(0u64, |sum, view| sum.saturating_add(view.kept.1));
        let views = screen.count(self.views.len() as u64, ["vue", "vues"], ["view", "views"]);
        let rows = screen.count(rows, ["ligne", "lignes"], ["row", "rows"]);
        let differs = self.views.iter().any(|view| view.kept != view.folded);
        let verdict = if differs {
            (screen.say("à refaire", "to be made anew"), Tone::Bad)
        } else {
            (screen.say("identiques au journal", "the same as the journal"), Tone::Good)
        };
        screen.pieces(&[(&format!("{views}, {rows}: "), Tone::Plain), verdict])
    }

    pub(super) fn report(&self) -> Value {
        let views: Vec<_> = self
            .views
            .iter()
            .map(|view| {
                json!({
                    "name": view.name, "version": view.version, "rows": view.kept.1,
                    "kept": view.kept.0.to_string(), "folded": view.folded.0.to_string(),
                    "same": view.kept == view.folded,
                })
            })
            .collect();
        json!({ "positions": vector_text(&self.positions), "movedAside": self.broken, "views": views })
    }
}

/// What the store holds, and of which records.
struct Stored {
    positions: Positions,
    /// Records that are in no view.
    aside: BTreeSet<(PartitionId, Position)>,
    views: Vec<(&'static str, u16, (Digest, u64))>,
    broken: Option<String>,
}

/// What the store holds; `None` where it can only be folded in memory.
fn stored(place: &Place, journal: &dyn Journal) -> anyhow::Result<Option<Stored>> {
    let setting =
        Setting { journal, views: views::ALL.to_vec(), budget: Budget::default(), clock: &clock::now, stop: &|| false };
    let broken = RefCell::new(None);
    let hear = |event| {
        if let Event::MovedAside { to, reason } = event {
            *broken.borrow_mut() = Some(format!("{} ({reason})", to.display()));
        }
    };
    let opened = open_views(place, HOLDER, &setting, &hear)?;
    if matches!(opened.source(), Source::Memory { .. }) {
        return Ok(None);
    }
    let reading = opened.reading()?;
    let digest = |view: &&'static dyn talon_projections::view::View| {
        Ok((view.name(), view.version(), digest_of(reading, *view)?))
    };
    let kept: anyhow::Result<Vec<_>> = views::ALL.iter().map(digest).collect();
    let (positions, aside) = (opened.positions().clone(), aside_places(reading)?);
    Ok(Some(Stored { positions, aside, views: kept?, broken: broken.take() }))
}
