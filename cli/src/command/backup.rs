//! `talon backup`: a copy of the ledger that can be restored, made beside whoever writes.
//!
//! The end is fixed first, then the vault is copied, then the journal up to the end. Keys are durable before they seal,
//! so every record below the end finds its key in the copy, unless a person was erased meanwhile, which is right.

use std::path::Path;

use anyhow::bail;
use serde_json::json;
use talon_journal::{EmbeddedJournal, Journal as _, Prefix, verify_in};
use talon_vault::{Vault, VaultError};

use crate::args::{BackupArgs, Common};
use crate::backup::{Kept, Manifest, Target};
use crate::exit::{Exit, UsageError};
use crate::show::{Bar, Screen};
use crate::{clock, files, incarnation, ledger};

pub(crate) fn run(args: &BackupArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let dir = common.ledger()?;
    refuse_inside(dir, &args.to)?;
    let taken_at = clock::now(); // before the end is fixed: what was acknowledged until then is in
    let book = ledger::open_to_read(dir)?;
    let journal = book.embedded()?;
    let prefix = journal.prefix();
    let mut manifest = Manifest {
        release: env!("CARGO_PKG_VERSION").to_owned(),
        ledger_id: journal.identity().ledger_id.to_string(),
        incarnation: incarnation::of(dir)?,
        taken_at: taken_at.rfc3339(),
        records: prefix.records(),
        positions: prefix.ends().iter().map(|(_, next)| next.0).collect(),
        files: Vec::new(),
    };
    let mut target = Target::begin(&args.to)?;
    let has_vault = copy_vault(dir, journal, &target)?;
    manifest.files = fill(&mut target, &prefix, has_vault)?;
    check(&target, journal, &manifest, has_vault)?;
    target.finish(&manifest.encode())?;
    tell(&args.to, &manifest, has_vault, screen)?;
    Ok(Exit::Done)
}

/// A backup that lies in the ledger's folder is lost with it.
fn refuse_inside(dir: &Path, to: &Path) -> anyhow::Result<()> {
    if files::lies_inside(dir, to)? {
        return Err(UsageError(format!("{} lies in the ledger's own folder: back up elsewhere", to.display())).into());
    }
    Ok(())
}

/// Copies the vault, if there is one: a copy for an auditor has none.
fn copy_vault(dir: &Path, journal: &EmbeddedJournal, target: &Target) -> anyhow::Result<bool> {
    let ledger_id = journal.identity().ledger_id;
    match Vault::copy(dir, ledger_id, &target.vault()) {
        Err(VaultError::Absent { .. }) => Ok(false),
        copied => {
            copied?;
            Vault::check(target.work(), ledger_id)?;
            Ok(true)
        }
    }
}

fn fill(target: &mut Target, prefix: &Prefix, has_vault: bool) -> anyhow::Result<Vec<Kept>> {
    let files = prefix.files();
    let bar = Bar::bytes(0, "copying");
    let (mut done, total) = (0, files.iter().map(|file| file.bytes).sum());
    let mut passed = |bytes| {
        done += bytes;
        bar.at(done, total);
    };
    let mut kept = Vec::new();
    if has_vault {
        kept.push(target.keep_vault(&mut passed)?);
    }
    for file in files {
        let mut bytes = prefix.open(&file)?;
        kept.push(target.keep(&file.name, file.bytes, &mut bytes, &mut passed)?);
    }
    bar.finish();
    Ok(kept)
}

/// Opens the copy and verifies it, before anybody may take it for a backup.
fn check(target: &Target, journal: &EmbeddedJournal, manifest: &Manifest, has_vault: bool) -> anyhow::Result<()> {
    let copy = target.journal()?;
    let opened = EmbeddedJournal::open_read_only_in(&copy)?;
    let bar = Bar::bytes(0, "verifying");
    let verified = verify_in(copy.as_ref(), &mut |progress| bar.at(progress.bytes, progress.bytes_total))?;
    bar.finish();
    if let Some(damage) = verified.damages.first() {
        bail!("the copy does not verify, so there is no backup: {damage}");
    }
    let is_same = opened.identity() == journal.identity() && verified.records == manifest.records;
    if !is_same || opened.torn_tail().is_some() {
        bail!("the copy is not what was to be copied, so there is no backup: is something else writing there?");
    }
    if has_vault {
        Vault::check(target.work(), journal.identity().ledger_id)?;
    }
    Ok(())
}

fn tell(to: &Path, manifest: &Manifest, has_vault: bool, screen: &mut Screen) -> std::io::Result<()> {
    if screen.is_json() {
        return screen.json(&json!({
            "type": "backup", "backup": to.display().to_string(), "ledgerId": manifest.ledger_id,
            "incarnation": manifest.incarnation, "takenAt": manifest.taken_at, "records": manifest.records,
            "positions": manifest.positions, "files": manifest.files.len(), "bytes": manifest.bytes(),
            "vault": has_vault,
        }));
    }
    let records = screen.count(manifest.records, ["enregistrement", "enregistrements"], ["record", "records"]);
    let words = screen.say("sauvegardés et vérifiés", "backed up and verified");
    screen.line(&format!("{records} {words}: {}", to.display()))?;
    let moment = screen.say("dans l'état du", "as of");
    screen.line(&format!("  {moment} {}, incarnation {}", manifest.taken_at, manifest.incarnation))?;
    screen.line(&format!(
        "  {}",
        if has_vault {
            screen.say(
                "La clé maîtresse n'y est pas : gardez-la ailleurs.",
                "The master key is not in it: keep it elsewhere.",
            )
        } else {
            screen.say(
                "Ce registre n'a pas de coffre : les personnes n'y sont pas.",
                "This ledger has no vault: the persons are not in it.",
            )
        }
    ))
}
