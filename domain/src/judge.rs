//! The judgement of one stream: a pure function from the set of its facts to its state.
//!
//! ```text
//! facts --> claims, joined, without what was reversed
//!       --> plan, acceptance, debits, ends, money back, prints --> status, sale --> anomalies
//! ```
//!
//! Invariants:
//! - total: any set of facts has a state
//! - position, time of recording, arrival and `occurred_at` as an order are never inputs
//! - what views add up is computed without what only readers and digests need (`told`)

mod debit;
mod money_back;
mod outcome;
mod plan;
mod told;

use std::collections::BTreeSet;

use crate::anomaly::{Anomaly, Code};
use crate::claims::{Claims, Effect};
use crate::fact::{Payload, PaymentInitiated, Text};
use crate::ids::{ShopId, StreamKey, TerminalId};
use crate::money::{Currency, Money};
use crate::slot::Slot;
use crate::state::{Acceptance, AgreedPlan, Debit, Initiation, Reversal, Sale, Standing, State, Status};
use crate::witness::{Ranked, Witness};

pub(crate) use told::told;

/// Rules that are not kept, in the order of codes and slots.
#[derive(Debug, Default)]
struct Findings(BTreeSet<Anomaly>);

impl Findings {
    fn add(&mut self, code: Code, slot: Slot) {
        self.0.insert(Anomaly { code, slot });
    }

    fn add_if(&mut self, condition: bool, code: Code, slot: &Slot<&str>) {
        if condition {
            self.add(code, slot.owned());
        }
    }
}

/// The state of a payment.
pub(crate) fn judge(key: StreamKey, claims: &Claims<'_>) -> State {
    let mut found = Findings::default();
    let initiation = initiation(claims, &mut found);
    let acceptance = outcome::acceptance(claims, &mut found);
    let accepted = acceptance.as_ref().map(|accepted| &accepted.state);
    let mut plan = plan::in_force(claims, accepted, &mut found);
    let is_known = initiation.is_some() || acceptance.is_some() || plan.is_some();
    let debits = debit::judge(claims, acceptance.as_ref(), is_known, &mut found);
    plan::progress(plan.as_mut(), &debits, claims);
    debit::against_plan(&debits, plan.as_ref(), claims, &mut found);

    let back = money_back::judge(claims, acceptance.as_ref(), is_known, &mut found);
    let mut sale = sale(initiation.as_ref(), accepted, plan.as_ref(), &debits, &mut found);
    let is_closed = sale.is_some_and(|sale| back.reaches(&sale));
    back.within(sale.as_ref(), plan.as_ref(), claims, &mut found);
    let is_paid = acceptance.is_some() || debits.iter().any(|debit| debit.standing == Standing::Counts);
    back.after_acceptance(is_paid, &mut found);
    let status = outcome::status(acceptance.as_ref(), &debits, is_closed, claims, &mut found);
    if let (Some(sale), Status::Cancelled, false) = (&mut sale, status, back.has_moved()) {
        sale.day = None; // cancelled before anything was taken or given back: nothing was sold
    }
    contradictions(claims, &mut found);

    let place = Place::of(claims);
    State {
        key,
        shop: place.shop,
        terminal: place.terminal,
        provider: place.provider.cloned(),
        status,
        is_closed,
        began_at: claims.iter().map(|ranked| ranked.best().header().occurred_at).min(),
        initiation,
        acceptance: acceptance.map(|accepted| accepted.state),
        plan,
        sale,
        debits,
        ends: outcome::ends(claims),
        sms: told::sms(claims),
        emails: told::emails(claims),
        prints: told::prints(claims, &mut found),
        cards_replaced: told::cards_replaced(claims),
        replaces: told::replaces(claims),
        refund_requests: back.requests,
        refunds: back.refunds,
        disputes: back.disputes,
        withdrawal: back.withdrawal,
        reversals: reversals(claims),
        anomalies: found.0.into_iter().collect(),
    }
}

/// What contradicts in a stream that belongs to no payment.
pub(crate) fn beside(claims: &Claims<'_>) -> Vec<Anomaly> {
    let mut found = Findings::default();
    contradictions(claims, &mut found);
    found.0.into_iter().collect()
}

/// Witnesses that contradict each other, repetitions without a number, and reversals that came to nothing.
fn contradictions(claims: &Claims<'_>, found: &mut Findings) {
    for ranked in claims.iter() {
        told::contradictions(&ranked, claims, found);
    }
    for reversed in claims.reversed() {
        let code = match reversed.effect {
            Effect::Struck => continue,
            Effect::NamesNothing => Code::ReversalMustNameAFact,
            Effect::Outranked => Code::ReversalMustHaveAuthority,
        };
        found.add(code, Slot::Reversal(reversed.named));
    }
}

fn reversals(claims: &Claims<'_>) -> Vec<Reversal> {
    let all = claims.reversed().iter();
    all.map(|reversed| Reversal { event_id: reversed.named, is_effective: reversed.effect == Effect::Struck }).collect()
}

fn initiation(claims: &Claims<'_>, found: &mut Findings) -> Option<Initiation> {
    let Some(ranked) = claims.get(&Slot::Initiation) else {
        found.add_if(!claims.is_empty(), Code::InitiationMustBeKnown, &Slot::Initiation);
        return None;
    };
    let shown = ranked.best();
    let Payload::PaymentInitiated(payload) = shown.payload() else { return None };
    let is_placed = ranked.all().iter().any(|witness| witness.header().terminal.0 != 0);
    found.add_if(!is_placed, Code::TerminalShouldBeNamed, &Slot::Initiation);
    let stated = |part: fn(&PaymentInitiated) -> &Option<Text>| {
        ranked.first(|witness| match witness.payload() {
            Payload::PaymentInitiated(payload) => part(payload).clone(),
            _ => None,
        })
    };
    Some(Initiation {
        amount: payload.amount,
        occurred_at: shown.header().occurred_at,
        till_id: stated(|payload| &payload.till_id),
        till_ticket: stated(|payload| &payload.till_ticket),
        cashier_code: stated(|payload| &payload.cashier_code),
    })
}

/// What was sold: the plan's sum, else what was accepted, else what was typed. It counts on the day of the acceptance,
/// else of the counting debit of the lowest instalment.
fn sale(
    initiation: Option<&Initiation>,
    accepted: Option<&Acceptance>,
    plan: Option<&AgreedPlan>,
    debits: &[Debit],
    found: &mut Findings,
) -> Option<Sale> {
    let stated = [
        plan.and_then(|agreed| agreed.plan.original_purchase()),
        accepted.and_then(|accepted| accepted.amount).map(wide),
        initiation.map(|initiation| wide(initiation.amount)),
    ];
    let (currency, minor_units) = stated.into_iter().flatten().next()?;
    let agree = stated.into_iter().flatten().all(|amount| amount == (currency, minor_units));
    found.add_if(!agree, Code::SaleAmountMustAgree, &Slot::Initiation);

    let counting = || debits.iter().filter(|debit| debit.standing == Standing::Counts);
    for debit in counting().filter(|debit| debit.money.currency != currency) {
        found.add(Code::CurrencyMustAgree, debit.slot());
    }
    let first = counting().min_by_key(|debit| debit.instalment).map(|debit| debit.day);
    Some(Sale { currency, minor_units, day: accepted.map(|accepted| accepted.day).or(first) })
}

fn wide(money: Money) -> (Currency, u128) {
    (money.currency, money.amount.minor_units().into())
}

/// Where and with whom: the word of the initiation's witnesses, else of all, each part from the best that names it.
struct Place<'a> {
    shop: ShopId,
    terminal: TerminalId,
    provider: Option<&'a Text>,
}

impl<'a> Place<'a> {
    fn of(claims: &Claims<'a>) -> Self {
        let shop = |witness: &Witness<'_>| Some(witness.header().shop).filter(|shop| shop.0 != 0);
        let terminal = |witness: &Witness<'_>| Some(witness.header().terminal).filter(|terminal| terminal.0 != 0);
        Self {
            shop: named(claims, shop).unwrap_or_default(),
            terminal: named(claims, terminal).unwrap_or_default(),
            provider: named(claims, |witness| witness.payload().provider()),
        }
    }
}

fn named<'a, T>(claims: &Claims<'a>, part: impl Fn(&Witness<'a>) -> Option<T>) -> Option<T> {
    let first = |ranked: Ranked<'_, 'a>| ranked.first(&part);
    let by_all = || {
        let naming = claims.witnesses().iter().filter(|witness| part(witness).is_some());
        naming.min_by_key(|witness| witness.rank_among_all()).and_then(&part)
    };
    claims.get(&Slot::Initiation).and_then(first).or_else(by_all)
}
