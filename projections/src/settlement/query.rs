//! What settlement is asked: the lines of the sales of some days with what providers booked on these days besides, their
//! totals, and the payouts. Invariant: totals are sums of the lines, and of nothing else.

use std::collections::BTreeMap;
use std::ops::{ControlFlow, RangeInclusive};

use talon_domain::ids::{MerchantId, StreamKey};
use talon_domain::money::Currency;
use talon_domain::time::{Day, Instant};

use super::desk::{Desk, PayoutName, lines_by_payout, own_lines, payouts};
use super::line::{Amounts, OwedLine, Status};
use super::row::{
    BY_PAYOUT, Booked, Expected, Named, WHOLE, read_currency, read_expected_key, read_line_key, read_paid_line,
};
use super::work::Work;
use crate::key::{Key, behind};
use crate::reading::{Reading, read_row, strange_key};
use crate::registry::Registry;
use crate::store::{StoreError, Table};
use crate::table::{EXPECTED, LINES};

/// A question: whose settlement, of which days, and how it stands when.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// Fee plans and calendars.
    pub registry: &'a Registry,
    /// To whom it is owed.
    pub merchant: MerchantId,
    /// Of the sales of these days, and what was booked on them besides.
    pub days: RangeInclusive<Day>,
    /// The moment.
    pub at: Instant,
    /// Of what nothing was booked, so many working days behind its due day are late; from the next one on it is missing.
    pub missing_after: u32,
}

impl<'a> Asked<'a> {
    /// So many working days are late before they are missing, where nobody says another number: a week of them.
    pub const MISSING_AFTER: u32 = 5;

    /// Days of a merchant, as of a moment.
    pub const fn at(registry: &'a Registry, merchant: MerchantId, days: RangeInclusive<Day>, at: Instant) -> Self {
        Self { registry, merchant, days, at, missing_after: Self::MISSING_AFTER }
    }

    /// The day of the moment. Before the first day nothing is late, after the last everything is.
    fn today(&self) -> Day {
        let ends = if self.at < Instant::FIRST { Day(0) } else { Day(u16::MAX) };
        self.at.paris_day().unwrap_or(ends)
    }
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// In the order of days, providers and payments; of each payment its sale, refunds and disputes. Behind them, in the
    /// order of days, accounts and lines, what was booked and expected by none.
    pub lines: Vec<OwedLine>,
    /// What the lines add up to.
    pub totals: BTreeMap<TotalKey, Total>,
    /// The payouts of these days, in the order of accounts and names.
    pub payouts: Vec<PayoutLine>,
}

/// By what lines are summed up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TotalKey {
    /// The day for which lines are listed.
    pub day: Day,
    /// Registry code of who owes.
    pub provider: String,
    /// How far they came.
    pub status: Status,
    /// Of all amounts.
    pub currency: Currency,
}

/// What lines add up to. What a line does not know adds nothing; so sums of unknown parts say how many they leave out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// How many lines.
    pub count: u64,
    /// How many sales among them of which no fee is expected, for want of one fee plan.
    pub without_fee: u64,
    /// What was expected: gross, fee, tax, net.
    pub expected: [i128; 4],
    /// What was booked: gross, fee, tax, net.
    pub booked: [i128; 4],
    /// By how much more: gross, fee, tax, net; of what is known on both sides.
    pub difference: [i128; 4],
    /// Fees that were given back.
    pub waived: i128,
}

/// A payout, and the lines that it pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutLine {
    /// From which account.
    pub account: String,
    /// Its name there; empty where it bears none.
    pub payout_id: String,
    /// The day on which it left.
    pub day: Day,
    /// Registry code of who sent it.
    pub provider: Option<String>,
    /// It came back.
    pub is_returned: bool,
    /// How much was sent; below nothing where the provider collects. `None` where only its return is told.
    pub amount: Option<(Currency, i128)>,
    /// How many tell of it, of its name: of two, nobody can say which one its lines are of.
    pub told_by: usize,
    /// How many lines name it, and their net in the payout's currency; `None` where none does.
    pub lines: Option<(i128, i128)>,
}

impl PayoutLine {
    /// By how much the payout is more than its lines; `None` where nothing is linked to it, or several tell of it.
    pub fn difference(&self) -> Option<i128> {
        let (_, amount) = self.amount.filter(|_| self.told_by == 1)?;
        Some(amount.saturating_sub(self.lines?.1))
    }
}

impl Total {
    /// Adds a line.
    pub fn add(&mut self, line: &OwedLine) {
        self.count = self.count.saturating_add(1);
        self.without_fee = self.without_fee.saturating_add(u64::from(line.fee_gap.is_some()));
        add(&mut self.expected, line.expected.unwrap_or_default());
        add(&mut self.booked, line.booked.unwrap_or_default());
        add(&mut self.difference, line.difference());
        self.waived = self.waived.saturating_add(line.waived);
    }
}

fn add(sums: &mut [i128; 4], amounts: Amounts) {
    let parts = sums.iter_mut().zip(amounts.parts());
    parts.for_each(|(sum, part)| *sum = sum.saturating_add(part.unwrap_or(0)));
}

impl Settled {
    /// What the lines add up to, told apart as the caller likes.
    pub fn totals_by<K: Ord>(&self, by: impl Fn(&OwedLine) -> K) -> BTreeMap<K, Total> {
        let mut totals = BTreeMap::<K, Total>::new();
        self.lines.iter().for_each(|line| totals.entry(by(line)).or_default().add(line));
        totals
    }
}

/// What a merchant's providers owe for the sales of some days, as of a moment.
pub fn settlement(reading: &dyn Reading, asked: &Asked<'_>) -> Result<Settled, StoreError> {
    settle(reading, asked, MANY)
}

/// A question of so many rows is one of many.
const MANY: usize = 10_000;

/// The same; of so many rows and more, what they need is read at once.
pub(super) fn settle(reading: &dyn Reading, asked: &Asked<'_>, many: usize) -> Result<Settled, StoreError> {
    let Asked { registry, merchant, ref days, missing_after, .. } = *asked;
    let expected = expectations(reading, merchant, days)?;
    let places = in_days(reading, LINES, merchant, days, |key, _| read_line_key(key).ok_or_else(strange_key))?;
    let (desk, rows) = (Desk::new(reading, merchant, asked.today()), expected.len().saturating_add(places.len()));
    let desk = if rows >= many { desk.of_many(rows)? } else { desk };
    let mut work = Work::new(desk, registry, missing_after);
    for (day, provider, stream, expected) in expected {
        work.payment((day, &provider, stream), &expected)?;
    }
    for place in places {
        work.own_entry(place)?;
    }
    let mut settled = Settled { lines: work.finish(), ..Settled::default() };
    let key = |line: &OwedLine| TotalKey {
        day: line.day,
        provider: line.provider.clone(),
        status: line.status,
        currency: line.currency,
    };
    settled.totals = settled.totals_by(key);
    settled.payouts = payout_lines(reading, merchant, days)?;
    Ok(settled)
}

fn expectations(
    reading: &dyn Reading,
    merchant: MerchantId,
    days: &RangeInclusive<Day>,
) -> Result<Vec<(Day, String, StreamKey, Expected)>, StoreError> {
    in_days(reading, EXPECTED, merchant, days, |key, value| {
        let (day, provider, stream) = read_expected_key(key).ok_or_else(strange_key)?;
        Ok((day, provider, stream, read_row(value)?))
    })
}

/// Payouts of which a fact tells, then those that only a line of their own account tells of.
fn payout_lines(
    reading: &dyn Reading,
    merchant: MerchantId,
    days: &RangeInclusive<Day>,
) -> Result<Vec<PayoutLine>, StoreError> {
    let sums = lines_by_payout(reading, merchant, None)?;
    let mut told = BTreeMap::<PayoutName, Vec<PayoutLine>>::new();
    let tell = |(account, payout_id): PayoutName, day, provider, is_returned, amount| PayoutLine {
        account,
        payout_id,
        day,
        provider,
        is_returned,
        amount,
        told_by: 1,
        lines: None,
    };
    for (name, day, line) in own_lines(reading, merchant, None)? {
        // On its account a payout is what leaves it.
        let amount = line.currency().map(|currency| (currency, i128::from(line.gross).saturating_neg()));
        told.entry(name.clone()).or_default().push(tell(name, day, line.provider, false, amount));
    }
    let by_fact = payouts(reading, merchant, None)?;
    by_fact.iter().for_each(|(name, _)| _ = told.remove(name));
    for (name, row) in by_fact {
        let amount = row.sent.and_then(|(of, amount)| Some((read_currency(of)?, i128::from(amount))));
        told.entry(name.clone()).or_default().push(tell(name, Day(row.day), row.provider, row.is_returned, amount));
    }
    let mut lines = Vec::new();
    for (name, of_name) in told {
        let told_by = if name.1.is_empty() { 1 } else { of_name.len() };
        let linked = sums.get(&name).filter(|_| !name.1.is_empty());
        lines.extend(of_name.into_iter().filter(|line| days.contains(&line.day)).map(|line| {
            let of_currency = linked.zip(line.amount).map(|(sums, (of, _))| sums.get(&of).copied().unwrap_or_default());
            PayoutLine { told_by, lines: of_currency.map(|lines| (lines.count, lines.net)), ..line }
        }));
    }
    Ok(lines)
}

/// The lines that bear an id: each with its day and account.
pub fn lines_of(
    reading: &dyn Reading,
    merchant: MerchantId,
    name: &Named,
) -> Result<Vec<(Day, String, Booked)>, StoreError> {
    let lines = Desk::new(reading, merchant, Day(0)).lines(name)?;
    Ok(lines.into_iter().map(|found| (found.place.0, found.place.1.clone(), found.line.clone())).collect())
}

/// The lines that a payout of an account pays, in the order of their days.
pub fn lines_of_payout(
    reading: &dyn Reading,
    merchant: MerchantId,
    account: &str,
    payout: &str,
) -> Result<Vec<(Day, Booked)>, StoreError> {
    let mut prefix = Key::new();
    prefix.merchant(merchant).u8(BY_PAYOUT).text(account).text(payout);
    let places = super::desk::keys(reading, LINES, &prefix, read_paid_line)?;
    let desk = Desk::new(reading, merchant, Day(0));
    places.into_iter().map(|place| desk.line(place).map(|found| (found.place.0, found.line.clone()))).collect()
}

/// Reads the rows of a span of days.
fn in_days<T>(
    reading: &dyn Reading,
    table: Table,
    merchant: MerchantId,
    days: &RangeInclusive<Day>,
    read: impl Fn(&[u8], &[u8]) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    if days.is_empty() {
        return Ok(Vec::new());
    }
    let (mut from, mut last) = (Key::new(), Key::new());
    from.merchant(merchant).u8(WHOLE).day(*days.start());
    last.merchant(merchant).u8(WHOLE).day(*days.end());
    let below = behind(last.as_bytes());
    let (mut all, mut broken) = (Vec::new(), None);
    reading.scan(table, from.as_bytes(), below.as_deref(), &mut |key, value| match read(key, value) {
        Ok(row) => {
            all.push(row);
            ControlFlow::Continue(())
        }
        Err(error) => {
            broken = Some(error);
            ControlFlow::Break(())
        }
    })?;
    broken.map_or(Ok(all), Err)
}
