//! The keeper: a thread that writes the next segment full of zeros before it is needed, and sums closed ones up.
//!
//! - `ahead-<segment no>` is full of zeros that a sync made durable: it gets that name only when the sync returned
//! - what it fails to prepare the writer is told; a summary that it fails to make is made when it is needed
//! - closing waits for one piece of work, never for a segment or a summary: the next writer begins it again
//!
//! This module appends nothing.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

use super::recovery::{PIECE_BYTES, pieces};
use super::segment::SegmentHeader;
use super::summary::Summary;
use super::view::is_zero;
use crate::storage::{Access, Storage};

const AHEAD: &str = "ahead-";
/// So many pieces of zeros, 4 MiB, are handed to the disk at a time: behind a whole segment of them the writer's own sync
/// waited a hundred milliseconds.
const PIECES_A_SYNC: u32 = 16;
/// This share of a segment is left free when it is prepared: other files of the ledger grow too.
const RESERVE_SHARE: u64 = 16;

/// The file in which a segment is prepared.
pub(crate) fn ahead_name(segment_no: u64) -> String {
    format!("{AHEAD}{segment_no}")
}

/// Removes what an earlier writer left behind and nobody will use.
pub(crate) fn remove_left_overs(storage: &dyn Storage, next_segment_no: u64) -> io::Result<()> {
    let names = storage.list()?;
    names.iter().filter(|name| is_left_over(name, next_segment_no)).try_for_each(|name| storage.remove(name))
}

/// Whether a file was prepared for a segment that will not come, or is the draft of a summary.
fn is_left_over(name: &str, next_segment_no: u64) -> bool {
    (name.starts_with(AHEAD) && name != ahead_name(next_segment_no)) || name.ends_with(".sum.new")
}

enum Job {
    Prepare { segment_no: u64, bytes: u32, done: SyncSender<io::Result<()>> },
    Sum(Box<SegmentHeader>),
}

/// Tells work in another thread that nobody needs it any more.
#[derive(Debug, Default)]
pub(crate) struct Cancel(AtomicBool);

impl Cancel {
    fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// # Errors
    /// Interrupted, once it was cancelled.
    pub(crate) fn check(&self) -> io::Result<()> {
        if self.0.load(Ordering::Relaxed) { Err(io::ErrorKind::Interrupted.into()) } else { Ok(()) }
    }
}

/// The keeper's other end. Dropped, it stops the thread.
#[derive(Debug)]
pub(crate) struct Keeper {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    cancel: Arc<Cancel>,
    asked: Option<(u64, Receiver<io::Result<()>>)>,
}

impl Keeper {
    pub(crate) fn start(storage: Arc<dyn Storage>) -> io::Result<Self> {
        let (jobs, todo) = channel();
        let cancel = Arc::new(Cancel::default());
        let cancelled = Arc::clone(&cancel);
        let thread = thread::Builder::new().name("talon-keeper".to_owned());
        let thread = thread.spawn(move || work(&*storage, &todo, &cancelled))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), cancel, asked: None })
    }

    /// Asks for the next segment; asking again changes nothing.
    pub(crate) fn ask(&mut self, segment_no: u64, bytes: u32) {
        if self.asked.as_ref().is_some_and(|(asked, _)| *asked == segment_no) {
            return;
        }
        let (done, answer) = sync_channel(1);
        self.send(Job::Prepare { segment_no, bytes, done });
        self.asked = Some((segment_no, answer));
    }

    /// Waits until the next segment is prepared. What failed ahead of need is tried once more: nothing of it was in use,
    /// and there may be space again.
    pub(crate) fn wait(&mut self, segment_no: u64, bytes: u32) -> io::Result<()> {
        self.answer(segment_no, bytes).or_else(|_| self.answer(segment_no, bytes))
    }

    fn answer(&mut self, segment_no: u64, bytes: u32) -> io::Result<()> {
        self.ask(segment_no, bytes);
        let answer = self.asked.take().map(|(_, answer)| answer.recv());
        answer.and_then(Result::ok).unwrap_or_else(|| Err(io::Error::other("the keeper's thread has ended")))
    }

    /// Has a closed segment summed up.
    pub(crate) fn sum(&self, header: SegmentHeader) {
        self.send(Job::Sum(Box::new(header)));
    }

    fn send(&self, job: Job) {
        if let Some(jobs) = &self.jobs {
            let _ = jobs.send(job); // a keeper that ended is noticed where its answer is awaited
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.cancel.cancel();
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A segment that is waited for goes before summaries that nobody needs yet.
fn work(storage: &dyn Storage, todo: &Receiver<Job>, cancel: &Cancel) {
    let mut sums = VecDeque::new();
    while cancel.check().is_ok() {
        let job = if sums.is_empty() { todo.recv().ok() } else { todo.try_recv().ok() };
        match (job, sums.is_empty()) {
            (Some(Job::Prepare { segment_no, bytes, done }), _) => {
                let _ = done.send(prepare(storage, segment_no, bytes, cancel)); // nobody waits when the journal is closing
            }
            (Some(Job::Sum(header)), _) => sums.push_back(header),
            (None, true) => return,
            (None, false) => {
                // Derived: one that cannot be made is made when it is missing.
                sums.pop_front().into_iter().for_each(|header| drop(Summary::store(storage, &header, cancel)));
            }
        }
    }
}

/// Makes a file full of zeros. One that an earlier process prepared is used if it is what it should be.
///
/// # Errors
/// Storage full, with nothing left behind, when there is no room for it; interrupted when it was cancelled.
pub(crate) fn prepare(storage: &dyn Storage, segment_no: u64, bytes: u32, cancel: &Cancel) -> io::Result<()> {
    let name = ahead_name(segment_no);
    if is_prepared(storage, &name, bytes, cancel)? {
        return Ok(());
    }
    remove_if_there(storage, &name)?;
    require_room(storage, bytes)?;
    let draft = format!("{name}.new");
    let made = write_draft(storage, &draft, bytes, cancel).and_then(|()| storage.rename(&draft, &name));
    made.map_err(|error| {
        let _ = storage.remove(&draft); // what is left of it the next writer clears away
        if is_no_room(&error) { no_room(storage, bytes, error.kind()) } else { error }
    })
}

/// Whether an error says that there is no room, which may change.
pub(crate) fn is_no_room(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

/// Asks before anything is written. A storage that cannot tell is tried.
fn require_room(storage: &dyn Storage, bytes: u32) -> io::Result<()> {
    let is_short = |free: u64| free < needed_bytes(bytes);
    match storage.free_bytes() {
        Ok(Some(free)) if is_short(free) => Err(no_room(storage, bytes, io::ErrorKind::StorageFull)),
        _ => Ok(()),
    }
}

/// What must be free before a segment is prepared.
pub(crate) const fn needed_bytes(bytes: u32) -> u64 {
    bytes as u64 + bytes as u64 / RESERVE_SHARE
}

fn no_room(storage: &dyn Storage, bytes: u32, kind: io::ErrorKind) -> io::Error {
    let (folder, needed) = (storage.path(), needed_bytes(bytes));
    let free = storage.free_bytes().ok().flatten().map_or_else(String::new, |free| format!(", {free} are free"));
    let folder = folder.display();
    io::Error::new(kind, format!("no room in {folder} for the next segment ({kind}): {needed} bytes are needed{free}"))
}

fn remove_if_there(storage: &dyn Storage, name: &str) -> io::Result<()> {
    match storage.remove(name) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn write_draft(storage: &dyn Storage, draft: &str, bytes: u32, cancel: &Cancel) -> io::Result<()> {
    let file = storage.open(draft, Access::Create)?;
    let zeros = vec![0; PIECE_BYTES];
    for ((at, len), number) in pieces(bytes.into()).zip(1..) {
        cancel.check()?;
        file.write_at(zeros.get(..len).unwrap_or_default(), at)?;
        if number % PIECES_A_SYNC == 0 {
            file.sync()?;
        }
    }
    file.sync()
}

/// Whether the file is there and as it was made. One that the writer had begun to take into use is not.
fn is_prepared(storage: &dyn Storage, name: &str, bytes: u32, cancel: &Cancel) -> io::Result<bool> {
    let file = match storage.open(name, Access::Read) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        file => file?,
    };
    if file.size()? != u64::from(bytes) {
        return Ok(false);
    }
    for (at, len) in pieces(bytes.into()) {
        cancel.check()?;
        let mut piece = vec![0xff; len];
        file.read_at(&mut piece, at)?;
        if !is_zero(&piece) {
            return Ok(false);
        }
    }
    Ok(true)
}
