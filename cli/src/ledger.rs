//! A ledger's folder: made, opened for writing, opened for reading.
//!
//! Reading takes no lock, needs no key, and works on a copy that cannot be written. Writing is one process at a time.

use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use anyhow::Context as _;
use talon_domain::ids::LedgerId;
use talon_domain::time::Instant;
use talon_intake::{Door, Group, Seals, genesis, new_ledger_id};
use talon_journal::{EmbeddedJournal, IdIndex, Journal, SegmentSeed, WriterSettings};
use talon_replay::History;
use talon_vault::{Entropy, Located, MasterKey, Vault};

use crate::args::Common;
use crate::exit::UsageError;
use crate::show::{Bar, Screen};
use crate::{clock, keys};

/// What `create` made.
pub(crate) struct Made {
    pub(crate) ledger_id: LedgerId,
    pub(crate) fingerprint: String,
}

/// Makes a ledger in a folder that does not exist or is empty, for its owner alone. The key comes before what it wraps
/// and the journal last, so that a ledger that can be opened has its key. If it fails, what it made is taken away.
pub(crate) fn create(dir: &Path, origin: &str, key: &Located, now: Instant) -> anyhow::Result<Made> {
    refuse_filled(dir)?;
    let is_new = !dir.exists();
    let key_is_new = !key.path.exists();
    let made = make(dir, origin, key, now);
    if made.is_err() {
        let folders = [dir.join("vault"), dir.join("journal")];
        folders.iter().for_each(|folder| drop(std::fs::remove_dir_all(folder)));
        drop(std::fs::remove_file(dir.join("lock")));
        if is_new {
            drop(std::fs::remove_dir(dir));
        }
        if key_is_new {
            drop(std::fs::remove_file(&key.path));
        }
    }
    made.with_context(|| format!("no ledger was made in {} with its key in {}", dir.display(), key.path.display()))
}

fn make(dir: &Path, origin: &str, key: &Located, now: Instant) -> anyhow::Result<Made> {
    let mut entropy = Entropy::from_os()?;
    let ledger_id = new_ledger_id(now, &mut entropy);
    let records = genesis(ledger_id, origin, now, &mut entropy).context("the origin is too long")?;
    let folder = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir);
    folder.with_context(|| format!("{} cannot be made", dir.display()))?;
    let master = MasterKey::generate(&mut entropy);
    let fingerprint = master.fingerprint();
    master.write_new(&key.path)?;
    Vault::create(dir, &master, ledger_id, Entropy::from_os()?)?.close()?;
    EmbeddedJournal::create(dir, ledger_id, settings(entropy), &records)?;
    Ok(Made { ledger_id, fingerprint })
}

fn refuse_filled(dir: &Path) -> anyhow::Result<()> {
    match std::fs::read_dir(dir).map(|mut entries| entries.next().is_some()) {
        Ok(true) => {
            Err(UsageError(format!("{} is not empty: a new ledger needs a folder of its own", dir.display())).into())
        }
        Ok(false) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", dir.display())),
    }
}

/// The program as a second writer is told of it, and what each new segment is salted and dated with.
fn settings(mut entropy: Entropy) -> WriterSettings {
    let seeds = move || {
        let mut salt = [0; 8];
        entropy.fill(&mut salt);
        SegmentSeed { salt: u64::from_le_bytes(salt), created_at: clock::now() }
    };
    WriterSettings::new("talon", Box::new(seeds))
}

/// A ledger that this process writes.
pub(crate) struct Writing {
    pub(crate) journal: EmbeddedJournal,
    pub(crate) door: Door,
    pub(crate) group: Group,
}

/// Opens a ledger to append; the vault is opened when the first personal part has to be sealed.
pub(crate) fn open_to_write(dir: &Path, common: &Common) -> anyhow::Result<Writing> {
    require_ledger(dir)?;
    let journal = EmbeddedJournal::open(dir, settings(Entropy::from_os()?))?;
    let ledger = journal.identity().ledger_id;
    let seals = Seals::later(keys::vault_later(dir, common, ledger));
    let door = Door::new(IdIndex::of(&journal)?, seals, Entropy::from_os()?);
    Ok(Writing { journal, door, group: Group::new() })
}

/// Opens a ledger to read.
pub(crate) fn open_to_read(dir: &Path) -> anyhow::Result<EmbeddedJournal> {
    require_ledger(dir)?;
    Ok(EmbeddedJournal::open_read_only(dir)?)
}

/// A writer would make folders where there are none: a mistyped name is told instead.
pub(crate) fn require_ledger(dir: &Path) -> anyhow::Result<()> {
    if dir.join("journal").is_dir() {
        return Ok(());
    }
    Err(UsageError(format!("{} holds no ledger: `talon init DIR` makes one", dir.display())).into())
}

/// Reads a ledger's whole history.
pub(crate) fn history(journal: &dyn Journal) -> anyhow::Result<History> {
    let bar = Bar::records(journal.ends().total(), "folding");
    let history = History::of(journal, &mut |progress| bar.at(progress.done, progress.total))?;
    bar.finish();
    Ok(history)
}

/// Says that whoever copies the folder copies the key with it.
pub(crate) fn warn_key_inside(screen: &mut Screen) -> std::io::Result<()> {
    screen.remark(screen.say(
        "attention : la clé maîtresse est dans le dossier du registre ; qui copie le dossier copie la clé",
        "warning: the master key lies inside the ledger's folder; whoever copies the folder copies the key",
    ))
}
