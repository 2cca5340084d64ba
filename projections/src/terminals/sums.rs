//! What a terminal, or a till, took on a day: as its own totals state it, and as the ledger counts it. Invariants:
//! - the two are never mixed, and neither is ever corrected by the other
//! - providers and currencies are summed apart; two devices behind one number on one day are one terminal at its till
//!
//! The ledger counts a sale for the payment's terminal on the day of the sale. A refund counts on its own day for the
//! terminal that a fact of it names, its request or its completion: one that was made elsewhere is on no terminal's paper.
//! A till's sales are those of payments that name it; its refunds those of them that its payment's terminal made.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use talon_domain::fact::Text;
use talon_domain::ids::{MerchantId, TerminalId};
use talon_domain::money::Currency;
use talon_domain::time::Day;

use super::row::{COUNT, Line, NET, Teller, read_told};
use crate::key::{Fields, Key, behind};
use crate::reading::{Reading, read_cells, read_row, strange_key, strange_row, walk, walk_prefix};
use crate::registry::Registry;
use crate::store::{StoreError, Table};
use crate::table::{COUNTED, STATED};

/// So many operations, and what they come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Sales and refunds.
    pub count: u64,
    /// Sales less refunds, in minor units.
    pub net: i128,
}

/// What an application took on a day, by the terminal and by the ledger; or a tender, by the till.
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

/// What is stated less what is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Of operations.
    pub count: i128,
    /// In minor units.
    pub net: i128,
}

impl DayTotal {
    /// Whether both say the same; what the ledger does not follow cannot differ.
    pub fn agrees(&self) -> bool {
        self.counted.is_none_or(|counted| counted == self.stated)
    }

    /// What is stated less what is counted; none of what the ledger does not follow.
    pub fn difference(&self) -> Difference {
        let Some(counted) = self.counted else { return Difference::default() };
        Difference {
            count: i128::from(self.stated.count).saturating_sub(counted.count.into()),
            net: self.stated.net.saturating_sub(counted.net),
        }
    }
}

/// A teller on a day.
pub(super) type TellerDay = (MerchantId, Teller, Day);
/// What an application, or a provider, took in a currency.
pub(super) type Lines = BTreeMap<(Text, Currency), Sum>;

/// The sums of both sides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    stated: BTreeMap<TellerDay, Lines>,
    counted: BTreeMap<TellerDay, Lines>,
    /// Who finances payments, by merchant.
    providers: BTreeMap<MerchantId, BTreeSet<Text>>,
}

impl Sum {
    fn add(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        self.net = self.net.saturating_add(other.net);
    }
}

impl Sums {
    /// The sums of all days of a merchant, or of all.
    pub(super) fn read(reading: &dyn Reading, merchant: Option<MerchantId>) -> Result<Self, StoreError> {
        let (mut sums, mut prefix) = (Self::default(), Key::new());
        merchant.into_iter().for_each(|merchant| _ = prefix.merchant(merchant));
        walk_prefix(reading, STATED, &prefix, &mut |key, value| sums.take(STATED, key, value))?;
        walk_prefix(reading, COUNTED, &prefix, &mut |key, value| sums.take(COUNTED, key, value))?;
        Ok(sums)
    }

    /// The sums of some days of a merchant.
    pub(super) fn read_days(
        reading: &dyn Reading,
        merchant: MerchantId,
        days: &RangeInclusive<Day>,
    ) -> Result<Self, StoreError> {
        let on = |day: Day| {
            let mut key = Key::new();
            key.merchant(merchant).day(day);
            key
        };
        let (mut sums, from, below) = (Self::default(), on(*days.start()), behind(on(*days.end()).as_bytes()));
        for table in [STATED, COUNTED] {
            let take = &mut |key: &[u8], value: &[u8]| sums.take(table, key, value);
            walk(reading, table, from.as_bytes(), below.as_deref(), take)?;
        }
        // The merchant's providers stand before all days.
        walk_prefix(reading, COUNTED, &on(Day(0)), &mut |key, value| sums.take(COUNTED, key, value))?;
        Ok(sums)
    }

    fn take(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        let mut fields = Fields::of(key);
        let (merchant, day, teller) = read_told(&mut fields).ok_or_else(strange_key)?;
        let Some(teller) = teller else {
            let provider = fields.text().ok_or_else(strange_key)?;
            self.providers.entry(merchant).or_default().insert(provider.into());
            return Ok(());
        };
        let place = (merchant, teller, day);
        if table == STATED {
            let lines = self.stated.entry(place).or_default();
            for line in read_row::<Vec<Line>>(value)? {
                let currency = line.currency().ok_or_else(strange_row)?;
                let sum = Sum { count: line.count.into(), net: line.net };
                lines.entry((line.application.into(), currency)).or_default().add(sum);
            }
            return Ok(());
        }
        let (provider, currency) = fields.text().zip(currency(fields.rest())).ok_or_else(strange_key)?;
        let cells = read_cells(value)?;
        let count = cells.get(COUNT).and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
        let sum = Sum { count, net: cells.get(NET).unwrap_or(0) };
        self.counted.entry(place).or_default().insert((provider.into(), currency), sum);
        Ok(())
    }

    /// Who stated anything of which day, in the order of merchants, tellers and days.
    pub(super) fn told(&self) -> impl Iterator<Item = &TellerDay> {
        self.stated.keys()
    }

    /// Applications that are followed: payments or fee plans of the merchant name them as their provider.
    pub(super) fn followed(&self, merchant: MerchantId, registry: &Registry) -> BTreeSet<Text> {
        let in_plans = registry.fee_plans().filter(|(of, _)| *of == merchant).map(|(_, plan)| &plan.what.provider);
        self.providers.get(&merchant).into_iter().flatten().chain(in_plans).cloned().collect()
    }

    /// A terminal's totals of each day on which it stated any.
    pub(super) fn of_terminal(&self, merchant: MerchantId, terminal: TerminalId, registry: &Registry) -> Vec<DayTotal> {
        let day = |day| (merchant, Teller::Terminal(terminal), day);
        let mut days = self.stated.range(day(Day(0))..=day(Day(u16::MAX))).peekable();
        let followed = days.peek().map(|_| self.followed(merchant, registry)).unwrap_or_default();
        days.flat_map(|(place, _)| self.totals(place, &followed)).collect()
    }

    /// What a teller stated of a day beside what the ledger counted, in the order of applications and currencies. A
    /// provider that the ledger counted and the teller left out is in the list too. A till writes a tender as it likes:
    /// `ALMA` is alma.
    pub(super) fn totals(&self, place: &TellerDay, followed: &BTreeSet<Text>) -> Vec<DayTotal> {
        let (_, teller, day) = place;
        let code = |application: &Text| match teller {
            Teller::Terminal(_) => application.clone(),
            Teller::Till(..) => {
                let same = followed.iter().find(|code| code.eq_ignore_ascii_case(application));
                same.unwrap_or(application).clone()
            }
        };
        let mut lines = BTreeMap::<(Text, Currency), (Sum, Sum)>::new();
        for ((application, currency), sum) in self.stated.get(place).into_iter().flatten() {
            lines.entry((code(application), *currency)).or_default().0.add(*sum);
        }
        for (key, sum) in self.counted.get(place).into_iter().flatten() {
            lines.entry(key.clone()).or_default().1.add(*sum);
        }
        let totals = lines.into_iter().map(|((application, currency), (stated, counted))| {
            let counted = Some(counted).filter(|_| followed.contains(&application));
            DayTotal { day: *day, application, currency, stated, counted }
        });
        totals.collect()
    }
}

fn currency(code: &[u8]) -> Option<Currency> {
    std::str::from_utf8(code).ok().and_then(Currency::parse)
}
