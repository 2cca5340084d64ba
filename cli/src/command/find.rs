//! `talon find`: payments by what people know of them.

mod phone;

use serde_json::{Value, json};
use talon_domain::ids::{MerchantId, ShopId, StreamKey, TerminalId};
use talon_domain::money::Currency;
use talon_projections::transactions::{Name, Transaction, find};

use crate::args::{Common, FindArgs};
use crate::exit::{Exit, UsageError};
use crate::park::{day, money};
use crate::show::{Screen, local_time};
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
        screen.json(&views.with_foot(json!({ "type": "found", "transactions": found })))?;
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
    let mut heads = vec![
        "Transaction".to_owned(),
        screen.say("Début (Paris)", "Began (Paris)").to_owned(),
        screen.say("Boutique", "Shop").to_owned(),
        screen.say("Ticket", "Ticket").to_owned(),
    ];
    heads.extend(screen.amount_heads());
    heads.push(screen.say("État", "Status").to_owned());
    let rows = found.iter().map(|(key, row)| line(*key, row, views, screen)).collect();
    screen.table(&heads.iter().map(String::as_str).collect::<Vec<_>>(), rows)?;
    let count = screen.count(found.len() as u64, ["paiement", "paiements"], ["payment", "payments"]);
    screen.line(&count)
}

fn line(key: StreamKey, row: &Transaction, views: &Views, screen: &Screen) -> Vec<String> {
    let practice = if key.training { " *" } else { "" };
    let asked = |currency: Currency| (currency, i128::try_from(row.asked).unwrap_or(i128::MAX));
    let shop = row.day().map(|day| views.shop_name(key.merchant, row.shop(), day));
    let mut cells = vec![
        format!("{}{practice}", key.stream),
        row.began_at().map(local_time).unwrap_or_default(),
        shop.unwrap_or_default(),
        row.till_ticket.clone().unwrap_or_default(),
    ];
    cells.extend(screen.amount_cells(row.currency().map(asked)));
    cells.push(row.status().words(screen.language).to_owned());
    cells
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
