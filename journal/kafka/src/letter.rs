//! One message of a topic that gateways publish to, with all that came with it; and its note as a dead letter.
//!
//! Invariant: key, value and headers of a message are never changed: what is added stands behind them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rdkafka::message::{BorrowedHeaders, BorrowedMessage, Header, Headers as _, Message as _, OwnedHeaders};
use sha2::{Digest as _, Sha256};

/// Where the publisher says in which form its event is.
pub const CONTENT_TYPE: &str = "content-type";

/// What a dead letter says of itself, each under one of these headers.
const CODE: &str = "talon-reason-code";
const REASON: &str = "talon-reason";
const SOURCE_TOPIC: &str = "talon-source-topic";
const SOURCE_PARTITION: &str = "talon-source-partition";
const SOURCE_OFFSET: &str = "talon-source-offset";
const SOURCE_TIME: &str = "talon-source-timestamp";
const ATTEMPTS: &str = "talon-attempts";
/// And of a value that was too long to be kept.
const VALUE_BYTES: &str = "talon-value-bytes";
const VALUE_SHA256: &str = "talon-value-sha256";
/// A key or a header that goes with such a letter is no longer than this.
const KEPT_BYTES: usize = 4 << 10;
/// All of them: a message that is tried again keeps the attempts alone.
const OURS: [&str; 7] = [CODE, REASON, SOURCE_TOPIC, SOURCE_PARTITION, SOURCE_OFFSET, SOURCE_TIME, ATTEMPTS];

/// A message as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letter {
    /// Its partition.
    pub partition: i32,
    /// Its offset there.
    pub offset: i64,
    /// Milliseconds since 1970, by whoever wrote it.
    pub written_at: Option<i64>,
    /// Its key.
    pub key: Option<Vec<u8>>,
    /// Its value.
    pub value: Option<Vec<u8>>,
    /// Its headers, in their order.
    pub headers: Vec<(String, Option<Vec<u8>>)>,
}

/// Why a message could not be taken, and which one it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The refusal's stable number.
    pub code: u16,
    /// The refusal in one sentence; it repeats nothing that came in.
    pub sentence: String,
    /// The topic that the message came from.
    pub topic: String,
    /// Its partition there.
    pub partition: i32,
    /// Its offset there.
    pub offset: i64,
    /// When it was written there, in milliseconds since 1970.
    pub written_at: Option<i64>,
    /// How often it was tried.
    pub attempts: u32,
}

/// Stands where a header's name is no text: nobody else can be told what it was.
const UNREADABLE: &str = "talon-unreadable-header";

/// The headers of a message. The client's library panics over a name that is not UTF-8, which a broker takes from anybody:
/// such a header is named as one that cannot be read.
fn headers(headers: &BorrowedHeaders) -> Vec<(String, Option<Vec<u8>>)> {
    let read = |at| {
        let header = headers.try_get(at)?;
        Some((header.key.to_owned(), header.value.map(<[u8]>::to_vec)))
    };
    let guarded = |at| catch_unwind(AssertUnwindSafe(|| read(at)));
    let named = |at| guarded(at).unwrap_or_else(|_| Some((UNREADABLE.to_owned(), None)));
    (0..headers.count()).filter_map(named).collect()
}

impl Letter {
    pub(crate) fn of(message: &BorrowedMessage<'_>) -> Self {
        Self {
            partition: message.partition(),
            offset: message.offset(),
            written_at: message.timestamp().to_millis(),
            key: message.key().map(<[u8]>::to_vec),
            value: message.payload().map(<[u8]>::to_vec),
            headers: message.headers().map_or_else(Vec::new, headers),
        }
    }

    /// The last header of this name, whatever the case of its letters.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        let is_named = |(header, _): &&(String, Option<Vec<u8>>)| header.eq_ignore_ascii_case(name);
        self.headers.iter().rev().find(is_named)?.1.as_deref()
    }

    /// How many bytes it holds.
    pub fn bytes(&self) -> usize {
        let of = |part: &Option<Vec<u8>>| part.as_ref().map_or(0, Vec::len);
        let headers: usize = self.headers.iter().map(|(name, value)| name.len() + of(value)).sum();
        of(&self.key) + of(&self.value) + headers
    }

    fn number<N: std::str::FromStr>(&self, name: &str) -> Option<N> {
        std::str::from_utf8(self.header(name)?).ok()?.parse().ok()
    }

    fn text(&self, name: &str) -> Option<String> {
        Some(String::from_utf8_lossy(self.header(name)?).into_owned())
    }

    /// How often it was tried before it came this time.
    pub fn attempts(&self) -> u32 {
        self.number(ATTEMPTS).unwrap_or(0)
    }

    /// Why it is a dead letter; `None` if it does not say so.
    pub fn reason(&self) -> Option<Reason> {
        Some(Reason {
            code: self.number(CODE)?,
            sentence: self.text(REASON)?,
            topic: self.text(SOURCE_TOPIC)?,
            partition: self.number(SOURCE_PARTITION)?,
            offset: self.number(SOURCE_OFFSET)?,
            written_at: self.number(SOURCE_TIME),
            attempts: self.number(ATTEMPTS)?,
        })
    }

    /// The same message as a dead letter.
    #[must_use]
    pub fn dead(&self, reason: &Reason) -> Self {
        let mut letter = self.without_ours();
        let mut say = |name: &str, value: String| letter.headers.push((name.to_owned(), Some(value.into_bytes())));
        say(CODE, reason.code.to_string());
        say(REASON, reason.sentence.clone());
        say(SOURCE_TOPIC, reason.topic.clone());
        say(SOURCE_PARTITION, reason.partition.to_string());
        say(SOURCE_OFFSET, reason.offset.to_string());
        reason.written_at.iter().for_each(|at| say(SOURCE_TIME, at.to_string()));
        say(ATTEMPTS, reason.attempts.to_string());
        letter
    }

    /// A dead letter as the message that it was, which knows how often it was tried.
    #[must_use]
    pub fn again(&self) -> Self {
        let mut letter = self.without_ours();
        letter.headers.push((ATTEMPTS.to_owned(), Some(self.attempts().to_string().into_bytes())));
        letter
    }

    /// The same message without what no topic takes: its value, of which length and hash stay, and headers of others.
    #[must_use]
    pub(crate) fn without_value(&self) -> Self {
        let is_small = |part: Option<&Vec<u8>>| part.is_none_or(|part| part.len() <= KEPT_BYTES);
        let is_kept = |name: &str| OURS.contains(&name) || name.eq_ignore_ascii_case(CONTENT_TYPE);
        let kept = self.headers.iter().filter(|(name, value)| is_kept(name) && is_small(value.as_ref()));
        let mut headers: Vec<_> = kept.cloned().collect();
        if let Some(value) = &self.value {
            let hash: Vec<_> = Sha256::digest(value).iter().map(|byte| format!("{byte:02x}")).collect();
            headers.push((VALUE_BYTES.to_owned(), Some(value.len().to_string().into_bytes())));
            headers.push((VALUE_SHA256.to_owned(), Some(hash.concat().into_bytes())));
        }
        let key = self.key.clone().filter(|key| is_small(Some(key)));
        Self { key, value: None, headers, ..self.clone() }
    }

    fn without_ours(&self) -> Self {
        let mut letter = self.clone();
        letter.headers.retain(|(name, _)| !OURS.contains(&name.as_str()));
        letter
    }

    pub(crate) fn owned_headers(&self) -> OwnedHeaders {
        let headers = OwnedHeaders::new_with_capacity(self.headers.len());
        self.headers
            .iter()
            .fold(headers, |headers, (key, value)| headers.insert(Header { key, value: value.as_deref() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Letter {
        let header = |name: &str, value: &[u8]| (name.to_owned(), Some(value.to_vec()));
        Letter {
            key: Some(b"732829320".to_vec()),
            value: Some(b"\x00\xff".to_vec()),
            headers: vec![header("Content-Type", b"text/csv"), header("trace", b"\xff"), ("empty".to_owned(), None)],
            ..Letter::default()
        }
    }

    fn reason(attempts: u32) -> Reason {
        let (topic, sentence) = ("talon.intake.v1".to_owned(), "108 content_type_must_be_known".to_owned());
        Reason { code: 108, sentence, topic, partition: 12, offset: 345, written_at: Some(7), attempts }
    }

    #[test]
    fn a_dead_letter_says_why_and_is_otherwise_what_came() {
        let dead = letter().dead(&reason(1));
        assert_eq!(dead.reason(), Some(reason(1)));
        assert_eq!((&dead.key, &dead.value), (&letter().key, &letter().value));
        assert_eq!(dead.headers[..3], letter().headers[..]);
        assert_eq!(dead.header(CONTENT_TYPE), Some(&b"text/csv"[..]));
        assert_eq!(letter().reason(), None);
    }

    #[test]
    fn what_is_tried_again_is_what_came_and_counts() {
        let again = letter().dead(&reason(1)).again();
        assert_eq!((again.attempts(), again.reason()), (1, None));
        assert_eq!(again.headers[..3], letter().headers[..]);
        let twice = again.dead(&reason(2));
        assert_eq!((twice.attempts(), twice.headers.len()), (2, 3 + OURS.len()));
    }
}
