//! Sums of days: what happened, by merchant, day, shop, terminal and provider; on the day on which it happened, and on
//! the day on which it is booked.

use std::collections::BTreeMap;

use talon_domain::money::Currency;
use talon_domain::time::{Day, Instant};

use super::super::debit::{COUNTS, HELD};
use super::super::payment::Payment;
use super::super::slot::{self, Part};
use super::{Books, Prefix, Stream, Told};

/// What is counted, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// Who is paid.
    pub merchant: u64,
    /// The day in Paris.
    pub day: u16,
    /// Which shop; 0 is none.
    pub shop: u32,
    /// Which terminal; 0 is none.
    pub terminal: u32,
    /// Who finances it; empty is none.
    pub provider: String,
    /// What is counted, by its stable name.
    pub measure: String,
    /// How many instalments, or `later` for one debit, later; empty where no plan is known or it does not matter.
    pub plan: String,
    /// In which currency; empty is none.
    pub currency: String,
}

/// Sums; one of 0 is not there.
pub type Sums = BTreeMap<Line, i128>;

const STATUSES: [&str; 8] =
    ["collected", "cancelled", "accepted", "refused", "expired", "shop_timed_out", "unknown", "in_progress"];

/// The status of this number, by its stable name.
pub(super) fn status_name(status: u8) -> &'static str {
    STATUSES[usize::from(status) - 1]
}

/// "*Economic view* = sum of C(T)." Moments are the earliest and the latest.
pub(super) fn economic(prefix: &Prefix) -> Sums {
    let mut sums = Sums::new();
    for stream in prefix.payments() {
        for (line, amount) in lines(&stream) {
            add(&mut sums, &line, amount);
        }
    }
    for stream in prefix.payments() {
        for (line, moment) in moments(&stream) {
            let is_first = line.measure == "first";
            let held = sums.entry(line).or_insert(moment);
            *held = if is_first { moment.min(*held) } else { moment.max(*held) };
        }
    }
    sums
}

/// "A record yields C(after) - C(before). *Booked view*: a component of economic day e goes to `max(min(e, Paris day of
/// rt(p)), first open day)`, first open day = the latest over all closed scopes that contain it." A moment is no sum: it
/// is booked nowhere.
pub(super) fn booked(books: &Books) -> Sums {
    let mut booked = Sums::new();
    let mut first_open_day = Day(0);
    for (place, told) in books.told.iter().enumerate() {
        let (partition, fact) = match told {
            Told::Closing(day) => {
                first_open_day = first_open_day.max(*day);
                continue;
            }
            Told::Record { partition, fact, .. } => (*partition, fact),
        };
        let recorded_day = books.recorded_day(place, partition);
        let key = fact.header.stream_key();
        let mut change = Sums::new();
        for (line, amount) in books.prefix(place + 1).stream(key).iter().flat_map(lines) {
            add(&mut change, &line, amount);
        }
        for (line, amount) in books.prefix(place).stream(key).iter().flat_map(lines) {
            add(&mut change, &line, -amount);
        }
        for (line, amount) in change {
            let day = Day(line.day).min(recorded_day).max(first_open_day);
            add(&mut booked, &Line { day: day.0, ..line }, amount);
        }
    }
    booked
}

fn add(sums: &mut Sums, line: &Line, amount: i128) {
    let sum = sums.entry(line.clone()).or_default();
    *sum += amount;
    if *sum == 0 {
        sums.remove(line);
    }
}

/// What one stream adds to sums. Practice adds nothing.
fn lines(stream: &Stream<'_>) -> Vec<(Line, i128)> {
    let mut lines = Vec::new();
    let Some(payment) = stream.judged.payment.as_ref().filter(|_| !stream.key.training) else { return lines };
    let plan = plan_name(payment);
    let mut put = |day: Day, measure: &str, plan: &str, currency: Option<Currency>, amount: i128| {
        let line = Line {
            merchant: stream.key.merchant.0,
            day: day.0,
            shop: payment.shop.0,
            terminal: payment.terminal.0,
            provider: payment.provider.clone(),
            measure: measure.to_owned(),
            plan: plan.to_owned(),
            currency: currency.map_or(String::new(), |currency| currency.code().to_owned()),
        };
        lines.push((line, amount));
    };
    // A payment is one, on the day of its sale, else on the day on which it began; "asked: the sale where it is known,
    // else what was typed".
    let sold_on = payment.sale.and_then(|sale| sale.day);
    if let Some(day) = sold_on.or_else(|| began_at(stream)?.paris_day()) {
        let status = status_name(payment.status);
        let currency = super::transactions::currency(payment);
        put(day, &format!("payments_{status}"), &plan, currency, 1);
        if let Some(sale) = payment.sale {
            put(day, &format!("asked_{status}"), &plan, currency, minor(sale.minor_units));
        }
    }
    if let Some((sale, day)) = payment.sale.and_then(|sale| Some((sale, sale.day?))) {
        put(day, "sale", &plan, Some(sale.currency), minor(sale.minor_units));
        put(day, "sales", &plan, Some(sale.currency), 1);
        put(day, "customer_cost", &plan, Some(sale.currency), customer_cost(payment));
    }
    for moved in moved(payment) {
        put(moved.day, moved.account, &plan, Some(moved.currency), moved.amount);
        if !moved.counted_as.is_empty() {
            put(moved.day, moved.counted_as, &plan, Some(moved.currency), 1);
        }
    }
    // "Originals that left the printer, by kind of ticket"; "duplicata = copy >= 2".
    for print in stream.judged.told.iter().filter(|told| told.slot.family == slot::PRINT) {
        let Some(day) = print.winner().fact.header.occurred_at.paris_day() else { continue };
        let Some(Part::Choice(_, kind)) = print.slot.key.first() else { continue };
        if print.slot.number(2) >= 2 {
            put(day, "reprinted", "", None, 1);
        } else {
            put(day, &format!("printed_{kind}"), "", None, 1);
        }
    }
    for fact in &stream.facts {
        lines.push((told_where(stream, fact, "facts"), 1));
    }
    lines
}

/// Money that moved, and as what it is counted once; empty where it is not.
struct Moved {
    day: Day,
    account: &'static str,
    counted_as: &'static str,
    currency: Currency,
    amount: i128,
}

/// Debits, refunds and disputes: where their money goes, and what counts.
fn moved(payment: &Payment<'_>) -> Vec<Moved> {
    let mut all = Vec::new();
    for debit in &payment.debits {
        let (account, counted_as) = if debit.standing == COUNTS { ("collected", "debits") } else { ("suspense", "") };
        let (currency, amount) = (debit.money.currency, debit.money.amount.minor_units().into());
        all.push(Moved { day: debit.day, account, counted_as, currency, amount });
    }
    for refund in &payment.refunds {
        let whole = refund.money.amount.minor_units();
        let parts = match (refund.standing, refund.split) {
            (HELD, _) => vec![("suspense_back", "", whole)],
            (COUNTS, None) => vec![("refund_undivided", "refunds", whole)],
            // Two movements of one refund.
            (COUNTS, Some((cash, rebate))) => vec![("refund_cash", "refunds", cash), ("refund_rebate", "", rebate)],
            _ => vec![],
        };
        for (account, counted_as, amount) in parts {
            let (currency, amount) = (refund.money.currency, amount.into());
            all.push(Moved { day: refund.day, account, counted_as, currency, amount });
        }
    }
    for dispute in &payment.disputes {
        let Some(money) = dispute.money else { continue };
        let (account, counted_as) = match dispute.standing {
            COUNTS => ("chargeback", "chargebacks"),
            HELD => ("suspense_back", ""),
            _ => continue,
        };
        let (currency, amount) = (money.currency, money.amount.minor_units().into());
        all.push(Moved { day: dispute.day, account, counted_as, currency, amount });
    }
    all
}

/// The first and the last moment that facts tell of, where and when they say they happened. "Maxima, never subtracted."
fn moments(stream: &Stream<'_>) -> Vec<(Line, i128)> {
    let mut moments = Vec::new();
    if stream.key.training {
        return moments;
    }
    for fact in &stream.facts {
        for measure in ["first", "last"] {
            moments.push((told_where(stream, fact, measure), fact.header.occurred_at.0.into()));
        }
    }
    moments
}

/// Facts are counted where they say that they happened, whatever became of their payment.
fn told_where(stream: &Stream<'_>, fact: &talon_domain::fact::Fact, measure: &str) -> Line {
    Line {
        merchant: stream.key.merchant.0,
        day: fact.header.day.0,
        shop: fact.header.shop.0,
        terminal: fact.header.terminal.0,
        provider: String::new(),
        measure: measure.to_owned(),
        plan: String::new(),
        currency: String::new(),
    }
}

/// "The earliest moment of its story, by the clocks of the winning witnesses."
pub(super) fn began_at(stream: &Stream<'_>) -> Option<Instant> {
    let mut earliest: Option<Instant> = None;
    for told in &stream.judged.told {
        let at = told.winner().fact.header.occurred_at;
        if earliest.is_none_or(|earliest| at < earliest) {
            earliest = Some(at);
        }
    }
    earliest
}

/// Fees and interest that the customer agreed to pay, of all entries of the plan in force.
fn customer_cost(payment: &Payment<'_>) -> i128 {
    let mut cost = 0;
    for entry in payment.plan.as_ref().map_or(&[][..], |plan| &plan.entries) {
        cost += i128::from(entry.customer_fee.minor_units()) + i128::from(entry.customer_interest.minor_units());
    }
    cost
}

fn plan_name(payment: &Payment<'_>) -> String {
    let Some(plan) = payment.plan.as_ref().map(|plan| plan.plan) else { return String::new() };
    if plan.deferred_days > 0 || plan.deferred_months > 0 {
        return "later".to_owned();
    }
    match plan.installments_count {
        0 => String::new(),
        count => count.to_string(),
    }
}

fn minor(minor_units: u128) -> i128 {
    i128::try_from(minor_units).expect("a sum of amounts")
}
