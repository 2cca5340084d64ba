//! Which of equal lines a line is: two movements of one amount on one day may both be true. Invariants:
//! - lines without an id that say the very same of money and time are numbered from 1, in the file's order
//! - a line with an id is that line, however often it comes; an id that comes with two contents is named
//!
//! Memory: some 50 bytes for each line of the file.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash, RandomState};

use talon_domain::fact::{Direction, Ordinal, SettlementLine};
use talon_domain::money::Money;

/// What was seen of a file.
#[derive(Debug, Default)]
pub struct Numbering {
    /// Lines without an id, by what names them: how many came.
    seen: HashMap<[u8; 16], u32>,
    /// Lines with an id: what each said.
    said: HashMap<u64, u64>,
    hasher: RandomState,
}

/// What a line is, of those that came before it in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// The first one, or the next one of several that are legal.
    First,
    /// The same once more, under one id.
    Again,
    /// One id with another content.
    Otherwise,
}

impl Numbering {
    /// Nothing was seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Numbers a line.
    pub fn number(&mut self, line: &mut SettlementLine) -> Came {
        let Some(id) = line.line_id.as_deref() else {
            let count = self.seen.entry(line.name()).or_default();
            *count = count.saturating_add(1);
            line.occurrence = Ordinal::new(*count);
            return Came::First;
        };
        let (id, content) = (self.hasher.hash_one((&*line.account, id)), self.hasher.hash_one(content(line)));
        match self.said.insert(id, content) {
            None => Came::First,
            Some(before) if before == content => Came::Again,
            Some(_) => Came::Otherwise,
        }
    }
}

/// All that a line says but its id.
fn content(line: &SettlementLine) -> impl Hash {
    let money = |money: Money, way: Direction| (money.amount.minor_units(), money.currency.code().to_owned(), way);
    let amounts = [
        Some((line.amount, line.direction)),
        line.merchant_fee.map(|fee| (fee, line.merchant_fee_direction)),
        line.tax.map(|tax| (tax, line.tax_direction)),
        line.net.map(|net| (net, line.net_direction)),
    ];
    let texts = [
        &line.native_type,
        &line.payment_id,
        &line.refund_id,
        &line.dispute_id,
        &line.payout_id,
        &line.included_in_payout_id,
        &line.reference,
        &line.end_to_end_id,
        &line.bank_reference,
    ];
    let days = [line.booking_day, line.value_day];
    (
        line.kind,
        amounts.map(|amount| amount.map(|(of, way)| money(of, way))),
        texts.map(Clone::clone),
        days,
        line.revision,
    )
}
