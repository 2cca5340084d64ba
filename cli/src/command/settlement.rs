//! `talon settlement`: what providers owe a merchant for its sales, what their accounts say of it, and what it adds up to.

mod json;
mod table;

use std::collections::BTreeMap;
use std::ops::{ControlFlow, RangeInclusive};

use talon_domain::ids::{MerchantId, ShopId, StreamKey, TerminalId};
use talon_domain::money::Currency;
use talon_domain::time::{Day, Instant};
use talon_projections::settlement::{Asked, Candidate, Nearest, OwedLine, Settled, Status, Total, settlement};
use talon_projections::transactions::{list, row_of};

use crate::args::{Common, OwedByArg, OwedStatusArg, SettlementArgs, typed_day, typed_moment};
use crate::exit::Exit;
use crate::show::Screen;
use crate::views::{self, Views};

/// What is owed, read and narrowed.
struct Answer {
    merchant: MerchantId,
    /// The days that were asked for; `None` is all.
    days: Option<RangeInclusive<Day>>,
    at: Instant,
    settled: Settled,
    /// Of each line what comes nearest, if it is open or unexpected.
    near: Vec<Vec<Near>>,
    /// Where the payments of the lines were made.
    places: Places,
    by: By,
    totals: BTreeMap<SumKey, Total>,
}

/// A line that comes near to another one, and what speaks against it.
struct Near {
    id: Option<String>,
    stream: Option<StreamKey>,
    /// In minor units.
    gross_gap: i128,
    days_gap: i32,
    is_other_provider: bool,
}

impl Near {
    fn of(Candidate { line, gross_gap, days_gap, is_other_provider }: Candidate<'_>) -> Self {
        Self { id: line.id.clone(), stream: line.stream, gross_gap, days_gap, is_other_provider }
    }
}

/// By what sums are told apart.
#[derive(Clone, Copy)]
struct By {
    day: bool,
    shop: bool,
    provider: bool,
    status: bool,
}

/// A sum's key; what it is not told apart by is `None`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct SumKey {
    currency: Currency,
    day: Option<Day>,
    shop: Option<ShopId>,
    provider: Option<String>,
    status: Option<Status>,
}

pub(crate) fn run(args: &SettlementArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let date = args.date.as_deref().map(|text| typed_day(text, "DATE")).transpose()?;
    let days = args.days.read()?.or_else(|| date.map(|day| day..=day));
    let at = args.at.as_deref().map(typed_moment).transpose()?;
    let views = views::open(common, &args.as_of, Some(MerchantId(args.merchant)))?;
    let answer = read(args, days, at.unwrap_or_else(|| views.at()), &views)?;
    if screen.is_json() {
        screen.json(&views.with_foot(json::answer(&answer, args.totals, screen.language)))?;
        return Ok(Exit::Done);
    }
    table::tell(&answer, args.totals, &views, screen)?;
    views.foot(screen)?;
    Ok(Exit::Done)
}

fn read(
    args: &SettlementArgs,
    days: Option<RangeInclusive<Day>>,
    at: Instant,
    views: &Views,
) -> anyhow::Result<Answer> {
    let merchant = MerchantId(args.merchant);
    let asked = Asked {
        missing_after: args.missing_after,
        ..Asked::at(views.registry(), merchant, days.clone().unwrap_or(Day(0)..=Day(u16::MAX)), at)
    };
    let mut settled = settlement(views.reading()?, &asked)?;
    let is_placed = args.place.shop.is_some() || args.place.terminal.is_some();
    let is_by = |by| args.by.contains(&by);
    let by = By {
        day: is_by(OwedByArg::Day),
        shop: is_by(OwedByArg::Shop),
        provider: is_by(OwedByArg::Provider),
        status: is_by(OwedByArg::Status),
    };
    // Totals alone name no place and no neighbour, unless they are asked for by shop.
    let places =
        if args.totals && !is_placed && !by.shop { BTreeMap::new() } else { places(merchant, &settled.lines, views)? };
    let near = if args.totals { Vec::new() } else { nearest(&settled.lines, args, &places) };
    settled.lines.retain(|line| is_wanted(line, args, &places));
    // A payout is of no shop and has no status of its own.
    let names_payouts = !is_placed && args.status.is_empty();
    settled.payouts.retain(|payout| {
        names_payouts && args.place.provider.as_deref().is_none_or(|asked| payout.provider.as_deref() == Some(asked))
    });
    let totals = settled.totals_by(|line| by.key(line, &places));
    Ok(Answer { merchant, days, at, settled, near, places, by, totals })
}

type Places = BTreeMap<StreamKey, (ShopId, TerminalId)>;

/// What comes nearest to each line that is wanted; that may be of another status than what was asked for.
fn nearest(lines: &[OwedLine], args: &SettlementArgs, places: &Places) -> Vec<Vec<Near>> {
    let nearest = Nearest::of(lines);
    let wanted = lines.iter().filter(|line| is_wanted(line, args, places));
    wanted.map(|line| nearest.to(line).into_iter().map(Near::of).collect()).collect()
}

/// Of so many lines the places are read in one walk over the merchant's payments.
const MANY: usize = 10_000;

/// Where the payments of lines were made.
fn places(merchant: MerchantId, lines: &[OwedLine], views: &Views) -> anyhow::Result<Places> {
    let mut places = BTreeMap::new();
    if lines.len() >= MANY {
        list(views.reading()?, Some(merchant), &mut |key, row| {
            places.insert(key, (row.shop(), row.terminal()));
            ControlFlow::Continue(())
        })?;
        return Ok(places);
    }
    for key in lines.iter().filter_map(|line| line.stream) {
        if !places.contains_key(&key)
            && let Some(row) = row_of(views.reading()?, key)?
        {
            places.insert(key, (row.shop(), row.terminal()));
        }
    }
    Ok(places)
}

fn is_wanted(line: &OwedLine, args: &SettlementArgs, places: &Places) -> bool {
    let place = line.stream.and_then(|key| places.get(&key));
    args.place.shop.is_none_or(|shop| place.is_some_and(|(of, _)| of.0 == shop))
        && args.place.terminal.is_none_or(|terminal| place.is_some_and(|(_, of)| of.0 == terminal))
        && args.place.provider.as_ref().is_none_or(|provider| line.provider == *provider)
        && (args.status.is_empty() || args.status.iter().any(|asked| status(*asked) == line.status))
}

const fn status(asked: OwedStatusArg) -> Status {
    match asked {
        OwedStatusArg::Paid => Status::Paid,
        OwedStatusArg::Differs => Status::Differs,
        OwedStatusArg::Due => Status::Due,
        OwedStatusArg::Late => Status::Late,
        OwedStatusArg::DueUnknown => Status::DueUnknown,
        OwedStatusArg::OnAccount => Status::OnAccount,
        OwedStatusArg::Returned => Status::Returned,
        OwedStatusArg::Ambiguous => Status::Ambiguous,
        OwedStatusArg::Unexpected => Status::Unexpected,
        OwedStatusArg::Stated => Status::Stated,
        OwedStatusArg::Missing => Status::Missing,
    }
}

impl By {
    fn key(self, line: &OwedLine, places: &Places) -> SumKey {
        let shop = || line.stream.and_then(|key| places.get(&key)).map_or(ShopId(0), |(shop, _)| *shop);
        SumKey {
            currency: line.currency,
            day: self.day.then_some(line.day),
            shop: self.shop.then(shop),
            provider: self.provider.then(|| line.provider.clone()),
            status: self.status.then_some(line.status),
        }
    }
}
