//! What a column of a table shows of the views.

use talon_domain::anomaly::Language;
use talon_domain::ids::{ShopId, TerminalEpoch, TerminalId};
use talon_domain::time::{Day, Instant};
use talon_projections::finding::{Finding, findings};
use talon_projections::registry::{FeePlanInForce, Registry, nic_on};
use talon_projections::terminals::{DayTotal, Sum, Terminal, Terminals};

use crate::facts::{MERCHANT, Words, day};

/// The views, and the moment at which they are asked.
pub(crate) struct Views {
    pub(crate) registry: Registry,
    pub(crate) terminals: Terminals,
    pub(crate) at: Instant,
}

pub(crate) fn show(views: &Views, column: &str) -> String {
    let words: Vec<&str> = column.split_whitespace().collect();
    match words[..] {
        ["merchant"] => views.registry.merchant(MERCHANT).map_or("-".into(), |stated| stated.what.label.to_string()),
        ["by"] => views.registry.merchant(MERCHANT).map_or("-".into(), |stated| stated.source.name().into()),
        ["shop", code] => shop(views, code),
        ["nic", nic, "on", on] => {
            let found = views.registry.shop_by_nic(MERCHANT, ShopId(nic.parse().expect("a NIC")), day(on));
            found.map_or("-".into(), |stated| stated.what.code.to_string())
        }
        [terminal, "on", on] if terminal.starts_with('t') => {
            let found = views.registry.assignment_on(MERCHANT, number(terminal), day(on));
            found.map_or("-".into(), |stated| stated.what.serial.as_deref().unwrap_or("?").into())
        }
        [provider, times, "on", on] => fee_plan(views, provider, times, day(on)),
        [after, calendar, on] if after.starts_with("T+") => {
            let days = views.registry.working_days(calendar);
            let after = days.after(day(on), after[2..].parse().expect("a number"));
            after.map_or("?".into(), |day| day.to_string())
        }
        ["calendar", id] => {
            let days = views.registry.calendar(id).map(|stated| stated.what.closed_days.len());
            days.map_or("-".into(), |days| days.to_string())
        }
        [terminal, epoch, what] if terminal.starts_with('t') => device(views, number(terminal), epoch, what),
        ["totals", terminal] => {
            let totals = views.terminals.day_totals(MERCHANT, number(terminal), &views.registry);
            listed(totals.iter().map(day_total))
        }
        ["findings"] => listed(findings(&views.terminals, &views.registry, views.at).iter().map(finding)),
        _ => panic!("no such column: {column}"),
    }
}

fn number(word: &str) -> TerminalId {
    TerminalId(word[1..].parse().expect("a terminal"))
}

fn shop(views: &Views, code: &str) -> String {
    let Some(stated) = views.registry.shop(MERCHANT, code) else { return "-".into() };
    let nic = views.at.paris_day().and_then(|day| nic_on(&stated.what, day));
    let nic = nic.map_or("none".into(), |nic| nic.to_string());
    format!("{} {nic}", stated.what.town.as_deref().unwrap_or("?"))
}

fn fee_plan(views: &Views, provider: &str, times: &str, on: Day) -> String {
    // `3x`, or `1x+15d`, `1x+1m`.
    let (count, later) = times.split_once('x').expect("so many times");
    let deferral = match later.trim_start_matches('+') {
        "" => (0, 0),
        later if later.ends_with('d') => (later.trim_end_matches('d').parse().expect("days"), 0),
        later => (0, later.trim_end_matches('m').parse().expect("months")),
    };
    let name = |plan: &talon_domain::fact::FeePlan| format!("{} v{}", plan.id, plan.version.get());
    match views.registry.fee_plan_on(MERCHANT, provider, count.parse().expect("times"), deferral, on) {
        FeePlanInForce::Nothing => "-".into(),
        FeePlanInForce::One(plan) => name(plan),
        FeePlanInForce::Several(plans) => plans.into_iter().map(name).collect::<Vec<_>>().join(" or "),
    }
}

fn device(views: &Views, terminal: TerminalId, epoch: &str, what: &str) -> String {
    let epoch = Words(epoch).lettered('e').map(TerminalEpoch).expect("an epoch");
    let mut all = views.terminals.list(&views.registry, views.at);
    let Some(found) = all.find(|one| (one.merchant, one.terminal, one.epoch) == (MERCHANT, terminal, epoch)) else {
        return "none".into();
    };
    of_device(&found, what)
}

fn of_device(terminal: &Terminal<'_>, what: &str) -> String {
    match what {
        "last" => terminal.last_seq.to_string(),
        "first" => terminal.first_seq.to_string(),
        "holes" => listed(terminal.holes.iter().map(|hole| match (hole.first, hole.last) {
            (first, last) if first == last => format!("{first} {}", hole.owner.name()),
            (first, last) => format!("{first}-{last} {}", hole.owner.name()),
        })),
        "repeats" => listed(terminal.repeats.iter().map(|repeat| match (repeat.first, repeat.last) {
            (first, last) if first == last => format!("{first} x{}", repeat.events),
            (first, last) => format!("{first}-{last} x{}", repeat.events),
        })),
        "seen" => terminal.last_seen.map_or("-".into(), Instant::rfc3339),
        "behind" => {
            terminal.skew.map_or("-".into(), |skew| format!("{} {}s", skew.day, skew.behind_us.div_euclid(1_000_000)))
        }
        "silent" => {
            let silence = terminal.silence;
            silence.map_or("-".into(), |silence| format!("worked {} of {}", silence.worked, silence.trading_days))
        }
        "eligible" if terminal.ineligible.is_empty() => "yes".into(),
        "eligible" => listed(terminal.ineligible.iter().map(|why| why.words(Language::English).into())),
        "replaced" => if terminal.is_replaced { "yes" } else { "no" }.into(),
        other => panic!("no such column of a terminal: {other}"),
    }
}

fn day_total(total: &DayTotal) -> String {
    let side = |sum: Sum| format!("{}/{}", sum.count, signed(sum.net));
    let counted = total.counted.map_or("not followed".into(), side);
    let verdict = if total.agrees() { "=" } else { "<>" };
    format!("{} {} {verdict} {counted}", total.application, side(total.stated))
}

fn signed(cents: i128) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}

fn finding(finding: &Finding) -> String {
    finding.code.number().to_string()
}

fn listed(all: impl Iterator<Item = String>) -> String {
    let joined = all.collect::<Vec<_>>().join(", ");
    if joined.is_empty() { "-".into() } else { joined }
}
