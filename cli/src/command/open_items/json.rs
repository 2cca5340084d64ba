//! Open items as a script reads them.

use serde_json::{Value, json};
use talon_domain::anomaly::Language;
use talon_domain::ids::MerchantId;
use talon_projections::open_items::{Asked, OpenItem, by_cause};

pub(super) fn answer(items: &[OpenItem], unchecked: &[MerchantId], asked: &Asked<'_>, language: Language) -> Value {
    let causes: Vec<_> = by_cause(items)
        .iter()
        .map(|group| {
            json!({
                "words": group.words(language, asked.at),
                "merchant": group.cause.merchant().map(|merchant| merchant.to_string()), "payments": group.payments,
                "amounts": group.amounts.iter().map(|(currency, amount)| json!({
                    "currency": currency.code(), "minorUnits": amount.to_string(),
                })).collect::<Vec<_>>(),
                "businessDays": group.oldest.business_days, "estimate": group.oldest.is_estimate,
            })
        })
        .collect();
    let items: Vec<_> = items.iter().map(|item| item_json(item, asked, language)).collect();
    let unchecked: Vec<_> = unchecked.iter().map(ToString::to_string).collect();
    json!({
        "type": "openItems", "at": asked.at.rfc3339(), "causes": causes, "items": items, "withoutDevices": unchecked,
    })
}

fn item_json(item: &OpenItem, asked: &Asked<'_>, language: Language) -> Value {
    json!({
        "transaction": item.key.stream.to_string(), "merchant": item.key.merchant.to_string(),
        "training": item.key.training, "shop": item.shop.0, "terminal": item.terminal.0, "provider": item.provider,
        "status": item.status.name(), "currency": item.currency.map(|currency| currency.code().to_owned()),
        "amount": item.amount.to_string(), "day": item.day.map(|day| day.to_string()),
        "businessDays": item.age.business_days, "estimate": item.age.is_estimate, "bucket": item.age.bucket().name(),
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
