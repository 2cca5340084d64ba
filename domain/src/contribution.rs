//! Contributions: what one payment adds to every total. A view is a sum of these; a fact changes one payment, and the
//! view subtracts the old contribution and adds the new one. Practice contributes nothing.

use crate::fact::Text;
use crate::ids::{MerchantId, ShopId, TerminalId};
use crate::money::{Amount, Currency};
use crate::state::{Refund, Standing, State};
use crate::time::Day;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Account {
    /// What was sold.
    Sale = 1,
    /// What was taken from customers and counts.
    Collected = 2,
    /// What was taken and is held until it is explained.
    Suspense = 3,
    /// Returned to customers' cards.
    RefundCash = 4,
    /// Taken off instalments that were not yet due.
    RefundRebate = 5,
    /// Given back, and nobody says which way.
    RefundUndivided = 6,
    /// Taken back by customers' banks.
    Chargeback = 7,
    /// Given or taken back, and held until it is explained.
    SuspenseBack = 8,
}

impl Account {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::Sale,
        Self::Collected,
        Self::Suspense,
        Self::RefundCash,
        Self::RefundRebate,
        Self::RefundUndivided,
        Self::Chargeback,
        Self::SuspenseBack,
    ];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sale => "sale",
            Self::Collected => "collected",
            Self::Suspense => "suspense",
            Self::RefundCash => "refund_cash",
            Self::RefundRebate => "refund_rebate",
            Self::RefundUndivided => "refund_undivided",
            Self::Chargeback => "chargeback",
            Self::SuspenseBack => "suspense_back",
        }
    }
}

/// Which total: two providers of one shop are never one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Who is paid.
    pub merchant: MerchantId,
    /// Which shop; 0 is none.
    pub shop: ShopId,
    /// Which terminal; 0 is none.
    pub terminal: TerminalId,
    /// Registry code of who finances it; empty is none.
    pub provider: Text,
    /// The economic day: of the winning witness.
    pub day: Day,
    /// `installments_count` of the plan in force; 0 is none.
    pub plan: u32,
    /// What is counted.
    pub account: Account,
    /// In which currency.
    pub currency: Currency,
}

/// What a payment adds to each total, in minor units: whole numbers, so that one contribution can be taken from another.
/// Sums of amounts are far below 2^127.
pub fn contributions(state: &State) -> Vec<(Key, i128)> {
    if state.key.training {
        return Vec::new();
    }
    let key = |day, account, currency| Key {
        merchant: state.key.merchant,
        shop: state.shop,
        terminal: state.terminal,
        provider: state.provider.clone().unwrap_or_default(),
        day,
        plan: state.plan.as_ref().map_or(0, |agreed| agreed.plan.installments_count),
        account,
        currency,
    };
    let mut all = Vec::with_capacity(4);
    if let Some((sale, day)) = state.sale.and_then(|sale| Some((sale, sale.day?))) {
        let minor_units = i128::try_from(sale.minor_units).unwrap_or(i128::MAX);
        all.push((key(day, Account::Sale, sale.currency), minor_units));
    }
    let mut add = |day, account, currency, amount: Amount| {
        all.push((key(day, account, currency), i128::from(amount.minor_units())));
    };
    for debit in &state.debits {
        add(
            debit.day,
            held_or(debit.standing, Account::Suspense, Account::Collected),
            debit.money.currency,
            debit.money.amount,
        );
    }
    for (refund, standing) in state.refunds.iter().filter_map(|refund| Some((refund, refund.standing?))) {
        for (account, amount) in movements(refund, standing) {
            add(refund.day, account, refund.money.currency, amount);
        }
    }
    for (dispute, standing) in state.disputes.iter().filter_map(|dispute| Some((dispute, dispute.standing?))) {
        if let Some(money) = dispute.money {
            let account = held_or(standing, Account::SuspenseBack, Account::Chargeback);
            add(dispute.day, account, money.currency, money.amount);
        }
    }
    all
}

const fn held_or(standing: Standing, held: Account, counts: Account) -> Account {
    match standing {
        Standing::Suspense => held,
        Standing::Counts => counts,
    }
}

/// Cash and rebate are two movements (G17); what is held, or not divided, is one.
fn movements(refund: &Refund, standing: Standing) -> impl Iterator<Item = (Account, Amount)> {
    let whole = refund.money.amount;
    let moved = match (standing, refund.split) {
        (Standing::Suspense, _) => [(Account::SuspenseBack, whole), (Account::SuspenseBack, Amount::ZERO)],
        (Standing::Counts, None) => [(Account::RefundUndivided, whole), (Account::RefundUndivided, Amount::ZERO)],
        (Standing::Counts, Some(split)) => [(Account::RefundCash, split.cash), (Account::RefundRebate, split.rebate)],
    };
    moved.into_iter().filter(|(_, amount)| *amount > Amount::ZERO)
}
