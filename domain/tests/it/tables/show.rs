//! What a column shows of the stream of the fact that arrived last.

use talon_domain::anomaly::{Anomaly, Language};
use talon_domain::contribution::contributions;
use talon_domain::fact::Fact;
use talon_domain::fold::{Fold, PartitionFold, Verdict};
use talon_domain::ids::{PartitionId, StreamKey};
use talon_domain::money::{Money, Totals};
use talon_domain::open::open_reasons;
use talon_domain::ordered::Ruling;
use talon_domain::state::{Refund, Standing, State};
use talon_domain::stream::Stream;

use crate::history::stream_id;

pub(super) fn observe(fold: &Fold, (partition, fact): (PartitionId, &Fact), verdict: Verdict, column: &str) -> String {
    let mine = fold.partitions().find(|(id, _)| *id == partition).map(|(_, fold)| fold).expect("it was folded");
    match column {
        "verdict" => return format!("{verdict:?}").to_lowercase(),
        "ruling" => return ruling(mine, fact),
        "bulks" => return bulks(mine),
        "judged by fold" => return mine.rulings().newest_fold().to_string(),
        "streams" => return fold.streams().count().to_string(),
        _ => {}
    }
    let key = fact.header.stream_key();
    let first = StreamKey { stream: stream_id(1), ..key };
    let key = if fold.stream(key).is_some() { key } else { first };
    let Some(stream) = fold.stream(key) else { return "-".into() };
    match column {
        "notes" => names(&stream.notes()),
        "anomalies" => names(&stream.whole(key).anomalies),
        "where" => listed(stream.whole(key).anomalies.iter().map(|anomaly| anomaly.slot.label())),
        "witnesses" => listed(stream.told().slots.iter().map(|slot| slot.witnesses.len().to_string())),
        "slots" => listed(stream.told().slots.iter().map(|slot| slot.slot.label())),
        "shown" => shown(stream),
        _ => show(&stream.state(key), column),
    }
}

fn ruling(partition: &PartitionFold, fact: &Fact) -> String {
    let rulings = partition.rulings().all();
    let of_fact = rulings.iter().find(|(id, ..)| *id == fact.header.event_id).map(|(.., ruling)| *ruling);
    match of_fact {
        None => "-".into(),
        Some(Ruling::Valid) => "valid".into(),
        Some(Ruling::Void(reason)) => format!("void: {}", reason.name()),
    }
}

fn bulks(partition: &PartitionFold) -> String {
    let bulks = partition.bulks();
    let applied = bulks.applied().iter().map(|bulk| format!("applied: {}", String::from_utf8_lossy(&bulk.content)));
    listed(bulks.incomplete().map(|(_, code)| code.name().to_owned()).chain(applied))
}

/// The revision of the fact whose word is shown.
fn shown(stream: &Stream) -> String {
    stream.shown().map_or("-".into(), |fact| format!("revision {}", fact.payload.revision()))
}

fn show(state: &State, column: &str) -> String {
    match column {
        "status" => state.status.words(Language::English).to_owned(),
        "closed" => if state.is_closed { "closed" } else { "-" }.into(),
        "collected" => euros(&state.collected()),
        "suspense" => euros(&state.suspense()),
        "refunded" => euros(&state.refunded()),
        "sale" => state.sale.map_or("-".into(), |sale| two_decimals(sale.minor_units)),
        "sale day" => state.sale.and_then(|sale| sale.day).map_or("-".into(), |day| day.to_string()),
        "place" => format!("{}/{}/{}", state.shop, state.terminal, state.provider.as_deref().unwrap_or("-")),
        "accepted" => state.acceptance.as_ref().map_or("-".into(), |a| a.payment_id.as_deref().unwrap_or("?").into()),
        "till" => state.initiation.as_ref().and_then(|i| i.till_ticket.as_deref()).unwrap_or("-").into(),
        "open" => listed(open_reasons(state).into_iter().map(|reason| reason.words(Language::English).into())),
        "books" => listed(contributions(state).into_iter().map(|(key, minor)| {
            let amount = two_decimals(u128::try_from(minor).expect("accounts only grow"));
            format!("{} {amount} {} {}x {}", key.account.name(), key.day, key.plan, key.provider)
        })),
        "accounts" => listed(contributions(state).into_iter().map(|(key, minor)| {
            format!("{} {}", key.account.name(), two_decimals(u128::try_from(minor).expect("accounts only grow")))
        })),
        _ => show_plan(state, column),
    }
}

fn show_plan(state: &State, column: &str) -> String {
    let Some(agreed) = &state.plan else {
        return match column {
            "plan" | "instalments" | "early" | "regime" | "change" => "-".into(),
            _ => show_told(state, column),
        };
    };
    match column {
        "plan" => {
            let amounts =
                agreed.plan.by_number().into_iter().map(|e| two_decimals(e.purchase_amount.minor_units().into()));
            format!("v{} {}", agreed.version, amounts.collect::<Vec<_>>().join(" "))
        }
        "instalments" => {
            let states = agreed.instalments.iter().map(|i| format!("{:?}", i.progress).to_lowercase());
            states.collect::<Vec<_>>().join(" ")
        }
        "early" => {
            let early = agreed.instalments.iter().filter(|instalment| instalment.paid_early);
            listed(early.map(|instalment| instalment.entry.number.to_string()))
        }
        "regime" => format!("{:?}", agreed.regime),
        "change" => agreed.change.map_or("-", |change| change.name()).into(),
        _ => show_told(state, column),
    }
}

fn show_told(state: &State, column: &str) -> String {
    match column {
        "debits" => listed(state.debits.iter().map(|debit| debit.debit_id.as_deref().unwrap_or("?").to_owned())),
        "refunds" => listed(state.refunds.iter().map(refund)),
        "requests" => listed(state.refund_requests.iter().map(|request| {
            format!("{} {}", request.request_id, if request.is_answered { "answered" } else { "awaited" })
        })),
        "disputes" => listed(state.disputes.iter().map(|dispute| {
            let money = dispute.money.map_or("?".into(), euro);
            format!(
                "{}#{} {} {money}{}",
                dispute.dispute_id,
                dispute.round,
                dispute.stage.name(),
                held(dispute.standing)
            )
        })),
        "withdrawn" => if state.withdrawal.is_some() { "withdrawn" } else { "-" }.into(),
        "reversals" => {
            listed(state.reversals.iter().map(|reversal| {
                if reversal.is_effective { "effective".to_owned() } else { "without effect".to_owned() }
            }))
        }
        "replaces" => listed(state.replaces.iter().map(|stream| format!("t{}", stream.0[15]))),
        "cards" => state.cards_replaced.to_string(),
        "sms" => state.sms.len().to_string(),
        "messages" => listed(state.sms.iter().map(|sms| {
            let delivery = sms.delivery.map_or("no report", |status| status.name());
            format!("{} {delivery}{}", sms.number, if sms.is_opened { " opened" } else { "" })
        })),
        "emails" => listed(state.emails.iter().map(|(template, number)| format!("{}#{number}", template.name()))),
        "prints" => listed(state.prints.iter().map(|print| {
            let about = if print.about.is_empty() { String::new() } else { format!("({})", print.about) };
            format!("T{}{about}#{}", print.kind as u8, print.copy)
        })),
        other => panic!("no such column: {other}"),
    }
}

fn refund(refund: &Refund) -> String {
    let name = refund.refund_id.as_deref().or(refund.request_id.as_deref()).unwrap_or("?");
    let amount = match refund.split {
        Some(split) => {
            let of = |amount| euro(Money { amount, ..refund.money });
            format!("{} + {}", of(split.cash), of(split.rebate))
        }
        None => format!("{} undivided", euro(refund.money)),
    };
    format!("{name} {amount}{}", held(refund.standing))
}

const fn held(standing: Option<Standing>) -> &'static str {
    match standing {
        Some(Standing::Counts) => "",
        Some(Standing::Suspense) => " held",
        None => " counts nothing",
    }
}

fn listed(all: impl Iterator<Item = String>) -> String {
    let joined = all.collect::<Vec<_>>().join(", ");
    if joined.is_empty() { "-".into() } else { joined }
}

fn names(anomalies: &[Anomaly]) -> String {
    let mut codes: Vec<_> = anomalies.iter().map(|anomaly| anomaly.code).collect();
    codes.dedup();
    listed(codes.into_iter().map(|code| code.name().to_owned()))
}

fn euros(totals: &Totals) -> String {
    let all: Vec<_> = totals.iter().map(|(_, minor)| two_decimals(minor)).collect();
    if all.is_empty() { "0.00".into() } else { all.join(" + ") }
}

fn euro(money: Money) -> String {
    two_decimals(money.amount.minor_units().into())
}

fn two_decimals(minor: u128) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}
