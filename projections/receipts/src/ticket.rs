//! The tickets: which paper says what. Head, identification and foot are common; the body is each kind's own.
//!
//! ```text
//! marks, shop, SIRET | title, debit wording, amount | date, terminal, reference | body | foot, marks
//! ```

mod accepted;
mod ended;
mod in_progress;

use talon_domain::fact::TicketKind;
use talon_domain::state::{Sale, State};
use talon_domain::time::Instant;

use crate::figure;
use crate::layout::{Layout, Line};
use crate::no_ticket::NoTicket;
use crate::particulars::Particulars;

/// Lays out a payment's ticket of this kind, or says why there is none.
pub fn layout(kind: TicketKind, of: &Particulars<'_>) -> Result<Layout, NoTicket> {
    match kind {
        TicketKind::InProgress => in_progress::layout(of),
        TicketKind::Customer => accepted::customer(of),
        TicketKind::Till => accepted::till(of),
        TicketKind::Ended => ended::layout(of),
        TicketKind::Refund | TicketKind::Plan => Err(NoTicket::NotLaidOut),
    }
}

/// The shop, under the marks of a paper that is no original.
fn begin(of: &Particulars<'_>) -> Layout {
    let mut sheet = Layout::default();
    of.marks().iter().for_each(|mark| sheet.banner(mark));
    if let Some(name) = of.name() {
        sheet.title(&name);
    }
    figure::identity(of.state.key.merchant, of.state.shop).iter().for_each(|line| sheet.centred(line));
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

/// What was sold, as its ticket shows it from afar.
fn sale_banner(sheet: &mut Layout, sale: Option<Sale>) {
    if let Some(sale) = sale {
        sheet.banner(&figure::sum(sale.currency, sale.minor_units));
    }
}

/// The last words, the marks again, and the knife.
fn finish(mut sheet: Layout, of: &Particulars<'_>, words: &[&str]) -> Layout {
    sheet.push(Line::Rule);
    words.iter().for_each(|line| sheet.title(line));
    of.marks().iter().for_each(|mark| sheet.banner(mark));
    sheet.push(Line::Cut);
    sheet
}
