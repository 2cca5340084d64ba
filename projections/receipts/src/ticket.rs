//! The tickets: which paper says what. Head, identification and foot are common; the body is each kind's own. A T6 is a
//! copy of any of them, and bears its marks.
//!
//! ```text
//! marks, shop, SIRET | title, debit wording, amount | date, terminal, reference | body | foot, marks
//! ```

mod accepted;
mod credit;
mod end_of_day;
mod ended;
mod in_progress;
mod refund;
mod statement;

use talon_domain::fact::TicketKind;
use talon_domain::ids::{MerchantId, ShopId};
use talon_domain::state::State;
use talon_domain::time::Instant;

use crate::figure;
use crate::layout::{Layout, Line};
use crate::no_ticket::NoTicket;
use crate::particulars::{Holder, Particulars};

pub use end_of_day::{ApplicationDay, DayOfTerminal, DeviceDay, Tally, end_of_day};

/// Lays out a payment's ticket of this kind, or says why there is none.
pub fn layout(kind: TicketKind, of: &Particulars<'_>) -> Result<Layout, NoTicket> {
    match kind {
        TicketKind::InProgress => in_progress::layout(of),
        TicketKind::Customer => accepted::customer(of),
        TicketKind::Till => accepted::till(of),
        TicketKind::Ended => ended::layout(of),
        TicketKind::Refund => refund::layout(of),
        TicketKind::Plan => statement::layout(of),
    }
}

/// The shop of a payment, under the marks.
fn begin(of: &Particulars<'_>) -> Layout {
    head(&of.marks(), of.name().as_deref(), of.state.key.merchant, of.state.shop)
}

/// The shop, under the marks of a paper that is no original.
fn head(marks: &[String], name: Option<&str>, merchant: MerchantId, shop: ShopId) -> Layout {
    let mut sheet = Layout::default();
    marks.iter().for_each(|mark| sheet.banner(mark));
    if let Some(name) = name {
        sheet.title(name);
    }
    figure::identity(merchant, shop).iter().for_each(|line| sheet.centred(line));
    sheet.push(Line::Rule);
    sheet
}

/// When, where and which payment.
fn identification(sheet: &mut Layout, state: &State, occurred_at: Option<Instant>) {
    sheet.key_value_if("DATE", occurred_at.map(figure::moment).as_deref());
    let terminal = Some(state.terminal.0).filter(|terminal| *terminal != 0);
    sheet.key_value_if("TERMINAL", terminal.map(|terminal| terminal.to_string()).as_deref());
    sheet.key_value("REFERENCE", &state.key.stream.to_string());
}

/// The provider's id of the payment.
fn payment_id(sheet: &mut Layout, state: &State) {
    let id = state.acceptance.as_ref().and_then(|accepted| accepted.payment_id.as_deref());
    sheet.key_value_if("ID PAIEMENT", id);
}

/// What only the holder of a paper needs: the customer's own number, or the till's.
fn for_holder(sheet: &mut Layout, of: &Particulars<'_>, holder: Holder) {
    match (holder, &of.state.initiation) {
        (Holder::Customer, _) => sheet.key_value_if("TELEPHONE", of.phone()),
        (Holder::Till, Some(begun)) => {
            sheet.key_value_if("CAISSE", begun.till_id.as_deref());
            sheet.key_value_if("TICKET", begun.till_ticket.as_deref());
            sheet.key_value_if("CAISSIER", begun.cashier_code.as_deref());
        }
        (Holder::Till, None) => {}
    }
}

/// What was sold, as its ticket shows it from afar.
fn sale_banner(sheet: &mut Layout, state: &State) {
    if let Some(sold) = sold(state) {
        sheet.banner(&sold);
    }
}

/// What was sold.
fn sold(state: &State) -> Option<String> {
    state.sale.map(|sale| figure::sum(sale.currency, sale.minor_units))
}

fn finish(sheet: Layout, of: &Particulars<'_>, words: &[&str]) -> Layout {
    foot(sheet, words, &of.marks())
}

/// The last words, the marks again, and the knife.
fn foot(mut sheet: Layout, words: &[&str], marks: &[String]) -> Layout {
    sheet.push(Line::Rule);
    words.iter().for_each(|line| sheet.title(line));
    marks.iter().for_each(|mark| sheet.banner(mark));
    sheet.push(Line::Cut);
    sheet
}
