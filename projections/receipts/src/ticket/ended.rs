//! T4: the payment ended without success. It names the class of the end, never a refusal's reason (E5), and promises
//! that nothing was debited only where that is proven.

use talon_domain::fact::{CancellationReason, End};
use talon_domain::slot::EndKind;
use talon_domain::state::{State, Status};

use super::{begin, finish, identification, sale_banner};
use crate::debit;
use crate::layout::{Layout, Line};
use crate::no_ticket::NoTicket;
use crate::particulars::Particulars;

pub(super) fn layout(of: &Particulars<'_>) -> Result<Layout, NoTicket> {
    let title = title(of.state)?;
    let mut sheet = begin(of);
    sheet.title(title);
    sale_banner(&mut sheet, of.state);
    debit::words(of.state).iter().for_each(|line| sheet.title(line));
    sheet.push(Line::Rule);
    identification(&mut sheet, of.state, debit::deciding_end(of.state).map(|end| end.occurred_at));
    Ok(finish(sheet, of, &["CE TICKET NE VAUT PAS PAIEMENT"]))
}

fn title(state: &State) -> Result<&'static str, NoTicket> {
    match state.status {
        Status::Refused => Ok("PAIEMENT REFUSE"),
        Status::Expired => Ok("PAIEMENT EXPIRE"),
        Status::Cancelled if is_abandoned(state) => Ok("PAIEMENT ABANDONNE"),
        Status::Cancelled => Ok("PAIEMENT ANNULE"),
        Status::Collected | Status::Accepted => Err(NoTicket::Succeeded),
        Status::Unknown => Err(NoTicket::OutcomeUnknown),
        Status::TimedOut => Err(NoTicket::EndOnlyAsked),
        Status::InProgress if state.ends.iter().any(|end| end.only_asked) => Err(NoTicket::EndOnlyAsked),
        Status::InProgress => Err(NoTicket::NotEnded),
    }
}

/// The customer gave up before the payment was accepted (E4); afterwards it is a cancellation, whoever asked.
fn is_abandoned(state: &State) -> bool {
    let by_customer = End::Cancelled(Some(CancellationReason::RequestedByCustomer));
    let mut decided = state.ends.iter().filter(|end| !end.only_asked && end.end.kind() == EndKind::Cancelled);
    state.acceptance.is_none() && decided.all(|end| end.end == by_customer)
}
