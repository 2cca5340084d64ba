//! Rows of settlement: what is expected of a payment, lines of accounts, payouts; and the keys by which they are found.
//!
//! ```text
//! EXPECTED  merchant 1 day provider stream     what a payment lets expect
//!           merchant 2 name stream             whose id that is: day, provider, currency
//! LINES     merchant 1 day account stream      a line
//!           merchant 2 name account day stream which lines bear that id
//!           merchant 3 account payout day stream   which lines a payout pays
//!           merchant 4 account payout stream   a payout's own line
//! PAYOUTS   merchant account payout stream     a payout
//! BALANCES  merchant account payout            how many lines a payout pays, and their net; empty: no payout is named
//! ```

use serde::{Deserialize, Serialize};
use talon_domain::fact::LineKind;
use talon_domain::ids::{MerchantId, StreamId, StreamKey};
use talon_domain::money::Currency;
use talon_domain::time::Day;

use crate::cells::Code;
use crate::days::{currency_from_number, currency_number};
use crate::key::{Fields, Key};

/// First byte behind the merchant: the row itself.
pub(super) const WHOLE: u8 = 1;
/// Rows by an id that they bear.
pub(super) const BY_NAME: u8 = 2;
/// Lines by the payout that pays them.
pub(super) const BY_PAYOUT: u8 = 3;
/// A payout's own lines.
pub(super) const OWN_LINE: u8 = 4;

/// By what a line and an expectation find each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    /// The provider's id of the payment.
    Payment(String),
    /// The provider's id of the refund.
    Refund(String),
    /// The provider's name of the dispute.
    Dispute(String),
}

/// What a payment lets expect of its provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// The sale in minor units; nothing where only money that went back is known.
    pub gross: Option<u128>,
    currency: [u8; 3],
    /// Instalments, days and months of the plan in force; `None` without a plan.
    pub plan: Option<(u32, u32, u32)>,
    /// The provider's id of the payment.
    pub payment_id: Option<String>,
    /// What refunds take from the merchant.
    pub refunds: Vec<Taken>,
    /// What disputes take from the merchant: nothing, of one that was won.
    pub disputes: Vec<Taken>,
}

/// Money that goes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The provider's id of it.
    pub id: Option<String>,
    currency: [u8; 3],
    /// In minor units.
    pub amount: u128,
    day: u16,
}

/// A line of an account. Amounts are in minor units of its one currency, from the merchant's side: what is taken from it
/// lies below nothing. What a line states in another currency than its own is in no amount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booked {
    kind: u8,
    currency: [u8; 3],
    /// Before what is kept of it.
    pub gross: i64,
    /// What is kept of it, where it is stated; below nothing where it is given back.
    pub fee: Option<i64>,
    /// The tax in that, where it is stated.
    pub tax: Option<i64>,
    /// What is left: as stated, else gross less fee.
    pub net: i64,
    /// The payment, refund or dispute that it is about.
    pub payment_id: Option<String>,
    /// The provider's id of the refund.
    pub refund_id: Option<String>,
    /// The provider's name of the dispute.
    pub dispute_id: Option<String>,
    /// The payout of its account that pays it.
    pub included_in: Option<String>,
    /// Registry code of who finances it.
    pub provider: Option<String>,
    /// What the statement calls it, word for word.
    pub native_type: Option<String>,
}

/// A payout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PayoutRow {
    /// It came back.
    pub(super) is_returned: bool,
    /// Somebody said that it was sent, and how much: below nothing where the provider collects.
    pub(super) sent: Option<([u8; 3], i64)>,
    /// The day on which it left, or on which that was said.
    pub(super) day: u16,
    pub(super) provider: Option<String>,
}

/// Where an expectation stands, by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) day: u16,
    pub(super) provider: String,
    pub(super) currency: [u8; 3],
}

impl Named {
    fn parts(&self) -> (u8, &str) {
        match self {
            Self::Payment(id) => (1, id),
            Self::Refund(id) => (2, id),
            Self::Dispute(id) => (3, id),
        }
    }

    /// The id alone.
    pub(super) fn into_id(self) -> String {
        match self {
            Self::Payment(id) | Self::Refund(id) | Self::Dispute(id) => id,
        }
    }

    /// The beginning that all keys of this name share.
    pub(super) fn write(&self, key: &mut Key, merchant: MerchantId) {
        let (kind, id) = self.parts();
        key.merchant(merchant).u8(BY_NAME).u8(kind).text(id);
    }
}

impl Expected {
    pub(super) fn new(currency: Currency) -> Self {
        Self {
            gross: None,
            currency: letters(currency),
            plan: None,
            payment_id: None,
            refunds: Vec::new(),
            disputes: Vec::new(),
        }
    }

    /// The currency of its sale.
    pub fn currency(&self) -> Option<Currency> {
        read_currency(self.currency)
    }

    /// Every id by which a line may fulfil it, with the currency in which it would.
    pub(super) fn names(&self) -> impl Iterator<Item = (Named, [u8; 3])> + '_ {
        let payment = self.payment_id.iter().filter(|_| self.gross.is_some());
        let payment = payment.map(|id| (Named::Payment(id.clone()), self.currency));
        let refunds = self.refunds.iter().filter_map(|taken| Some((Named::Refund(taken.id.clone()?), taken.currency)));
        let disputes =
            self.disputes.iter().filter_map(|taken| Some((Named::Dispute(taken.id.clone()?), taken.currency)));
        payment.chain(refunds).chain(disputes)
    }
}

impl Taken {
    pub(super) fn new(id: Option<String>, currency: Currency, amount: u128, day: Day) -> Self {
        Self { id, currency: letters(currency), amount, day: day.0 }
    }

    /// In which currency.
    pub fn currency(&self) -> Option<Currency> {
        read_currency(self.currency)
    }

    /// When.
    pub const fn day(&self) -> Day {
        Day(self.day)
    }
}

impl Booked {
    pub(super) fn new(kind: LineKind, currency: Currency, gross: i64) -> Self {
        Self {
            kind: kind as u8,
            currency: letters(currency),
            gross,
            fee: None,
            tax: None,
            net: gross,
            payment_id: None,
            refund_id: None,
            dispute_id: None,
            included_in: None,
            provider: None,
            native_type: None,
        }
    }

    /// What it is about.
    pub fn kind(&self) -> LineKind {
        LineKind::from_number(self.kind.into()).unwrap_or(LineKind::Adjustment)
    }

    /// In which currency.
    pub fn currency(&self) -> Option<Currency> {
        read_currency(self.currency)
    }

    pub(super) const fn letters(&self) -> [u8; 3] {
        self.currency
    }

    /// By which id it finds what it fulfils: a refund by the refund's alone, though it names the payment too.
    pub fn name(&self) -> Option<Named> {
        match self.kind() {
            LineKind::Payment | LineKind::Fee | LineKind::FeeWaiver => self.payment_id.clone().map(Named::Payment),
            LineKind::Refund => self.refund_id.clone().map(Named::Refund),
            LineKind::Chargeback | LineKind::ChargebackWon => self.dispute_id.clone().map(Named::Dispute),
            _ => None,
        }
    }

    /// Whether it moves what the provider owes: a payout pays that, and a bank's transfer is of another account.
    pub(super) fn moves_balance(&self) -> bool {
        !matches!(self.kind(), LineKind::Payout | LineKind::Transfer)
    }
}

/// The key of an expectation.
pub(super) fn expected_key(key: &mut Key, stream: StreamKey, day: Day, provider: &str) {
    key.merchant(stream.merchant).u8(WHOLE).day(day).text(provider).stream(stream.stream, stream.training);
}

/// Day, provider and stream of an expectation's key.
pub(super) fn read_expected_key(key: &[u8]) -> Option<(Day, String, StreamKey)> {
    let mut fields = Fields::of(key);
    let merchant = fields.merchant()?;
    fields.u8()?;
    Some((fields.day()?, fields.text()?, fields.stream(merchant)?))
}

/// Where a line stands: its day, its account, its stream.
pub(super) type LinePlace = (Day, String, StreamId);

/// The key of a line.
pub(super) fn line_key(key: &mut Key, merchant: MerchantId, place: (Day, &str, StreamId)) {
    let (day, account, stream) = place;
    key.merchant(merchant).u8(WHOLE).day(day).text(account).bytes(&stream.0);
}

pub(super) fn read_line_key(key: &[u8]) -> Option<LinePlace> {
    let mut fields = Fields::of(key);
    fields.merchant()?;
    fields.u8()?;
    Some((fields.day()?, fields.text()?, StreamId(*fields.rest().first_chunk()?)))
}

/// The line that a key of a name leads to.
pub(super) fn read_line_name(key: &[u8]) -> Option<LinePlace> {
    let mut fields = Fields::of(key);
    fields.merchant()?;
    fields.u8()?;
    fields.u8()?;
    fields.text()?;
    let account = fields.text()?;
    Some((fields.day()?, account, StreamId(*fields.rest().first_chunk()?)))
}

/// The line that a key of a payout leads to.
pub(super) fn read_paid_line(key: &[u8]) -> Option<LinePlace> {
    let mut fields = Fields::of(key);
    fields.merchant()?;
    fields.u8()?;
    let account = fields.text()?;
    fields.text()?;
    Some((fields.day()?, account, StreamId(*fields.rest().first_chunk()?)))
}

/// Account, payout and line of the key of a payout's own line.
pub(super) fn read_own_line(key: &[u8]) -> Option<((String, String), StreamId)> {
    let mut fields = Fields::of(key);
    fields.merchant()?;
    fields.u8()?;
    let name = (fields.text()?, fields.text()?);
    Some((name, StreamId(*fields.rest().first_chunk()?)))
}

/// Account and payout of the key of a payout, or of a balance.
pub(super) fn read_payout_key(key: &[u8]) -> Option<(String, String)> {
    let mut fields = Fields::of(key);
    fields.merchant()?;
    Some((fields.text()?, fields.text()?))
}

/// What a balance counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    Lines,
    Net,
}

/// The cell of a balance.
pub(super) fn balance_cell(counted: Counted, currency: Currency) -> Code {
    Code::sum(currency_number(currency) << 1 | u32::from(counted == Counted::Net))
}

/// What a cell of a balance counts.
pub(super) fn read_balance_cell(code: Code) -> Option<(Counted, Currency)> {
    let counted = if code.name() & 1 == 1 { Counted::Net } else { Counted::Lines };
    Some((counted, currency_from_number(code.name() >> 1)?))
}

/// Three letters, to be kept.
pub(super) fn letters(currency: Currency) -> [u8; 3] {
    currency.code().as_bytes().first_chunk().copied().unwrap_or_default()
}

pub(super) fn read_currency(letters: [u8; 3]) -> Option<Currency> {
    Currency::parse(std::str::from_utf8(&letters).ok()?)
}
