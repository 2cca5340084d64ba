//! `talon diff`: what is not the same at two moments of a ledger, or in two ledgers.

mod json;

use std::path::Path;

use talon_domain::money::Currency;
use talon_projections::transactions::Transaction;
use talon_projections::views;
use talon_replay::{Diff, FactDiff, FigureDiff, PaymentDiff, Projected, Scope, diff, project, vector_text};

use crate::args::{Common, DiffArgs, Then};
use crate::exit::Exit;
use crate::ledger;
use crate::show::{Bar, ID_COLUMNS, Screen, beneath, local_time, money};
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
        screen.json(&json::answer(&found, &sides))?;
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
    if screen.is_csv() {
        return spreadsheet(found, screen);
    }
    let same = screen.say("rien ne diffère", "nothing differs").to_owned();
    if found.economic.is_empty() && found.booked.is_empty() && found.payments.is_empty() && found.facts.is_empty() {
        return screen.line(&same);
    }
    figures(&found.economic, screen.say("Chiffres par jour", "Figures by day"), screen)?;
    if found.booked != found.economic {
        let title = screen.say("Chiffres comptabilisés", "Figures as booked");
        figures(&found.booked, title, screen)?;
    }
    payments(&found.payments, screen)?;
    facts(&found.facts, screen)
}

fn figures(found: &[FigureDiff], title: &str, screen: &mut Screen) -> std::io::Result<()> {
    let told: Vec<_> = found.iter().filter(|figure| !figure.cell.measure.is_moment()).collect();
    if told.is_empty() {
        return Ok(());
    }
    screen.heading(title)?;
    let rows = told.iter().map(|figure| figure_row(figure, screen)).collect();
    screen.table_of(&FIGURES, rows)
}

/// Heads of figures that differ.
const FIGURES: [(&str, &str); 7] = [
    ("Jour", "Day"),
    ("Boutique", "Shop"),
    ("TPE", "Terminal"),
    ("Prestataire", "Provider"),
    ("Chiffre", "Figure"),
    (">Avant", ">First"),
    (">Après", ">Second"),
];

fn figure_row(figure: &FigureDiff, screen: &Screen) -> Vec<String> {
    let currency = figure.cell.currency.filter(|_| figure.cell.measure.is_money());
    let value = |amount| currency.map_or_else(|| i128::to_string(&amount), |currency| screen.amount(currency, amount));
    let plan = super::day::plan_words(figure.cell.plan, screen);
    let of_plan = Some(plan).filter(|plan| plan != "-");
    // A spreadsheet has a column for it.
    let in_currency = figure.cell.currency.filter(|_| !screen.is_csv()).map(|currency| currency.code().to_owned());
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

/// For a spreadsheet one table: the figures, those of both readings.
fn spreadsheet(found: &Diff, screen: &mut Screen) -> std::io::Result<()> {
    let mut heads = vec![("Lecture", "Reading"), ("Commerçant", "Merchant")];
    heads.extend(FIGURES);
    heads.push(("Devise", "Currency"));
    let readings = [
        (screen.say("économique", "economic"), &found.economic),
        (screen.say("comptabilisé", "booked"), &found.booked),
    ];
    let rows = readings.into_iter().flat_map(|(reading, figures)| {
        let told = figures.iter().filter(|figure| !figure.cell.measure.is_moment());
        told.map(move |figure| (reading, figure))
    });
    let rows = rows.map(|(reading, figure)| {
        let mut row = vec![reading.to_owned(), figure.place.merchant.to_string()];
        row.extend(figure_row(figure, screen));
        row.push(figure.cell.currency.map(|currency| currency.code().to_owned()).unwrap_or_default());
        row
    });
    let rows = rows.collect();
    screen.table_of(&heads, rows)
}

fn payments(found: &[PaymentDiff], screen: &mut Screen) -> std::io::Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    screen.heading(screen.say("Paiements", "Payments"))?;
    let words = |row: &Option<Transaction>| {
        let Some(row) = row else { return "-".to_owned() };
        let amount = |currency: Currency| money(currency, row.collected, screen.language);
        let collected = row.currency().map(amount).unwrap_or_default();
        format!("{} {collected}", row.status().words(screen.language))
    };
    let rows = found.iter().map(|one| vec![one.key.stream.to_string(), words(&one.first), words(&one.second)]);
    let rows = rows.collect();
    screen.table_of(&[("Transaction", "Transaction"), ("Avant", "First"), ("Après", "Second")], rows)
}

fn facts(found: &[FactDiff], screen: &mut Screen) -> std::io::Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    screen.heading(screen.say("Faits venus après", "Facts that came after"))?;
    let heads =
        [("Transaction", "Transaction"), ("Fait", "Fact"), ("Jour", "Day"), ("Enregistré (Paris)", "Recorded (Paris)")];
    let rows = found.iter().flat_map(|fact| fact_rows(fact, heads.len(), screen)).collect();
    screen.table_of(&heads, rows)
}

/// A fact, and below its payment what it moved.
fn fact_rows(fact: &FactDiff, columns: usize, screen: &Screen) -> Vec<Vec<String>> {
    let effects = fact.effects.iter().map(|(account, currency, amount)| {
        format!("{} {} {currency}", account.name(), screen.amount(*currency, *amount))
    });
    let whole = vec![
        fact.key.stream.to_string(),
        fact.kind.name().to_owned(),
        fact.day.to_string(),
        local_time(fact.recorded_at),
    ];
    let below = beneath([effects.collect::<Vec<_>>().join(", ")], ID_COLUMNS, columns);
    std::iter::once(whole).chain(below).collect()
}
