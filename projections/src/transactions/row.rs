//! A payment in a few words, and the names by which it is found.

use serde::{Deserialize, Serialize};
use talon_domain::ids::{MerchantId, ShopId, StreamKey, TerminalId};
use talon_domain::money::Currency;
use talon_domain::state::Status;
use talon_domain::time::{Day, Instant};

use crate::key::{Fields, Key};

/// A payment in a few words. Amounts are in minor units of its one currency; what is in another is in no amount, and the
/// anomalies say so. Its texts are its own, or lent while it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction<T = String> {
    status: u8,
    /// Refunds have given the whole sale back.
    pub is_closed: bool,
    /// It is an open item.
    pub is_open: bool,
    pub(super) shop: u32,
    pub(super) terminal: u32,
    /// Registry code of who finances it; empty is none.
    pub provider: T,
    pub(super) began_at: Option<i64>,
    pub(super) sold_on: Option<u16>,
    currency: Option<[u8; 3]>,
    /// The sale where it is known, else what was typed.
    pub asked: u128,
    /// Taken, and counts.
    pub collected: u128,
    /// Taken, and held.
    pub suspense: u128,
    /// Given back, in cash or as a rebate.
    pub refunded: u128,
    /// Taken back by the customer's bank.
    pub charged_back: u128,
    /// Versions of the plan, up to the one in force; 0 is no plan.
    pub plan_version: u32,
    /// Instalments of the plan in force; 0 is no plan.
    pub installments_count: u32,
    /// The plan in force is one debit, later.
    pub is_deferred: bool,
    /// The provider's id of the payment.
    pub payment_id: Option<T>,
    /// The till's ticket.
    pub till_ticket: Option<T>,
    /// The customer's and the till's ticket left the printer.
    pub is_printed: bool,
    /// Rules that are not kept.
    pub anomalies: u32,
    /// Groups of the phone numbers that its facts seal.
    pub phone_buckets: Vec<u32>,
}

/// By what a payment is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// The till's ticket number.
    Ticket(String),
    /// The provider's id of the payment.
    PaymentId(String),
    /// The provider's id of a refund.
    RefundId(String),
    /// A merchant, and the group of a phone number: its candidates are opened by who may.
    PhoneBucket(MerchantId, u32),
    /// A merchant and a day; then, each only with the one before it, a shop, a terminal, and an amount.
    Place(MerchantId, Day, Option<ShopId>, Option<TerminalId>, Option<(Currency, u128)>),
    /// Payments of one terminal and amount, whose phone is in one group, by the moment at which they began.
    Twin(MerchantId, TerminalId, Currency, u128, u32),
}

impl<T: Default> Transaction<T> {
    /// A payment of nothing yet.
    pub(crate) fn new(status: Status, currency: Option<Currency>) -> Self {
        Self {
            status: status as u8,
            is_closed: false,
            is_open: false,
            shop: 0,
            terminal: 0,
            provider: T::default(),
            began_at: None,
            sold_on: None,
            currency: currency.and_then(|currency| currency.code().as_bytes().first_chunk().copied()),
            asked: 0,
            collected: 0,
            suspense: 0,
            refunded: 0,
            charged_back: 0,
            plan_version: 0,
            installments_count: 0,
            is_deferred: false,
            payment_id: None,
            till_ticket: None,
            is_printed: false,
            anomalies: 0,
            phone_buckets: Vec::new(),
        }
    }
}

impl<T> Transaction<T> {
    /// How far it came.
    pub fn status(&self) -> Status {
        Status::ALL.into_iter().find(|status| *status as u8 == self.status).unwrap_or(Status::InProgress)
    }

    /// Where.
    pub const fn shop(&self) -> ShopId {
        ShopId(self.shop)
    }

    /// On which terminal.
    pub const fn terminal(&self) -> TerminalId {
        TerminalId(self.terminal)
    }

    /// When its story begins.
    pub fn began_at(&self) -> Option<Instant> {
        self.began_at.map(Instant)
    }

    /// The day on which its sale counts.
    pub fn sold_on(&self) -> Option<Day> {
        self.sold_on.map(Day)
    }

    /// The day for which it is listed: of its sale, else of its beginning.
    pub fn day(&self) -> Option<Day> {
        self.sold_on().or_else(|| self.began_at()?.paris_day())
    }

    /// The currency of its amounts.
    pub fn currency(&self) -> Option<Currency> {
        Currency::parse(std::str::from_utf8(self.currency.as_ref()?).ok()?)
    }
}

impl Name {
    /// Writes the beginning that the keys of all its payments share.
    pub(super) fn write(&self, key: &mut Key) {
        match self {
            Self::Ticket(ticket) => key.u8(TICKET).text(ticket),
            Self::PaymentId(id) => key.u8(PAYMENT_ID).text(id),
            Self::RefundId(id) => key.u8(REFUND_ID).text(id),
            Self::PhoneBucket(merchant, bucket) => key.u8(4).merchant(*merchant).u32(*bucket),
            Self::Place(merchant, day, shop, terminal, amount) => {
                key.u8(5).merchant(*merchant).day(*day);
                let Some(shop) = shop else { return };
                key.shop(*shop);
                let Some(terminal) = terminal else { return };
                key.terminal(*terminal);
                let Some((currency, amount)) = amount else { return };
                key.bytes(currency.code().as_bytes()).bytes(&amount.to_be_bytes())
            }
            Self::Twin(merchant, terminal, currency, amount, bucket) => {
                key.u8(6).merchant(*merchant).terminal(*terminal).bytes(currency.code().as_bytes());
                key.bytes(&amount.to_be_bytes()).u32(*bucket)
            }
        };
    }
}

/// With what the key of a name that is a text begins; the text follows.
pub(super) const TICKET: u8 = 1;
pub(super) const PAYMENT_ID: u8 = 2;
pub(super) const REFUND_ID: u8 = 3;

/// Bytes of a stream's key.
const STREAM_BYTES: usize = 8 + 16 + 1;
/// Bytes of a stream's key within its merchant, behind the moment at which it began.
const TWIN_BYTES: usize = 8 + 16 + 1;

/// The payment that a key of a name ends with.
pub(super) fn named(key: &[u8]) -> Option<StreamKey> {
    let at = key.len().checked_sub(STREAM_BYTES)?;
    Fields::of(key.get(at..)?).stream_key()
}

/// The moment and the payment that a key of a twin ends with.
pub(super) fn twin(key: &[u8], merchant: MerchantId) -> Option<(Instant, StreamKey)> {
    let at = key.len().checked_sub(TWIN_BYTES)?;
    let mut fields = Fields::of(key.get(at..)?);
    Some((fields.instant()?, fields.stream(merchant)?))
}
