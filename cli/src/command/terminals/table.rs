//! Terminals as people read them: a row for each device, and below the rows what is to be said of single ones. For a
//! spreadsheet all of it in one table.

use std::io;

use talon_domain::anomaly::Language;
use talon_domain::money::Currency;
use talon_projections::terminals::{DayTotal, Repeat, Silence, Skew, Sum, Terminal};

use super::Line;
use super::found::{HOLES_SHOWN, hole_words, more};
use crate::show::{Screen, local_time, money, wrapped};

pub(super) fn tell(lines: &[Line<'_>], screen: &mut Screen) -> io::Result<()> {
    if lines.is_empty() && !screen.is_csv() {
        return Ok(());
    }
    let mut heads = vec![
        ("Commerçant", "Merchant"),
        ("TPE", "Terminal"),
        ("Magasin", "Shop"),
        ("Modèle", "Model"),
        ("Éligible", "Eligible"),
        (">N°", ">Seq"),
        ("Vu (Paris)", "Seen (Paris)"),
        (">Horloge", ">Clock"),
    ];
    if screen.is_csv() {
        heads.extend([
            ("Muet", "Silent"),
            ("Numéros manquants", "Holes"),
            ("Numéros en double", "Repeats"),
            ("Fin de journée", "End of day"),
        ]);
    }
    let rows = lines.iter().map(|line| row(line, screen)).collect();
    screen.table_of(&heads, rows)?;
    let mut told: Vec<_> = lines.iter().flat_map(|line| beside(line, screen)).collect();
    told.extend(agreeing(lines, screen));
    if told.is_empty() || screen.is_csv() {
        return Ok(());
    }
    screen.line("")?;
    told.iter().flat_map(|words| wrapped(words, 2)).try_for_each(|line| screen.line(&line))
}

fn row(line: &Line<'_>, screen: &Screen) -> Vec<String> {
    let (terminal, language) = (&line.terminal, screen.language);
    let stated = terminal.assignment.map(|stated| &stated.what);
    let mut row = vec![
        terminal.merchant.to_string(),
        format!("{} e{}", terminal.terminal, terminal.epoch),
        stated.and_then(|one| one.shop_code.as_deref()).unwrap_or("-").to_owned(),
        stated.and_then(|one| one.model.as_deref()).unwrap_or("-").to_owned(),
        eligible(terminal, screen),
        terminal.last_seq.to_string(),
        terminal.last_seen.map_or_else(|| "-".to_owned(), local_time),
        terminal.skew.map_or_else(|| "-".to_owned(), |skew| skew_words(skew, screen)),
    ];
    if screen.is_csv() {
        row.push(terminal.silence.map(|silence| silence_words(silence, language)).unwrap_or_default());
        row.push(holes(terminal, language).unwrap_or_default());
        row.push(repeats(terminal, language).unwrap_or_default());
        row.push(day_words(&line.days, screen).unwrap_or_default());
    }
    row
}

/// Why it is not eligible is told below the table, as a finding.
fn eligible(terminal: &Terminal<'_>, screen: &Screen) -> String {
    let words = match terminal.assignment {
        None => ("non enregistré", "not registered"),
        Some(_) if terminal.is_replaced => ("remplacé", "replaced"),
        Some(_) if terminal.ineligible.is_empty() => ("oui", "yes"),
        Some(_) => ("non", "no"),
    };
    screen.say(words.0, words.1).to_owned()
}

/// What is to be said of a device that most have not.
fn beside(line: &Line<'_>, screen: &Screen) -> Vec<String> {
    let (terminal, language) = (&line.terminal, screen.language);
    let of = format!("{} {} e{}", terminal.merchant, terminal.terminal, terminal.epoch);
    let colon = screen.say(" :", ":");
    let told = [
        (screen.say("muet", "silent"), terminal.silence.map(|silence| silence_words(silence, language))),
        (screen.say("manquants", "missing"), holes(terminal, language)),
        (screen.say("en double", "repeated"), repeats(terminal, language)),
        (screen.say("fin de journée", "end of day"), differing(&line.days, screen)),
    ];
    let told = told.into_iter().filter_map(|(what, words)| Some(format!("{of}, {what}{colon} {}", words?)));
    told.collect()
}

fn holes(terminal: &Terminal<'_>, language: Language) -> Option<String> {
    let mut holes: Vec<_> = terminal.holes.iter().take(HOLES_SHOWN).map(|hole| hole_words(hole, language)).collect();
    holes.extend(more(terminal.holes.len(), language));
    (!holes.is_empty()).then(|| holes.join(", "))
}

fn repeats(terminal: &Terminal<'_>, language: Language) -> Option<String> {
    let shown = terminal.repeats.iter().take(HOLES_SHOWN);
    let mut repeats: Vec<_> = shown.map(|repeat| repeat_words(*repeat, language)).collect();
    repeats.extend(more(terminal.repeats.len(), language));
    (!repeats.is_empty()).then(|| repeats.join(", "))
}

/// `4 (2 events)`.
fn repeat_words(repeat: Repeat, language: Language) -> String {
    let Repeat { first, last, events } = repeat;
    let numbers = if first == last { first.to_string() } else { format!("{first}-{last}") };
    match language {
        Language::French => format!("{numbers} ({events} faits)"),
        Language::English => format!("{numbers} ({events} events)"),
    }
}

fn silence_words(silence: Silence, language: Language) -> String {
    let Silence { day, worked, trading_days } = silence;
    match language {
        Language::French => {
            format!("rien le {day}, présent {worked} des {trading_days} derniers jours ouverts du magasin")
        }
        Language::English => {
            format!("nothing on {day}, seen on {worked} of the shop's last {trading_days} trading days")
        }
    }
}

/// By how much its clock is behind, at the most: `+2 s`, `-3 min`, `+1 h`; seconds alone for a spreadsheet.
fn skew_words(skew: Skew, screen: &Screen) -> String {
    let seconds = skew.behind_us / 1_000_000;
    if screen.is_csv() {
        return seconds.to_string();
    }
    let (number, unit) = match seconds.unsigned_abs() {
        0..120 => (seconds, "s"),
        120..7_200 => (seconds / 60, "min"),
        _ => (seconds / 3_600, "h"),
    };
    format!("{number:+} {unit}")
}

/// The days that differ, else the last one that agrees.
fn day_words(days: &[DayTotal], screen: &Screen) -> Option<String> {
    let last = days.last()?;
    differing(days, screen).or_else(|| Some(format!("{} {}", last.day, screen.say("concorde", "agrees"))))
}

fn differing(days: &[DayTotal], screen: &Screen) -> Option<String> {
    let differing: Vec<_> =
        days.iter().filter(|total| !total.agrees()).map(|total| total_words(total, screen)).collect();
    (!differing.is_empty()).then(|| differing.join(", "))
}

/// How many terminals stated nothing that the ledger does not say too.
fn agreeing(lines: &[Line<'_>], screen: &Screen) -> Option<String> {
    let agrees = |line: &&Line<'_>| !line.days.is_empty() && line.days.iter().all(DayTotal::agrees);
    let count = lines.iter().filter(agrees).count();
    let words = screen.count(
        count as u64,
        ["TPE dont les totaux concordent", "TPE dont les totaux concordent"],
        ["terminal whose totals agree", "terminals whose totals agree"],
    );
    (count > 0).then_some(words)
}

fn total_words(total: &DayTotal, screen: &Screen) -> String {
    let sum = |sum: Sum| format!("{} / {}", sum.count, signed(sum.net, total.currency, screen.language));
    let counted = sum(total.counted.unwrap_or_default());
    let ledger = screen.say("registre", "ledger");
    format!("{} {} {}, {ledger} {counted}", total.day, total.application, sum(total.stated))
}

fn signed(minor_units: i128, currency: Currency, language: Language) -> String {
    let sign = if minor_units < 0 { "-" } else { "" };
    format!("{sign}{}", money(currency, minor_units.unsigned_abs(), language))
}
