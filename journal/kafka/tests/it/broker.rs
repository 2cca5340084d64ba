//! Topics of a test's own.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use talon_kafka::{Connection, Role, Topics};
use talon_testkit::kafka;

/// Brokers that are killed are no others' meanwhile.
static BROKERS: RwLock<()> = RwLock::new(());

/// The brokers for one test alone, to do with them what it likes.
pub(crate) fn alone() -> RwLockWriteGuard<'static, ()> {
    BROKERS.write().unwrap_or_else(PoisonError::into_inner)
}

/// A topic for one test, taken away behind it; as long as it is there, nobody kills a broker.
pub(crate) struct Topic(
    pub(crate) Connection,
    #[expect(dead_code, reason = "held")] Option<RwLockReadGuard<'static, ()>>,
);

impl Topic {
    /// A name that no other test has; nothing is made yet. `None` where there is no Kafka.
    pub(crate) fn named() -> Option<Self> {
        let shared = BROKERS.read().unwrap_or_else(PoisonError::into_inner);
        Some(Self(Self::address()?, Some(shared)))
    }

    /// One for a journal, of a test that has the brokers for itself.
    pub(crate) fn for_faults() -> Option<Self> {
        let topic = Self(Self::address()?, None);
        topic.admin().create(Role::Journal).expect("a topic");
        Some(topic)
    }

    fn address() -> Option<Connection> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test.{}.{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let address = format!("kafka://{}/{name}", kafka::servers()?);
        Some(Connection::parse(&address).expect("an address"))
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
