//! Letters on their way to a topic: dead ones, and those that are tried again.
//!
//! Invariants:
//! - sent means that all in-sync replicas have it; who sends waits for that
//! - as everywhere, no message has a time-out of its own: what was given up may still come, and is recognised by its place
//!   in the topic that it came from

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::client::ClientContext;
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer as _, ProducerContext, ThreadedProducer};

use crate::connection::{Connection, unvalued};
use crate::door::knock;
use crate::letter::Letter;

/// The longest message: what a gateway may publish, with the headers of a dead letter.
pub(crate) const MESSAGE_BYTES: usize = 2 << 20;
/// How long whoever sends waits.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long it is waited before it is looked again whether the client's queue has room.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// Why letters did not get there; some of them may have.
#[derive(Debug, thiserror::Error)]
#[error("letters could not be written to the topic {topic}: {reason}")]
pub struct OutboxError {
    topic: String,
    reason: String,
}

/// What is still under way, and what went wrong.
#[derive(Debug, Default)]
struct UnderWay {
    state: Mutex<(usize, Option<KafkaError>)>,
    landed: Condvar,
}

struct Hearing;

impl ClientContext for Hearing {}

impl ProducerContext for Hearing {
    type DeliveryOpaque = Arc<UnderWay>;

    fn delivery(&self, result: &DeliveryResult<'_>, under_way: Self::DeliveryOpaque) {
        under_way.land(result.as_ref().err().map(|(error, _)| error.clone()));
    }
}

impl UnderWay {
    fn land(&self, error: Option<KafkaError>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 = state.0.saturating_sub(1);
        state.1 = state.1.take().or(error);
        self.landed.notify_all();
    }

    /// Waits until nothing is under way; what is left then, and the first error.
    fn wait(&self) -> (usize, Option<KafkaError>) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.landed.wait_timeout_while(state, PATIENCE, |state| state.0 > 0 && state.1.is_none());
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        (state.0, state.1.take())
    }
}

/// What writes letters to a topic.
pub struct Outbox {
    producer: ThreadedProducer<Hearing>,
    topic: String,
    /// Letters may be with the client that nobody waits for.
    has_given_up: AtomicBool,
}

impl Outbox {
    /// To the topic of an address.
    ///
    /// # Errors
    /// The client cannot be made.
    pub fn to(connection: &Connection) -> Result<Self, OutboxError> {
        let topic = connection.topic().to_owned();
        let made = knock(connection).and_then(|()| Self::producer(connection));
        let producer = made.map_err(|error| OutboxError { topic: topic.clone(), reason: error.to_string() })?;
        Ok(Self { producer, topic, has_given_up: AtomicBool::new(false) })
    }

    fn producer(connection: &Connection) -> KafkaResult<ThreadedProducer<Hearing>> {
        let mut config = connection.client();
        config.set("enable.idempotence", "true").set("acks", "all").set("message.timeout.ms", "0");
        config.set("linger.ms", "0").set("partitioner", "murmur2_random").set("compression.type", "lz4");
        config.set("message.max.bytes", MESSAGE_BYTES.to_string()).set("queue.buffering.max.kbytes", "65536");
        config.create_with_context(Hearing).map_err(unvalued)
    }

    /// The topic.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// Writes letters, and waits until they are kept. Where they go follows from their keys, as for any client of Kafka.
    ///
    /// # Errors
    /// Some may be kept, and others not.
    pub fn send(&self, letters: &[Letter]) -> Result<(), OutboxError> {
        if letters.is_empty() {
            return Ok(());
        }
        let under_way = Arc::new(UnderWay::default());
        under_way.state.lock().unwrap_or_else(PoisonError::into_inner).0 = letters.len();
        // What was given up is with the client still: beside it the same letters would be written twice.
        if self.producer.in_flight_count() > 0 && self.has_given_up.load(Ordering::Acquire) {
            return Err(self.failed(&"letters of an earlier try are still under way"));
        }
        self.has_given_up.store(true, Ordering::Release);
        for letter in letters {
            self.hand_over(letter, &under_way).map_err(|error| self.failed(&error))?;
        }
        match under_way.wait() {
            (_, Some(error)) => Err(self.failed(&error)),
            (0, None) => {
                self.has_given_up.store(false, Ordering::Release);
                Ok(())
            }
            (_, None) => Err(self.failed(&"the brokers have not answered in time")),
        }
    }

    /// What a topic cannot take as it is goes without its value: the message itself stays where it came from.
    fn hand_over(&self, letter: &Letter, under_way: &Arc<UnderWay>) -> KafkaResult<()> {
        match self.try_hand_over(letter, under_way) {
            Err(error) if error.rdkafka_error_code() == Some(RDKafkaErrorCode::MessageSizeTooLarge) => {
                self.try_hand_over(&letter.without_value(), under_way)
            }
            handed => handed,
        }
    }

    fn try_hand_over(&self, letter: &Letter, under_way: &Arc<UnderWay>) -> KafkaResult<()> {
        let deadline = now().checked_add(PATIENCE);
        let mut record = BaseRecord::<[u8], [u8], _>::with_opaque_to(&self.topic, Arc::clone(under_way));
        record = record.headers(letter.owned_headers());
        record.key = letter.key.as_deref();
        record.payload = letter.value.as_deref();
        while let Err((error, back)) = self.producer.send(record) {
            let is_full = error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull);
            if !is_full || deadline.is_some_and(|deadline| now() >= deadline) {
                return Err(error);
            }
            record = back;
            std::thread::sleep(LOOK_AGAIN);
        }
        Ok(())
    }

    fn failed(&self, reason: &dyn std::fmt::Display) -> OutboxError {
        OutboxError { topic: self.topic.clone(), reason: reason.to_string() }
    }
}

#[expect(clippy::disallowed_methods, reason = "deadlines of the network are no moments of the ledger")]
fn now() -> Instant {
    Instant::now()
}
