//! A ledger's folder: made, opened for writing, opened for reading.
//!
//! Reading takes no lock, needs no key, and works on a copy that cannot be written. Writing is one process at a time.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use serde_json::{Value, json};
use talon_domain::fact::Kind;
use talon_domain::ids::LedgerId;
use talon_domain::time::Instant;
use talon_intake::{Door, Group, Place, Seals, genesis, new_ledger_id, tell_technical};
use talon_journal::{EmbeddedJournal, Folder, IdIndex, IndexSettings, Journal, SegmentSeed, WriterSettings};
use talon_proto::payload_from_json;
use talon_replay::{AsOfError, History};
use talon_vault::{Entropy, Located, MasterKey, Vault};

use crate::args::{Common, Then};
use crate::backup::MANIFEST;
use crate::book::{self, Book};
use crate::exit::UsageError;
use crate::making::{Making, refuse_filled};
use crate::show::{Bar, Screen};
use crate::{clock, files, incarnation, keys};

/// What `create` made.
pub(crate) struct Made {
    pub(crate) ledger_id: LedgerId,
    pub(crate) fingerprint: String,
}

/// Makes a ledger in a folder that does not exist or is empty, for its owner alone. The key comes before what it wraps
/// and the journal last, so that a ledger that can be opened has its key. If it fails, what it made is taken away; what a
/// making left that was stopped is begun anew. With an address the journal goes to that topic, and the folder holds what
/// is local.
pub(crate) fn create(dir: &Path, url: Option<&str>, origin: &str, key: &Located, now: Instant) -> anyhow::Result<Made> {
    refuse_filled(dir, &key.path)?;
    let mut begun = Begun::default();
    let made = make((dir, url), origin, key, now, &mut begun);
    if made.is_err() {
        begun.take_away();
    }
    made.with_context(|| format!("no ledger was made in {} with its key in {}", dir.display(), key.path.display()))
}

/// What a ledger's making has made so far: nothing that was there before, or that another process makes.
#[derive(Default)]
struct Begun {
    ledger: Option<PathBuf>,
    rooms: Vec<PathBuf>,
    files: Vec<PathBuf>,
    making: Option<Making>,
}

impl Begun {
    fn ledger(&mut self, dir: &Path) -> anyhow::Result<()> {
        let parent = files::parent(dir);
        std::fs::create_dir_all(parent).with_context(|| format!("{} cannot be made", parent.display()))?;
        make_folder(dir)?;
        self.ledger = Some(dir.to_owned());
        Ok(())
    }

    fn room(&mut self, path: PathBuf) -> anyhow::Result<()> {
        make_folder(&path)?;
        self.rooms.push(path);
        Ok(())
    }

    /// Failing is told by who failed first; what cannot be taken away again stays.
    fn take_away(self) {
        self.rooms.iter().for_each(|room| drop(std::fs::remove_dir_all(room)));
        self.files.iter().for_each(|file| drop(std::fs::remove_file(file)));
        self.making.into_iter().for_each(|making| drop(making.end()));
        // Never with what is in it: another process may have begun there meanwhile.
        self.ledger.iter().for_each(|ledger| drop(std::fs::remove_dir(ledger)));
    }
}

/// Makes a folder that was not there, for its owner alone.
fn make_folder(path: &Path) -> anyhow::Result<()> {
    files::make_folder(path).with_context(|| format!("{} cannot be made", path.display()))
}

fn make(
    (dir, url): (&Path, Option<&str>),
    origin: &str,
    key: &Located,
    now: Instant,
    begun: &mut Begun,
) -> anyhow::Result<Made> {
    let mut entropy = Entropy::from_os()?;
    let ledger_id = new_ledger_id(now, &mut entropy);
    let records = genesis(ledger_id, origin, now, &mut entropy).context("the origin is too long")?;
    if !dir.exists() {
        begun.ledger(dir)?;
    }
    // Of two at once, the second one stops here.
    let making = begun.making.insert(Making::begin(dir, key)?);
    let master = MasterKey::generate(&mut entropy);
    let fingerprint = master.fingerprint();
    making.name_key(&fingerprint)?;
    begun.room(dir.join("vault"))?;
    master.write_new(&key.path)?;
    begun.files.push(key.path.clone());
    Vault::create(dir, &master, ledger_id, Entropy::from_os()?)?.close()?;
    begun.files.push(dir.join("lock"));
    if let Some(url) = url {
        begun.files.push(book::create(url, dir, ledger_id, records)?);
    } else {
        begun.room(dir.join("journal"))?;
        EmbeddedJournal::create(dir, ledger_id, settings_of(entropy), &records)?;
    }
    begun.making.take().map_or(Ok(()), Making::end)?;
    Ok(Made { ledger_id, fingerprint })
}

/// The program as a second writer is told of it, and what each new segment is salted and dated with.
pub(crate) fn settings() -> anyhow::Result<WriterSettings> {
    Ok(settings_of(Entropy::from_os()?))
}

fn settings_of(mut entropy: Entropy) -> WriterSettings {
    let seeds = move || {
        let mut salt = [0; 8];
        entropy.fill(&mut salt);
        SegmentSeed { salt: u64::from_le_bytes(salt), created_at: clock::now() }
    };
    WriterSettings::new("talon", Box::new(seeds))
}

/// A ledger that this process writes.
pub(crate) struct Writing {
    pub(crate) journal: Book,
    pub(crate) door: Door,
    pub(crate) group: Group,
    /// Which life of the ledger this is.
    pub(crate) incarnation: u32,
}

/// Opens a ledger to append; the vault is opened when the first personal part has to be sealed.
pub(crate) fn open_to_write(dir: &Path, common: &Common) -> anyhow::Result<Writing> {
    require_ledger(dir)?;
    require_no_backup(dir)?;
    let journal = Book::open_to_write(dir, settings()?)?;
    let incarnation = incarnation::of(dir)?; // in the writer's place, which a repair takes before it raises it
    if let Some(torn) = journal.embedded().ok().and_then(EmbeddedJournal::torn_tail) {
        // Cut already, and kept beside the segment: without room for a fact about it, whoever publishes is told why.
        let fact = json!({
            "release": env!("CARGO_PKG_VERSION"), "engine": "embedded", "tornBytes": torn.bytes.to_string(),
        });
        let _ = append_technical(&journal, Kind::STARTED, &fact);
    }
    let ledger = journal.identity().ledger_id;
    let seals = Seals::later(keys::vault_later(dir, common, ledger));
    let door = Door::new(index_of(dir, &journal)?, seals, Entropy::from_os()?);
    Ok(Writing { journal, door, group: Group::new(), incarnation })
}

/// The ids that a ledger holds: what its files say, and what lies behind them.
fn index_of(dir: &Path, journal: &dyn Journal) -> anyhow::Result<IdIndex> {
    let mut seed = [0; 8];
    Entropy::from_os()?.fill(&mut seed);
    let settings = IndexSettings::new("talon", u64::from_le_bytes(seed));
    let bar = Bar::records(0, "reading ids");
    let storage = Arc::new(Folder::index(dir));
    let index = IdIndex::open(storage, journal, &settings, &mut |progress| bar.at(progress.records, progress.of));
    bar.finish();
    Ok(index?)
}

/// Writes into a ledger's technical log what this process did to it.
pub(crate) fn tell(dir: &Path, kind: Kind, fact: &Value) -> anyhow::Result<Place> {
    append_technical(&Book::open_to_write(dir, settings()?)?, kind, fact)
}

pub(crate) fn append_technical(journal: &dyn Journal, kind: Kind, fact: &Value) -> anyhow::Result<Place> {
    let payload = payload_from_json(kind, fact.to_string().as_bytes())?;
    Ok(tell_technical(journal, kind, &payload, clock::now(), &mut Entropy::from_os()?)?)
}

/// Opens a ledger to write into its technical log alone: on Kafka also beside whoever publishes.
pub(crate) fn open_log(dir: &Path) -> anyhow::Result<Book> {
    require_ledger(dir)?;
    require_no_backup(dir)?;
    Book::open_log(dir, settings()?)
}

/// Opens a ledger to read.
pub(crate) fn open_to_read(dir: &Path) -> anyhow::Result<Book> {
    require_ledger(dir)?;
    Book::open_to_read(dir)
}

/// Opens a ledger to read it as far as its views are made of it.
pub(crate) fn open_share(dir: &Path) -> anyhow::Result<Book> {
    require_ledger(dir)?;
    Book::open_share(dir)
}

/// A backup that was written to would be no backup any more, and would use keys that the ledger uses too.
pub(crate) fn require_no_backup(dir: &Path) -> anyhow::Result<()> {
    if is_backup(dir) {
        let refusal = format!("{} is a backup: make a ledger of it with `talon restore`", dir.display());
        return Err(UsageError(refusal).into());
    }
    Ok(())
}

pub(crate) fn is_backup(dir: &Path) -> bool {
    dir.join(MANIFEST).exists()
}

/// A writer would make folders where there are none: a mistyped name is told instead.
pub(crate) fn require_ledger(dir: &Path) -> anyhow::Result<()> {
    if dir.join("journal").is_dir() || book::address(dir)?.is_some() {
        return Ok(());
    }
    let what = if dir.exists() { "holds no ledger" } else { "is not there" };
    Err(UsageError(format!("{} {what}: name a ledger's folder, or make one with `talon init DIR`", dir.display()))
        .into())
}

/// Reads a ledger's whole history.
pub(crate) fn history(journal: &dyn Journal) -> anyhow::Result<History> {
    let bar = Bar::records(journal.ends().total(), "folding");
    let history = History::of(journal, &mut |progress| bar.at(progress.done, progress.total))?;
    bar.finish();
    Ok(history)
}

/// Reads a ledger's history as of then.
pub(crate) fn history_as_of(journal: &dyn Journal, then: &Then) -> anyhow::Result<History> {
    let bar = Bar::records(journal.ends().total(), "folding");
    let history = History::as_of(journal, &then.as_of, &mut |progress| bar.at(progress.done, progress.total));
    bar.finish();
    history.map_err(as_of_error)
}

/// Asking for more than there is, is the asker's mistake; the rest is the journal's.
pub(crate) fn as_of_error(error: AsOfError) -> anyhow::Error {
    match error {
        AsOfError::Read(error) => error.into(),
        other => UsageError(other.to_string()).into(),
    }
}

/// Says that whoever copies the folder copies the key with it.
pub(crate) fn warn_key_inside(screen: &mut Screen) -> std::io::Result<()> {
    screen.remark(screen.say(
        "attention : la clé maîtresse est dans le dossier du registre ; qui copie le dossier copie la clé",
        "warning: the master key lies inside the ledger's folder; whoever copies the folder copies the key",
    ))
}
