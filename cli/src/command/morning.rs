//! `talon morning`: the page and the workbook of a morning, written into a folder and named.
//!
//! Invariant: a file is whole or not there: it is written beside and renamed.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::json;
use talon_domain::anomaly::Language;
use talon_domain::time::Instant;
use talon_exports::morning::{self, Setting, Stand, page, tables};
use talon_exports::workbook;
use talon_journal::Journal;
use talon_projections::worklist::Item;
use talon_replay::Roots;

use crate::args::{AsOfArgs, Common, MorningArgs};
use crate::exit::Exit;
use crate::morning::{Morning, at_stake};
use crate::show::{Bar, Screen};
use crate::views::{self, Views};
use crate::{files, ledger};

/// How long before a morning the one before it was: a day, by the clock of Paris nearly so.
const DAY_US: i64 = 86_400_000_000;

pub(crate) fn run(args: &MorningArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let language = common.stated_language().unwrap_or(Language::French);
    let views = views::open(common, &args.as_of, None)?;
    let asked = Morning::of(&args.of, &views)?;
    let before = if args.no_changes { None } else { before(args, &asked, common)? };
    let stand = stand(&views, common)?;
    let setting = Setting {
        reading: views.reading()?,
        asked: asked.asked(&views),
        day: asked.day,
        before: before.as_deref(),
        stand,
    };
    let morning = morning::Morning::of(&setting)?;
    fs::create_dir_all(&args.out).with_context(|| format!("{} cannot be made", args.out.display()))?;
    let name = format!("morning-{}", asked.day);
    let html = write(&args.out, &format!("{name}.html"), page(&morning, language).as_bytes())?;
    let xlsx = write(&args.out, &format!("{name}.xlsx"), &workbook(&tables(&morning, language), language)?)?;
    tell(&morning, &asked, [&html, &xlsx], &views, screen)?;
    Ok(Exit::Done)
}

/// The list of the morning before, made of what the ledger knew then; none where it knew nothing.
fn before(args: &MorningArgs, asked: &Morning, common: &Common) -> anyhow::Result<Option<Vec<Item>>> {
    let at = Instant(asked.at.0.saturating_sub(DAY_US));
    let then = AsOfArgs::known_at(at);
    let views = views::open(common, &then, None)?;
    if views.vector().is_empty() {
        return Ok(None);
    }
    let before = Morning { at, ..Morning::of(&args.of, &views)? };
    Ok(Some(before.list(&views)?.items))
}

/// What the page is as of.
fn stand(views: &Views, common: &Common) -> anyhow::Result<Stand> {
    let journal = ledger::open_to_read(common.ledger()?)?;
    let bar = Bar::records(journal.ends().total(), "hashing");
    let roots = Roots::up_to(views.positions(), &journal, &mut |progress| bar.at(progress.done, progress.total))?;
    bar.finish();
    Ok(Stand {
        ledger: journal.identity().ledger_id.to_string(),
        positions: views.vector(),
        aside: views.aside(),
        // A partition that holds its genesis alone has nothing to tell.
        roots: roots
            .heads()
            .filter(|(_, head)| head.size > 1)
            .map(|(partition, head)| (partition.0, head.size, head.root.to_string()))
            .collect(),
    })
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> anyhow::Result<PathBuf> {
    let (path, beside) = (folder.join(name), folder.join(format!(".{name}.part")));
    let written = || -> std::io::Result<()> {
        let _ = fs::remove_file(&beside); // what a kill left
        let mut file = files::make_file(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, &path)?;
        files::sync(folder)
    };
    written().with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(path)
}

fn tell(
    morning: &morning::Morning<'_>,
    asked: &Morning,
    [html, xlsx]: [&Path; 2],
    views: &Views,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let (open, resting) = morning.parted();
    if screen.is_json() {
        let sums = |items: &[&Item]| {
            at_stake(items)
                .into_iter()
                .map(|(currency, sum)| json!({ "currency": currency.code(), "minorUnits": sum.to_string() }))
                .collect::<Vec<_>>()
        };
        screen.json(&views.with_foot(json!({
            "type": "morning", "date": asked.day.to_string(), "at": asked.at.rfc3339(),
            "toLookAt": open.len(), "atStake": sums(&open), "noted": resting.len(), "atRest": sums(&resting),
            "changes": morning.changes.as_ref().map(Vec::len),
            "page": html.display().to_string(), "workbook": xlsx.display().to_string(),
        })))?;
        return Ok(());
    }
    let language = screen.language;
    let sums = |items: &[&Item]| {
        let sums = at_stake(items).into_iter().map(|(currency, sum)| currency.words(sum, language));
        let sums = sums.collect::<Vec<_>>().join(" + ");
        if sums.is_empty() { sums } else { format!(", {sums}") }
    };
    let count = screen.count(
        open.len() as u64,
        ["point à traiter", "points à traiter"],
        ["item to look at", "items to look at"],
    );
    screen.line(&format!("{count}{}", sums(&open)))?;
    if !resting.is_empty() {
        let noted = screen.count(resting.len() as u64, ["noté", "notés"], ["noted", "noted"]);
        screen.line(&format!("{noted}{}", sums(&resting)))?;
    }
    screen.line(&html.display().to_string())?;
    screen.line(&xlsx.display().to_string())?;
    views.foot(screen)?;
    Ok(())
}
