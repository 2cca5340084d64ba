//! What is owed as a script reads it.

use serde_json::{Value, json};
use talon_domain::anomaly::Language;
use talon_projections::settlement::{Amounts, Due, FeeGap, OwedLine, PayoutLine, Surprise, Total, Undated};

use super::{Answer, Near, SumKey};
use crate::show::days_json;

pub(super) fn answer(answer: &Answer, totals_alone: bool, language: Language) -> Value {
    let lines = answer.settled.lines.iter().zip(&answer.near).filter(|_| !totals_alone);
    let mut told = json!({
        "type": "settlement", "merchant": answer.merchant.to_string(), "at": answer.at.rfc3339(),
        "lines": lines.map(|(line, near)| line_json(line, near, answer, language)).collect::<Vec<_>>(),
        "totals": answer.totals.iter().map(|(key, total)| total_json(key, total)).collect::<Vec<_>>(),
        "payouts": answer.settled.payouts.iter().map(payout_json).collect::<Vec<_>>(),
    });
    days_json(&mut told, answer.days.as_ref());
    told
}

fn line_json(line: &OwedLine, near: &[Near], answer: &Answer, language: Language) -> Value {
    let place = line.stream.and_then(|key| answer.places.get(&key));
    let (due, undated) = match line.due {
        Due::On(day) => (Some(day.to_string()), None),
        Due::Unknown(why) => (None, Some(why)),
    };
    json!({
        "day": line.day.to_string(), "provider": line.provider, "what": line.what.name(),
        "transaction": line.stream.map(|key| key.stream.to_string()), "id": line.id,
        "shop": place.map(|(shop, _)| shop.0), "terminal": place.map(|(_, terminal)| terminal.0),
        "happenedOn": line.happened_on.to_string(), "currency": line.currency.code(),
        "expected": line.expected.map(amounts), "feeGap": line.fee_gap.map(FeeGap::name),
        "booked": line.booked.map(amounts), "waived": line.waived.to_string(),
        "difference": amounts(line.difference()),
        "payouts": line.payouts.iter().map(|(account, payout)| json!({
            "account": account, "payoutId": payout,
        })).collect::<Vec<_>>(),
        "due": due, "undated": undated.map(Undated::name),
        "status": line.status.name(), "words": line.status.words(language),
        "surprise": line.surprise.map(Surprise::name),
        "nearest": near.iter().map(near_json).collect::<Vec<_>>(),
    })
}

fn near_json(near: &Near) -> Value {
    json!({
        "transaction": near.stream.map(|key| key.stream.to_string()), "id": near.id,
        "grossGap": near.gross_gap.to_string(), "daysGap": near.days_gap, "otherProvider": near.is_other_provider,
    })
}

/// Each part as text; what is not known is null.
fn amounts(amounts: Amounts) -> Value {
    let text = |part: Option<i128>| part.map(|part| part.to_string());
    json!({
        "gross": text(amounts.gross), "fee": text(amounts.fee), "tax": text(amounts.tax), "net": text(amounts.net),
    })
}

fn total_json(key: &SumKey, total: &Total) -> Value {
    let sums = |[gross, fee, tax, net]: [i128; 4]| {
        amounts(Amounts { gross: Some(gross), fee: Some(fee), tax: Some(tax), net: Some(net) })
    };
    json!({
        "day": key.day.map(|day| day.to_string()), "shop": key.shop.map(|shop| shop.0), "provider": key.provider,
        "status": key.status.map(talon_projections::settlement::Status::name), "currency": key.currency.code(),
        "count": total.count, "withoutFee": total.without_fee, "expected": sums(total.expected),
        "booked": sums(total.booked), "difference": sums(total.difference), "waived": total.waived.to_string(),
    })
}

fn payout_json(payout: &PayoutLine) -> Value {
    json!({
        "account": payout.account, "payoutId": payout.payout_id, "day": payout.day.to_string(),
        "provider": payout.provider, "returned": payout.is_returned, "toldBy": payout.told_by,
        "currency": payout.amount.map(|(currency, _)| currency.code().to_owned()),
        "amount": payout.amount.map(|(_, amount)| amount.to_string()),
        "lines": payout.lines.map(|(count, _)| i64::try_from(count).unwrap_or(i64::MAX)),
        "linesNet": payout.lines.map(|(_, net)| net.to_string()),
        "difference": payout.difference().map(|difference| difference.to_string()),
    })
}
