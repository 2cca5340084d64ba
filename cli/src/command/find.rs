//! `talon find`: payments by what people know of them.

mod phone;

use serde_json::{Value, json};
use talon_domain::ids::{MerchantId, ShopId, StreamKey, TerminalId};
use talon_domain::money::Currency;
use talon_projections::transactions::{Name, Transaction, find};

use crate::args::{Common, FindArgs};
use crate::exit::{Exit, UsageError};
use crate::park::{day, money};
use crate::show::{ID_COLUMNS, Screen, beneath, local_time};
use crate::views::{self, Views};
use phone::Phone;

pub(crate) fn run(args: &FindArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let phone = args.phone.as_deref().map(|phone| Phone::read(phone, common)).transpose()?;
    let name = name(args, phone.as_ref())?;
    let views = views::open(common, &args.as_of, args.merchant.map(MerchantId))?;
    let mut found = find(views.reading()?, &name)?;
    found.retain(|(key, _)| args.merchant.is_none_or(|merchant| key.merchant == MerchantId(merchant)));
    if let Some(phone) = phone {
        let named = phone.among(&found.iter().map(|(key, _)| *key).collect())?;
        found.retain(|(key, _)| named.contains(key));
    }
    if screen.is_json() {
        let found: Vec<_> = found.iter().map(|(key, row)| row_json(*key, row)).collect();
        screen.json(&views.with_foot(json!({ "type": "found", "payments": found })))?;
        return Ok(Exit::Done);
    }
    table(&found, &views, screen)?;
    views.foot(screen)?;
    Ok(Exit::Done)
}

/// By what is asked.
fn name(args: &FindArgs, phone: Option<&Phone>) -> anyhow::Result<Name> {
    let merchant = args.merchant.map(MerchantId);
    if let Some(ticket) = &args.ticket {
        return Ok(Name::Ticket(ticket.clone()));
    }
    if let Some(id) = &args.payment {
        return Ok(Name::PaymentId(id.clone()));
    }
    if let Some(id) = &args.refund {
        return Ok(Name::RefundId(id.clone()));
    }
    if let (Some(phone), Some(merchant)) = (phone, merchant) {
        return Ok(Name::PhoneBucket(merchant, phone.bucket(merchant)));
    }
    let (Some(text), Some(merchant)) = (&args.day, merchant) else {
        let wanted = "say what is known: --ticket, --payment, --refund, or with --merchant a --phone or a --day";
        return Err(UsageError(wanted.to_owned()).into());
    };
    let wrong_day = || UsageError("--day wants a date from 2000 to 2148, as 2026-11-24".into());
    let wrong_amount = || UsageError("--amount wants an amount, as 209.34, or 209.34 CHF".into());
    let day = day(text).ok_or_else(wrong_day)?;
    let amount = args.amount.as_deref().map(|text| money(text).ok_or_else(wrong_amount)).transpose()?;
    let amount = amount.map(|money| (money.currency, u128::from(money.amount.minor_units())));
    Ok(Name::Place(merchant, day, args.shop.map(ShopId), args.terminal.map(TerminalId), amount))
}

fn table(found: &[(StreamKey, Transaction)], views: &Views, screen: &mut Screen) -> std::io::Result<()> {
    let heads = [
        ("Transaction", "Transaction"),
        ("Début (Paris)", "Began (Paris)"),
        ("Ticket", "Ticket"),
        (">Montant", ">Amount"),
        ("État", "Status"),
    ];
    let of_spreadsheet = [("Boutique", "Shop"), ("TPE", "Terminal"), ("Devise", "Currency")];
    let heads: Vec<_> = heads.into_iter().chain(of_spreadsheet.into_iter().filter(|_| screen.is_csv())).collect();
    let rows = found.iter().flat_map(|(key, row)| rows(*key, row, views, screen)).collect();
    screen.table_of(&heads, rows)?;
    let count = screen.count(found.len() as u64, ["paiement", "paiements"], ["payment", "payments"]);
    screen.line(&count)
}

/// A payment, and below its id where it was made.
fn rows(key: StreamKey, row: &Transaction, views: &Views, screen: &Screen) -> Vec<Vec<String>> {
    let practice = if key.training && !screen.is_csv() { " *" } else { "" };
    let amount = |currency: Currency| {
        let amount = screen.amount(currency, i128::try_from(row.asked).unwrap_or(i128::MAX));
        if screen.is_csv() { amount } else { format!("{amount} {currency}") }
    };
    let mut cells = vec![
        format!("{}{practice}", key.stream),
        row.began_at().map(local_time).unwrap_or_default(),
        row.till_ticket.clone().unwrap_or_default(),
        row.currency().map(amount).unwrap_or_default(),
        row.status().words(screen.language).to_owned(),
    ];
    let shop = row.day().map(|day| views.shop_name(key.merchant, row.shop(), day)).unwrap_or_default();
    if screen.is_csv() {
        cells.extend([shop, row.terminal().to_string()]);
        cells.push(row.currency().map(|currency| currency.code().to_owned()).unwrap_or_default());
        return vec![cells];
    }
    let place = format!("{shop}, {} {}", screen.say("TPE", "terminal"), row.terminal());
    let below = beneath([place], ID_COLUMNS, cells.len());
    std::iter::once(cells).chain(below).collect()
}

fn row_json(key: StreamKey, row: &Transaction) -> Value {
    json!({
        "transaction": key.stream.to_string(), "merchant": key.merchant.to_string(), "training": key.training,
        "shop": row.shop().0, "terminal": row.terminal().0, "provider": row.provider,
        "status": row.status().name(), "open": row.is_open, "closed": row.is_closed,
        "beganAt": row.began_at().map(talon_domain::time::Instant::rfc3339),
        "soldOn": row.sold_on().map(|day| day.to_string()),
        "currency": row.currency().map(|currency| currency.code().to_owned()),
        "asked": row.asked.to_string(), "collected": row.collected.to_string(),
        "suspense": row.suspense.to_string(), "refunded": row.refunded.to_string(),
        "chargedBack": row.charged_back.to_string(), "planVersion": row.plan_version,
        "installmentsCount": row.installments_count, "deferred": row.is_deferred,
        "paymentId": row.payment_id, "tillTicket": row.till_ticket, "printed": row.is_printed,
        "anomalies": row.anomalies,
    })
}
