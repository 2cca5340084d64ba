//! What open items are asked: those of a moment, with their ages, causes and likely doubles.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ops::{ControlFlow, RangeInclusive};

use talon_domain::ids::{MerchantId, ShopId, StreamKey, TerminalId};
use talon_domain::money::Currency;
use talon_domain::open::{OpenReason, OpenSince};
use talon_domain::state::Status;
use talon_domain::time::{Day, Instant};

use super::age::{Age, Ages};
use super::cause::{Cause, Silence};
use super::row::OpenPayment;
use super::unknown;
use crate::key::{Fields, Key};
use crate::reading::{Reading, read_row, strange_key};
use crate::registry::Registry;
use crate::store::StoreError;
use crate::table::OPEN;
use crate::transactions;
use crate::working_days::WorkingDays;

const MINUTE_US: i64 = 60_000_000;
const HOUR_US: i64 = 60 * MINUTE_US;

/// Which items are asked for; what is `None` does not narrow.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this merchant.
    pub merchant: Option<MerchantId>,
    /// Of this shop.
    pub shop: Option<ShopId>,
    /// Of this terminal.
    pub terminal: Option<TerminalId>,
    /// Of this provider.
    pub provider: Option<String>,
    /// Of payments of these days: of their sale, else of their beginning.
    pub days: Option<RangeInclusive<Day>>,
}

/// A question: when, beside which registry, and what counts as long.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The moment.
    pub at: Instant,
    /// Which devices there are.
    pub registry: &'a Registry,
    /// Which days count for an age.
    pub calendar: &'a WorkingDays,
    /// A payment in progress is open when so many microseconds are over: an hour.
    pub in_progress_us: i64,
    /// A terminal is silent that told nothing for so many microseconds: an hour.
    pub silent_after_us: i64,
    /// When the shops stopped selling, if they did; who told nothing up to then is silent.
    pub trading_ended_at: Option<Instant>,
    /// Payments that look alike and began so many microseconds apart are suspected to be one: ten minutes.
    pub twins_within_us: i64,
    /// Which items.
    pub filter: Filter,
}

/// A payment that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenItem {
    /// Which.
    pub key: StreamKey,
    /// Where.
    pub shop: ShopId,
    /// On which terminal.
    pub terminal: TerminalId,
    /// Registry code of who finances it; empty is none.
    pub provider: String,
    /// How far it came.
    pub status: Status,
    /// The currency of its amount.
    pub currency: Option<Currency>,
    /// The sale where it is known, else what was typed, else what is held; in minor units.
    pub amount: u128,
    /// The day for which it is listed.
    pub day: Option<Day>,
    /// Why, the oldest reason first.
    pub reasons: Vec<Reason>,
    /// The age of the oldest reason.
    pub age: Age,
    /// What stands behind it.
    pub cause: Cause,
    /// Payments that could be the same purchase, with when they began. Nobody merges them.
    pub twins: Vec<(StreamKey, Instant)>,
}

/// A reason at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Why.
    pub reason: OpenReason,
    /// The moment that made it one.
    pub began_at: Instant,
    /// How old it is.
    pub age: Age,
}

impl<'a> Asked<'a> {
    /// Everything that is open at a moment, by the usual measures.
    pub fn at(at: Instant, registry: &'a Registry, calendar: &'a WorkingDays) -> Self {
        Self {
            at,
            registry,
            calendar,
            in_progress_us: HOUR_US,
            silent_after_us: HOUR_US,
            trading_ended_at: None,
            twins_within_us: 10 * MINUTE_US,
            filter: Filter::default(),
        }
    }

    /// What a kept reason comes to at this moment.
    fn judge(&self, open: OpenSince, status: Status) -> Option<(OpenReason, Instant)> {
        let began_at = open.began_at?;
        if open.waits {
            // A debit that was agreed for a day may come at any hour of it.
            return (self.at.paris_day() > began_at.paris_day()).then_some((open.reason, began_at));
        }
        if open.reason != OpenReason::OutcomeAwaited || status != Status::InProgress {
            return Some((open.reason, began_at));
        }
        // A clock that runs far ahead hides nothing.
        let apart = self.at.0.abs_diff(began_at.0);
        let late_at = Instant(began_at.0.saturating_add(self.in_progress_us));
        (apart >= self.in_progress_us.unsigned_abs()).then_some((OpenReason::InProgressTooLong, late_at))
    }

    /// Whether no device stood behind the number of a payment's terminal on its day. Of a merchant who registered no
    /// device at all nobody can say: that is one remark ([`super::unregistered`]), and not one for each payment.
    pub(super) fn is_unknown(&self, merchant: MerchantId, terminal: TerminalId, day: Day) -> bool {
        terminal.0 != 0
            && self.registry.has_devices(merchant)
            && self.registry.assignment_on(merchant, terminal, day).is_none()
    }
}

impl Filter {
    pub(super) fn lets_through(&self, payment: &OpenPayment) -> bool {
        self.shop.is_none_or(|shop| payment.shop() == shop)
            && self.terminal.is_none_or(|terminal| payment.terminal() == terminal)
            && self.provider.as_ref().is_none_or(|provider| payment.provider == *provider)
            && self.days.as_ref().is_none_or(|days| payment.day().is_some_and(|day| days.contains(&day)))
    }
}

/// What is open at a moment: the oldest first, then the largest amount. Ages and amounts are compared as numbers, over
/// all currencies.
pub fn open_items(reading: &dyn Reading, asked: &Asked<'_>) -> Result<Vec<OpenItem>, StoreError> {
    let kept = kept(reading, asked.filter.merchant)?;
    let known: BTreeSet<_> = kept.iter().map(|(key, _)| *key).collect();
    let mut payments = kept;
    payments.extend(unknown::payments(reading, asked, &known)?);
    let mut asking = Asking {
        asked,
        ages: Ages::on(asked.at.paris_day().unwrap_or_default(), asked.calendar),
        silence: Silence::at(reading, asked),
        reading,
    };
    let through = payments.iter().filter(|(_, payment)| asked.filter.lets_through(payment));
    let items = through.map(|(key, payment)| asking.item(*key, payment));
    let mut items: Vec<_> = items.filter_map(Result::transpose).collect::<Result<_, _>>()?;
    items.sort_by_key(|item| (Reverse(item.age.business_days), Reverse(item.amount), item.key));
    Ok(items)
}

/// The rows of what may be open.
fn kept(reading: &dyn Reading, merchant: Option<MerchantId>) -> Result<Vec<(StreamKey, OpenPayment)>, StoreError> {
    let mut rows = Vec::new();
    let mut broken = None;
    let mut take = |key: &[u8], value: &[u8]| {
        let key = Fields::of(key).stream_key().ok_or_else(strange_key);
        match key.and_then(|key| Ok((key, read_row(value)?))) {
            Ok(row) => {
                rows.push(row);
                ControlFlow::Continue(())
            }
            Err(error) => {
                broken = Some(error);
                ControlFlow::Break(())
            }
        }
    };
    match merchant {
        Some(merchant) => reading.scan_prefix(OPEN, Key::new().merchant(merchant), &mut take)?,
        None => reading.scan(OPEN, &[], None, &mut take)?,
    }
    broken.map_or(Ok(rows), Err)
}

/// What is worked out once for all items of a question.
struct Asking<'a> {
    asked: &'a Asked<'a>,
    ages: Ages<'a>,
    silence: Silence<'a>,
    reading: &'a dyn Reading,
}

impl Asking<'_> {
    /// The item of a payment; `None` of one that is not open at this moment.
    fn item(&mut self, key: StreamKey, payment: &OpenPayment) -> Result<Option<OpenItem>, StoreError> {
        let reasons = self.reasons(key.merchant, payment);
        let Some(oldest) = reasons.first() else { return Ok(None) };
        let (shop, terminal) = (payment.shop(), payment.terminal());
        Ok(Some(OpenItem {
            key,
            shop,
            terminal,
            provider: payment.provider.clone(),
            status: payment.status(),
            currency: payment.currency(),
            amount: payment.amount,
            day: payment.day(),
            age: oldest.age,
            cause: self.silence.cause(key.merchant, terminal, &reasons)?,
            twins: self.twins(key)?,
            reasons,
        }))
    }

    /// Every reason at this moment, the oldest first.
    fn reasons(&mut self, merchant: MerchantId, payment: &OpenPayment) -> Vec<Reason> {
        let status = payment.status();
        let mut found: Vec<_> = payment.reasons().filter_map(|open| self.asked.judge(open, status)).collect();
        let unregistered = payment.day().zip(payment.began_at());
        let unregistered = unregistered.filter(|(day, _)| self.asked.is_unknown(merchant, payment.terminal(), *day));
        found.extend(unregistered.map(|(_, began_at)| (OpenReason::TerminalUnknown, began_at)));
        found.sort_by_key(|(reason, began_at)| (*began_at, *reason));
        let aged = |(reason, began_at): (OpenReason, Instant)| {
            let age = began_at.paris_day().map(|day| self.ages.of(day)).unwrap_or_default();
            Reason { reason, began_at, age }
        };
        found.into_iter().map(aged).collect()
    }

    fn twins(&self, key: StreamKey) -> Result<Vec<(StreamKey, Instant)>, StoreError> {
        let Some(row) = transactions::row_of(self.reading, key)? else { return Ok(Vec::new()) };
        transactions::twins(self.reading, key, &row, self.asked.twins_within_us)
    }
}
