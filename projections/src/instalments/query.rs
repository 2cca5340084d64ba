//! What the calendar is asked: what falls due in a span of days, in sums and instalment by instalment.

use std::collections::BTreeMap;
use std::ops::{ControlFlow, RangeInclusive};

use talon_domain::ids::{MerchantId, ShopId, StreamKey};
use talon_domain::money::Currency;
use talon_domain::time::{Day, Instant};

use super::row::{Course, DueCell, DueInstalment, DuePlace};
use crate::key::{Key, behind};
use crate::reading::{Reading, read_cells, read_row, strange_key};
use crate::store::{StoreError, Table};
use crate::table::{CALENDAR, DUE};

/// Which instalments are asked for; what is `None` does not narrow.
#[derive(Clone, Debug, Default)]
pub struct DueFilter {
    /// Sold in this shop.
    pub shop: Option<ShopId>,
    /// Financed by this provider.
    pub provider: Option<String>,
}

/// By what sums are told apart, beside the merchant and the currency. What is false is summed up.
#[derive(Clone, Copy, Debug, Default)]
pub struct DueBy {
    /// By the day on which they fall due.
    pub day: bool,
    /// By shop.
    pub shop: bool,
    /// By provider.
    pub provider: bool,
}

/// How many instalments, and how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub count: i128,
    /// How much, in minor units.
    pub amount: i128,
}

/// What instalments come to, in one currency. The courses of [`Course`] are all of them, each once; what is late or
/// rescheduled is counted among them a second time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DueSum {
    courses: BTreeMap<Course, Tally>,
    /// Their day has passed, and they are neither collected nor covered nor released.
    pub late: Tally,
    /// The first version of the plan had them on another day; what is released is not among them.
    pub rescheduled: Tally,
}

/// An instalment that is not collected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueLine {
    /// Where and when it falls due.
    pub place: DuePlace,
    /// The payment.
    pub stream: StreamKey,
    /// What it is, and how far it came.
    pub instalment: DueInstalment,
    /// Its day has passed, and the customer still owes it.
    pub is_late: bool,
}

impl DueFilter {
    fn lets_through(&self, place: &DuePlace) -> bool {
        self.shop.is_none_or(|shop| place.shop == shop)
            && self.provider.as_ref().is_none_or(|provider| place.provider == *provider)
    }
}

impl DueBy {
    fn group(self, mut place: DuePlace) -> DuePlace {
        if !self.day {
            place.day = Day(0);
        }
        if !self.shop {
            place.shop = ShopId(0);
        }
        if !self.provider {
            place.provider.clear();
        }
        place
    }
}

impl Tally {
    const fn add(&mut self, is_amount: bool, number: i128) {
        let part = if is_amount { &mut self.amount } else { &mut self.count };
        *part = part.saturating_add(number);
    }
}

impl DueSum {
    /// What came so far.
    pub fn of(&self, course: Course) -> Tally {
        self.courses.get(&course).copied().unwrap_or_default()
    }

    /// What was collected, early or not.
    pub fn collected(&self) -> Tally {
        let (on_time, early) = (self.of(Course::Collected), self.of(Course::CollectedEarly));
        let count = on_time.count.saturating_add(early.count);
        Tally { count, amount: on_time.amount.saturating_add(early.amount) }
    }

    fn add(&mut self, cell: DueCell, number: i128, is_past: bool) {
        self.courses.entry(cell.course).or_default().add(cell.is_amount, number);
        if is_past && cell.course.is_owed() {
            self.late.add(cell.is_amount, number);
        }
        if cell.is_rescheduled && cell.course != Course::Released {
            self.rescheduled.add(cell.is_amount, number);
        }
    }
}

/// What falls due in a span of days, as of a moment: in the order of places, then of currencies.
pub fn due_sums(
    reading: &dyn Reading,
    merchant: MerchantId,
    days: RangeInclusive<Day>,
    filter: &DueFilter,
    by: DueBy,
    at: Instant,
) -> Result<BTreeMap<DuePlace, BTreeMap<Currency, DueSum>>, StoreError> {
    let mut sums = BTreeMap::<DuePlace, BTreeMap<Currency, DueSum>>::new();
    let today = today(at);
    walk(reading, CALENDAR, merchant, &days, &mut |key, value| {
        let place = DuePlace::read(key).ok_or_else(strange_key)?;
        let cells = read_cells(value)?;
        if filter.lets_through(&place) {
            let is_past = place.day < today;
            let by_currency = sums.entry(by.group(place)).or_default();
            for (cell, number) in cells.iter().filter_map(|(code, number)| Some((DueCell::from_code(code)?, number))) {
                by_currency.entry(cell.currency).or_default().add(cell, number, is_past);
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(sums)
}

/// The instalments of a span of days that are not collected, in the order of days, shops, providers and payments; the
/// caller says when it has enough.
pub fn due_lines(
    reading: &dyn Reading,
    merchant: MerchantId,
    days: RangeInclusive<Day>,
    filter: &DueFilter,
    at: Instant,
    each: &mut dyn FnMut(DueLine) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let today = today(at);
    walk(reading, DUE, merchant, &days, &mut |key, value| {
        let (place, stream) = DuePlace::read_due(key).ok_or_else(strange_key)?;
        let instalment: DueInstalment = read_row(value)?;
        if !filter.lets_through(&place) {
            return Ok(ControlFlow::Continue(()));
        }
        let is_late = place.day < today && instalment.course().is_owed();
        Ok(each(DueLine { place, stream, instalment, is_late }))
    })
}

/// The day of a moment. Before the first day nothing is late, after the last everything is.
fn today(at: Instant) -> Day {
    at.paris_day().unwrap_or(if at < Instant::FIRST { Day(0) } else { Day(u16::MAX) })
}

/// Takes a row: its key and its value. It may end the walk.
type Take<'t> = &'t mut dyn FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>, StoreError>;

fn walk(
    reading: &dyn Reading,
    table: Table,
    merchant: MerchantId,
    days: &RangeInclusive<Day>,
    take: Take<'_>,
) -> Result<(), StoreError> {
    if days.is_empty() {
        return Ok(());
    }
    let (mut from, mut last) = (Key::new(), Key::new());
    from.merchant(merchant).day(*days.start());
    last.merchant(merchant).day(*days.end());
    let below = behind(last.as_bytes());
    let mut broken = None;
    reading.scan(table, from.as_bytes(), below.as_deref(), &mut |key, value| match take(key, value) {
        Ok(flow) => flow,
        Err(error) => {
            broken = Some(error);
            ControlFlow::Break(())
        }
    })?;
    broken.map_or(Ok(()), Err)
}
