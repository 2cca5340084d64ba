//! What is asked of terminals, beside the registry and at a moment.

use std::collections::BTreeSet;

use talon_domain::fact::{Assignment, Text};
use talon_domain::ids::{MerchantId, TerminalEpoch, TerminalId, TerminalSeq};
use talon_domain::money::Currency;
use talon_domain::time::{Day, Instant};

use super::counter::Hole;
use super::sums::Sum;
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
    /// The last day on which it worked.
    pub last_day: Option<Day>,
    /// Another device stands behind the number now, or none.
    pub is_replaced: bool,
}

/// What an application took on a day, by the terminal and by the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayTotal {
    /// The day that the terminal named.
    pub day: Day,
    /// The application's code; a provider's if it finances payments.
    pub application: Text,
    /// In which currency.
    pub currency: Currency,
    /// What the terminal states.
    pub stated: Sum,
    /// What the ledger counted; `None` for an application that is no provider's, which the ledger does not follow.
    pub counted: Option<Sum>,
}

impl DayTotal {
    /// Whether both say the same; what the ledger does not follow cannot differ.
    pub fn agrees(&self) -> bool {
        self.counted.is_none_or(|counted| counted == self.stated)
    }
}

impl Terminals {
    /// Every device that is registered or that facts name, in the order of merchants, numbers and epochs.
    pub fn list<'a>(&'a self, registry: &'a Registry, at: Instant) -> impl Iterator<Item = Terminal<'a>> {
        let seen = self.counters.keys().copied();
        let registered =
            registry.assignments().map(|(merchant, stated)| (merchant, stated.what.terminal, epoch(stated.what.epoch)));
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
        let in_plans =
            |code: &str| registry.fee_plans().any(|(of, stated)| of == merchant && &*stated.what.provider == code);
        let mut totals = Vec::new();
        for (day, stated) in self.sums.stated(merchant, terminal) {
            let counted = self.sums.counted(merchant, terminal, day);
            let keys: BTreeSet<_> = stated.keys().chain(counted.iter().flat_map(|lines| lines.keys())).collect();
            for key in keys {
                let of = |lines: Option<&super::sums::Lines>| lines.and_then(|lines| lines.get(key)).copied();
                let (application, currency) = key;
                let follows = self.sums.is_provider(merchant, application) || in_plans(application);
                let counted = follows.then(|| of(counted).unwrap_or_default());
                let stated = of(Some(stated)).unwrap_or_default();
                totals.push(DayTotal { day, application: application.clone(), currency: *currency, stated, counted });
            }
        }
        totals
    }
}
