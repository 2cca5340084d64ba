//! Rules that were not kept on the days asked for.

use talon_domain::anomaly::Language;
use talon_projections::anomalies::{AnomalyLine, Filter, list};

use super::Asked;
use super::column::{MERCHANT, NUMBER, merchant, number_rows};
use crate::error::ExportError;
use crate::table::{Cell, Column, Table, Word};

pub(super) fn table(asked: &Asked<'_>) -> Result<Table, ExportError> {
    let mut rows = Vec::new();
    for of in asked.merchants {
        let filter = Filter { merchant: Some(*of), days: Some(asked.days.clone()), ..Filter::default() };
        rows.extend(list(asked.reading, &filter).map_err(ExportError::views("anomalies"))?.iter().map(row));
    }
    number_rows(&mut rows);
    let columns = vec![
        NUMBER,
        MERCHANT,
        Column::count("code", ["Code", "Code"], "Which rule, by its number (docs/anomalies.md)."),
        Column::text("rule", ["Règle", "Rule"], "The rule that is not kept."),
        Column::text("severity", ["Gravité", "Severity"], "How much it matters."),
        Column::text(
            "stream",
            ["Transaction ou nom", "Payment or name"],
            "The ledger's id of the payment, or of what else it is about.",
        ),
        Column::text("slot", ["Où", "Where"], "Where in it."),
        Column::day("since", ["Depuis", "Since"], "The day of recording at whose end it stood, and has stood since."),
        Column::day(
            "cleared_on",
            ["Levée le", "Cleared on"],
            "The day of recording of what cleared it; empty of one that stands.",
        ),
        Column::text("cleared_by", ["Levée par", "Cleared by"], "The kind of that fact."),
    ];
    let about = "A row is a rule that was not kept on any of these days of recording, the gravest first (docs/views.md, \
                 anomalies).";
    Ok(Table { name: "anomalies", title: ["Anomalies", "Anomalies"], about, columns, key: 1, rows })
}

fn row(line: &AnomalyLine) -> Vec<Cell> {
    let code = line.code;
    let rule = Word { name: code.name(), words: [code.sentence(Language::French), code.sentence(Language::English)] };
    vec![
        merchant(line.key.merchant),
        Cell::count(code.number()),
        rule.into(),
        Word::of(code.severity().name(), |language| code.severity().words(language)).into(),
        Cell::Text(line.key.stream.to_string()),
        Cell::text(line.slot.clone()),
        line.since.into(),
        line.cleared.map(|cleared| cleared.day).into(),
        line.cleared.map_or(Cell::Nothing, |cleared| Cell::text(cleared.kind.name())),
    ]
}
