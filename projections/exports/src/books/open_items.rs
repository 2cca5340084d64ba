//! Payments that are not finished at the moment of the export, of every day up to the last one.

use talon_projections::open_items::{Asked as Question, Cause, Filter, OpenItem, open_items};

use super::column::{CURRENCY, MERCHANT, PAYMENT, PROVIDER, SHOP, TERMINAL, merchant};
use super::{Asked, signed};
use crate::error::ExportError;
use crate::table::{Cell, Column, Table, Word};

/// By whose closed days ages are counted, as `talon open-items` does.
const CALENDAR: &str = "FR";

pub(super) fn table(asked: &Asked<'_>) -> Result<Table, ExportError> {
    let calendar = asked.registry.working_days(CALENDAR);
    let mut rows = Vec::new();
    for of in asked.merchants {
        let mut question = Question::at(asked.at, asked.registry, &calendar);
        question.filter = Filter { merchant: Some(*of), ..Filter::default() };
        let items = open_items(asked.reading, &question).map_err(ExportError::views("open_items"))?;
        rows.extend(items.iter().filter(|item| is_meant(asked, item)).map(row));
    }
    let about = "A row is a payment of any day up to the last one that is not finished at the moment of the export, the \
                 oldest first (docs/views.md, open_items).";
    Ok(Table { name: "open_items", title: ["À suivre", "Open items"], about, columns: columns(), key: 2, rows })
}

/// What began later is not yet open; of what nobody knows the day, it may be.
fn is_meant(asked: &Asked<'_>, item: &OpenItem) -> bool {
    !item.key.training && item.day.is_none_or(|day| day <= *asked.days.end())
}

fn columns() -> Vec<Column> {
    vec![
        MERCHANT,
        PAYMENT,
        Column::day("day", ["Jour", "Day"], "Of the sale, else of the beginning."),
        SHOP,
        TERMINAL,
        PROVIDER,
        Column::text("status", ["État", "Status"], "How far it came."),
        CURRENCY,
        Column::money(
            "amount",
            ["Montant", "Amount"],
            "The sale where it is known, else what was typed, else what is held.",
        ),
        Column::text("reasons", ["Pourquoi", "Why"], "Every reason, the oldest first."),
        Column::moment("open_since", ["Depuis", "Open since"], "The moment at which the oldest reason began."),
        Column::count(
            "business_days",
            ["Jours ouvrés", "Working days"],
            "Working days since then, by the calendar FR.",
        ),
        Column::flag("estimate", ["Estimé", "Estimate"], "Nobody stated the closed days of a year in between."),
        Column::text(
            "cause",
            ["Cause", "Cause"],
            "What stands behind it: a silent terminal, an unknown one, else the oldest reason.",
        ),
        Column::count("twins", ["Doubles possibles", "Twins"], "Payments that could be the same purchase told twice."),
    ]
}

fn row(item: &OpenItem) -> Vec<Cell> {
    let reasons = item.reasons.iter().map(|of| Word::of(of.reason.name(), |language| of.reason.words(language)));
    vec![
        merchant(item.key.merchant),
        Cell::Text(item.key.stream.to_string()),
        item.day.into(),
        Cell::Text(item.shop.to_string()),
        Cell::Text(item.terminal.to_string()),
        Cell::Text(item.provider.clone()),
        Word::of(item.status.name(), |language| item.status.words(language)).into(),
        item.currency.map_or(Cell::Nothing, |currency| Cell::text(currency.code())),
        item.currency.map_or(Cell::Nothing, |currency| Cell::money(currency, signed(item.amount))),
        reasons.collect::<Vec<_>>().into(),
        item.reasons.first().map(|oldest| oldest.began_at).into(),
        Cell::count(item.age.business_days),
        item.age.is_estimate.into(),
        cause(item.cause).into(),
        Cell::count(item.twins.len()),
    ]
}

fn cause(cause: Cause) -> Word {
    match cause {
        Cause::SilentTerminal(..) => Word { name: "silent_terminal", words: ["terminal muet", "silent terminal"] },
        Cause::UnknownTerminal(..) => {
            Word { name: "unknown_terminal", words: ["terminal inconnu", "unknown terminal"] }
        }
        Cause::Reason(reason) => Word::of(reason.name(), |language| reason.words(language)),
    }
}
