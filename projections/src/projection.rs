//! The projection: facts in, rows of every view out. One machine for the projector, a replay and an audit.
//!
//! ```text
//! record --> admission and stream (domain::Fold) --> what the stream comes to now --> difference from before --> tables
//!                       \--> let go at a commit, restored from the store when another of its facts comes
//! ```
//!
//! Invariants:
//! - tables hold, for every stream, exactly the rows that its facts come to; a sum is the sum of all streams' rows
//! - how records are cut into batches and commits changes no row: streams are settled before a partition's day of
//!   recording changes, and within a day booking is the same
//! - positions, facts and rows are committed together: after a kill the store holds all of a prefix, and nothing else
//!
//! This module reads no journal: it is handed records one by one, in the order of their partitions, and refuses a gap.

use std::ops::Range;

use talon_domain::fact::Fact;
use talon_domain::fold::{Counts, Fold, StreamNumber, Verdict};
use talon_domain::ids::{PartitionId, Position, StreamKey};
use talon_domain::stream::Stream;
use talon_domain::time::{Day, Instant};

use crate::kept;
use crate::rows::Rows;
use crate::store::{Store, StoreError, Tables};
use crate::view::{Arrival, Booking, View};
use crate::views::merge_of;

mod clock;
mod commit;
mod recall;
mod remake;
mod settled;
mod stand;

use clock::Clock;
use settled::{Room, Settled};
pub(crate) use settled::{rows_of, rows_of_fold};
use stand::Stand;

/// How many facts are admitted together: their ways to memory overlap.
const TOGETHER: usize = 256;

/// Why a projection cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectionError {
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record was left out.
    #[error("partition {partition} goes on at position {expected}, and position {found} was handed over")]
    Gap {
        /// Where.
        partition: PartitionId,
        /// What should have come.
        expected: Position,
        /// What came.
        found: Position,
    },
    /// What the store holds was made by another fold than this one, or nothing of it by these views.
    #[error("the store holds {held}, and this release makes {made}")]
    OtherViews {
        /// Names and versions in the store.
        held: String,
        /// Names and versions of this release.
        made: String,
    },
}

/// A record as a projection takes it.
#[derive(Debug)]
pub struct Taken<'a> {
    /// Its partition.
    pub partition: PartitionId,
    /// Its place there.
    pub position: Position,
    /// When it was recorded; the earliest moment for bytes that are no record.
    pub recorded_at: Instant,
    /// The fact, if it is one.
    pub fact: Option<TakenFact<'a>>,
}

/// A fact, and what of its record the fold does not read.
#[derive(Debug)]
pub struct TakenFact<'a> {
    /// The fact.
    pub fact: Fact,
    /// Its payload as it was published.
    pub payload: &'a [u8],
    /// The coarse group of the phone number that it seals; 0 is none.
    pub phone_bucket: u32,
}

/// Facts folded into views.
pub struct Projection {
    tables: Tables,
    views: Vec<&'static dyn View>,
    fold: Fold,
    stand: Stand,
    clocks: Vec<Clock>,
    /// By partition, then by the numbers of streams.
    residents: Vec<Vec<Resident>>,
    resident_facts: usize,
    /// Streams whose rows are not those of their facts any more.
    dirty: Vec<(PartitionId, StreamNumber)>,
    pending: Vec<(PartitionId, Fact)>,
    pending_notes: Vec<Note>,
    pending_bytes: Vec<u8>,
    /// Facts in the order of the ledger that were not committed yet.
    ordered: Vec<(PartitionId, Vec<u8>)>,
    first_open_day: Day,
    /// Whether facts are kept, to be let go and restored.
    keeps: bool,
    scratch: Rows,
    room: Room,
    /// The names of views that were made anew when the store was opened.
    remade: Vec<&'static str>,
}

/// What is kept of a stream beside the fold.
#[derive(Debug, Default)]
struct Resident {
    arrivals: Vec<Arrival>,
    /// Its facts as they are kept.
    bytes: Vec<u8>,
    /// What tables hold of it.
    rows: Rows,
    /// How many of its facts are committed.
    committed: usize,
    is_dirty: bool,
    is_unsaved: bool,
}

/// What is to be noted once a pending fact is admitted.
#[derive(Debug)]
struct Note {
    key: StreamKey,
    arrival: Arrival,
    /// Where in the pending bytes the fact is, as it is kept.
    bytes: Range<usize>,
}

impl Projection {
    /// A projection of nothing, in memory: facts stay where they are, and a commit is none.
    pub fn in_memory(views: Vec<&'static dyn View>) -> Self {
        Self::over(Tables::in_memory(merge_of), views, false)
    }

    /// The same of the facts of days up to this one, and of no others.
    pub fn effective_at(views: Vec<&'static dyn View>, day: Day) -> Self {
        Self { fold: Fold::effective_at(day), ..Self::in_memory(views) }
    }

    /// A projection over a store, from where it was left.
    pub fn open(store: Box<dyn Store>, views: Vec<&'static dyn View>) -> Result<Self, ProjectionError> {
        let mut projection = Self::over(Tables::open(store, merge_of)?, views, true);
        projection.resume()?;
        Ok(projection)
    }

    fn over(tables: Tables, views: Vec<&'static dyn View>, keeps: bool) -> Self {
        let stand = Stand::of(&views);
        Self {
            tables,
            views,
            fold: Fold::new(),
            stand,
            clocks: Vec::new(),
            residents: Vec::new(),
            resident_facts: 0,
            dirty: Vec::new(),
            pending: Vec::with_capacity(TOGETHER),
            pending_notes: Vec::with_capacity(TOGETHER),
            pending_bytes: Vec::new(),
            ordered: Vec::new(),
            first_open_day: Day(0),
            keeps,
            scratch: Rows::default(),
            room: Room::default(),
            remade: Vec::new(),
        }
    }

    /// Takes the next record of its partition. One that was taken before is left out: whoever delivers again does no
    /// harm.
    pub fn take(&mut self, taken: Taken<'_>) -> Result<(), ProjectionError> {
        let (partition, found) = (taken.partition, taken.position);
        let expected = self.stand.next(partition);
        if found < expected {
            return Ok(());
        }
        if found > expected {
            return Err(ProjectionError::Gap { partition, expected, found });
        }
        if self.clock(partition).turns_at(taken.recorded_at) {
            self.settle()?;
        }
        let recorded_day = self.clock(partition).see(taken.recorded_at);
        self.stand.advance(partition);
        if let Some(of) = taken.fact {
            let arrival = Arrival { recorded_day, phone_bucket: of.phone_bucket };
            let start = self.pending_bytes.len();
            if self.keeps || of.fact.payload.is_judged_in_order() {
                kept::keep(&of.fact.header, of.payload, arrival, &mut self.pending_bytes);
            }
            let bytes = start..self.pending_bytes.len();
            self.pending_notes.push(Note { key: of.fact.header.stream_key(), arrival, bytes });
            self.pending.push((partition, of.fact));
            if self.pending.len() >= TOGETHER {
                self.admit()?;
            }
        }
        Ok(())
    }

    fn clock(&mut self, partition: PartitionId) -> &mut Clock {
        let at = usize::from(partition.0);
        if self.clocks.len() <= at {
            self.clocks.resize_with(at.saturating_add(1), Clock::default);
            self.residents.resize_with(at.saturating_add(1), Vec::new);
        }
        let Some(clock) = self.clocks.get_mut(at) else { unreachable!("it was put there") };
        clock
    }

    /// Admits what is pending: each fact comes to its stream.
    fn admit(&mut self) -> Result<(), ProjectionError> {
        if self.keeps {
            self.recall_pending()?;
        }
        let Self {
            fold, pending, pending_notes, pending_bytes, residents, dirty, stand, ordered, resident_facts, ..
        } = self;
        let mut notes = pending_notes.drain(..);
        fold.apply_each(pending, &mut |partition, verdict, stream| {
            let Some(note) = notes.next() else { return };
            let bytes = pending_bytes.get(note.bytes.clone()).unwrap_or_default();
            stand.count(verdict);
            let Some(number) = stream else {
                if matches!(verdict, Verdict::Fact | Verdict::Parked) {
                    ordered.push((partition, kept::ordered_row(note.key, bytes)));
                }
                return;
            };
            let Some(resident) = resident_of(residents, partition, number) else { return };
            if resident.note(verdict, note.arrival, bytes) {
                dirty.push((partition, number));
            }
            *resident_facts = resident_facts.saturating_add(1);
        });
        pending_bytes.clear();
        Ok(())
    }

    /// Brings the rows of every view up to what was taken.
    pub fn settle(&mut self) -> Result<(), ProjectionError> {
        self.admit()?;
        for (partition, number) in std::mem::take(&mut self.dirty) {
            self.settle_stream(partition, number);
        }
        self.put_ordered();
        Ok(())
    }

    fn settle_stream(&mut self, partition: PartitionId, number: StreamNumber) {
        let recorded_day = self.clocks.get(usize::from(partition.0)).map_or(Day(0), Clock::day);
        let booking = Booking { recorded_day, first_open_day: self.first_open_day };
        let Some((key, stream)) = self.fold.numbered(partition, number) else { return };
        let Some(resident) = resident_of(&mut self.residents, partition, number) else { return };
        resident.is_dirty = false;
        let is_copy = key.merchant.0 == 0 && partition != PartitionId(0);
        self.scratch.clear();
        if !is_copy {
            rows_of(&self.views, key, stream, &resident.arrivals, &mut self.scratch);
        }
        let (tables, views, room) = (&mut self.tables, &self.views, &mut self.room);
        self.scratch.replace(&resident.rows, &mut Settled { tables, place: |table| table, views, booking, room });
        resident.rows.copy(&self.scratch);
    }

    /// From now on nothing is booked before this day: what came before is closed.
    pub fn open_from(&mut self, day: Day) -> Result<(), ProjectionError> {
        self.settle()?;
        self.first_open_day = self.first_open_day.max(day);
        Ok(())
    }

    /// The rows of every view. Those of the records that were taken last are in them after [`Self::settle`].
    pub const fn tables(&self) -> &Tables {
        &self.tables
    }

    /// The fold that it is made of, as far as streams were not let go.
    pub const fn fold(&self) -> &Fold {
        &self.fold
    }

    /// The rows of every view, to be switched or merged.
    pub const fn tables_mut(&mut self) -> &mut Tables {
        &mut self.tables
    }

    /// The views that it makes.
    pub fn views(&self) -> &[&'static dyn View] {
        &self.views
    }

    /// The views that the store held in another version, or not at all, and that were made anew when it was opened.
    pub fn remade(&self) -> &[&'static str] {
        &self.remade
    }

    /// The next position of each partition, as far as any record was taken.
    pub fn positions(&self) -> impl Iterator<Item = (PartitionId, Position)> + '_ {
        self.stand.positions()
    }

    /// Every stream that is held in memory, with how its facts arrived: all of them, if nothing was let go.
    pub fn streams(&self) -> impl Iterator<Item = (StreamKey, &Stream, &[Arrival])> {
        let all = (0..).map(PartitionId).zip(&self.residents).flat_map(|(partition, of)| {
            (0..).map(StreamNumber).zip(of).map(move |(number, resident)| (partition, number, resident))
        });
        all.filter_map(|(partition, number, resident)| {
            let (key, stream) = self.fold.numbered(partition, number)?;
            Some((key, stream, resident.arrivals.as_slice()))
        })
    }

    /// How many records were given which verdict.
    pub const fn counts(&self) -> Counts {
        self.stand.counts()
    }

    /// How many facts are held in memory until the next commit.
    pub const fn resident_facts(&self) -> usize {
        self.resident_facts
    }
}

impl Resident {
    /// Notes what became of a fact; whether its stream was clean before and no longer is.
    fn note(&mut self, verdict: Verdict, arrival: Arrival, bytes: &[u8]) -> bool {
        match verdict {
            Verdict::Duplicate | Verdict::Later => return false,
            Verdict::Conflict => {}
            Verdict::Fact | Verdict::Parked => {
                self.arrivals.push(arrival);
                self.bytes.extend_from_slice(bytes);
            }
        }
        self.is_unsaved = true;
        !std::mem::replace(&mut self.is_dirty, true)
    }
}

fn resident_of(residents: &mut [Vec<Resident>], partition: PartitionId, number: StreamNumber) -> Option<&mut Resident> {
    let of = residents.get_mut(usize::from(partition.0))?;
    let at = number.0 as usize;
    if of.len() <= at {
        of.resize_with(at.saturating_add(1), Resident::default);
    }
    of.get_mut(at)
}
