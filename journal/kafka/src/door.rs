//! Knocking at a guarded door: a wrong password, or a certificate that nobody here trusts, is told at once.
//!
//! Invariant: only what the brokers or TLS refuse ends it early. The client library takes a refusal for something that may
//! pass, and would try again for ever; brokers that are away are left to whoever waits for them.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode as Code};

use crate::connection::{Connection, unvalued};

/// How often it is knocked, and how long an answer is listened for.
const KNOCKS: u32 = 20;
const LISTEN: Duration = Duration::from_millis(500);

/// Hears why nobody opens.
#[derive(Debug, Default)]
struct Ear(Mutex<Option<String>>);

impl Ear {
    fn heard(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl ClientContext for Ear {
    fn error(&self, error: KafkaError, reason: &str) {
        if matches!(error.rdkafka_error_code(), Some(Code::Authentication | Code::SSL)) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason.to_owned());
        }
    }
}

impl ConsumerContext for Ear {}

/// Comes back when the door has opened, or when nobody has answered for a while.
///
/// # Errors
/// The door is shut, with what the brokers or TLS say of it.
pub(crate) fn knock(connection: &Connection) -> KafkaResult<()> {
    if !connection.is_guarded() {
        return Ok(());
    }
    let mut config = connection.client();
    config.set("group.id", "talon-reader").set("enable.auto.commit", "false");
    let consumer: BaseConsumer<Ear> = config.create_with_context(Ear::default()).map_err(unvalued)?;
    for _ in 0..KNOCKS {
        if consumer.fetch_metadata(Some(connection.topic()), LISTEN).is_ok() {
            break;
        }
        drop(consumer.poll(Duration::ZERO));
        if let Some(reason) = consumer.context().heard() {
            return Err(KafkaError::ClientCreation(reason));
        }
    }
    Ok(())
}
