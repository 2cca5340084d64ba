//! T1, "transaction en cours": printed when the SMS leaves. It proves that a payment began, and says that it proves no
//! more. While the outcome is unknown, or only
//! believed, it is the only paper.

use talon_domain::state::Status;

use super::{begin, finish, identification};
use crate::figure;
use crate::layout::{Layout, Line};
use crate::no_ticket::NoTicket;
use crate::particulars::Particulars;

pub(super) fn layout(of: &Particulars<'_>) -> Result<Layout, NoTicket> {
    if !matches!(of.state.status, Status::InProgress | Status::TimedOut | Status::Unknown) {
        return Err(NoTicket::NotInProgress);
    }
    let begun = of.state.initiation.as_ref().ok_or(NoTicket::InitiationUnknown)?;

    let mut sheet = begin(of);
    sheet.title("TRANSACTION EN COURS");
    sheet.banner(&figure::money(begun.amount));
    sheet.push(Line::Rule);
    identification(&mut sheet, of.state, Some(begun.occurred_at));
    sheet.key_value_if("TELEPHONE", of.phone());
    if !of.state.sms.is_empty() {
        sheet.push(Line::Blank);
        sheet.centred("LIEN ENVOYE PAR SMS");
    }
    Ok(finish(sheet, of, &["CE TICKET NE VAUT PAS PAIEMENT"]))
}
