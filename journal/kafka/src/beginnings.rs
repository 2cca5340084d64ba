//! The first record of every partition: each names the ledger, and all name the same one.
//!
//! Invariant: nothing is read behind them, however long the partitions are.

use std::time::Duration;

use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode as Code};
use rdkafka::message::Message as _;
use rdkafka::topic_partition_list::Offset;
use talon_domain::fact::Kind;
use talon_domain::ids::{LedgerId, PartitionId};
use talon_journal::{FORMAT, MAGIC, OpenError, PARTITIONS, Record};

use crate::connection::{Connection, unvalued};
use crate::fault::{no_genesis, passes_a_reader, unopened};

/// How long one poll waits, and how many may bring nothing new.
const POLL: Duration = Duration::from_millis(100);
const POLLS_MAX: u32 = 300;
/// A fetch brings one batch of each partition, whatever its size, and no more than that.
const FETCH_BYTES: &str = "1024";

/// The ledger that all partitions name.
///
/// # Errors
/// Unsupported where one is of another format; corrupt where one is no genesis, or another ledger's.
pub(crate) fn named(connection: &Connection) -> Result<LedgerId, OpenError> {
    let topic = connection.topic();
    let firsts = firsts(connection).map_err(|error| unopened(topic, error))?;
    let mut ledger = None;
    for (partition, first) in (0..PARTITIONS).map(PartitionId).zip(&firsts) {
        let named = ledger_of(topic, partition, first)?;
        if *ledger.get_or_insert(named) != named {
            return Err(OpenError::Corrupt(Box::new(no_genesis(topic, partition))));
        }
    }
    ledger.ok_or_else(|| OpenError::NoJournal { path: connection.to_string().into() })
}

fn ledger_of(topic: &str, partition: PartitionId, first: &[u8]) -> Result<LedgerId, OpenError> {
    match (first, Record::parse(first)) {
        (_, Ok(record)) if record.kind() == Kind::GENESIS => Ok(LedgerId(record.stream_id().0)),
        ([MAGIC, format, ..], Err(_)) if *format != FORMAT => {
            let (file, format) = (format!("{topic}/{partition}"), u16::from(*format));
            Err(OpenError::Unsupported { file, format, partitions: PARTITIONS })
        }
        _ => Err(OpenError::Corrupt(Box::new(no_genesis(topic, partition)))),
    }
}

fn firsts(connection: &Connection) -> KafkaResult<Vec<Vec<u8>>> {
    let mut config = connection.client();
    config.set("group.id", "talon-reader").set("enable.auto.commit", "false").set("auto.offset.reset", "error");
    config.set("check.crcs", "true").set("max.partition.fetch.bytes", FETCH_BYTES);
    let consumer: BaseConsumer = config.create().map_err(unvalued)?;
    let mut assigned = TopicPartitionList::with_capacity(PARTITIONS.into());
    for partition in 0..PARTITIONS {
        assigned.add_partition_offset(connection.topic(), partition.into(), Offset::Offset(0))?;
    }
    consumer.assign(&assigned)?;
    let mut firsts = vec![Vec::new(); PARTITIONS.into()];
    let (mut missing, mut polls) = (firsts.len(), 0);
    while missing > 0 {
        match consumer.poll(POLL) {
            Some(Ok(message)) if message.offset() == 0 => {
                let first = usize::try_from(message.partition()).ok().and_then(|at| firsts.get_mut(at));
                first.into_iter().for_each(|first| first.extend_from_slice(message.payload().unwrap_or_default()));
                missing = missing.saturating_sub(1);
            }
            Some(Ok(_)) => {}
            Some(Err(error)) if !passes_a_reader(&error) => return Err(error),
            _ if polls > POLLS_MAX => return Err(KafkaError::MessageConsumption(Code::OperationTimedOut)),
            _ => polls += 1,
        }
    }
    Ok(firsts)
}
