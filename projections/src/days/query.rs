//! What days are asked: the lines of a span of days, by shop, terminal, provider or plan; and what all days up to one
//! come to.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use talon_domain::contribution::Account;
use talon_domain::ids::{MerchantId, ShopId, TerminalId};
use talon_domain::money::Currency;
use talon_domain::time::Day;

use super::row::{Cell, Measure, Place, PlaceIn, PlanKey};
use crate::cells::{Cells, MalformedCells};
use crate::key::{Key, behind};
use crate::reading::{self, Reading, strange_cells, strange_key};
use crate::store::{StoreError, Table};
use crate::table::{DAYS, DAYS_BOOKED};

/// Which lines are asked for; what is `None` does not narrow.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this shop.
    pub shop: Option<ShopId>,
    /// Of this terminal.
    pub terminal: Option<TerminalId>,
    /// Of this provider. Counts of facts belong to none.
    pub provider: Option<String>,
}

/// By what lines are told apart, beside the merchant. What is false is summed up.
#[derive(Clone, Copy, Debug, Default)]
pub struct By {
    /// By day.
    pub day: bool,
    /// By shop.
    pub shop: bool,
    /// By terminal.
    pub terminal: bool,
    /// By provider.
    pub provider: bool,
}

/// A line: where and when, and its two readings. What a line is not told apart by is 0 or empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayLine {
    /// On the day on which something happened.
    pub economic: Cells,
    /// On the day on which it is booked.
    pub booked: Cells,
}

/// What all days up to one come to, in one currency, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Perpetual {
    /// Sales less what was given back.
    pub net: i128,
    /// Sales and what was given back, added.
    pub absolute: i128,
}

impl Filter {
    fn lets_through(&self, place: &PlaceIn<'_>) -> bool {
        self.shop.is_none_or(|shop| place.shop == shop)
            && self.terminal.is_none_or(|terminal| place.terminal == terminal)
            && self.provider.as_ref().is_none_or(|provider| place.provider == *provider)
    }
}

impl By {
    fn group(self, mut place: PlaceIn<'_>) -> PlaceIn<'_> {
        if !self.day {
            place.day = Day(0);
        }
        if !self.shop {
            place.shop = ShopId(0);
        }
        if !self.terminal {
            place.terminal = TerminalId(0);
        }
        if !self.provider {
            place.provider = Cow::Borrowed("");
        }
        place
    }
}

impl DayLine {
    /// What a measure comes to in the economic reading, over all plans, in one currency. `None` adds all currencies up: of
    /// numbers of payments, papers and facts, never of money.
    pub fn of(&self, measure: Measure, currency: Option<Currency>) -> i128 {
        sum(&self.economic, measure, currency)
    }

    /// The same in the booked reading.
    pub fn booked_of(&self, measure: Measure, currency: Option<Currency>) -> i128 {
        sum(&self.booked, measure, currency)
    }

    const fn economic_mut(&mut self) -> &mut Cells {
        &mut self.economic
    }

    const fn booked_mut(&mut self) -> &mut Cells {
        &mut self.booked
    }

    /// The cells of the economic reading.
    pub fn cells(&self) -> impl Iterator<Item = (Cell, i128)> + '_ {
        self.economic.iter().filter_map(|(code, amount)| Some((Cell::from_code(code)?, amount)))
    }

    /// The cells of the booked reading.
    pub fn booked_cells(&self) -> impl Iterator<Item = (Cell, i128)> + '_ {
        self.booked.iter().filter_map(|(code, amount)| Some((Cell::from_code(code)?, amount)))
    }

    /// The currencies in which anything is counted, in their order.
    pub fn currencies(&self) -> Vec<Currency> {
        let mut all: Vec<_> = self.cells().chain(self.booked_cells()).filter_map(|(cell, _)| cell.currency).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The plans of which anything was sold, with how many sales and how much.
    pub fn by_plan(&self, currency: Currency) -> BTreeMap<PlanKey, (i128, i128)> {
        let mut plans = BTreeMap::<PlanKey, (i128, i128)>::new();
        for (cell, amount) in self.cells().filter(|(cell, _)| cell.currency == Some(currency)) {
            match cell.measure {
                Measure::Sales => plans.entry(cell.plan).or_default().0 = amount,
                Measure::Money(Account::Sale) => plans.entry(cell.plan).or_default().1 = amount,
                _ => {}
            }
        }
        plans
    }
}

fn sum(cells: &Cells, measure: Measure, currency: Option<Currency>) -> i128 {
    let known = cells.iter().filter_map(|(code, amount)| Some((code, Cell::from_code(code)?, amount)));
    let meant =
        known.filter(|(_, cell, _)| cell.measure == measure && (currency.is_none() || cell.currency == currency));
    meant.map(|(code, _, amount)| (code, amount)).reduce(|a, b| (a.0, a.0.meet(a.1, b.1))).map_or(0, |(_, sum)| sum)
}

/// The lines of a merchant's days, in the order of days, shops, terminals and providers.
pub fn day_lines(
    reading: &dyn Reading,
    merchant: MerchantId,
    days: RangeInclusive<Day>,
    filter: &Filter,
    by: By,
) -> Result<BTreeMap<Place, DayLine>, StoreError> {
    let mut lines = BTreeMap::<Place, DayLine>::new();
    for (table, of) in
        [(DAYS, DayLine::economic_mut as fn(&mut DayLine) -> &mut Cells), (DAYS_BOOKED, DayLine::booked_mut)]
    {
        // Rows of one line mostly follow one another: what they come to is put into it when another line begins.
        let mut now: Option<(Place, Cells)> = None;
        let mut end = |line: Option<(Place, Cells)>| {
            line.into_iter().for_each(|(place, cells)| of(lines.entry(place).or_default()).merge(&cells));
        };
        walk(reading, table, merchant, (&days, filter.shop), &mut |place, row| {
            if !filter.lets_through(&place) {
                return Ok(());
            }
            let place = by.group(place);
            if now.as_ref().is_none_or(|(begun, _)| !place.is(begun)) {
                end(now.replace((place.owned(), Cells::new())));
            }
            now.as_mut().map_or(Ok(()), |(_, cells)| cells.merge_encoded(row))
        })?;
        end(now);
    }
    Ok(lines)
}

/// What a merchant's days up to and with one come to, by the day on which things are booked: not closed until closings
/// exist.
pub fn perpetual(
    reading: &dyn Reading,
    merchant: MerchantId,
    until: Day,
    filter: &Filter,
) -> Result<BTreeMap<Currency, Perpetual>, StoreError> {
    let mut totals = BTreeMap::<Currency, Perpetual>::new();
    walk(reading, DAYS_BOOKED, merchant, (&(Day(0)..=until), filter.shop), &mut |place, row| {
        if !filter.lets_through(&place) {
            return Ok(());
        }
        let cells = Cells::decode(row)?;
        let known = cells.iter().filter_map(|(code, amount)| Some((Cell::from_code(code)?, amount)));
        for (measure, currency, amount) in
            known.filter_map(|(cell, amount)| Some((cell.measure, cell.currency?, amount)))
        {
            let total = totals.entry(currency).or_default();
            match measure {
                Measure::Money(Account::Sale) => total.add(amount, amount),
                Measure::Money(Account::RefundCash | Account::RefundRebate | Account::RefundUndivided) => {
                    total.add(amount.saturating_neg(), amount);
                }
                _ => {}
            }
        }
        Ok(())
    })?;
    Ok(totals)
}

impl Perpetual {
    const fn add(&mut self, net: i128, absolute: i128) {
        self.net = self.net.saturating_add(net);
        self.absolute = self.absolute.saturating_add(absolute);
    }
}

/// What is shown a day's place, and its cells as bytes.
type EachDay<'e> = &'e mut dyn FnMut(PlaceIn<'_>, &[u8]) -> Result<(), MalformedCells>;

fn walk(
    reading: &dyn Reading,
    table: Table,
    merchant: MerchantId,
    (days, shop): (&RangeInclusive<Day>, Option<ShopId>),
    each: EachDay<'_>,
) -> Result<(), StoreError> {
    let mut read = |from: &Key, below: Option<&[u8]>| {
        reading::walk(reading, table, from.as_bytes(), below, &mut |key, row| {
            each(PlaceIn::read(key).ok_or_else(strange_key)?, row).map_err(strange_cells)
        })
    };
    let (first, last) = (days.start().0, days.end().0);
    let shop = shop.filter(|_| last.saturating_sub(first) < DAYS_APART);
    let Some(shop) = shop else {
        let (mut from, mut below) = (Key::new(), Key::new());
        from.merchant(merchant).day(Day(first));
        below.merchant(merchant).day(Day(last.saturating_add(1)));
        return read(&from, Some(below.as_bytes()));
    };
    // The rows of one shop's day lie together, and those of its merchant's other shops are not read.
    (first..=last).try_for_each(|day| {
        let mut from = Key::new();
        from.merchant(merchant).day(Day(day)).shop(shop);
        read(&from, behind(from.as_bytes()).as_deref())
    })
}

/// A shop is looked for on each of so many days; of more it is taken out of all that its merchant has.
const DAYS_APART: u16 = 366;
