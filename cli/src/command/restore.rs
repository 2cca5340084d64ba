//! `talon restore`: a backup becomes a ledger again, in a folder of its own, under a number that nobody has seen yet.
//!
//! The ledger is made beside its place and gets its name last: a restore that was stopped has made no ledger. Before
//! that all slabs of keys are closed, because keys that the backup takes for unused may have sealed records since, and
//! the incarnation is raised, because publishers hold acknowledgements that this ledger knows nothing of.

use std::cell::Cell;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde_json::json;
use talon_domain::fact::Kind;
use talon_domain::ids::LedgerId;
use talon_journal::{EmbeddedJournal, Journal as _, PARTITIONS, Prefix, repair_cut_after, verify};
use talon_vault::{MasterKey, Vault};

use crate::args::{Common, RestoreArgs};
use crate::backup::{JOURNAL, Kept, MANIFEST, Manifest, Source, VAULT, copy};
use crate::exit::{DamagedBackup, Exit, UsageError};
use crate::files::{make_file, make_folder, parent, sync};
use crate::park::moment;
use crate::show::{Bar, Screen};
use crate::{incarnation, keys, ledger};

pub(crate) fn run(args: &RestoreArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let work = Work::at(&args.to)?;
    let source = Source::open(&args.backup)?;
    check(&source)?;
    let journal = EmbeddedJournal::open_read_only_in(&source.journal())?;
    let records = journal.prefix().records();
    if journal.identity().ledger_id.to_string() != source.manifest.ledger_id || records != source.manifest.records {
        return Err(DamagedBackup { backup: args.backup.clone(), file: MANIFEST.to_owned() }.into());
    }
    let end = end(args, &source.manifest, &journal)?;
    let restored = Restored {
        ledger_id: journal.identity().ledger_id,
        incarnation: life(args, &source.manifest)?,
        last: end - 1,
        is_cut: end < source.manifest.records,
        has_vault: source.manifest.files.iter().any(|file| file.name == VAULT),
    };
    work.begin()?;
    let closed_slabs = restored.fill(&work, args, &source, &journal)?;
    work.finish()?;
    tell(args, &source.manifest, &restored, closed_slabs, screen)?;
    if restored.has_vault {
        look_for_key(args, common, screen)?;
    }
    Ok(Exit::Done)
}

/// No backup holds the master key: says where it is to be put, if the one that lies there will not do.
fn look_for_key(args: &RestoreArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<()> {
    let located = keys::place(&args.to, common);
    let place = located.path.display();
    if !located.path.exists() {
        let words = screen.say("la clé maîtresse manque ; remettez-la dans", "the master key is missing; put it into");
        screen.remark(&format!("{words} {place}"))?;
        return Ok(());
    }
    let wanted = Vault::master_key_fingerprint(&args.to)?;
    if MasterKey::read(&located).map_or(true, |key| key.fingerprint() != wanted) {
        let words = screen.say("n'ouvre pas ce coffre ; il lui faut la clé", "does not open this vault; it wants key");
        screen.remark(&format!("{place} {words} {wanted}"))?;
    }
    Ok(())
}

fn check(source: &Source) -> anyhow::Result<()> {
    let bar = Bar::bytes(0, "checking");
    let (mut done, total) = (0, source.manifest.bytes());
    source.check(&mut |bytes| {
        done += bytes;
        bar.at(done, total);
    })?;
    bar.finish();
    Ok(())
}

/// How many records are restored.
fn end(args: &RestoreArgs, manifest: &Manifest, journal: &EmbeddedJournal) -> anyhow::Result<u64> {
    let records = manifest.records;
    let end = match (args.at_position, &args.at) {
        (Some(last), _) if last >= records => {
            bail!(UsageError(format!("the backup ends with record {}, before {last}", records - 1)));
        }
        (Some(last), _) => last + 1,
        (None, Some(text)) => {
            let wanted = "--at wants a moment, as 2026-11-25T10:00:00.250+01:00, or a date, for its end";
            let at = moment(text).ok_or_else(|| UsageError(wanted.into()))?;
            if moment(&manifest.taken_at).is_some_and(|taken_at| at > taken_at) {
                let taken_at = &manifest.taken_at;
                bail!(UsageError(format!("the backup was taken at {taken_at}: what came after is not in it")));
            }
            journal.records_until(at)?
        }
        (None, None) => records,
    };
    if end < u64::from(PARTITIONS) {
        bail!(UsageError("then there was no ledger yet: its first 64 records begin it".into()));
    }
    Ok(end)
}

fn life(args: &RestoreArgs, manifest: &Manifest) -> anyhow::Result<u32> {
    let highest = args.incarnation.unwrap_or(incarnation::FIRST).max(manifest.incarnation);
    incarnation::after(highest)
}

/// The ledger that a backup becomes.
struct Restored {
    ledger_id: LedgerId,
    incarnation: u32,
    /// The last record, by its number over all partitions.
    last: u64,
    is_cut: bool,
    has_vault: bool,
}

impl Restored {
    /// Makes it, and says how many slabs of keys were closed.
    fn fill(&self, work: &Work, args: &RestoreArgs, source: &Source, journal: &EmbeddedJournal) -> anyhow::Result<u64> {
        let dir = work.dir.as_path();
        let prefix = journal.prefix();
        if self.has_vault {
            make_folder(&dir.join("vault"))?;
        }
        make_folder(&dir.join(JOURNAL))?;
        self.copy(dir, source, &prefix)?;
        self.verify(dir)?;
        let closed = if self.has_vault { Vault::close_slabs(dir, self.ledger_id)? } else { 0 };
        incarnation::set(dir, self.incarnation)?;
        if self.is_cut {
            repair_cut_after(dir, self.last, "talon restore", &mut || Ok(()))?;
            remove_cut(&dir.join(JOURNAL))?;
        }
        let fact = json!({
            "takenAt": source.manifest.taken_at, "closedSlabs": closed, "authorCode": args.author_code,
            "incarnation": self.incarnation, "lsn": self.last.to_string(),
        });
        ledger::tell(dir, Kind::RESTORED, &fact).context("the restore could not be written into the journal")?;
        Ok(closed)
    }

    /// Copies the vault, and the segments in which a record lies that is restored.
    fn copy(&self, dir: &Path, source: &Source, prefix: &Prefix) -> anyhow::Result<()> {
        let named = |name: &str| source.manifest.files.iter().find(|file| file.name == name);
        let wanted = prefix.files().into_iter().filter(|file| file.first_lsn.is_none_or(|first| first <= self.last));
        let mut files: Vec<&Kept> = named(VAULT).into_iter().collect();
        for file in wanted {
            let name = format!("{JOURNAL}{}", file.name);
            files.push(named(&name).with_context(|| format!("the backup's manifest does not name {name}"))?);
        }
        let bar = Bar::bytes(0, "restoring");
        let (mut done, total) = (0, files.iter().map(|file| file.bytes).sum());
        for file in files {
            let mut to = make_file(&dir.join(&file.name))?;
            let mut passed = |bytes| {
                done += bytes;
                bar.at(done, total);
            };
            let (_, hash) = copy(&mut source.read(file)?, &mut to, &mut passed)?;
            to.sync_all()?;
            if hash.to_hex().as_str() != file.hash {
                return Err(DamagedBackup { backup: dir.to_owned(), file: file.name.clone() }.into());
            }
        }
        bar.finish();
        if self.has_vault {
            sync(&dir.join("vault"))?;
        }
        [dir.join(JOURNAL), dir.to_owned()].iter().try_for_each(|folder| sync(folder))?;
        Ok(())
    }

    /// Verifies the copy, whole or not: what was left out behind the last segment is no damage yet, the mark names it.
    fn verify(&self, dir: &Path) -> anyhow::Result<()> {
        if self.is_cut {
            fs::remove_file(dir.join(JOURNAL).join("durable"))?;
        }
        let bar = Bar::bytes(0, "verifying");
        let verified = verify(dir, &mut |progress| bar.at(progress.bytes, progress.bytes_total))?;
        bar.finish();
        if let Some(damage) = verified.damages.first() {
            let file = format!("{JOURNAL}{damage}");
            return Err(DamagedBackup { backup: dir.to_owned(), file }.into());
        }
        if self.has_vault {
            Vault::check(dir, self.ledger_id)?;
        }
        Ok(())
    }
}

/// What a cut keeps beside the segments lies in the backup already.
fn remove_cut(journal: &Path) -> io::Result<()> {
    for entry in fs::read_dir(journal)? {
        let path = entry?.path();
        if path.to_string_lossy().contains(".torn-") {
            fs::remove_file(path)?;
        }
    }
    sync(journal)
}

/// The folder in which a ledger is made until it gets its name. What is given up is taken away.
struct Work {
    dir: PathBuf,
    place: PathBuf,
    begun: Cell<bool>,
}

impl Work {
    fn at(place: &Path) -> anyhow::Result<Self> {
        let place: PathBuf = place.components().collect(); // without a slash at its end
        let mut dir = place.as_os_str().to_owned();
        dir.push(".restoring");
        let dir = PathBuf::from(dir);
        for (there, what) in [
            (&place, "is there already: a ledger is restored into a folder of its own"),
            (&dir, "is left of a restore that was stopped: remove it"),
        ] {
            if there.exists() {
                return Err(UsageError(format!("{} {what}", there.display())).into());
            }
        }
        Ok(Self { dir, place, begun: Cell::new(false) })
    }

    fn begin(&self) -> anyhow::Result<()> {
        let made = fs::create_dir_all(parent(&self.place)).and_then(|()| make_folder(&self.dir));
        made.with_context(|| format!("{} cannot be made", self.dir.display()))?;
        self.begun.set(true);
        Ok(())
    }

    /// Gives the ledger its name.
    fn finish(self) -> io::Result<()> {
        fs::rename(&self.dir, &self.place)?;
        self.begun.set(false);
        sync(parent(&self.place))
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if self.begun.get() {
            let _ = fs::remove_dir_all(&self.dir); // what cannot be taken away stays, and is named by the next restore
        }
    }
}

fn tell(
    args: &RestoreArgs,
    manifest: &Manifest,
    restored: &Restored,
    closed_slabs: u64,
    screen: &mut Screen,
) -> io::Result<()> {
    let to = args.to.display().to_string();
    if screen.is_json() {
        return screen.json(&json!({
            "type": "restoration", "ledger": to, "ledgerId": manifest.ledger_id, "incarnation": restored.incarnation,
            "takenAt": manifest.taken_at, "lsn": restored.last, "closedSlabs": closed_slabs,
            "vault": restored.has_vault,
        }));
    }
    let records = screen.count(restored.last + 1, ["enregistrement", "enregistrements"], ["record", "records"]);
    let words = screen.say("restaurés et vérifiés", "restored and verified");
    screen.line(&format!("{records} {words}: {to}"))?;
    let slabs = screen.count(
        closed_slabs,
        ["bloc de clés fermé", "blocs de clés fermés"],
        ["slab of keys closed", "slabs of keys closed"],
    );
    screen.line(&format!("  incarnation {}, {slabs}", restored.incarnation))?;
    screen.line(&format!(
        "  {}",
        screen.say(
            "Que chacun publie de nouveau ce qui a suivi : ce qui est déjà connu n'est pas ajouté deux fois.",
            "Let everybody publish again what came after: what is known already is not appended twice.",
        )
    ))
}
