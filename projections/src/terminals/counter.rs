//! One device's sequence: the numbers that were seen, and what is said of those that were not. Invariants:
//! - a number that was seen is in no hole, whatever was said of it
//! - of what is not seen, a refusal explains first, then a voiding; the rest is late, then unexplained
//!
//! A hole shows from the earliest moment at which a later number was used, by a fact or by the terminal's own totals; a
//! moment that lies behind the fact's own record is a clock that runs ahead, and the record's counts. It is late for a day
//! after that, because a gateway may be cut off for so long, and then unexplained. The newest fact of the terminal would be
//! no measure: a terminal that sells every day would keep its holes young for ever.

use std::collections::BTreeMap;
use std::iter::Peekable;

use talon_domain::anomaly::Language;
use talon_domain::ids::TerminalSeq;
use talon_domain::time::{Day, Instant};

use crate::intervals::Intervals;

/// For how long a hole is late before it is unexplained, in microseconds: 24 hours.
pub const LATE_FOR_US: i64 = 24 * 3_600 * 1_000_000;

/// Who answers for a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// The door refused the event.
    Refused,
    /// The number never named an event.
    Voided,
    /// It may still come.
    Late,
    /// Nobody: an event is lost.
    Unexplained,
}

impl Owner {
    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Voided => "voided",
            Self::Late => "late",
            Self::Unexplained => "unexplained",
        }
    }

    /// For people.
    pub const fn words(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Refused, Language::French) => "refusé à l'entrée",
            (Self::Voided, Language::French) => "annulé par le TPE",
            (Self::Late, Language::French) => "en retard",
            (Self::Unexplained, Language::French) => "inexpliqué",
            (Self::Refused, Language::English) => "refused at the door",
            (Self::Voided | Self::Late | Self::Unexplained, Language::English) => self.name(),
        }
    }
}

/// Numbers that follow one another, were not seen, and have one owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hole {
    /// The first.
    pub first: TerminalSeq,
    /// The last.
    pub last: TerminalSeq,
    /// Who answers for it.
    pub owner: Owner,
}

/// Numbers that follow one another and were each used by several events: a second device behind the number without an
/// epoch of its own, or a counter that fell back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Repeat {
    /// The first.
    pub first: TerminalSeq,
    /// The last.
    pub last: TerminalSeq,
    /// By how many events each.
    pub events: u32,
}

/// The smallest delay between the moments of what a device told on a day and their records: its clock is behind by that at
/// the most, for a part of it is the way. Below zero its clock is ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skew {
    /// The last day on which it told anything itself.
    pub day: Day,
    /// In microseconds.
    pub behind_us: i64,
}

/// What is known of one device's sequence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counter {
    /// Numbers of facts, with the earliest moment at which one of a range occurred.
    seen: Intervals<Instant>,
    /// The last number in use, as the terminal stated it, with the earliest moment at which it did.
    stated: BTreeMap<u32, Instant>,
    voided: Intervals,
    refused: Intervals,
    /// Numbers of more than one event, with how many.
    repeated: BTreeMap<u32, u32>,
    /// The days on which it worked.
    days: Intervals,
    /// When what came from the device itself began, on each day.
    begun: BTreeMap<Day, Instant>,
    /// The days of which somebody stated its totals.
    told: Intervals,
    last_seen: Option<Instant>,
    skew: Option<Skew>,
}

impl Counter {
    /// A number was used by so many events, by the first of them at a moment.
    pub(super) fn see(&mut self, seq: u32, events: i128, at: Instant) {
        self.seen.insert(seq, seq, at);
        if events > 1 {
            self.repeated.insert(seq, u32::try_from(events).unwrap_or(u32::MAX));
        }
    }

    pub(super) fn state_last(&mut self, seq: TerminalSeq, at: Instant) {
        if seq.0 != 0 {
            self.stated.entry(seq.0).and_modify(|earliest| *earliest = at.min(*earliest)).or_insert(at);
        }
    }

    pub(super) fn void(&mut self, from: TerminalSeq, to: TerminalSeq) {
        self.voided.insert(from.0, to.0, ());
    }

    pub(super) fn refuse(&mut self, seq: TerminalSeq) {
        self.refused.insert(seq.0, seq.0, ());
    }

    pub(super) fn work_on(&mut self, day: Day) {
        self.days.insert(day.0.into(), day.0.into(), ());
    }

    /// What came from the device on a day, from a moment to another. Days come in their order.
    pub(super) fn begin(&mut self, day: Day, first: Instant, last: Instant) {
        self.begun.insert(day, first);
        self.last_seen = self.last_seen.max(Some(last));
    }

    /// Somebody stated its totals of a day.
    pub(super) fn tell(&mut self, day: Day) {
        self.told.insert(day.0.into(), day.0.into(), ());
    }

    /// The smallest delay of a day. Days come in their order.
    pub(super) fn delay(&mut self, day: Day, behind_us: i64) {
        self.skew = Some(Skew { day, behind_us });
    }

    pub(super) const fn days(&self) -> &Intervals {
        &self.days
    }

    pub(super) const fn last_seen(&self) -> Option<Instant> {
        self.last_seen
    }

    pub(super) const fn skew(&self) -> Option<Skew> {
        self.skew
    }

    /// Whether there is any sign of the device itself on a day, up to a moment; totals count for all of their day.
    pub(super) fn shows(&self, day: Day, at: Instant) -> bool {
        self.begun.get(&day).is_some_and(|first| *first <= at) || self.told.contains(day.0.into())
    }

    /// Numbers that several events used, in their order.
    pub(super) fn repeats(&self) -> Vec<Repeat> {
        let mut repeats: Vec<Repeat> = Vec::new();
        for (seq, events) in &self.repeated {
            match repeats.last_mut() {
                Some(repeat) if repeat.last.0.saturating_add(1) == *seq && repeat.events == *events => {
                    repeat.last = TerminalSeq(*seq);
                }
                _ => repeats.push(Repeat { first: TerminalSeq(*seq), last: TerminalSeq(*seq), events: *events }),
            }
        }
        repeats
    }

    /// The last number in use: seen, or stated; 0 is none.
    pub(super) fn last(&self) -> TerminalSeq {
        let stated = self.stated.keys().next_back().copied();
        TerminalSeq(self.seen.last().max(stated).unwrap_or(0))
    }

    /// The holes from a first number on, each with its owner at a moment.
    pub(super) fn holes(&self, first: TerminalSeq, at: Instant) -> Vec<Hole> {
        let mut holes = Vec::new();
        let stated = self.stated.iter().rev().map(|(number, at)| (*number, *at));
        let mut later = Later::of(self.seen.iter().rev(), stated);
        for (first, last) in self.seen.gaps(first.0, self.last().0).into_iter().rev() {
            let mut own = |owner, (first, last)| {
                holes.push(Hole { first: TerminalSeq(first), last: TerminalSeq(last), owner });
            };
            let shows_from = later.earliest(first, last);
            let is_late = shows_from.is_some_and(|from| at.0.saturating_sub(from.0) < LATE_FOR_US);
            let open = if is_late { Owner::Late } else { Owner::Unexplained };
            self.refused.overlaps(first, last).for_each(|part| own(Owner::Refused, part));
            for (first, last) in self.refused.gaps(first, last) {
                self.voided.overlaps(first, last).for_each(|part| own(Owner::Voided, part));
                self.voided.gaps(first, last).into_iter().for_each(|part| own(open, part));
            }
        }
        holes.sort_unstable();
        holes
    }
}

/// The numbers behind a hole, walked once from the last one: holes are asked for from the last to the first.
struct Later<S: Iterator, T: Iterator> {
    seen: Peekable<S>,
    stated: Peekable<T>,
    earliest: Option<Instant>,
}

impl<S: Iterator<Item = (u32, u32, Instant)>, T: Iterator<Item = (u32, Instant)>> Later<S, T> {
    fn of(seen: S, stated: T) -> Self {
        Self { seen: seen.peekable(), stated: stated.peekable(), earliest: None }
    }

    /// The earliest moment at which a number behind `last` was seen, or one from `first` on was stated as the last.
    fn earliest(&mut self, first: u32, last: u32) -> Option<Instant> {
        let earlier = |known: Option<Instant>, at: Instant| Some(known.map_or(at, |known| known.min(at)));
        while let Some((.., at)) = self.seen.next_if(|(start, ..)| *start > last) {
            self.earliest = earlier(self.earliest, at);
        }
        while let Some((_, at)) = self.stated.next_if(|(number, _)| *number >= first) {
            self.earliest = earlier(self.earliest, at);
        }
        self.earliest
    }
}
