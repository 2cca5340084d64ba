//! Why a payment is not finished, since when, and how old that is at a moment (docs/views.md, `open_items`).

use std::collections::BTreeMap;

use talon_domain::ids::StreamKey;
use talon_domain::money::Money;
use talon_domain::time::{Day, Instant};

use super::super::anomaly::{Found, SUCCESS_SHOULD_PRECEDE_EXPIRY};
use super::super::debit::{COUNTS, HELD};
use super::super::payment::Payment;
use super::super::slot::{self, CANCELLED, Part, Slot, TIMED_OUT, UNKNOWN};
use super::super::witness::Told;
use super::super::{content, money_back, outcome};
use super::devices::{has_devices, is_assigned};
use super::{Prefix, Stream, days};

/// A payment that is open at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRow {
    /// Each reason by its stable name, with the moment in microseconds from which it ages, sorted.
    pub reasons: Vec<(String, i64)>,
    /// Working days since the oldest of them began, Monday to Friday.
    pub age: u32,
    /// The currency of its amount; empty of nothing.
    pub currency: String,
    /// The sale where it is known, else what is held.
    pub amount: u128,
}

/// A reason as far as facts tell; `waits` until the day of its moment is over.
struct Reason {
    name: &'static str,
    began_at: Option<Instant>,
    waits: bool,
}

const HOUR_US: i64 = 3_600_000_000;

/// Every payment that is open at a moment. "Practice leaves nothing to settle."
pub(super) fn items(prefix: &Prefix, at: Instant) -> BTreeMap<StreamKey, OpenRow> {
    let mut items = BTreeMap::new();
    for stream in prefix.payments() {
        let payment = stream.judged.payment.as_ref().expect("a payment");
        let reasons = if stream.key.training { vec![] } else { at_moment(prefix, &stream, payment, at) };
        let Some(oldest) = reasons.iter().map(|(_, began_at)| *began_at).min() else { continue };
        let at_stake = at_stake(payment).filter(|(_, amount)| *amount > 0);
        let age = working_days(Instant(oldest).paris_day(), at.paris_day());
        let currency = at_stake.map_or(String::new(), |(currency, _)| currency.to_string());
        let amount = at_stake.map_or(0, |(_, amount)| amount);
        items.insert(stream.key, OpenRow { reasons, age, currency, amount });
    }
    items
}

fn at_moment(prefix: &Prefix, stream: &Stream<'_>, payment: &Payment<'_>, at: Instant) -> Vec<(String, i64)> {
    // Of a payment of which nothing counts any more the first thing that was told.
    let told = stream.facts.iter().map(|fact| fact.header.occurred_at).min();
    let Some(beginning) = days::began_at(stream).or(told) else { return vec![] };
    let mut reasons = Vec::new();
    for reason in since(stream, payment) {
        let began_at = reason.began_at.unwrap_or(beginning);
        if reason.waits {
            // "Of a deferred plan, once the day of its first due date is over."
            if at.paris_day() > began_at.paris_day() {
                reasons.push((reason.name.to_owned(), began_at.0));
            }
        } else if reason.name == "outcome_awaited" && days::status_name(payment.status) == "in_progress" {
            // "It began an hour ago. A clock that runs ahead by more than that hides nothing."
            if at.0.abs_diff(began_at.0) >= HOUR_US.unsigned_abs() {
                reasons.push(("in_progress_too_long".to_owned(), began_at.0 + HOUR_US));
            }
        } else {
            reasons.push((reason.name.to_owned(), began_at.0));
        }
    }
    let sold_on = payment.sale.and_then(|sale| sale.day);
    if let Some(day) = sold_on.or_else(|| beginning.paris_day())
        && payment.terminal.0 != 0
        && has_devices(prefix, stream.key.merchant)
        && !is_assigned(prefix, stream.key.merchant, payment.terminal, day)
    {
        reasons.push(("terminal_unknown".to_owned(), beginning.0));
    }
    reasons.sort();
    reasons
}

/// Whether it is open as far as its facts tell, whatever the moment.
pub(super) fn is_open(stream: &Stream<'_>, payment: &Payment<'_>) -> bool {
    since(stream, payment).iter().any(|reason| !reason.waits)
}

/// Monday to Friday, after one day and up to another.
fn working_days(after: Option<Day>, until: Option<Day>) -> u32 {
    let (Some(after), Some(until)) = (after, until) else { return 0 };
    let mut count = 0;
    for day in after.0 + 1..=until.0.max(after.0) {
        // 1970-01-01 was a Thursday, the third after Monday.
        if (day + 3) % 7 < 5 {
            count += 1;
        }
    }
    count
}

/// The sale, else what is held of what was taken, else of what was given back.
fn at_stake(payment: &Payment<'_>) -> Option<(talon_domain::money::Currency, u128)> {
    if let Some(sale) = payment.sale {
        return Some((sale.currency, sale.minor_units));
    }
    let (mut taken, mut given): (Vec<Money>, Vec<Money>) = (vec![], vec![]);
    taken.extend(payment.debits.iter().filter(|debit| debit.standing == HELD).map(|debit| debit.money));
    given.extend(payment.refunds.iter().filter(|refund| refund.standing == HELD).map(|refund| refund.money));
    given
        .extend(payment.disputes.iter().filter(|dispute| dispute.standing == HELD).filter_map(|dispute| dispute.money));
    for held in [taken, given] {
        if let Some(currency) = held.iter().map(|money| money.currency).min() {
            let mut sum = 0;
            for money in held.iter().filter(|money| money.currency == currency) {
                sum += u128::from(money.amount.minor_units());
            }
            return Some((currency, sum));
        }
    }
    None
}

/// "A payment whose cash and rebate reach the sale is *closed*, whatever its status, and no open item": what is not
/// about its sale, money that is held and a dispute, stays open.
fn since(stream: &Stream<'_>, payment: &Payment<'_>) -> Vec<Reason> {
    let told = &stream.judged.told;
    let mut reasons = Vec::new();
    let mut put = |name, is_so: bool, began_at, waits| {
        if is_so && (!payment.is_closed || name == "money_in_suspense" || name == "dispute_open") {
            reasons.push(Reason { name, began_at, waits });
        }
    };
    let status = days::status_name(payment.status);
    // Nobody who can know said how it ended: a shop that stopped waiting is none.
    put("outcome_awaited", status == "in_progress", days::began_at(stream), false);
    put("outcome_awaited", status == "shop_timed_out", last_end(told, &TIMED_OUT), false);
    put("outcome_unknown", status == "unknown", last_end(told, &UNKNOWN), false);
    let is_wish = |told: &&Told<'_>| told.slot.family == slot::CANCEL_ASKED && told.slot.key[0] == CANCELLED;
    let wished = earliest(told.iter().filter(is_wish).map(at));
    let is_over = ["cancelled", "refused", "expired"].contains(&status);
    put("cancellation_asked", wished.is_some() && !is_over, wished, false);
    succeeded(payment, told, status, &mut put);
    let papers = earliest(told.iter().filter(|told| is_paper(told, 2) || is_paper(told, 3)).map(at));
    let is_paid = !payment.debits.is_empty() || told.iter().any(|told| told.slot.family == slot::ACCEPTANCE);
    put("tickets_without_debit", papers.is_some() && !is_paid, papers, false);
    let held = held(payment, told);
    put("money_in_suspense", held.is_some(), held, false);
    let awaited = earliest(told.iter().filter(|request| is_unanswered(request, told)).map(at));
    put("refund_awaited", awaited.is_some(), awaited, false);
    let open = payment.disputes.iter().filter(|dispute| is_open_dispute(dispute));
    let open = earliest(open.map(|dispute| at_slot(told, &dispute.slot)));
    put("dispute_open", open.is_some(), open, false);
    let withdrawn = earliest(told.iter().filter(|told| told.slot.family == slot::WITHDRAWAL).map(at));
    put("withdrawal_to_settle", withdrawn.is_some() && is_owed_back(payment), withdrawn, false);
    let is_late = stream.judged.anomalies.iter().any(|(code, _)| *code == SUCCESS_SHOULD_PRECEDE_EXPIRY);
    put("success_after_expiry", is_late, succeeded_at(payment, told), false);
    reasons
}

/// What is to be done of a payment that succeeded. "Acceptance is not a debit (deferred plans, manual capture)": who
/// pays later is to be debited on the first due date.
fn succeeded(
    payment: &Payment<'_>,
    told: &[Told<'_>],
    status: &str,
    put: &mut impl FnMut(&'static str, bool, Option<Instant>, bool),
) {
    let moment = succeeded_at(payment, told);
    let plan = payment.plan.as_ref().map(|plan| plan.plan);
    if let Some(plan) = plan.filter(|plan| plan.deferred_days > 0 || plan.deferred_months > 0) {
        let due = earliest(plan.instalments.iter().map(|entry| entry.due_date));
        put("not_captured", status == "accepted", due, true);
    } else {
        put("not_captured", status == "accepted", moment, false);
    }
    let has_succeeded = status == "collected" || status == "accepted";
    put("tickets_not_printed", has_succeeded && !is_printed(told), moment, false);
}

fn succeeded_at(payment: &Payment<'_>, told: &[Told<'_>]) -> Option<Instant> {
    if let Some(accepted) = outcome::acceptance(told, &mut Found::default()) {
        return Some(at_slot(told, &Slot::of_text(slot::ACCEPTANCE, &accepted.id)));
    }
    let counting = payment.debits.iter().filter(|debit| debit.standing == COUNTS);
    earliest(counting.map(|debit| at_slot(told, &debit.slot)))
}

fn held(payment: &Payment<'_>, told: &[Told<'_>]) -> Option<Instant> {
    let mut moments = Vec::new();
    moments
        .extend(payment.debits.iter().filter(|debit| debit.standing == HELD).map(|debit| at_slot(told, &debit.slot)));
    let refunds = payment.refunds.iter().filter(|refund| refund.standing == HELD);
    moments.extend(refunds.map(|refund| at_slot(told, &refund.slot)));
    let disputes = payment.disputes.iter().filter(|dispute| dispute.standing == HELD);
    moments.extend(disputes.map(|dispute| at_slot(told, &dispute.slot)));
    earliest(moments.into_iter())
}

fn earliest(moments: impl Iterator<Item = Instant>) -> Option<Instant> {
    moments.min()
}

fn at(told: &Told<'_>) -> Instant {
    told.winner().fact.header.occurred_at
}

fn at_slot(told: &[Told<'_>], slot: &Slot) -> Instant {
    at(told.iter().find(|told| told.slot == *slot).expect("it is told"))
}

/// When the last attempt that ended so did.
fn last_end(told: &[Told<'_>], kind: &Part) -> Option<Instant> {
    let mut last: Option<&Told<'_>> = None;
    for one in told.iter().filter(|told| told.slot.family == slot::OUTCOME && told.slot.key[0] == *kind) {
        if last.is_none_or(|last| one.slot.number(1) > last.slot.number(1)) {
            last = Some(one);
        }
    }
    last.map(at)
}

fn is_paper(told: &Told<'_>, kind: u8) -> bool {
    told.slot.family == slot::PRINT && matches!(told.slot.key.first(), Some(Part::Choice(number, _)) if *number == kind)
}

/// The customer's and the till's ticket left the printer.
pub(super) fn is_printed(told: &[Told<'_>]) -> bool {
    told.iter().any(|told| is_paper(told, 2)) && told.iter().any(|told| is_paper(told, 3))
}

/// A request is answered by a refund that names it, made or failed, and by the refund that it names itself.
fn is_unanswered(request: &Told<'_>, told: &[Told<'_>]) -> bool {
    if request.slot.family != slot::REFUND_REQUEST {
        return false;
    }
    let names = request.shown_text(24);
    for refund in told {
        if refund.slot.family != slot::REFUND && refund.slot.family != slot::REFUND_WITHOUT_ID {
            continue;
        }
        if refund.slot.family == slot::REFUND && names.as_deref() == Some(refund.slot.text(0)) {
            return false;
        }
        for witness in &refund.witnesses {
            for stated in witness.stated() {
                if stated.field == content::REQUEST_ID && content::as_text(&stated.value) == request.slot.text(0) {
                    return false;
                }
            }
        }
    }
    true
}

const fn is_open_dispute(dispute: &money_back::Dispute) -> bool {
    dispute.stage == talon_domain::fact::ChargebackStage::Opened as u8
}

/// "Withdrawal is not refund: the credit is cancelled, the sale may stand" (E32): what was taken goes back.
fn is_owed_back(payment: &Payment<'_>) -> bool {
    for debit in payment.debits.iter().filter(|debit| debit.standing == COUNTS) {
        let currency = debit.money.currency;
        let (mut taken, mut given) = (0, 0);
        for debit in payment.debits.iter().filter(|debit| debit.standing == COUNTS) {
            if debit.money.currency == currency {
                taken += u128::from(debit.money.amount.minor_units());
            }
        }
        for refund in payment.refunds.iter().filter(|refund| refund.standing == COUNTS) {
            if refund.money.currency == currency {
                given += u128::from(refund.money.amount.minor_units());
            }
        }
        if given < taken {
            return true;
        }
    }
    false
}
