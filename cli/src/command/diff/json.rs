//! What differs, as a script reads it.

use serde_json::{Value, json};
use talon_replay::{Diff, FactDiff, FigureDiff};

use super::Side;
use crate::command::day::plan_json;

pub(super) fn answer(found: &Diff, sides: &[Side; 2]) -> Value {
    let side = |side: &Side| crate::show::as_of_json(&side.then.as_of, &side.made.positions);
    json!({
        "type": "diff",
        "first": side(&sides[0]), "second": side(&sides[1]),
        "economic": found.economic.iter().map(figure_json).collect::<Vec<_>>(),
        "booked": found.booked.iter().map(figure_json).collect::<Vec<_>>(),
        "payments": found.payments.iter().map(|one| json!({
            "transaction": one.key.stream.to_string(), "merchant": one.key.merchant.to_string(),
            "first": one.first.as_ref().map(|row| row.status().name()),
            "second": one.second.as_ref().map(|row| row.status().name()),
        })).collect::<Vec<_>>(),
        "facts": found.facts.iter().map(fact_json).collect::<Vec<_>>(),
    })
}

fn figure_json(figure: &FigureDiff) -> Value {
    json!({
        "merchant": figure.place.merchant.to_string(), "day": figure.place.day.to_string(),
        "shop": figure.place.shop.0, "terminal": figure.place.terminal.0, "provider": figure.place.provider,
        "figure": figure.cell.measure.name(), "plan": plan_json(figure.cell.plan),
        "currency": figure.cell.currency.map(|currency| currency.code().to_owned()),
        "first": figure.first.to_string(), "second": figure.second.to_string(),
    })
}

fn fact_json(fact: &FactDiff) -> Value {
    json!({
        "eventId": fact.event_id.to_string(), "kind": fact.kind.name(), "source": fact.source.name(),
        "merchant": fact.key.merchant.to_string(), "stream": fact.key.stream.to_string(), "day": fact.day.to_string(),
        "occurredAt": fact.occurred_at.rfc3339(), "recordedAt": fact.recorded_at.rfc3339(),
        "effects": fact.effects.iter().map(|(account, currency, amount)| json!({
            "account": account.name(), "currency": currency.code(), "minorUnits": amount.to_string(),
        })).collect::<Vec<_>>(),
    })
}
