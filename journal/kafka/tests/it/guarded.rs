//! Brokers behind TLS and passwords, and the rights that docs/kafka.md asks for: each does what it is for, and nothing does
//! more. Built with the feature `tls` alone: `cargo test -p talon-kafka --features tls`.

use std::process::Stdio;
use std::time::Duration;

use talon_domain::ids::MerchantId;
use talon_journal::{AppendError, Journal, Positions};
use talon_kafka::{AppendPatience, Connection, Inbox, KafkaJournal, Letter, Outbox, Role, Taken, TopicError, Topics};
use talon_testkit::{batch_of, genesis, kafka, ledger_id, record};

use crate::broker::Topic;

const MERCHANT: MerchantId = MerchantId(732_829_320);

/// A topic that is reached by the guarded door as well.
struct Guarded {
    topic: Topic,
    door: kafka::GuardedDoor,
}

impl Guarded {
    fn named() -> Option<Self> {
        Some(Self { topic: Topic::named()?, door: kafka::guarded()? })
    }

    /// As one user of the brokers, with a password and a certificate.
    fn with(&self, user: &str, password: &str, certificate: &str) -> Connection {
        let (servers, topic) = (&self.door.servers, self.topic.0.topic());
        let tls = format!("security.protocol=SASL_SSL&ssl.ca.location={certificate}");
        let name = format!("sasl.mechanism=SCRAM-SHA-512&sasl.username={user}&sasl.password={password}");
        Connection::parse(&format!("kafka://{servers}/{topic}?{tls}&{name}")).expect("an address")
    }

    fn by(&self, user: &str) -> Connection {
        self.with(user, &self.door.password, self.door.certificate.to_str().expect("a path"))
    }

    /// Gives a user rights on the topic, by Kafka's own tool.
    fn grant(&self, user: &str, rights: &[&str]) {
        let topic = ["--topic", self.topic.0.topic()];
        grant(user, rights, &topic);
    }
}

fn grant(user: &str, rights: &[&str], on: &[&str]) {
    let who = format!("User:{user}");
    let place = ["--bootstrap-server", kafka::servers().expect("a Kafka"), "--add", "--allow-principal", &who];
    let rights: Vec<_> = rights.iter().flat_map(|right| ["--operation", right]).collect();
    let words = [&place[..], &rights, on].concat();
    let told = kafka::tool("org.apache.kafka.tools.AclCommand", &words).stdout(Stdio::null()).output();
    let told = told.expect("java runs");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
}

fn records() -> Vec<Vec<u8>> {
    (0..20).map(|number| record(MERCHANT, number, 40)).collect()
}

fn append(journal: &dyn Journal) -> Result<(), AppendError> {
    let records = records();
    journal.append(batch_of(records.iter().map(|bytes| (MERCHANT, bytes.as_slice())))).wait().map(drop)
}

#[test]
fn who_has_the_rights_appends_and_reads_and_nobody_else_does() {
    let Some(guarded) = Guarded::named() else { return };
    let created = Topics::of(&guarded.by("appender")).and_then(|topics| topics.create(Role::Journal));
    assert!(is_told(&created, "TopicAuthorizationFailed"), "CREATE is missing: {created:?}");
    guarded.grant("appender", &["CREATE", "DESCRIBE"]);
    Topics::of(&guarded.by("appender")).and_then(|topics| topics.create(Role::Journal)).expect("CREATE is enough");

    guarded.grant("appender", &["READ", "WRITE", "DescribeConfigs"]);
    guarded.grant("reader", &["READ"]);
    let appender = guarded.by("appender");
    let findings = Topics::of(&appender).and_then(|topics| topics.check(Role::Journal)).expect("DESCRIBE_CONFIGS");
    assert!(findings.iter().all(|finding| !finding.is_fault), "{findings:?}");
    let patience = AppendPatience::default();
    let journal = KafkaJournal::create(appender, ledger_id(), genesis(ledger_id()), patience).expect("a journal");
    append(&journal).expect("WRITE is enough");
    drop(journal);

    let unchecked = Topics::of(&guarded.by("reader")).and_then(|topics| topics.check(Role::Journal));
    assert!(is_told(&unchecked, "DESCRIBE_CONFIGS"), "{unchecked:?}");
    let reader = KafkaJournal::open(guarded.by("reader"), patience).expect("READ is enough");
    assert_eq!(count(&reader), 64 + records().len());
    let refused = append(&reader).expect_err("WRITE is missing");
    assert!(refused.to_string().to_lowercase().contains("authoriz"), "{refused}");
    assert_eq!(count(&reader), 64 + records().len());

    let stranger = KafkaJournal::open_to_read(guarded.by("stranger")).map(drop).expect_err("no rights");
    assert!(told(&stranger).contains("authoriz"), "{}", told(&stranger));
}

#[test]
fn who_is_not_known_learns_nothing_and_is_told_why() {
    let Some(guarded) = Guarded::named() else { return };
    guarded.topic.admin().create(Role::Journal).expect("a topic");
    let certificate = guarded.door.certificate.to_str().expect("a path").to_owned();
    let others = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/another_authority.pem");
    let password = &guarded.door.password;
    for (door, why) in [
        (guarded.with("appender", "guessed", &certificate), "SASL"),
        (guarded.with("nobody", password, &certificate), "SASL"),
        (guarded.with("appender", password, others), "certificate verify failed"),
    ] {
        let refused = Topics::of(&door).and_then(|topics| topics.check(Role::Journal));
        let refused = refused.expect_err("the door is shut");
        assert!(told(&refused).contains(why), "{why}: {}", told(&refused));
        assert!(!told(&refused).contains(password.as_str()), "a password is in no message");
    }
}

/// `talon consume` reads events and commits in its group; gateways write, and read nothing.
#[test]
fn events_are_written_by_some_and_taken_by_others() {
    let Some(guarded) = Guarded::named() else { return };
    guarded.topic.admin().create(Role::Intake).expect("a topic");
    guarded.grant("stranger", &["WRITE"]);
    let event = Letter { key: Some(b"732829320".to_vec()), value: Some(b"{}".to_vec()), ..Letter::default() };
    let gateway = Outbox::to(&guarded.by("stranger")).expect("a client");
    gateway.send(std::slice::from_ref(&event)).expect("WRITE is enough");
    let group = format!("guarded.{}", guarded.topic.0.topic());
    let taken = |user: &str| {
        let inbox = Inbox::join(&guarded.by(user), &group).expect("a client");
        for _ in 0..40 {
            let came = inbox.take(10, 1 << 20, Duration::from_millis(250))?.letters;
            if let Some(letter) = came.first() {
                let taken = Taken { partition: letter.partition, next: letter.offset + 1, note: String::new() };
                return inbox.commit(&[taken]).map(|()| came.len());
            }
        }
        Ok(0)
    };
    let refused = taken("stranger").expect_err("READ is missing");
    assert!(told(&refused).to_lowercase().contains("authoriz"), "{}", told(&refused));
    guarded.grant("reader", &["READ"]);
    grant("reader", &["READ"], &["--group", &group]);
    assert_eq!(taken("reader").expect("READ of both is enough"), 1);
}

fn count(journal: &dyn Journal) -> usize {
    let mut reader = journal.scan(&Positions::beginning()).expect("a scan");
    std::iter::from_fn(|| reader.next().expect("dense positions").map(drop)).count()
}

fn is_told<T>(outcome: &Result<T, TopicError>, what: &str) -> bool {
    outcome.as_ref().is_err_and(|error| told(error).contains(what))
}

/// An error with its causes.
fn told(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |told, cause| format!("{told}: {cause}"))
}
