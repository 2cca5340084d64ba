//! What lies around the ledger: space, permissions, the master key, the last backup.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use indicatif::HumanBytes;
use talon_journal::{EmbeddedJournal, Journal as _};
use talon_vault::MasterKey;

use super::{Findings, State, shown};
use crate::args::{Common, Span};
use crate::backup::Source;
use crate::park::moment;
use crate::room::Room;
use crate::show::Screen;
use crate::{clock, keys};

/// Whether the next segments find room.
pub(super) fn space(
    dir: &Path,
    journal: Option<&EmbeddedJournal>,
    findings: &mut Findings,
    screen: &Screen,
) -> anyhow::Result<()> {
    let Some(room) = Room::of(dir, journal)? else { return Ok(()) };
    findings.gauge("free", room.free, "B");
    findings.bound([format!("{}:", room.two), format!("{}:", room.one)]);
    if room.is_full() {
        findings.note("space", State::Critical, room.words(room.one, screen));
    } else if room.free < room.two {
        findings.note("space", State::Warning, room.words(room.two, screen));
    } else {
        findings.note("space", State::Ok, format!("{} {}", HumanBytes(room.free), screen.say("libres", "free")));
    }
    Ok(())
}

/// The master key is there, its owner's alone, and elsewhere than the ledger.
pub(super) fn key(dir: &Path, common: &Common, findings: &mut Findings, screen: &Screen) {
    let located = keys::place(dir, common);
    if let Err(error) = MasterKey::read(&located) {
        findings.note("key", State::Critical, error.to_string());
    } else if located.inside_ledger {
        let words = screen.say("est dans le dossier du registre", "lies inside the ledger's folder");
        findings.note("key", State::Warning, format!("{} {words}", shown(&located.path)));
    }
}

/// Nobody but owner and group gets into the folder.
pub(super) fn folder(dir: &Path, findings: &mut Findings, screen: &Screen) -> anyhow::Result<()> {
    let mode = fs::metadata(dir)?.permissions().mode() & 0o777;
    if mode & 0o007 != 0 {
        let words = screen.say("est ouvert à tous : chmod o-rwx", "is open to everybody: chmod o-rwx");
        findings.note("folder", State::Warning, format!("{} {words} ({mode:03o})", shown(dir)));
    }
    Ok(())
}

/// The newest finished backup of this ledger is there, and not too old.
pub(super) fn backup(
    place: &Path,
    most: Option<Span>,
    journal: &EmbeddedJournal,
    findings: &mut Findings,
    screen: &Screen,
) {
    let ledger_id = journal.identity().ledger_id.to_string();
    let backups = candidates(place).into_iter().filter_map(|path| Source::open(&path).ok());
    let ours = backups.filter(|backup| backup.manifest.ledger_id == ledger_id);
    if let Some(newest) = ours.filter_map(|backup| moment(&backup.manifest.taken_at)).max() {
        let words = screen.say("depuis la dernière sauvegarde", "since the last backup");
        findings.bounded("backup_age", Span::between(newest, clock::now()), most.unwrap_or(Span::MAX), words);
    } else {
        let words = screen.say("n'a aucune sauvegarde de ce registre", "holds no backup of this ledger");
        findings.note("backup", State::Critical, format!("{} {words}", shown(place)));
    }
}

/// A backup, or a folder of backups.
fn candidates(place: &Path) -> Vec<PathBuf> {
    let inside = fs::read_dir(place).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    [place.to_owned()].into_iter().chain(inside).collect()
}
