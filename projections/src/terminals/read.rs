//! Terminals from the rows of their view.

use talon_domain::ids::{MerchantId, TerminalEpoch, TerminalId, TerminalSeq};
use talon_domain::time::{Day, Instant};

use super::row::{
    BLOCK, DELAY, FACTS, FIRST, LAST, TOTALS, TRADE, Word, moment, number, read_device, used, used_first,
};
use super::sums::Sums;
use super::{Counter, Terminals};
use crate::cells::Cells;
use crate::key::{Fields, Key};
use crate::reading::{Reading, read_cells, read_row, strange_key, walk_prefix};
use crate::store::{StoreError, Table};
use crate::table::{DEVICE_DAYS, SEQUENCE_WORDS, SEQUENCES, SHOP_DAYS};

/// How a row of a table is taken.
type Take = fn(&mut Terminals, &mut Fields<'_>, &[u8]) -> Result<(), StoreError>;

impl Terminals {
    /// What the terminals of a merchant did, or of all.
    pub fn read(reading: &dyn Reading, merchant: Option<MerchantId>) -> Result<Self, StoreError> {
        let mut terminals = Self { merchant, sums: Sums::read(reading, merchant)?, ..Self::default() };
        let mut prefix = Key::new();
        merchant.into_iter().for_each(|merchant| _ = prefix.merchant(merchant));
        let takes: [(Table, Take); 4] = [
            (SEQUENCES, Self::take_numbers),
            (DEVICE_DAYS, Self::take_day),
            (SEQUENCE_WORDS, Self::take_word),
            (SHOP_DAYS, Self::take_shop),
        ];
        for (table, take) in takes {
            walk_prefix(reading, table, &prefix, &mut |key, value| take(&mut terminals, &mut Fields::of(key), value))?;
        }
        Ok(terminals)
    }

    fn counter(&mut self, device: (MerchantId, TerminalId, TerminalEpoch)) -> &mut Counter {
        self.counters.entry(device).or_default()
    }

    fn take_numbers(&mut self, fields: &mut Fields<'_>, value: &[u8]) -> Result<(), StoreError> {
        let (device, block) = read_device(fields).zip(fields.u32()).ok_or_else(strange_key)?;
        let (counter, cells) = (self.counter(device), read_cells(value)?);
        for place in 0..BLOCK {
            if let Some(events) = cells.get(used(place)) {
                let first = cells.get(used_first(place)).map_or(Instant(i64::MAX), moment);
                counter.see(number(block, place), events, first);
            }
        }
        Ok(())
    }

    fn take_day(&mut self, fields: &mut Fields<'_>, value: &[u8]) -> Result<(), StoreError> {
        let (device, day) = read_device(fields).zip(fields.day()).ok_or_else(strange_key)?;
        let (counter, cells) = (self.counter(device), read_cells(value)?);
        counter.work_on(day);
        let at = |code| cells.get(code).and_then(|at| i64::try_from(at).ok());
        if let Some((first, last)) = at(FIRST).zip(at(LAST)) {
            counter.begin(day, Instant(first), Instant(last));
        }
        if cells.get(TOTALS).is_some() {
            counter.tell(day);
        }
        at(DELAY).into_iter().for_each(|delay| counter.delay(day, delay));
        Ok(())
    }

    fn take_word(&mut self, fields: &mut Fields<'_>, value: &[u8]) -> Result<(), StoreError> {
        let counter = self.counter(read_device(fields).ok_or_else(strange_key)?);
        match read_row(value)? {
            Word::Voided(from, to) => counter.void(TerminalSeq(from), TerminalSeq(to)),
            Word::Refused(seq) => counter.refuse(TerminalSeq(seq)),
            Word::Last(seq, at) => counter.state_last(TerminalSeq(seq), Instant(at)),
        }
        Ok(())
    }

    fn take_shop(&mut self, fields: &mut Fields<'_>, value: &[u8]) -> Result<(), StoreError> {
        let merchant = fields.merchant().ok_or_else(strange_key)?;
        let (shop, day) = fields.shop().zip(fields.day()).ok_or_else(strange_key)?;
        self.merchants.insert(merchant);
        if shop.0 != 0 {
            let (cells, Day(day)) = (read_cells(value)?, day);
            let has = |cells: &Cells, code| cells.get(code).is_some();
            let days = self.shops.entry((merchant, shop)).or_default();
            if has(&cells, FACTS) {
                days.named.insert(day.into(), day.into(), ());
            }
            if has(&cells, TRADE) {
                days.traded.insert(day.into(), day.into(), ());
            }
        }
        Ok(())
    }
}
