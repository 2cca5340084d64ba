//! The journal of a ledger, on either engine. The embedded one lies in the ledger's folder; of one on Kafka the folder
//! holds what is local - vault, id index, views - and the address of the topic, in `DIR/journal.url`.
//!
//! Invariants:
//! - a folder has one journal, for ever: an address that is another one than the folder's is refused
//! - the address may hold a password: the file is its owner's alone, and no message shows more than servers and topic
//!
//! This module opens; what a command does with a journal is the same on both engines.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use talon_domain::ids::{LedgerId, PartitionId, Position};
use talon_domain::time::Instant;
use talon_journal::{
    Batch, Claim, Completion, EmbeddedJournal, Folder, Identity, Journal, OpenError, Positions, ReadError, Reader,
    Record, Storage as _, WriterLock, WriterSettings,
};
use talon_kafka::{AppendPatience, Connection, Finding, KafkaJournal, Role, TopicError, Topics};

use crate::args::Partitions;
use crate::exit::UsageError;
use crate::show::Screen;
use crate::{files, ledger};

const URL: &str = "journal.url";
/// How often it is looked whether a topic's new setting is there, and how long it is waited between.
const LOOKS_FOR_TIMES: u32 = 50;
const LOOK_AGAIN: Duration = Duration::from_millis(100);
const SHARE: &str = "partitions";

/// A journal that was opened.
pub(crate) enum Book {
    Embedded(EmbeddedJournal),
    /// And the place of who writes what is local to it: others may append to the topic, from folders of their own.
    /// And what is wrong with its topic, though nothing can be lost by it.
    Kafka(Box<KafkaJournal>, Option<WriterLock>, Vec<Finding>),
}

impl Journal for Book {
    fn identity(&self) -> Identity {
        self.engine().identity()
    }

    fn append(&self, batch: Batch) -> Completion {
        self.engine().append(batch)
    }

    fn ends(&self) -> Positions {
        self.engine().ends()
    }

    fn read(&self, partition: PartitionId, from: Position) -> Result<Box<dyn Reader + '_>, ReadError> {
        self.engine().read(partition, from)
    }

    fn scan(&self, from: &Positions) -> Result<Box<dyn Reader + '_>, ReadError> {
        self.engine().scan(from)
    }

    fn wait(&self, beyond: &Positions, timeout: Duration) -> Result<bool, ReadError> {
        self.engine().wait(beyond, timeout)
    }
}

impl Book {
    fn engine(&self) -> &dyn Journal {
        match self {
            Self::Embedded(journal) => journal,
            Self::Kafka(journal, ..) => &**journal,
        }
    }

    /// What is to be said of the topic whenever a process begins to write to it.
    pub(crate) fn warn(&self, screen: &mut Screen) -> io::Result<()> {
        let Self::Kafka(journal, _, found) = self else { return Ok(()) };
        let warning = screen.say("attention", "warning");
        let words = found.iter().map(|finding| format!("{warning}: {}: {finding}", journal.connection()));
        words.collect::<Vec<_>>().iter().try_for_each(|words| screen.remark(words))
    }

    /// How far each partition was then: before the first record that was recorded later. Brokers are asked for it; in files
    /// it is looked for from the beginning.
    pub(crate) fn positions_at(&self, then: Instant) -> Result<Positions, ReadError> {
        match self {
            Self::Kafka(journal, ..) => journal.positions_at(then),
            Self::Embedded(journal) => scanned_to(journal, then),
        }
    }

    /// The files of the embedded engine, for what looks at files.
    pub(crate) fn embedded(&self) -> anyhow::Result<&EmbeddedJournal> {
        match self {
            Self::Embedded(journal) => Ok(journal),
            Self::Kafka(journal, ..) => {
                let refusal =
                    format!("{} has no segment files: this is asked of an embedded ledger", journal.connection());
                Err(UsageError(refusal).into())
            }
        }
    }

    /// Opens the journal of a place, a folder or an address, to read it.
    pub(crate) fn at(place: &Path) -> anyhow::Result<Self> {
        match place.to_str().filter(|text| Connection::is_meant(text)) {
            Some(url) => Ok(Self::Kafka(Box::new(KafkaJournal::open_to_read(parsed(url)?)?), None, Vec::new())),
            None => ledger::open_to_read(place),
        }
    }

    /// Opens the copy of a journal to append to it; it is begun with these records if it is not there.
    pub(crate) fn copy_at(place: &Path, of: &Self, genesis: Batch) -> anyhow::Result<Self> {
        let ledger_id = of.identity().ledger_id;
        if let Some(url) = place.to_str().filter(|text| Connection::is_meant(text)) {
            let connection = parsed(url)?;
            // A copy that was killed left the topic open to any time.
            settle_times(&connection)?;
            make_topic(&connection)?;
            // Whoever may not change a topic copies all the same, unless a clock ran ahead.
            let found = lift_times(&Topics::of(&connection)?)?;
            let opened = match KafkaJournal::open(connection.clone(), patience(&connection)) {
                Err(OpenError::NoJournal { .. }) => {
                    KafkaJournal::create(connection.clone(), ledger_id, genesis, patience(&connection))
                }
                opened => opened,
            };
            return Ok(Self::Kafka(Box::new(opened?), None, found));
        }
        let settings = ledger::settings()?;
        if place.join("journal").is_dir() {
            return Ok(Self::Embedded(EmbeddedJournal::open(place, settings)?));
        }
        if !files::is_vacant(place)? {
            return Err(UsageError(format!("{} holds something that is no ledger", place.display())).into());
        }
        for folder in [place.to_path_buf(), place.join("journal")] {
            if !folder.exists() {
                files::make_folder(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
            }
        }
        Ok(Self::Embedded(EmbeddedJournal::create(place, ledger_id, settings, &genesis)?))
    }

    /// Whether a copy takes records of any time: a topic does where a copy may say so.
    pub(crate) fn takes_any_time(&self) -> bool {
        match self {
            Self::Embedded(_) => true,
            Self::Kafka(_, _, found) => found.iter().any(|finding| finding.setting == Topics::AHEAD),
        }
    }

    /// Ends the making of a copy: its topic takes times again as any other.
    pub(crate) fn end_copy(&self) -> anyhow::Result<()> {
        match self {
            Self::Embedded(_) => Ok(()),
            Self::Kafka(journal, ..) => settle_times(journal.connection()),
        }
    }

    /// Opens the journal of a folder to read it.
    pub(crate) fn open_to_read(dir: &Path) -> anyhow::Result<Self> {
        Ok(match address(dir)? {
            Some(connection) => Self::Kafka(Box::new(KafkaJournal::open_to_read(connection)?), None, Vec::new()),
            None => Self::Embedded(EmbeddedJournal::open_read_only(dir)?),
        })
    }

    /// Opens the journal of a folder as far as its views are made of it.
    pub(crate) fn open_share(dir: &Path) -> anyhow::Result<Self> {
        Ok(match (Self::open_to_read(dir)?, share(dir)?) {
            (Self::Kafka(journal, lock, found), Some(share)) => {
                Self::Kafka(Box::new(journal.share(share.iter())), lock, found)
            }
            (book, _) => book,
        })
    }

    /// Opens the journal of a folder to append to it. What could lose a record is refused first.
    pub(crate) fn open_to_write(dir: &Path, settings: WriterSettings) -> anyhow::Result<Self> {
        Ok(match address(dir)? {
            Some(connection) => {
                let found = require_safe(&connection)?;
                let lock = claim(dir)?;
                Self::Kafka(Box::new(KafkaJournal::open(connection.clone(), patience(&connection))?), Some(lock), found)
            }
            None => Self::Embedded(EmbeddedJournal::open(dir, settings)?),
        })
    }
}

impl Book {
    /// Opens the journal of a folder for what needs neither ids nor keys. On Kafka nothing local is written then, and
    /// another process may have its place.
    pub(crate) fn open_log(dir: &Path, settings: WriterSettings) -> anyhow::Result<Self> {
        match address(dir)? {
            Some(connection) => {
                let found = require_safe(&connection)?;
                Ok(Self::Kafka(Box::new(KafkaJournal::open(connection.clone(), patience(&connection))?), None, found))
            }
            None => Self::open_to_write(dir, settings),
        }
    }
}

fn scanned_to(journal: &EmbeddedJournal, then: Instant) -> Result<Positions, ReadError> {
    let mut positions = journal.ends();
    let mut later = BTreeSet::new();
    let mut reader = journal.scan(&Positions::beginning())?;
    while let Some(stored) = reader.next()? {
        let is_later = Record::parse(stored.bytes).is_ok_and(|record| record.recorded_at() > then);
        if is_later && later.insert(stored.partition) {
            positions.set(stored.partition, stored.position);
        }
    }
    Ok(positions)
}

/// The partitions that the views of a folder are made of, if not of all.
pub(crate) fn share(dir: &Path) -> anyhow::Result<Option<Partitions>> {
    let path = dir.join(SHARE);
    match fs::read_to_string(&path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        text => {
            let text = text.with_context(|| format!("{} cannot be read", path.display()))?;
            let wrong = |_| anyhow::anyhow!("{} names no partitions", path.display());
            text.trim_end().parse().map(Some).map_err(wrong)
        }
    }
}

/// Notes of which partitions the views of a folder are made: said once, before there are any.
pub(crate) fn settle_share(dir: &Path, asked: &Partitions) -> anyhow::Result<()> {
    if address(dir)?.is_none() {
        return Err(
            UsageError("--partitions is for a ledger on Kafka: an embedded one is folded as a whole".into()).into()
        );
    }
    match share(dir)? {
        Some(held) if held == *asked => Ok(()),
        Some(held) => {
            let refusal = format!("the views in {} are made of partitions {held}, and not of {asked}", dir.display());
            Err(UsageError(refusal).into())
        }
        None if dir.join("views").exists() => {
            let refusal = format!("the views in {} are made of all partitions: give another --state", dir.display());
            Err(UsageError(refusal).into())
        }
        None => write(&asked.to_string(), &dir.join(SHARE)),
    }
}

/// One process at a time writes what is local: ids that are known, keys of the vault.
fn claim(dir: &Path) -> anyhow::Result<WriterLock> {
    match Folder::new(dir).claim("talon")? {
        Claim::Ours(lock) => Ok(lock),
        Claim::Held { holder } => Err(OpenError::Held { path: dir.to_owned(), holder }.into()),
    }
}

/// The address of a folder's journal, if that is on Kafka.
pub(crate) fn address(dir: &Path) -> anyhow::Result<Option<Connection>> {
    let path = dir.join(URL);
    match fs::read_to_string(&path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        text => {
            let text = text.with_context(|| format!("{} cannot be read", path.display()))?;
            let parsed = Connection::parse(text.trim_end());
            parsed.map(Some).with_context(|| format!("{} holds no address of a topic", path.display()))
        }
    }
}

/// The folder of what is local to a ledger on Kafka: made, for its owner alone, if it is not there yet.
pub(crate) fn settle(text: &str, state: &Path) -> anyhow::Result<()> {
    let asked = parsed(text)?;
    if let Some(held) = address(state)? {
        if held.topic() != asked.topic() || !held.shares_a_server(&asked) {
            let file = state.join(URL);
            let refusal = format!(
                "{} is of {held}, and not of {asked}; if the brokers have other names now, write them into {}",
                state.display(),
                file.display()
            );
            return Err(UsageError(refusal).into());
        }
        // The same cluster, reached in another way: with a new password, or by more of its brokers.
        return if asked.has_settings() && asked != held { write(text, &state.join(URL)) } else { Ok(()) };
    }
    if state.join("journal").exists() {
        let refusal =
            format!("{} holds an embedded ledger: what is local to {asked} needs a folder of its own", state.display());
        return Err(UsageError(refusal).into());
    }
    if !state.exists() {
        fs::create_dir_all(files::parent(state)).with_context(|| format!("{} cannot be made", state.display()))?;
        files::make_folder(state).with_context(|| format!("{} cannot be made", state.display()))?;
    }
    write(text, &state.join(URL))
}

fn write(text: &str, path: &Path) -> anyhow::Result<()> {
    // Under another name first: whoever is killed half-way leaves no half an address.
    let new = path.with_extension(format!("new-{}", std::process::id()));
    let written = files::make_file(&new).and_then(|mut file| {
        writeln!(file, "{text}")?;
        file.sync_all()?;
        fs::rename(&new, path)
    });
    written.with_context(|| format!("{} cannot be written", path.display()))
}

/// Begins a journal on Kafka, and notes its address in the folder of what is local; which file that is. The topic is made
/// if it is not there.
pub(crate) fn create(text: &str, dir: &Path, ledger_id: LedgerId, genesis: Batch) -> anyhow::Result<PathBuf> {
    let connection = parsed(text)?;
    make_topic(&connection)?;
    drop(KafkaJournal::create(connection.clone(), ledger_id, genesis, patience(&connection))?);
    let path = dir.join(URL);
    write(text, &path)?;
    Ok(path)
}

/// For how long an append is waited for.
fn patience(connection: &Connection) -> AppendPatience {
    connection.patience().map_or_else(AppendPatience::default, AppendPatience)
}

fn parsed(text: &str) -> anyhow::Result<Connection> {
    Ok(Connection::parse(text).map_err(|error| UsageError(error.to_string()))?)
}

/// Lets a topic take records of any time, if we may; what is found of it then.
fn lift_times(topics: &Topics) -> anyhow::Result<Vec<Finding>> {
    let is_lifted = topics.take_any_time(true).is_ok();
    let is_seen = |found: &[Finding]| found.iter().any(|finding| finding.setting == Topics::AHEAD);
    let mut found = topics.check(Role::Journal)?;
    // Not every broker has heard of it at once.
    for _ in 0..LOOKS_FOR_TIMES {
        if !is_lifted || is_seen(&found) {
            break;
        }
        thread::sleep(LOOK_AGAIN);
        found = topics.check(Role::Journal)?;
    }
    Ok(found)
}

/// Puts back what a copy lifts, if the topic is there.
fn settle_times(connection: &Connection) -> anyhow::Result<()> {
    let topics = Topics::of(connection)?;
    let found = match topics.check(Role::Journal) {
        Err(TopicError::Absent(_)) => return Ok(()),
        found => found?,
    };
    if found.iter().any(|finding| finding.setting == Topics::AHEAD) {
        topics.take_any_time(false)?;
    }
    Ok(())
}

/// Makes the topic of a journal if it is not there; one that could lose a record is refused.
fn make_topic(connection: &Connection) -> anyhow::Result<()> {
    let topics = Topics::of(connection)?;
    match topics.check(Role::Journal) {
        Err(TopicError::Absent(_)) => topics.create(Role::Journal)?,
        other => drop(other?),
    }
    require_safe(connection).map(drop)
}

/// Refuses a topic that could lose a record, by the setting that makes it so; what is left is worth a warning.
fn require_safe(connection: &Connection) -> anyhow::Result<Vec<Finding>> {
    let findings = Topics::of(connection)?.check(Role::Journal)?;
    match findings.iter().find(|finding| finding.is_fault) {
        Some(fault) => anyhow::bail!("{connection} could lose records: {fault}; talon topics check says all"),
        None => Ok(findings),
    }
}
