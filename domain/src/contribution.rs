//! Contributions: what one payment adds to every total. A view is a sum of these; a fact changes one payment, and the
//! view subtracts the old contribution and adds the new one. Practice contributes nothing.

use crate::fact::Text;
use crate::ids::{MerchantId, ShopId, TerminalId};
use crate::money::Currency;
use crate::state::{Standing, State};
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
    let sale = state.sale.and_then(|sale| {
        let day = sale.day?;
        Some((key(day, Account::Sale, sale.currency), i128::try_from(sale.minor_units).unwrap_or(i128::MAX)))
    });
    let debits = state.debits.iter().map(|debit| {
        let account = match debit.standing {
            Standing::Collected => Account::Collected,
            Standing::Suspense => Account::Suspense,
        };
        (key(debit.day, account, debit.money.currency), i128::from(debit.money.amount.minor_units()))
    });
    sale.into_iter().chain(debits).collect()
}
