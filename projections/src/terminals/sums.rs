//! What a terminal took on a day: as its own totals state it, and as the ledger counts it. Invariants:
//! - the two are never mixed, and neither is ever corrected by the other
//! - providers and currencies are summed apart; two devices behind one number on one day are one terminal at its till
//!
//! The ledger counts a sale for the payment's terminal on the day of the sale. A refund counts on its own day for the
//! terminal that a fact of it names, its request or its completion: one that was made elsewhere is on no terminal's paper.

use std::collections::BTreeMap;

use talon_domain::fact::{Direction, Fact, Payload, TerminalTotals, Text};
use talon_domain::ids::{MerchantId, TerminalId};
use talon_domain::money::Currency;
use talon_domain::state::{Refund, Standing, State};
use talon_domain::stream::Stream;
use talon_domain::time::Day;

/// So many operations, and what they come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Sales and refunds.
    pub count: u64,
    /// Sales less refunds, in minor units.
    pub net: i128,
}

/// A terminal on a day.
pub(super) type TerminalDay = (MerchantId, TerminalId, Day);
/// What an application, or a provider, took in a currency.
pub(super) type Lines = BTreeMap<(Text, Currency), Sum>;

/// The sums of both sides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    stated: BTreeMap<TerminalDay, Lines>,
    counted: BTreeMap<TerminalDay, Lines>,
    /// Who finances payments, by merchant.
    providers: BTreeMap<MerchantId, Vec<Text>>,
}

impl Sum {
    fn add(&mut self, count: u64, net: i128) {
        self.count = self.count.saturating_add(count);
        self.net = self.net.saturating_add(net);
    }
}

impl Sums {
    /// A terminal states its totals of a day.
    pub(super) fn state(&mut self, merchant: MerchantId, totals: &TerminalTotals) {
        let lines = self.stated.entry((merchant, totals.terminal, totals.day)).or_default();
        for line in &totals.lines {
            let amount = i128::from(line.amount.amount.minor_units());
            let net = if line.direction == Direction::Debit { amount.saturating_neg() } else { amount };
            let key = (line.application.clone(), line.amount.currency);
            lines.entry(key).or_default().add(line.count.into(), net);
        }
    }

    /// The ledger counts a payment.
    pub(super) fn count(&mut self, state: &State, stream: &Stream) {
        let Some(provider) = &state.provider else { return };
        let merchant = state.key.merchant;
        let providers = self.providers.entry(merchant).or_default();
        if !providers.contains(provider) {
            providers.push(provider.clone());
        }
        let mut add = |terminal: TerminalId, day, currency, net| {
            if terminal.0 != 0 {
                let lines = self.counted.entry((merchant, terminal, day)).or_default();
                lines.entry((provider.clone(), currency)).or_default().add(1, net);
            }
        };
        if let Some((sale, day)) = state.sale.and_then(|sale| Some((sale, sale.day?))) {
            add(state.terminal, day, sale.currency, i128::try_from(sale.minor_units).unwrap_or(i128::MAX));
        }
        for refund in state.refunds.iter().filter(|refund| refund.standing == Some(Standing::Counts)) {
            let back = i128::from(refund.money.amount.minor_units()).saturating_neg();
            add(terminal_of(refund, stream), refund.day, refund.money.currency, back);
        }
    }

    /// What a terminal stated, of each day on which it stated anything.
    pub(super) fn stated(&self, merchant: MerchantId, terminal: TerminalId) -> impl Iterator<Item = (Day, &Lines)> {
        let days = self.stated.range((merchant, terminal, Day(0))..=(merchant, terminal, Day(u16::MAX)));
        days.map(|((.., day), lines)| (*day, lines))
    }

    /// What the ledger counted for a terminal on a day.
    pub(super) fn counted(&self, merchant: MerchantId, terminal: TerminalId, day: Day) -> Option<&Lines> {
        self.counted.get(&(merchant, terminal, day))
    }

    /// Whether a merchant's payments name this provider.
    pub(super) fn is_provider(&self, merchant: MerchantId, code: &str) -> bool {
        self.providers.get(&merchant).is_some_and(|providers| providers.iter().any(|known| &**known == code))
    }
}

/// The terminal that a refund's own facts name; 0 is none.
fn terminal_of(refund: &Refund, stream: &Stream) -> TerminalId {
    let named = stream.facts().filter(|fact| tells(fact, refund)).map(|fact| fact.header.terminal);
    named.filter(|terminal| terminal.0 != 0).min().unwrap_or_default()
}

fn tells(fact: &Fact, refund: &Refund) -> bool {
    let same = |a: &Option<Text>, b: &Option<Text>| a.is_some() && a == b;
    match &fact.payload {
        Payload::RefundRequested(p) => refund.request_id.as_ref() == Some(&p.request_id),
        Payload::Refunded(p) => {
            let without_name = p.refund_id.is_none() && p.request_id.is_none();
            same(&p.refund_id, &refund.refund_id)
                || same(&p.request_id, &refund.request_id)
                || without_name && p.amount == Some(refund.money)
        }
        _ => false,
    }
}
