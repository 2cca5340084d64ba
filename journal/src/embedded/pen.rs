//! The pen: where appenders put their records into the group that is being filled, while the writer has the group
//! before it.
//!
//! - a batch's records take lsns that follow one another: one appender fills at a time
//! - a group is `GROUP_BYTES_MIN..=min(half a segment, GROUP_BYTES_MAX)` when full, so that any record fits an empty one
//! - two groups exist: one with the appenders, one with the writer
//! - after `stop` nothing enters, and every appender learns which of its records are in
//! - after `roll_back` the pen stands at the durable end again, as if what was filled in since had never come
//!
//! Appenders do the copying and the checksums in their own threads; this module does no I/O.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use talon_domain::ids::PartitionId;
use talon_domain::time::Instant;

use super::Chain;
use super::catalog::End;
use super::frame::FRAME_HEADER_BYTES;
use super::group::{GROUP_BYTES_MAX, GROUP_BYTES_MIN, GroupBuffer, GroupHeader, group_bytes_max, group_start};
use super::index::{Index, Spot};
use super::segment::{SEGMENT_HEADER_BYTES, SegmentHeader, SegmentSizes};
use crate::batch::Batch;
use crate::contract::{Appended, Completion, Promise};
use crate::error::AppendError;
use crate::partition::Positions;

/// What a new segment needs from outside: this crate has neither a clock nor randomness.
#[derive(Clone, Copy, Debug)]
pub struct SegmentSeed {
    /// Random, from a source that nobody can guess.
    pub salt: u64,
    /// The clock.
    pub created_at: Instant,
}

/// Gives a seed for each new segment.
pub type SeedSource = Box<dyn FnMut() -> SegmentSeed + Send>;

/// A group on its way to the disk.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) buffer: GroupBuffer,
    pub(crate) spots: Vec<(PartitionId, Spot)>,
    pub(crate) waiters: Vec<Waiter>,
}

impl Group {
    fn new() -> Self {
        Self { buffer: GroupBuffer::new(), spots: Vec::new(), waiters: Vec::new() }
    }

    fn clear(&mut self) {
        self.buffer.clear();
        self.spots.clear();
        self.waiters.clear();
    }
}

/// A group that is complete, and where it goes.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) group: Group,
    pub(crate) offset: u64,
    /// The header of the segment that this group opens, if it opens one.
    pub(crate) opens: Option<SegmentHeader>,
    /// The log's end once the group is durable.
    pub(crate) end: End,
}

/// An appender whose last record is in a group.
#[derive(Debug)]
pub(crate) struct Waiter {
    promise: Promise,
    batch: Batch,
    first_lsn: u64,
}

impl Waiter {
    pub(crate) fn succeed(self) {
        self.promise.answer(Ok(Appended::new(self.batch)));
    }

    fn fail(self, stop: &Stop) {
        self.promise.answer(Err(stop.failure(self.first_lsn, self.batch.len())));
    }
}

/// Why nothing is written any more, and how far the log had come.
#[derive(Clone, Debug)]
pub(crate) struct Stop {
    pub(crate) reason: Arc<str>,
    /// Records below this are durable.
    pub(crate) durable_lsn: u64,
    /// Records from `durable_lsn` to this one may be; none beyond.
    pub(crate) attempted_lsn: u64,
}

impl Stop {
    fn failure(&self, first_lsn: u64, records: usize) -> AppendError {
        let below = |lsn: u64| usize::try_from(lsn.saturating_sub(first_lsn)).unwrap_or(usize::MAX).min(records);
        let durable = below(self.durable_lsn);
        let reason = Arc::clone(&self.reason);
        match below(self.attempted_lsn) - durable {
            0 => AppendError::Unavailable { durable, reason },
            in_doubt => AppendError::Indeterminate { durable, in_doubt, reason },
        }
    }
}

/// An append under way.
struct Begun {
    first_lsn: u64,
    records: usize,
    /// How many refusals there were when it began.
    refusals: u64,
}

#[derive(Debug)]
enum State {
    Open,
    Closing,
    Stopped(Stop),
}

/// What appenders share.
pub(crate) struct Pen {
    /// Held while a batch is filled in, so that batches do not mix.
    turn: Mutex<()>,
    filling: Mutex<Filling>,
    room: Condvar,
    work: Condvar,
}

struct Filling {
    state: State,
    group: Group,
    spare: Option<Group>,
    header: SegmentHeader,
    is_new: bool,
    offset: u64,
    /// The log at the start of this group.
    chain: Chain,
    /// The next positions, behind what was filled in.
    next: Positions,
    /// The last time that there was no room for a segment, and how many times that was.
    refusal: Option<Stop>,
    refusals: u64,
    sizes: SegmentSizes,
    seeds: SeedSource,
}

impl Pen {
    /// A pen that goes on behind `end`, in the segment in use.
    pub(crate) fn new(header: SegmentHeader, end: &End, sizes: SegmentSizes, seeds: SeedSource) -> Self {
        let mut filling = Filling {
            state: State::Open,
            group: Group::new(),
            spare: Some(Group::new()),
            header,
            is_new: false,
            offset: end.offset,
            chain: end.chain.clone(),
            next: end.chain.next.clone(),
            refusal: None,
            refusals: 0,
            sizes,
            seeds,
        };
        filling.turn_page();
        Self { turn: Mutex::new(()), filling: Mutex::new(filling), room: Condvar::new(), work: Condvar::new() }
    }

    fn filling(&self) -> MutexGuard<'_, Filling> {
        self.filling.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fills a batch in, waiting for room where there is none.
    pub(crate) fn append(&self, mut batch: Batch) -> Completion {
        if batch.is_empty() {
            return Completion::known(Ok(Appended::new(batch)));
        }
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut filling = self.filling();
        let begun = Begun { first_lsn: filling.next_lsn(), records: batch.len(), refusals: filling.refusals };
        for index in 0..batch.len() {
            let Some(bytes) = batch.record(index).map(|(_, record)| record.len()) else { continue };
            while filling.failure(&begun).is_none() && !filling.has_room(bytes) {
                self.work.notify_one();
                filling = self.room.wait(filling).unwrap_or_else(PoisonError::into_inner);
            }
            if let Some(failure) = filling.failure(&begun) {
                return Completion::known(Err(failure));
            }
            filling.put(&mut batch, index);
        }
        let (promise, completion) = Completion::awaited(batch.len());
        filling.group.waiters.push(Waiter { promise, batch, first_lsn: begun.first_lsn });
        drop(filling);
        self.work.notify_one();
        completion
    }

    /// Waits for something to write; `None` when there is nothing left and the pen is closed or stopped.
    pub(crate) fn take(&self) -> Option<Finished> {
        let waits = |filling: &mut Filling| filling.is_open() && filling.group.buffer.count() == 0;
        let mut filling = self.work.wait_while(self.filling(), waits).unwrap_or_else(PoisonError::into_inner);
        if matches!(filling.state, State::Stopped(_)) || filling.group.buffer.count() == 0 {
            return None;
        }
        let finished = filling.finish();
        drop(filling);
        self.room.notify_all();
        Some(finished)
    }

    /// Gives a written group's memory back.
    pub(crate) fn give_back(&self, mut group: Group) {
        group.clear();
        self.filling().spare = Some(group);
    }

    /// Lets nothing more in; what is in is still written.
    pub(crate) fn close(&self) {
        let mut filling = self.filling();
        if filling.is_open() {
            filling.state = State::Closing;
        }
        drop(filling);
        self.work.notify_all();
        self.room.notify_all();
    }

    /// Stops for good: whoever waits is told why, and so is everybody who comes later.
    pub(crate) fn stop(&self, stop: &Stop, written: Vec<Waiter>) {
        let mut filling = self.filling();
        let waiting: Vec<Waiter> = written.into_iter().chain(filling.group.waiters.drain(..)).collect();
        filling.state = State::Stopped(stop.clone());
        drop(filling);
        self.room.notify_all();
        waiting.into_iter().for_each(|waiter| waiter.fail(stop));
    }

    /// Goes back to the durable end, in the segment in use: nothing of what was filled in since is written, whoever waits
    /// is told why, and whoever comes later may be luckier. `unwritten` is the group that found no room.
    pub(crate) fn roll_back(&self, why: &Stop, active: &SegmentHeader, end: &End, mut unwritten: Group) {
        let mut filling = self.filling();
        let mut waiting = std::mem::take(&mut unwritten.waiters);
        waiting.append(&mut filling.group.waiters);
        unwritten.clear();
        filling.spare = Some(unwritten);
        filling.group.clear();
        filling.go_to(active.clone(), end);
        filling.refusal = Some(why.clone());
        filling.refusals += 1;
        drop(filling);
        self.room.notify_all();
        waiting.into_iter().for_each(|waiter| waiter.fail(why));
    }

    /// Why nothing is written any more, if that is so.
    pub(crate) fn stopped(&self) -> Option<Arc<str>> {
        match &self.filling().state {
            State::Stopped(stop) => Some(Arc::clone(&stop.reason)),
            State::Open | State::Closing => None,
        }
    }
}

impl Filling {
    const fn is_open(&self) -> bool {
        matches!(self.state, State::Open)
    }

    /// Why an append that has begun cannot go on, if that is so.
    fn failure(&self, begun: &Begun) -> Option<AppendError> {
        match &self.state {
            State::Open if begun.refusals == self.refusals => None,
            State::Open => self.refusal.as_ref().map(|refusal| refusal.failure(begun.first_lsn, begun.records)),
            State::Closing => Some(AppendError::Unavailable { durable: 0, reason: "the journal is closing".into() }),
            State::Stopped(stop) => Some(stop.failure(begun.first_lsn, begun.records)),
        }
    }

    /// Stands at the end of the log, which lies in this segment.
    fn go_to(&mut self, header: SegmentHeader, end: &End) {
        (self.header, self.is_new, self.offset) = (header, false, end.offset);
        (self.chain, self.next) = (end.chain.clone(), end.chain.next.clone());
        self.turn_page();
    }

    fn next_lsn(&self) -> u64 {
        self.chain.lsn + u64::from(self.group.buffer.count())
    }

    /// How large the group in hand may become.
    fn capacity(&self) -> u64 {
        let size = self.header.size();
        GROUP_BYTES_MAX.min(group_bytes_max(size)).min(size - self.offset)
    }

    fn has_room(&self, record_bytes: usize) -> bool {
        let frame = (FRAME_HEADER_BYTES + record_bytes) as u64;
        self.group.buffer.size() + frame <= self.capacity()
    }

    fn put(&mut self, batch: &mut Batch, index: usize) {
        let Some((partition, record)) = batch.record(index) else { return };
        let position = self.next.take(partition);
        let at = self.offset + self.group.buffer.push(self.header.salt, partition, position, record);
        if Index::is_noted(self.header.next.next(partition), position) {
            self.group.spots.push((partition, Spot::new(self.offset, at)));
        }
        batch.set_position(index, position);
    }

    /// Completes the group in hand and begins the next one.
    fn finish(&mut self) -> Finished {
        let group: GroupHeader = self.group.buffer.finish(self.header.salt, self.chain.lsn, self.chain.group_crc);
        let offset = self.offset;
        let opens = self.is_new.then(|| self.header.clone());
        let chain = Chain { lsn: self.next_lsn(), group_crc: group.crc, next: self.next.clone() };
        self.offset = group_start(offset + u64::from(group.bytes));
        let segment_no = self.header.segment_no;
        let end = End { segment_no, offset: self.offset, chain, last_group: (segment_no, self.offset) };
        let spare = self.spare.take().unwrap_or_else(Group::new);
        let full = std::mem::replace(&mut self.group, spare);
        self.chain = end.chain.clone();
        self.is_new = false;
        self.turn_page();
        Finished { group: full, offset, opens, end }
    }

    /// Goes on in a new segment if this one has no room for a group of any size.
    fn turn_page(&mut self) {
        if self.header.size().saturating_sub(self.offset) >= GROUP_BYTES_MIN {
            return;
        }
        let SegmentSeed { salt, created_at } = (self.seeds)();
        self.header = SegmentHeader {
            ledger_id: self.header.ledger_id,
            segment_no: self.header.segment_no + 1,
            first_lsn: self.chain.lsn,
            salt,
            prev_salt: self.header.salt,
            prev_group_crc: self.chain.group_crc,
            created_at,
            bytes: self.sizes.after(self.header.bytes),
            next: self.chain.next.clone(),
        };
        self.is_new = true;
        self.offset = SEGMENT_HEADER_BYTES as u64;
    }
}
