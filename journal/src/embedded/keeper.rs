//! The keeper: a thread that writes the next segment full of zeros before it is needed, and sums closed ones up.
//!
//! What it prepares lies in `ahead-<segment no>` until the writer takes it into use. What it fails to prepare the
//! writer is told; a summary that it fails to make is made when it is needed. This module appends nothing.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

use super::recovery::pieces;
use super::segment::SegmentHeader;
use super::summary::Summary;
use super::view::is_zero;
use crate::storage::{Access, Storage};

const AHEAD: &str = "ahead-";

/// The file in which a segment is prepared.
pub(crate) fn ahead_name(segment_no: u64) -> String {
    format!("{AHEAD}{segment_no}")
}

/// Whether a file was prepared for a segment that will not come, or is the draft of a summary.
pub(crate) fn is_left_over(name: &str, next_segment_no: u64) -> bool {
    (name.starts_with(AHEAD) && name != ahead_name(next_segment_no)) || name.ends_with(".sum.new")
}

enum Job {
    Prepare { segment_no: u64, bytes: u32, done: SyncSender<io::Result<()>> },
    Sum(Box<SegmentHeader>),
}

/// The keeper's other end. Dropped, it lets the thread finish what it has.
#[derive(Debug)]
pub(crate) struct Keeper {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    asked: Option<(u64, Receiver<io::Result<()>>)>,
}

impl Keeper {
    pub(crate) fn start(storage: Arc<dyn Storage>) -> io::Result<Self> {
        let (jobs, todo) = channel();
        let thread = thread::Builder::new().name("talon-keeper".to_owned()).spawn(move || work(&*storage, &todo))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), asked: None })
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
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A segment that is waited for goes before summaries that nobody needs yet.
fn work(storage: &dyn Storage, todo: &Receiver<Job>) {
    let mut sums = VecDeque::new();
    loop {
        let job = if sums.is_empty() { todo.recv().ok() } else { todo.try_recv().ok() };
        match (job, sums.is_empty()) {
            (Some(Job::Prepare { segment_no, bytes, done }), _) => {
                let _ = done.send(prepare(storage, segment_no, bytes)); // nobody waits when the journal is closing
            }
            (Some(Job::Sum(header)), _) => sums.push_back(header),
            (None, true) => return,
            (None, false) => {
                // Derived: one that cannot be made is made when it is missing.
                sums.pop_front().into_iter().for_each(|header| drop(Summary::store(storage, &header)));
            }
        }
    }
}

/// Makes a file full of zeros. One that an earlier process prepared is used if it is what it should be.
pub(crate) fn prepare(storage: &dyn Storage, segment_no: u64, bytes: u32) -> io::Result<()> {
    let name = ahead_name(segment_no);
    if is_prepared(storage, &name, bytes)? {
        return storage.open(&name, Access::Write)?.sync();
    }
    let file = storage.open(&name, Access::Create)?;
    for (at, len) in pieces(bytes.into()) {
        file.write_at(&vec![0; len], at)?;
    }
    file.sync()
}

fn is_prepared(storage: &dyn Storage, name: &str, bytes: u32) -> io::Result<bool> {
    let file = match storage.open(name, Access::Read) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        file => file?,
    };
    if file.size()? != u64::from(bytes) {
        return Ok(false);
    }
    for (at, len) in pieces(bytes.into()) {
        let mut piece = vec![0xff; len];
        file.read_at(&mut piece, at)?;
        if !is_zero(&piece) {
            return Ok(false);
        }
    }
    Ok(true)
}
