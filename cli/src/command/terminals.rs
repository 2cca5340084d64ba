//! `talon terminals`: every terminal with what is missing of its sequence and what came twice, when it was seen, and whether
//! its days agree with the ledger's.

mod found;
mod json;
mod table;

use talon_domain::fold::Fold;
use talon_domain::ids::{MerchantId, ShopId, TerminalId};
use talon_domain::time::Instant;
use talon_projections::finding::{Finding, Place, findings};
use talon_projections::registry::{Registry, nic_on};
use talon_projections::terminals::{DayTotal, Terminal, Terminals};

use crate::args::{Common, TerminalsArgs, typed_moment};
use crate::exit::Exit;
use crate::show::Screen;
use crate::views;

/// A terminal, the shop in which it stands, and its days.
struct Line<'a> {
    terminal: Terminal<'a>,
    shop: Option<ShopId>,
    days: Vec<DayTotal>,
}

pub(crate) fn run(args: &TerminalsArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let at = args.at.as_deref().map(typed_moment).transpose()?;
    let merchant = args.merchant.map(MerchantId);
    let views = views::open(common, &args.as_of, merchant)?;
    let at = at.unwrap_or_else(|| views.at());
    let terminals = Terminals::read(views.reading()?, merchant)?;
    let mut lines = lines(&terminals, views.registry(), at);
    lines.retain(|line| args.lets_through(line));
    let mut found = findings(&terminals, views.registry(), at);
    found.retain(|finding| merchant.is_none_or(|merchant| finding.merchant == merchant));
    found.retain(|finding| !args.holes || matches!(finding.place, Place::Hole(..)));
    if args.shop.is_some() || args.terminal.is_some() {
        found.retain(|finding| is_of(finding, &lines));
    }
    if screen.is_json() {
        screen.json(&views.with_foot(json::answer(&lines, &found, at, screen.language)))?;
        return Ok(Exit::Done);
    }
    table::tell(&lines, screen)?;
    found::tell(&found, screen)?;
    if !found.is_empty() {
        screen.line("")?;
    }
    let count = screen.count(lines.len() as u64, ["TPE", "TPE"], ["terminal", "terminals"]);
    screen.line(&count)?;
    views.foot(screen)?;
    Ok(Exit::Done)
}

/// Every terminal of a history, and what is found of them, at a moment.
pub(crate) fn show(fold: &Fold, at: Instant, screen: &mut Screen) -> std::io::Result<()> {
    let (registry, terminals) = (Registry::of(fold), Terminals::of(fold));
    table::tell(&lines(&terminals, &registry, at), screen)?;
    found::tell(&findings(&terminals, &registry, at), screen)
}

impl TerminalsArgs {
    fn lets_through(&self, line: &Line<'_>) -> bool {
        self.merchant.is_none_or(|merchant| line.terminal.merchant == MerchantId(merchant))
            && self.shop.is_none_or(|shop| line.shop == Some(ShopId(shop)))
            && self.terminal.is_none_or(|terminal| line.terminal.terminal == TerminalId(terminal))
            && (!self.holes || !line.terminal.holes.is_empty())
    }
}

/// Whether a finding is about one of these terminals, and not about a merchant or a shop.
fn is_of(finding: &Finding, lines: &[Line<'_>]) -> bool {
    let number = match finding.place {
        Place::Merchant | Place::Nic(..) => return false,
        Place::ShopCode(_, number, _)
        | Place::Unassigned(number, ..)
        | Place::Ineligible(number, ..)
        | Place::Hole(number, ..)
        | Place::Totals(number, _) => number,
    };
    lines.iter().any(|line| (line.terminal.merchant, line.terminal.terminal) == (finding.merchant, number))
}

/// Every device. A terminal's days stand beside its last device that is registered, else its last: a till knows one
/// terminal, whatever device is behind it, and an epoch that nobody assigned may be a slip.
fn lines<'a>(terminals: &'a Terminals, registry: &'a Registry, at: Instant) -> Vec<Line<'a>> {
    let number = |line: &Line<'_>| (line.terminal.merchant, line.terminal.terminal);
    let mut lines: Vec<Line<'a>> = terminals.list(registry, at).map(|terminal| line(terminal, registry, at)).collect();
    for devices in lines.chunk_by_mut(|a, b| number(a) == number(b)) {
        let last = devices.iter().rposition(|line| line.terminal.assignment.is_some());
        let beside = last.unwrap_or(devices.len().saturating_sub(1));
        if let Some(Line { terminal, days, .. }) = devices.get_mut(beside) {
            *days = terminals.day_totals(terminal.merchant, terminal.terminal, registry);
        }
    }
    lines
}

/// A device in the shop that it was assigned to, by the number that this shop had then.
fn line<'a>(terminal: Terminal<'a>, registry: &Registry, at: Instant) -> Line<'a> {
    let code = terminal.assignment.and_then(|stated| stated.what.shop_code.as_deref());
    let shop = code.and_then(|code| registry.shop(terminal.merchant, code));
    // Of a device that was replaced its last day counts.
    let until = terminal.assignment.and_then(|stated| stated.what.until_day);
    let day = at.paris_day().map(|day| until.map_or(day, |until| day.min(until)));
    let shop = shop.zip(day).and_then(|(shop, day)| nic_on(&shop.what, day));
    Line { terminal, shop, days: Vec::new() }
}
