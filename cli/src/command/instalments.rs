//! `talon instalments`: what customers are to pay, by the day on which it falls due, and how far that came.

mod json;

use std::collections::BTreeMap;
use std::io;
use std::ops::{ControlFlow, RangeInclusive};

use talon_domain::ids::{MerchantId, ShopId};
use talon_domain::money::Currency;
use talon_domain::time::{Day, Instant};
use talon_projections::instalments::{Course, DueBy, DueFilter, DueLine, DuePlace, DueSum, Tally, due_lines, due_sums};

use crate::args::{Common, DueByArg, InstalmentsArgs, typed_moment};
use crate::exit::Exit;
use crate::show::{Screen, cut, days_words, money};
use crate::views::{self, Views};

/// What falls due.
struct Answer {
    merchant: MerchantId,
    /// The days that were asked for; `None` is all.
    days: Option<RangeInclusive<Day>>,
    at: Instant,
    by: DueBy,
    sums: BTreeMap<DuePlace, BTreeMap<Currency, DueSum>>,
    /// Instalments one by one; `None` where nobody asked for them.
    lines: Option<Vec<DueLine>>,
}

pub(crate) fn run(args: &InstalmentsArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let days = args.days.read()?;
    let at = args.at.as_deref().map(typed_moment).transpose()?;
    let views = views::open(common, &args.as_of, Some(MerchantId(args.merchant)))?;
    let answer = read(args, days, at.unwrap_or_else(|| views.at()), &views)?;
    if screen.is_json() {
        screen.json(&views.with_foot(json::answer(&answer, screen.language)))?;
        return Ok(Exit::Done);
    }
    match &answer.lines {
        Some(lines) => one_by_one(lines, screen)?,
        None => sums(&answer, &views, screen)?,
    }
    views.foot(screen)?;
    Ok(Exit::Done)
}

fn read(
    args: &InstalmentsArgs,
    days: Option<RangeInclusive<Day>>,
    at: Instant,
    views: &Views,
) -> anyhow::Result<Answer> {
    let (merchant, is_by) = (MerchantId(args.merchant), |by| args.by.contains(&by));
    let by = DueBy { day: is_by(DueByArg::Day), shop: is_by(DueByArg::Shop), provider: is_by(DueByArg::Provider) };
    let filter = DueFilter { shop: args.shop.map(ShopId), provider: args.provider.clone() };
    let asked = days.clone().unwrap_or(Day(0)..=Day(u16::MAX));
    if !args.list && !args.late {
        let sums = due_sums(views.reading()?, merchant, asked, &filter, by, at)?;
        return Ok(Answer { merchant, days, at, by, sums, lines: None });
    }
    let mut lines = Vec::new();
    due_lines(views.reading()?, merchant, asked, &filter, at, &mut |line| {
        if line.is_late || !args.late {
            lines.push(line);
        }
        ControlFlow::Continue(())
    })?;
    Ok(Answer { merchant, days, at, by, sums: BTreeMap::new(), lines: Some(lines) })
}

/// Sums: a table for each currency, and for a spreadsheet one of all.
fn sums(answer: &Answer, views: &Views, screen: &mut Screen) -> io::Result<()> {
    if screen.is_csv() {
        let all =
            answer.sums.iter().flat_map(|(place, of)| of.iter().map(move |(currency, sum)| (place, *currency, sum)));
        let rows = all.map(|(place, currency, sum)| sum_row(answer, place, (currency, sum), views, screen)).collect();
        return screen.table_of(&sum_heads(answer.by, screen), rows);
    }
    let mut currencies: Vec<_> = answer.sums.values().flat_map(BTreeMap::keys).copied().collect();
    currencies.sort_unstable();
    currencies.dedup();
    if currencies.is_empty() {
        return screen.line(screen.say("Aucune échéance.", "No instalment falls due."));
    }
    for currency in currencies {
        let span = answer.days.as_ref().map(days_words).unwrap_or_default();
        let title = format!("{} {span}", screen.say("Échéances", "Instalments"));
        screen.heading(&format!("{} ({currency})", title.trim_end()))?;
        let of_it = answer.sums.iter().filter_map(|(place, of)| Some((place, of.get(&currency)?)));
        let rows = of_it.map(|(place, sum)| sum_row(answer, place, (currency, sum), views, screen)).collect();
        screen.table_of(&sum_heads(answer.by, screen), rows)?;
        rescheduled(answer, currency, screen)?;
    }
    Ok(())
}

/// Those that the first version of their plan had on another day, which are counted above already.
fn rescheduled(answer: &Answer, currency: Currency, screen: &mut Screen) -> io::Result<()> {
    let all = answer.sums.values().filter_map(|of| Some(of.get(&currency)?.rescheduled));
    let (count, amount) = all.fold((0i128, 0i128), |(count, amount), tally| {
        (count.saturating_add(tally.count), amount.saturating_add(tally.amount))
    });
    if count == 0 {
        return Ok(());
    }
    let words = screen.say("dont reportées :", "of these, rescheduled:");
    screen.line(&format!("{words} {count} / {}", screen.amount(currency, amount)))
}

/// How wide a shop's name is at most.
const SHOP_COLUMNS: usize = 14;

/// Courses that people see in one column: what is neither to come nor taken nor failed.
const ELSEWHERE: [Course; 3] = [Course::Claimed, Course::Covered, Course::Released];

fn sum_heads(by: DueBy, screen: &Screen) -> Vec<(&'static str, &'static str)> {
    let named = [
        (by.day, ("Jour", "Day")),
        (by.shop, ("Boutique", "Shop")),
        (by.provider, ("Prestataire", "Provider")),
        (screen.is_csv(), ("Devise", "Currency")),
    ];
    let mut heads: Vec<_> = named.into_iter().filter(|(is_by, _)| *is_by).map(|(_, head)| head).collect();
    heads.extend([(">Nb", ">Count"), (">À échoir", ">Due"), (">Prélevé", ">Collected"), (">Échoué", ">Failed")]);
    if screen.is_csv() {
        heads.extend([(">En recouvrement", ">Claimed"), (">Pris en charge", ">Covered"), (">Plus dû", ">Released")]);
    } else {
        heads.push((">Autre", ">Other"));
    }
    heads.push((">En retard", ">Late"));
    heads.extend(screen.is_csv().then_some((">Reporté", ">Rescheduled")));
    heads
}

fn sum_row(
    answer: &Answer,
    place: &DuePlace,
    (currency, sum): (Currency, &DueSum),
    views: &Views,
    screen: &Screen,
) -> Vec<String> {
    let by = answer.by;
    let last = if by.day { place.day } else { answer.days.as_ref().map_or(Day(u16::MAX), |days| *days.end()) };
    let amount = |tally: Tally| screen.amount(currency, tally.amount);
    let mut row = Vec::new();
    row.extend(by.day.then(|| place.day.to_string()));
    row.extend(by.shop.then(|| cut(&views.shop_name(answer.merchant, place.shop, last), SHOP_COLUMNS)));
    row.extend(by.provider.then(|| or_dash(&place.provider)));
    row.extend(screen.is_csv().then(|| currency.code().to_owned()));
    let count: i128 = Course::ALL.into_iter().map(|course| sum.of(course).count).sum();
    row.push(count.to_string());
    row.extend([amount(sum.of(Course::Due)), amount(sum.collected()), amount(sum.of(Course::Failed))]);
    if screen.is_csv() {
        row.extend(ELSEWHERE.map(|course| amount(sum.of(course))));
    } else {
        row.push(screen.amount(currency, ELSEWHERE.into_iter().map(|course| sum.of(course).amount).sum()));
    }
    row.push(amount(sum.late));
    row.extend(screen.is_csv().then(|| amount(sum.rescheduled)));
    row
}

fn one_by_one(lines: &[DueLine], screen: &mut Screen) -> io::Result<()> {
    let mut heads = vec![
        ("Jour", "Day"),
        ("NIC", "NIC"),
        ("Transaction", "Transaction"),
        ("N°", "No."),
        (">Montant", ">Amount"),
        ("État", "State"),
    ];
    if screen.is_csv() {
        heads.extend([("En retard", "Late"), ("Devise", "Currency")]);
    }
    let rows = lines.iter().map(|line| line_row(line, screen)).collect();
    screen.table_of(&heads, rows)?;
    let count = screen.count(lines.len() as u64, ["échéance", "échéances"], ["instalment", "instalments"]);
    screen.line(&count)
}

fn line_row(line: &DueLine, screen: &Screen) -> Vec<String> {
    let (place, of) = (&line.place, &line.instalment);
    let currency = of.currency();
    let course = of.course().words(screen.language);
    let late = screen.say("en retard", "late");
    let mut row = vec![
        place.day.to_string(),
        place.shop.to_string(),
        line.stream.stream.to_string(),
        format!("{}/{}", of.number, of.installments_count),
    ];
    let amount = |currency| {
        if screen.is_csv() {
            return screen.amount(currency, of.amount.into());
        }
        money(currency, of.amount.into(), screen.language)
    };
    row.push(currency.map(amount).unwrap_or_default());
    if screen.is_csv() {
        let late = if line.is_late { late } else { "" };
        let currency = currency.map(|currency| currency.code().to_owned()).unwrap_or_default();
        row.extend([course.to_owned(), late.to_owned(), currency]);
    } else {
        // Of what is late people read that it is, unless something else was tried already.
        row.push(if line.is_late && of.course() == Course::Due { late } else { course }.to_owned());
    }
    row
}

fn or_dash(text: &str) -> String {
    if text.is_empty() { "-".to_owned() } else { text.to_owned() }
}
