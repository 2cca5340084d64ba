//! `talon transactions`: payments in a list.

use serde_json::{Value, json};
use talon_domain::ids::{MerchantId, ShopId, StreamKey, TerminalId};
use talon_domain::open::open_reasons;
use talon_domain::state::{State, Status};
use talon_domain::stream::Stream;
use talon_domain::time::Day;
use talon_replay::{Filter, find};

use crate::args::{Common, StatusArg, TransactionsArgs};
use crate::exit::{Exit, UsageError};
use crate::ledger;
use crate::show::{Screen, Tone, as_of_foot, as_of_json, money, payment_json, totals};

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
        day: args.day.as_deref().map(day).transpose()?,
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

/// A day, as it was typed.
pub(crate) fn day(text: &str) -> anyhow::Result<Day> {
    let mut parts = text.splitn(3, '-');
    let mut number = || {
        let digits = parts.next().filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))?;
        digits.parse::<u32>().ok()
    };
    let day = match (number(), number(), number()) {
        (Some(year), Some(month), Some(day)) => i32::try_from(year).ok().and_then(|year| Day::of(year, month, day)),
        _ => None,
    };
    day.ok_or_else(|| UsageError("--day wants a date from 2000 to 2148, as 2026-11-24".into()).into())
}

/// Payments, a row each.
pub(crate) fn rows(found: &[(StreamKey, &Stream, State)], screen: &mut Screen) -> std::io::Result<()> {
    let heads = [
        screen.say("Marchand", "Merchant").to_owned(),
        screen.say("Boutique", "Shop").to_owned(),
        screen.say("TPE", "Terminal").to_owned(),
        "Transaction".to_owned(),
        format!(">{}", screen.say("Vente", "Sale")),
        screen.say("Plan", "Plan").to_owned(),
        screen.say("État", "Status").to_owned(),
        format!(">{}", screen.say("Prélevé", "Collected")),
        screen.say("Reste à faire", "Open").to_owned(),
        screen.say("Anomalies", "Anomalies").to_owned(),
    ];
    let rows = found.iter().map(|(_, stream, state)| row(stream, state, screen)).collect();
    screen.table(&heads.each_ref().map(String::as_str), rows)
}

fn row(stream: &Stream, state: &State, screen: &Screen) -> Vec<String> {
    let language = screen.language;
    let open = open_reasons(state).into_iter().map(|reason| reason.words(language)).collect::<Vec<_>>().join(", ");
    let mut codes: Vec<_> = state.anomalies.iter().chain(&stream.notes()).map(|a| a.code.number()).collect();
    codes.dedup();
    let codes = codes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let practice = if state.key.training { " *" } else { "" };
    vec![
        state.key.merchant.to_string(),
        state.shop.to_string(),
        state.terminal.to_string(),
        format!("{}{practice}", state.key.stream),
        state.sale.map_or_else(|| "-".into(), |sale| money(sale.currency, sale.minor_units, language)),
        plan_words(state, screen),
        state.status.words(language).to_owned(),
        totals(&state.collected(), language),
        open,
        codes,
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
