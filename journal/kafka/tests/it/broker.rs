//! The broker that these tests talk to, and topics of their own on it.

use std::io::Write as _;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use talon_kafka::{Connection, Role, Topics};

/// Where the broker answers; `None` where there can be none.
fn servers() -> Option<&'static str> {
    static SERVERS: OnceLock<Option<String>> = OnceLock::new();
    SERVERS.get_or_init(start).as_deref()
}

fn start() -> Option<String> {
    let run = |words: &[&str]| Command::new(env!("CARGO")).args(["xtask", "kafka"]).args(words).output();
    let up = run(&["up"]).expect("cargo runs");
    let said = String::from_utf8_lossy(&up.stdout).into_owned();
    let found =
        said.lines().find_map(|line| line.strip_prefix("kafka is up").and_then(|rest| rest.split(' ').next_back()));
    if let Some(servers) = found.filter(|_| up.status.success()) {
        return Some(servers.to_owned());
    }
    let why = String::from_utf8_lossy(&up.stderr).lines().last().unwrap_or_default().to_owned();
    assert!(std::env::var("CI").as_deref() != Ok("true"), "no Kafka to test with: {why}");
    // Past the harness, which shows what a test prints only when it fails.
    let _ = writeln!(std::io::stderr(), "tests of the journal on Kafka are left out: {why}");
    None
}

/// Whether there is a broker to talk to.
pub(crate) fn is_there() -> bool {
    servers().is_some()
}

/// A topic for one test, taken away behind it.
pub(crate) struct Topic(pub(crate) Connection);

impl Topic {
    /// A name that no other test has; nothing is made yet. `None` where there is no broker.
    pub(crate) fn named() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test.{}.{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let address = format!("kafka://{}/{name}", servers()?);
        Some(Self(Connection::parse(&address).expect("an address")))
    }

    /// The same, made for a journal.
    pub(crate) fn made() -> Option<Self> {
        let topic = Self::named()?;
        topic.admin().create(Role::Journal).expect("a topic");
        Some(topic)
    }

    pub(crate) fn admin(&self) -> Topics {
        Topics::of(&self.0).expect("a client")
    }
}

impl Drop for Topic {
    fn drop(&mut self) {
        let _ = self.admin().delete();
    }
}
