//! What terminals and tills state of a day, beside what the ledger counts, and the payments that may explain a difference.
//! Those are for a person to look at: nothing here corrects either side.

use std::ops::RangeInclusive;

use talon_domain::anomaly::Language;
use talon_domain::ids::{MerchantId, ShopId, StreamKey};
use talon_domain::time::Day;

use super::row::Teller;
use super::sums::{DayTotal, Sums};
use crate::days::{By, Filter, day_lines};
use crate::reading::Reading;
use crate::registry::Registry;
use crate::store::StoreError;
use crate::transactions::{Name, Transaction, find};

/// What a teller states of a day in one application or tender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Who.
    pub teller: Teller,
    /// Both sides.
    pub total: DayTotal,
    /// Where both sides differ: payments that may be why.
    pub suspects: Vec<Suspect>,
}

/// A payment that may explain a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspect {
    /// Which.
    pub key: StreamKey,
    /// What it comes to.
    pub transaction: Transaction,
    /// Why it is looked at; never empty.
    pub why: Vec<Suspicion>,
}

/// Why a payment may explain a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Suspicion {
    /// Its amount, or what was given back of it, is the difference: one side has it and the other has not.
    IsTheDifference,
    /// Its amount, or what was given back of it, is half the difference: one side added what the other took away.
    IsHalfTheDifference,
    /// It counts, and the customer's or the till's ticket was not printed.
    HasNoTicket,
    /// It is not finished.
    IsOpen,
}

impl Suspicion {
    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::IsTheDifference => "is_the_difference",
            Self::IsHalfTheDifference => "is_half_the_difference",
            Self::HasNoTicket => "has_no_ticket",
            Self::IsOpen => "is_open",
        }
    }

    /// For people.
    pub const fn words(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::IsTheDifference, Language::French) => "égal à l'écart",
            (Self::IsTheDifference, Language::English) => "is the difference",
            (Self::IsHalfTheDifference, Language::French) => "moitié de l'écart",
            (Self::IsHalfTheDifference, Language::English) => "is half the difference",
            (Self::HasNoTicket, Language::French) => "sans ticket",
            (Self::HasNoTicket, Language::English) => "without a ticket",
            (Self::IsOpen, Language::French) => "non terminé",
            (Self::IsOpen, Language::English) => "not finished",
        }
    }
}

/// What terminals and tills of a merchant state of some days, in the order of days, tellers, applications and currencies.
pub fn day_statements(
    reading: &dyn Reading,
    merchant: MerchantId,
    days: RangeInclusive<Day>,
) -> Result<Vec<Statement>, StoreError> {
    let sums = Sums::read_days(reading, merchant, &days)?;
    let followed = sums.followed(merchant, &Registry::read(reading)?);
    let mut statements = Vec::new();
    for place in sums.told() {
        for total in sums.totals(place, &followed) {
            let teller = place.1.clone();
            let suspects = if total.agrees() { Vec::new() } else { suspects(reading, merchant, &teller, &total)? };
            statements.push(Statement { teller, total, suspects });
        }
    }
    statements.sort_by(|a, b| (a.total.day, &a.teller).cmp(&(b.total.day, &b.teller)));
    Ok(statements)
}

/// Payments of the teller's day and of the provider that differs; of a till those of its shop.
fn suspects(
    reading: &dyn Reading,
    merchant: MerchantId,
    teller: &Teller,
    total: &DayTotal,
) -> Result<Vec<Suspect>, StoreError> {
    let day = total.day;
    let mut suspects = Vec::new();
    for shop in shops(reading, merchant, teller, day)? {
        let terminal = match teller {
            Teller::Terminal(terminal) => Some(*terminal),
            Teller::Till(..) => None,
        };
        let found = find(reading, &Name::Place(merchant, day, Some(shop), terminal, None))?;
        for (key, transaction) in found {
            let is_meant = !key.training
                && transaction.provider == *total.application
                && transaction.currency() == Some(total.currency);
            let why = if is_meant { suspicions(&transaction, total) } else { Vec::new() };
            if !why.is_empty() {
                suspects.push(Suspect { key, transaction, why });
            }
        }
    }
    // A payment whose amount fits comes before one that is only unfinished.
    suspects.sort_by(|a, b| (&a.why, a.key).cmp(&(&b.why, b.key)));
    suspects.dedup();
    Ok(suspects)
}

/// The shops in which a teller had payments on a day.
fn shops(reading: &dyn Reading, merchant: MerchantId, teller: &Teller, day: Day) -> Result<Vec<ShopId>, StoreError> {
    match teller {
        Teller::Till(shop, _) => Ok(vec![*shop]),
        Teller::Terminal(terminal) => {
            let filter = Filter { terminal: Some(*terminal), ..Filter::default() };
            let lines = day_lines(reading, merchant, day..=day, &filter, By { shop: true, ..By::default() })?;
            Ok(lines.into_keys().map(|place| place.shop).collect())
        }
    }
}

fn suspicions(transaction: &Transaction, total: &DayTotal) -> Vec<Suspicion> {
    let difference = total.difference().net.unsigned_abs();
    let amounts = [transaction.asked, transaction.refunded];
    let is = |times: u128| difference > 0 && amounts.iter().any(|of| of.saturating_mul(times) == difference);
    let counts = transaction.sold_on().is_some();
    let all = [
        (Suspicion::IsTheDifference, is(1)),
        (Suspicion::IsHalfTheDifference, is(2)),
        (Suspicion::HasNoTicket, counts && !transaction.is_printed),
        (Suspicion::IsOpen, transaction.is_open),
    ];
    all.into_iter().filter(|(_, holds)| *holds).map(|(why, _)| why).collect()
}
