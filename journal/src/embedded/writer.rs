//! The writer: the one thread that writes groups. For each: write, sync, mark, publish, answer.
//!
//! - a group is written only after the sync of the group before it returned
//! - nothing is answered before the sync of its group returned and the mark says so
//! - the first error stops it for good: after a failed sync nobody knows what the disk holds, so nothing is retried
//! - that there is no room for the next segment stops nobody: nothing was written, and the next append tries again

use std::io;
use std::sync::Arc;

use super::catalog::{Catalog, News, Segment};
use super::index::Index;
use super::keeper::{Keeper, ahead_name, is_no_room};
use super::mark::MARK_NAME;
use super::pen::{Finished, Pen, Stop, Waiter};
use super::segment::{SegmentHeader, SegmentSizes};
use crate::storage::{Access, Storage, StorageFile};

/// The next segment is prepared when a quarter of the one in use is full, by a process that has itself filled a
/// sixteenth of it: whoever takes a few records now and then does not pay for it, and a busy one has three quarters of
/// a segment's time.
const PREPARE_AT: u64 = 4;
const BUSY_AT: u64 = 16;

/// Everything that writes.
pub(crate) struct Writer {
    pen: Arc<Pen>,
    catalog: Arc<Catalog>,
    keeper: Keeper,
    sizes: SegmentSizes,
    active: SegmentHeader,
    file: Arc<dyn StorageFile>,
    mark: Arc<dyn StorageFile>,
    /// Bytes of groups that this process has written.
    written: u64,
}

/// How far a group came before something failed.
enum Failure {
    /// The next segment found no room. Nothing is in doubt, and there may be room later.
    NoRoom(io::Error),
    /// None of its bytes were handed over.
    Before(io::Error),
    /// Some or all of it may be on the disk.
    During(io::Error),
}

impl Writer {
    /// Takes the log up where it ends, and says so in the mark.
    pub(crate) fn new(
        pen: Arc<Pen>,
        catalog: Arc<Catalog>,
        active: SegmentHeader,
        sizes: SegmentSizes,
    ) -> io::Result<Self> {
        let storage = Arc::clone(catalog.storage());
        let file = storage.open(&active.name(), Access::Write)?;
        let keeper = Keeper::start(Arc::clone(&storage))?;
        catalog.closed().iter().for_each(|segment| keeper.sum(segment.header.clone()));
        let writer = Self { pen, keeper, sizes, active, file, mark: open_mark(storage.as_ref())?, catalog, written: 0 };
        writer.mark.write_at(&writer.catalog.end().mark().encode(), 0)?;
        writer.mark.sync()?;
        storage.sync()?;
        Ok(writer)
    }

    /// Writes until the pen is closed and empty, or something fails.
    pub(crate) fn run(mut self) {
        while let Some(mut finished) = self.pen.take() {
            match self.write(&mut finished) {
                Ok(()) => {
                    finished.group.waiters.drain(..).for_each(Waiter::succeed);
                    self.pen.give_back(finished.group);
                }
                Err(failure @ Failure::NoRoom(_)) => {
                    let why = self.stop(&failure, &finished);
                    self.pen.roll_back(&why, &self.active, &self.catalog.end(), finished.group);
                }
                Err(failure) => {
                    let stop = self.stop(&failure, &finished);
                    self.pen.stop(&stop, finished.group.waiters);
                    return;
                }
            }
        }
        let _ = self.mark.sync(); // the mark is a witness; recovery does without a durable one
    }

    fn write(&mut self, finished: &mut Finished) -> Result<(), Failure> {
        let opened = finished.opens.take().map(|header| self.open_segment(header)).transpose()?;
        let written = self
            .file
            .write_at(finished.group.buffer.bytes(), finished.offset)
            .and_then(|()| self.file.sync())
            .and_then(|()| self.mark.write_at(&finished.end.mark().encode(), 0));
        written.map_err(Failure::During)?;
        self.catalog.publish(News { opened, end: finished.end.clone(), spots: &finished.group.spots });
        self.written += finished.group.buffer.size();
        let size = self.active.size();
        if finished.end.offset > size / PREPARE_AT && self.written > size / BUSY_AT {
            self.keeper.ask(self.active.segment_no + 1, self.sizes.after(self.active.bytes));
        }
        Ok(())
    }

    /// Takes the prepared file into use. Its name is durable before anything but its header is in it.
    fn open_segment(&mut self, header: SegmentHeader) -> Result<Arc<Segment>, Failure> {
        let prepared = self.keeper.wait(header.segment_no, header.bytes);
        prepared.map_err(|error| if is_no_room(&error) { Failure::NoRoom(error) } else { Failure::Before(error) })?;
        self.file = activate(self.catalog.storage().as_ref(), &header).map_err(Failure::Before)?;
        self.keeper.sum(std::mem::replace(&mut self.active, header.clone()));
        let index = Index::new(header.next.clone());
        Ok(Arc::new(Segment::active(header, index)))
    }

    fn stop(&self, failure: &Failure, finished: &Finished) -> Stop {
        let durable_lsn = self.catalog.end().chain.lsn;
        let stopped = |error: &io::Error| format!("writing {} stopped: {error}", self.active.name());
        let (attempted_lsn, reason) = match failure {
            Failure::NoRoom(error) => (durable_lsn, error.to_string()),
            Failure::Before(error) => (durable_lsn, stopped(error)),
            Failure::During(error) => (finished.end.chain.lsn, stopped(error)),
        };
        Stop { reason: reason.into(), durable_lsn, attempted_lsn }
    }
}

impl Drop for Writer {
    /// Nobody waits for a writer that is gone, however it went.
    fn drop(&mut self) {
        if self.pen.stopped().is_none() {
            let durable_lsn = self.catalog.end().chain.lsn;
            let reason = "the journal is closed".into();
            self.pen.stop(&Stop { reason, durable_lsn, attempted_lsn: u64::MAX }, Vec::new());
        }
    }
}

/// Gives a prepared file its header and its name.
fn activate(storage: &dyn Storage, header: &SegmentHeader) -> io::Result<Arc<dyn StorageFile>> {
    let ahead = ahead_name(header.segment_no);
    let file = storage.open(&ahead, Access::Write)?;
    file.write_at(&header.encode(), 0)?;
    file.sync()?;
    storage.rename(&ahead, &header.name())?;
    storage.sync()?;
    Ok(file)
}

fn open_mark(storage: &dyn Storage) -> io::Result<Arc<dyn StorageFile>> {
    match storage.open(MARK_NAME, Access::Write) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => storage.open(MARK_NAME, Access::Create),
        file => file,
    }
}
