//! `talon bench`: how fast this ledger is on this machine and this disk.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use talon_benches::{Extent, Report, measure};

use crate::args::BenchArgs;
use crate::exit::{Exit, UsageError};
use crate::show::{Bar, Screen};

pub(crate) fn run(args: &BenchArgs, screen: &mut Screen) -> anyhow::Result<Exit> {
    let report = measured(args)?;
    if screen.is_json() {
        screen.line(&report.json())?;
    } else {
        report.table().lines().try_for_each(|line| screen.line(line))?;
    }
    Ok(Exit::Done)
}

/// Measures in a folder of its own, which is gone afterwards, whatever happens.
fn measured(args: &BenchArgs) -> anyhow::Result<Report> {
    make(&args.dir)?;
    let extent = Extent { events: args.events, how_long: Duration::from_secs(args.seconds), repeats: args.repeats };
    let asked = args.asked();
    let bar = Bar::records(asked.len() as u64, "measuring");
    let mut begun = 0;
    let report = measure(&asked, &args.dir, extent, &mut |_| {
        bar.at(begun, asked.len() as u64);
        begun += 1;
    });
    bar.finish();
    let removed = fs::remove_dir_all(&args.dir).with_context(|| format!("{} is left behind", args.dir.display()));
    let report = report.with_context(|| format!("measuring in {} failed", args.dir.display()))?;
    removed.map(|()| report)
}

fn make(dir: &Path) -> anyhow::Result<()> {
    if dir.exists() {
        let advice = "name a folder that does not exist: it is removed afterwards";
        return Err(UsageError(format!("{} is there already: {advice}", dir.display())).into());
    }
    fs::create_dir(dir).with_context(|| format!("{} cannot be made", dir.display()))
}
