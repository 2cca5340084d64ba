//! Appending: records go to an idempotent producer, and what the brokers say of each comes back.
//!
//! Invariants:
//! - no record has a time-out of its own: the client would send again what is in the log already, and count it twice
//!   (librdkafka raises the producer's epoch then); the deadline is ours, and around it
//! - records are handed over in the order of their batches, by one caller at a time, so that a partition has them in that
//!   order
//! - memory is bounded: where the client's queue is full, the caller waits
//! - while records that were given up are with the client still, nothing else is taken: who tries again finds them in the
//!   log first
//! - a producer that ended is replaced: what it had not delivered is in doubt, and the next batch goes to the new one

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::client::ClientContext;
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::message::Message as _;
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer as _, ProducerContext, ThreadedProducer};
use talon_domain::ids::{PartitionId, Position};
use talon_journal::{AppendError, Batch, Completion, Record};

use crate::connection::{Connection, unvalued};
use crate::ends::Ends;
use crate::fault::is_refusal;
use crate::pending::Pending;

/// How long a caller waits before it looks again whether the client's queue has room.
const LOOK_AGAIN: Duration = Duration::from_millis(2);
/// How often deadlines are looked at.
const TICK: Duration = Duration::from_millis(50);
/// What is still under way when a producer is closed is waited for so long.
const CLOSING: Duration = Duration::from_secs(10);

/// A record's batch, and its place there.
type Place = (Arc<Pending>, usize);

/// Hears what became of records.
struct Hearing {
    ends: Arc<Ends>,
    /// Why the producer has ended, if it has: what it gives up then has no reason of its own.
    end: OnceLock<String>,
}

impl ClientContext for Hearing {
    fn error(&self, error: KafkaError, reason: &str) {
        if matches!(error.rdkafka_error_code(), Some(RDKafkaErrorCode::Fatal)) || is_refusal(&error) {
            let _ = self.end.set(reason.to_owned());
        }
    }
}

impl ProducerContext for Hearing {
    type DeliveryOpaque = Box<Place>;

    fn delivery(&self, result: &DeliveryResult<'_>, place: Self::DeliveryOpaque) {
        let (pending, index) = *place;
        match result {
            Ok(message) => match (u16::try_from(message.partition()), u64::try_from(message.offset())) {
                (Ok(partition), Ok(offset)) => {
                    self.ends.reached(PartitionId(partition), Position(offset.saturating_add(1)));
                    pending.is_in(index, Position(offset));
                }
                _ => pending.is_in_doubt(index, "the broker named no offset"),
            },
            Err((error, _)) if is_refusal(error) => pending.is_out(index, &error.to_string()),
            Err((error, _)) => {
                let own = || error.to_string();
                pending.is_in_doubt(index, &self.end.get().cloned().unwrap_or_else(own));
            }
        }
    }
}

/// What appends to a topic.
pub(crate) struct Producing {
    connection: Connection,
    ends: Arc<Ends>,
    patience: Duration,
    /// One caller at a time hands records over.
    producer: Mutex<ThreadedProducer<Hearing>>,
    /// Records may be with the client that nobody waits for.
    has_given_up: Arc<AtomicBool>,
    /// Batches whose deadline is watched.
    watched: Option<Sender<Arc<Pending>>>,
    watcher: Option<thread::JoinHandle<()>>,
}

impl Producing {
    pub(crate) fn begin(connection: &Connection, ends: Arc<Ends>, patience: Duration) -> KafkaResult<Self> {
        let producer = Mutex::new(producer(connection, &ends)?);
        let (watched, coming) = channel();
        let has_given_up = Arc::new(AtomicBool::new(false));
        let tell = Arc::clone(&has_given_up);
        let watcher = thread::Builder::new().name("kafka-deadlines".to_owned()).spawn(move || watch(&coming, &tell));
        let watcher = watcher.map_err(|error| KafkaError::ClientCreation(error.to_string()))?;
        let (connection, watched, watcher) = (connection.clone(), Some(watched), Some(watcher));
        Ok(Self { connection, ends, patience, producer, has_given_up, watched, watcher })
    }

    /// Appends a batch: returns when its records are handed over.
    pub(crate) fn append(&self, batch: Batch) -> Completion {
        let records = batch.len();
        if records == 0 {
            return Completion::known(Ok(talon_journal::Appended::new(batch)));
        }
        let mut producer = self.producer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = self.replace_if_ended(&mut producer) {
            let reason = format!("the producer has ended, and no other can be made: {error}").into();
            return Completion::known(Err(AppendError::Unavailable { durable: 0, reason }));
        }
        // What was given up is with the client still: beside it the same records would be in the log twice.
        if self.has_given_up.load(Ordering::Acquire) {
            if producer.in_flight_count() > 0 {
                let reason = "records of an earlier append are still under way".into();
                return Completion::known(Err(AppendError::Unavailable { durable: 0, reason }));
            }
            self.has_given_up.store(false, Ordering::Release);
        }
        let (promise, completion) = Completion::awaited(records);
        let deadline = now().checked_add(self.patience);
        let pending = Arc::new(Pending::new(batch, promise, deadline));
        if let Some(watched) = &self.watched {
            let _ = watched.send(Arc::clone(&pending));
        }
        let mut key = String::new();
        for index in 0..records {
            if !self.send(&producer, &pending, index, &mut key) {
                (index..records).for_each(|left| pending.is_out(left, "the client's queue was full for too long"));
                break;
            }
        }
        completion
    }

    /// After a fatal error a producer takes nothing any more.
    fn replace_if_ended(&self, producer: &mut ThreadedProducer<Hearing>) -> KafkaResult<()> {
        if producer.client().fatal_error().is_some() {
            *producer = self::producer(&self.connection, &self.ends)?;
        }
        Ok(())
    }

    /// Hands a record over; `false` if there was no room for it in time.
    fn send(
        &self,
        producer: &ThreadedProducer<Hearing>,
        pending: &Arc<Pending>,
        index: usize,
        key: &mut String,
    ) -> bool {
        loop {
            let sent = pending.with_record(index, |partition, bytes| {
                let record = Record::parse(bytes).ok();
                key.clear();
                record.iter().for_each(|record| key.push_str(&record.merchant().0.to_string()));
                let place: Box<Place> = Box::new((Arc::clone(pending), index));
                let mut message =
                    BaseRecord::with_opaque_to(self.connection.topic(), place).payload(bytes).key(key.as_str());
                message = message.partition(i32::from(partition.0));
                if let Some(record) = record {
                    message = message.timestamp(record.recorded_at().0.div_euclid(1_000));
                }
                producer.send(message).map_err(|(error, _)| error)
            });
            match sent {
                // In, or answered already because its time is over.
                None | Some(Ok(())) => return true,
                Some(Err(KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull))) => {
                    if pending.deadline.is_some_and(|deadline| now() >= deadline) {
                        return false;
                    }
                    thread::sleep(LOOK_AGAIN);
                }
                Some(Err(error)) => {
                    pending.is_out(index, &error.to_string());
                    return true;
                }
            }
        }
    }
}

impl Drop for Producing {
    fn drop(&mut self) {
        let producer = self.producer.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = producer.flush(CLOSING);
        self.watched = None;
        if let Some(watcher) = self.watcher.take() {
            let _ = watcher.join();
        }
    }
}

fn producer(connection: &Connection, ends: &Arc<Ends>) -> KafkaResult<ThreadedProducer<Hearing>> {
    let mut config = connection.client();
    config.set("enable.idempotence", "true").set("acks", "all").set("message.timeout.ms", "0");
    config.set("linger.ms", "2").set("queue.buffering.max.messages", "100000").set("compression.type", "lz4");
    config.set("queue.buffering.max.kbytes", "131072");
    config.set("statistics.interval.ms", "0");
    config.create_with_context(Hearing { ends: Arc::clone(ends), end: OnceLock::new() }).map_err(unvalued)
}

/// Gives batches up whose time is over; they come in the order of their deadlines.
fn watch(coming: &Receiver<Arc<Pending>>, has_given_up: &AtomicBool) {
    let mut watched = VecDeque::<Arc<Pending>>::new();
    loop {
        match coming.recv_timeout(TICK) {
            Ok(pending) => {
                watched.push_back(pending);
                watched.extend(coming.try_iter());
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        let now = now();
        let is_over =
            |pending: &Arc<Pending>| pending.is_answered() || pending.deadline.is_some_and(|deadline| deadline <= now);
        while let Some(pending) = watched.pop_front_if(|pending| is_over(pending)) {
            if !pending.is_answered() {
                // Before anybody hears of it and tries again.
                has_given_up.store(true, Ordering::Release);
            }
            pending.give_up("the brokers have not answered in time");
        }
    }
    watched.iter().for_each(|pending| pending.give_up("the journal was closed"));
}

#[expect(clippy::disallowed_methods, reason = "deadlines of the network are no moments of the ledger")]
fn now() -> Instant {
    Instant::now()
}
