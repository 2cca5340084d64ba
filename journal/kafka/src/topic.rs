//! Topics: made with the settings that a ledger needs, and held against them before anything is trusted to one.
//!
//! Invariants:
//! - what could lose a record is a fault, whatever made it so, and names its setting
//! - what is only less than three brokers could give is a warning: one machine is nobody's fault
//!
//! This module changes no topic that is there.

use std::collections::BTreeMap;
use std::fmt;
use std::thread;
use std::time::Duration;

use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, ConfigEntry, ConfigResource, ConfigSource, NewTopic, ResourceSpecifier,
    TopicReplication,
};
use rdkafka::client::DefaultClientContext;
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::metadata::MetadataTopic;
use talon_journal::PARTITIONS;

use crate::connection::{Connection, unvalued};
use crate::door::knock;
use crate::fault::{patiently, require_sight};
use crate::outbox::MESSAGE_BYTES;
use crate::waited::now_or_never;

/// How long a question about topics may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// With so many brokers a record lies on three of them.
const BROKERS: usize = 3;
/// So many of those have it before it is acknowledged.
const IN_SYNC: i32 = 2;
/// How often it is looked whether a new topic has its leaders, and after how long.
const LOOKS: u32 = 300;
/// A broker that has not answered within this time is away.
const AWAY: Duration = Duration::from_secs(3);
const LOOKS_FOR_SETTINGS: u32 = 50;
const LOOK_AGAIN: Duration = Duration::from_millis(100);
const DAY_MS: i64 = 86_400_000;
/// How far ahead of a broker's clock the time of a message may be.
const AHEAD_MS: &str = "60000";

/// What a topic is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The journal: it keeps everything, for ever.
    Journal,
    /// What gateways publish: taken within a week, or lost.
    Intake,
    /// What could not be taken: looked at within a month.
    DeadLetters,
}

/// What is wrong with a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which setting, by Kafka's own name; `partitions` and `replication.factor` are among them.
    pub setting: String,
    /// What it is.
    pub found: String,
    /// What it has to be.
    pub wanted: String,
    /// It could lose a record; else it is a warning.
    pub is_fault: bool,
}

/// Why nothing can be said of a topic, or why it was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TopicError {
    /// There is none of this name.
    #[error("there is no topic {0}: talon topics create makes it")]
    Absent(String),
    /// There is one of this name.
    #[error("there is a topic {0} already: talon topics check says what it is like")]
    Exists(String),
    /// Its settings are not told. A broker that has not heard of a new topic knows none, and whoever may not ask for them
    /// gets the same answer.
    #[error("the brokers do not tell the settings of the topic {0}: the right DESCRIBE_CONFIGS is needed")]
    Untold(String),
    /// The brokers refused, or did not answer.
    #[error("the brokers did not answer for the topic {topic}")]
    Kafka {
        /// Which topic.
        topic: String,
        /// What the client says.
        source: KafkaError,
    },
}

impl Role {
    /// The name that it has unless somebody says otherwise.
    pub const fn topic(self) -> &'static str {
        match self {
            Self::Journal => "talon.journal.v1",
            Self::Intake => "talon.intake.v1",
            Self::DeadLetters => "talon.intake.v1.dlq",
        }
    }

    /// For how long a message is kept; below nothing is for ever. Intake and dead letters hold phone numbers in clear:
    /// their retention is the time after which an erasure holds there too.
    pub const fn retention_ms(self) -> i64 {
        match self {
            Self::Journal => -1,
            Self::Intake => 7 * DAY_MS,
            Self::DeadLetters => 30 * DAY_MS,
        }
    }

    /// The longest message that it has to take: a record or an event, with its key and what a batch adds. A dead letter
    /// has headers besides.
    pub const fn message_bytes(self) -> usize {
        match self {
            Self::Journal | Self::Intake => 1 << 20,
            Self::DeadLetters => MESSAGE_BYTES,
        }
    }

    /// Settings that have one right value.
    fn settings(self, brokers: usize) -> Vec<(&'static str, String)> {
        let in_sync = if brokers < BROKERS { 1 } else { IN_SYNC };
        let mut settings = vec![
            ("cleanup.policy", "delete".to_owned()),
            ("retention.ms", self.retention_ms().to_string()),
            ("retention.bytes", "-1".to_owned()),
            ("min.insync.replicas", in_sync.to_string()),
            ("unclean.leader.election.enable", "false".to_owned()),
            ("message.timestamp.type", "CreateTime".to_owned()),
            ("compression.type", "producer".to_owned()),
        ];
        if self == Self::Journal {
            settings.push((Topics::AHEAD, AHEAD_MS.to_owned()));
        }
        settings
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}, and has to be {}", self.setting, self.found, self.wanted)
    }
}

/// The topics of a cluster.
pub struct Topics {
    connection: Connection,
    admin: AdminClient<DefaultClientContext>,
}

impl Topics {
    /// The setting that says how far ahead of a broker's clock the time of a message may be.
    pub const AHEAD: &'static str = "message.timestamp.after.max.ms";

    /// Of the cluster that an address names.
    pub fn of(connection: &Connection) -> Result<Self, TopicError> {
        let admin = knock(connection).and_then(|()| connection.client().create().map_err(unvalued));
        let admin = admin.map_err(|error| failed(connection.topic(), error))?;
        Ok(Self { connection: connection.clone(), admin })
    }

    fn topic(&self) -> &str {
        self.connection.topic()
    }

    /// How many brokers there are, also those that are away, and the partitions and fewest replicas of the topic, if it is there.
    fn metadata(&self) -> Result<(usize, Option<(usize, usize)>), TopicError> {
        let asked = patiently(|| self.admin.inner().fetch_metadata(Some(self.topic()), PATIENCE));
        let metadata = asked.map_err(|error| failed(self.topic(), error))?;
        require_sight(&metadata).map_err(|error| failed(self.topic(), error))?;
        let found = metadata.topics().first().filter(|topic| topic.error().is_none()).map(|topic| {
            let replicas = topic.partitions().iter().map(|partition| partition.replicas().len()).min();
            (topic.partitions().len(), replicas.unwrap_or(0))
        });
        let brokers = metadata.brokers().len().max(self.largest()?);
        Ok((brokers, found.filter(|(partitions, _)| *partitions > 0)))
    }

    /// The most replicas that any partition of the cluster has: a broker that is away is told by nobody, but its replicas
    /// are.
    fn largest(&self) -> Result<usize, TopicError> {
        let asked = patiently(|| self.admin.inner().fetch_metadata(None, PATIENCE));
        let metadata = asked.map_err(|error| failed(self.topic(), error))?;
        let partitions = metadata.topics().iter().flat_map(MetadataTopic::partitions);
        Ok(partitions.map(|partition| partition.replicas().len()).max().unwrap_or(0))
    }

    /// Makes the topic of the address, as its role wants it on this cluster.
    ///
    /// # Errors
    /// Exists, if there is one of its name.
    pub fn create(&self, role: Role) -> Result<(), TopicError> {
        let (brokers, _) = self.metadata()?;
        let replicas = if brokers < BROKERS { 1 } else { BROKERS };
        let mut settings = role.settings(brokers);
        settings.push(("max.message.bytes", role.message_bytes().to_string()));
        let replication = TopicReplication::Fixed(i32::try_from(replicas).unwrap_or(1));
        let mut topic = NewTopic::new(self.topic(), PARTITIONS.into(), replication);
        for (name, value) in &settings {
            topic = topic.set(name, value);
        }
        let options = AdminOptions::new().operation_timeout(Some(PATIENCE)).request_timeout(Some(PATIENCE));
        let made = now_or_never(self.admin.create_topics([&topic], &options), PATIENCE * 2);
        match made.map(|made| made.map(|topics| topics.into_iter().next())) {
            Some(Ok(Some(Err((_, RDKafkaErrorCode::TopicAlreadyExists))))) => {
                Err(TopicError::Exists(self.topic().to_owned()))
            }
            Some(Ok(Some(Err((_, code))))) => Err(failed(self.topic(), KafkaError::AdminOp(code))),
            Some(Ok(_)) => self.await_leaders(),
            Some(Err(error)) => Err(failed(self.topic(), error)),
            None => Err(failed(self.topic(), KafkaError::AdminOp(RDKafkaErrorCode::OperationTimedOut))),
        }
    }

    /// A topic that was made just now is not known to every broker yet: whoever asks the next one is told that there is none.
    fn await_leaders(&self) -> Result<(), TopicError> {
        let asked = patiently(|| self.admin.inner().fetch_metadata(None, PATIENCE));
        let metadata = asked.map_err(|error| failed(self.topic(), error))?;
        for broker in metadata.brokers() {
            let server = format!("{}:{}", broker.host(), broker.port());
            self.await_leaders_at(&server).map_err(|error| failed(self.topic(), error))?;
        }
        Ok(())
    }

    /// The same of one broker. One that is away is passed over.
    fn await_leaders_at(&self, server: &str) -> KafkaResult<()> {
        for _ in 0..LOOKS {
            let mut config = self.connection.client();
            // A client that has asked once knows the others, and asks any of them.
            let asker: AdminClient<DefaultClientContext> = config.set("bootstrap.servers", server).create()?;
            let Ok(metadata) = asker.inner().fetch_metadata(Some(self.topic()), AWAY) else { return Ok(()) };
            let partitions = metadata.topics().first().map_or(&[][..], |topic| topic.partitions());
            if partitions.len() == usize::from(PARTITIONS) && partitions.iter().all(|of| of.leader() >= 0) {
                return Ok(());
            }
            thread::sleep(LOOK_AGAIN);
        }
        Err(KafkaError::AdminOp(RDKafkaErrorCode::LeaderNotAvailable))
    }

    /// Lets the topic of a journal take times that lie ahead, or no longer: a copy carries what a wrong clock recorded.
    ///
    /// # Errors
    /// The brokers refused, or did not answer.
    pub fn take_any_time(&self, any: bool) -> Result<(), TopicError> {
        // What is not said again falls back to the brokers' own: everything that somebody has set is said again.
        let is_set = |entry: &ConfigEntry| entry.source == ConfigSource::DynamicTopic && entry.name != Self::AHEAD;
        let mut settings: Vec<_> = self
            .entries()?
            .into_iter()
            .filter(is_set)
            .map(|entry| (entry.name, entry.value.unwrap_or_default()))
            .collect();
        settings.push((Self::AHEAD.to_owned(), if any { i64::MAX.to_string() } else { AHEAD_MS.to_owned() }));
        let mut config = AlterConfig::new(ResourceSpecifier::Topic(self.topic()));
        for (name, value) in &settings {
            config = config.set(name, value);
        }
        let options = AdminOptions::new().request_timeout(Some(PATIENCE));
        let timed_out = || failed(self.topic(), KafkaError::AdminOp(RDKafkaErrorCode::OperationTimedOut));
        let altered = now_or_never(self.admin.alter_configs([&config], &options), PATIENCE).ok_or_else(timed_out)?;
        let altered = altered.map_err(|error| failed(self.topic(), error))?;
        altered.into_iter().try_for_each(|of| match of {
            Ok(_) => Ok(()),
            Err((_, code)) => Err(failed(self.topic(), KafkaError::AdminOp(code))),
        })
    }

    /// Takes the topic of the address away, with all that it holds.
    pub fn delete(&self) -> Result<(), TopicError> {
        let gone = now_or_never(self.admin.delete_topics(&[self.topic()], &AdminOptions::new()), PATIENCE);
        match gone {
            Some(Ok(_)) => Ok(()),
            Some(Err(error)) => Err(failed(self.topic(), error)),
            None => Err(failed(self.topic(), KafkaError::AdminOp(RDKafkaErrorCode::OperationTimedOut))),
        }
    }

    /// What is wrong with the topic of the address, for its role on this cluster; nothing is nothing.
    ///
    /// # Errors
    /// Absent, if there is none.
    pub fn check(&self, role: Role) -> Result<Vec<Finding>, TopicError> {
        let (brokers, found) = self.metadata()?;
        let (partitions, replicas) = found.ok_or_else(|| TopicError::Absent(self.topic().to_owned()))?;
        let settings: BTreeMap<_, _> =
            self.entries()?.into_iter().map(|entry| (entry.name, entry.value.unwrap_or_default())).collect();
        let mut findings = Vec::new();
        let mut find = |setting: &str, found: String, wanted: String, is_fault| {
            findings.push(Finding { setting: setting.to_owned(), found, wanted, is_fault });
        };
        if partitions != usize::from(PARTITIONS) {
            find("partitions", partitions.to_string(), PARTITIONS.to_string(), true);
        }
        if replicas < BROKERS {
            find("replication.factor", replicas.to_string(), BROKERS.to_string(), brokers >= BROKERS);
        }
        for (name, wanted) in role.settings(brokers) {
            let found = settings.get(name).cloned().unwrap_or_default();
            if found != wanted {
                find(name, found, wanted, true);
            }
        }
        let longest = settings.get("max.message.bytes").and_then(|bytes| bytes.parse().ok()).unwrap_or(0);
        if longest < role.message_bytes() {
            find("max.message.bytes", longest.to_string(), format!("{} or more", role.message_bytes()), true);
        }
        Ok(findings)
    }

    /// What the settings are; there are some.
    fn entries(&self) -> Result<Vec<ConfigEntry>, TopicError> {
        for _ in 0..LOOKS_FOR_SETTINGS {
            let entries = self.entries_told()?;
            if !entries.is_empty() {
                return Ok(entries);
            }
            thread::sleep(LOOK_AGAIN);
        }
        Err(TopicError::Untold(self.topic().to_owned()))
    }

    fn entries_told(&self) -> Result<Vec<ConfigEntry>, TopicError> {
        let topic = ResourceSpecifier::Topic(self.topic());
        let options = AdminOptions::new().request_timeout(Some(PATIENCE));
        let told = now_or_never(self.admin.describe_configs([&topic], &options), PATIENCE);
        let timed_out = || failed(self.topic(), KafkaError::AdminOp(RDKafkaErrorCode::OperationTimedOut));
        let told = told.ok_or_else(timed_out)?.map_err(|error| failed(self.topic(), error))?;
        let resource = told.into_iter().next().ok_or_else(timed_out)?;
        let ConfigResource { entries, .. } =
            resource.map_err(|code| failed(self.topic(), KafkaError::AdminOp(code)))?;
        Ok(entries)
    }
}

fn failed(topic: &str, source: KafkaError) -> TopicError {
    TopicError::Kafka { topic: topic.to_owned(), source }
}
