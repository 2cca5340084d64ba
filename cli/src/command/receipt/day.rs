//! A terminal's end-of-day ticket: what its devices stated, beside what the ledger counted, and what is missing.

use anyhow::anyhow;
use talon_domain::fact::{FactHeader, Payload, TerminalTotals};
use talon_domain::ids::{MerchantId, ShopId, TerminalId, TerminalSeq};
use talon_domain::time::{Day, Instant};
use talon_projections::registry::{Registry, epoch, nic_on};
use talon_projections::terminals::{self, DayTotal, Owner, Sum, Terminals};
use talon_receipts::{ApplicationDay, DayOfTerminal, DeviceDay, Layout, Tally, end_of_day};
use talon_replay::History;

use super::{Asked, shop_label};
use crate::args::typed_day;
use crate::exit::UsageError;
use crate::show::Screen;

type Stated<'a> = (&'a FactHeader, &'a TerminalTotals);
type Range = (TerminalSeq, TerminalSeq);

pub(super) fn layout(
    terminal: u32,
    asked: &Asked<'_>,
    history: &History,
    registry: &Registry,
    screen: &Screen,
) -> anyhow::Result<Layout> {
    let day = typed_day(asked.args.day.as_deref().unwrap_or_default(), "--day")?;
    let of = (TerminalId(terminal), day);
    let stated = stated(history, of, asked.args.merchant.map(MerchantId), screen)?;
    let Some((header, _)) = stated.first() else { return Err(none(of, screen)) };
    let last = stated.iter().map(|(header, _)| header.occurred_at).max();
    asked.hold_reprint(last.unwrap_or(header.occurred_at), screen)?;
    let (merchant, terminals) = (header.merchant, Terminals::of(history.fold()));
    let missing: Vec<_> =
        stated.iter().map(|stated| missing(*stated, &terminals, registry, asked.then.now())).collect();
    let devices: Vec<_> = stated.iter().zip(&missing).map(|(stated, missing)| device(*stated, missing)).collect();
    let totals = if header.training { Vec::new() } else { terminals.day_totals(merchant, of.0, registry) };
    let totals: Vec<_> = totals.iter().filter(|total| total.day == day).map(application).collect();
    let shop = stated.iter().find_map(|stated| shop(*stated, registry)).unwrap_or_default();
    Ok(end_of_day(&DayOfTerminal {
        merchant,
        shop,
        shop_name: asked.args.shop_name.as_deref().or(shop_label(registry, merchant, shop, day)),
        terminal: of.0,
        day,
        training: header.training,
        devices: &devices,
        totals: &totals,
        copy: asked.copy,
        reprinted_at: asked.reprinted_at,
    }))
}

/// Where a device stood: as it says itself, else as it is assigned.
fn shop((header, totals): Stated<'_>, registry: &Registry) -> Option<ShopId> {
    let assigned = || {
        let assignment = registry.assignment(header.merchant, totals.terminal, totals.epoch)?;
        let shop = registry.shop(header.merchant, assignment.what.shop_code.as_deref()?)?;
        nic_on(&shop.what, totals.day)
    };
    Some(header.shop).filter(|shop| shop.0 != 0).or_else(assigned)
}

/// What the devices behind a terminal's number stated of a day, in the order of their epochs. Practice is shown only where
/// nothing else was stated.
fn stated<'a>(
    history: &'a History,
    (terminal, day): (TerminalId, Day),
    merchant: Option<MerchantId>,
    screen: &Screen,
) -> anyhow::Result<Vec<Stated<'a>>> {
    let shown = history.fold().streams().filter_map(|(_, stream)| terminals::stated(stream));
    let totals = shown.filter_map(|fact| match &fact.payload {
        Payload::TerminalTotals(totals) => Some((&fact.header, totals)),
        _ => None,
    });
    let is_meant = |(header, totals): &Stated<'_>| {
        totals.terminal == terminal && totals.day == day && merchant.is_none_or(|merchant| merchant == header.merchant)
    };
    let mut stated: Vec<Stated<'a>> = totals.filter(is_meant).collect();
    if stated.iter().any(|(header, _)| !header.training) {
        stated.retain(|(header, _)| !header.training);
    }
    if stated.windows(2).any(|pair| matches!(pair, [(a, _), (b, _)] if a.merchant != b.merchant)) {
        let several = screen.say(
            "plusieurs commerçants ont un TPE de ce numéro ce jour-là : donner --merchant SIREN",
            "several merchants have a terminal of this number on that day: give --merchant SIREN",
        );
        return Err(UsageError(several.into()).into());
    }
    stated.sort_by_key(|(_, totals)| epoch(totals.epoch));
    Ok(stated)
}

fn none((terminal, day): (TerminalId, Day), screen: &Screen) -> anyhow::Error {
    let french = format!("le TPE {terminal} n'a pas dit ses totaux du {day}");
    let english = format!("terminal {terminal} stated no totals of {day}");
    anyhow!(screen.say(&french, &english).to_owned())
}

/// The numbers up to a device's last one that no event carries, and for which nobody answers.
fn missing((header, totals): Stated<'_>, terminals: &Terminals, registry: &Registry, now: Instant) -> Vec<Range> {
    let is_this =
        |merchant, terminal, of| (merchant, terminal, of) == (header.merchant, totals.terminal, epoch(totals.epoch));
    let device = terminals.list(registry, now).find(|known| is_this(known.merchant, known.terminal, known.epoch));
    let holes = device.map(|device| device.holes).unwrap_or_default();
    let open = holes.iter().filter(|hole| matches!(hole.owner, Owner::Late | Owner::Unexplained));
    let up_to = |last: TerminalSeq| if totals.last_seq.0 == 0 { last } else { last.min(totals.last_seq) };
    open.map(|hole| (hole.first, up_to(hole.last))).filter(|(first, last)| first <= last).collect()
}

fn device<'a>((header, stated): Stated<'a>, missing: &'a [Range]) -> DeviceDay<'a> {
    DeviceDay { stated, stated_at: Some(header.occurred_at), missing: Some(missing) }
}

fn application(total: &DayTotal) -> ApplicationDay<'_> {
    let tally = |sum: Sum| Tally { count: sum.count, net: sum.net };
    ApplicationDay {
        application: &total.application,
        currency: total.currency,
        stated: tally(total.stated),
        counted: total.counted.map(tally),
    }
}
