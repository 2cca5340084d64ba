//! A day as a script reads it.

use serde_json::{Map, Value, json};
use talon_domain::anomaly::Language;
use talon_domain::time::Instant;
use talon_projections::days::{Cell, Measure, PlanKey};

use super::{Answer, statements};

pub(super) fn answer(answer: &Answer, language: Language) -> Value {
    let lines: Vec<_> = answer
        .lines
        .iter()
        .map(|(place, line)| {
            json!({
                "day": answer.by.day.then(|| place.day.to_string()),
                "shop": answer.by.shop.then_some(place.shop.0),
                "terminal": answer.by.terminal.then_some(place.terminal.0),
                "provider": answer.by.provider.then_some(&place.provider),
                "economic": figures(line.cells()),
                "booked": figures(line.booked_cells()),
            })
        })
        .collect();
    let perpetual: Vec<_> = answer
        .perpetual
        .iter()
        .map(|(currency, total)| {
            json!({
                "currency": currency.code(), "net": total.net.to_string(), "absolute": total.absolute.to_string(),
                "closed": false,
            })
        })
        .collect();
    json!({
        "type": "day",
        "merchant": answer.merchant.to_string(),
        "from": answer.days.start().to_string(),
        "to": answer.days.end().to_string(),
        "lines": lines,
        "perpetual": perpetual,
        "statements": answer.statements.iter().map(|one| statements::json(one, language)).collect::<Vec<_>>(),
    })
}

/// Each figure with its plan and currency.
fn figures(cells: impl Iterator<Item = (Cell, i128)>) -> Vec<Value> {
    cells.map(|(cell, amount)| figure(cell, amount)).collect()
}

fn figure(cell: Cell, amount: i128) -> Value {
    let mut figure = Map::new();
    figure.insert("figure".into(), cell.measure.name().into());
    figure.insert("plan".into(), plan(cell.plan));
    figure.insert("currency".into(), cell.currency.map_or(Value::Null, |currency| currency.code().into()));
    let value = match cell.measure {
        Measure::First | Measure::Last => i64::try_from(amount).map_or(Value::Null, |at| Instant(at).rfc3339().into()),
        measure if measure.is_money() => amount.to_string().into(),
        _ => i64::try_from(amount).map_or(Value::Null, Value::from),
    };
    figure.insert("value".into(), value);
    Value::Object(figure)
}

pub(crate) fn plan(plan: PlanKey) -> Value {
    match plan {
        PlanKey::None => Value::Null,
        PlanKey::Times(count) => count.to_string().into(),
        PlanKey::Deferred => "deferred".into(),
    }
}
