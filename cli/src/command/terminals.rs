//! `talon terminals`: every terminal with what is missing of its sequence, and whether its days agree with the ledger's.

use serde_json::{Value, json};
use talon_domain::anomaly::Language;
use talon_domain::fold::Fold;
use talon_domain::ids::{MerchantId, TerminalEpoch, TerminalId};
use talon_domain::money::Currency;
use talon_domain::time::Instant;
use talon_projections::finding::{Finding, Place, findings};
use talon_projections::registry::Registry;
use talon_projections::terminals::{DayTotal, Hole, Sum, Terminal, Terminals};

use crate::args::{Common, TerminalsArgs, Then};
use crate::exit::{Exit, UsageError};
use crate::ledger;
use crate::park::moment;
use crate::show::{Screen, Tone, as_of_foot, as_of_json, money};

/// How many holes of a terminal people are shown, as on its paper; JSON has all of them.
const HOLES_SHOWN: usize = 20;

/// A terminal, and its days.
struct Line<'a> {
    terminal: Terminal<'a>,
    days: Vec<DayTotal>,
}

pub(crate) fn run(args: &TerminalsArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let then = args.as_of.read()?;
    let at = at(args, &then)?;
    let journal = ledger::open_to_read(common.ledger()?)?;
    let history = ledger::history_as_of(&journal, &then)?;
    let (registry, terminals) = (Registry::of(history.fold()), Terminals::of(history.fold()));
    let is_wanted = |merchant: MerchantId| args.merchant.is_none_or(|wanted| merchant == MerchantId(wanted));
    let mut lines = lines(&terminals, &registry, at);
    lines.retain(|line| is_wanted(line.terminal.merchant) && (!args.holes || !line.terminal.holes.is_empty()));
    let found = findings(&terminals, &registry, at).into_iter().filter(|finding| is_wanted(finding.merchant));
    let found: Vec<_> = found.filter(|finding| !args.holes || matches!(finding.place, Place::Hole(..))).collect();
    if screen.is_json() {
        let language = screen.language;
        screen.json(&json!({
            "type": "terminals",
            "at": at.rfc3339(),
            "as_of": as_of_json(&then.as_of, history.positions()),
            "terminals": lines.iter().map(|line| line_json(line, language)).collect::<Vec<_>>(),
            "findings": found.iter().map(|finding| finding_json(finding, language)).collect::<Vec<_>>(),
        }))?;
        return Ok(Exit::Done);
    }
    table(&lines, screen)?;
    tell(&found, screen)?;
    if !found.is_empty() {
        screen.line("")?;
    }
    let count = screen.count(lines.len() as u64, ["TPE", "TPE"], ["terminal", "terminals"]);
    screen.line(&count)?;
    as_of_foot(&then, history.positions(), screen)?;
    Ok(Exit::Done)
}

/// Every terminal of a history, and what is found of them, at a moment.
pub(crate) fn show(fold: &Fold, at: Instant, screen: &mut Screen) -> std::io::Result<()> {
    let (registry, terminals) = (Registry::of(fold), Terminals::of(fold));
    table(&lines(&terminals, &registry, at), screen)?;
    tell(&findings(&terminals, &registry, at), screen)
}

fn at(args: &TerminalsArgs, then: &Then) -> anyhow::Result<Instant> {
    let Some(text) = &args.at else { return Ok(then.now()) };
    let wrong = || UsageError("--at wants a moment, as 2026-11-25T09:00:00Z, or a date".into());
    Ok(moment(text).ok_or_else(wrong)?)
}

/// Every device. A terminal's days stand beside its last device that is registered, else its last: a till knows one
/// terminal, whatever device is behind it, and an epoch that nobody assigned may be a slip.
fn lines<'a>(terminals: &'a Terminals, registry: &'a Registry, at: Instant) -> Vec<Line<'a>> {
    let number = |line: &Line<'_>| (line.terminal.merchant, line.terminal.terminal);
    let mut lines: Vec<Line<'a>> =
        terminals.list(registry, at).map(|terminal| Line { terminal, days: Vec::new() }).collect();
    for devices in lines.chunk_by_mut(|a, b| number(a) == number(b)) {
        let last = devices.iter().rposition(|line| line.terminal.assignment.is_some());
        let beside = last.unwrap_or(devices.len().saturating_sub(1));
        if let Some(Line { terminal, days }) = devices.get_mut(beside) {
            *days = terminals.day_totals(terminal.merchant, terminal.terminal, registry);
        }
    }
    lines
}

fn table(lines: &[Line<'_>], screen: &mut Screen) -> std::io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let heads = [
        screen.say("Commerçant", "Merchant").to_owned(),
        screen.say("TPE", "Terminal").to_owned(),
        screen.say("Magasin", "Shop").to_owned(),
        screen.say("Modèle", "Model").to_owned(),
        screen.say("Éligible", "Eligible").to_owned(),
        format!(">{}", screen.say("Dernier n°", "Last seq")),
        screen.say("Numéros manquants", "Holes").to_owned(),
        screen.say("Fin de journée", "End of day").to_owned(),
    ];
    let rows = lines.iter().map(|line| row(line, screen)).collect();
    screen.table(&heads.each_ref().map(String::as_str), rows)
}

fn row(Line { terminal, days }: &Line<'_>, screen: &Screen) -> Vec<String> {
    let language = screen.language;
    let stated = terminal.assignment.map(|stated| &stated.what);
    let eligible = match stated {
        None => screen.say("non enregistré", "not registered").to_owned(),
        Some(_) if terminal.is_replaced => screen.say("remplacé", "replaced").to_owned(),
        Some(_) if terminal.ineligible.is_empty() => screen.say("oui", "yes").to_owned(),
        Some(_) => terminal.ineligible.iter().map(|why| why.words(language)).collect::<Vec<_>>().join(", "),
    };
    let mut holes: Vec<_> = terminal.holes.iter().take(HOLES_SHOWN).map(|hole| hole_words(hole, language)).collect();
    holes.extend(more(terminal.holes.len(), language));
    let holes = holes.join(", ");
    vec![
        terminal.merchant.to_string(),
        format!("{} e{}", terminal.terminal, terminal.epoch),
        stated.and_then(|one| one.shop_code.as_deref()).unwrap_or("-").to_owned(),
        stated.and_then(|one| one.model.as_deref()).unwrap_or("-").to_owned(),
        eligible,
        terminal.last_seq.to_string(),
        if holes.is_empty() { "-".to_owned() } else { holes },
        day_words(days, screen),
    ]
}

fn hole_words(hole: &Hole, language: Language) -> String {
    let owner = hole.owner.words(language);
    if hole.first == hole.last {
        format!("{} {owner}", hole.first)
    } else {
        format!("{}-{} {owner}", hole.first, hole.last)
    }
}

/// What is said of the holes that are not shown.
fn more(count: usize, language: Language) -> Option<String> {
    let more = count.checked_sub(HOLES_SHOWN).filter(|more| *more > 0)?;
    Some(match language {
        Language::French => format!("et {more} de plus"),
        Language::English => format!("and {more} more"),
    })
}

/// The days that differ, else the last one that agrees.
fn day_words(days: &[DayTotal], screen: &Screen) -> String {
    let differing: Vec<_> =
        days.iter().filter(|total| !total.agrees()).map(|total| total_words(total, screen)).collect();
    match (differing.is_empty(), days.last()) {
        (false, _) => differing.join(", "),
        (true, Some(last)) => format!("{} {}", last.day, screen.say("concorde", "agrees")),
        (true, None) => "-".to_owned(),
    }
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

/// Rules that are not kept, a sentence each.
fn tell(found: &[Finding], screen: &mut Screen) -> std::io::Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    screen.heading(screen.say("À regarder", "To look at"))?;
    let mut holes = Holes::default();
    for (at, finding) in found.iter().enumerate() {
        let of = hole_of(finding);
        holes.count(of);
        if of.is_some() && holes.so_far > HOLES_SHOWN {
            let is_last = found.get(at + 1).and_then(hole_of) != of;
            if let Some(more) = more(holes.so_far, screen.language).filter(|_| is_last) {
                screen.pieces(&[("      ", Tone::Plain), (&more, Tone::Plain)])?;
            }
            continue;
        }
        let code = finding.code.number().to_string();
        let place = place_words(finding, screen.language);
        let words = format!(" {place}: {}", finding.code.sentence(screen.language));
        screen.pieces(&[("  ", Tone::Plain), (&code, finding.code.severity().into()), (&words, Tone::Plain)])?;
    }
    Ok(())
}

type Device = (MerchantId, TerminalId, TerminalEpoch);

/// The holes of one device that were met so far; findings stand device by device.
#[derive(Default)]
struct Holes {
    of: Option<Device>,
    so_far: usize,
}

impl Holes {
    fn count(&mut self, of: Option<Device>) {
        self.so_far = if of == self.of { self.so_far.saturating_add(1) } else { 1 };
        self.of = of;
    }
}

fn hole_of(finding: &Finding) -> Option<Device> {
    match finding.place {
        Place::Hole(terminal, epoch, _) => Some((finding.merchant, terminal, epoch)),
        _ => None,
    }
}

fn place_words(finding: &Finding, language: Language) -> String {
    let merchant = finding.merchant;
    let terminal = |number: TerminalId| match language {
        Language::French => format!("{merchant} TPE {number}"),
        Language::English => format!("{merchant} terminal {number}"),
    };
    match &finding.place {
        Place::Merchant => merchant.to_string(),
        Place::Nic(nic, first, last) => format!("{merchant} NIC {:0>5}, {first} - {last}", nic.0),
        Place::ShopCode(code, number, epoch) => format!("{} e{epoch}, {code}", terminal(*number)),
        Place::Unassigned(number, epoch, first, last) => format!("{} e{epoch}, {first} - {last}", terminal(*number)),
        Place::Ineligible(number, epoch, why) => {
            let why = why.iter().map(|why| why.words(language)).collect::<Vec<_>>().join(", ");
            format!("{} e{epoch}, {why}", terminal(*number))
        }
        Place::Hole(number, epoch, hole) => format!("{} e{epoch}, {}", terminal(*number), hole_words(hole, language)),
        Place::Totals(number, total) => format!("{}, {} {}", terminal(*number), total.day, total.application),
    }
}

fn line_json(Line { terminal, days }: &Line<'_>, language: Language) -> Value {
    let stated = terminal.assignment.map(|stated| &stated.what);
    json!({
        "merchant": terminal.merchant.to_string(),
        "terminal": terminal.terminal.0,
        "epoch": terminal.epoch.0,
        "registered": stated.is_some(),
        "shopCode": stated.and_then(|one| one.shop_code.as_deref()),
        "serial": stated.and_then(|one| one.serial.as_deref()),
        "model": stated.and_then(|one| one.model.as_deref()),
        "replaced": terminal.is_replaced,
        "ineligible": terminal.ineligible.iter().map(|why| json!({
            "name": why.name(), "words": why.words(language),
        })).collect::<Vec<_>>(),
        "firstSeq": terminal.first_seq.0,
        "lastSeq": terminal.last_seq.0,
        "lastDay": terminal.last_day.map(|day| day.to_string()),
        "holes": terminal.holes.iter().map(|hole| json!({
            "first": hole.first.0, "last": hole.last.0, "owner": hole.owner.name(),
        })).collect::<Vec<_>>(),
        "days": days.iter().map(total_json).collect::<Vec<_>>(),
    })
}

fn total_json(total: &DayTotal) -> Value {
    let net = |sum: Sum| json!({ "count": sum.count, "net": sum.net.to_string() });
    json!({
        "day": total.day.to_string(),
        "application": &*total.application,
        "currency": total.currency.code(),
        "stated": net(total.stated),
        "counted": total.counted.map(net),
        "agrees": total.agrees(),
    })
}

fn finding_json(finding: &Finding, language: Language) -> Value {
    json!({
        "code": finding.code.number(),
        "name": finding.code.name(),
        "merchant": finding.merchant.to_string(),
        "place": place_words(finding, language),
        "words": finding.code.sentence(language),
        "advice": finding.code.advice(),
    })
}
