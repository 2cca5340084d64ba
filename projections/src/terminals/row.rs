//! Rows of terminals: their keys, and what is in them.
//!
//! ```text
//! SEQUENCES       merchant, terminal, epoch, block          cells: how often a number was used, and when first
//! DEVICE_DAYS     merchant, terminal, epoch, day            cells: what the device did on a day
//! SHOP_DAYS       merchant, shop, day                       cells: how often facts named a shop on a day
//! SEQUENCE_WORDS  merchant, terminal, epoch, stream         what one stream says of numbers
//! STATED          merchant, day, teller, stream             what one stream says of a teller's day
//! COUNTED         merchant, day, teller, provider, currency cells: what the ledger counts of a teller's day
//! ```
//!
//! Invariants:
//! - a block has as many numbers as [`BLOCK`] says, so one number costs the same wherever it lies
//! - a number's first moment is held in seconds: a hole is late for a day, and a second less is nothing
//! - moments and delays look at the records of the facts that were admitted, so they are those of one ledger; all else is
//!   a function of what was published

use serde::{Deserialize, Serialize};
use talon_domain::fact::Text;
use talon_domain::ids::{MerchantId, ShopId, TerminalEpoch, TerminalId};
use talon_domain::money::Currency;
use talon_domain::time::{Day, Instant};

use crate::cells::Code;
use crate::key::{Fields, Key};

/// A device: merchant, terminal number, epoch from 1.
pub(super) type Device = (MerchantId, TerminalId, TerminalEpoch);

/// Numbers of one row.
pub(super) const BLOCK: u32 = 64;

const SECOND_US: i64 = 1_000_000;

/// A number's row, and its place there.
pub(super) const fn block(seq: u32) -> (u32, u32) {
    (seq / BLOCK, seq % BLOCK)
}

/// The number of a place in a row.
pub(super) const fn number(block: u32, place: u32) -> u32 {
    block.saturating_mul(BLOCK).saturating_add(place)
}

/// How often the number of a place was used.
pub(super) const fn used(place: u32) -> Code {
    Code::sum(place)
}

/// When the number of a place was used first, in seconds.
pub(super) const fn used_first(place: u32) -> Code {
    Code::minimum(place)
}

/// A moment as it is held beside a number.
pub(super) fn seconds(at: Instant) -> i128 {
    at.0.div_euclid(SECOND_US).into()
}

/// The moment of these seconds.
pub(super) fn moment(seconds: i128) -> Instant {
    Instant(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(SECOND_US))
}

/// Facts of a device's day, or that named a shop on a day.
pub(super) const FACTS: Code = Code::sum(1);
/// Totals that somebody stated of a device's day.
pub(super) const TOTALS: Code = Code::sum(2);
/// The first moment of a device's day, by what came from the device.
pub(super) const FIRST: Code = Code::minimum(3);
/// The last moment of a device's day, by what came from the device.
pub(super) const LAST: Code = Code::maximum(4);
/// The smallest delay between what the device told and its record, in microseconds.
pub(super) const DELAY: Code = Code::minimum(5);
/// Payments that began in a shop on a day, and are no practice.
pub(super) const TRADE: Code = Code::sum(6);
/// Facts that register something, and name the merchant alone: in a row of no shop and no day.
pub(super) const REGISTRY: Code = Code::sum(7);

/// How many sales and refunds the ledger counts.
pub(super) const COUNT: Code = Code::sum(1);
/// Sales less refunds, in minor units.
pub(super) const NET: Code = Code::sum(2);
/// Payments that name a provider, in a row of no day and of nobody.
pub(super) const PAYMENTS: Code = Code::sum(3);

pub(super) fn write_device(key: &mut Key, (merchant, terminal, epoch): Device) -> &mut Key {
    key.merchant(merchant).terminal(terminal).epoch(epoch)
}

pub(super) fn read_device(fields: &mut Fields<'_>) -> Option<Device> {
    Some((fields.merchant()?, fields.terminal()?, fields.epoch()?))
}

/// What a stream says of a device's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Word {
    /// From one number to another, none named an event.
    Voided(u32, u32),
    /// The door refused the event of this number.
    Refused(u32),
    /// The last number in use, and when that was said, in microseconds.
    Last(u32, i64),
}

/// Who states the totals of a day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Teller {
    /// A terminal, by its number.
    Terminal(TerminalId),
    /// A till of a shop.
    Till(ShopId, Text),
}

const NOBODY: u8 = 0;
const TERMINAL: u8 = 1;
const TILL: u8 = 2;

impl Teller {
    pub(super) fn write<'k>(&self, key: &'k mut Key) -> &'k mut Key {
        match self {
            Self::Terminal(terminal) => key.u8(TERMINAL).terminal(*terminal),
            Self::Till(shop, till) => key.u8(TILL).shop(*shop).text(till),
        }
    }
}

/// Writes the key of a merchant's provider, which no teller's day has.
pub(super) fn write_provider(key: &mut Key, merchant: MerchantId, provider: &str) {
    key.merchant(merchant).day(Day(0)).u8(NOBODY).text(provider);
}

/// Where a teller's day begins: merchant, day, teller; `None` instead of the teller of a merchant's provider.
pub(super) fn read_told(fields: &mut Fields<'_>) -> Option<(MerchantId, Day, Option<Teller>)> {
    let (merchant, day) = (fields.merchant()?, fields.day()?);
    let teller = match fields.u8()? {
        NOBODY => None,
        TERMINAL => Some(Teller::Terminal(fields.terminal()?)),
        TILL => Some(Teller::Till(fields.shop()?, fields.text()?.into())),
        _ => return None,
    };
    Some((merchant, day, teller))
}

/// What a teller states of one application or tender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) application: String,
    currency: String,
    pub(super) count: u32,
    pub(super) net: i128,
}

impl Line {
    pub(super) fn new(application: &str, currency: Currency, count: u32, net: i128) -> Self {
        Self { application: application.to_owned(), currency: currency.code().to_owned(), count, net }
    }

    pub(super) fn currency(&self) -> Option<Currency> {
        Currency::parse(&self.currency)
    }
}
