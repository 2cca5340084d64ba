//! Explanations: a figure of a day, taken apart into the payments and the facts that make it, to the last unit.
//!
//! A payment's facts are folded one by one, in the order in which they arrived; by how much the figure changes at each is
//! that fact's part. So the parts of a payment are what it contributes, and the parts of all payments are the figure: not
//! because somebody checked it, but because it is the same sum.

use talon_domain::fact::{Kind, Source};
use talon_domain::ids::{EventId, MerchantId, ShopId, StreamKey, TerminalId};
use talon_domain::money::Currency;
use talon_domain::stream::Stream;
use talon_domain::time::{Day, Instant};

use crate::days::{Cell, Days, Measure, Place, PlanKey};
use crate::projection::{Projection, rows_of};
use crate::rows::Rows;
use crate::table::DAYS;
use crate::view::{Arrival, Booking, View};

/// How often a payment is judged to be explained. One of more facts is explained a few of them at a time, and the last of
/// them is named: usual payments have ten.
const STEPS_MAX: usize = 512;

/// By which day something is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reckoning {
    /// By the day on which it happened.
    #[default]
    Economic,
    /// By the day on which it is booked.
    Booked,
}

/// A figure; what is `None` is summed over.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Who is paid.
    pub merchant: MerchantId,
    /// The day.
    pub day: Day,
    /// Which shop.
    pub shop: Option<ShopId>,
    /// Which terminal.
    pub terminal: Option<TerminalId>,
    /// Which provider.
    pub provider: Option<String>,
    /// What is counted: no earliest or latest moment, which are no sums.
    pub measure: Measure,
    /// Of which plans.
    pub plan: Option<PlanKey>,
    /// In which currency.
    pub currency: Option<Currency>,
    /// By which day.
    pub reckoning: Reckoning,
}

/// A payment's part of a figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The payment.
    pub key: StreamKey,
    /// What it contributes.
    pub amount: i128,
    /// The facts that make it, in the order in which they arrived; those that change nothing are left out.
    pub facts: Vec<FactPart>,
}

/// A fact's part of a figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactPart {
    /// The fact.
    pub event_id: EventId,
    /// What it is.
    pub kind: Kind,
    /// Whose mouth.
    pub source: Source,
    /// When it happened.
    pub occurred_at: Instant,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// By how much the figure changed.
    pub amount: i128,
}

/// The parts of a figure, in the order of payments' keys. The projection holds all streams: it was made in memory.
pub fn explain(projection: &Projection, figure: &Figure) -> Vec<Part> {
    let of_merchant = projection.streams().filter(|(key, ..)| key.merchant == figure.merchant);
    let mut parts: Vec<_> =
        of_merchant.filter_map(|(key, stream, arrivals)| part(figure, key, stream, arrivals)).collect();
    parts.sort_unstable_by_key(|part| part.key);
    parts
}

/// What the parts come to.
pub fn total(parts: &[Part]) -> i128 {
    parts.iter().fold(0i128, |sum, part| sum.saturating_add(part.amount))
}

fn part(figure: &Figure, key: StreamKey, stream: &Stream, arrivals: &[Arrival]) -> Option<Part> {
    if !may_contribute(figure, key, stream, arrivals) {
        return None;
    }
    let (mut facts, mut told, mut before) = (Vec::new(), Stream::default(), Amounts::default());
    let mut amount = 0i128;
    let step = arrivals.len().div_ceil(STEPS_MAX).max(1);
    for (at, (fact, arrival)) in (1..).zip(stream.facts().zip(arrivals)) {
        told.extend([fact.clone()]);
        if !usize::is_multiple_of(at, step) && at != arrivals.len() && !is_last_of_its_day(arrivals, at) {
            continue;
        }
        let now = Amounts::of(figure, key, &told, arrivals.get(..at).unwrap_or_default());
        let changed = before.change_to(&now, figure, *arrival);
        before = now;
        if changed != 0 {
            let header = &fact.header;
            facts.push(FactPart {
                event_id: header.event_id,
                kind: header.kind,
                source: header.source,
                occurred_at: header.occurred_at,
                recorded_at: header.recorded_at,
                amount: changed,
            });
            amount = amount.saturating_add(changed);
        }
    }
    (amount != 0 || !facts.is_empty()).then_some(Part { key, amount, facts })
}

/// Whether a fact is the last one that was recorded on its day: where it is booked turns behind it.
fn is_last_of_its_day(arrivals: &[Arrival], at: usize) -> bool {
    let day = |place: usize| arrivals.get(place).map(|arrival| arrival.recorded_day);
    day(at.saturating_sub(1)) != day(at)
}

/// A payment none of whose cells is meant on any day has no part; this is cheaper to see than its parts.
fn may_contribute(figure: &Figure, key: StreamKey, stream: &Stream, arrivals: &[Arrival]) -> bool {
    match figure.reckoning {
        Reckoning::Economic => Amounts::of(figure, key, stream, arrivals).0.iter().any(|(day, _)| *day == figure.day),
        // It may have been booked there and be gone since.
        Reckoning::Booked => arrivals.iter().any(|arrival| arrival.recorded_day >= figure.day),
    }
}

/// What a payment comes to in a figure's cells, by economic day.
#[derive(Default)]
struct Amounts(Vec<(Day, i128)>);

impl Amounts {
    fn of(figure: &Figure, key: StreamKey, stream: &Stream, arrivals: &[Arrival]) -> Self {
        let views: [&'static dyn View; 1] = [&Days];
        let mut rows = Rows::default();
        rows_of(&views, key, stream, arrivals, &mut rows);
        let meant = rows.sums_in(DAYS).filter_map(|(key, code, amount)| {
            let (place, cell) = (Place::read(key)?, Cell::from_code(code)?);
            figure.means(&place, cell).then_some((place.day, amount))
        });
        Self(meant.collect())
    }

    fn on(&self, day: Day) -> i128 {
        let amounts = self.0.iter().filter(|(on, _)| *on == day);
        amounts.fold(0i128, |sum, (_, amount)| sum.saturating_add(*amount))
    }

    /// By how much the figure changes.
    fn change_to(&self, now: &Self, figure: &Figure, arrival: Arrival) -> i128 {
        if figure.reckoning == Reckoning::Economic {
            return now.on(figure.day).saturating_sub(self.on(figure.day));
        }
        let booking = Booking { recorded_day: arrival.recorded_day, first_open_day: Day(0) };
        let mut days: Vec<_> = self.0.iter().chain(&now.0).map(|(day, _)| *day).collect();
        days.sort_unstable();
        days.dedup();
        let booked_here = days.into_iter().filter(|day| booking.day_of(*day) == figure.day);
        booked_here.fold(0i128, |sum, day| sum.saturating_add(now.on(day).saturating_sub(self.on(day))))
    }
}

impl Figure {
    fn means(&self, place: &Place, cell: Cell) -> bool {
        self.shop.is_none_or(|shop| place.shop == shop)
            && self.terminal.is_none_or(|terminal| place.terminal == terminal)
            && self.provider.as_ref().is_none_or(|provider| place.provider == *provider)
            && self.measure == cell.measure
            && self.plan.is_none_or(|plan| cell.plan == plan)
            && self.currency.is_none_or(|currency| cell.currency == Some(currency))
    }
}
