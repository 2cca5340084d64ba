//! `talon diff`: what is not the same at two moments of a ledger, or in two ledgers.

use std::path::Path;

use serde_json::{Value, json};
use talon_domain::money::Currency;
use talon_projections::transactions::Transaction;
use talon_projections::views;
use talon_replay::{Diff, FactDiff, FigureDiff, PaymentDiff, Projected, Scope, diff, project, vector_text};

use crate::args::{Common, DiffArgs, Then};
use crate::exit::Exit;
use crate::ledger;
use crate::show::{Bar, Screen, local_time, money};
use crate::views::explained as views_explained;

/// One side of a comparison.
struct Side {
    made: Projected,
    then: Then,
}

pub(crate) fn run(args: &DiffArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let sides = [side(&args.first, args, 0, common)?, side(&args.second, args, 1, common)?];
    let [first, second] = &sides;
    let found = diff(&first.made.projection, &second.made.projection)?;
    if screen.is_json() {
        screen.json(&answer(&found, &sides))?;
        return Ok(Exit::Done);
    }
    tell(&found, screen)?;
    let positions = [first, second].map(|side| vector_text(&side.made.positions));
    screen.line(&format!("{} -> {}", positions[0], positions[1]))?;
    Ok(Exit::Done)
}

/// A side is another ledger's folder, or a moment of this one.
fn side(asked: &str, args: &DiffArgs, which: usize, common: &Common) -> anyhow::Result<Side> {
    let path = Path::new(asked);
    let is_ledger = path.join("journal").is_dir();
    let dir = if is_ledger { path } else { common.ledger()? };
    let effective_at = args.effective_at.get(which).or(args.effective_at.first());
    let known = if is_ledger || asked == "now" { None } else { Some(asked) };
    let then = Then::of(known, effective_at.map(String::as_str))?;
    let journal = ledger::open_to_read(dir)?;
    let bar = Bar::records(0, "folding");
    let scope = args.merchant.map_or(Scope::All, |merchant| Scope::Merchant(talon_domain::ids::MerchantId(merchant)));
    let made = project(&journal, &then.as_of, scope, views::ALL.to_vec(), &mut |of| bar.at(of.done, of.total));
    bar.finish();
    let made = made.map_err(views_explained)?;
    Ok(Side { made, then })
}

fn tell(found: &Diff, screen: &mut Screen) -> std::io::Result<()> {
    let same = screen.say("rien ne diffère", "nothing differs").to_owned();
    if found.economic.is_empty() && found.booked.is_empty() && found.payments.is_empty() && found.facts.is_empty() {
        return screen.line(&same);
    }
    figures(&found.economic, screen.say("Chiffres par jour", "Figures by day").to_owned(), screen)?;
    if found.booked != found.economic {
        let title = screen.say("Chiffres comptabilisés", "Figures as booked").to_owned();
        figures(&found.booked, title, screen)?;
    }
    payments(&found.payments, screen)?;
    facts(&found.facts, screen)
}

fn figures(found: &[FigureDiff], title: String, screen: &mut Screen) -> std::io::Result<()> {
    let told: Vec<_> = found.iter().filter(|figure| !figure.cell.measure.is_moment()).collect();
    if told.is_empty() {
        return Ok(());
    }
    screen.heading(&title)?;
    let heads = [
        screen.say("Jour", "Day").to_owned(),
        screen.say("Boutique", "Shop").to_owned(),
        screen.say("TPE", "Terminal").to_owned(),
        screen.say("Prestataire", "Provider").to_owned(),
        screen.say("Chiffre", "Figure").to_owned(),
        format!(">{}", screen.say("Avant", "First")),
        format!(">{}", screen.say("Après", "Second")),
    ];
    let rows = told.iter().map(|figure| figure_row(figure, screen)).collect();
    screen.table(&heads.each_ref().map(String::as_str), rows)
}

fn figure_row(figure: &FigureDiff, screen: &Screen) -> Vec<String> {
    let currency = figure.cell.currency.filter(|_| figure.cell.measure.is_money());
    let value = |amount| currency.map_or_else(|| i128::to_string(&amount), |currency| screen.amount(currency, amount));
    let plan = super::day::plan_words(figure.cell.plan, screen);
    let of_plan = Some(plan).filter(|plan| plan != "-");
    let in_currency = figure.cell.currency.map(|currency| currency.code().to_owned());
    let name = [Some(figure.cell.measure.name()), of_plan, in_currency].into_iter().flatten().collect::<Vec<_>>();
    vec![
        figure.place.day.to_string(),
        figure.place.shop.to_string(),
        figure.place.terminal.to_string(),
        figure.place.provider.clone(),
        name.join(" "),
        value(figure.first),
        value(figure.second),
    ]
}

fn payments(found: &[PaymentDiff], screen: &mut Screen) -> std::io::Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    screen.heading(screen.say("Paiements", "Payments"))?;
    let heads =
        ["Transaction".to_owned(), screen.say("Avant", "First").to_owned(), screen.say("Après", "Second").to_owned()];
    let words = |row: &Option<Transaction>| {
        let Some(row) = row else { return "-".to_owned() };
        let amount = |currency: Currency| money(currency, row.collected, screen.language);
        let collected = row.currency().map(amount).unwrap_or_default();
        format!("{} {collected}", row.status().words(screen.language))
    };
    let rows = found.iter().map(|one| vec![one.key.stream.to_string(), words(&one.first), words(&one.second)]);
    let rows = rows.collect();
    screen.table(&heads.each_ref().map(String::as_str), rows)
}

fn facts(found: &[FactDiff], screen: &mut Screen) -> std::io::Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    screen.heading(screen.say("Faits venus après", "Facts that came after"))?;
    let heads = [
        screen.say("Enregistré (Paris)", "Recorded (Paris)").to_owned(),
        screen.say("Jour", "Day").to_owned(),
        screen.say("Fait", "Fact").to_owned(),
        "Transaction".to_owned(),
        screen.say("Effet", "Effect").to_owned(),
    ];
    let rows = found.iter().map(|fact| {
        let effects = fact.effects.iter().map(|(account, currency, amount)| {
            format!("{} {} {}", account.name(), screen.amount(*currency, *amount), currency.code())
        });
        vec![
            local_time(fact.recorded_at),
            fact.day.to_string(),
            fact.kind.name().to_owned(),
            fact.key.stream.to_string(),
            effects.collect::<Vec<_>>().join(", "),
        ]
    });
    let rows = rows.collect();
    screen.table(&heads.each_ref().map(String::as_str), rows)
}

fn answer(found: &Diff, sides: &[Side; 2]) -> Value {
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
        "figure": figure.cell.measure.name(), "plan": super::day::plan_json(figure.cell.plan),
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
