//! The judgement of one stream: a pure function from the set of its facts to its state.
//!
//! ```text
//! facts --> claims --> joins --> plan, acceptance, debits, ends, prints --> status, sale --> anomalies
//! ```
//!
//! Invariants:
//! - total: any set of facts has a state
//! - position, time of recording, arrival and `occurred_at` as an order are never inputs

mod debit;
mod outcome;
mod plan;
mod told;

use std::collections::BTreeSet;

use crate::anomaly::{Anomaly, Code};
use crate::claims::Claims;
use crate::fact::{Fact, Payload};
use crate::ids::{ShopId, StreamKey, TerminalId};
use crate::slot::Slot;
use crate::state::{AgreedPlan, Debit, FilledSlot, Initiation, Moment, Sale, Standing, State};
use crate::witness::Witness;

/// Rules that are not kept, in the order of codes and slots.
#[derive(Debug, Default)]
struct Findings(BTreeSet<Anomaly>);

impl Findings {
    fn add(&mut self, code: Code, slot: Slot) {
        self.0.insert(Anomaly { code, slot });
    }

    fn add_if(&mut self, condition: bool, code: Code, slot: Slot) {
        if condition {
            self.add(code, slot);
        }
    }
}

/// The state of a stream; `facts` are sorted by event id.
pub(crate) fn judge(key: StreamKey, facts: &[Fact]) -> State {
    let claims = Claims::of(facts);
    let joined = claims.joined();
    let mut found = Findings::default();

    let initiation = initiation(&claims, &mut found);
    let acceptance = outcome::acceptance(&joined, &mut found);
    let mut plan = plan::in_force(&claims, &mut found);
    let is_known = initiation.is_some() || acceptance.is_some() || plan.is_some();
    let debits = debit::judge(&claims, &joined, acceptance.as_ref(), is_known, &mut found);
    plan::progress(plan.as_mut(), &debits, &claims);
    debit::against_plan(&debits, plan.as_ref(), &mut found);
    let ends = outcome::ends(&claims);
    let accepted = acceptance.as_ref().map(|accepted| &accepted.state);
    let status = outcome::status(acceptance.as_ref(), &debits, &claims, &mut found);
    let sale = sale(initiation.as_ref(), accepted, plan.as_ref(), &debits, &mut found);
    told::contradictions(&claims, &joined, &mut found);
    let prints = told::prints(&claims, &mut found);

    let place = Place::of(&claims);
    State {
        key,
        shop: place.shop,
        terminal: place.terminal,
        provider: place.provider.map(Into::into),
        status,
        initiation,
        acceptance: acceptance.map(|accepted| accepted.state),
        plan,
        sale,
        debits,
        ends,
        sms: told::sms(&claims),
        prints,
        timeline: timeline(&claims),
        anomalies: found.0.into_iter().collect(),
        slots: filled(&claims),
    }
}

fn initiation(claims: &Claims<'_>, found: &mut Findings) -> Option<Initiation> {
    let Some(shown) = claims.winner(&Slot::Initiation) else {
        found.add_if(claims.iter().next().is_some(), Code::InitiationMustBeKnown, Slot::Initiation);
        return None;
    };
    let Payload::PaymentInitiated(payload) = &shown.fact.payload else { return None };
    found.add_if(shown.fact.header.terminal.0 == 0, Code::TerminalShouldBeNamed, Slot::Initiation);
    Some(Initiation {
        amount: payload.amount,
        occurred_at: shown.fact.header.occurred_at,
        till_id: payload.till_id.clone(),
        till_ticket: payload.till_ticket.clone(),
        cashier_code: payload.cashier_code.clone(),
    })
}

/// What was sold: the plan's sum, else what was accepted, else what was typed. It counts on the day of the acceptance,
/// else of the counting debit of the lowest instalment.
fn sale(
    initiation: Option<&Initiation>,
    accepted: Option<&crate::state::Acceptance>,
    plan: Option<&AgreedPlan>,
    debits: &[Debit],
    found: &mut Findings,
) -> Option<Sale> {
    let wide = |money: crate::money::Money| (money.currency, u128::from(money.amount.minor_units()));
    let stated = [
        plan.and_then(|agreed| agreed.plan.original_purchase()),
        accepted.and_then(|accepted| accepted.amount).map(wide),
        initiation.map(|initiation| wide(initiation.amount)),
    ];
    let (currency, minor_units) = stated.into_iter().flatten().next()?;
    let agree = stated.into_iter().flatten().all(|amount| amount == (currency, minor_units));
    found.add_if(!agree, Code::SaleAmountMustAgree, Slot::Initiation);

    let counting = || debits.iter().filter(|debit| debit.standing == Standing::Collected);
    for debit in counting().filter(|debit| debit.money.currency != currency) {
        found.add(Code::CurrencyMustAgree, debit.slot());
    }
    let first = counting().min_by_key(|debit| debit.instalment).map(|debit| debit.day);
    Some(Sale { currency, minor_units, day: accepted.map(|accepted| accepted.day).or(first) })
}

/// Where and with whom: the initiation's word, else the first winning witness, in the order of slots, that names it.
#[derive(Default)]
struct Place<'a> {
    shop: ShopId,
    terminal: TerminalId,
    provider: Option<&'a str>,
}

impl<'a> Place<'a> {
    fn of(claims: &Claims<'a>) -> Self {
        // The initiation's slot is the first, so that one walk serves both halves of the rule.
        let mut place = Self::default();
        for (_, shown) in claims.winners() {
            let header = &shown.fact.header;
            place.shop = if place.shop.0 == 0 { header.shop } else { place.shop };
            place.terminal = if place.terminal.0 == 0 { header.terminal } else { place.terminal };
            place.provider = place.provider.or_else(|| shown.provider());
        }
        place
    }
}

fn timeline(claims: &Claims<'_>) -> Vec<Moment> {
    let moment = |(slot, witnesses): (&Slot, &[Witness<'_>])| {
        let shown = crate::witness::winner(slot, witnesses)?;
        Some(Moment {
            occurred_at: shown.fact.header.occurred_at,
            slot: slot.clone(),
            source: shown.source(),
            witnesses: witnesses.len(),
            event_id: shown.event_id(),
        })
    };
    let mut moments: Vec<_> = claims.iter().filter_map(moment).collect();
    moments.sort_by(|a, b| (a.occurred_at, &a.slot).cmp(&(b.occurred_at, &b.slot)));
    moments
}

fn filled(claims: &Claims<'_>) -> Vec<FilledSlot> {
    let fill = |(slot, witnesses): (&Slot, &[Witness<'_>])| {
        let winner = crate::witness::winner(slot, witnesses)?.event_id();
        let witnesses = witnesses.iter().map(Witness::event_id).collect();
        Some(FilledSlot { slot: slot.clone(), winner, witnesses })
    };
    claims.iter().filter_map(fill).collect()
}
