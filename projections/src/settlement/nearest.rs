//! What comes nearest: to a line that nothing expects, what was expected and not booked; to what was not booked, lines that
//! nothing expects. Each with what speaks against it, as gaps.
//!
//! Invariant: nothing is matched here, and nothing is ranked but by gaps: first of the amount, then of days.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use talon_domain::money::Currency;

use super::line::{OwedLine, Status, What};

/// How many are told of each line.
pub const NEAREST_MAX: usize = 3;

/// One that comes near.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate<'l> {
    /// Which line.
    pub line: &'l OwedLine,
    /// By how much its gross is more, in minor units.
    pub gross_gap: i128,
    /// By how many days it happened later.
    pub days_gap: i32,
    /// It names another provider.
    pub is_other_provider: bool,
}

/// Lines by what they are about, their currency and their gross.
type Index<'l> = BTreeMap<(What, Currency), Vec<(i128, &'l OwedLine)>>;

/// Both sides of what is left.
#[derive(Debug, Default)]
pub struct Nearest<'l> {
    open: Index<'l>,
    unexpected: Index<'l>,
}

/// Whether nothing was booked of it.
fn is_open(line: &OwedLine) -> bool {
    line.booked.is_none() && line.expected.is_some()
}

/// What it is before fees, as far as it is known.
fn gross(line: &OwedLine) -> Option<i128> {
    let told = if line.status == Status::Unexpected { line.booked } else { line.expected };
    told?.gross
}

impl<'l> Nearest<'l> {
    /// Of the lines of an answer.
    pub fn of(lines: &'l [OwedLine]) -> Self {
        let mut nearest = Self::default();
        for line in lines {
            let side = match line {
                line if line.status == Status::Unexpected => &mut nearest.unexpected,
                line if is_open(line) => &mut nearest.open,
                _ => continue,
            };
            let key = (line.what, line.currency);
            gross(line).into_iter().for_each(|gross| side.entry(key).or_default().push((gross, line)));
        }
        let sides = nearest.open.values_mut().chain(nearest.unexpected.values_mut());
        sides.for_each(|side| side.sort_by_key(|(gross, line)| (*gross, line.happened_on)));
        nearest
    }

    /// The nearest to a line of the same answer; none to what is settled.
    pub fn to(&self, line: &OwedLine) -> Vec<Candidate<'l>> {
        let side = match line {
            line if line.status == Status::Unexpected => &self.open,
            line if is_open(line) => &self.unexpected,
            _ => return Vec::new(),
        };
        let (Some(gross), Some(side)) = (gross(line), side.get(&(line.what, line.currency))) else { return Vec::new() };
        let at = side.partition_point(|(of, _)| *of < gross);
        // Of equal amounts there may be many: those of the nearest days are wanted.
        let equal = side.partition_point(|(of, _)| *of <= gross);
        let from = at.saturating_sub(NEAREST_MAX);
        let to = equal.saturating_add(NEAREST_MAX).min(side.len());
        let near = side.get(from..to).unwrap_or_default();
        let mut candidates: Vec<_> = near.iter().map(|(of, other)| candidate(line, gross, *of, other)).collect();
        candidates.sort_by_key(|of| (of.gross_gap.unsigned_abs(), of.days_gap.unsigned_abs(), Reverse(of.gross_gap)));
        candidates.truncate(NEAREST_MAX);
        candidates
    }
}

fn candidate<'l>(line: &OwedLine, gross: i128, other_gross: i128, other: &'l OwedLine) -> Candidate<'l> {
    let is_same = line.provider.is_empty() || other.provider.is_empty() || line.provider == other.provider;
    Candidate {
        line: other,
        gross_gap: other_gross.saturating_sub(gross),
        days_gap: i32::from(other.happened_on.0).saturating_sub(line.happened_on.0.into()),
        is_other_provider: !is_same,
    }
}
