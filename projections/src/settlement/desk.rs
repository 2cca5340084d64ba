//! Where a question is worked on: what lines bear an id, who claims them, which payouts were sent, and what an account still
//! has to pay out. What was looked up once is kept for the length of the question.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::rc::Rc;

use talon_domain::ids::{MerchantId, StreamKey};
use talon_domain::money::Currency;
use talon_domain::time::Day;

use super::bulk::Bulk;
use super::row::{
    Booked, Counted, LinePlace, Named, OWN_LINE, PayoutRow, Place, line_key, read_balance_cell, read_currency,
    read_line_name, read_own_line, read_payout_key,
};
use crate::key::{Fields, Key};
use crate::reading::{Reading, read_cells, read_row, strange_key};
use crate::store::{StoreError, Table};
use crate::table::{BALANCES, EXPECTED, LINES, PAYOUTS};

/// A line, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) place: LinePlace,
    pub(super) line: Booked,
}

/// Who may take a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// Nobody bears its id.
    Nobody,
    /// Who bears its id is of another provider, or in another currency.
    Another,
    /// This payment.
    One(StreamKey),
    /// Several.
    Several,
}

impl Claim {
    /// The same, once one more payment bears the id, and is meant or not.
    const fn and(self, stream: StreamKey, is_meant: bool) -> Self {
        match self {
            Self::Nobody if !is_meant => Self::Another,
            Self::Nobody | Self::Another if is_meant => Self::One(stream),
            Self::One(_) | Self::Several if is_meant => Self::Several,
            other => other,
        }
    }
}

/// How far a payout came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Paid {
    /// Nobody said that it was sent.
    NotYet,
    Sent,
    Returned,
}

/// A question that is being worked on.
pub(super) struct Desk<'a> {
    reading: &'a dyn Reading,
    pub(super) merchant: MerchantId,
    today: Day,
    bulk: Option<Bulk>,
    payouts: BTreeMap<(String, String), Paid>,
    balances: BTreeMap<String, BTreeMap<Currency, i128>>,
}

impl<'a> Desk<'a> {
    pub(super) const fn new(reading: &'a dyn Reading, merchant: MerchantId, today: Day) -> Self {
        Self { reading, merchant, today, bulk: None, payouts: BTreeMap::new(), balances: BTreeMap::new() }
    }

    /// The same for a question of so many rows, which are many: whatever they need is read at once.
    pub(super) fn of_many(self, rows: usize) -> Result<Self, StoreError> {
        let bulk = Bulk::read(self.reading, self.merchant, rows.saturating_mul(READ_FOR_EACH))?;
        Ok(Self { bulk, ..self })
    }

    pub(super) const fn today(&self) -> Day {
        self.today
    }

    /// The lines that bear an id.
    pub(super) fn lines(&self, name: &Named) -> Result<Vec<Rc<Found>>, StoreError> {
        if let Some(bulk) = &self.bulk {
            return Ok(bulk.lines(name, self.merchant).to_vec());
        }
        let mut prefix = Key::new();
        name.write(&mut prefix, self.merchant);
        let places = keys(self.reading, LINES, &prefix, read_line_name)?;
        places.into_iter().map(|place| self.line(place)).collect()
    }

    /// The line of a place.
    pub(super) fn line(&self, place: LinePlace) -> Result<Rc<Found>, StoreError> {
        if let Some(bulk) = &self.bulk {
            return bulk.line(place.2).ok_or_else(no_line);
        }
        let mut key = Key::new();
        line_key(&mut key, self.merchant, (place.0, &place.1, place.2));
        let row = self.reading.get(LINES, key.as_bytes())?;
        let row = row.ok_or_else(no_line)?;
        Ok(Rc::new(Found { line: read_row(&row)?, place }))
    }

    /// Who may take a line: of those that bear its id, in its currency, of its provider where both say so.
    pub(super) fn claim(&self, name: &Named, line: &Booked) -> Result<Claim, StoreError> {
        let merchant = self.merchant;
        if let Some(bulk) = &self.bulk {
            let claimants = bulk.claimants(name, merchant).iter();
            return Ok(
                claimants.fold(Claim::Nobody, |claim, (stream, place)| claim.and(*stream, is_meant(line, place)))
            );
        }
        let mut prefix = Key::new();
        name.write(&mut prefix, merchant);
        let mut claim = Claim::Nobody;
        each(self.reading, EXPECTED, &prefix, &mut |key, value| {
            let stream = key.len().checked_sub(STREAM_BYTES).and_then(|at| Fields::of(key.get(at..)?).stream(merchant));
            let (stream, place) = (stream.ok_or_else(strange_key)?, read_row::<Place>(value)?);
            claim = claim.and(stream, is_meant(line, &place));
            Ok(())
        })?;
        Ok(claim)
    }

    /// How far a payout of an account came by today: by the payout's own fact, else by its own line on the account.
    pub(super) fn paid(&mut self, account: &str, payout: &str) -> Result<Paid, StoreError> {
        let name = (account.to_owned(), payout.to_owned());
        if let Some(paid) = self.payouts.get(&name) {
            return Ok(*paid);
        }
        let paid = self.look_up_payout(account, payout)?;
        self.payouts.insert(name, paid);
        Ok(paid)
    }

    fn look_up_payout(&self, account: &str, payout: &str) -> Result<Paid, StoreError> {
        let mut prefix = Key::new();
        prefix.merchant(self.merchant).text(account).text(payout);
        let mut paid = None;
        // Where several tell of one payout, the one that came back is the one to look at.
        each(self.reading, PAYOUTS, &prefix, &mut |_, value| {
            paid = paid.max(Some(self.stage(&read_row(value)?)));
            Ok(())
        })?;
        if let Some(paid) = paid {
            return Ok(paid);
        }
        let mut prefix = Key::new();
        prefix.merchant(self.merchant).u8(OWN_LINE).text(account).text(payout);
        let mut paid = Paid::NotYet;
        each(self.reading, LINES, &prefix, &mut |_, value| {
            if Day(read_row(value)?) <= self.today {
                paid = Paid::Sent;
            }
            Ok(())
        })?;
        Ok(paid)
    }

    fn stage(&self, row: &PayoutRow) -> Paid {
        match (row.is_returned, Day(row.day) <= self.today) {
            (true, _) => Paid::Returned,
            (false, true) => Paid::Sent,
            (false, false) => Paid::NotYet,
        }
    }

    /// What an account still has to pay out: its lines that no payout has paid, less payouts that name no line, of which a
    /// fact tells or only a line of the account.
    pub(super) fn open_balance(&mut self, account: &str, currency: Currency) -> Result<i128, StoreError> {
        if !self.balances.contains_key(account) {
            let balances = self.balances_of(account)?;
            self.balances.insert(account.to_owned(), balances);
        }
        Ok(self.balances.get(account).and_then(|of| of.get(&currency)).copied().unwrap_or(0))
    }

    fn balances_of(&mut self, account: &str) -> Result<BTreeMap<Currency, i128>, StoreError> {
        let mut open = BTreeMap::new();
        let mut add = |currency, amount: i128| {
            let sum: &mut i128 = open.entry(currency).or_default();
            *sum = sum.saturating_add(amount);
        };
        let sums = lines_by_payout(self.reading, self.merchant, Some(account))?;
        for ((_, payout), cells) in &sums {
            if payout.is_empty() || self.paid(account, payout)? != Paid::Sent {
                cells.iter().for_each(|(currency, sum)| add(*currency, sum.net));
            }
        }
        let told = payouts(self.reading, self.merchant, Some(account))?;
        let is_linked = |name: &PayoutName| !name.1.is_empty() && sums.contains_key(name);
        for (_, row) in told.iter().filter(|(name, row)| !is_linked(name) && self.stage(row) == Paid::Sent) {
            if let Some((currency, amount)) = row.sent {
                let paid = i128::from(amount).saturating_neg();
                read_currency(currency).into_iter().for_each(|of| add(of, paid));
            }
        }
        let by_fact: BTreeSet<_> = told.iter().map(|(name, _)| name).collect();
        for (name, day, line) in own_lines(self.reading, self.merchant, Some(account))? {
            if day <= self.today && !is_linked(&name) && !by_fact.contains(&name) {
                line.currency().into_iter().for_each(|of| add(of, line.gross.into()));
            }
        }
        Ok(open)
    }
}

/// For each row that is asked for, so many are read in walks; beyond, look-ups are cheaper.
const READ_FOR_EACH: usize = 8;

/// A row that another row names is missing.
pub(super) fn no_line() -> StoreError {
    StoreError::Broken("a line that is named is not there".to_owned())
}

/// Bytes of a stream within its merchant.
const STREAM_BYTES: usize = 16 + 1;

fn is_meant(line: &Booked, place: &Place) -> bool {
    let provider = line.provider.as_deref().unwrap_or_default();
    let is_same = provider.is_empty() || place.provider.is_empty() || provider == place.provider;
    is_same && line.letters() == place.currency
}

/// How many lines a payout pays, and their net.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PaidLines {
    pub(super) count: i128,
    pub(super) net: i128,
}

/// Account and payout.
pub(super) type PayoutName = (String, String);

/// What lines add up to, by the payout that pays them; the empty name is no payout.
pub(super) fn lines_by_payout(
    reading: &dyn Reading,
    merchant: MerchantId,
    account: Option<&str>,
) -> Result<BTreeMap<PayoutName, BTreeMap<Currency, PaidLines>>, StoreError> {
    let mut sums = BTreeMap::<PayoutName, BTreeMap<Currency, PaidLines>>::new();
    each(reading, BALANCES, &of_account(merchant, account), &mut |key, value| {
        let by_currency = sums.entry(read_payout_key(key).ok_or_else(strange_key)?).or_default();
        for (code, number) in read_cells(value)?.iter() {
            let Some((counted, currency)) = read_balance_cell(code) else { continue };
            let sum = by_currency.entry(currency).or_default();
            match counted {
                Counted::Lines => sum.count = number,
                Counted::Net => sum.net = number,
            }
        }
        Ok(())
    })?;
    Ok(sums)
}

/// The payouts of an account, or of all.
pub(super) fn payouts(
    reading: &dyn Reading,
    merchant: MerchantId,
    account: Option<&str>,
) -> Result<Vec<(PayoutName, PayoutRow)>, StoreError> {
    let mut all = Vec::new();
    each(reading, PAYOUTS, &of_account(merchant, account), &mut |key, value| {
        all.push((read_payout_key(key).ok_or_else(strange_key)?, read_row(value)?));
        Ok(())
    })?;
    Ok(all)
}

/// The lines by which an account, or all, tells of payouts.
pub(super) fn own_lines(
    reading: &dyn Reading,
    merchant: MerchantId,
    account: Option<&str>,
) -> Result<Vec<(PayoutName, Day, Booked)>, StoreError> {
    let mut prefix = Key::new();
    prefix.merchant(merchant).u8(OWN_LINE);
    account.into_iter().for_each(|account| _ = prefix.text(account));
    let mut named = Vec::new();
    each(reading, LINES, &prefix, &mut |key, value| {
        let (name, stream) = read_own_line(key).ok_or_else(strange_key)?;
        named.push((name, Day(read_row(value)?), stream));
        Ok(())
    })?;
    let desk = Desk::new(reading, merchant, Day(0));
    let lines = named.into_iter().map(|(name, day, stream)| {
        let found = desk.line((day, name.0.clone(), stream))?;
        Ok((name, day, found.line.clone()))
    });
    lines.collect()
}

fn of_account(merchant: MerchantId, account: Option<&str>) -> Key {
    let mut prefix = Key::new();
    prefix.merchant(merchant);
    if let Some(account) = account {
        prefix.text(account);
    }
    prefix
}

/// What the keys with a beginning name.
pub(super) fn keys<T>(
    reading: &dyn Reading,
    table: Table,
    prefix: &Key,
    read: fn(&[u8]) -> Option<T>,
) -> Result<Vec<T>, StoreError> {
    let mut all = Vec::new();
    each(reading, table, prefix, &mut |key, _| {
        all.push(read(key).ok_or_else(strange_key)?);
        Ok(())
    })?;
    Ok(all)
}

/// Takes a row: its key and its value.
type Take<'t> = &'t mut dyn FnMut(&[u8], &[u8]) -> Result<(), StoreError>;

/// Hands over the rows with a beginning, until one cannot be read.
pub(super) fn each(reading: &dyn Reading, table: Table, prefix: &Key, take: Take<'_>) -> Result<(), StoreError> {
    let mut broken = None;
    reading.scan_prefix(table, prefix, &mut |key, value| match take(key, value) {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            broken = Some(error);
            ControlFlow::Break(())
        }
    })?;
    broken.map_or(Ok(()), Err)
}
