//! The runs that are live, in the order in which they are asked, and those of their filters that are in memory.
//!
//! - a set of shelves never changes: a look-up keeps the one that it began with, whatever is sealed or merged meanwhile
//! - filters have a bound in bytes: small runs first, which are the newest, so that most runs that are asked have one
//! - a filter is read when it is first asked, and goes on to the next set
//! - where no filter is in memory the block itself answers
//!
//! This module writes nothing.

use std::sync::{Arc, OnceLock};

use super::error::IndexError;
use super::filter::Filter;
use super::run::{BlockBuffer, Run};

/// What is looked up: a fingerprint, and the id's own time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    pub(crate) fingerprint: u64,
    pub(crate) ms: u64,
}

/// A fingerprint that a section may hold: fingerprint, section, and which of those asked it is.
type Passed = (u64, usize, usize);

/// A section's filter, once it was read; `None` inside if the section has none.
type Slot = OnceLock<Option<Arc<Filter>>>;

/// A run and the filters of its first sections.
#[derive(Debug)]
struct Shelf {
    run: Arc<Run>,
    filters: Box<[Slot]>,
}

/// Every live run, that of the latest ids first.
#[derive(Debug, Default)]
pub(crate) struct Shelves(Vec<Shelf>);

impl Shelves {
    /// The shelves of these runs; filters that `before` has read already are kept, within `filter_bytes` for all.
    pub(crate) fn new(runs: &[Arc<Run>], before: &Self, filter_bytes: u64) -> Self {
        let mut by_size: Vec<_> = runs.iter().collect();
        by_size.sort_by_key(|run| (run.count(), std::cmp::Reverse(run.no())));
        let mut left = filter_bytes;
        let mut shelves: Vec<_> = by_size.into_iter().map(|run| Shelf::new(run, before, &mut left)).collect();
        shelves.sort_by_key(|shelf| std::cmp::Reverse(shelf.run.times().last));
        Self(shelves)
    }

    /// Shows the places under each fingerprint, with its number in the list.
    pub(crate) fn look_up(
        &self,
        asked: &[Asked],
        reading: &mut Reading,
        seen: &mut impl FnMut(usize, u64),
    ) -> Result<(), IndexError> {
        let earliest = asked.iter().map(|asked| asked.ms).min().unwrap_or(u64::MAX);
        for shelf in self.0.iter().take_while(|shelf| shelf.run.times().last >= earliest) {
            shelf.pass(asked, &mut reading.passed)?;
            reading.passed.sort_unstable();
            for (fingerprint, section, index) in reading.passed.drain(..) {
                shelf.run.find(section, fingerprint, &mut reading.buffer, &mut |place| seen(index, place))?;
            }
        }
        Ok(())
    }

    /// Every live run.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &Run> + Clone {
        self.0.iter().map(|shelf| &*shelf.run)
    }

    /// Bytes of the filters that are in memory.
    pub(crate) fn filter_bytes(&self) -> u64 {
        let filters = self.0.iter().flat_map(|shelf| &shelf.filters).filter_map(OnceLock::get);
        filters.flatten().map(|filter| filter.bytes()).sum()
    }
}

impl Shelf {
    fn new(run: &Arc<Run>, before: &Shelves, left: &mut u64) -> Self {
        let fits = |bytes: u64| {
            let rest = left.checked_sub(bytes);
            *left = rest.unwrap_or(0);
            rest.is_some()
        };
        let sizes = run.sections().iter().map(|section| u64::from(section.filter_bytes));
        let count = sizes.map(fits).take_while(|fits| *fits).count();
        let known = before.0.iter().find(|shelf| shelf.run.no() == run.no()).map(|shelf| &shelf.filters);
        let slot = |index: usize| known.and_then(|filters| filters.get(index)).cloned().unwrap_or_default();
        Self { run: Arc::clone(run), filters: (0..count).map(slot).collect() }
    }

    /// Finds the fingerprints that the run may hold.
    fn pass(&self, asked: &[Asked], passed: &mut Vec<Passed>) -> Result<(), IndexError> {
        passed.clear();
        let times = self.run.times();
        for (index, asked) in asked.iter().enumerate().filter(|(_, asked)| times.hold(asked.ms)) {
            let Some(section) = self.run.section_of(asked.fingerprint) else { continue };
            if self.filter(section)?.is_none_or(|filter| filter.passes(asked.fingerprint)) {
                passed.push((asked.fingerprint, section, index));
            }
        }
        Ok(())
    }

    fn filter(&self, section: usize) -> Result<Option<&Filter>, IndexError> {
        let Some(slot) = self.filters.get(section) else { return Ok(None) };
        if slot.get().is_none() {
            let _ = slot.set(self.run.filter(section)?.map(Arc::new)); // whoever was quicker read the same
        }
        Ok(slot.get().and_then(Option::as_deref))
    }
}

/// What a look-up reads into; reused, it allocates nothing once it is warm.
#[derive(Debug)]
pub(crate) struct Reading {
    passed: Vec<Passed>,
    buffer: BlockBuffer,
}

impl Reading {
    pub(crate) fn new() -> Self {
        Self { passed: Vec::new(), buffer: BlockBuffer::new() }
    }

    /// Blocks that were read so far.
    pub(crate) const fn blocks(&self) -> u64 {
        self.buffer.reads()
    }
}
