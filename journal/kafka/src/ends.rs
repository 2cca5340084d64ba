//! How far each partition is durable: what the brokers say, and what they have acknowledged to us.
//!
//! Invariants:
//! - an end never goes back: what one reader has seen is there for the next one
//! - one question asks for all partitions

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode as Code};
use rdkafka::topic_partition_list::Offset;
use talon_domain::ids::{PartitionId, Position};
use talon_journal::{PARTITIONS, Positions};

use crate::fault::patiently;

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it is asked again where a log is shorter than it was, and how long it is waited between.
const LOOKS: u32 = 40;
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// The durable ends that are known.
#[derive(Debug, Default)]
pub(crate) struct Ends(Mutex<Positions>);

/// Which end of a partition is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// The first record that is still held.
    Low,
    /// Behind the last record that all in-sync replicas have.
    High,
}

impl Ends {
    /// What is known.
    pub(crate) fn known(&self) -> Positions {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A partition is durable as far as this.
    pub(crate) fn reached(&self, partition: PartitionId, next: Position) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.next(partition) < next {
            known.set(partition, next);
        }
    }

    /// Asks the brokers, and says what is known then.
    ///
    /// # Errors
    /// They do not answer; or the log is shorter than it was, and stays so: records were lost, or it was made anew.
    pub(crate) fn refresh(&self, asker: &BaseConsumer, topic: &str) -> KafkaResult<Positions> {
        for _ in 0..LOOKS {
            let known = self.known();
            let told = ask(asker, topic, Which::High)?;
            told.iter().for_each(|(partition, next)| self.reached(partition, next));
            if known.iter().all(|(partition, next)| told.next(partition) >= next) {
                return Ok(self.known());
            }
            // A leader that was chosen just now may not know yet how far the others are.
            thread::sleep(LOOK_AGAIN);
        }
        Err(KafkaError::MessageConsumption(Code::OffsetOutOfRange))
    }
}

/// Asks the brokers for one end of every partition; while they choose a leader, again and again.
pub(crate) fn ask(asker: &BaseConsumer, topic: &str, which: Which) -> KafkaResult<Positions> {
    patiently(|| ask_once(asker, topic, which))
}

fn ask_once(asker: &BaseConsumer, topic: &str, which: Which) -> KafkaResult<Positions> {
    // In place of a moment the protocol takes either end of the log.
    let end = match which {
        Which::Low => Offset::Beginning,
        Which::High => Offset::End,
    };
    let mut asked = TopicPartitionList::with_capacity(PARTITIONS.into());
    for partition in 0..PARTITIONS {
        asked.add_partition_offset(topic, partition.into(), end)?;
    }
    let answer = asker.offsets_for_times(asked, PATIENCE)?;
    let mut positions = Positions::beginning();
    for element in answer.elements() {
        element.error()?;
        let partition = u16::try_from(element.partition()).map(PartitionId);
        let next = element.offset().to_raw().and_then(|offset| u64::try_from(offset).ok());
        if let (Ok(partition), Some(next)) = (partition, next) {
            positions.set(partition, Position(next));
        }
    }
    Ok(positions)
}
