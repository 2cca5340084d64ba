//! All letters that a topic holds, read once from its oldest to where it ended when it was asked.
//!
//! Invariant: nothing is committed: whoever looks leaves no trace.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::message::Message as _;
use rdkafka::metadata::{MetadataPartition, MetadataTopic};
use rdkafka::topic_partition_list::Offset;

use crate::connection::Connection;
use crate::door::knock;
use crate::fault::{passes_a_reader, patiently, require_sight};
use crate::letter::Letter;
use crate::reader::consumer;
use crate::topic::TopicError;

/// How long a question to the brokers may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long one poll waits, and how many may bring nothing in a row.
const POLL: Duration = Duration::from_millis(100);
const POLLS_MAX: u32 = 300;

/// Hands every letter of the topic to `each`, each partition's in their order.
///
/// # Errors
/// Absent, if there is no such topic.
pub fn read_letters(connection: &Connection, each: &mut dyn FnMut(Letter)) -> Result<(), TopicError> {
    let topic = connection.topic();
    let failed = |source| TopicError::Kafka { topic: topic.to_owned(), source };
    let consumer = knock(connection).and_then(|()| consumer(connection)).map_err(failed)?;
    let metadata = patiently(|| consumer.fetch_metadata(Some(topic), PATIENCE)).map_err(failed)?;
    require_sight(&metadata).map_err(failed)?;
    let partitions: Vec<_> =
        metadata.topics().iter().flat_map(MetadataTopic::partitions).map(MetadataPartition::id).collect();
    if partitions.is_empty() {
        return Err(TopicError::Absent(topic.to_owned()));
    }
    read(&consumer, topic, &partitions, each).map_err(failed)
}

fn read(consumer: &BaseConsumer, topic: &str, partitions: &[i32], each: &mut dyn FnMut(Letter)) -> KafkaResult<()> {
    let oldest = offsets(consumer, topic, partitions, Offset::Beginning)?;
    let ends = offsets(consumer, topic, partitions, Offset::End)?;
    let mut left: BTreeMap<i32, i64> = ends.into_iter().filter(|(of, end)| oldest.get(of) < Some(end)).collect();
    let mut from = TopicPartitionList::with_capacity(left.len());
    for partition in left.keys() {
        let offset = oldest.get(partition).copied().unwrap_or_default();
        from.add_partition_offset(topic, *partition, Offset::Offset(offset))?;
    }
    consumer.assign(&from)?;
    let mut polls = 0;
    while !left.is_empty() {
        match consumer.poll(POLL) {
            Some(Ok(message)) => {
                polls = 0;
                let end = left.get(&message.partition()).copied();
                if end.is_some_and(|end| message.offset() < end) {
                    each(Letter::of(&message));
                }
                left.retain(|of, end| *of != message.partition() || message.offset().saturating_add(1) < *end);
            }
            Some(Err(KafkaError::PartitionEOF(partition))) => drop(left.remove(&partition)),
            Some(Err(error)) if !passes_a_reader(&error) => return Err(error),
            _ if polls > POLLS_MAX => return Err(KafkaError::MessageConsumption(RDKafkaErrorCode::OperationTimedOut)),
            _ => polls += 1,
        }
    }
    Ok(())
}

fn offsets(consumer: &BaseConsumer, topic: &str, partitions: &[i32], which: Offset) -> KafkaResult<BTreeMap<i32, i64>> {
    let mut asked = TopicPartitionList::with_capacity(partitions.len());
    for partition in partitions {
        asked.add_partition_offset(topic, *partition, which)?;
    }
    let answer = consumer.offsets_for_times(asked, PATIENCE)?;
    let offset = |element: &rdkafka::topic_partition_list::TopicPartitionListElem<'_>| {
        element.error()?;
        Ok((element.partition(), element.offset().to_raw().unwrap_or_default()))
    };
    answer.elements().iter().map(offset).collect()
}
