//! `talon day`: what a merchant's shops and terminals took on a day, by provider.

mod json;
mod statements;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use talon_domain::contribution::Account;
use talon_domain::fact::TicketKind;
use talon_domain::ids::{MerchantId, ShopId, TerminalId};
use talon_domain::money::Currency;
use talon_domain::state::Status;
use talon_domain::time::{Day, Instant};
use talon_projections::cells::Cells;
use talon_projections::days::{By, DayLine, Filter, Measure, Perpetual, Place, PlanKey, day_lines, perpetual};
use talon_projections::terminals::Statement;

use crate::args::{ByArg, Common, DayArgs, WhereArgs, span, typed_day};
use crate::exit::Exit;
use crate::show::{Screen, clock_time, local_time, plain, wrapped};

use crate::views::{self, Views};
pub(crate) use json::plan as plan_json;

/// Columns of figures.
const FIGURES: usize = 6;

/// A day, or several, read.
struct Answer {
    merchant: MerchantId,
    days: RangeInclusive<Day>,
    by: By,
    lines: BTreeMap<Place, DayLine>,
    /// All lines together.
    whole: DayLine,
    perpetual: BTreeMap<Currency, Perpetual>,
    /// What terminals and tills state, beside what the ledger counts.
    statements: Vec<Statement>,
}

pub(crate) fn run(args: &DayArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let merchant = MerchantId(args.merchant);
    let views = views::open(common, &args.as_of, Some(merchant))?;
    let answer = read(args, &views)?;
    if screen.is_json() {
        screen.json(&views.with_foot(json::answer(&answer, screen.language)))?;
        return Ok(Exit::Done);
    }
    tell(&answer, &views, screen)?;
    views.foot(screen)?;
    Ok(Exit::Done)
}

/// The days that are asked for.
fn days(args: &DayArgs) -> anyhow::Result<RangeInclusive<Day>> {
    let read = |text: &Option<String>, option| text.as_deref().map(|text| typed_day(text, option)).transpose();
    let (date, from, to) = (read(&args.date, "DATE")?, read(&args.from, "--from")?, read(&args.to, "--to")?);
    span(date.or(from).unwrap_or(Day(0)), date.or(to).unwrap_or(Day(0)))
}

/// A filter of places.
pub(crate) fn filter(place: &WhereArgs) -> Filter {
    let (shop, terminal) = (place.shop.map(ShopId), place.terminal.map(TerminalId));
    Filter { shop, terminal, provider: place.provider.clone() }
}

fn read(args: &DayArgs, views: &Views) -> anyhow::Result<Answer> {
    let (merchant, days) = (MerchantId(args.merchant), days(args)?);
    let is_by = |by| args.by.contains(&by);
    let by = By {
        day: is_by(ByArg::Day),
        shop: is_by(ByArg::Shop),
        terminal: is_by(ByArg::Terminal),
        provider: is_by(ByArg::Provider),
    };
    let filter = filter(&args.place);
    let mut lines = day_lines(views.reading()?, merchant, days.clone(), &filter, by)?;
    let mut whole = DayLine::default();
    for line in lines.values() {
        whole.economic.merge(&line.economic);
        whole.booked.merge(&line.booked);
    }
    lines.retain(|_, line| line.cells().any(|(cell, _)| cell.currency.is_some()) || !line.booked.is_empty());
    let perpetual = perpetual(views.reading()?, merchant, *days.end(), &filter)?;
    let statements = statements::read(merchant, days.clone(), &filter, views)?;
    Ok(Answer { merchant, days, by, lines, whole, perpetual, statements })
}

fn tell(answer: &Answer, views: &Views, screen: &mut Screen) -> std::io::Result<()> {
    let currencies = answer.whole.currencies();
    if screen.is_csv() {
        return spreadsheet(answer, &currencies, views, screen);
    }
    if currencies.is_empty() {
        let nothing = screen.say("Rien ce jour-là.", "Nothing on that day.").to_owned();
        screen.line(&nothing)?;
    }
    for currency in currencies {
        table(answer, currency, views, screen)?;
        plans(answer, currency, screen)?;
        beside(answer, currency, screen)?;
    }
    papers(answer, screen)?;
    statements::tell(&answer.statements, screen)
}

fn title(answer: &Answer, currency: Currency, screen: &Screen) -> String {
    let (first, last) = (answer.days.start(), answer.days.end());
    let days = if first == last { first.to_string() } else { format!("{first} - {last}") };
    format!("{} {} ({currency})", screen.say("Journée du", "Day of"), days)
}

fn table(answer: &Answer, currency: Currency, views: &Views, screen: &mut Screen) -> std::io::Result<()> {
    screen.heading(&title(answer, currency, screen))?;
    let mut rows = rows(answer, currency, views, screen);
    let heads = heads(answer.by, screen);
    if rows.len() > 1 {
        let named = heads.len().saturating_sub(FIGURES);
        let mut total: Vec<String> = (0..named).map(|_| String::new()).collect();
        if let Some(first) = total.first_mut() {
            "Total".clone_into(first);
        }
        total.extend(figures(&answer.whole, currency, screen));
        rows.push(total);
    }
    screen.table_of(&heads, rows)
}

/// For a spreadsheet one table of all currencies, without sums of its own.
fn spreadsheet(answer: &Answer, currencies: &[Currency], views: &Views, screen: &mut Screen) -> std::io::Result<()> {
    let mut heads = vec![("Devise", "Currency")];
    heads.extend(self::heads(answer.by, screen));
    let of_one = |currency: &Currency| {
        let mut rows = rows(answer, *currency, views, screen);
        rows.iter_mut().for_each(|row| row.insert(0, currency.code().to_owned()));
        rows
    };
    let rows = currencies.iter().flat_map(of_one).collect();
    screen.table_of(&heads, rows)
}

fn heads(by: By, screen: &Screen) -> Vec<(&'static str, &'static str)> {
    let is_narrow = by.day && by.terminal && !screen.is_csv();
    let named = [
        (by.day, ("Jour", "Day")),
        (by.shop, ("Boutique", "Shop")),
        (by.terminal, ("TPE", "Terminal")),
        (by.provider, if is_narrow { ("Prest.", "Provider") } else { ("Prestataire", "Provider") }),
    ];
    let named = named.into_iter().filter(|(is_by, _)| *is_by).map(|(_, head)| head);
    named.chain(COLUMNS).collect()
}

/// Heads of the figures.
const COLUMNS: [(&str, &str); FIGURES] = [
    (">Nb", ">Count"),
    (">Ventes", ">Sales"),
    (">Vendu", ">Sold"),
    (">Prélevé", ">Collected"),
    (">Remboursé", ">Refunded"),
    (">En attente", ">Suspense"),
];

fn rows(answer: &Answer, currency: Currency, views: &Views, screen: &Screen) -> Vec<Vec<String>> {
    let counts_here = |line: &DayLine| line.cells().any(|(cell, _)| cell.currency == Some(currency));
    let lines = answer.lines.iter().filter(|(_, line)| counts_here(line));
    lines.map(|(place, line)| row(answer, place, line, currency, views, screen)).collect()
}

fn row(
    answer: &Answer,
    place: &Place,
    line: &DayLine,
    currency: Currency,
    views: &Views,
    screen: &Screen,
) -> Vec<String> {
    let by = answer.by;
    let or_dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    let mut row = Vec::new();
    row.extend(by.day.then(|| place.day.to_string()));
    // Beside other names a shop's is its number: the figures need the room.
    let is_narrow = by.shop && (by.day || by.terminal) && !screen.is_csv();
    let name = || views.shop_name(answer.merchant, place.shop, *answer.days.end());
    row.extend(by.shop.then(|| if is_narrow { place.shop.to_string() } else { name() }));
    row.extend(by.terminal.then(|| place.terminal.to_string()));
    row.extend(by.provider.then(|| or_dash(&place.provider)));
    row.extend(figures(line, currency, screen));
    row
}

/// Payments, sales, and the amounts.
fn figures(line: &DayLine, currency: Currency, screen: &Screen) -> [String; FIGURES] {
    let of = |measure| line.of(measure, Some(currency));
    let payments: i128 = Status::ALL.into_iter().map(|status| of(Measure::Payments(status))).sum();
    let money = |accounts: &[Account]| {
        screen.amount(currency, accounts.iter().map(|account| of(Measure::Money(*account))).sum())
    };
    [
        payments.to_string(),
        of(Measure::Sales).to_string(),
        money(&[Account::Sale]),
        money(&[Account::Collected]),
        money(&[Account::RefundCash, Account::RefundRebate, Account::RefundUndivided]),
        money(&[Account::Suspense, Account::SuspenseBack]),
    ]
}

fn plans(answer: &Answer, currency: Currency, screen: &mut Screen) -> std::io::Result<()> {
    let plans = answer.whole.by_plan(currency);
    if plans.is_empty() {
        return Ok(());
    }
    screen.line("")?;
    let heads = [
        screen.say("Plan", "Plan").to_owned(),
        format!(">{}", screen.say("Ventes", "Sales")),
        format!(">{}", screen.say("Vendu", "Sold")),
    ];
    let row = |(plan, (count, amount)): (&PlanKey, &(i128, i128))| {
        vec![plan_words(*plan, screen), count.to_string(), plain(currency, *amount, screen.language)]
    };
    let rows = plans.iter().map(row).collect();
    screen.table(&heads.each_ref().map(String::as_str), rows)
}

/// `3x`, or that it is deferred.
pub(crate) fn plan_words(plan: PlanKey, screen: &Screen) -> String {
    match plan {
        PlanKey::None => "-".to_owned(),
        PlanKey::Times(count) => format!("{count}x"),
        PlanKey::Deferred => screen.say("différé", "deferred").to_owned(),
    }
}

/// What the table has no column for.
fn beside(answer: &Answer, currency: Currency, screen: &mut Screen) -> std::io::Result<()> {
    screen.line("")?;
    let (line, language) = (&answer.whole, screen.language);
    let of = |measure| line.of(measure, Some(currency));
    let amount = |measure| plain(currency, of(measure), language);
    let statuses: Vec<_> = Status::ALL
        .into_iter()
        .map(|status| (status, of(Measure::Payments(status))))
        .filter(|(_, count)| *count != 0)
        .map(|(status, count)| format!("{count} {}", status.words(language)))
        .collect();
    let mut told = vec![(screen.say("Paiements", "Payments"), statuses.join(", "))];
    let refunded = [
        (Account::RefundCash, screen.say("versé", "in cash")),
        (Account::RefundRebate, screen.say("remis sur échéances", "off instalments")),
        (Account::RefundUndivided, screen.say("non ventilé", "not divided")),
    ];
    let refunds: Vec<_> = refunded
        .into_iter()
        .filter(|(account, _)| of(Measure::Money(*account)) != 0)
        .map(|(account, words)| format!("{} {words}", amount(Measure::Money(account))))
        .collect();
    if !refunds.is_empty() {
        told.push((screen.say("Remboursé", "Refunded"), refunds.join(", ")));
    }
    let disputed = Measure::Money(Account::Chargeback);
    if of(disputed) != 0 {
        told.push((screen.say("Contesté", "Charged back"), amount(disputed)));
    }
    if of(Measure::CustomerCost) != 0 {
        told.push((screen.say("Frais clients", "Customers' fees"), amount(Measure::CustomerCost)));
    }
    let sale = Measure::Money(Account::Sale);
    let booked = line.booked_of(sale, Some(currency));
    if booked != of(sale) {
        told.push((screen.say("Vendu, comptabilisé", "Sold, as booked"), plain(currency, booked, language)));
    }
    if let Some(total) = answer.perpetual.get(&currency) {
        let (net, absolute) = (plain(currency, total.net, language), plain(currency, total.absolute, language));
        let words = match language {
            talon_domain::anomaly::Language::French => format!("net {net}, absolu {absolute} (non clôturé)"),
            talon_domain::anomaly::Language::English => format!("net {net}, absolute {absolute} (not closed)"),
        };
        told.push((screen.say("Cumul perpétuel", "Perpetual total"), words));
    }
    let told: Vec<_> = told.into_iter().map(|(name, words)| (name.to_owned(), words)).collect();
    let lines = told.iter().flat_map(|(name, words)| wrapped(&format!("{name:<20} {words}"), 0));
    lines.collect::<Vec<_>>().iter().try_for_each(|line| screen.line(line))
}

fn papers(answer: &Answer, screen: &mut Screen) -> std::io::Result<()> {
    let of = |measure| answer.whole.of(measure, None);
    let printed: Vec<_> = TicketKind::ALL
        .iter()
        .map(|kind| (kind.name().to_uppercase(), of(Measure::Printed(*kind))))
        .filter(|(_, count)| *count != 0)
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    let reprinted = of(Measure::Reprinted);
    if !printed.is_empty() || reprinted != 0 {
        let copies = screen.count(u64::try_from(reprinted).unwrap_or(0), ["duplicata"; 2], ["reprint", "reprints"]);
        let name = screen.say("Tickets imprimés", "Tickets printed").to_owned();
        screen.line(&format!("{name:<20} {}", [printed.join(", "), copies].join("; ")))?;
    }
    if let Some((first, last)) = first_and_last(&answer.whole.economic) {
        let name = screen.say("Premier, dernier fait", "First, last fact").to_owned();
        let is_one_day = answer.days.start() == answer.days.end();
        let [first, last] = [first, last].map(if is_one_day { clock_time } else { local_time });
        screen.line(&format!("{name:<20} {first} - {last}"))?;
    }
    Ok(())
}

/// The moments of the first and the last fact.
fn first_and_last(cells: &Cells) -> Option<(Instant, Instant)> {
    let line = DayLine { economic: cells.clone(), booked: Cells::new() };
    let moment = |measure| i64::try_from(line.of(measure, None)).ok().filter(|at| *at != 0).map(Instant);
    Some((moment(Measure::First)?, moment(Measure::Last)?))
}
