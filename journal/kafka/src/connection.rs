//! How a cluster is reached: the address that people type, and what every client of it is told.
//!
//! `kafka://host:port,host:port/topic?name=value&...`; what stands behind the question mark goes to the client library as
//! it is, so that TLS and SASL are configured by its own names. One setting is Talon's: `talon.append.timeout.ms`, for how
//! long an append is waited for.
//!
//! Invariant: what the journal's promises rest on cannot be set from outside.

use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::error::KafkaError;

/// What an address begins with.
const SCHEME: &str = "kafka://";
/// The topic of an address that names none.
const TOPIC: &str = "talon.journal.v1";

/// Settings that say how a broker is reached begin like this; all others are ours, and the ledger's promises rest on them.
const THEIRS: [&str; 5] = ["security.", "sasl.", "ssl.", "socket.", "reconnect."];

/// For how long an append is waited for.
const PATIENCE: &str = "talon.append.timeout.ms";
/// It is at least a tenth of a second, and at most a day.
const PATIENCE_MS: std::ops::RangeInclusive<u64> = 100..=86_400_000;

/// A topic of a cluster, and how to reach it.
#[derive(Clone, PartialEq, Eq)]
pub struct Connection {
    servers: String,
    topic: String,
    settings: Vec<(String, String)>,
    patience: Option<Duration>,
}

/// Why an address is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectionError {
    /// It is of another kind.
    #[error("an address of Kafka is written kafka://host:port,host:port/topic")]
    Scheme,
    /// No server is named.
    #[error("the address names no server: kafka://host:port/topic")]
    NoServer,
    /// A topic's name has letters, digits, dots, lines and underscores, 249 at most.
    #[error("{0:?} is no name of a topic")]
    Topic(String),
    /// A setting has a name and a value. Neither is repeated: it may be part of a password.
    #[error("setting {0} behind the question mark is none: name=value is wanted, with %26 for & in a value")]
    Setting(usize),
    /// A time that is none.
    #[error("{PATIENCE} is a number of milliseconds, from 100 to 86400000")]
    Patience,
    /// It does not say how a broker is reached: the ledger's promises may rest on it.
    #[error("{0} is not to be set: only security., sasl., ssl., socket. and reconnect. are for others to say")]
    Ours(String),
}

impl Connection {
    /// Whether a text is meant as an address of Kafka.
    pub fn is_meant(text: &str) -> bool {
        text.starts_with(SCHEME)
    }

    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, ConnectionError> {
        let rest = text.strip_prefix(SCHEME).ok_or(ConnectionError::Scheme)?;
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (servers, topic) = place.split_once('/').unwrap_or((place, ""));
        if servers.is_empty() {
            return Err(ConnectionError::NoServer);
        }
        let stated = query.split('&').filter(|setting| !setting.is_empty());
        let (ours, theirs): (Vec<_>, Vec<_>) = stated.partition(|setting| setting.split('=').next() == Some(PATIENCE));
        let settings = (1..).zip(theirs).map(setting).collect::<Result<_, _>>()?;
        let patience = ours.last().map(|setting| patience(setting)).transpose()?;
        let topic = named(if topic.is_empty() { TOPIC } else { topic })?;
        Ok(Self { servers: servers.to_owned(), topic, settings, patience })
    }

    /// The topic.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// For how long an append is waited for, if somebody says so.
    pub const fn patience(&self) -> Option<Duration> {
        self.patience
    }

    /// Whether the same cluster is meant, as far as an address tells: one server is in both.
    pub fn shares_a_server(&self, other: &Self) -> bool {
        self.servers.split(',').any(|one| other.servers.split(',').any(|another| one == another))
    }

    /// Whether it says how the brokers are reached.
    pub const fn has_settings(&self) -> bool {
        !self.settings.is_empty() || self.patience.is_some()
    }

    /// The same cluster and another topic.
    pub fn with_topic(&self, topic: &str) -> Result<Self, ConnectionError> {
        Ok(Self { topic: named(topic)?, ..self.clone() })
    }

    /// Whether brokers want to know who comes, or are known by a certificate.
    pub(crate) fn is_guarded(&self) -> bool {
        let is_open = |value: &str| value.eq_ignore_ascii_case("plaintext");
        self.settings.iter().any(|(name, value)| name == "security.protocol" && !is_open(value))
    }

    /// What every client is told.
    pub(crate) fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.servers).set("client.id", "talon");
        config.set("allow.auto.create.topics", "false");
        self.settings.iter().for_each(|(name, value)| _ = config.set(name, value));
        config
    }
}

/// Settings may hold a password: they are in no message.
impl std::fmt::Display for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{SCHEME}{}/{}", self.servers, self.topic)
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

fn named(topic: &str) -> Result<String, ConnectionError> {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    let is_name = (1..=249).contains(&topic.len()) && topic.chars().all(is_letter) && topic != "." && topic != "..";
    if is_name { Ok(topic.to_owned()) } else { Err(ConnectionError::Topic(topic.to_owned())) }
}

fn patience(setting: &str) -> Result<Duration, ConnectionError> {
    let stated = setting.split_once('=').and_then(|(_, ms)| ms.parse().ok());
    let ms = stated.filter(|ms| PATIENCE_MS.contains(ms)).ok_or(ConnectionError::Patience)?;
    Ok(Duration::from_millis(ms))
}

fn setting((number, text): (usize, &str)) -> Result<(String, String), ConnectionError> {
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'.' | b'_'));
    let (name, value) = text.split_once('=').ok_or(ConnectionError::Setting(number))?;
    let value = decoded(value).filter(|_| is_name(name)).ok_or(ConnectionError::Setting(number))?;
    if !THEIRS.iter().any(|beginning| name.starts_with(beginning)) {
        return Err(ConnectionError::Ours(name.to_owned()));
    }
    Ok((name.to_owned(), value))
}

/// A value with its `%26`s read.
fn decoded(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// An error of a client that could not be made, without the value of the setting that it is about.
pub(crate) fn unvalued(error: KafkaError) -> KafkaError {
    match error {
        KafkaError::ClientConfig(result, why, name, _) => KafkaError::ClientConfig(result, why, name, "...".to_owned()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_servers_a_topic_and_settings() {
        let told = Connection::parse("kafka://a:9092,b:9092/books?security.protocol=SSL&ssl.ca.location=/ca.pem");
        let told = told.expect("an address");
        assert_eq!(told.to_string(), "kafka://a:9092,b:9092/books");
        let config = told.client();
        let of = |name| config.get(name);
        assert_eq!(of("bootstrap.servers"), Some("a:9092,b:9092"));
        assert_eq!((of("security.protocol"), of("ssl.ca.location")), (Some("SSL"), Some("/ca.pem")));
        assert_eq!(Connection::parse("kafka://a:9092").expect("an address").topic(), TOPIC);
        assert_eq!(Connection::parse("kafka://a:9092/").expect("an address").topic(), TOPIC);
    }

    #[test]
    fn what_is_no_address_is_refused_with_its_reason() {
        let refused = |text: &str| Connection::parse(text).expect_err("no address");
        assert_eq!(refused("/var/lib/talon"), ConnectionError::Scheme);
        assert_eq!(refused("kafka:///books"), ConnectionError::NoServer);
        assert_eq!(refused("kafka://a/b c"), ConnectionError::Topic("b c".to_owned()));
        assert_eq!(refused("kafka://a/b?ssl"), ConnectionError::Setting(1));
        assert_eq!(refused("kafka://a/b?sasl.password=x&sasl.password:secret=1"), ConnectionError::Setting(2));
        assert_eq!(refused("kafka://a/b?sasl.password=%2"), ConnectionError::Setting(1));
        for ours in ["acks", "message.timeout.ms", "retries", "transactional.id", "auto.offset.reset", "check.crcs"] {
            assert_eq!(refused(&format!("kafka://a/b?{ours}=1")), ConnectionError::Ours(ours.to_owned()));
        }
    }

    #[test]
    fn how_long_an_append_is_waited_for_can_be_said() {
        let patience = |text: &str| Connection::parse(text).map(|told| told.patience());
        assert_eq!(patience("kafka://a/b?talon.append.timeout.ms=2500"), Ok(Some(Duration::from_millis(2_500))));
        assert_eq!(patience("kafka://a/b?sasl.username=x"), Ok(None));
        for wrong in ["", "=", "=x", "=99", "=-1", "=86400001"] {
            let told = patience(&format!("kafka://a/b?talon.append.timeout.ms{wrong}"));
            assert_eq!(told, Err(ConnectionError::Patience), "{wrong}");
        }
    }

    #[test]
    fn a_password_is_in_no_message() {
        let told = Connection::parse("kafka://a/b?sasl.password=secret").expect("an address");
        assert!(!format!("{told} {told:?}").contains("secret"));
        for broken in ["sasl.password=x&secret", "secret", "sasl.password:secret=x", "sasl.password=secret%zz"] {
            let told = Connection::parse(&format!("kafka://a/b?{broken}")).expect_err("no address");
            assert!(!told.to_string().contains("secret"), "{told}");
        }
        let and = Connection::parse("kafka://a/b?sasl.password=a%26b%25").expect("an address");
        assert_eq!(and.client().get("sasl.password"), Some("a&b%"));
    }

    /// Without TLS the client knows no keys, and would repeat what it does not know.
    #[test]
    fn a_clients_error_repeats_no_value() {
        let made = Connection::parse("kafka://a/b?ssl.no.such.setting=secret").expect("an address");
        let error = crate::reader::consumer(&made).map(drop).expect_err("no setting");
        assert!(error.to_string().contains("ssl.no.such.setting") && !error.to_string().contains("secret"), "{error}");
    }
}
