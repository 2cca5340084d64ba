//! What is asked of terminals, beside the registry and at a moment.

use std::collections::BTreeSet;

use talon_domain::fact::Assignment;
use talon_domain::ids::{MerchantId, TerminalEpoch, TerminalId, TerminalSeq};
use talon_domain::time::{Day, Instant};

use super::counter::{Hole, Repeat, Skew};
use super::silence::Silence;
use super::sums::DayTotal;
use super::{Device, Terminals, listed};
use crate::registry::{Ineligible, Registry, Stated, epoch};

/// A device, as the registry and its facts know it.
#[derive(Clone, Debug)]
pub struct Terminal<'a> {
    /// Whose.
    pub merchant: MerchantId,
    /// Its number.
    pub terminal: TerminalId,
    /// Which device behind the number, from 1.
    pub epoch: TerminalEpoch,
    /// What the registry says of it.
    pub assignment: Option<&'a Stated<Assignment>>,
    /// Why it is not eligible; nothing of a device that is not registered, which is a finding of its own.
    pub ineligible: Vec<Ineligible>,
    /// The first number that it uses.
    pub first_seq: TerminalSeq,
    /// The last number in use, seen or stated; 0 is none.
    pub last_seq: TerminalSeq,
    /// What is missing.
    pub holes: Vec<Hole>,
    /// Numbers that several events used.
    pub repeats: Vec<Repeat>,
    /// The last day on which it worked.
    pub last_day: Option<Day>,
    /// The last moment of its facts.
    pub last_seen: Option<Instant>,
    /// How far its clock is behind, as far as its last day tells.
    pub skew: Option<Skew>,
    /// It usually works, its shop trades, and it has told nothing on the day that is asked for.
    pub silence: Option<Silence>,
    /// Another device stands behind the number now, or none.
    pub is_replaced: bool,
}

impl Terminals {
    /// Every device that is registered or that facts name, in the order of merchants, numbers and epochs.
    pub fn list<'a>(&'a self, registry: &'a Registry, at: Instant) -> impl Iterator<Item = Terminal<'a>> {
        let seen = self.counters.keys().copied();
        let registered =
            registry.assignments().map(|(merchant, stated)| (merchant, stated.what.terminal, epoch(stated.what.epoch)));
        let registered = registered.filter(|(merchant, ..)| self.merchant.is_none_or(|of| of == *merchant));
        let devices: BTreeSet<Device> = seen.chain(registered).collect();
        devices.into_iter().map(move |device| self.terminal(device, registry, at))
    }

    fn terminal<'a>(&'a self, device: Device, registry: &'a Registry, at: Instant) -> Terminal<'a> {
        let (merchant, terminal, epoch) = device;
        let assignment = registry.assignment(merchant, terminal, epoch);
        let stated = assignment.map_or(0, |stated| stated.what.first_seq.0);
        let first_seq = TerminalSeq(stated.max(1));
        let counter = self.counters.get(&device);
        let now = at.paris_day().and_then(|day| registry.assignment_on(merchant, terminal, day));
        let begins_later = assignment.zip(at.paris_day()).is_some_and(|(stated, day)| stated.what.from_day > Some(day));
        Terminal {
            merchant,
            terminal,
            epoch,
            assignment,
            ineligible: assignment.map(|stated| registry.ineligible(merchant, &stated.what)).unwrap_or_default(),
            first_seq,
            last_seq: counter.map(super::Counter::last).unwrap_or_default(),
            holes: counter.map(|counter| counter.holes(first_seq, at)).unwrap_or_default(),
            repeats: counter.map(super::Counter::repeats).unwrap_or_default(),
            last_seen: counter.and_then(super::Counter::last_seen),
            skew: counter.and_then(super::Counter::skew),
            silence: now
                .filter(|now| Some(*now) == assignment)
                .and_then(|stated| self.silence(merchant, (&stated.what, counter), registry, at)),
            last_day: counter.and_then(|counter| listed(counter.days()).pop()),
            is_replaced: assignment.is_some() && !begins_later && now != assignment,
        }
    }

    /// The days on which a device worked that its assignment does not cover; all of them if it has none.
    pub fn days_unassigned(&self, terminal: &Terminal<'_>) -> Vec<Day> {
        let device = (terminal.merchant, terminal.terminal, terminal.epoch);
        let worked = self.counters.get(&device).map(|counter| listed(counter.days())).unwrap_or_default();
        let covers = |day: &Day| {
            let assigned = terminal.assignment.map(|stated| (stated.what.from_day, stated.what.until_day));
            assigned.is_some_and(|(from, until)| crate::registry::holds_on(from, until, *day))
        };
        worked.into_iter().filter(|day| !covers(day)).collect()
    }

    /// A terminal's totals of each day on which it stated any, beside what the ledger counted, in the order of days,
    /// applications and currencies. An application is followed if payments or fee plans of the merchant name it as their
    /// provider; a provider that the ledger counted and the terminal left out is in the list too.
    pub fn day_totals(&self, merchant: MerchantId, terminal: TerminalId, registry: &Registry) -> Vec<DayTotal> {
        self.sums.of_terminal(merchant, terminal, registry)
    }
}
