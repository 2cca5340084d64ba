//! What terminals and tills state of each day, beside what the ledger counts.

use talon_domain::ids::MerchantId;
use talon_projections::terminals::{Statement, Teller, day_statements};

use super::Asked;
use super::column::{CURRENCY, MERCHANT, NUMBER, SHOP, TERMINAL, merchant, number_rows};
use crate::error::ExportError;
use crate::table::{Cell, Column, Table, Word};

const BY_TERMINAL: Word = Word { name: "terminal", words: ["TPE", "terminal"] };
const BY_TILL: Word = Word { name: "till", words: ["caisse", "till"] };

pub(super) fn table(asked: &Asked<'_>) -> Result<Table, ExportError> {
    let mut rows = Vec::new();
    for of in asked.merchants {
        let statements = day_statements(asked.reading, *of, asked.days.clone());
        rows.extend(statements.map_err(ExportError::views("terminal_totals"))?.iter().map(|one| row(*of, one)));
    }
    number_rows(&mut rows);
    let about = "A row is what a terminal or a till states of a day in one application and currency, beside what the ledger \
                 counts of it (docs/views.md, terminals).";
    let title = ["Totaux des TPE", "Terminal totals"];
    Ok(Table { name: "terminal_totals", title, about, columns: columns(), key: 1, rows })
}

fn columns() -> Vec<Column> {
    vec![
        NUMBER,
        MERCHANT,
        Column::day("day", ["Jour", "Day"], "The day that it names."),
        Column::text("teller", ["Qui", "Who"], "Who states it: a terminal or a till."),
        TERMINAL,
        SHOP,
        Column::text("till", ["Caisse", "Till"], "Which till of the shop."),
        Column::text(
            "application",
            ["Application", "Application"],
            "The application's code; a provider's if it finances payments.",
        ),
        CURRENCY,
        Column::count("stated_count", ["Opérations annoncées", "Stated operations"], "Operations, as stated."),
        Column::money("stated_net", ["Net annoncé", "Stated net"], "Sales less refunds, as stated."),
        Column::flag(
            "followed",
            ["Suivi", "Followed"],
            "The application is a provider's, so that the ledger counts the same.",
        ),
        Column::count(
            "counted_count",
            ["Opérations du registre", "Counted operations"],
            "Operations that the ledger counts.",
        ),
        Column::money("counted_net", ["Net du registre", "Counted net"], "Sales less refunds that the ledger counts."),
        Column::count("difference_count", ["Écart d'opérations", "Operations' difference"], "Stated less counted."),
        Column::money("difference_net", ["Écart net", "Net difference"], "Stated less counted."),
        Column::count("suspects", ["Paiements à voir", "Suspects"], "Payments that may be why both differ."),
    ]
}

fn row(of: MerchantId, one: &Statement) -> Vec<Cell> {
    let (total, difference) = (&one.total, one.total.difference());
    let money = |minor| Cell::money(total.currency, minor);
    let counted = total.counted;
    let (teller, terminal, shop, till) = match &one.teller {
        Teller::Terminal(terminal) => (BY_TERMINAL, Cell::text(terminal.to_string()), Cell::Nothing, Cell::Nothing),
        Teller::Till(shop, till) => {
            (BY_TILL, Cell::Nothing, Cell::text(shop.to_string()), Cell::text(till.to_string()))
        }
    };
    vec![
        merchant(of),
        total.day.into(),
        teller.into(),
        terminal,
        shop,
        till,
        Cell::text(total.application.to_string()),
        Cell::text(total.currency.code()),
        Cell::count(total.stated.count),
        money(total.stated.net),
        counted.is_some().into(),
        counted.map_or(Cell::Nothing, |counted| Cell::count(counted.count)),
        counted.map_or(Cell::Nothing, |counted| money(counted.net)),
        counted.map_or(Cell::Nothing, |_| Cell::count(difference.count)),
        counted.map_or(Cell::Nothing, |_| money(difference.net)),
        Cell::count(one.suspects.len()),
    ]
}
