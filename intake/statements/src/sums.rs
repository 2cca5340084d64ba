//! What a file comes to: by kind and currency, and each payout held against the lines that it pays. Invariant: sums are
//! exact and of lines that were read; one that disagrees with the file's own payout is named.

use std::collections::BTreeMap;

use talon_domain::fact::{LineKind, SettlementLine};
use talon_domain::money::Currency;
use talon_domain::time::Day;

use crate::fault::{Warning, WarningKind};
use crate::row::signed;

/// What lines of one kind come to, from the merchant's side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many.
    pub count: u64,
    /// Before what is kept, in minor units.
    pub gross: i128,
    /// What is kept: below nothing is taken from the merchant.
    pub fee: i128,
    /// What is left: the net where it is stated, else gross and fee.
    pub net: i128,
}

/// What a payout's own line says, and what its lines come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Payout {
    own: Option<i128>,
    lines: Option<i128>,
}

/// Sums of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    by_kind: BTreeMap<(LineKind, Currency), Sum>,
    payouts: BTreeMap<String, Payout>,
    days: Option<(Day, Day)>,
}

impl Sums {
    /// Nothing was read yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a line.
    pub fn add(&mut self, line: &SettlementLine) {
        let gross = signed((line.amount, line.direction));
        let fee = line.merchant_fee.map_or(0, |fee| signed((fee, line.merchant_fee_direction)));
        let net = line.net.map_or(gross.saturating_add(fee), |net| signed((net, line.net_direction)));
        let sum = self.by_kind.entry((line.kind, line.amount.currency)).or_default();
        sum.count = sum.count.saturating_add(1);
        sum.gross = sum.gross.saturating_add(gross);
        sum.fee = sum.fee.saturating_add(fee);
        sum.net = sum.net.saturating_add(net);
        if let (LineKind::Payout, Some(payout)) = (line.kind, &line.payout_id) {
            let own = &mut self.payouts.entry(payout.to_string()).or_default().own;
            *own = Some(own.unwrap_or(0).saturating_add(net));
        }
        if let Some(payout) = &line.included_in_payout_id {
            let lines = &mut self.payouts.entry(payout.to_string()).or_default().lines;
            *lines = Some(lines.unwrap_or(0).saturating_add(net));
        }
        if let Some(day) = line.booking_day {
            let (first, last) = self.days.unwrap_or((day, day));
            self.days = Some((first.min(day), last.max(day)));
        }
    }

    /// By kind and currency.
    pub fn by_kind(&self) -> impl Iterator<Item = ((LineKind, Currency), Sum)> {
        self.by_kind.iter().map(|(key, sum)| (*key, *sum))
    }

    /// The first and the last day on which something was booked.
    pub const fn days(&self) -> Option<(Day, Day)> {
        self.days
    }

    /// Payouts that are not what their lines add up to, where the file has both.
    pub fn warnings(&self) -> Vec<Warning> {
        let differs = |payout: &Payout| match (payout.own, payout.lines) {
            // A payout leaves the account: its own line and those that it pays cancel out.
            (Some(own), Some(lines)) => own.saturating_add(lines) != 0,
            _ => false,
        };
        let differing = self.payouts.iter().filter(|(_, payout)| differs(payout));
        differing.map(|(id, _)| Warning::at(WarningKind::PayoutDiffers, id)).collect()
    }
}
