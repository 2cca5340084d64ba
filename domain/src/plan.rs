//! Payment plans: the provider's dated amounts, and the rules that predict them.
//!
//! The provider's plan is authoritative. Rules R1 to R6 and R8 serve quotes, the sandbox and checks; a credit plan (R7)
//! is stored and held against invariants, never computed. Rules and vectors come from published plans of the provider;
//! each is named where it is used.

use crate::money::{Amount, Currency, Money};
use crate::regime::LegalRegime;
use crate::time::Instant;

/// A plan as the provider states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The provider's n: 1 for pay now and deferred plans. May differ from the number of entries.
    pub installments_count: u32,
    /// Days until the single debit of a deferred plan.
    pub deferred_days: u32,
    /// Calendar months until the single debit of a deferred plan.
    pub deferred_months: u32,
    /// The entries, as they came.
    pub instalments: Vec<Instalment>,
    /// Fees and interest that the customer pays in all, where the provider states it.
    pub customer_total_cost: Option<Money>,
    /// TAEG in basis points, where the provider states it.
    pub annual_interest_rate_bps: Option<u32>,
    /// Under which law, where the publisher states it.
    pub legal_regime: Option<LegalRegime>,
}

/// One dated amount of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instalment {
    /// Its number in the provider's plan, from 1.
    pub number: u32,
    /// When it is due, as the provider gave it.
    pub due_date: Instant,
    /// The currency of all its parts.
    pub currency: Currency,
    /// The share of the purchase.
    pub purchase_amount: Amount,
    /// What the customer pays the provider for it.
    pub customer_fee: Amount,
    /// Interest.
    pub customer_interest: Amount,
    /// The three together (I3).
    pub total_amount: Amount,
    /// The share of the purchase before refunds; equal to `purchase_amount` where it was not stated.
    pub original_purchase_amount: Amount,
}
