//! The topic that gateways publish to, read as a member of a consumer group: where the group has come to is kept by the
//! brokers, so that their own tools show it.
//!
//! Invariants:
//! - a position is committed by whoever took the messages, and never before that: what is not committed comes again
//! - with the position of a partition goes a note, and whoever is given the partition next gets it
//! - a group without a position begins with the oldest message that is held; messages that were deleted before the group
//!   took them are told, with the partition and how many they were

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rdkafka::TopicPartitionList;
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::metadata::{MetadataPartition, MetadataTopic};
use rdkafka::topic_partition_list::Offset;
use rdkafka::types::RDKafkaRespErr;

use crate::connection::{Connection, unvalued};
use crate::door::knock;
use crate::fault::{passes, patiently};
use crate::letter::Letter;

/// How long a question to the brokers may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why the topic cannot be read on.
#[derive(Debug, thiserror::Error)]
#[error("the topic {topic} cannot be read")]
pub struct InboxError {
    topic: String,
    source: KafkaError,
}

/// How far a partition was taken, with a note for whoever goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Which partition.
    pub partition: i32,
    /// The first message that was not taken yet.
    pub next: i64,
    /// A few words for whoever takes that one.
    pub note: String,
}

/// Messages that were deleted before anybody took them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Of which partition.
    pub partition: i32,
    /// The first of them.
    pub from: i64,
    /// The first message that is still held.
    pub to: i64,
}

/// What happens to a member of the group, as the client tells it.
#[derive(Debug, Default)]
struct Membership {
    topic: String,
    notes: Mutex<Notes>,
}

#[derive(Debug, Default)]
struct Notes {
    /// The partitions that are ours, and which message of each comes next.
    ours: BTreeMap<i32, i64>,
    given: Vec<Taken>,
    lost: Vec<Lost>,
    /// Partitions of ours that were asked again from where we are, because nothing came though their end lies further.
    asked_again: BTreeSet<i32>,
    /// Those of which the client said since that there is nothing more.
    read_through: BTreeSet<i32>,
    /// The group has said which partitions are ours, if any.
    is_member: bool,
    failed: Option<KafkaError>,
}

/// A member of the group.
pub struct Inbox {
    consumer: BaseConsumer<Membership>,
    topic: String,
}

/// What came.
#[derive(Debug, Default)]
pub struct Came {
    /// Partitions that were given to this member, each with where it begins and the note that was left there.
    pub given: Vec<Taken>,
    /// What cannot come any more.
    pub lost: Vec<Lost>,
    /// Messages, each partition's in their order.
    pub letters: Vec<Letter>,
}

impl Notes {
    /// A message came: there may be more.
    fn came_from(&mut self, partition: i32) {
        self.asked_again.remove(&partition);
        self.read_through.remove(&partition);
    }
}

impl ClientContext for Membership {}

impl ConsumerContext for Membership {
    fn rebalance(&self, consumer: &BaseConsumer<Self>, told: RDKafkaRespErr, list: &mut TopicPartitionList) {
        let is_given = told == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
        let done = if is_given { self.take_up(consumer, list) } else { consumer.unassign() };
        let mut notes = self.notes();
        notes.is_member = is_given;
        notes.asked_again.clear();
        notes.read_through.clear();
        if !is_given {
            notes.ours.clear();
        }
        notes.failed = done.err().or_else(|| notes.failed.take());
    }

    fn pre_rebalance(&self, _: &BaseConsumer<Self>, _: &Rebalance<'_>) {}
}

impl Membership {
    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes on with partitions where the group has come to.
    fn take_up(&self, consumer: &BaseConsumer<Self>, list: &TopicPartitionList) -> KafkaResult<()> {
        if list.count() == 0 {
            // Others have them all: there is nothing to ask for.
            return consumer.assign(list);
        }
        let committed = consumer.committed_offsets(list.clone(), PATIENCE)?;
        let mut oldest = TopicPartitionList::with_capacity(list.count());
        for element in list.elements() {
            oldest.add_partition_offset(&self.topic, element.partition(), Offset::Beginning)?;
        }
        let oldest = consumer.offsets_for_times(oldest, PATIENCE)?;
        let mut from = TopicPartitionList::with_capacity(list.count());
        let mut notes = self.notes();
        for element in oldest.elements() {
            element.error()?;
            let (partition, low) = (element.partition(), element.offset().to_raw().unwrap_or_default());
            let held = committed.find_partition(&self.topic, partition);
            let (next, note) = match &held {
                Some(held) => {
                    held.error()?;
                    (held.offset().to_raw().filter(|offset| *offset >= 0), held.metadata().to_owned())
                }
                None => (None, String::new()),
            };
            if let Some(from) = next.filter(|next| *next < low) {
                notes.lost.push(Lost { partition, from, to: low });
            }
            let next = next.unwrap_or(low).max(low);
            from.add_partition_offset(&self.topic, partition, Offset::Offset(next))?;
            notes.ours.insert(partition, next);
            notes.given.push(Taken { partition, next, note });
        }
        consumer.assign(&from)
    }
}

impl Inbox {
    /// Joins the group.
    ///
    /// # Errors
    /// The client cannot be made; brokers that are away are waited for later.
    pub fn join(connection: &Connection, group: &str) -> Result<Self, InboxError> {
        let topic = connection.topic().to_owned();
        let failed = |source| InboxError { topic: topic.clone(), source };
        let mut config = connection.client();
        config.set("group.id", group).set("enable.auto.commit", "false").set("enable.auto.offset.store", "false");
        config.set("auto.offset.reset", "error").set("check.crcs", "true").set("fetch.wait.max.ms", "50");
        config.set("enable.partition.eof", "true");
        config.set("isolation.level", "read_committed").set("queued.max.messages.kbytes", "65536");
        config.set("session.timeout.ms", "10000").set("partition.assignment.strategy", "range");
        let membership = Membership { topic: topic.clone(), ..Membership::default() };
        let consumer = knock(connection).and_then(|()| config.create_with_context(membership).map_err(unvalued));
        let consumer: BaseConsumer<_> = consumer.map_err(failed)?;
        consumer.subscribe(&[&topic]).map_err(failed)?;
        Ok(Self { consumer, topic })
    }

    /// The topic.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// Whether the group has said which partitions are this member's: none, if others have them all.
    pub fn is_member(&self) -> bool {
        self.consumer.context().notes().is_member
    }

    /// Waits for a message as long as `patience`, and takes with it what is there, up to so many and so many bytes; one
    /// message may go beyond them.
    ///
    /// # Errors
    /// The brokers refuse; that they are away for a while is no error.
    pub fn take(&self, messages: usize, bytes: usize, patience: Duration) -> Result<Came, InboxError> {
        let mut came = Came::default();
        let (mut held, mut patience) = (0, patience);
        while came.letters.len() < messages && held < bytes {
            match self.consumer.poll(patience) {
                Some(Ok(message)) => {
                    let letter = Letter::of(&message);
                    self.consumer.context().notes().came_from(letter.partition);
                    held += letter.bytes();
                    came.letters.push(letter);
                    patience = Duration::ZERO;
                }
                // A transaction leaves places behind the last message that hold none.
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    let mut notes = self.consumer.context().notes();
                    if notes.asked_again.contains(&partition) {
                        notes.read_through.insert(partition);
                    }
                }
                Some(Err(error)) if passes(&error) || has_moved(&error) => {}
                Some(Err(source)) => return Err(self.failed(source)),
                None => break,
            }
        }
        let failed = self.consumer.context().notes().failed.take();
        failed.map_or(Ok(()), |error| self.join_again(error))?;
        let mut notes = self.consumer.context().notes();
        came.given = std::mem::take(&mut notes.given);
        came.lost = std::mem::take(&mut notes.lost);
        came.letters.retain(|letter| {
            let next = notes.ours.get_mut(&letter.partition);
            next.map(|next| *next = letter.offset.saturating_add(1)).is_some()
        });
        Ok(came)
    }

    /// Partitions that could not be taken up are nobody's until the group is asked again.
    fn join_again(&self, error: KafkaError) -> Result<(), InboxError> {
        if !passes(&error) && !has_moved(&error) {
            return Err(self.failed(error));
        }
        self.consumer.unsubscribe();
        self.consumer.subscribe(&[&self.topic]).map_err(|source| self.failed(source))
    }

    /// Notes how far partitions were taken. What another member was given meanwhile is left to it: it comes there again.
    ///
    /// # Errors
    /// Nothing is noted: what was taken comes again.
    pub fn commit(&self, taken: &[Taken]) -> Result<(), InboxError> {
        let ours = self.consumer.context().notes().ours.clone();
        let mut list = TopicPartitionList::with_capacity(taken.len());
        for Taken { partition, next, note } in taken.iter().filter(|of| ours.contains_key(&of.partition)) {
            let mut element = list.add_partition(&self.topic, *partition);
            element.set_offset(Offset::Offset(*next)).map_err(|source| self.failed(source))?;
            element.set_metadata(note.as_str());
        }
        if list.count() == 0 {
            return Ok(());
        }
        match self.consumer.commit(&list, CommitMode::Sync) {
            Err(error) if has_moved(&error) || passes(&error) => Ok(()),
            done => done.map_err(|source| self.failed(source)),
        }
    }

    /// How many messages the group has not taken yet: also of partitions that are another member's, who may be gone.
    ///
    /// # Errors
    /// The brokers do not answer.
    pub fn behind(&self) -> Result<u64, InboxError> {
        self.count_behind().map_err(|source| self.failed(source))
    }

    fn count_behind(&self) -> KafkaResult<u64> {
        let mut open = Vec::new();
        let (ours, read_through) = {
            let notes = self.consumer.context().notes();
            (notes.ours.clone(), notes.read_through.clone())
        };
        let partitions = partitions(&self.consumer, &self.topic)?;
        let mut asked = TopicPartitionList::with_capacity(partitions.len());
        for partition in &partitions {
            asked.add_partition(&self.topic, *partition);
        }
        let committed = self.consumer.committed_offsets(asked, PATIENCE)?;
        let [oldest, ends] = [Offset::Beginning, Offset::End].map(|which| self.offsets(&partitions, which));
        let (oldest, ends) = (oldest?, ends?);
        let of = |list: &TopicPartitionList, partition| {
            let offset = list.find_partition(&self.topic, partition).and_then(|element| element.offset().to_raw());
            offset.filter(|offset| *offset >= 0)
        };
        let mut left = |partition: i32| {
            if read_through.contains(&partition) {
                return 0;
            }
            let next = ours.get(&partition).copied().or_else(|| of(&committed, partition));
            let next = next.or_else(|| of(&oldest, partition)).unwrap_or(0);
            let left = u64::try_from(of(&ends, partition).unwrap_or(0).saturating_sub(next)).unwrap_or(0);
            if left > 0 && ours.contains_key(&partition) {
                open.push((partition, next));
            }
            left
        };
        let left = partitions.iter().map(|partition| left(*partition)).sum();
        self.ask_again(&open);
        Ok(left)
    }

    /// Reads partitions anew from where we are: then the client says of each whether there is anything, and what it said of
    /// an older end counts no more.
    fn ask_again(&self, open: &[(i32, i64)]) {
        for (partition, next) in open {
            let is_new = self.consumer.context().notes().asked_again.insert(*partition);
            // One that goes to another member just now is that one's affair.
            if is_new && self.consumer.seek(&self.topic, *partition, Offset::Offset(*next), PATIENCE).is_err() {
                self.consumer.context().notes().asked_again.remove(partition);
            }
        }
    }

    fn offsets(&self, partitions: &[i32], which: Offset) -> KafkaResult<TopicPartitionList> {
        let mut asked = TopicPartitionList::with_capacity(partitions.len());
        for partition in partitions {
            asked.add_partition_offset(&self.topic, *partition, which)?;
        }
        self.consumer.offsets_for_times(asked, PATIENCE)
    }

    fn failed(&self, source: KafkaError) -> InboxError {
        InboxError { topic: self.topic.clone(), source }
    }
}

fn partitions(consumer: &BaseConsumer<Membership>, topic: &str) -> KafkaResult<Vec<i32>> {
    let metadata = patiently(|| consumer.fetch_metadata(Some(topic), PATIENCE))?;
    Ok(metadata.topics().iter().flat_map(MetadataTopic::partitions).map(MetadataPartition::id).collect())
}

/// Whether the partition, or the membership, has gone to another member since, or the group is being looked for: what was
/// not committed comes again.
fn has_moved(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::IllegalGeneration
                | RDKafkaErrorCode::UnknownMemberId
                | RDKafkaErrorCode::RebalanceInProgress
                | RDKafkaErrorCode::AssignmentLost
                | RDKafkaErrorCode::PollExceeded
                | RDKafkaErrorCode::NotCoordinator
                | RDKafkaErrorCode::CoordinatorNotAvailable
                | RDKafkaErrorCode::CoordinatorLoadInProgress
                | RDKafkaErrorCode::WaitingForCoordinator
        )
    )
}
