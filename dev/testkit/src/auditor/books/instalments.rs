//! Instalments by the day in Paris on which the plan in force has them, of payments that were accepted or debited
//! (docs/views.md, calendar). Practice is in no row.

use std::collections::BTreeMap;

use talon_domain::fact::Payload;
use talon_domain::ids::StreamKey;
use talon_domain::plan::Instalment;
use talon_domain::time::Instant;

use super::super::debit::COUNTS;
use super::super::payment::Payment;
use super::super::slot;
use super::super::witness::Told;
use super::{Prefix, Stream, days};

/// Where and when an instalment falls due, and how far it came.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DueLine {
    /// Who was paid.
    pub merchant: u64,
    /// The day in Paris.
    pub day: u16,
    /// Which shop sold; 0 is none.
    pub shop: u32,
    /// Who finances; empty is none.
    pub provider: String,
    /// Its number in the plan; 0 in a sum.
    pub number: u32,
    /// How far it came, by its stable name.
    pub course: String,
    /// The day on which the first version of the plan had it, if that was another; in a sum 0 for any other day.
    pub rescheduled_from: Option<u16>,
    /// In which currency.
    pub currency: String,
    /// How much; 0 in a sum.
    pub amount: u64,
}

/// How many instalments, and how much.
pub type DueSums = BTreeMap<DueLine, (i128, i128)>;

/// Sums of all instalments.
pub(super) fn sums(prefix: &Prefix) -> DueSums {
    let mut sums = DueSums::new();
    for (_, line) in all(prefix) {
        let amount = i128::from(line.amount);
        let rescheduled_from = line.rescheduled_from.map(|_| 0);
        let sum = sums.entry(DueLine { number: 0, amount: 0, rescheduled_from, ..line }).or_default();
        *sum = (sum.0 + 1, sum.1 + amount);
    }
    sums
}

/// Those that are not collected, and not released.
pub(super) fn due(prefix: &Prefix) -> Vec<(StreamKey, DueLine)> {
    let mut due = all(prefix);
    due.retain(|(_, line)| ["due", "failed", "claimed", "covered"].contains(&line.course.as_str()));
    due.sort();
    due
}

fn all(prefix: &Prefix) -> Vec<(StreamKey, DueLine)> {
    let mut all = Vec::new();
    for stream in prefix.payments() {
        let payment = stream.judged.payment.as_ref().expect("a payment");
        let status = days::status_name(payment.status);
        let told = &stream.judged.told;
        // A plan of a payment that was neither accepted nor debited binds nobody.
        let is_agreed = status == "collected" || told.iter().any(|told| told.slot.family == slot::ACCEPTANCE);
        if stream.key.training || !is_agreed {
            continue;
        }
        for line in of_payment(&stream, payment) {
            all.push((stream.key, line));
        }
    }
    all
}

fn of_payment(stream: &Stream<'_>, payment: &Payment<'_>) -> Vec<DueLine> {
    let mut lines = Vec::new();
    let Some(plan) = &payment.plan else { return lines };
    for (entry, progress) in plan.entries.iter().zip(&payment.progress) {
        let Some(day) = entry.due_date.paris_day() else { continue };
        let from = first_date(payment, &stream.judged.told, entry.number).and_then(Instant::paris_day);
        lines.push(DueLine {
            merchant: stream.key.merchant.0,
            day: day.0,
            shop: payment.shop.0,
            provider: payment.provider.clone(),
            number: entry.number,
            course: course(stream, payment, entry, *progress).to_owned(),
            rescheduled_from: from.filter(|from| *from != day).map(|from| from.0),
            currency: entry.currency.code().to_owned(),
            amount: entry.total_amount.minor_units(),
        });
    }
    lines
}

/// "Instalment state = collected, covered, claimed, failed, due". Taken before its own day it is early. What was owed is
/// released once the sale was given back in full, the payment was cancelled, the customer withdrew, or it is nothing.
fn course(stream: &Stream<'_>, payment: &Payment<'_>, entry: &Instalment, progress: u8) -> &'static str {
    let is_withdrawn = stream.judged.told.iter().any(|told| told.slot.family == slot::WITHDRAWAL);
    let is_cancelled = days::status_name(payment.status) == "cancelled";
    let is_nothing = entry.total_amount.minor_units() == 0;
    let is_released = payment.is_closed || is_cancelled || is_withdrawn || is_nothing;
    let mut is_early = false;
    for debit in &payment.debits {
        is_early |= debit.standing == COUNTS
            && debit.instalment == entry.number
            && Some(debit.day) < entry.due_date.paris_day();
    }
    match progress {
        1 if is_early => "collected_early",
        1 => "collected",
        2 => "covered",
        _ if is_released => "released",
        3 => "claimed",
        4 => "failed",
        _ => "due",
    }
}

/// The date that the first version of the plan names, by the mouth of the plan in force; `None` if that is the plan in
/// force itself. What was taken back names nothing.
fn first_date(payment: &Payment<'_>, told: &[Told<'_>], number: u32) -> Option<Instant> {
    let plan = payment.plan.as_ref()?;
    // Slots come in their order, and the best witness of each first.
    for version in told.iter().filter(|told| told.slot.family == slot::PLAN && told.slot.number(0) < plan.version) {
        for witness in version.witnesses.iter().filter(|witness| witness.fact.header.source == plan.source) {
            let Payload::ScheduleChosen(chosen) = &witness.fact.payload else { continue };
            let entries = chosen.plan.instalments.iter().filter(|entry| entry.number == number);
            return entries.map(|entry| entry.due_date).min();
        }
    }
    None
}
