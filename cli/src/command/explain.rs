//! `talon explain`: a day's figure, taken apart into the payments and the facts that make it.

use serde_json::{Value, json};
use talon_domain::ids::{MerchantId, ShopId, TerminalId};
use talon_domain::money::Currency;
use talon_projections::days::{Measure, PlanKey};
use talon_projections::explain::{Figure, Part, Reckoning, explain, total};

use crate::args::{Common, ExplainArgs, typed_day};
use crate::exit::{Exit, UsageError};
use crate::show::{Screen, local_time};
use crate::views;

pub(crate) fn run(args: &ExplainArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let figure = figure(args)?;
    let views = views::replayed(common, &args.as_of, Some(figure.merchant))?;
    let parts = explain(views.projection()?, &figure);
    if screen.is_json() {
        screen.json(&views.with_foot(answer(&figure, &parts)))?;
        return Ok(Exit::Done);
    }
    table(&parts, &figure, screen)?;
    let code = figure.currency.filter(|_| figure.measure.is_money()).map(|currency| format!(" {currency}"));
    let sum = value(&figure, total(&parts), screen) + &code.unwrap_or_default();
    let payments = screen.count(parts.len() as u64, ["paiement", "paiements"], ["payment", "payments"]);
    screen.line(&format!("{} {} = {sum} ({payments})", figure.measure.name(), figure.day))?;
    views.foot(screen)?;
    Ok(Exit::Done)
}

fn figure(args: &ExplainArgs) -> anyhow::Result<Figure> {
    let is_asked = |measure: &Measure| !measure.is_moment();
    let names = || Measure::all().filter(is_asked).map(Measure::name).collect::<Vec<_>>().join(", ");
    let wrong_figure = || UsageError(format!("FIGURE is one of {}", names()));
    let wrong_plan = || UsageError("--plan wants a number of instalments from 1 to 12, or deferred".into());
    let plan = |text: &str| match text {
        "deferred" => Ok(PlanKey::Deferred),
        count => count.parse().ok().filter(|count| (1..=12).contains(count)).map(PlanKey::Times).ok_or_else(wrong_plan),
    };
    let measure = Measure::named(&args.figure).filter(is_asked).ok_or_else(wrong_figure)?;
    let wrong_currency = || UsageError("--currency wants three letters, as EUR".into());
    let currency = args.currency.as_deref().map(|text| Currency::parse(text).ok_or_else(wrong_currency)).transpose()?;
    // A payment that named no currency yet is counted, and so is what has none, as a ticket.
    let has_none = matches!(measure, Measure::Printed(_) | Measure::Reprinted | Measure::Facts);
    let currency = if measure.is_money() { currency.or(Some(Currency::EUR)) } else { currency.filter(|_| !has_none) };
    Ok(Figure {
        merchant: MerchantId(args.merchant),
        day: typed_day(&args.date, "DATE")?,
        shop: args.place.shop.map(ShopId),
        terminal: args.place.terminal.map(TerminalId),
        provider: args.place.provider.clone(),
        measure,
        plan: args.plan.as_deref().map(plan).transpose()?,
        currency,
        reckoning: if args.booked { Reckoning::Booked } else { Reckoning::Economic },
    })
}

/// Payments, each with its facts below it. For a spreadsheet the facts alone, each with its payment: so a column adds up.
fn table(parts: &[Part], figure: &Figure, screen: &mut Screen) -> std::io::Result<()> {
    if screen.is_csv() {
        let heads = [
            ("Transaction", "Transaction"),
            ("Fait", "Fact"),
            ("Source", "Source"),
            ("Survenu (Paris)", "Occurred (Paris)"),
            (">Montant", ">Amount"),
        ];
        let rows = parts.iter().flat_map(|part| spreadsheet_rows(part, figure, screen)).collect();
        return screen.table_of(&heads, rows);
    }
    let heads = [("Transaction", "Transaction"), ("Survenu (Paris)", "Occurred (Paris)"), (">Montant", ">Amount")];
    let rows = parts.iter().flat_map(|part| rows(part, figure, screen)).collect();
    screen.table_of(&heads, rows)
}

/// A payment, and below it its facts.
fn rows(part: &Part, figure: &Figure, screen: &Screen) -> Vec<Vec<String>> {
    let of = |amount| value(figure, amount, screen);
    let whole = vec![part.key.stream.to_string(), String::new(), of(part.amount)];
    let facts = part.facts.iter().map(|fact| {
        let told = format!("  {} ({})", fact.kind.name(), fact.source.name());
        vec![told, local_time(fact.occurred_at), of(fact.amount)]
    });
    std::iter::once(whole).chain(facts).collect()
}

fn spreadsheet_rows(part: &Part, figure: &Figure, screen: &Screen) -> Vec<Vec<String>> {
    let facts = part.facts.iter().map(|fact| {
        vec![
            part.key.stream.to_string(),
            fact.kind.name().to_owned(),
            fact.source.name().to_owned(),
            local_time(fact.occurred_at),
            value(figure, fact.amount, screen),
        ]
    });
    facts.collect()
}

fn value(figure: &Figure, amount: i128, screen: &Screen) -> String {
    match figure.currency.filter(|_| figure.measure.is_money()) {
        Some(currency) => screen.amount(currency, amount),
        None => amount.to_string(),
    }
}

fn answer(figure: &Figure, parts: &[Part]) -> Value {
    let parts_json: Vec<_> = parts
        .iter()
        .map(|part| {
            let facts: Vec<_> = part
                .facts
                .iter()
                .map(|fact| {
                    json!({
                        "eventId": fact.event_id.to_string(), "kind": fact.kind.name(), "source": fact.source.name(),
                        "occurredAt": fact.occurred_at.rfc3339(), "recordedAt": fact.recorded_at.rfc3339(),
                        "value": fact.amount.to_string(),
                    })
                })
                .collect();
            json!({ "transaction": part.key.stream.to_string(), "value": part.amount.to_string(), "facts": facts })
        })
        .collect();
    json!({
        "type": "explanation", "merchant": figure.merchant.to_string(), "day": figure.day.to_string(),
        "figure": figure.measure.name(), "booked": figure.reckoning == Reckoning::Booked,
        "currency": figure.currency.map(|currency| currency.code().to_owned()),
        "value": total(parts).to_string(), "parts": parts_json,
    })
}
