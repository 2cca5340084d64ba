//! One event at a time: from the call that publishes it to the first answer of views that holds it, by a projector that
//! follows the topic as a replica does. Whoever asks opens a session each time, as a command does.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use talon_benches::{Watch, Workload, now};
use talon_consumers::{Budget, Place, Projector, Setting, Source, open_views};
use talon_intake::{Door, EventBatch, Group, Outcome, Publisher};
use talon_journal::Journal;
use talon_projections::views;

/// So many events, after so many that warm everything up.
const EVENTS: usize = 300;
const WARM_UP: usize = 50;
/// Between two of them.
const PAUSE: Duration = Duration::from_millis(20);
/// So long a projector takes to begin.
const BEGIN: Duration = Duration::from_secs(2);
/// It is asked again after so long.
const ASK_AGAIN: Duration = Duration::from_millis(1);
/// Whoever is not answered by then never is.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long it took each event, the quickest first.
pub(crate) fn seen(writer: &dyn Journal, reader: &dyn Journal, door: &mut Door) -> Result<Vec<Duration>> {
    let folder = tempfile::tempdir().context("a folder for the views")?;
    let place = Place::of(folder.path());
    let stop = AtomicBool::new(false);
    let is_stopped = || stop.load(Ordering::Relaxed);
    let setting = Setting {
        journal: reader,
        views: views::ALL.to_vec(),
        budget: Budget::default(),
        clock: &now,
        stop: &is_stopped,
    };
    thread::scope(|scope| {
        let running = scope.spawn(|| -> Result<()> {
            let claimed = place.claim("a race")?;
            Projector::open(place.clone(), claimed, setting.clone(), &|_| ())?.run_and_answer(true)?;
            Ok(())
        });
        // It begins before anybody asks.
        thread::sleep(BEGIN);
        let waits = waits(writer, door, &place, &setting);
        stop.store(true, Ordering::Relaxed);
        running.join().map_err(|_| anyhow::anyhow!("the projector panicked"))??;
        waits
    })
}

fn waits(writer: &dyn Journal, door: &mut Door, place: &Place, setting: &Setting<'_>) -> Result<Vec<Duration>> {
    let (mut workload, mut batch, mut group) = (Workload::of(2), EventBatch::new(), Group::new());
    let mut waits = Vec::new();
    for number in 0..EVENTS + WARM_UP {
        thread::sleep(PAUSE);
        workload.fill(&mut batch, 1, now());
        let watch = Watch::start();
        let outcomes = door.publish(&batch, &Publisher::local(), now(), writer, &mut group)?;
        let Some(Outcome::Appended(at)) = outcomes.first() else { anyhow::bail!("an event was not taken") };
        loop {
            let views = open_views(place, "whoever asks", setting, &|_| ())?;
            ensure!(matches!(views.source(), Source::Remote(_)), "nobody answers");
            if views.positions().next(at.partition) > at.position {
                break;
            }
            ensure!(watch.read() < PATIENCE, "the views never held it");
            thread::sleep(ASK_AGAIN);
        }
        if number >= WARM_UP {
            waits.push(watch.read());
        }
    }
    waits.sort_unstable();
    Ok(waits)
}
