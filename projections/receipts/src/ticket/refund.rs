//! T5: a refund, or a cancellation after success. One paper for each refund: what went back to the card and what was taken
//! off the instalments are two amounts, and what was given back before and in all stands beside them.
//!
//! A refund that was only asked, or that failed, has no paper; one that is held says that it is to be verified, and claims
//! no total. What the plan still takes is printed only where the plan in force was restated by a refund since.

use std::cmp::Ordering;

use talon_domain::anomaly::Code;
use talon_domain::fact::PlanChange;
use talon_domain::state::{AgreedPlan, Refund, Split, Standing, State};

use super::accepted::{accepted_at, agreed};
use super::{begin, finish, for_holder, identification, payment_id, sold};
use crate::figure;
use crate::layout::{Layout, Line};
use crate::no_ticket::NoTicket;
use crate::particulars::Particulars;

pub(super) fn layout(of: &Particulars<'_>) -> Result<Layout, NoTicket> {
    let refund = which(of.state, of.refund)?;
    let mut sheet = begin(of);
    titles(&mut sheet, of, refund);
    sheet.push(Line::Rule);
    identification(&mut sheet, of.state, Some(refund.occurred_at));
    payment_id(&mut sheet, of.state);
    sheet.key_value_if("ID REMBOURSEMENT", refund.refund_id.as_deref());
    sheet.key_value_if("DEMANDE", refund.request_id.as_deref());
    for_holder(&mut sheet, of, of.holder);
    sheet.push(Line::Rule);
    division(&mut sheet, refund);
    if refund.standing == Some(Standing::Counts) {
        sheet.push(Line::Rule);
        totals(&mut sheet, of.state, refund);
    }
    Ok(finish(sheet, of, of.holder.words()))
}

/// The refund that is meant, if it was made.
fn which<'a>(state: &'a State, name: Option<&str>) -> Result<&'a Refund, NoTicket> {
    let told = name.map_or_else(|| state.refunds.iter().collect(), |name| named(state, name));
    let made: Vec<_> = told.iter().filter(|refund| refund.standing.is_some()).collect();
    let is_meant = |request: &str| name.is_none_or(|name| name == request);
    match made.as_slice() {
        [one] => Ok(one),
        [_, ..] => Err(NoTicket::RefundNotNamed),
        [] if !told.is_empty() => Err(NoTicket::RefundFailed),
        [] if state.refund_requests.iter().any(|asked| is_meant(&asked.request_id)) => Err(NoTicket::RefundOnlyAsked),
        [] => Err(NoTicket::RefundUnknown),
    }
}

/// Those of a name: of this id, else of this request, else of this amount if they have neither.
fn named<'a>(state: &'a State, name: &str) -> Vec<&'a Refund> {
    let by = |is_meant: &dyn Fn(&&Refund) -> bool| state.refunds.iter().filter(is_meant).collect::<Vec<_>>();
    let by_id = by(&|refund| refund.refund_id.as_deref() == Some(name));
    let by_request = || by(&|refund| refund.request_id.as_deref() == Some(name));
    let by_amount =
        || by(&|refund| refund.refund_id.is_none() && refund.request_id.is_none() && amount(refund) == name);
    [by_id].into_iter().chain([by_request(), by_amount()]).find(|found| !found.is_empty()).unwrap_or_default()
}

fn amount(refund: &Refund) -> String {
    format!("{} {}", refund.money.amount.minor_units(), refund.money.currency)
}

fn titles(sheet: &mut Layout, of: &Particulars<'_>, refund: &Refund) {
    if refund.from_cancellation {
        sheet.title("ANNULATION APRES PAIEMENT");
    }
    sheet.title(&match (refund.standing, of.provider()) {
        (Some(Standing::Suspense), _) => "REMBOURSEMENT A VERIFIER".to_owned(),
        (_, Some(provider)) => format!("REMBOURSEMENT {provider}"),
        (_, None) => "REMBOURSEMENT".to_owned(),
    });
    sheet.banner(&figure::money(refund.money));
}

/// Cash and rebate are two movements (G17); what nobody divided is said to be one.
fn division(sheet: &mut Layout, refund: &Refund) {
    let of = |amount| figure::sum(refund.money.currency, u128::from(amount));
    match refund.split {
        Some(Split { cash, rebate }) => {
            sheet.key_value("RENDU SUR LA CARTE", &of(cash.minor_units()));
            sheet.key_value("DEDUIT DES ECHEANCES", &of(rebate.minor_units()));
        }
        None => sheet.left("REPARTITION ENTRE CARTE ET ECHEANCES NON COMMUNIQUEE"),
    }
}

/// What was given back before and with this refund, in its own currency, and what is left.
fn totals(sheet: &mut Layout, state: &State, refund: &Refund) {
    let currency = refund.money.currency;
    let (before, with) = (state.refunded_before(refund).of(currency), state.refunded_with(refund).of(currency));
    sheet.key_value_if("ACHAT DU", accepted_at(state).map(figure::date_of).as_deref());
    sheet.key_value_if("MONTANT ACHAT", sold(state).as_deref());
    sheet.key_value("DEJA REMBOURSE", &figure::sum(currency, before));
    sheet.key_value("CE REMBOURSEMENT", &figure::money(refund.money));
    sheet.bold_key_value("TOTAL REMBOURSE", &figure::sum(currency, with));
    reached(state, refund, with).iter().for_each(|words| sheet.title(words));
    remaining(sheet, state, refund);
}

/// Whether the sale is given back in full. It may be more: what the customer paid for the plan (G17).
fn reached(state: &State, refund: &Refund, refunded: u128) -> &'static [&'static str] {
    let Some(sale) = state.sale.filter(|sale| sale.currency == refund.money.currency) else { return &[] };
    let is_too_much = state.anomalies.iter().any(|anomaly| anomaly.code == Code::MoneyBackMustNotExceedSale);
    match refunded.cmp(&sale.minor_units) {
        Ordering::Less => &[],
        Ordering::Equal => &["ACHAT ENTIEREMENT REMBOURSE"],
        Ordering::Greater if is_too_much => &["TOTAL A VERIFIER"],
        Ordering::Greater => &["ACHAT ENTIEREMENT REMBOURSE", "FRAIS CLIENT COMPRIS"],
    }
}

/// What is left, where the plan in force was restated for this refund, and no other refund came after it.
fn remaining(sheet: &mut Layout, state: &State, refund: &Refund) {
    let is_last = state.refunded_with(refund) == state.refunded();
    let restated =
        |plan: &&AgreedPlan| plan.change == Some(PlanChange::Refunded) && plan.occurred_at >= refund.occurred_at;
    if let Some(plan) = agreed(state).ok().filter(restated).filter(|_| is_last) {
        sheet.sums("RESTE A PRELEVER", &plan.due());
    }
}
