//! What went wrong at a broker, in the words of the journal.
//!
//! Invariant: an answer that was not heard is never told as one that was.

use std::io;
use std::thread;
use std::time::Duration;

use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode as Code};
use rdkafka::metadata::{Metadata, MetadataTopic};
use talon_domain::ids::{PartitionId, Position};
use talon_journal::{Damage, Flaw, OpenError, ReadError, Span};

/// What could not be read, and why.
pub(crate) fn unread(what: impl Into<String>, error: KafkaError) -> ReadError {
    ReadError::Unavailable { what: what.into(), source: io::Error::other(error) }
}

/// What was tried and failed.
pub(crate) fn unopened(what: impl Into<String>, error: KafkaError) -> OpenError {
    OpenError::Unavailable { what: what.into(), source: io::Error::other(error) }
}

/// Records that should be there and are not: the reader stops, and names them.
pub(crate) fn hole(topic: &str, partition: PartitionId, from: Position, to: Position) -> Damage {
    let last = Position(to.0.saturating_sub(1));
    Damage {
        file: format!("{topic}/{partition}"),
        offset: from.0,
        bytes: 0,
        records: vec![Span { partition, first: from, last }],
        flaw: Flaw::RecordOrder,
    }
}

/// A record that is not the genesis of the ledger.
pub(crate) fn no_genesis(topic: &str, partition: PartitionId) -> Damage {
    let (first, last) = (Position(0), Position(0));
    let records = vec![Span { partition, first, last }];
    Damage { file: format!("{topic}/{partition}"), offset: 0, bytes: 0, records, flaw: Flaw::Genesis }
}

/// Whether the client goes on by itself after this.
pub(crate) fn passes(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            Code::AllBrokersDown
                | Code::BrokerTransportFailure
                | Code::Resolve
                | Code::OperationTimedOut
                | Code::RequestTimedOut
                | Code::BrokerDestroy
                | Code::DestroyBroker
                | Code::LeaderNotAvailable
                | Code::NotLeaderForPartition
                | Code::NotEnoughReplicas
                | Code::OffsetNotAvailable
                | Code::NetworkException
                | Code::FencedLeaderEpoch
                | Code::UnknownLeaderEpoch
        )
    )
}

/// The same for whoever reads without a group. The client library wants the name of one, and asks for it, but keeps nothing
/// there: no right on a group is needed.
pub(crate) fn passes_a_reader(error: &KafkaError) -> bool {
    passes(error) || error.rdkafka_error_code() == Some(Code::GroupAuthorizationFailed)
}

/// Whoever may not see a topic is told so, and not that there is none.
pub(crate) fn require_sight(metadata: &Metadata) -> KafkaResult<()> {
    let mut errors = metadata.topics().iter().filter_map(MetadataTopic::error).map(Code::from);
    errors
        .find(|code| *code == Code::TopicAuthorizationFailed)
        .map_or(Ok(()), |code| Err(KafkaError::MetadataFetch(code)))
}

/// Tries so often what passes by itself, and waits so long between two tries; one that took its whole time counts for many.
const TRIES: u32 = 60;
const TIMED_OUT: u32 = 20;
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// A question to the brokers; while they choose a leader or one of them is missed, again and again.
pub(crate) fn patiently<T>(mut question: impl FnMut() -> KafkaResult<T>) -> KafkaResult<T> {
    let mut left = TRIES;
    loop {
        match question() {
            Err(error) if passes(&error) && left > 0 => {
                let took_long = error.rdkafka_error_code() == Some(Code::OperationTimedOut);
                left = left.saturating_sub(if took_long { TIMED_OUT } else { 1 });
                thread::sleep(LOOK_AGAIN);
            }
            answer => return answer,
        }
    }
}

/// Whether a record that was answered with this is certainly not in the log.
pub(crate) fn is_refusal(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            Code::MessageSizeTooLarge
                | Code::InvalidTimestamp
                | Code::InvalidRecord
                | Code::TopicAuthorizationFailed
                | Code::ClusterAuthorizationFailed
                | Code::PolicyViolation
                | Code::UnknownPartition
                | Code::UnknownTopic
                | Code::QueueFull
        )
    )
}
