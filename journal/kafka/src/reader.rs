//! Reading: messages as records, each partition from where it was asked for, and never past the durable end.
//!
//! Invariants:
//! - each offset is the next one of its partition; a higher one is a hole, and nothing is handed out behind it
//! - at the end a reader says so, and asked again it looks whether there is more
//! - a broker that does not answer is an error after a while, and no end

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode as Code};
use rdkafka::message::{BorrowedMessage, Message as _};
use rdkafka::topic_partition_list::Offset;
use talon_domain::ids::{PartitionId, Position};
use talon_journal::{Positions, ReadError, Reader, Stored};

use crate::connection::{Connection, unvalued};
use crate::ends::Ends;
use crate::fault::{hole, passes_a_reader, unread};
use crate::value::take_record;

/// How long one poll waits.
const POLL: Duration = Duration::from_millis(100);
/// After so many polls without a record it is asked whether there is none: places at the end may hold nothing.
const SILENT: u32 = 20;
/// So many polls in a row bring nothing before a reader gives up.
const POLLS_MAX: u32 = 300;

/// So many consumers wait for the next reader: making one, and letting it go, takes a tenth of a second each.
const IDLE_MAX: usize = 4;

/// Consumers that read nothing now.
#[derive(Default)]
pub(crate) struct Idle(Mutex<Vec<BaseConsumer>>);

impl Idle {
    fn take(&self, connection: &Connection) -> KafkaResult<BaseConsumer> {
        let idle = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| consumer(connection), Ok)
    }

    /// One that cannot be cleared is let go.
    fn give_back(&self, consumer: BaseConsumer) {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX && consumer.unassign().is_ok() {
            idle.push(consumer);
        }
    }
}

/// A consumer that keeps no offsets at the broker: where a reader goes on is its own affair.
pub(crate) fn consumer(connection: &Connection) -> KafkaResult<BaseConsumer> {
    let mut config = connection.client();
    config.set("group.id", "talon-reader").set("enable.auto.commit", "false").set("enable.auto.offset.store", "false");
    config.set("auto.offset.reset", "error").set("enable.partition.eof", "true").set("check.crcs", "true");
    config.set("isolation.level", "read_committed").set("fetch.wait.max.ms", "10").set("fetch.queue.backoff.ms", "10");
    config.set("queued.max.messages.kbytes", "65536").set("max.partition.fetch.bytes", "4194304");
    config.create().map_err(unvalued)
}

/// Reads some partitions of a topic.
pub(crate) struct TopicReader<'j> {
    /// Absent only while it is given back.
    consumer: Option<BaseConsumer>,
    idle: &'j Idle,
    asker: &'j BaseConsumer,
    topic: &'j str,
    ends: Arc<Ends>,
    partitions: Vec<PartitionId>,
    next: Positions,
    end: Positions,
    /// Partitions of which the client said since the end was looked at that it has read them to their end.
    read_through: BTreeSet<PartitionId>,
    /// It was asked again since the last record came.
    is_asked_again: bool,
    record: Vec<u8>,
}

impl<'j> TopicReader<'j> {
    /// From these positions on, of these partitions.
    pub(crate) fn begin(
        connection: &'j Connection,
        asker: &'j BaseConsumer,
        idle: &'j Idle,
        ends: Arc<Ends>,
        partitions: Vec<PartitionId>,
        from: &Positions,
    ) -> Result<Self, ReadError> {
        let topic = connection.topic();
        let failed = |error| unread(topic, error);
        let consumer = idle.take(connection).map_err(failed)?;
        assign(&consumer, topic, &partitions, from).map_err(failed)?;
        let end = ends.known();
        let consumer = Some(consumer);
        Ok(Self {
            consumer,
            idle,
            asker,
            topic,
            ends,
            partitions,
            next: from.clone(),
            end,
            read_through: BTreeSet::new(),
            is_asked_again: false,
            record: Vec::new(),
        })
    }

    fn is_at_end(&self) -> bool {
        self.partitions.iter().all(|partition| self.next.next(*partition) >= self.end.next(*partition))
    }

    /// Beyond the end that was asked for lies what is known to be durable only when that is asked for again.
    fn look_further(&mut self) -> Result<(), ReadError> {
        self.end = self.ends.refresh(self.asker, self.topic).map_err(|error| unread(self.topic, error))?;
        self.read_through.clear();
        Ok(())
    }

    /// Brokers that answer, a client that has read to the end, and no record for a while: the places before the end hold
    /// none. A transaction leaves such places. What the client has said may be of an older end: it is asked again first.
    fn require_records(&mut self) -> Result<(), ReadError> {
        let lacks = |of: &&PartitionId| self.next.next(**of) < self.end.next(**of);
        let Some(partition) = self.read_through.iter().find(lacks) else { return Ok(()) };
        self.ends.refresh(self.asker, self.topic).map_err(|error| unread(self.topic, error))?;
        if !self.is_asked_again {
            self.is_asked_again = true;
            self.read_through.clear();
            let consumer = self.consumer.as_ref();
            let assigned =
                consumer.map_or(Ok(()), |consumer| assign(consumer, self.topic, &self.partitions, &self.next));
            return assigned.map_err(|error| unread(self.topic, error));
        }
        let (from, to) = (self.next.next(*partition), self.end.next(*partition));
        Err(ReadError::Corrupt(Box::new(hole(self.topic, *partition, from, to))))
    }
}

impl Reader for TopicReader<'_> {
    fn next(&mut self) -> Result<Option<Stored<'_>>, ReadError> {
        if self.is_at_end() {
            self.look_further()?;
        }
        let mut polls = 0u32;
        while !self.is_at_end() {
            let Some(consumer) = &self.consumer else { break };
            let Some(polled) = consumer.poll(POLL) else {
                polls += 1;
                if polls.is_multiple_of(SILENT) {
                    self.require_records()?;
                }
                if polls > POLLS_MAX {
                    return Err(unread(self.topic, KafkaError::MessageConsumption(Code::OperationTimedOut)));
                }
                continue;
            };
            let message = match polled {
                Ok(message) => message,
                Err(KafkaError::PartitionEOF(partition)) => {
                    self.read_through.extend(u16::try_from(partition).ok().map(PartitionId));
                    continue;
                }
                Err(error) if passes_a_reader(&error) => continue,
                Err(error) => return Err(unread(self.topic, error)),
            };
            let place = place_of(&message);
            if !is_next(self.topic, place, &mut self.next)? {
                continue;
            }
            take_record(message.payload(), &mut self.record);
            let (partition, position) = place;
            self.read_through.remove(&partition);
            self.is_asked_again = false;
            // What a broker shows, all in-sync replicas have.
            self.ends.reached(partition, self.next.next(partition));
            return Ok(Some(Stored { partition, position, bytes: &self.record }));
        }
        Ok(None)
    }
}

impl Drop for TopicReader<'_> {
    fn drop(&mut self) {
        self.consumer.take().into_iter().for_each(|consumer| self.idle.give_back(consumer));
    }
}

/// Reads on from these positions.
fn assign(consumer: &BaseConsumer, topic: &str, partitions: &[PartitionId], from: &Positions) -> KafkaResult<()> {
    let mut assigned = TopicPartitionList::with_capacity(partitions.len());
    for partition in partitions {
        let offset = i64::try_from(from.next(*partition).0).unwrap_or(i64::MAX);
        assigned.add_partition_offset(topic, i32::from(partition.0), Offset::Offset(offset))?;
    }
    consumer.assign(&assigned)
}

fn place_of(message: &BorrowedMessage<'_>) -> (PartitionId, Position) {
    let partition = PartitionId(u16::try_from(message.partition()).unwrap_or(u16::MAX));
    (partition, Position(u64::try_from(message.offset()).unwrap_or(u64::MAX)))
}

/// Whether a record is the next one of its partition, which is passed then; one that was handed out already is not.
fn is_next(
    topic: &str,
    (partition, position): (PartitionId, Position),
    next: &mut Positions,
) -> Result<bool, ReadError> {
    let expected = next.next(partition);
    if position > expected {
        return Err(ReadError::Corrupt(Box::new(hole(topic, partition, expected, position))));
    }
    if position == expected {
        next.set(partition, Position(position.0.saturating_add(1)));
    }
    Ok(position == expected)
}
