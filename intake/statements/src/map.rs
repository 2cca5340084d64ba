//! Maps: how a table of a provider is read. Columns by label, conventions for amounts and times, kinds of lines. A map is
//! a file of TOML that a person writes; those of known providers come with the crate.
//!
//! Invariant: a map that could not be kept is refused when it is read, with what is wrong in it.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use talon_domain::fact::LineKind;
use talon_domain::money::Currency;

use crate::moment::Zone;
use crate::number::{Convention, Decimal, Unit};

/// Lines that one row makes.
const PARTS_MAX: usize = 8;

const ALMA: &str = include_str!("maps/alma.toml");
const ONEY: &str = include_str!("maps/oney.toml");

/// What a column may say of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Field {
    /// The provider's own id of the line.
    LineId,
    /// What it is about, in the provider's words.
    Kind,
    /// When it happened.
    HappenedAt,
    /// When it was booked.
    BookingDay,
    /// When it counts.
    ValueDay,
    /// Before what is kept of it.
    Amount,
    /// The same where it is taken from the merchant.
    Debit,
    /// The same where it is given to the merchant.
    Credit,
    /// What is kept of it.
    Fee,
    /// The tax, as given.
    Tax,
    /// What is left.
    Net,
    /// The same where it is taken from the merchant.
    NetDebit,
    /// The same where it is given to the merchant.
    NetCredit,
    /// Of all amounts.
    Currency,
    /// The provider's id of the payment.
    PaymentId,
    /// The provider's id of the refund.
    RefundId,
    /// The provider's id of the dispute.
    DisputeId,
    /// A payout's own line: which payout.
    PayoutId,
    /// The payout that pays the line.
    IncludedInPayoutId,
    /// What it says to people.
    Reference,
    /// What the payer gave with a transfer.
    EndToEndId,
    /// The bank's own reference.
    BankReference,
}

impl Field {
    pub(crate) const COUNT: usize = Self::BankReference as usize + 1;
    /// One of these has to be there.
    pub(crate) const TIMES: [Self; 3] = [Self::HappenedAt, Self::BookingDay, Self::ValueDay];
    /// One of these has to be there, in each part.
    pub(crate) const AMOUNTS: [Self; 3] = [Self::Amount, Self::Debit, Self::Credit];
}

/// A label, or several of which a file has one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Labels {
    One(String),
    Several(Vec<String>),
}

impl Labels {
    fn iter(&self) -> std::slice::Iter<'_, String> {
        match self {
            Self::One(label) => std::slice::from_ref(label).iter(),
            Self::Several(labels) => labels.iter(),
        }
    }
}

/// What the columns of a table are called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Columns(BTreeMap<Field, Labels>);

impl Columns {
    pub(crate) fn labels(&self, field: Field) -> impl Iterator<Item = &str> {
        self.0.get(&field).into_iter().flat_map(Labels::iter).map(String::as_str)
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = Field> {
        self.0.keys().copied()
    }

    fn has_one_of(&self, fields: &[Field]) -> bool {
        fields.iter().any(|field| self.0.contains_key(field))
    }
}

/// One of several lines that a row makes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    /// What the ledger calls that: the line's native type.
    pub(crate) name: String,
    pub(crate) columns: Columns,
    /// What it is about, where no column says it.
    #[serde(default, deserialize_with = "kind_by_name")]
    pub(crate) kind: Option<LineKind>,
}

/// Which way an amount goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Signs {
    /// Below nothing it is taken from the merchant.
    #[default]
    AsGiven,
    /// By what the line is about: `credits` and `debits`.
    ByKind,
}

/// How a table is read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Map {
    /// What the ledger calls the format.
    pub(crate) format: String,
    /// Registry code of who finances what is in it.
    #[serde(default)]
    pub(crate) provider: Option<String>,
    #[serde(default, deserialize_with = "currency_by_code")]
    pub(crate) currency: Option<Currency>,
    #[serde(default)]
    decimal: Decimal,
    #[serde(default)]
    unit: Unit,
    #[serde(default)]
    pub(crate) zone: Zone,
    #[serde(default)]
    pub(crate) signs: Signs,
    /// Kinds in the provider's words that go to the merchant, or are taken from it.
    #[serde(default)]
    pub(crate) credits: Vec<String>,
    #[serde(default)]
    pub(crate) debits: Vec<String>,
    pub(crate) columns: Columns,
    /// Columns without which the file is another one.
    #[serde(default)]
    pub(crate) required: Vec<Field>,
    #[serde(default)]
    pub(crate) parts: Vec<Part>,
    /// Columns of persons: never kept.
    #[serde(default)]
    pub(crate) personal: Vec<String>,
    /// Columns that are known and not kept.
    #[serde(default)]
    pub(crate) aside: Vec<String>,
    #[serde(default, deserialize_with = "kinds_by_name")]
    pub(crate) kinds: BTreeMap<String, LineKind>,
}

/// Why a map is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MapError {
    /// It is no TOML, or has keys that no map has.
    #[error("{0}")]
    Toml(String),
    /// No column says how much.
    #[error("no column says how much: `amount`, or `debit` and `credit`{0}")]
    NoAmount(String),
    /// A row makes too many lines.
    #[error("a row makes at most {PARTS_MAX} lines")]
    Parts,
    /// No column says when.
    #[error("no column says when: `happened_at`, `booking_day` or `value_day`")]
    NoTime,
}

impl Map {
    /// Reads a map.
    ///
    /// # Errors
    /// It is no map, and why.
    pub fn parse(text: &str) -> Result<Self, MapError> {
        let map: Self = toml::from_str(text).map_err(|error| MapError::Toml(error.to_string()))?;
        if !map.columns.has_one_of(&Field::TIMES) {
            return Err(MapError::NoTime);
        }
        if map.parts.is_empty() && !map.columns.has_one_of(&Field::AMOUNTS) {
            return Err(MapError::NoAmount(String::new()));
        }
        if map.parts.len() > PARTS_MAX {
            return Err(MapError::Parts);
        }
        match map.parts.iter().find(|part| !part.columns.has_one_of(&Field::AMOUNTS)) {
            Some(part) => Err(MapError::NoAmount(format!(" in the part `{}`", part.name))),
            None => Ok(map),
        }
    }

    /// Alma's accounting export: CSV or a sheet.
    ///
    /// # Errors
    /// Never: it comes with the crate.
    pub fn alma() -> Result<Self, MapError> {
        Self::parse(ALMA)
    }

    /// Oney's report of three parts.
    ///
    /// # Errors
    /// Never: it comes with the crate.
    pub fn oney() -> Result<Self, MapError> {
        Self::parse(ONEY)
    }

    /// What the ledger calls the format.
    pub fn format(&self) -> &str {
        &self.format
    }

    /// Registry code of who finances what is in it.
    pub fn provider(&self) -> Option<&str> {
        self.provider.as_deref()
    }

    pub(crate) const fn convention(&self) -> Convention {
        Convention { decimal: self.decimal, unit: self.unit }
    }
}

fn kind(name: &str) -> Option<LineKind> {
    LineKind::ALL.iter().copied().find(|kind| kind.name() == name)
}

fn kind_by_name<'de, D: Deserializer<'de>>(from: D) -> Result<Option<LineKind>, D::Error> {
    let name = String::deserialize(from)?;
    kind(&name).map(Some).ok_or_else(|| serde::de::Error::custom(unknown(&name)))
}

fn kinds_by_name<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, LineKind>, D::Error> {
    let named = BTreeMap::<String, String>::deserialize(from)?;
    let known = named.into_iter().map(|(native, name)| match kind(&name) {
        Some(kind) => Ok((native, kind)),
        None => Err(serde::de::Error::custom(unknown(&name))),
    });
    known.collect()
}

fn unknown(name: &str) -> String {
    let names: Vec<_> = LineKind::ALL.iter().map(|kind| kind.name()).collect();
    format!("`{name}` is no kind of line: {}", names.join(", "))
}

fn currency_by_code<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Currency>, D::Error> {
    let code = String::deserialize(from)?;
    Currency::parse(&code).map(Some).ok_or_else(|| serde::de::Error::custom(format!("`{code}` is no currency")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_maps_of_known_providers_are_maps() {
        assert_eq!(Map::alma().expect("a map").provider(), Some("alma"));
        assert_eq!(Map::oney().expect("a map").provider(), Some("oney"));
    }

    #[test]
    fn a_map_that_could_not_be_kept_is_refused() {
        let refused = |text: &str| Map::parse(text).expect_err("no map").to_string();
        let beginning = "format = \"x\"\n";
        assert!(refused("format = 1").contains("format"));
        assert!(refused(&format!("{beginning}width = 3\n[columns]\n")).contains("width"));
        assert!(refused(&format!("{beginning}[columns]\namount = \"A\"\n")).contains("says when"));
        assert!(refused(&format!("{beginning}[columns]\nvalue_day = \"A\"\n")).contains("how much"));
        let parts = "[[parts]]\nname = \"p\"\n[parts.columns]\namount = \"B\"\n".repeat(9);
        assert!(refused(&format!("{beginning}[columns]\nvalue_day = \"A\"\n{parts}")).contains("at most 8 lines"));
        let kind = "[kinds]\nSALE = \"sale\"\n";
        let told = refused(&format!("{beginning}[columns]\nvalue_day = \"A\"\namount = \"B\"\n{kind}"));
        assert!(told.contains("`sale` is no kind of line: payment, refund"), "{told}");
    }
}
