//! Recovery: where does the log end, and is anything missing that was acknowledged?
//!
//! ```text
//! headers of all segments --> groups of the last one, until none follows --> torn or damaged? --> held against the mark
//! ```
//!
//! - nothing at or below the mark is ever cut
//! - a torn group is cut whole, after its bytes were copied beside the segment
//! - a tail that no mark vouches for is synced before it is served
//!
//! Earlier segments are believed by their headers here; `verify` reads them.

use std::io;
use std::sync::Arc;

use super::Chain;
use super::catalog::{End, Segment};
use super::index::Index;
use super::mark::{Mark, MarkFound};
use super::segment::{SEGMENT_HEADER_BYTES, SegmentHeader};
use super::survey::survey;
use super::torn::{Verdict, judge};
use super::view::{SegmentView, unreadable};
use super::walk::{Step, step};
use crate::error::{Damage, Flaw, OpenError, ReadError};
use crate::genesis::is_genesis;
use crate::storage::{Access, Storage};

/// Zeros and copies are written in pieces of this size.
pub(crate) const PIECE_BYTES: usize = 256 << 10;
/// Between a segment's name and the number of the first record that was cut off it.
const TORN: &str = ".torn-";

/// A group at the end of the log that was never durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TornTail {
    /// The segment's file.
    pub file: String,
    /// Where the group begins in it.
    pub offset: u64,
    /// How many bytes it reaches over.
    pub bytes: u64,
    /// The lsn of the first record that it would have held.
    pub first_lsn: u64,
}

/// The log as it was found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) segments: Vec<Arc<Segment>>,
    pub(crate) end: End,
    pub(crate) torn: Option<TornTail>,
    /// Where in the last segment the log goes on behind the mark; `None` if it ends with it.
    pub(crate) unmarked_from: Option<u64>,
}

/// Finds the log's segments and its end. Writes nothing.
pub(crate) fn find(storage: &dyn Storage) -> Result<Found, OpenError> {
    let mark = MarkFound::read(storage).map_err(|source| unreadable("the mark", source))?.mark();
    let mut segments = survey(storage)?;
    check_genesis(storage, &segments)?;
    let last = segments.pop().ok_or_else(|| OpenError::NoJournal { path: storage.path() })?;
    let mut tail = Tail::walk(storage, &last.header, mark)?;
    if tail.groups_end == SEGMENT_HEADER_BYTES as u64
        && let Some(before) = segments.last()
    {
        tail.end.last_group = last_group_of(storage, &before.header, &last.header)?;
    }
    if let Some(mark) = mark {
        check_mark(&segments, &last.header, &tail, mark)?;
    }
    segments.push(Arc::new(Segment::active(last.header.clone(), tail.index)));
    let marked = mark.filter(|mark| mark.segment_no == last.header.segment_no).map(|mark| mark.offset);
    let is_beyond_mark = mark.is_none_or(|mark| mark.next_lsn < tail.end.chain.lsn);
    let unmarked_from = is_beyond_mark.then_some(marked.unwrap_or(SEGMENT_HEADER_BYTES as u64));
    Ok(Found { segments, end: tail.end, torn: tail.torn, unmarked_from })
}

/// The last segment, walked to its end.
struct Tail {
    end: End,
    index: Index,
    torn: Option<TornTail>,
    groups_end: u64,
    /// Whether the mark names the end of a group that is there.
    holds_mark: bool,
}

impl Tail {
    fn walk(storage: &dyn Storage, header: &SegmentHeader, mark: Option<Mark>) -> Result<Self, OpenError> {
        let mut view = SegmentView::open(storage, header)?;
        let mut index = Index::new(header.next.clone());
        let mut chain = header.chain();
        let mut at = SEGMENT_HEADER_BYTES as u64;
        let mut holds_mark = false;
        let flawed = loop {
            match step(&mut view, at, &mut chain, &mut |passed, _| index.pass(passed))? {
                Step::Group { next } => at = next,
                Step::Nothing => break None,
                Step::Flawed(damage) => break Some(damage),
            }
            holds_mark |= mark == Some(mark_at(header, at, &chain));
        };
        index.cut_to(&chain.next);
        let torn = judge_rest(&mut view, at, &chain, flawed, mark)?;
        let end = End { segment_no: header.segment_no, offset: at, chain, last_group: (header.segment_no, at) };
        Ok(Self { end, index, torn, groups_end: at, holds_mark })
    }
}

pub(crate) const fn mark_at(header: &SegmentHeader, at: u64, chain: &Chain) -> Mark {
    Mark { next_lsn: chain.lsn, segment_no: header.segment_no, offset: at, group_crc: chain.group_crc }
}

/// What lies behind the last sound group: nothing, a torn group, or damage.
fn judge_rest(
    view: &mut SegmentView,
    at: u64,
    chain: &Chain,
    flawed: Option<Damage>,
    mark: Option<Mark>,
) -> Result<Option<TornTail>, OpenError> {
    let acknowledged = mark.is_some_and(|mark| (mark.segment_no, mark.offset) > (view.header().segment_no, at));
    let verdict = judge(view, at, chain)?;
    match verdict {
        Verdict::Clean => Ok(None),
        Verdict::Torn { extent } if !acknowledged => {
            Ok(Some(TornTail { file: view.name().to_owned(), offset: at, bytes: extent - at, first_lsn: chain.lsn }))
        }
        Verdict::Torn { .. } | Verdict::Damaged => {
            let damage = flawed.map_or_else(|| not_zero(view, at), Ok)?;
            Err(OpenError::Corrupt(Box::new(damage)))
        }
    }
}

/// Something that is not zero where nothing was written.
fn not_zero(view: &mut SegmentView, at: u64) -> Result<Damage, ReadError> {
    let first = view.first_non_zero(at, view.limit())?.unwrap_or(at);
    let last = view.last_non_zero(first, view.limit())?.unwrap_or(first);
    Ok(view.damage(first, last + 1 - first, Flaw::NotZero))
}

/// The mark must name the end of a group that is there: else an acknowledged group is gone.
fn check_mark(before: &[Arc<Segment>], last: &SegmentHeader, tail: &Tail, mark: Mark) -> Result<(), OpenError> {
    let next = before.iter().map(|segment| &segment.header).chain([last]).find(|h| h.segment_no > mark.segment_no);
    let holds = match next {
        // An earlier segment: its last group is the one that the next segment follows, or a group before that.
        Some(next) if mark.next_lsn == next.first_lsn => mark.group_crc == next.prev_group_crc,
        Some(next) => mark.next_lsn < next.first_lsn,
        None => tail.holds_mark,
    };
    if holds {
        return Ok(());
    }
    let file = last.name();
    let offset = tail.groups_end;
    let flaw = Flaw::MarkDisagrees;
    Err(OpenError::Corrupt(Box::new(Damage { file, offset, bytes: 0, records: Vec::new(), flaw })))
}

/// Where the last group of a closed segment ends.
fn last_group_of(storage: &dyn Storage, header: &SegmentHeader, next: &SegmentHeader) -> Result<(u64, u64), OpenError> {
    let mut view = SegmentView::open(storage, header)?;
    let mut chain = header.chain();
    let mut at = SEGMENT_HEADER_BYTES as u64;
    loop {
        match step(&mut view, at, &mut chain, &mut |_, _| ())? {
            Step::Group { next } => at = next,
            Step::Nothing => break,
            Step::Flawed(damage) => return Err(OpenError::Corrupt(Box::new(damage))),
        }
    }
    if (chain.lsn, chain.group_crc) == (next.first_lsn, next.prev_group_crc) {
        return Ok((header.segment_no, at));
    }
    Err(OpenError::Corrupt(Box::new(view.damage(at, 0, Flaw::GroupOrder))))
}

/// The log begins with the genesis of every partition, all of the ledger that the segments name.
fn check_genesis(storage: &dyn Storage, segments: &[Arc<Segment>]) -> Result<(), OpenError> {
    let Some(first) = segments.first().map(|segment| &segment.header) else { return Ok(()) };
    let mut view = SegmentView::open(storage, first)?;
    let mut chain = first.chain();
    let mut all_genesis = true;
    let mut seen = |_, record: &[u8]| all_genesis &= is_genesis(first.ledger_id, record);
    let at = SEGMENT_HEADER_BYTES as u64;
    match step(&mut view, at, &mut chain, &mut seen)? {
        Step::Flawed(damage) => Err(OpenError::Corrupt(Box::new(damage))),
        Step::Group { .. } if all_genesis && chain.next.as_array().iter().all(|next| *next == 1) => Ok(()),
        Step::Group { .. } | Step::Nothing => Err(OpenError::Corrupt(Box::new(view.damage(at, 0, Flaw::Genesis)))),
    }
}

/// Makes the tail durable before a writer vouches for it: what lies behind the mark is written again, byte for byte,
/// and synced through the descriptor that wrote it. After a failed sync the system may hold pages that it takes for
/// written and that no disk has; a sync alone would then succeed and prove nothing.
///
/// So it is with the zeros of a cut that failed: they are in the cache, and what they were to cover is on the disk. Copies
/// beside the segment tell that something was cut, and how far it can have reached.
pub(crate) fn settle(storage: &dyn Storage, found: &Found) -> Result<(), OpenError> {
    let Some(active) = found.segments.last() else { return Ok(()) };
    let (name, end) = (active.header.name(), found.end.offset);
    let settled = longest_cut(storage, &name).and_then(|cut| {
        let zeros = cut.min(active.header.size().saturating_sub(end));
        if zeros > 0 {
            write_zeros(storage, &TornTail { file: name.clone(), offset: end, bytes: zeros, first_lsn: 0 })?;
        }
        found.unmarked_from.map_or(Ok(()), |from| rewrite(storage, &name, from, end))
    });
    settled.map_err(|source| failed("writing the recovered tail again", source))
}

/// Bytes of the longest copy of what was cut off a segment.
pub(crate) fn longest_cut(storage: &dyn Storage, file: &str) -> io::Result<u64> {
    let is_copy = |name: &String| name.strip_prefix(file).is_some_and(|rest| rest.starts_with(TORN));
    let mut names = storage.list()?.into_iter().filter(is_copy);
    names.try_fold(0, |longest, name| Ok(storage.open(&name, Access::Read)?.size()?.max(longest)))
}

/// Writes bytes of a segment again as they are read, and syncs them.
pub(crate) fn rewrite(storage: &dyn Storage, name: &str, from: u64, to: u64) -> io::Result<()> {
    let file = storage.open(name, Access::Write)?;
    for (at, len) in pieces(to.saturating_sub(from)) {
        let mut bytes = vec![0; len];
        file.read_at(&mut bytes, from + at)?;
        file.write_at(&bytes, from + at)?;
    }
    file.sync()
}

/// What somebody who only reads can do for the tail: have it synced, and the name of its segment with it. Only a writer
/// vouches for what lies behind the mark.
pub(crate) fn sync_tail(storage: &dyn Storage, found: &Found) -> Result<(), OpenError> {
    let Some(active) = found.segments.last().filter(|_| found.unmarked_from.is_some()) else { return Ok(()) };
    let view = SegmentView::open(storage, &active.header)?;
    sync_shown(storage, &view).map_err(|source| failed("syncing the recovered tail", source))
}

/// Syncs a segment and its name before what no mark vouches for is shown.
pub(crate) fn sync_shown(storage: &dyn Storage, view: &SegmentView) -> io::Result<()> {
    match view.sync().and_then(|()| storage.sync()) {
        // A copy on a medium that cannot be written: what is read from it is there to stay.
        Err(error) if error.kind() == io::ErrorKind::ReadOnlyFilesystem => Ok(()),
        synced => synced,
    }
}

/// Cuts a torn group: copies it beside its segment, then writes zeros over it. Both are durable on return.
pub(crate) fn cut(storage: &dyn Storage, torn: &TornTail) -> Result<(), OpenError> {
    keep_copy(storage, torn).map_err(|source| failed("copying the torn group", source))?;
    write_zeros(storage, torn).map_err(|source| failed("cutting the torn group", source))
}

/// Copies bytes of a segment to `<segment>.torn-<lsn>`, or `-2`, `-3`... if that name is taken. Where there is no room
/// for all of them nothing is left.
pub(crate) fn keep_copy(storage: &dyn Storage, torn: &TornTail) -> io::Result<()> {
    let name = free_name(storage, &torn.file, torn.first_lsn)?;
    copy_bytes(storage, torn, &name).inspect_err(|_| {
        let _ = storage.remove(&name); // a part that stays is only in the way
    })?;
    storage.sync()
}

fn copy_bytes(storage: &dyn Storage, torn: &TornTail, name: &str) -> io::Result<()> {
    let from = storage.open(&torn.file, Access::Read)?;
    let to = storage.open(name, Access::Create)?;
    for (at, len) in pieces(torn.bytes) {
        let mut bytes = vec![0; len];
        from.read_at(&mut bytes, torn.offset + at)?;
        to.write_at(&bytes, at)?;
    }
    to.sync()
}

/// The name under which what is cut off a segment is kept; never one that holds something already.
pub(crate) fn free_name(storage: &dyn Storage, file: &str, first_lsn: u64) -> io::Result<String> {
    let taken = storage.list()?;
    let name = format!("{file}{TORN}{first_lsn}");
    let numbered = (2u64..).map(|n| format!("{name}-{n}"));
    Ok([name.clone()].into_iter().chain(numbered).find(|name| !taken.contains(name)).unwrap_or(name))
}

/// Writes zeros over bytes of a segment.
pub(crate) fn write_zeros(storage: &dyn Storage, torn: &TornTail) -> io::Result<()> {
    let file = storage.open(&torn.file, Access::Write)?;
    for (at, len) in pieces(torn.bytes) {
        file.write_at(&vec![0; len], torn.offset + at)?;
    }
    file.sync()
}

/// Offsets and lengths that cover so many bytes.
pub(crate) fn pieces(bytes: u64) -> impl Iterator<Item = (u64, usize)> {
    let starts = (0..bytes).step_by(PIECE_BYTES);
    starts.map(move |at| (at, usize::try_from(bytes - at).unwrap_or(PIECE_BYTES).min(PIECE_BYTES)))
}

pub(crate) fn failed(what: &str, source: io::Error) -> OpenError {
    OpenError::Unavailable { what: what.to_owned(), source }
}
