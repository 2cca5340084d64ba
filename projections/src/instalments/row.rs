//! Rows of the calendar: sums by the day on which instalments fall due, and each instalment that is not collected.
//!
//! ```text
//! CALENDAR  merchant day shop provider                  cells by course, whether rescheduled, and currency
//! DUE       merchant day shop provider stream place     an instalment that is due, failed, claimed or covered
//! ```

use serde::{Deserialize, Serialize};
use talon_domain::anomaly::Language;
use talon_domain::ids::{MerchantId, ShopId, StreamKey};
use talon_domain::money::Currency;
use talon_domain::state::Progress;
use talon_domain::time::Day;

use crate::cells::Code;
use crate::days::{currency_from_number, currency_number};
use crate::key::{Fields, Key};

/// How far an instalment came. The numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Course {
    /// Taken, on its day or behind it.
    Collected = 1,
    /// Borne by the provider.
    Covered = 2,
    /// Handed to collection.
    Claimed = 3,
    /// A debit failed.
    Failed = 4,
    /// None of these.
    Due = 5,
    /// Taken on a day before its own.
    CollectedEarly = 6,
    /// Not due any more.
    Released = 7,
}

/// Where and when instalments fall due.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DuePlace {
    /// Who was paid.
    pub merchant: MerchantId,
    /// The day in Paris.
    pub day: Day,
    /// Which shop sold; 0 is none.
    pub shop: ShopId,
    /// Registry code of who finances; empty is none.
    pub provider: String,
}

/// An instalment that is not collected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueInstalment {
    /// Its number in the provider's plan.
    pub number: u32,
    /// Of so many.
    pub installments_count: u32,
    /// Which version of the plan names it.
    pub plan_version: u32,
    pub(super) course: u8,
    pub(super) currency: [u8; 3],
    /// In minor units.
    pub amount: u64,
    pub(super) rescheduled_from: Option<u16>,
}

impl Course {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 7] =
        [Self::Collected, Self::Covered, Self::Claimed, Self::Failed, Self::Due, Self::CollectedEarly, Self::Released];

    /// The course of an instalment that is not released.
    pub(super) const fn of(progress: Progress, is_early: bool) -> Self {
        match progress {
            Progress::Collected if is_early => Self::CollectedEarly,
            Progress::Collected => Self::Collected,
            Progress::Covered => Self::Covered,
            Progress::Claimed => Self::Claimed,
            Progress::Failed => Self::Failed,
            Progress::Due => Self::Due,
        }
    }

    pub(super) fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|course| *course as u32 == number)
    }

    /// Whether the customer still owes it: once its day has passed, it is late.
    pub const fn is_owed(self) -> bool {
        matches!(self, Self::Due | Self::Failed | Self::Claimed)
    }

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Collected => "collected",
            Self::Covered => "covered",
            Self::Claimed => "claimed",
            Self::Failed => "failed",
            Self::Due => "due",
            Self::CollectedEarly => "collected_early",
            Self::Released => "released",
        }
    }

    /// For people.
    pub const fn words(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Collected, Language::French) => "prélevée",
            (Self::Covered, Language::French) => "prise en charge",
            (Self::Claimed, Language::French) => "en recouvrement",
            (Self::Failed, Language::French) => "prélèvement échoué",
            (Self::Failed, Language::English) => "debit failed",
            (Self::Due, Language::French) => "à échoir",
            (Self::CollectedEarly, Language::French) => "prélevée par avance",
            (Self::CollectedEarly, Language::English) => "collected early",
            (Self::Released, Language::French) => "éteinte",
            (Self::Released, Language::English) => "no longer due",
            (other, Language::English) => other.name(),
        }
    }
}

/// Writes the key of the sums of a merchant's day and shop, and the beginning of its instalments' keys.
pub(super) fn write_due(key: &mut Key, (merchant, day, shop): (MerchantId, Day, ShopId), provider: &str) {
    key.merchant(merchant).day(day).shop(shop).text(provider);
}

impl DuePlace {
    fn read_from(fields: &mut Fields<'_>) -> Option<Self> {
        let (merchant, day) = (fields.merchant()?, fields.day()?);
        Some(Self { merchant, day, shop: fields.shop()?, provider: fields.text()? })
    }

    /// Reads the key of sums.
    pub(super) fn read(key: &[u8]) -> Option<Self> {
        Self::read_from(&mut Fields::of(key))
    }

    /// Reads the key of an instalment.
    pub(super) fn read_due(key: &[u8]) -> Option<(Self, StreamKey)> {
        let mut fields = Fields::of(key);
        let place = Self::read_from(&mut fields)?;
        let stream = fields.stream(place.merchant)?;
        Some((place, stream))
    }
}

impl DueInstalment {
    /// How far it came.
    pub fn course(&self) -> Course {
        Course::from_number(self.course.into()).unwrap_or(Course::Due)
    }

    /// In which currency.
    pub fn currency(&self) -> Option<Currency> {
        Currency::parse(std::str::from_utf8(&self.currency).ok()?)
    }

    /// The day on which the first version of the plan had it, if that was another.
    pub fn rescheduled_from(&self) -> Option<Day> {
        self.rescheduled_from.map(Day)
    }
}

/// One cell of a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DueCell {
    pub(super) course: Course,
    pub(super) is_rescheduled: bool,
    /// It is an amount, else a number of instalments.
    pub(super) is_amount: bool,
    pub(super) currency: Currency,
}

const CURRENCY_BITS: u32 = 15;

impl DueCell {
    /// Its code in a row: course, two flags, currency.
    pub(super) fn code(self) -> Code {
        let flags = u32::from(self.is_rescheduled) << 1 | u32::from(self.is_amount);
        Code::sum((self.course as u32) << (CURRENCY_BITS + 2) | flags << CURRENCY_BITS | currency_number(self.currency))
    }

    /// The cell of a code; `None` for one that this release does not know.
    pub(super) fn from_code(code: Code) -> Option<Self> {
        let name = code.name();
        Some(Self {
            course: Course::from_number(name >> (CURRENCY_BITS + 2))?,
            is_rescheduled: name >> (CURRENCY_BITS + 1) & 1 == 1,
            is_amount: name >> CURRENCY_BITS & 1 == 1,
            currency: currency_from_number(name & ((1 << CURRENCY_BITS) - 1))?,
        })
    }
}
