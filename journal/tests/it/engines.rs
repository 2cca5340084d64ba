//! Both engines against the one suite.

mod memory {
    use talon_journal::{Journal, MemoryJournal};
    use talon_testkit::{genesis, ledger_id};

    fn fresh() -> Box<dyn Journal> {
        Box::new(MemoryJournal::create(ledger_id(), genesis(ledger_id())).unwrap())
    }

    talon_testkit::journal_conformance!(fresh);
}

/// The embedded engine, in segments so small that every check crosses some.
mod embedded {
    use std::sync::Arc;

    use talon_journal::{EmbeddedJournal, Journal, SegmentSizes, WriterSettings};
    use talon_testkit::journal_conformance::Subject;
    use talon_testkit::{Disk, genesis, ledger_id, seeds};

    fn settings() -> WriterSettings {
        WriterSettings { sizes: SegmentSizes::new(0, 0), ..WriterSettings::new("a test", seeds(1)) }
    }

    #[derive(Default)]
    struct InMemory(Disk);

    impl Subject for InMemory {
        fn fresh(&mut self) -> Box<dyn Journal> {
            self.0 = Disk::new();
            let disk = Arc::new(self.0.clone());
            Box::new(EmbeddedJournal::create_in(disk, ledger_id(), settings(), &genesis(ledger_id())).unwrap())
        }

        fn reopen(&mut self, journal: Box<dyn Journal>) -> Option<Box<dyn Journal>> {
            drop(journal);
            Some(Box::new(EmbeddedJournal::open_in(Arc::new(self.0.clone()), settings()).unwrap()))
        }
    }

    talon_testkit::journal_conformance!(InMemory::default());

    mod on_a_file_system {
        use super::*;

        struct InFolder(tempfile::TempDir);

        impl Subject for InFolder {
            fn fresh(&mut self) -> Box<dyn Journal> {
                self.0 = tempfile::tempdir().unwrap();
                let folder = self.0.path();
                Box::new(EmbeddedJournal::create(folder, ledger_id(), settings(), &genesis(ledger_id())).unwrap())
            }

            fn reopen(&mut self, journal: Box<dyn Journal>) -> Option<Box<dyn Journal>> {
                drop(journal);
                Some(Box::new(EmbeddedJournal::open(self.0.path(), settings()).unwrap()))
            }
        }

        talon_testkit::journal_conformance!(InFolder(tempfile::tempdir().unwrap()));
    }
}
