//! The engine against the suite that every engine passes, unchanged.

use talon_journal::Journal;
use talon_kafka::{AppendPatience, KafkaJournal};
use talon_testkit::journal_conformance::Subject;
use talon_testkit::{genesis, ledger_id};

use crate::broker::Topic;

/// Journals on topics of their own.
#[derive(Default)]
struct OnKafka(Option<Topic>);

impl Subject for OnKafka {
    fn fresh(&mut self) -> Box<dyn Journal> {
        let topic = self.0.insert(Topic::made().unwrap());
        let begun = KafkaJournal::create(topic.0.clone(), ledger_id(), genesis(ledger_id()), AppendPatience::default());
        Box::new(begun.unwrap())
    }

    fn reopen(&mut self, journal: Box<dyn Journal>) -> Option<Box<dyn Journal>> {
        drop(journal);
        let topic = self.0.as_ref()?;
        Some(Box::new(KafkaJournal::open(topic.0.clone(), AppendPatience::default()).unwrap()))
    }
}

talon_testkit::journal_conformance!(OnKafka::default(), when talon_testkit::kafka::is_there());
