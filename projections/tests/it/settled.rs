//! Runs the tables in `tests/settled/`. Lines are facts; `it is 26T12:00` moves the moment; `settlement 24..30`, `payouts
//! 24..30` and `due 2026-11-24..2027-01-31` ask, and the lines with a `>` behind them are the answer. Behind the days may
//! stand `missing_after=0`.
//!
//! Every table is run again reversed, turned and with every line told twice: the answers must be the same.

use std::fmt::Write as _;
use std::ops::ControlFlow;

use talon_domain::fact::Fact;
use talon_domain::ids::PartitionId;
use talon_domain::time::{Day, Instant};
use talon_projections::instalments::{Course, DueBy, DueFilter, DueLine, DueSum, due_lines, due_sums};
use talon_projections::projection::Projection;
use talon_projections::registry::Registry;
use talon_projections::settlement::{Amounts, Asked, Due, OwedLine, Settled, settlement};

use crate::facts::{MERCHANT, day, fact, moment};
use crate::projection::projected;
use crate::tables::folded;

#[test]
fn every_answer_is_given_in_every_order() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/settled");
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("tables").map(|e| e.expect("an entry").path()).collect();
    files.sort();
    let (mut wrong, mut tables) = (String::new(), 0);
    for path in files {
        let text = std::fs::read_to_string(&path).expect("a table");
        for table in text.split("\n== ").skip(1) {
            tables += 1;
            run(table, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(tables >= 10, "only {tables} tables were found");
}

/// A question, and the answer that the table gives.
struct Question<'t> {
    number: usize,
    asked: &'t str,
    at: Instant,
    told: usize,
    answer: Vec<&'t str>,
}

fn run(table: &str, wrong: &mut String) {
    let (mut told, mut questions) = (Vec::new(), Vec::<Question<'_>>::new());
    let mut at = moment("25T12:00");
    let mut lines = table.lines();
    let title = lines.next().unwrap_or_default();
    let lines = lines.map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    for (number, line) in (1..).zip(lines) {
        if let Some(answer) = line.strip_prefix('>') {
            questions.last_mut().expect("a question").answer.push(answer.trim());
        } else if let Some(now) = line.strip_prefix("it is ") {
            at = moment(now);
        } else if ["settlement ", "payouts ", "due ", "sums "].iter().any(|asks| line.starts_with(asks)) {
            let number = questions.len() + 1;
            questions.push(Question { number, asked: line, at, told: told.len(), answer: Vec::new() });
        } else {
            told.push(fact(line, number));
        }
    }
    assert!(!questions.is_empty(), "{title}: nothing is asked");
    for question in questions {
        let facts = &told[..question.told];
        let seen = answer(&projected(facts, 1), facts, &question);
        let expected = question.answer.join("\n");
        if seen != expected {
            let _ = writeln!(
                wrong,
                "\n{title}\n{}. {}, expected:\n{expected}\nseen:\n{seen}",
                question.number, question.asked
            );
        }
        let turned = |seed: usize| (0..facts.len()).map(|at| facts[(at + seed) % facts.len()].clone()).collect();
        let mut orders: Vec<Vec<_>> = (1..facts.len()).map(turned).collect();
        orders.push(facts.iter().rev().cloned().collect());
        orders.push(facts.iter().flat_map(|fact| [fact.clone(), fact.clone()]).collect());
        if orders.iter().any(|other| answer(&projected(other, 7), facts, &question) != seen) {
            let _ = writeln!(wrong, "\n{title}\n{}: another order gives another answer", question.asked);
        }
    }
}

fn answer(projection: &Projection, facts: &[(PartitionId, Fact)], question: &Question<'_>) -> String {
    let (what, days) = question.asked.split_once(' ').expect("days");
    let (days, after) = days.split_once(" missing_after=").map_or((days, None), |(days, after)| (days, Some(after)));
    let (first, last) = days.split_once("..").expect("two days");
    let days = span_day(first)..=span_day(last);
    let registry = Registry::of(&folded(facts.iter()));
    let settled = || {
        let mut asked = Asked::at(&registry, MERCHANT, days.clone(), question.at);
        after.into_iter().for_each(|after| asked.missing_after = after.parse().expect("a number"));
        let settled = settlement(projection.tables(), &asked).expect("rows");
        assert_is_sum(&settled);
        settled
    };
    let lines: Vec<_> = match what {
        "settlement" => settled().lines.iter().map(owed).collect(),
        "payouts" => settled()
            .payouts
            .iter()
            .map(|payout| {
                let money = payout.amount.map_or("-".into(), |(_, amount)| euros(amount));
                let lines = payout.lines.map_or("-".into(), |(count, net)| format!("{count} lines {}", euros(net)));
                let back = if payout.is_returned { " returned" } else { "" };
                let name = if payout.payout_id.is_empty() { "without id" } else { &payout.payout_id };
                let twice = if payout.told_by > 1 { format!(" told {} times", payout.told_by) } else { String::new() };
                let gap = payout.difference().map_or("-".into(), euros);
                format!("{} {} {name} | {money} | {lines} | {gap}{back}{twice}", short(payout.day), payout.account)
            })
            .collect(),
        "due" => {
            let mut lines = Vec::new();
            let filter = DueFilter::default();
            due_lines(projection.tables(), MERCHANT, days, &filter, question.at, &mut |line| {
                lines.push(falls_due(&line));
                ControlFlow::Continue(())
            })
            .expect("rows");
            lines
        }
        "sums" => {
            let by = DueBy { day: true, ..DueBy::default() };
            let filter = DueFilter::default();
            let sums = due_sums(projection.tables(), MERCHANT, days, &filter, by, question.at).expect("rows");
            let all = sums.iter().flat_map(|(place, of)| of.values().map(move |sum| (place, sum)));
            all.map(|(place, sum)| format!("{} {}", short(place.day), sum_of(sum))).collect()
        }
        other => panic!("no such question: {other}"),
    };
    lines.join("\n")
}

fn falls_due(line: &DueLine) -> String {
    let of = &line.instalment;
    let from = of.rescheduled_from().map_or(String::new(), |from| format!(" from {}", short(from)));
    let late = if line.is_late { " late" } else { "" };
    let provider = &line.place.provider;
    let (number, count, version) = (of.number, of.installments_count, of.plan_version);
    let amount = euros(of.amount.into());
    let day = short(line.place.day);
    format!("{day} {provider} {number}/{count} v{version} {amount} {}{late}{from}", of.course().name())
}

fn sum_of(sum: &DueSum) -> String {
    let told = Course::ALL.map(|course| (course.name(), sum.of(course)));
    let beside = [("late", sum.late), ("rescheduled", sum.rescheduled)];
    let all = told.into_iter().chain(beside).filter(|(_, tally)| tally.count != 0);
    all.map(|(name, tally)| format!("{name} {}/{}", tally.count, euros(tally.amount))).collect::<Vec<_>>().join(", ")
}

/// `24` of November 2026, or a date.
fn span_day(text: &str) -> Day {
    if text.len() > 2 { day(text) } else { day(&format!("2026-11-{text}")) }
}

pub(crate) fn short(day: Day) -> String {
    day.to_string().split_off(5)
}

fn euros(cents: i128) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}

fn amounts(amounts: Option<Amounts>) -> String {
    let Some(amounts) = amounts else { return "-".into() };
    let parts = amounts.parts().map(|part| part.map_or("-".into(), euros));
    if amounts.parts()[1..].iter().all(Option::is_none) { parts[0].clone() } else { parts.join(" ") }
}

fn owed(line: &OwedLine) -> String {
    let names = ["gross", "fee", "tax", "net"];
    let differences = line.difference().parts().into_iter().zip(names);
    let differences = differences.filter_map(|(part, name)| Some((part.filter(|part| *part != 0)?, name)));
    let mut told: Vec<_> = differences.map(|(part, name)| format!("{} {name}", euros(part))).collect();
    if line.waived != 0 {
        told.push(format!("{} waived", euros(line.waived)));
    }
    let due = match line.due {
        Due::On(day) => format!("due {}", short(day)),
        Due::Unknown(why) => why.name().into(),
    };
    told.extend(line.fee_gap.map(|gap| gap.name().to_owned()));
    told.extend(line.surprise.map(|surprise| surprise.name().to_owned()));
    format!(
        "{} {} {} {} | {} | {} | {} | {due} | {}",
        short(line.happened_on),
        if line.provider.is_empty() { "-" } else { &line.provider },
        line.what.name(),
        line.id.as_deref().unwrap_or("-"),
        amounts(line.expected),
        amounts(line.booked),
        if told.is_empty() { "-".into() } else { told.join(", ") },
        line.status.name(),
    )
}

/// Totals are sums of lines, added up here a second time, by hand.
pub(crate) fn assert_is_sum(settled: &Settled) {
    let count: u64 = settled.totals.values().map(|total| total.count).sum();
    assert_eq!(count, settled.lines.len() as u64);
    for (key, total) in &settled.totals {
        let meant = settled.lines.iter().filter(|line| {
            (line.day, &line.provider, line.status, line.currency) == (key.day, &key.provider, key.status, key.currency)
        });
        let (mut expected, mut booked) = ([0; 4], [0; 4]);
        for line in meant {
            for place in 0..4 {
                expected[place] += line.expected.and_then(|of| of.parts()[place]).unwrap_or(0);
                booked[place] += line.booked.and_then(|of| of.parts()[place]).unwrap_or(0);
            }
        }
        assert_eq!((total.expected, total.booked), (expected, booked), "{key:?}");
    }
}
