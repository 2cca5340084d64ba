//! One line a shop: what was sold, what the till and the terminals say, what the ledger counts, what the provider booked of
//! it, and what cannot be explained by waiting.
//!
//! The difference is that of what was booked: what the provider booked, less what was expected of the same sales and refunds.
//! What is not booked yet is no difference. A line of no shop is what a provider booked that the ledger does not know. What
//! the ledger counts may be less than what was expected: a full refund gives the customer's own fees back too, and those
//! were never the merchant's.

use std::collections::BTreeMap;

use talon_domain::contribution::Account;
use talon_domain::ids::{MerchantId, ShopId};
use talon_domain::money::Currency;
use talon_domain::time::Day;
use talon_projections::days::{By, DayLine, Filter, Measure, day_lines};
use talon_projections::reading::Reading;
use talon_projections::registry::{Registry, nic_on};
use talon_projections::settlement::{OwedLine, Settled, What};
use talon_projections::store::StoreError;
use talon_projections::terminals::{Teller, day_statements};
use talon_projections::transactions::row_of;

/// A shop's day in one currency; amounts in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ShopDay {
    /// How many sales.
    pub(super) sales: i128,
    /// What was sold.
    pub(super) sold: i128,
    /// What was given back.
    pub(super) refunded: i128,
    /// What tills state, sales less refunds; `None` where none states anything.
    pub(super) till: Option<i128>,
    /// What terminals state in applications that the ledger follows.
    pub(super) terminal: Option<i128>,
    /// What the provider booked, before fees.
    pub(super) provider: Option<i128>,
    /// What it has not booked yet.
    pub(super) not_booked: i128,
    /// Of how many sales and refunds.
    pub(super) waiting: usize,
    /// What was booked, less what was expected of the same.
    pub(super) difference: i128,
}

/// Whose, where, in which currency.
pub(super) type Where = (MerchantId, ShopId, Currency);

impl ShopDay {
    /// What the ledger counts: sales less refunds.
    pub(super) const fn ledger(&self) -> i128 {
        self.sold.saturating_sub(self.refunded)
    }
}

/// The shops of a merchant on a day.
pub(super) fn shop_days(
    reading: &dyn Reading,
    registry: &Registry,
    merchant: MerchantId,
    day: Day,
    settled: &Settled,
    shops: &mut BTreeMap<Where, ShopDay>,
) -> Result<(), StoreError> {
    let by = By { shop: true, ..By::default() };
    for (place, line) in day_lines(reading, merchant, day..=day, &Filter::default(), by)? {
        for currency in line.currencies() {
            counted(&line, currency, shops.entry((merchant, place.shop, currency)).or_default());
        }
    }
    stated(reading, registry, merchant, day, shops)?;
    for line in settled.lines.iter().filter(|line| line.happened_on == day && is_trade(line)) {
        let shop = line.stream.map(|key| row_of(reading, key)).transpose()?.flatten();
        let shop = shop.map_or(ShopId(0), |row| row.shop());
        booked(line, shops.entry((merchant, shop, line.currency)).or_default());
    }
    shops.retain(|_, of| *of != ShopDay::default());
    Ok(())
}

fn counted(line: &DayLine, currency: Currency, shop: &mut ShopDay) {
    let of = |account| line.of(Measure::Money(account), Some(currency));
    shop.sales = line.of(Measure::Sales, Some(currency));
    shop.sold = of(Account::Sale);
    let back = [Account::RefundCash, Account::RefundRebate, Account::RefundUndivided].map(of);
    shop.refunded = back.into_iter().fold(0, i128::saturating_add);
}

/// What tills and terminals state of what the ledger follows. A terminal that nobody registered is of the shop in which it
/// worked.
fn stated(
    reading: &dyn Reading,
    registry: &Registry,
    merchant: MerchantId,
    day: Day,
    shops: &mut BTreeMap<Where, ShopDay>,
) -> Result<(), StoreError> {
    let by = By { shop: true, terminal: true, ..By::default() };
    let worked = day_lines(reading, merchant, day..=day, &Filter::default(), by)?;
    let worked_in: BTreeMap<_, _> = worked.into_keys().map(|place| (place.terminal, place.shop)).collect();
    for statement in day_statements(reading, merchant, day..=day)? {
        let total = &statement.total;
        if total.counted.is_none() {
            continue;
        }
        let (shop, is_till) = match &statement.teller {
            Teller::Till(shop, _) => (*shop, true),
            Teller::Terminal(terminal) => {
                let assigned = registry.assignment_on(merchant, *terminal, day);
                let code = assigned.and_then(|stated| stated.what.shop_code.as_deref());
                let shop = code.and_then(|code| nic_on(&registry.shop(merchant, code)?.what, day));
                (shop.or_else(|| worked_in.get(terminal).copied()).unwrap_or_default(), false)
            }
        };
        let of = shops.entry((merchant, shop, total.currency)).or_default();
        let side = if is_till { &mut of.till } else { &mut of.terminal };
        *side = Some(side.unwrap_or(0).saturating_add(total.stated.net));
    }
    Ok(())
}

/// Sales and refunds; disputes and what a provider books of its own accord are no trade of the day.
const fn is_trade(line: &OwedLine) -> bool {
    matches!(line.what, What::Payment | What::Refund)
}

fn booked(line: &OwedLine, shop: &mut ShopDay) {
    let gross = line.booked.and_then(|booked| booked.gross);
    let expected = line.expected.and_then(|expected| expected.gross);
    match (gross, expected) {
        (Some(gross), _) => {
            shop.provider = Some(shop.provider.unwrap_or(0).saturating_add(gross));
            shop.difference = shop.difference.saturating_add(gross.saturating_sub(expected.unwrap_or(0)));
        }
        (None, Some(expected)) => {
            shop.not_booked = shop.not_booked.saturating_add(expected);
            shop.waiting = shop.waiting.saturating_add(1);
        }
        (None, None) => {}
    }
}
