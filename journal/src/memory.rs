//! A journal in memory: the contract in its simplest form, for tests and dry runs.
//!
//! It is durable as long as it lives, and no longer. It never fails.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use talon_domain::ids::{LedgerId, PartitionId, Position};

use crate::batch::Batch;
use crate::contract::{Appended, Completion, Identity, Journal, Reader, Stored};
use crate::error::{OpenError, ReadError};
use crate::genesis;
use crate::partition::{PARTITIONS, Positions};
use crate::record::FORMAT;

/// A journal in memory. Clones share what it holds.
#[derive(Clone, Debug)]
pub struct MemoryJournal {
    ledger_id: LedgerId,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    book: Mutex<Book>,
    grown: Condvar,
}

#[derive(Debug, Default)]
struct Book {
    log: Vec<Entry>,
    ends: Positions,
}

#[derive(Clone, Debug)]
struct Entry {
    partition: PartitionId,
    position: Position,
    bytes: Arc<[u8]>,
}

impl Shared {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MemoryJournal {
    /// A journal that begins with these genesis records, one for each partition.
    ///
    /// # Errors
    /// Rejected, when a partition has no genesis or more than one.
    pub fn create(ledger_id: LedgerId, genesis_records: Batch) -> Result<Self, OpenError> {
        genesis::check(ledger_id, &genesis_records)?;
        let journal = Self { ledger_id, shared: Arc::default() };
        journal.put(genesis_records);
        Ok(journal)
    }

    fn put(&self, mut batch: Batch) -> Appended {
        let mut book = self.shared.book();
        for index in 0..batch.len() {
            let Some((partition, bytes)) = batch.record(index) else { continue };
            let entry = Entry { partition, position: book.ends.take(partition), bytes: bytes.into() };
            batch.set_position(index, entry.position);
            book.log.push(entry);
        }
        drop(book);
        self.shared.grown.notify_all();
        Appended::new(batch)
    }
}

impl Journal for MemoryJournal {
    fn identity(&self) -> Identity {
        Identity { ledger_id: self.ledger_id, partitions: PARTITIONS, format: FORMAT.into() }
    }

    fn append(&self, batch: Batch) -> Completion {
        Completion::known(Ok(self.put(batch)))
    }

    fn ends(&self) -> Positions {
        self.shared.book().ends.clone()
    }

    fn read(&self, partition: PartitionId, from: Position) -> Result<Box<dyn Reader + '_>, ReadError> {
        self.ends().check_start(partition, from)?;
        Ok(Box::new(LogReader::new(&self.shared, Some(partition), |_| from)))
    }

    fn scan(&self, from: &Positions) -> Result<Box<dyn Reader + '_>, ReadError> {
        self.ends().check_starts(from)?;
        Ok(Box::new(LogReader::new(&self.shared, None, |partition| from.next(partition))))
    }

    fn wait(&self, beyond: &Positions, timeout: Duration) -> Result<bool, ReadError> {
        let news = |book: &mut Book| !book.ends.is_beyond(beyond);
        let waited = self.shared.grown.wait_timeout_while(self.shared.book(), timeout, news);
        Ok(waited.unwrap_or_else(PoisonError::into_inner).0.ends.is_beyond(beyond))
    }
}

struct LogReader<'j> {
    shared: &'j Shared,
    only: Option<PartitionId>,
    from: Positions,
    at: usize,
    current: Option<Entry>,
}

impl<'j> LogReader<'j> {
    fn new(shared: &'j Shared, only: Option<PartitionId>, from: impl Fn(PartitionId) -> Position) -> Self {
        let mut start = Positions::beginning();
        for partition in (0..PARTITIONS).map(PartitionId) {
            start.set(partition, from(partition));
        }
        Self { shared, only, from: start, at: 0, current: None }
    }

    fn wants(&self, entry: &Entry) -> bool {
        self.only.is_none_or(|only| only == entry.partition) && entry.position >= self.from.next(entry.partition)
    }
}

impl Reader for LogReader<'_> {
    fn next(&mut self) -> Result<Option<Stored<'_>>, ReadError> {
        let book = self.shared.book();
        let found = book.log.iter().enumerate().skip(self.at).find(|(_, entry)| self.wants(entry));
        let (at, current) = match found {
            Some((index, entry)) => (index.saturating_add(1), Some(entry.clone())),
            None => (book.log.len(), None),
        };
        (self.at, self.current) = (at, current);
        Ok(self.current.as_ref().map(|e| Stored { partition: e.partition, position: e.position, bytes: &e.bytes }))
    }
}
