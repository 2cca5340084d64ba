//! What falls due as a script reads it.

use serde_json::{Map, Value, json};
use talon_domain::anomaly::Language;
use talon_domain::money::Currency;
use talon_projections::instalments::{Course, DueLine, DuePlace, DueSum, Tally};

use super::Answer;
use crate::show::days_json;

pub(super) fn answer(answer: &Answer, language: Language) -> Value {
    let sums = answer
        .sums
        .iter()
        .flat_map(|(place, of)| of.iter().map(move |(currency, sum)| sum_json(answer, place, *currency, sum)));
    let lines = answer.lines.iter().flatten().map(|line| line_json(line, language));
    let mut told = json!({
        "type": "instalments", "merchant": answer.merchant.to_string(), "at": answer.at.rfc3339(),
        "sums": sums.collect::<Vec<_>>(), "instalments": lines.collect::<Vec<_>>(),
    });
    days_json(&mut told, answer.days.as_ref());
    told
}

fn sum_json(answer: &Answer, place: &DuePlace, currency: Currency, sum: &DueSum) -> Value {
    let by = answer.by;
    let courses = Course::ALL.into_iter().map(|course| (course.name().to_owned(), tally(sum.of(course))));
    json!({
        "day": by.day.then(|| place.day.to_string()), "shop": by.shop.then_some(place.shop.0),
        "provider": by.provider.then_some(&place.provider), "currency": currency.code(),
        "courses": courses.collect::<Map<_, _>>(), "late": tally(sum.late), "rescheduled": tally(sum.rescheduled),
    })
}

fn tally(tally: Tally) -> Value {
    json!({ "count": i64::try_from(tally.count).unwrap_or(i64::MAX), "amount": tally.amount.to_string() })
}

fn line_json(line: &DueLine, language: Language) -> Value {
    let of = &line.instalment;
    json!({
        "day": line.place.day.to_string(), "shop": line.place.shop.0, "provider": line.place.provider,
        "transaction": line.stream.stream.to_string(), "number": of.number,
        "installmentsCount": of.installments_count, "planVersion": of.plan_version,
        "currency": of.currency().map(|currency| currency.code().to_owned()), "amount": of.amount.to_string(),
        "course": of.course().name(), "words": of.course().words(language), "late": line.is_late,
        "rescheduledFrom": of.rescheduled_from().map(|day| day.to_string()),
    })
}
