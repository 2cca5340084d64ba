//! `talon repair`: cuts a damaged end off the journal, because somebody decided so, and leaves a fact that says who.
//!
//! The incarnation is raised in the writer's place, before anything is cut: a number that was raised for nothing lets
//! publishers send what is known, one that was not raised lets acknowledgements stand for records that are gone.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::Path;

use anyhow::Context as _;
use serde_json::json;
use talon_domain::fact::Kind;
use talon_journal::{TornTail, repair_begun, repair_cut_after};

use crate::args::{Common, RepairArgs};
use crate::exit::Exit;
use crate::show::Screen;
use crate::{incarnation, ledger};

pub(crate) fn run(args: &RepairArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let dir = common.ledger()?;
    ledger::require_ledger(dir)?;
    ledger::require_no_backup(dir)?;
    if !args.yes && io::stdin().is_terminal() && !is_confirmed(args.cut_after, screen)? {
        screen.remark(screen.say("Rien n'a été coupé.", "Nothing was cut."))?;
        return Ok(Exit::Failed);
    }
    let (before, is_begun) = (set_aside(dir)?, repair_begun(dir)?.is_some());
    let mut life = incarnation::FIRST;
    let cut = repair_cut_after(dir, args.cut_after, "talon repair", &mut || {
        life = incarnation::raise(dir).map_err(io::Error::other)?;
        Ok(())
    })?;
    let mut kept = set_aside(dir)?;
    // What a repair that was interrupted has set aside belongs to the one that ends it.
    kept.retain(|name, _| !before.contains_key(name) || (is_begun && is_cut_at(name, cut.first_lsn)));
    tell(&cut, &kept, life, screen)?;
    screen.flush()?;
    let fact = json!({
        "cutAfter": args.cut_after.to_string(), "cutBytes": kept.values().sum::<u64>().to_string(),
        "authorCode": args.author_code, "incarnation": life,
    });
    let told = ledger::tell(dir, Kind::REPAIRED, &fact);
    told.context("the cut is made, and its fact is not in the journal: run the same command again")?;
    Ok(Exit::Done)
}

/// Asks a person who sits at a terminal.
fn is_confirmed(cut_after: u64, screen: &mut Screen) -> io::Result<bool> {
    let behind = screen.say("Tout ce qui suit l'enregistrement", "Everything behind record");
    let asked = screen.say(
        "quitte le journal, confirmé ou non. Écrivez oui pour couper :",
        "leaves the journal, acknowledged or not. Type yes to cut:",
    );
    screen.remark(&format!("{behind} {cut_after} {asked}"))?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(["yes", "oui"].contains(&answer.trim().to_lowercase().as_str()))
}

/// What was cut off the journal and lies beside it: names, and how many bytes each has.
pub(crate) fn set_aside(dir: &Path) -> anyhow::Result<BTreeMap<String, u64>> {
    let folder = dir.join("journal");
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.contains(".torn-") {
            found.insert(name, entry.metadata()?.len());
        }
    }
    Ok(found)
}

/// Whether something was set aside by a cut before this record.
fn is_cut_at(name: &str, first_lsn: u64) -> bool {
    let cut = name.split_once(".torn-").and_then(|(_, cut)| cut.split('-').next()?.parse().ok());
    cut == Some(first_lsn)
}

fn tell(cut: &TornTail, kept: &BTreeMap<String, u64>, life: u32, screen: &mut Screen) -> io::Result<()> {
    if screen.is_json() {
        let kept: Vec<_> = kept.iter().map(|(file, bytes)| json!({ "file": file, "bytes": bytes })).collect();
        return screen.json(&json!({
            "type": "cut", "file": cut.file, "offset": cut.offset, "bytes": cut.bytes, "firstLsn": cut.first_lsn,
            "kept": kept, "incarnation": life,
        }));
    }
    let words = screen.say("octets coupés, copiés à côté du segment", "bytes cut, and copied beside the segment");
    screen.line(&format!("{} offset {}: {} {words}", cut.file, cut.offset, cut.bytes))?;
    for (file, bytes) in kept {
        let words = screen.say("octets gardés", "bytes kept");
        screen.line(&format!("  journal/{file}: {bytes} {words}"))?;
    }
    let words = screen.say(
        "Que chacun publie de nouveau : le registre répond désormais avec l'incarnation",
        "Let everybody publish again: the ledger answers from now on with incarnation",
    );
    screen.line(&format!("{words} {life}"))
}
