//! What is owed as people read it: sums, then each day's lines by provider, then payouts. For a spreadsheet one table, of
//! the lines, or of the sums where they alone are asked for.

use std::collections::BTreeMap;
use std::io;

use talon_domain::anomaly::Language;
use talon_domain::ids::ShopId;
use talon_domain::money::Currency;
use talon_domain::time::Day;
use talon_projections::settlement::{Amounts, Due, OwedLine, PayoutLine, Status, Total, Undated};

use super::{Answer, SumKey};
use crate::show::{ID_COLUMNS, Screen, cut, days_words};
use crate::views::Views;

pub(super) fn tell(answer: &Answer, totals_alone: bool, views: &Views, screen: &mut Screen) -> io::Result<()> {
    if screen.is_csv() && !totals_alone {
        return spreadsheet(answer, screen);
    }
    if answer.settled.lines.is_empty() && answer.settled.payouts.is_empty() {
        return screen.line(screen.say("Rien à régler.", "Nothing to settle."));
    }
    totals(answer, views, screen)?;
    if totals_alone {
        return Ok(());
    }
    lines(answer, screen)?;
    payouts(&answer.settled.payouts, screen)?;
    nearest(answer, screen)?;
    let count = answer.settled.lines.len() as u64;
    screen.line("")?;
    let count = screen.count(count, ["ligne", "lignes"], ["line", "lines"]);
    screen.line(&count)
}

/// Sums: a table for each currency, and for a spreadsheet one of all. Two providers are not added up unless somebody asks
/// for sums that do not tell them apart.
fn totals(answer: &Answer, views: &Views, screen: &mut Screen) -> io::Result<()> {
    let mut by_currency = BTreeMap::<Currency, Vec<(&SumKey, &Total)>>::new();
    answer.totals.iter().for_each(|(key, total)| by_currency.entry(key.currency).or_default().push((key, total)));
    let heads = total_heads(answer, screen);
    if screen.is_csv() {
        let rows = answer.totals.iter().map(|(key, total)| total_row(answer, key, total, views, screen)).collect();
        return screen.table_of(&heads, rows);
    }
    let mut without_fee = 0u64;
    for (currency, sums) in by_currency {
        let span = answer.days.as_ref().map(days_words).unwrap_or_default();
        let title = format!("{} {span}", screen.say("Règlement", "Settlement"));
        screen.heading(&format!("{} ({currency})", title.trim_end()))?;
        let mut rows: Vec<_> = sums.iter().map(|(key, total)| total_row(answer, key, total, views, screen)).collect();
        let is_of_one = sums.windows(2).all(|two| matches!(two, [a, b] if a.0.provider == b.0.provider));
        if rows.len() > 1 && is_of_one {
            rows.push(whole_row(answer, currency, screen));
        }
        screen.table_of(&heads, rows)?;
        without_fee = sums.iter().fold(without_fee, |sum, (_, total)| sum.saturating_add(total.without_fee));
    }
    if without_fee > 0 {
        let words = match screen.language {
            Language::French => format!("sans frais attendus, faute de barème : {without_fee}"),
            Language::English => format!("without an expected fee, for want of a fee plan: {without_fee}"),
        };
        screen.line(&words)?;
    }
    Ok(())
}

fn total_heads(answer: &Answer, screen: &Screen) -> Vec<(&'static str, &'static str)> {
    let mut heads = Vec::new();
    for (is_by, head) in [
        (answer.by.day, ("Jour", "Day")),
        (answer.by.shop, ("Boutique", "Shop")),
        (answer.by.provider, ("Prestataire", "Provider")),
        (answer.by.status, ("État", "Status")),
        (true, (">Nb", ">Count")),
        (screen.is_csv(), ("Devise", "Currency")),
        (true, (">Brut", ">Gross")),
        (true, (">Attendu", ">Due")),
        (true, (">Reçu", ">Booked")),
        (screen.is_csv(), (">Frais attendus", ">Fee due")),
        (screen.is_csv(), (">Frais retenus", ">Fee booked")),
        (true, (">Écart", ">Difference")),
    ] {
        heads.extend(is_by.then_some(head));
    }
    heads
}

fn total_row(answer: &Answer, key: &SumKey, total: &Total, views: &Views, screen: &Screen) -> Vec<String> {
    let day = key.day.or(answer.days.as_ref().map(|days| *days.end())).unwrap_or(Day(u16::MAX));
    // Beside other names a shop's is its number: the figures need the room.
    let is_narrow = (answer.by.day || answer.by.provider) && !screen.is_csv();
    let shop = |shop: ShopId| {
        if is_narrow { shop.to_string() } else { cut(&views.shop_name(answer.merchant, shop, day), 20) }
    };
    let mut row: Vec<_> = key.day.map(|day| day.to_string()).into_iter().collect();
    row.extend(key.shop.map(shop));
    row.extend(key.provider.as_deref().map(or_dash));
    row.extend(key.status.map(|status| status.words(screen.language).to_owned()));
    row.extend(figures(key.currency, total, screen));
    row
}

/// All sums of a currency together.
fn whole_row(answer: &Answer, currency: Currency, screen: &Screen) -> Vec<String> {
    let whole = answer.settled.totals_by(|line| line.currency).remove(&currency).unwrap_or_default();
    let named = [answer.by.day, answer.by.shop, answer.by.provider, answer.by.status];
    let mut row: Vec<_> = named.into_iter().filter(|is_by| *is_by).map(|_| String::new()).collect();
    if let Some(first) = row.first_mut() {
        "Total".clone_into(first);
    }
    row.extend(figures(currency, &whole, screen));
    row
}

fn figures(currency: Currency, total: &Total, screen: &Screen) -> Vec<String> {
    let amount = |minor_units| screen.amount(currency, minor_units);
    let [gross, fee, _, net] = total.expected;
    let [_, fee_booked, _, net_booked] = total.booked;
    let mut figures = vec![total.count.to_string()];
    figures.extend(screen.is_csv().then(|| currency.code().to_owned()));
    figures.extend([gross, net, net_booked].map(amount));
    if screen.is_csv() {
        figures.extend([amount(fee), amount(fee_booked)]);
    }
    let [.., difference] = total.difference;
    figures.push(amount(difference));
    figures
}

/// The lines of each day and provider below a heading of their own.
fn lines(answer: &Answer, screen: &mut Screen) -> io::Result<()> {
    let mut has_gross = false;
    let lines = &answer.settled.lines;
    for of_one in lines.chunk_by(|a, b| (a.day, &a.provider, a.currency) == (b.day, &b.provider, b.currency)) {
        let Some(first) = of_one.first() else { continue };
        screen.heading(&format!("{} {} ({})", first.day, or_dash(&first.provider), first.currency))?;
        let heads = [
            ("Transaction", "Transaction"),
            ("Quoi", "What"),
            (">Attendu", ">Due"),
            (">Reçu", ">Booked"),
            ("État", "Status"),
        ];
        screen.table_of(&heads, of_one.iter().map(|line| line_row(line, screen)).collect())?;
        has_gross |= of_one.iter().any(|line| [line.expected, line.booked].into_iter().flatten().any(is_gross));
    }
    if has_gross {
        screen.line(screen.say("* brut : les frais sont inconnus", "* gross: the fee is not known"))?;
    }
    Ok(())
}

fn line_row(line: &OwedLine, screen: &Screen) -> Vec<String> {
    let id = line.stream.map(|key| key.stream.to_string()).or_else(|| line.id.clone());
    vec![
        // A provider's id may be wider than a transaction's: it is whole in JSON and for spreadsheets.
        id.map_or_else(|| "-".to_owned(), |id| cut(&id, ID_COLUMNS)),
        line.what.words(screen.language).to_owned(),
        line.expected.map(|amounts| net(line.currency, amounts, screen)).unwrap_or_default(),
        line.booked.map(|amounts| net(line.currency, amounts, screen)).unwrap_or_default(),
        status_words(line, screen),
    ]
}

/// Whether only what lies before fees is known.
const fn is_gross(amounts: Amounts) -> bool {
    amounts.net.is_none() && amounts.gross.is_some()
}

/// What is left, else what it is before fees; a fee that was booked alone is below nothing.
fn net(currency: Currency, amounts: Amounts, screen: &Screen) -> String {
    match (amounts.net, amounts.gross, amounts.fee) {
        (Some(net), ..) => screen.amount(currency, net),
        (None, Some(gross), _) => format!("{} *", screen.amount(currency, gross)),
        (None, None, Some(fee)) => screen.amount(currency, fee.saturating_neg()),
        (None, None, None) => "-".to_owned(),
    }
}

/// How far it came, and the number that goes with it: by how much it differs, or by when it is due.
fn status_words(line: &OwedLine, screen: &Screen) -> String {
    let words = line.status.words(screen.language);
    let difference = line.difference();
    let most = difference.net.or(difference.fee).or(difference.gross);
    match (line.status, line.due, most) {
        (Status::Differs, _, Some(amount)) => format!("{words} {}", screen.amount(line.currency, amount)),
        (Status::Due | Status::Late | Status::Missing, Due::On(day), _) => format!("{words} {day}"),
        _ => words.to_owned(),
    }
}

/// What comes nearest to lines that nothing expects, so many at most.
const UNEXPECTED_MAX: usize = 20;

/// What comes nearest to what nothing expects: for somebody to look at, matched with nothing.
fn nearest(answer: &Answer, screen: &mut Screen) -> io::Result<()> {
    let lines = answer.settled.lines.iter().zip(&answer.near);
    let mut rows = Vec::new();
    for (line, near) in lines.filter(|(line, _)| line.status == Status::Unexpected).take(UNEXPECTED_MAX) {
        let name = |id: Option<&String>| id.map_or_else(|| "-".to_owned(), |id| cut(id, 22));
        rows.extend(near.iter().map(|near| {
            let provider =
                if near.is_other_provider { screen.say("autre", "another") } else { screen.say("même", "same") };
            vec![
                name(line.id.as_ref()),
                name(near.id.as_ref()),
                screen.amount(line.currency, near.gross_gap),
                near.days_gap.to_string(),
                provider.to_owned(),
            ]
        }));
    }
    if rows.is_empty() {
        return Ok(());
    }
    screen.heading(
        screen.say("Le plus proche de l'inattendu, à vérifier", "What comes nearest to the unexpected, to look at"),
    )?;
    let heads = [
        ("Inattendu", "Unexpected"),
        ("Attendu", "Expected"),
        (">Écart brut", ">Gross gap"),
        (">Jours", ">Days"),
        ("Prestataire", "Provider"),
    ];
    screen.table_of(&heads, rows)
}

fn payouts(payouts: &[PayoutLine], screen: &mut Screen) -> io::Result<()> {
    if payouts.is_empty() {
        return Ok(());
    }
    screen.heading(screen.say("Virements", "Payouts"))?;
    let heads = [
        ("Jour", "Day"),
        ("Compte", "Account"),
        ("Virement", "Payout"),
        ("Devise", "Currency"),
        (">Montant", ">Amount"),
        (">Lignes", ">Lines"),
        (">Écart", ">Difference"),
    ];
    let rows = payouts.iter().map(|payout| payout_row(payout, screen)).collect();
    screen.table_of(&heads, rows)
}

fn payout_row(payout: &PayoutLine, screen: &Screen) -> Vec<String> {
    let amount = |minor_units| payout.amount.map(|(currency, _)| screen.amount(currency, minor_units));
    let returned = if payout.is_returned { screen.say(" (revenu)", " (came back)") } else { "" };
    let twice = if payout.told_by > 1 { format!(" ×{}", payout.told_by) } else { String::new() };
    let name =
        if payout.payout_id.is_empty() { screen.say("sans référence", "bears no id") } else { &payout.payout_id };
    vec![
        payout.day.to_string(),
        cut(&payout.account, 14),
        format!("{}{twice}{returned}", cut(name, 20)),
        payout.amount.map_or_else(|| "-".to_owned(), |(currency, _)| currency.code().to_owned()),
        payout.amount.and_then(|(_, sent)| amount(sent)).unwrap_or_else(|| "-".to_owned()),
        payout.lines.map_or_else(|| "-".to_owned(), |(count, _)| count.to_string()),
        payout.difference().and_then(amount).unwrap_or_else(|| "-".to_owned()),
    ]
}

fn spreadsheet(answer: &Answer, screen: &mut Screen) -> io::Result<()> {
    let heads = [
        ("Jour", "Day"),
        ("Prestataire", "Provider"),
        ("Quoi", "What"),
        ("Transaction", "Transaction"),
        ("Identifiant", "Id"),
        ("Boutique", "Shop"),
        ("TPE", "Terminal"),
        ("Survenu le", "Happened on"),
        ("Devise", "Currency"),
        (">Brut attendu", ">Gross due"),
        (">Frais attendus", ">Fee due"),
        (">Net attendu", ">Net due"),
        (">Brut reçu", ">Gross booked"),
        (">Frais retenus", ">Fee booked"),
        (">Net reçu", ">Net booked"),
        (">Écart net", ">Net difference"),
        (">Frais rendus", ">Fee given back"),
        ("Échéance", "Due"),
        ("État", "Status"),
        ("Virements", "Payouts"),
    ];
    let rows = answer.settled.lines.iter().map(|line| spreadsheet_row(line, answer, screen)).collect();
    screen.table_of(&heads, rows)
}

fn spreadsheet_row(line: &OwedLine, answer: &Answer, screen: &Screen) -> Vec<String> {
    let amount = |part: Option<i128>| part.map(|part| screen.amount(line.currency, part)).unwrap_or_default();
    let place = line.stream.and_then(|key| answer.places.get(&key));
    let three = |amounts: Option<Amounts>| {
        let amounts = amounts.unwrap_or_default();
        [amounts.gross, amounts.fee, amounts.net].map(amount)
    };
    let mut row = vec![
        line.day.to_string(),
        line.provider.clone(),
        line.what.words(screen.language).to_owned(),
        line.stream.map(|key| key.stream.to_string()).unwrap_or_default(),
        line.id.clone().unwrap_or_default(),
        place.map(|(shop, _)| shop.to_string()).unwrap_or_default(),
        place.map(|(_, terminal)| terminal.to_string()).unwrap_or_default(),
        line.happened_on.to_string(),
        line.currency.code().to_owned(),
    ];
    row.extend(three(line.expected));
    row.extend(three(line.booked));
    row.extend([amount(line.difference().net), screen.amount(line.currency, line.waived)]);
    row.push(match line.due {
        Due::On(day) => day.to_string(),
        Due::Unknown(why) => Undated::words(why, screen.language).to_owned(),
    });
    row.push(line.status.words(screen.language).to_owned());
    let payouts = line.payouts.iter().map(|(account, payout)| format!("{account} {payout}").trim_end().to_owned());
    row.push(payouts.collect::<Vec<_>>().join(" + "));
    row
}

fn or_dash(text: &str) -> String {
    if text.is_empty() { "-".to_owned() } else { text.to_owned() }
}
