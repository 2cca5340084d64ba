//! One stream, judged from the set of its facts: a payment, or a name beside payments.

use talon_domain::fact::{Fact, Payload};
use talon_domain::ids::{ShopId, StreamKey, TerminalId};
use talon_domain::money::{Currency, Money};
use talon_domain::time::Day;

use super::anomaly::{
    CURRENCY_MUST_AGREE, Found, INITIATION_MUST_BE_KNOWN, SALE_AMOUNT_MUST_AGREE, TERMINAL_SHOULD_BE_NAMED,
    between_witnesses, states_provider,
};
use super::debit::{self, COUNTS, Debit, HELD};
use super::join::join;
use super::money_back::{self, Dispute, Refund};
use super::outcome::{self, STATUS_CANCELLED};
use super::plan::{self, PlanInForce};
use super::reversal::without_reversed;
use super::slot::{self, Part, Slot, claimed_by};
use super::witness::{Told, Witness, by_slot, money_authority, revision};

/// What a stream adds up to.
pub(super) struct Judged<'a> {
    pub(super) payment: Option<Payment<'a>>,
    pub(super) told: Vec<Told<'a>>,
    pub(super) anomalies: Vec<(u16, Slot)>,
}

/// What only a payment has.
pub(super) struct Payment<'a> {
    pub(super) shop: ShopId,
    pub(super) terminal: TerminalId,
    pub(super) provider: String,
    pub(super) status: u8,
    pub(super) is_closed: bool,
    pub(super) sale: Option<Sale>,
    pub(super) plan: Option<PlanInForce<'a>>,
    /// The state of each entry of the plan, in their order.
    pub(super) progress: Vec<u8>,
    pub(super) debits: Vec<Debit>,
    pub(super) refunds: Vec<Refund>,
    pub(super) disputes: Vec<Dispute>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sale {
    pub(super) currency: Currency,
    pub(super) minor_units: u128,
    pub(super) day: Option<Day>,
}

/// Judges a stream. `facts` may come in any order.
pub(super) fn judge<'a>(facts: &[&'a Fact]) -> Judged<'a> {
    let mut found = Found::default();
    let mut claims = Vec::new();
    for fact in facts {
        for (slot, is_numbered) in claimed_by(fact) {
            claims.push(Witness { slot, fact, is_numbered });
        }
    }
    let joined = join(&claims);
    let told = by_slot(without_reversed(&joined, &mut found));
    // A stream is a payment's if one of its facts that can be read is: kinds 1 to 999.
    let is_payment = facts.iter().any(|fact| is_of_payment(fact));
    let payment = is_payment.then(|| payment(&told, &mut found));
    between_witnesses(&told, &mut found);
    Judged { payment, told, anomalies: found.in_order() }
}

const fn is_of_payment(fact: &Fact) -> bool {
    fact.header.kind.0 < 1_000 && !matches!(fact.payload, Payload::Parked(_))
}

fn payment<'a>(told: &[Told<'a>], found: &mut Found) -> Payment<'a> {
    let initiated = initiated_amount(told, found);
    let acceptance = outcome::acceptance(told, found);
    let plan = plan::in_force(told, acceptance.as_ref().map(|accepted| accepted.day), found);
    let is_known = initiated.is_some() || acceptance.is_some() || plan.is_some();
    let debits = debit::debits(told, acceptance.as_ref(), is_known, found);
    debit::against_plan(&debits, plan.as_ref(), told, found);

    let accepted_amount = acceptance.as_ref().and_then(|accepted| accepted.amount);
    let mut sale = sale(initiated, accepted_amount, plan.as_ref(), &debits, found);
    let accepted_day = acceptance.as_ref().map(|accepted| accepted.day);
    if let Some(sale) = &mut sale {
        // "It counts once an acceptance or a counting debit exists, on the day of the winning acceptance, else of the
        // debit of the lowest instalment, never of a plan."
        sale.day = accepted_day.or(debit::day_of_lowest(&debits));
    }
    let refunds = money_back::refunds(told, acceptance.as_ref(), is_known, found);
    let disputes = money_back::disputes(told, acceptance.as_ref(), is_known, found);
    money_back::against_sale(&refunds, &disputes, sale.as_ref(), plan.as_ref(), told, found);
    let is_paid = acceptance.is_some() || debit::first_counting(&debits).is_some();
    money_back::after_acceptance(&refunds, is_paid, found);
    let is_closed = money_back::is_closed(&refunds, sale.as_ref());
    let status = outcome::status(acceptance.as_ref(), &debits, is_closed, told, found);
    let has_moved = refunds.iter().any(|refund| refund.standing == COUNTS)
        || disputes.iter().any(|dispute| dispute.standing == COUNTS);
    if status == STATUS_CANCELLED
        && !has_moved
        && let Some(sale) = &mut sale
    {
        sale.day = None; // what was cancelled before anything was taken or given back sold nothing
    }
    let mut progress = Vec::new();
    for entry in plan.as_ref().map_or(&[][..], |plan| &plan.entries) {
        let is_collected = debits.iter().any(|debit| debit.standing == COUNTS && debit.instalment == entry.number);
        progress.push(plan::progress(entry, is_collected, told));
    }
    Payment {
        shop: place(told, |witness| Some(witness.fact.header.shop).filter(|shop| shop.0 != 0)).unwrap_or_default(),
        terminal: place(told, |witness| Some(witness.fact.header.terminal).filter(|terminal| terminal.0 != 0))
            .unwrap_or_default(),
        provider: place(told, states_provider).unwrap_or_default(),
        status,
        is_closed,
        sale,
        plan,
        progress,
        debits,
        refunds,
        disputes,
    }
}

/// What was typed on the terminal.
fn initiated_amount(told: &[Told<'_>], found: &mut Found) -> Option<Money> {
    let slot = Slot::new(slot::INITIATION, vec![]);
    let Some(initiation) = told.iter().find(|told| told.slot == slot) else {
        if !told.is_empty() {
            found.add(INITIATION_MUST_BE_KNOWN, slot);
        }
        return None;
    };
    if initiation.witnesses.iter().all(|witness| witness.fact.header.terminal.0 == 0) {
        found.add(TERMINAL_SHOULD_BE_NAMED, slot);
    }
    initiation.shown_money(super::content::AMOUNT)
}

/// "Sale = sum of `original_purchase_amount` of the plan in force, else the accepted amount, else the initiated one.
/// Initiation, acceptance and plan that differ raise `sale_amount_must_agree`."
fn sale(
    initiated: Option<Money>,
    accepted: Option<Money>,
    plan: Option<&PlanInForce<'_>>,
    debits: &[Debit],
    found: &mut Found,
) -> Option<Sale> {
    let mut amounts = Vec::new();
    amounts.extend(plan.and_then(plan::purchase));
    for money in [accepted, initiated].into_iter().flatten() {
        amounts.push((money.currency, u128::from(money.amount.minor_units())));
    }
    let (currency, minor_units) = *amounts.first()?;
    for amount in &amounts {
        if *amount != (currency, minor_units) {
            found.add(SALE_AMOUNT_MUST_AGREE, Slot::new(slot::INITIATION, vec![]));
        }
    }
    for debit in debits.iter().filter(|debit| debit.standing == COUNTS) {
        if debit.money.currency != currency {
            found.add(CURRENCY_MUST_AGREE, debit.slot.clone());
        }
    }
    Some(Sale { currency, minor_units, day: None })
}

/// "Shop, terminal, provider of every component: those of the initiation, else of the winning witness that names them,
/// else 0."
fn place<T>(told: &[Told<'_>], named_by: impl Fn(&Witness<'_>) -> Option<T>) -> Option<T> {
    for one in told.iter().filter(|told| told.slot.family == slot::INITIATION) {
        for witness in &one.witnesses {
            if let Some(name) = named_by(witness) {
                return Some(name);
            }
        }
    }
    let mut best: Option<&Witness<'_>> = None;
    for witness in told.iter().flat_map(|told| &told.witnesses) {
        if named_by(witness).is_some() && best.is_none_or(|best| weighs_more(witness.fact, best.fact)) {
            best = Some(witness);
        }
    }
    best.and_then(named_by)
}

/// "SMS: the furthest of queued, accepted, sending, sent, unknown, failed, undelivered, delivered", which is the order
/// of their numbers. Every SMS that is told of, reported on, or whose link was opened.
pub(super) fn sms(told: &[Told<'_>]) -> Vec<(u32, Option<u8>, bool)> {
    let mut all: Vec<(u32, Option<u8>, bool)> = Vec::new();
    for one in told {
        let (report, is_opened) = match (one.slot.family, one.slot.key.last()) {
            (slot::SMS, _) => (None, false),
            (slot::SMS_DELIVERY, Some(Part::Choice(status, _))) => (Some(*status), false),
            (slot::LINK_OPENED, _) => (None, true),
            _ => continue,
        };
        let number = one.slot.number(0);
        match all.iter_mut().find(|sms| sms.0 == number) {
            Some(sms) => (sms.1, sms.2) = (sms.1.max(report), sms.2 || is_opened),
            None => all.push((number, report, is_opened)),
        }
    }
    all.sort_unstable();
    all
}

/// Rules 1 to 3, whatever the two facts tell of.
fn weighs_more(one: &Fact, other: &Fact) -> bool {
    let (a, b) = (money_authority(one.header.source), money_authority(other.header.source));
    let (r, s) = (revision(&one.payload), revision(&other.payload));
    a > b || (a == b && (r > s || (r == s && one.header.event_id.0 < other.header.event_id.0)))
}

/// One component of what a payment adds to every total.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Component {
    /// Which shop; 0 is none.
    pub shop: u32,
    /// Which terminal; 0 is none.
    pub terminal: u32,
    /// Who finances it; empty is none.
    pub provider: String,
    /// The economic day.
    pub day: Day,
    /// `installments_count` of the plan in force; 0 is none.
    pub plan: u32,
    /// 1 sale, 2 collected, 3 suspense, 4 refund in cash, 5 rebate, 6 refund undivided, 7 chargeback, 8 suspense back.
    pub account: u8,
    /// In which currency.
    pub currency: String,
    /// How much.
    pub minor_units: u128,
}

/// "C(T) is a vector of integers keyed (merchant, shop, terminal, provider, economic day, plan, account, currency);
/// economic day = the day of the winning witness of the slot. Training records contribute to no money." Components of
/// one key are one; those of nothing are left out.
pub(super) fn contributions(key: StreamKey, payment: &Payment<'_>) -> Vec<Component> {
    let mut moved = Vec::new();
    if let Some(Sale { currency, minor_units, day: Some(day) }) = payment.sale {
        moved.push((day, 1, currency, minor_units));
    }
    for debit in &payment.debits {
        let account = if debit.standing == COUNTS { 2 } else { 3 };
        moved.push((debit.day, account, debit.money.currency, debit.money.amount.minor_units().into()));
    }
    for refund in &payment.refunds {
        let whole = refund.money.amount.minor_units();
        let parts = match (refund.standing, refund.split) {
            (HELD, _) => vec![(8, whole)],
            (COUNTS, Some((cash, rebate))) => vec![(4, cash), (5, rebate)],
            (COUNTS, None) => vec![(6, whole)],
            _ => vec![],
        };
        for (account, amount) in parts {
            moved.push((refund.day, account, refund.money.currency, amount.into()));
        }
    }
    for dispute in &payment.disputes {
        let (Some(money), COUNTS | HELD) = (dispute.money, dispute.standing) else { continue };
        let account = if dispute.standing == COUNTS { 7 } else { 8 };
        moved.push((dispute.day, account, money.currency, money.amount.minor_units().into()));
    }
    if key.training {
        moved.clear();
    }
    let mut components = Vec::new();
    for (day, account, currency, minor_units) in moved {
        components.push(Component {
            shop: payment.shop.0,
            terminal: payment.terminal.0,
            provider: payment.provider.clone(),
            day,
            plan: payment.plan.as_ref().map_or(0, |plan| plan.plan.installments_count),
            account,
            currency: currency.to_string(),
            minor_units,
        });
    }
    summed(components)
}

/// Puts components of one key together.
pub fn summed(components: Vec<Component>) -> Vec<Component> {
    let mut sums: Vec<Component> = Vec::new();
    for component in components.into_iter().filter(|component| component.minor_units > 0) {
        let same = sums.iter_mut().find(|sum| Component { minor_units: sum.minor_units, ..component.clone() } == **sum);
        match same {
            Some(sum) => sum.minor_units += component.minor_units,
            None => sums.push(component),
        }
    }
    sums.sort();
    sums
}
