//! `talon open-items`: what is not finished, since when, and what stands behind it.

use serde_json::{Value, json};
use talon_domain::ids::{MerchantId, ShopId, TerminalId};
use talon_projections::open_items::{Asked, Filter, OpenItem, by_cause, open_items};

use crate::args::{Common, OpenItemsArgs};
use crate::exit::{Exit, UsageError};
use crate::park::{day, moment};
use crate::show::Screen;
use crate::views::{self, Views};

pub(crate) fn run(args: &OpenItemsArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let views = views::open(common, &args.as_of, args.merchant.map(MerchantId))?;
    let calendar = views.registry().working_days(&args.calendar);
    let asked = asked(args, &views, &calendar)?;
    let items = open_items(views.reading()?, &asked)?;
    if screen.is_json() {
        screen.json(&views.with_foot(answer(&items, &asked, screen)))?;
        return Ok(Exit::Done);
    }
    if !args.list {
        causes(&items, &asked, screen)?;
    }
    if !args.causes {
        table(&items, &views, screen)?;
    }
    let count =
        screen.count(items.len() as u64, ["paiement ouvert", "paiements ouverts"], ["open payment", "open payments"]);
    screen.line(&count)?;
    views.foot(screen)?;
    Ok(Exit::Done)
}

fn asked<'a>(
    args: &OpenItemsArgs,
    views: &'a Views,
    calendar: &'a talon_projections::working_days::WorkingDays,
) -> anyhow::Result<Asked<'a>> {
    let read_day = |text: &Option<String>, option: &str| {
        let wanted = || UsageError(format!("{option} wants a date from 2000 to 2148, as 2026-11-24"));
        text.as_deref().map(|text| day(text).ok_or_else(wanted)).transpose()
    };
    let wrong = || UsageError("--at wants a moment, as 2026-11-25T09:00, or a date".into());
    let at = args.at.as_deref().map(|text| moment(text).ok_or_else(wrong)).transpose()?;
    let (from, to) = (read_day(&args.from, "--from")?, read_day(&args.to, "--to")?);
    let first = from.unwrap_or_default();
    let days = (from.is_some() || to.is_some()).then(|| first..=to.unwrap_or(talon_domain::time::Day(u16::MAX)));
    let mut asked = Asked::at(at.unwrap_or_else(|| views.at()), views.registry(), calendar);
    asked.filter = Filter {
        merchant: args.merchant.map(MerchantId),
        shop: args.place.shop.map(ShopId),
        terminal: args.place.terminal.map(TerminalId),
        provider: args.place.provider.clone(),
        days,
    };
    Ok(asked)
}

fn causes(items: &[OpenItem], asked: &Asked<'_>, screen: &mut Screen) -> std::io::Result<()> {
    let heads = [
        screen.say("Cause", "Cause").to_owned(),
        format!(">{}", screen.say("Montant", "Amount")),
        screen.say("Le plus ancien", "Oldest").to_owned(),
    ];
    let rows = by_cause(items).into_iter().map(|group| {
        let amounts = group.amounts.iter().map(|(currency, amount)| screen.amount(*currency, signed(*amount)));
        let amounts = amounts.collect::<Vec<_>>().join(" + ");
        vec![group.words(screen.language, asked.at), amounts, age(group.oldest, screen)]
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return Ok(());
    }
    screen.table(&heads.each_ref().map(String::as_str), rows)?;
    screen.line("")
}

fn table(items: &[OpenItem], views: &Views, screen: &mut Screen) -> std::io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let heads = [
        "Transaction".to_owned(),
        screen.say("Boutique", "Shop").to_owned(),
        format!(">{}", screen.say("Montant", "Amount")),
        screen.say("Âge", "Age").to_owned(),
        screen.say("Pourquoi", "Why").to_owned(),
        format!(">{}", screen.say("Doubles ?", "Twins?")),
    ];
    let rows = items.iter().map(|item| row(item, views, screen)).collect();
    screen.table(&heads.each_ref().map(String::as_str), rows)
}

fn row(item: &OpenItem, views: &Views, screen: &Screen) -> Vec<String> {
    let reasons: Vec<_> = item.reasons.iter().map(|reason| reason.reason.words(screen.language)).collect();
    let practice = if item.key.training { " *" } else { "" };
    vec![
        format!("{}{practice}", item.key.stream),
        item.day.map(|day| views.shop_name(item.key.merchant, item.shop, day)).unwrap_or_default(),
        item.currency.map(|currency| screen.amount(currency, signed(item.amount))).unwrap_or_default(),
        age(item.age, screen),
        reasons.join(", "),
        if item.twins.is_empty() { String::new() } else { item.twins.len().to_string() },
    ]
}

/// `2 bd`: days that the calendar counts.
fn age(age: talon_projections::open_items::Age, screen: &Screen) -> String {
    format!("{} {}", age.business_days, screen.say("j ouvrés", "bd"))
}

fn signed(amount: u128) -> i128 {
    i128::try_from(amount).unwrap_or(i128::MAX)
}

fn answer(items: &[OpenItem], asked: &Asked<'_>, screen: &Screen) -> Value {
    let language = screen.language;
    let causes: Vec<_> = by_cause(items)
        .iter()
        .map(|group| {
            json!({
                "words": group.words(language, asked.at), "payments": group.payments,
                "amounts": group.amounts.iter().map(|(currency, amount)| json!({
                    "currency": currency.code(), "minorUnits": amount.to_string(),
                })).collect::<Vec<_>>(),
                "businessDays": group.oldest.business_days,
            })
        })
        .collect();
    let items: Vec<_> = items.iter().map(|item| item_json(item, asked, language)).collect();
    json!({ "type": "openItems", "at": asked.at.rfc3339(), "causes": causes, "items": items })
}

fn item_json(item: &OpenItem, asked: &Asked<'_>, language: talon_domain::anomaly::Language) -> Value {
    json!({
        "transaction": item.key.stream.to_string(), "merchant": item.key.merchant.to_string(),
        "training": item.key.training, "shop": item.shop.0, "terminal": item.terminal.0, "provider": item.provider,
        "status": item.status.name(), "currency": item.currency.map(|currency| currency.code().to_owned()),
        "amount": item.amount.to_string(), "day": item.day.map(|day| day.to_string()),
        "businessDays": item.age.business_days, "bucket": item.age.bucket().name(),
        "cause": item.cause.words(language, asked.at),
        "reasons": item.reasons.iter().map(|reason| json!({
            "name": reason.reason.name(), "words": reason.reason.words(language),
            "since": reason.began_at.rfc3339(), "businessDays": reason.age.business_days,
        })).collect::<Vec<_>>(),
        "twins": item.twins.iter().map(|(key, at)| json!({
            "transaction": key.stream.to_string(), "beganAt": at.rfc3339(),
        })).collect::<Vec<_>>(),
    })
}
