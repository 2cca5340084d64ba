//! The end-of-day ticket of a terminal: what its devices state of the day, and beside it what the ledger counted. Each
//! application has a total of its own; no two are ever one, and what the ledger does not follow is called so.
//!
//! This module adds nothing up and looks for no hole: both are handed in, as the views found them.

use talon_domain::fact::{ApplicationTotal, Direction, Ordinal, TerminalTotals};
use talon_domain::ids::{MerchantId, ShopId, TerminalId, TerminalSeq};
use talon_domain::money::Currency;
use talon_domain::time::{Day, Instant};

use super::{foot, head};
use crate::figure;
use crate::layout::{Layout, Line};
use crate::mark::marks;
use crate::particulars::{Holder, application, shop_name};

/// More ranges of missing numbers than these are counted, not listed.
const HOLES_MAX: usize = 20;

/// What to lay out: a terminal's number on a day. Two devices behind it on one day are two parts of one ticket.
#[derive(Clone, Copy, Debug)]
pub struct DayOfTerminal<'a> {
    /// Who is paid.
    pub merchant: MerchantId,
    /// Which shop; 0 is none.
    pub shop: ShopId,
    /// Its name, where it is known. Any text.
    pub shop_name: Option<&'a str>,
    /// Which terminal.
    pub terminal: TerminalId,
    /// Which day.
    pub day: Day,
    /// For practice.
    pub training: bool,
    /// What its devices state, in the order of their epochs.
    pub devices: &'a [DeviceDay<'a>],
    /// Each application's total, by the terminal and by the ledger; empty where nobody compared.
    pub totals: &'a [ApplicationDay<'a>],
    /// Which copy: 1 is the original.
    pub copy: Ordinal,
    /// When a duplicate is printed.
    pub reprinted_at: Option<Instant>,
}

/// What one device states.
#[derive(Clone, Copy, Debug)]
pub struct DeviceDay<'a> {
    /// Its own totals.
    pub stated: &'a TerminalTotals,
    /// When it stated them.
    pub stated_at: Option<Instant>,
    /// Numbers that it used and that no event carries, as (first, last); `None` where nobody looked.
    pub missing: Option<&'a [(TerminalSeq, TerminalSeq)]>,
}

/// One application's total in one currency.
#[derive(Clone, Copy, Debug)]
pub struct ApplicationDay<'a> {
    /// Its code; a provider's, if it finances payments.
    pub application: &'a str,
    /// In which currency.
    pub currency: Currency,
    /// What the terminal states.
    pub stated: Tally,
    /// What the ledger counted; `None` of what it does not follow, such as cards.
    pub counted: Option<Tally>,
}

/// So many operations, and what they come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Sales and refunds.
    pub count: u64,
    /// Sales less refunds, in minor units.
    pub net: i128,
}

/// Lays out a terminal's day. Total: there is always a ticket.
pub fn end_of_day(of: &DayOfTerminal<'_>) -> Layout {
    let marks = marks(of.training, of.copy, of.reprinted_at);
    let mut sheet = head(&marks, shop_name(of.shop_name).as_deref(), of.merchant, of.shop);
    sheet.title("FIN DE JOURNEE");
    sheet.banner(&figure::date(of.day));
    sheet.push(Line::Rule);
    sheet.key_value("TERMINAL", &of.terminal.to_string());
    if of.devices.is_empty() {
        sheet.left("AUCUN TOTAL DU TERMINAL");
    }
    for (at, device) in of.devices.iter().enumerate() {
        if at > 0 {
            sheet.push(Line::Rule);
        }
        device_day(&mut sheet, device);
    }
    if !of.totals.is_empty() {
        sheet.push(Line::Rule);
        of.totals.iter().for_each(|total| application_day(&mut sheet, total));
    }
    foot(sheet, Holder::Till.words(), &marks)
}

fn device_day(sheet: &mut Layout, device: &DeviceDay<'_>) {
    let stated = device.stated;
    let number = |number: u64| Some(number).filter(|number| *number != 0).map(|number| number.to_string());
    sheet.key_value_if("EPOQUE", number(stated.epoch.0.into()).as_deref());
    sheet.key_value_if("ARRETE LE", device.stated_at.map(figure::moment).as_deref());
    sheet.key_value_if("DERNIER NUMERO", number(stated.last_seq.0.into()).as_deref());
    if let Some(missing) = device.missing {
        holes(sheet, missing);
    }
    sheet.push(Line::Rule);
    let mut heading = None;
    for line in &stated.lines {
        if heading != Some(&line.application) {
            sheet.left(&named(&line.application));
            heading = Some(&line.application);
        }
        sheet.row(&counted(way(line), line.count.into()), &figure::money(line.amount));
    }
    if stated.lines.is_empty() {
        sheet.left("AUCUNE OPERATION");
    }
}

fn holes(sheet: &mut Layout, missing: &[(TerminalSeq, TerminalSeq)]) {
    if missing.is_empty() {
        return sheet.left("AUCUN NUMERO MANQUANT");
    }
    let range = |(first, last): &(TerminalSeq, TerminalSeq)| {
        if first == last { first.to_string() } else { format!("{first} A {last}") }
    };
    let mut listed: Vec<_> = missing.iter().take(HOLES_MAX).map(range).collect();
    let more = missing.len().saturating_sub(HOLES_MAX);
    if more > 0 {
        listed.push(format!("ET {more} AUTRES PLAGES"));
    }
    sheet.bold_key_value("NUMEROS MANQUANTS", &listed.join(", "));
}

fn application_day(sheet: &mut Layout, total: &ApplicationDay<'_>) {
    let sum = |tally: Tally| figure::signed(total.currency, tally.net);
    let name = format!("TOTAL {}", named(total.application));
    sheet.bold_key_value(&counted(&name, total.stated.count), &sum(total.stated));
    let Some(tally) = total.counted else { return sheet.left("HORS REGISTRE") };
    sheet.key_value(&counted("REGISTRE", tally.count), &sum(tally));
    if tally == total.stated {
        sheet.left("CONFORME AU REGISTRE");
    } else {
        sheet.title("ECART AVEC LE REGISTRE");
    }
}

fn named(code: &str) -> String {
    application(code).unwrap_or_else(|| "SANS NOM".to_owned())
}

const fn way(line: &ApplicationTotal) -> &'static str {
    match line.direction {
        Direction::Credit => "ENCAISSE",
        Direction::Debit => "REMBOURSE",
    }
}

fn counted(what: &str, count: u64) -> String {
    format!("{what} ({count})")
}
