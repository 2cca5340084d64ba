//! A morning, gathered from the views: the list, the shops, what is owed, the last days, and what the answer is as of.

use std::collections::BTreeMap;

use talon_domain::contribution::Account;
use talon_domain::ids::{MerchantId, ShopId, TerminalEpoch, TerminalId};
use talon_domain::money::Currency;
use talon_domain::time::{Day, Instant};
use talon_projections::days::{By, Filter, Measure, day_lines};
use talon_projections::open_items::Bucket;
use talon_projections::reading::Reading;
use talon_projections::registry::{Registry, nic_on};
use talon_projections::settlement::{PayoutLine, Settled, Status};
use talon_projections::store::StoreError;
use talon_projections::terminals::{Hole, Terminals};
use talon_projections::worklist::{Asked, Item, worklist};

use super::changes::{Change, changes};
use super::shops::{ShopDay, Where, shop_days};

/// How many days a chart shows.
const CHART_DAYS: u16 = 14;
/// Payouts of so many days are listed.
const PAYOUT_DAYS: u16 = 7;

/// What is asked.
#[expect(missing_debug_implementations, reason = "what reads views has none")]
pub struct Setting<'a> {
    /// Where views are read.
    pub reading: &'a dyn Reading,
    /// When, beside which registry, whose.
    pub asked: Asked<'a>,
    /// The day that is looked at.
    pub day: Day,
    /// The list of the morning before, if it is known.
    pub before: Option<&'a [Item]>,
    /// Of which ledger, as of when.
    pub stand: Stand,
}

/// What the page is as of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stand {
    /// The ledger's id.
    pub ledger: String,
    /// The positions that the answer is made of, as they are typed.
    pub positions: String,
    /// Records that could not be folded, and so are in no figure.
    pub aside: u64,
    /// The root of each partition that holds more than its first record: partition, size, root.
    pub roots: Vec<(u16, u64, String)>,
}

/// A morning.
#[expect(missing_debug_implementations, reason = "what reads views has none")]
pub struct Morning<'a> {
    pub(super) setting: &'a Setting<'a>,
    /// The items, in the order in which somebody should look.
    pub items: Vec<Item>,
    pub(super) shops: BTreeMap<Where, ShopDay>,
    /// By merchant, provider, currency and status: how many, and what they come to before and after fees.
    pub(super) owed: BTreeMap<(MerchantId, String, Currency, Status), Owed>,
    pub(super) payouts: Vec<(MerchantId, PayoutLine)>,
    pub(super) holes: Vec<HoleAt>,
    pub(super) days: BTreeMap<(Currency, Day), DaySums>,
    /// What changed; `None` where the list before is not known.
    pub changes: Option<Vec<Change>>,
}

/// What lines come to, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Owed {
    pub(super) count: usize,
    pub(super) gross: i128,
    pub(super) net: i128,
}

/// A hole, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HoleAt {
    pub(super) merchant: MerchantId,
    pub(super) shop: ShopId,
    pub(super) terminal: TerminalId,
    pub(super) epoch: TerminalEpoch,
    pub(super) hole: Hole,
}

/// A day in a chart, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct DaySums {
    pub(super) sold: i128,
    pub(super) settled: i128,
}

/// Items of one age: how many, and what is at stake by currency.
pub(super) type Aged = (usize, BTreeMap<Currency, u128>);

impl<'a> Morning<'a> {
    /// A morning of these views.
    ///
    /// # Errors
    /// The views cannot be read.
    pub fn of(setting: &'a Setting<'a>) -> Result<Self, StoreError> {
        let list = worklist(setting.reading, &setting.asked)?;
        let changes = setting.before.map(|before| changes(&list.items, before));
        let mut morning = Self {
            setting,
            items: list.items,
            shops: BTreeMap::new(),
            owed: BTreeMap::new(),
            payouts: Vec::new(),
            holes: holes(setting)?,
            days: BTreeMap::new(),
            changes,
        };
        for (merchant, settled) in &list.settled {
            morning.take(*merchant, settled)?;
        }
        Ok(morning)
    }

    fn take(&mut self, merchant: MerchantId, settled: &Settled) -> Result<(), StoreError> {
        let Setting { reading, asked, day, .. } = self.setting;
        shop_days(*reading, asked.registry, merchant, *day, settled, &mut self.shops)?;
        for line in &settled.lines {
            let part = |part: fn(&talon_projections::settlement::Amounts) -> Option<i128>| {
                let told = line.booked.as_ref().and_then(part).or_else(|| line.expected.as_ref().and_then(part));
                told.unwrap_or(0)
            };
            let of = self.owed.entry((merchant, line.provider.clone(), line.currency, line.status)).or_default();
            of.count = of.count.saturating_add(1);
            of.gross = of.gross.saturating_add(part(|amounts| amounts.gross));
            of.net = of.net.saturating_add(part(|amounts| amounts.net));
        }
        let first = Day(day.0.saturating_sub(PAYOUT_DAYS));
        let recent = settled.payouts.iter().filter(|payout| payout.day >= first);
        self.payouts.extend(recent.map(|payout| (merchant, payout.clone())));
        self.last_days(merchant, settled)
    }

    /// What was sold on each of the last days, and what of it was booked.
    fn last_days(&mut self, merchant: MerchantId, settled: &Settled) -> Result<(), StoreError> {
        let day = self.setting.day;
        let days = Day(day.0.saturating_sub(CHART_DAYS - 1))..=day;
        let by = By { day: true, ..By::default() };
        for (place, line) in day_lines(self.setting.reading, merchant, days.clone(), &Filter::default(), by)? {
            for currency in line.currencies() {
                let sold = line.of(Measure::Money(Account::Sale), Some(currency));
                let of = self.days.entry((currency, place.day)).or_default();
                of.sold = of.sold.saturating_add(sold);
            }
        }
        let sales = settled.lines.iter().filter(|line| {
            line.what == talon_projections::settlement::What::Payment && days.contains(&line.happened_on)
        });
        for line in sales {
            let gross = line.booked.and_then(|booked| booked.gross).unwrap_or(0);
            let of = self.days.entry((line.currency, line.happened_on)).or_default();
            of.settled = of.settled.saturating_add(gross);
        }
        self.days.retain(|_, of| *of != DaySums::default());
        Ok(())
    }

    /// The items that are to be looked at, and those that rest on a note.
    pub fn parted(&self) -> (Vec<&Item>, Vec<&Item>) {
        self.items.iter().partition(|item| !item.rests)
    }

    /// The items by their age, the youngest first.
    pub(super) fn ageing(&self) -> BTreeMap<Bucket, Aged> {
        let mut ages: BTreeMap<Bucket, Aged> =
            Bucket::ALL.into_iter().map(|bucket| (bucket, Aged::default())).collect();
        for item in &self.items {
            let (count, sums) = ages.entry(item.age.bucket()).or_default();
            *count = count.saturating_add(1);
            add(sums, item);
        }
        ages
    }

    pub(super) const fn day(&self) -> Day {
        self.setting.day
    }

    pub(super) const fn at(&self) -> Instant {
        self.setting.asked.at
    }

    pub(super) const fn registry(&self) -> &'a Registry {
        self.setting.asked.registry
    }

    pub(super) const fn stand(&self) -> &'a Stand {
        &self.setting.stand
    }

    /// What a shop is called: its label, else its number.
    pub(super) fn shop_name(&self, merchant: MerchantId, shop: ShopId) -> String {
        let stated = self.registry().shop_by_nic(merchant, shop, self.day());
        let label = stated.and_then(|stated| stated.what.label.as_deref());
        label.map_or_else(|| if shop.0 == 0 { String::new() } else { shop.to_string() }, str::to_owned)
    }

    /// What a merchant is called: its label, else its number.
    pub(super) fn merchant_name(&self, merchant: MerchantId) -> String {
        self.registry().merchant(merchant).map_or_else(|| merchant.to_string(), |stated| stated.what.label.to_string())
    }
}

/// Adds what is at stake.
pub(super) fn add(sums: &mut BTreeMap<Currency, u128>, item: &Item) {
    if let Some((currency, amount)) = item.amount {
        let sum = sums.entry(currency).or_default();
        *sum = sum.saturating_add(amount);
    }
}

/// What items come to.
pub(super) fn at_stake<'i>(items: impl IntoIterator<Item = &'i Item>) -> BTreeMap<Currency, u128> {
    let mut sums = BTreeMap::new();
    items.into_iter().for_each(|item| add(&mut sums, item));
    sums
}

/// Every hole, whoever answers for it.
fn holes(setting: &Setting<'_>) -> Result<Vec<HoleAt>, StoreError> {
    let asked = &setting.asked;
    let terminals = Terminals::read(setting.reading, None)?;
    let mut holes = Vec::new();
    for of in terminals.list(asked.registry, asked.at) {
        if asked.merchants.as_ref().is_some_and(|wanted| !wanted.contains(&of.merchant)) {
            continue;
        }
        let code = of.assignment.and_then(|stated| stated.what.shop_code.as_deref());
        let shop = code.and_then(|code| nic_on(&asked.registry.shop(of.merchant, code)?.what, setting.day));
        let (merchant, terminal, epoch) = (of.merchant, of.terminal, of.epoch);
        let at = |hole: &Hole| HoleAt { merchant, shop: shop.unwrap_or_default(), terminal, epoch, hole: *hole };
        holes.extend(of.holes.iter().map(at));
    }
    Ok(holes)
}
