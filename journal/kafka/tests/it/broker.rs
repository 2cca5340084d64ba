//! Topics of a test's own.

use std::sync::atomic::{AtomicU32, Ordering};

use talon_kafka::{Connection, Role, Topics};
use talon_testkit::kafka;

/// A topic for one test, taken away behind it.
pub(crate) struct Topic(pub(crate) Connection);

impl Topic {
    /// A name that no other test has; nothing is made yet. `None` where there is no Kafka.
    pub(crate) fn named() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test.{}.{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let address = format!("kafka://{}/{name}", kafka::servers()?);
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
