//! Terminals as a script reads them.

use serde_json::{Value, json};
use talon_domain::anomaly::Language;
use talon_domain::time::Instant;
use talon_projections::finding::Finding;
use talon_projections::terminals::{DayTotal, Sum};

use super::Line;
use super::found::place_words;

pub(super) fn answer(lines: &[Line<'_>], found: &[Finding], at: Instant, language: Language) -> Value {
    json!({
        "type": "terminals",
        "at": at.rfc3339(),
        "terminals": lines.iter().map(|line| line_json(line, language)).collect::<Vec<_>>(),
        "findings": found.iter().map(|finding| finding_json(finding, language)).collect::<Vec<_>>(),
    })
}

fn line_json(Line { terminal, shop, days }: &Line<'_>, language: Language) -> Value {
    let stated = terminal.assignment.map(|stated| &stated.what);
    json!({
        "merchant": terminal.merchant.to_string(),
        "terminal": terminal.terminal.0,
        "epoch": terminal.epoch.0,
        "registered": stated.is_some(),
        "shop": shop.map(|shop| shop.0),
        "shopCode": stated.and_then(|one| one.shop_code.as_deref()),
        "serial": stated.and_then(|one| one.serial.as_deref()),
        "model": stated.and_then(|one| one.model.as_deref()),
        "replaced": terminal.is_replaced,
        "ineligible": terminal.ineligible.iter().map(|why| json!({
            "name": why.name(), "words": why.words(language),
        })).collect::<Vec<_>>(),
        "firstSeq": terminal.first_seq.0,
        "lastSeq": terminal.last_seq.0,
        "lastDay": terminal.last_day.map(|day| day.to_string()),
        "holes": terminal.holes.iter().map(|hole| json!({
            "first": hole.first.0, "last": hole.last.0, "owner": hole.owner.name(),
        })).collect::<Vec<_>>(),
        "repeats": terminal.repeats.iter().map(|repeat| json!({
            "first": repeat.first.0, "last": repeat.last.0, "events": repeat.events,
        })).collect::<Vec<_>>(),
        "lastSeen": terminal.last_seen.map(Instant::rfc3339),
        "clockSkew": terminal.skew.map(|skew| json!({
            "day": skew.day.to_string(), "behindMicros": skew.behind_us.to_string(),
        })),
        "silence": terminal.silence.map(|silence| json!({
            "day": silence.day.to_string(), "worked": silence.worked, "tradingDays": silence.trading_days,
        })),
        "days": days.iter().map(total_json).collect::<Vec<_>>(),
    })
}

fn total_json(total: &DayTotal) -> Value {
    let net = |sum: Sum| json!({ "count": sum.count, "net": sum.net.to_string() });
    json!({
        "day": total.day.to_string(),
        "application": &*total.application,
        "currency": total.currency.code(),
        "stated": net(total.stated),
        "counted": total.counted.map(net),
        "agrees": total.agrees(),
    })
}

fn finding_json(finding: &Finding, language: Language) -> Value {
    json!({
        "code": finding.code.number(),
        "name": finding.code.name(),
        "merchant": finding.merchant.to_string(),
        "place": place_words(finding, language),
        "words": finding.code.sentence(language),
        "advice": finding.code.advice(),
    })
}
