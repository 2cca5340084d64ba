//! Each payment in a few words, and by what it is found.

use std::collections::BTreeMap;

use talon_domain::ids::StreamKey;
use talon_domain::money::{Currency, Money};
use talon_domain::time::Instant;

use super::super::anomaly::Found as Findings;
use super::super::debit::{COUNTS, HELD};
use super::super::payment::Payment;
use super::super::{outcome, slot};
use super::{Prefix, Stream, days, open};

/// A payment in a few words. Amounts are in minor units of its one currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// How far it came, by its stable name.
    pub status: String,
    /// Refunds have given the whole sale back.
    pub is_closed: bool,
    /// It is an open item.
    pub is_open: bool,
    /// Where; 0 is none.
    pub shop: u32,
    /// On which terminal; 0 is none.
    pub terminal: u32,
    /// Who finances it; empty is none.
    pub provider: String,
    /// When its story begins, in microseconds.
    pub began_at: Option<i64>,
    /// The day on which its sale counts.
    pub sold_on: Option<u16>,
    /// The currency of its amounts; empty is none.
    pub currency: String,
    /// The sale where it is known, else what was typed.
    pub asked: u128,
    /// Taken, and counts.
    pub collected: u128,
    /// Taken, and held.
    pub suspense: u128,
    /// Given back.
    pub refunded: u128,
    /// Taken back by the customer's bank.
    pub charged_back: u128,
    /// The version of the plan in force; 0 is no plan.
    pub plan_version: u32,
    /// Instalments of the plan in force; 0 is no plan.
    pub installments_count: u32,
    /// The plan in force is one debit, later.
    pub is_deferred: bool,
    /// The provider's id of the payment.
    pub payment_id: Option<String>,
    /// The till's ticket.
    pub till_ticket: Option<String>,
    /// Ids of its refunds.
    pub refund_ids: Vec<String>,
    /// The customer's and the till's ticket left the printer.
    pub is_printed: bool,
    /// Rules that are not kept.
    pub anomalies: usize,
    /// Groups of the phone numbers that its facts seal, each once.
    pub phone_buckets: Vec<u32>,
}

/// By what a payment is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// The till's ticket.
    Ticket(String),
    /// The provider's id of the payment.
    PaymentId(String),
    /// The provider's id of a refund.
    RefundId(String),
    /// A merchant, and the group of a phone number.
    PhoneBucket(u64, u32),
    /// A merchant and a day; then, each only with the one before it, a shop, a terminal, and an amount.
    Place(u64, u16, Option<u32>, Option<u32>, Option<(String, u128)>),
}

/// Every payment in a few words.
#[derive(Clone, Debug, Default)]
pub struct Rows(pub BTreeMap<StreamKey, Row>);

pub(super) fn rows(prefix: &Prefix) -> Rows {
    let mut rows = Rows::default();
    for stream in prefix.payments() {
        let payment = stream.judged.payment.as_ref().expect("a payment");
        rows.0.insert(stream.key, row(&stream, payment));
    }
    rows
}

fn row(stream: &Stream<'_>, payment: &Payment<'_>) -> Row {
    let told = &stream.judged.told;
    let currency = currency(payment);
    let of = |moved: Vec<Money>| total(&moved, currency);
    let acceptance = outcome::acceptance(told, &mut Findings::default());
    let initiation = told.iter().find(|told| told.slot.family == slot::INITIATION);
    let plan = payment.plan.as_ref();
    let mut phone_buckets: Vec<u32> = stream.arrivals.iter().map(|arrival| arrival.phone_bucket).collect();
    phone_buckets.retain(|bucket| *bucket != 0);
    phone_buckets.sort_unstable();
    phone_buckets.dedup();
    let mut refund_ids = Vec::new();
    for refund in payment.refunds.iter().filter(|refund| !refund.id.is_empty()) {
        refund_ids.push(refund.id.clone());
    }
    Row {
        status: days::status_name(payment.status).to_owned(),
        is_closed: payment.is_closed,
        is_open: open::is_open(stream, payment),
        shop: payment.shop.0,
        terminal: payment.terminal.0,
        provider: payment.provider.clone(),
        began_at: days::began_at(stream).map(|at| at.0),
        sold_on: payment.sale.and_then(|sale| sale.day).map(|day| day.0),
        currency: currency.map_or(String::new(), |currency| currency.code().to_owned()),
        asked: payment.sale.map_or(0, |sale| sale.minor_units),
        collected: of(debits(payment, COUNTS)),
        suspense: of(debits(payment, HELD)),
        refunded: of(refunds(payment, COUNTS)),
        charged_back: of(disputes(payment, COUNTS)),
        plan_version: plan.map_or(0, |plan| plan.version),
        installments_count: plan.map_or(0, |plan| plan.plan.installments_count),
        is_deferred: plan.is_some_and(|plan| plan.plan.deferred_days > 0 || plan.plan.deferred_months > 0),
        payment_id: acceptance.map(|accepted| accepted.id).filter(|id| !id.is_empty()),
        till_ticket: initiation.and_then(|began| began.shown_text(4)),
        refund_ids,
        is_printed: open::is_printed(told),
        anomalies: stream.judged.anomalies.len(),
        phone_buckets,
    }
}

/// That of the sale; where nothing was asked for, that of the first money that moved: taken, held, given back, and given
/// back but held.
pub(super) fn currency(payment: &Payment<'_>) -> Option<Currency> {
    if let Some(sale) = payment.sale {
        return Some(sale.currency);
    }
    let mut held_back = refunds(payment, HELD);
    held_back.extend(disputes(payment, HELD));
    let (back, disputed) = (refunds(payment, COUNTS), disputes(payment, COUNTS));
    for moved in [debits(payment, COUNTS), debits(payment, HELD), back, disputed, held_back] {
        if let Some(first) = moved.iter().map(|money| money.currency).min() {
            return Some(first);
        }
    }
    None
}

fn debits(payment: &Payment<'_>, standing: u8) -> Vec<Money> {
    payment.debits.iter().filter(|debit| debit.standing == standing).map(|debit| debit.money).collect()
}

fn refunds(payment: &Payment<'_>, standing: u8) -> Vec<Money> {
    payment.refunds.iter().filter(|refund| refund.standing == standing).map(|refund| refund.money).collect()
}

fn disputes(payment: &Payment<'_>, standing: u8) -> Vec<Money> {
    let meant = payment.disputes.iter().filter(|dispute| dispute.standing == standing);
    meant.filter_map(|dispute| dispute.money).collect()
}

/// What is in another currency is in no amount.
fn total(moved: &[Money], currency: Option<Currency>) -> u128 {
    let mut sum = 0;
    for money in moved.iter().filter(|money| Some(money.currency) == currency) {
        sum += u128::from(money.amount.minor_units());
    }
    sum
}

impl Row {
    /// The day for which it is listed: of its sale, else of its beginning.
    pub fn day(&self) -> Option<u16> {
        self.sold_on.or_else(|| Instant(self.began_at?).paris_day().map(|day| day.0))
    }

    fn is_named(&self, key: StreamKey, name: &Name) -> bool {
        match name {
            Name::Ticket(ticket) => self.till_ticket.as_ref() == Some(ticket),
            Name::PaymentId(id) => self.payment_id.as_ref() == Some(id),
            Name::RefundId(id) => self.refund_ids.contains(id),
            Name::PhoneBucket(merchant, bucket) => key.merchant.0 == *merchant && self.phone_buckets.contains(bucket),
            Name::Place(merchant, day, shop, terminal, amount) => {
                key.merchant.0 == *merchant
                    && self.day() == Some(*day)
                    && shop.is_none_or(|shop| self.shop == shop)
                    && terminal.is_none_or(|terminal| self.terminal == terminal)
                    && amount.as_ref().is_none_or(|(of, asked)| self.currency == *of && self.asked == *asked)
            }
        }
    }
}

impl Rows {
    /// The payments of a name, in the order of keys.
    pub fn find(&self, name: &Name) -> Vec<StreamKey> {
        let mut found = Vec::new();
        for (key, row) in &self.0 {
            if row.is_named(*key, name) {
                found.push(*key);
            }
        }
        found
    }

    /// "Same amount and phone twice within minutes" (E30), on one terminal: nobody merges them.
    pub fn twins(&self, key: StreamKey, within_us: i64) -> Vec<StreamKey> {
        let (mut twins, Some(one)) = (Vec::new(), self.0.get(&key)) else { return vec![] };
        for (other_key, other) in &self.0 {
            let (Some(began), Some(other_began)) = (one.began_at, other.began_at) else { continue };
            let shares_a_phone = one.phone_buckets.iter().any(|bucket| other.phone_buckets.contains(bucket));
            if *other_key != key
                && other_key.merchant == key.merchant
                && one.terminal != 0
                && one.terminal == other.terminal
                && !one.currency.is_empty()
                && one.currency == other.currency
                && one.asked == other.asked
                && shares_a_phone
                && began.abs_diff(other_began) <= within_us.unsigned_abs()
            {
                twins.push(*other_key);
            }
        }
        twins
    }
}
