//! `talon transactions`: payments in a list.

use serde_json::{Value, json};
use talon_domain::ids::{MerchantId, ShopId, StreamKey, TerminalId};
use talon_domain::open::open_reasons;
use talon_domain::state::{State, Status};
use talon_domain::stream::Stream;
use talon_replay::{Filter, find};

use crate::args::{Common, StatusArg, TransactionsArgs, typed_day};
use crate::exit::Exit;
use crate::ledger;
use crate::show::{ID_COLUMNS, Screen, Tone, as_of_foot, as_of_json, beneath, money, payment_json, totals};

pub(crate) fn run(args: &TransactionsArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let (filter, then) = (filter(args)?, args.as_of.read()?);
    let journal = ledger::open_to_read(common.ledger()?)?;
    let history = ledger::history_as_of(&journal, &then)?;
    let found = find(history.fold(), &filter);
    if screen.is_json() {
        let payments: Vec<Value> =
            found.iter().map(|(_, stream, state)| payment_json(state, stream, screen.language)).collect();
        let as_of = as_of_json(&then.as_of, history.positions());
        screen.json(&json!({ "type": "transactions", "transactions": payments, "as_of": as_of }))?;
    } else {
        rows(&found, screen)?;
        let count = screen.count(found.len() as u64, ["paiement", "paiements"], ["payment", "payments"]);
        screen.line(&count)?;
        as_of_foot(&then, history.positions(), screen)?;
    }
    Ok(Exit::Done)
}

fn filter(args: &TransactionsArgs) -> anyhow::Result<Filter> {
    Ok(Filter {
        merchant: args.merchant.map(MerchantId),
        shop: args.shop.map(ShopId),
        terminal: args.terminal.map(TerminalId),
        status: args.status.map(status),
        provider: args.provider.clone(),
        days: match &args.day {
            Some(day) => typed_day(day, "--day").map(|day| Some(day..=day))?,
            None => args.days.read()?,
        },
        open_only: args.open,
        anomalies_only: args.anomalies,
    })
}

const fn status(status: StatusArg) -> Status {
    match status {
        StatusArg::Collected => Status::Collected,
        StatusArg::Cancelled => Status::Cancelled,
        StatusArg::Accepted => Status::Accepted,
        StatusArg::Refused => Status::Refused,
        StatusArg::Expired => Status::Expired,
        StatusArg::ShopTimedOut => Status::TimedOut,
        StatusArg::Unknown => Status::Unknown,
        StatusArg::InProgress => Status::InProgress,
    }
}

/// Payments, a row each, below a heading for each merchant; why one is open, and what is wrong with it, stands below its
/// id. For a spreadsheet one table.
pub(crate) fn rows(found: &[(StreamKey, &Stream, State)], screen: &mut Screen) -> std::io::Result<()> {
    if screen.is_csv() {
        return spreadsheet(found, screen);
    }
    let heads = [
        ("Transaction", "Transaction"),
        ("Lieu", "Place"),
        (">Vente", ">Sale"),
        ("Plan", "Plan"),
        ("État", "Status"),
        (">Prélevé", ">Collected"),
    ];
    for of_one in found.chunk_by(|(a, ..), (b, ..)| a.merchant == b.merchant) {
        let Some((key, ..)) = of_one.first() else { continue };
        screen.heading(&format!("{} {}", screen.say("Commerçant", "Merchant"), key.merchant))?;
        let rows = of_one.iter().flat_map(|(_, stream, state)| row(stream, state, heads.len(), screen));
        let rows = rows.collect();
        screen.table_of(&heads, rows)?;
    }
    Ok(())
}

fn row(stream: &Stream, state: &State, columns: usize, screen: &Screen) -> Vec<Vec<String>> {
    let language = screen.language;
    let practice = if state.key.training { " *" } else { "" };
    let whole = vec![
        state.key.stream.to_string(),
        format!("{}/{}{practice}", state.shop, state.terminal),
        state.sale.map_or_else(|| "-".into(), |sale| money(sale.currency, sale.minor_units, language)),
        plan_words(state, screen),
        state.status.words(language).to_owned(),
        collected_words(state, screen),
    ];
    let codes = codes(stream, state);
    let anomalies = if codes.is_empty() { codes } else { format!("{} {codes}", screen.say("anomalies", "anomalies")) };
    let below = beneath([open_words(state, screen), anomalies], ID_COLUMNS, columns);
    std::iter::once(whole).chain(below).collect()
}

/// Without its currency where that is the sale's.
fn collected_words(state: &State, screen: &Screen) -> String {
    let collected = state.collected();
    let moved: Vec<_> = collected.iter().collect();
    match (state.sale, moved.as_slice()) {
        (Some(sale), [(currency, amount)]) if sale.currency == *currency => {
            screen.amount(*currency, i128::try_from(*amount).unwrap_or(i128::MAX))
        }
        _ => totals(&collected, screen.language),
    }
}

fn open_words(state: &State, screen: &Screen) -> String {
    open_reasons(state).into_iter().map(|reason| reason.words(screen.language)).collect::<Vec<_>>().join(", ")
}

fn codes(stream: &Stream, state: &State) -> String {
    let mut codes: Vec<_> = state.anomalies.iter().chain(&stream.notes()).map(|a| a.code.number()).collect();
    codes.dedup();
    codes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn spreadsheet(found: &[(StreamKey, &Stream, State)], screen: &mut Screen) -> std::io::Result<()> {
    let heads = [
        ("Commerçant", "Merchant"),
        ("Boutique", "Shop"),
        ("TPE", "Terminal"),
        ("Transaction", "Transaction"),
        ("Prestataire", "Provider"),
        ("Devise", "Currency"),
        (">Vente", ">Sale"),
        ("Plan", "Plan"),
        ("État", "Status"),
        (">Prélevé", ">Collected"),
        ("Reste à faire", "Open"),
        ("Anomalies", "Anomalies"),
        ("Exercice", "Practice"),
    ];
    let rows = found.iter().map(|(_, stream, state)| spreadsheet_row(stream, state, screen)).collect();
    screen.table_of(&heads, rows)
}

/// Amounts in the currency of the sale, else of the money that moved.
fn spreadsheet_row(stream: &Stream, state: &State, screen: &Screen) -> Vec<String> {
    let collected = state.collected();
    let moved = collected.iter().next().map(|(currency, _)| currency);
    let currency = state.sale.map(|sale| sale.currency).or(moved);
    let amount =
        |currency, minor_units: u128| screen.amount(currency, i128::try_from(minor_units).unwrap_or(i128::MAX));
    vec![
        state.key.merchant.to_string(),
        state.shop.to_string(),
        state.terminal.to_string(),
        state.key.stream.to_string(),
        state.provider.as_deref().unwrap_or_default().to_owned(),
        currency.map(|currency| currency.code().to_owned()).unwrap_or_default(),
        state.sale.map(|sale| amount(sale.currency, sale.minor_units)).unwrap_or_default(),
        plan_words(state, screen),
        state.status.words(screen.language).to_owned(),
        currency.map(|currency| amount(currency, collected.of(currency))).unwrap_or_default(),
        open_words(state, screen),
        codes(stream, state),
        if state.key.training { "1".to_owned() } else { String::new() },
    ]
}

/// `3x`, or `+15 j` for a deferred plan.
pub(crate) fn plan_words(state: &State, screen: &Screen) -> String {
    let Some(agreed) = &state.plan else { return "-".into() };
    match (agreed.plan.deferred_days, agreed.plan.deferred_months) {
        (0, 0) => format!("{}x", agreed.plan.installments_count),
        (0, months) => format!("+{months} {}", screen.say("mois", "months")),
        (days, _) => format!("+{days} {}", screen.say("j", "d")),
    }
}

/// How a status stands out.
pub(crate) const fn tone(status: Status) -> Tone {
    match status {
        Status::Collected => Tone::Good,
        Status::Accepted => Tone::Strong,
        Status::TimedOut | Status::Unknown | Status::InProgress => Tone::Warning,
        Status::Cancelled | Status::Refused | Status::Expired => Tone::Quiet,
    }
}
