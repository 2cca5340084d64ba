//! The judgement of one stream: a pure function from the set of its facts to its state.
//!
//! ```text
//! facts --> claims, joined --> plan, acceptance, debits, ends, prints --> status, sale --> anomalies
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
use crate::content::{Field, encode};
use crate::fact::{Fact, Payload};
use crate::ids::{ShopId, StreamKey, TerminalId};
use crate::slot::Slot;
use crate::state::{AgreedPlan, Debit, FilledSlot, Initiation, Moment, Sale, Standing, State};
use crate::witness::{Ranked, Witness};

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

/// The state of a stream; `facts` come in the order of event ids.
pub(crate) fn judge<'a>(key: StreamKey, facts: impl Iterator<Item = &'a Fact>) -> State {
    let claims = Claims::of(facts);
    let mut found = Findings::default();

    let initiation = initiation(&claims, &mut found);
    let acceptance = outcome::acceptance(&claims, &mut found);
    let accepted = acceptance.as_ref().map(|accepted| &accepted.state);
    let mut plan = plan::in_force(&claims, accepted, &mut found);
    let is_known = initiation.is_some() || acceptance.is_some() || plan.is_some();
    let debits = debit::judge(&claims, acceptance.as_ref(), is_known, &mut found);
    plan::progress(plan.as_mut(), &debits, &claims);
    debit::against_plan(&debits, plan.as_ref(), &mut found);
    let status = outcome::status(acceptance.as_ref(), &debits, &claims, &mut found);
    let sale = sale(initiation.as_ref(), accepted, plan.as_ref(), &debits, &mut found);
    told::contradictions(&claims, &mut found);
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
        ends: outcome::ends(&claims),
        sms: told::sms(&claims),
        prints,
        timeline: timeline(&claims),
        anomalies: found.0.into_iter().collect(),
        slots: filled(&claims),
    }
}

fn initiation(claims: &Claims<'_>, found: &mut Findings) -> Option<Initiation> {
    let Some(ranked) = claims.get(&Slot::Initiation) else {
        found.add_if(!claims.is_empty(), Code::InitiationMustBeKnown, Slot::Initiation);
        return None;
    };
    let shown = ranked.best()?;
    let Payload::PaymentInitiated(payload) = &shown.fact.payload else { return None };
    let is_placed = ranked.all().iter().any(|witness| witness.fact.header.terminal.0 != 0);
    found.add_if(!is_placed, Code::TerminalShouldBeNamed, Slot::Initiation);
    let text = |field| ranked.text(field).map(Into::into);
    Some(Initiation {
        amount: payload.amount,
        occurred_at: shown.fact.header.occurred_at,
        till_id: text(Field::TillId),
        till_ticket: text(Field::TillTicket),
        cashier_code: text(Field::CashierCode),
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

/// Where and with whom: the word of the initiation's witnesses, else of all, each part from the best that names it.
struct Place<'a> {
    shop: ShopId,
    terminal: TerminalId,
    provider: Option<&'a str>,
}

impl<'a> Place<'a> {
    fn of(claims: &Claims<'a>) -> Self {
        let everybody = claims.iter().flat_map(|(_, ranked)| ranked.all()).copied().collect();
        let all = Ranked::new(&Slot::Initiation, everybody);
        let by_rank = [claims.get(&Slot::Initiation), all.as_ref()];
        let by_rank = || by_rank.into_iter().flatten();
        let shop = |ranked: &Ranked<'_>| ranked.first(|w| Some(w.fact.header.shop).filter(|shop| shop.0 != 0));
        let terminal = |ranked: &Ranked<'_>| ranked.first(|w| Some(w.fact.header.terminal).filter(|t| t.0 != 0));
        Self {
            shop: by_rank().find_map(shop).unwrap_or_default(),
            terminal: by_rank().find_map(terminal).unwrap_or_default(),
            provider: by_rank().find_map(|ranked| ranked.text(Field::Provider)),
        }
    }
}

fn timeline(claims: &Claims<'_>) -> Vec<Moment> {
    let moment = |(slot, ranked): (&Slot, &Ranked<'_>)| {
        let shown = ranked.best()?;
        Some(Moment {
            occurred_at: shown.fact.header.occurred_at,
            slot: slot.clone(),
            source: shown.source(),
            witnesses: ranked.all().len(),
            event_id: shown.event_id(),
        })
    };
    let mut moments: Vec<_> = claims.iter().filter_map(moment).collect();
    moments.sort_by(|a, b| (a.occurred_at, &a.slot).cmp(&(b.occurred_at, &b.slot)));
    moments
}

fn filled(claims: &Claims<'_>) -> Vec<FilledSlot> {
    let fill = |(slot, ranked): (&Slot, &Ranked<'_>)| {
        let shown = ranked.best()?;
        let mut witnesses: Vec<_> = ranked.all().iter().map(Witness::event_id).collect();
        witnesses.sort_unstable();
        let content = encode(ranked.content().into_iter());
        Some(FilledSlot {
            slot: slot.clone(),
            winner: shown.event_id(),
            day: shown.fact.header.day,
            content,
            witnesses,
        })
    };
    claims.iter().filter_map(fill).collect()
}
