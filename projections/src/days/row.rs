//! A row of days: where and when, and the cells that are summed there.

use std::borrow::Cow;

use talon_domain::contribution::Account;
use talon_domain::fact::TicketKind;
use talon_domain::ids::{MerchantId, ShopId, TerminalId};
use talon_domain::money::Currency;
use talon_domain::plan::Plan;
use talon_domain::state::Status;
use talon_domain::time::Day;

use crate::cells::Code;
use crate::key::{Fields, Key};

/// Where and when something is counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Who is paid.
    pub merchant: MerchantId,
    /// The day in Paris.
    pub day: Day,
    /// Which shop; 0 is none.
    pub shop: ShopId,
    /// Which terminal; 0 is none.
    pub terminal: TerminalId,
    /// Registry code of who finances; empty is none.
    pub provider: String,
}

/// The same, as it lies in a row's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PlaceIn<'k> {
    pub(super) merchant: MerchantId,
    pub(super) day: Day,
    pub(super) shop: ShopId,
    pub(super) terminal: TerminalId,
    pub(super) provider: Cow<'k, str>,
}

impl<'k> PlaceIn<'k> {
    pub(super) fn read(key: &'k [u8]) -> Option<Self> {
        let mut fields = Fields::of(key);
        let (merchant, day) = (fields.merchant()?, fields.day()?);
        let (shop, terminal, provider) = (fields.shop()?, fields.terminal()?, fields.borrowed_text()?);
        Some(Self { merchant, day, shop, terminal, provider })
    }

    /// The place itself.
    pub(super) fn owned(self) -> Place {
        let Self { merchant, day, shop, terminal, provider } = self;
        Place { merchant, day, shop, terminal, provider: provider.into_owned() }
    }

    pub(super) fn is(&self, place: &Place) -> bool {
        (self.merchant, self.day, self.shop, self.terminal) == (place.merchant, place.day, place.shop, place.terminal)
            && self.provider == place.provider
    }
}

/// Bytes before the day in a key.
const DAY_AT: std::ops::Range<usize> = 8..10;

impl Place {
    /// Writes the key of its row.
    pub fn write(&self, key: &mut Key) {
        write_place(key, self.merchant, self.day, (self.shop, self.terminal), &self.provider);
    }

    /// Reads a row's key.
    pub fn read(key: &[u8]) -> Option<Self> {
        PlaceIn::read(key).map(PlaceIn::owned)
    }

    /// The day of a row's key.
    pub(super) fn day_of(key: &[u8]) -> Option<Day> {
        let bytes = key.get(DAY_AT)?.first_chunk()?;
        Some(Day(u16::from_be_bytes(*bytes)))
    }

    /// Writes the same key on another day.
    pub(super) fn write_on(key: &[u8], day: Day, moved: &mut Key) -> Option<()> {
        let (before, behind) = (key.get(..DAY_AT.start)?, key.get(DAY_AT.end..)?);
        moved.clear().bytes(before).day(day).bytes(behind);
        Some(())
    }
}

/// Writes the key of a row.
pub(super) fn write_place(
    key: &mut Key,
    merchant: MerchantId,
    day: Day,
    (shop, terminal): (ShopId, TerminalId),
    provider: &str,
) {
    key.merchant(merchant).day(day).shop(shop).terminal(terminal).text(provider);
}

/// What is counted. The numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Payments that came so far.
    Payments(Status),
    /// What was asked for in payments that came so far: the sale where it is known, else what was typed.
    Asked(Status),
    /// Sales.
    Sales,
    /// What contributions add to this account.
    Money(Account),
    /// Debits that count.
    Debits,
    /// Refunds that count.
    Refunds,
    /// Chargebacks that count.
    Chargebacks,
    /// Fees and interest that customers agreed to pay, of sales.
    CustomerCost,
    /// Originals that left the printer, by kind of ticket.
    Printed(TicketKind),
    /// Copies after the first.
    Reprinted,
    /// Facts told.
    Facts,
    /// The earliest moment of a fact.
    First,
    /// The latest moment of a fact.
    Last,
}

/// What kind of plan a cell counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlanKey {
    /// No plan is known, or it does not matter.
    None,
    /// So many instalments.
    Times(u8),
    /// One debit, later.
    Deferred,
}

/// One cell of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// What is counted.
    pub measure: Measure,
    /// Of which plans.
    pub plan: PlanKey,
    /// In which currency; `None` for what is no money.
    pub currency: Option<Currency>,
}

const DEFERRED: u32 = 127;
const PLAN_BITS: u32 = 7;
const CURRENCY_BITS: u32 = 15;
const LETTERS: u32 = 26;

impl PlanKey {
    /// The key of a plan.
    pub fn of(plan: &Plan) -> Self {
        if plan.is_deferred() {
            return Self::Deferred;
        }
        u8::try_from(plan.installments_count)
            .ok()
            .filter(|count| u32::from(*count) < DEFERRED)
            .map_or(Self::None, Self::Times)
    }

    fn number(self) -> u32 {
        match self {
            Self::None => 0,
            Self::Times(count) => count.into(),
            Self::Deferred => DEFERRED,
        }
    }

    fn from_number(number: u32) -> Self {
        match number {
            0 => Self::None,
            DEFERRED => Self::Deferred,
            count => u8::try_from(count).map_or(Self::None, Self::Times),
        }
    }
}

impl Measure {
    /// All of them, in the order of their numbers.
    pub fn all() -> impl Iterator<Item = Self> {
        (0x10..0x60).filter_map(Self::from_number)
    }

    /// Its stable name.
    pub fn name(self) -> String {
        match self {
            Self::Payments(status) => format!("payments_{}", status.name()),
            Self::Asked(status) => format!("asked_{}", status.name()),
            Self::Money(account) => account.name().to_owned(),
            Self::Printed(kind) => format!("printed_{}", kind.name()),
            Self::Sales => "sales".to_owned(),
            Self::Debits => "debits".to_owned(),
            Self::Refunds => "refunds".to_owned(),
            Self::Chargebacks => "chargebacks".to_owned(),
            Self::CustomerCost => "customer_cost".to_owned(),
            Self::Reprinted => "reprinted".to_owned(),
            Self::Facts => "facts".to_owned(),
            Self::First => "first".to_owned(),
            Self::Last => "last".to_owned(),
        }
    }

    /// The one with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|measure| measure.name() == name)
    }

    /// Whether it is an amount of money, in minor units of the cell's currency.
    pub const fn is_money(self) -> bool {
        matches!(self, Self::Asked(_) | Self::Money(_) | Self::CustomerCost)
    }

    /// Whether it is a moment, in microseconds since 1970: the earliest or the latest, never a sum.
    pub const fn is_moment(self) -> bool {
        matches!(self, Self::First | Self::Last)
    }

    fn number(self) -> u32 {
        match self {
            Self::Payments(status) => 0x10 | status as u32,
            Self::Asked(status) => 0x20 | status as u32,
            Self::Money(account) => 0x30 | account as u32,
            Self::Printed(kind) => 0x40 | kind as u32,
            Self::Sales => 0x50,
            Self::Debits => 0x51,
            Self::Refunds => 0x52,
            Self::Chargebacks => 0x53,
            Self::CustomerCost => 0x54,
            Self::Reprinted => 0x55,
            Self::Facts => 0x56,
            Self::First => 0x57,
            Self::Last => 0x58,
        }
    }

    fn from_number(number: u32) -> Option<Self> {
        let low = number & 0xf;
        let status = || Status::ALL.into_iter().find(|status| *status as u32 == low);
        match number & 0xf0 {
            0x10 => status().map(Self::Payments),
            0x20 => status().map(Self::Asked),
            0x30 => Account::ALL.into_iter().find(|account| *account as u32 == low).map(Self::Money),
            0x40 => TicketKind::from_number(low).map(Self::Printed),
            0x50 => [
                Self::Sales,
                Self::Debits,
                Self::Refunds,
                Self::Chargebacks,
                Self::CustomerCost,
                Self::Reprinted,
                Self::Facts,
                Self::First,
                Self::Last,
            ]
            .into_iter()
            .find(|measure| measure.number() == number),
            _ => None,
        }
    }
}

impl Cell {
    /// A cell of no plan and no currency.
    pub const fn of(measure: Measure) -> Self {
        Self { measure, plan: PlanKey::None, currency: None }
    }

    /// Its code in a row: kind of sum, measure, plan, currency.
    pub fn code(self) -> Code {
        let places = self.measure.number() << (PLAN_BITS + CURRENCY_BITS) | self.plan.number() << CURRENCY_BITS;
        let name = places | self.currency.map_or(0, currency_number);
        match self.measure {
            Measure::First => Code::minimum(name),
            Measure::Last => Code::maximum(name),
            _ => Code::sum(name),
        }
    }

    /// The cell of a code; `None` for one that this release does not know.
    pub fn from_code(code: Code) -> Option<Self> {
        let code = code.name();
        let measure = Measure::from_number(code >> (PLAN_BITS + CURRENCY_BITS))?;
        let plan = PlanKey::from_number(code >> CURRENCY_BITS & ((1 << PLAN_BITS) - 1));
        let currency = currency_from_number(code & ((1 << CURRENCY_BITS) - 1));
        Some(Self { measure, plan, currency })
    }
}

/// Three letters as a number from 1.
pub(crate) fn currency_number(currency: Currency) -> u32 {
    let letters = currency.code().bytes().map(|letter| u32::from(letter.saturating_sub(b'A')));
    letters.fold(0u32, |number, letter| number.saturating_mul(LETTERS).saturating_add(letter)).saturating_add(1)
}

/// The currency of such a number.
pub(crate) fn currency_from_number(number: u32) -> Option<Currency> {
    let number = number.checked_sub(1)?;
    let letter = |of: u32| u8::try_from(of % LETTERS).ok().map(|letter| char::from(b'A'.saturating_add(letter)));
    let code: Option<String> = [number / LETTERS / LETTERS, number / LETTERS, number].into_iter().map(letter).collect();
    Currency::parse(&code?)
}
