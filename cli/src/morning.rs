//! Which morning is asked for: whose list, of which day, at which moment. What a page shows and what is noted on it are the
//! same items, because both ask here.
//!
//! Invariant: without a day it is the last one on which a terminal worked, as it stands the next morning: nothing but the
//! ledger decides it, and the same ledger gives the same list.

use std::collections::{BTreeMap, BTreeSet};

use talon_domain::ids::MerchantId;
use talon_domain::money::Currency;
use talon_domain::time::{Day, Instant};
use talon_projections::terminals::Terminals;
use talon_projections::working_days::WorkingDays;
use talon_projections::worklist::{Asked, Item, Worklist, worklist};

use crate::args::{MorningOf, typed_day, typed_moment};
use crate::clock;
use crate::exit::UsageError;
use crate::views::Views;

/// At what second of a day in Paris a morning is, by its clock.
const EIGHT_S: i64 = 8 * 3_600;
const DAY_S: i64 = 86_400;

/// A morning.
pub(crate) struct Morning {
    /// The day that is looked at.
    pub(crate) day: Day,
    /// The moment at which it is.
    pub(crate) at: Instant,
    /// Whose list; all if nobody is named.
    pub(crate) merchants: Option<BTreeSet<MerchantId>>,
    /// By which days ages are counted.
    pub(crate) calendar: WorkingDays,
}

impl Morning {
    pub(crate) fn of(asked: &MorningOf, views: &Views) -> anyhow::Result<Self> {
        let terminals = Terminals::read(views.reading()?, None)?;
        let day = asked.date.as_deref().map(|text| typed_day(text, "--date")).transpose()?;
        let day = day.or_else(|| last_day(&terminals, views)).or_else(|| clock::now().paris_day());
        let day = day.unwrap_or_default();
        let at = asked.at.as_deref().map(typed_moment).transpose()?;
        let at = at.unwrap_or_else(|| next_morning(day));
        let merchants = merchants(asked, views)?;
        Ok(Self { day, at, merchants, calendar: views.registry().working_days(&asked.calendar) })
    }

    /// The list.
    pub(crate) fn list(&self, views: &Views) -> anyhow::Result<Worklist> {
        Ok(worklist(views.reading()?, &self.asked(views))?)
    }

    pub(crate) fn asked<'a>(&'a self, views: &'a Views) -> Asked<'a> {
        Asked { at: self.at, registry: views.registry(), calendar: &self.calendar, merchants: self.merchants.clone() }
    }
}

/// What items are about in money, by currency.
pub(crate) fn at_stake(items: &[&Item]) -> BTreeMap<Currency, u128> {
    let mut sums = BTreeMap::<Currency, u128>::new();
    for (currency, amount) in items.iter().filter_map(|item| item.amount) {
        let sum = sums.entry(currency).or_default();
        *sum = sum.saturating_add(amount);
    }
    sums
}

/// The last day on which a terminal worked; what a clock says that runs ahead is not believed.
fn last_day(terminals: &Terminals, views: &Views) -> Option<Day> {
    let now = clock::now();
    let today = now.paris_day()?;
    let days = terminals.list(views.registry(), now).filter_map(|terminal| terminal.last_day);
    days.filter(|day| *day <= today).max()
}

/// Eight o'clock of the morning after a day.
fn next_morning(day: Day) -> Instant {
    let clock = (i64::from(day.0) + 1) * DAY_S + EIGHT_S;
    Instant::from_paris(clock).map_or(Instant(0), |(at, _)| at)
}

/// The merchants that are named, or whose registered label has the group's name in it.
fn merchants(asked: &MorningOf, views: &Views) -> anyhow::Result<Option<BTreeSet<MerchantId>>> {
    let mut named: BTreeSet<_> = asked.merchants.iter().copied().map(MerchantId).collect();
    let Some(group) = &asked.group else { return Ok(Some(named).filter(|named| !named.is_empty())) };
    let wanted = group.to_lowercase();
    let labels: Vec<_> = views.registry().merchants().map(|(of, stated)| (of, stated.what.label.to_string())).collect();
    let found = labels.iter().filter(|(_, label)| label.to_lowercase().contains(&wanted)).map(|(of, _)| *of);
    let before = named.len();
    named.extend(found);
    if named.len() == before {
        let known: Vec<_> = labels.iter().map(|(_, label)| label.as_str()).collect();
        let known = if known.is_empty() { "none is registered".to_owned() } else { known.join(", ") };
        return Err(UsageError(format!("--group: no merchant's label has {group:?} in it; there are: {known}")).into());
    }
    Ok(Some(named))
}
