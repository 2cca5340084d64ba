//! The journal itself: opened on a topic that holds one, or begun on an empty one.
//!
//! Invariants:
//! - what could lose a record is refused before the first read: a topic that has lost its beginning, or has other
//!   partitions than 64
//! - a topic is begun once: genesis goes to partitions that are all empty

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaResult;
use rdkafka::topic_partition_list::Offset;
use talon_domain::ids::{LedgerId, PartitionId, Position};
use talon_domain::time::Instant;
use talon_journal::{
    AppendError, Batch, Completion, FORMAT, Identity, Journal, OpenError, PARTITIONS, Positions, ReadError, Reader,
    Record,
};

use crate::beginnings::named;
use crate::connection::Connection;
use crate::door::knock;
use crate::ends::{Ends, Which, ask};
use crate::fault::{hole, no_genesis, patiently, require_sight, unopened, unread};
use crate::producing::Producing;
use crate::reader::{Idle, TopicReader, consumer};

/// How long a question about a topic may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is looked for a topic that is not there, and how long it is waited between.
const LOOKS: u32 = 10;
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);
/// How often a waiting reader looks for news.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// For how long an append is waited for; then its outcome is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppendPatience(pub Duration);

impl Default for AppendPatience {
    fn default() -> Self {
        Self(Duration::from_secs(30))
    }
}

/// A journal on a topic.
pub struct KafkaJournal {
    connection: Connection,
    identity: Identity,
    asker: BaseConsumer,
    idle: Idle,
    ends: Arc<Ends>,
    /// Absent where it is only read.
    producing: Option<Producing>,
    /// The partitions that are read; absent where all are.
    share: Option<BTreeSet<PartitionId>>,
}

impl KafkaJournal {
    /// Begins a journal on an empty topic with these genesis records, one for each partition.
    ///
    /// # Errors
    /// Exists where a partition holds anything; unavailable where the brokers do not answer.
    pub fn create(
        connection: Connection,
        ledger_id: LedgerId,
        genesis: Batch,
        patience: AppendPatience,
    ) -> Result<Self, OpenError> {
        let journal = Self::connect(connection, ledger_id, Some(patience))?;
        if journal.ends.known() != Positions::beginning() {
            return Err(OpenError::Exists { path: journal.connection.to_string().into() });
        }
        let begun = journal.append(genesis).wait().map_err(|error| OpenError::Unavailable {
            what: format!("beginning a journal on {}", journal.connection),
            source: std::io::Error::other(error),
        })?;
        // Of two who begin at once, one is behind the other in some partition, and says so.
        match begun.places().find(|(_, position)| *position != Position(0)) {
            Some((partition, _)) => {
                Err(OpenError::Corrupt(Box::new(no_genesis(journal.connection.topic(), partition))))
            }
            None => Ok(journal),
        }
    }

    /// Opens the journal of a topic, to append to it.
    ///
    /// # Errors
    /// No journal where the topic is empty; corrupt where its beginning is missing or is no genesis.
    pub fn open(connection: Connection, patience: AppendPatience) -> Result<Self, OpenError> {
        Self::opened(connection, Some(patience))
    }

    /// Opens the journal of a topic to read it.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_to_read(connection: Connection) -> Result<Self, OpenError> {
        Self::opened(connection, None)
    }

    fn opened(connection: Connection, patience: Option<AppendPatience>) -> Result<Self, OpenError> {
        let mut journal = Self::connect(connection, LedgerId([0; 16]), patience)?;
        journal.require_beginning()?;
        journal.identity.ledger_id = journal.named_by_genesis()?;
        Ok(journal)
    }

    fn connect(
        connection: Connection,
        ledger_id: LedgerId,
        patience: Option<AppendPatience>,
    ) -> Result<Self, OpenError> {
        let failed = |error| unopened(connection.to_string(), error);
        let asker = knock(&connection).and_then(|()| consumer(&connection)).map_err(failed)?;
        let mut partitions = 0;
        // A broker that came back a moment ago may not have heard of every topic yet.
        for _ in 0..LOOKS {
            let asked = patiently(|| asker.fetch_metadata(Some(connection.topic()), PATIENCE));
            let found = asked.map_err(failed)?;
            require_sight(&found).map_err(failed)?;
            partitions = found.topics().first().map_or(0, |topic| topic.partitions().len());
            if partitions > 0 {
                break;
            }
            thread::sleep(BETWEEN_LOOKS);
        }
        if partitions == 0 {
            return Err(OpenError::NoJournal { path: connection.to_string().into() });
        }
        if partitions != usize::from(PARTITIONS) {
            let partitions = u16::try_from(partitions).unwrap_or(u16::MAX);
            let file = connection.to_string();
            return Err(OpenError::Unsupported { file, format: FORMAT.into(), partitions });
        }
        let ends = Arc::new(Ends::default());
        ends.refresh(&asker, connection.topic()).map_err(failed)?;
        let producing =
            patience.map(|AppendPatience(patience)| Producing::begin(&connection, Arc::clone(&ends), patience));
        let producing = producing.transpose().map_err(failed)?;
        let identity = Identity { ledger_id, partitions: PARTITIONS, format: FORMAT.into() };
        Ok(Self { connection, identity, asker, idle: Idle::default(), ends, producing, share: None })
    }

    /// Nothing was deleted: every partition begins at 0.
    fn require_beginning(&self) -> Result<(), OpenError> {
        let topic = self.connection.topic();
        let lows = ask(&self.asker, topic, Which::Low).map_err(|error| unopened(topic, error))?;
        match lows.first_beyond(&Positions::beginning()) {
            Some((partition, low)) => Err(OpenError::Corrupt(Box::new(hole(topic, partition, Position(0), low)))),
            None => Ok(()),
        }
    }

    fn named_by_genesis(&self) -> Result<LedgerId, OpenError> {
        let ends = self.ends.known();
        if ends == Positions::beginning() {
            return Err(OpenError::NoJournal { path: self.connection.to_string().into() });
        }
        // A beginning that was broken off half-way is no journal that anything is appended to.
        if let Some((partition, _)) = ends.iter().find(|(_, next)| *next == Position(0)) {
            return Err(OpenError::Corrupt(Box::new(no_genesis(self.connection.topic(), partition))));
        }
        named(&self.connection)
    }

    /// The same journal, of which only some partitions are read: the others are as if they were empty. What is broadcast is
    /// read in partition 0, which is in every share.
    #[must_use]
    pub fn share(mut self, partitions: impl IntoIterator<Item = PartitionId>) -> Self {
        self.share = Some(partitions.into_iter().chain([PartitionId(0)]).collect());
        self
    }

    fn is_read(&self, partition: PartitionId) -> bool {
        self.share.as_ref().is_none_or(|share| share.contains(&partition))
    }

    /// Ends, as far as they are read.
    fn of_share(&self, mut ends: Positions) -> Positions {
        let left_out = (0..PARTITIONS).map(PartitionId).filter(|partition| !self.is_read(*partition));
        left_out.for_each(|partition| ends.set(partition, Position(0)));
        ends
    }

    /// How far each partition was then: before the first record that was recorded later. Brokers know the times of messages
    /// to the millisecond and find the first one that may be it; what lies before that is not read.
    ///
    /// # Errors
    /// As any reader.
    pub fn positions_at(&self, then: Instant) -> Result<Positions, ReadError> {
        let topic = self.connection.topic();
        let (ends, ms) = (self.refresh()?, then.0.div_euclid(1_000));
        let first = patiently(|| first_since(&self.asker, topic, ms)).map_err(|error| unread(topic, error))?;
        let mut positions = ends.clone();
        for (partition, end) in ends.iter() {
            let begin = first.get(&partition).copied().filter(|begin| *begin < end);
            if let Some(begin) = begin {
                positions.set(partition, self.before_later(partition, begin, then)?.unwrap_or(end));
            }
        }
        Ok(positions)
    }

    /// The first record from there on that was recorded later.
    fn before_later(
        &self,
        partition: PartitionId,
        begin: Position,
        then: Instant,
    ) -> Result<Option<Position>, ReadError> {
        let mut reader = self.read(partition, begin)?;
        while let Some(stored) = reader.next()? {
            if Record::parse(stored.bytes).is_ok_and(|record| record.recorded_at() > then) {
                return Ok(Some(stored.position));
            }
        }
        Ok(None)
    }

    /// Where it is.
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }

    fn refresh(&self) -> Result<Positions, ReadError> {
        let topic = self.connection.topic();
        let ends = self.ends.refresh(&self.asker, topic).map_err(|error| unread(topic, error))?;
        Ok(self.of_share(ends))
    }

    fn reader(&self, partitions: Vec<PartitionId>, from: &Positions) -> Result<Box<dyn Reader + '_>, ReadError> {
        let ends = Arc::clone(&self.ends);
        Ok(Box::new(TopicReader::begin(&self.connection, &self.asker, &self.idle, ends, partitions, from)?))
    }
}

/// The first message of each partition that is of this millisecond or later; none where there is none.
fn first_since(asker: &BaseConsumer, topic: &str, ms: i64) -> KafkaResult<BTreeMap<PartitionId, Position>> {
    let mut asked = TopicPartitionList::with_capacity(PARTITIONS.into());
    for partition in 0..PARTITIONS {
        asked.add_partition_offset(topic, partition.into(), Offset::Offset(ms))?;
    }
    let answer = asker.offsets_for_times(asked, PATIENCE)?;
    let mut first = BTreeMap::new();
    for element in answer.elements() {
        element.error()?;
        let partition = u16::try_from(element.partition()).map(PartitionId);
        let offset = element.offset().to_raw().and_then(|offset| u64::try_from(offset).ok()).map(Position);
        first.extend(partition.ok().zip(offset));
    }
    Ok(first)
}

impl Journal for KafkaJournal {
    fn identity(&self) -> Identity {
        self.identity
    }

    fn append(&self, batch: Batch) -> Completion {
        match &self.producing {
            Some(producing) => producing.append(batch),
            None => Completion::known(Err(AppendError::Rejected { reason: "it was opened to be read".into() })),
        }
    }

    fn ends(&self) -> Positions {
        self.of_share(self.ends.known())
    }

    fn read(&self, partition: PartitionId, from: Position) -> Result<Box<dyn Reader + '_>, ReadError> {
        self.refresh()?.check_start(partition, from)?;
        let mut positions = Positions::beginning();
        positions.set(partition, from);
        let read = if self.is_read(partition) { vec![partition] } else { Vec::new() };
        self.reader(read, &positions)
    }

    fn scan(&self, from: &Positions) -> Result<Box<dyn Reader + '_>, ReadError> {
        self.refresh()?.check_starts(from)?;
        let read = (0..PARTITIONS).map(PartitionId).filter(|partition| self.is_read(*partition));
        self.reader(read.collect(), from)
    }

    fn wait(&self, beyond: &Positions, timeout: Duration) -> Result<bool, ReadError> {
        let looks = timeout.as_millis() / LOOK_AGAIN.as_millis();
        for _ in 0..looks {
            if self.refresh()?.is_beyond(beyond) {
                return Ok(true);
            }
            thread::sleep(LOOK_AGAIN);
        }
        Ok(self.refresh()?.is_beyond(beyond))
    }
}
