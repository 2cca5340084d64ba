//! Findings: rules that a join of facts and registry finds not kept. They are computed when asked, with a moment, and are
//! in no digest; the codes are the domain's.
//!
//! Each code has a place of its own:
//!
//! | code | what is found |
//! |---|---|
//! | `merchant_must_be_registered` | facts name a merchant that the registry does not |
//! | `shop_must_be_registered` | facts name a NIC that no shop had on that day, or a device stands in a shop without a code |
//! | `terminal_must_be_registered` | a device worked on a day for which it is not assigned |
//! | `terminal_should_be_eligible` | a device that stands behind its number now cannot take the provider's payments |
//! | `terminal_sequence_must_be_gapless` | a hole that nobody explains |
//! | `terminal_totals_must_agree` | a terminal's end of day is not what the ledger counted |

use talon_domain::anomaly::Code;
use talon_domain::fact::{Shop, Text};
use talon_domain::ids::{MerchantId, ShopId, TerminalEpoch, TerminalId};
use talon_domain::time::{Day, Instant};

use crate::registry::{Ineligible, Registry, Stated, nic_on};
use crate::terminals::{DayTotal, Hole, Owner, Terminal, Terminals};

/// A rule that is not kept, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub code: Code,
    /// Whose.
    pub merchant: MerchantId,
    /// Where.
    pub place: Place,
}

/// Where a rule is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The merchant itself.
    Merchant,
    /// A shop's number that facts name, first and last of the days on which nobody had it.
    Nic(ShopId, Day, Day),
    /// A shop's code that a device's assignment names.
    ShopCode(Text, TerminalId, TerminalEpoch),
    /// A device, first and last of the days on which it was not assigned.
    Unassigned(TerminalId, TerminalEpoch, Day, Day),
    /// A device, and why it is not eligible.
    Ineligible(TerminalId, TerminalEpoch, Vec<Ineligible>),
    /// Numbers of a device.
    Hole(TerminalId, TerminalEpoch, Hole),
    /// A terminal's day.
    Totals(TerminalId, DayTotal),
}

/// Everything that is found at a moment, in the order of codes, then of merchants and places.
pub fn findings(terminals: &Terminals, registry: &Registry, at: Instant) -> Vec<Finding> {
    let listed: Vec<_> = terminals.list(registry, at).collect();
    let mut found = unregistered_merchants(terminals, registry);
    found.extend(unregistered_shops(terminals, registry));
    found.extend(listed.iter().filter_map(|terminal| unknown_shop(terminal, registry)));
    found.extend(listed.iter().filter_map(|terminal| unassigned(terminals, terminal)));
    found.extend(listed.iter().filter_map(ineligible));
    found.extend(listed.iter().flat_map(holes));
    found.extend(disagreements(terminals, registry, &listed));
    found
}

fn unregistered_merchants(terminals: &Terminals, registry: &Registry) -> Vec<Finding> {
    let unknown = terminals.merchants().filter(|merchant| registry.merchant(*merchant).is_none());
    let finding = |merchant| Finding { code: Code::MerchantMustBeRegistered, merchant, place: Place::Merchant };
    unknown.map(finding).collect()
}

fn unregistered_shops(terminals: &Terminals, registry: &Registry) -> Vec<Finding> {
    let finding = |(merchant, shop, days): (_, _, Vec<Day>)| {
        let place = Place::Nic(shop, *days.first()?, *days.last()?);
        Some(Finding { code: Code::ShopMustBeRegistered, merchant, place })
    };
    let unknown = terminals.shops().map(|(merchant, shop, mut days)| {
        let claims = |stated: &&Stated<Shop>| stated.what.establishments.iter().any(|one| one.nic == shop);
        let claiming: Vec<_> = registry.shops_of(merchant).filter(claims).collect();
        days.retain(|day| claiming.iter().all(|stated| nic_on(&stated.what, *day) != Some(shop)));
        (merchant, shop, days)
    });
    unknown.filter_map(finding).collect()
}

fn unknown_shop(terminal: &Terminal<'_>, registry: &Registry) -> Option<Finding> {
    let code = terminal.assignment?.what.shop_code.as_ref()?;
    let place = || Place::ShopCode(code.clone(), terminal.terminal, terminal.epoch);
    let merchant = terminal.merchant;
    let is_unknown = registry.shop(merchant, code).is_none();
    is_unknown.then(|| Finding { code: Code::ShopMustBeRegistered, merchant, place: place() })
}

fn unassigned(terminals: &Terminals, terminal: &Terminal<'_>) -> Option<Finding> {
    let days = terminals.days_unassigned(terminal);
    let place = Place::Unassigned(terminal.terminal, terminal.epoch, *days.first()?, *days.last()?);
    Some(Finding { code: Code::TerminalMustBeRegistered, merchant: terminal.merchant, place })
}

fn ineligible(terminal: &Terminal<'_>) -> Option<Finding> {
    if terminal.ineligible.is_empty() || terminal.is_replaced {
        return None;
    }
    let place = Place::Ineligible(terminal.terminal, terminal.epoch, terminal.ineligible.clone());
    Some(Finding { code: Code::TerminalShouldBeEligible, merchant: terminal.merchant, place })
}

fn holes<'t>(terminal: &'t Terminal<'_>) -> impl Iterator<Item = Finding> + 't {
    let unexplained = terminal.holes.iter().filter(|hole| hole.owner == Owner::Unexplained);
    unexplained.map(|hole| Finding {
        code: Code::TerminalSequenceMustBeGapless,
        merchant: terminal.merchant,
        place: Place::Hole(terminal.terminal, terminal.epoch, *hole),
    })
}

fn disagreements(terminals: &Terminals, registry: &Registry, listed: &[Terminal<'_>]) -> Vec<Finding> {
    let mut numbers: Vec<_> = listed.iter().map(|terminal| (terminal.merchant, terminal.terminal)).collect();
    numbers.dedup();
    let totals = numbers.into_iter().flat_map(|(merchant, terminal)| {
        let differing = terminals.day_totals(merchant, terminal, registry).into_iter().filter(|total| !total.agrees());
        differing.map(move |total| (merchant, Place::Totals(terminal, total)))
    });
    totals.map(|(merchant, place)| Finding { code: Code::TerminalTotalsMustAgree, merchant, place }).collect()
}
