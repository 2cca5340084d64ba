//! Payment plans: the provider's dated amounts, and the rules that predict them.
//!
//! The provider's plan is authoritative. Rules R1 to R6 and R8 serve quotes, the sandbox and checks; a credit plan (R7)
//! is stored and held against invariants, never computed. Rules and vectors come from published plans of the provider;
//! each is named where it is used.

use crate::money::{Amount, Currency, Money};
use crate::regime::LegalRegime;
use crate::time::Instant;

/// A plan as the provider states it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

/// What a customer may be offered, as far as a rule predicts the plan. Credit plans (five instalments and more) are
/// the provider's to compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// One instalment, at once.
    PayNow,
    /// Two to four instalments, a calendar month apart.
    Split(u32),
    /// One instalment after so many days.
    DeferredDays(u32),
    /// One instalment after so many calendar months.
    DeferredMonths(u32),
}

/// Why no plan can be quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QuoteError {
    /// The provider computes these.
    #[error("plans of {0} instalments are the provider's to compute: 2 to 4 can be quoted")]
    CountNotQuotable(u32),
    /// A sum or a date leaves its range.
    #[error("the plan leaves the range of amounts or dates")]
    OutOfRange,
}

/// The plan that rules R1 to R6 and R8 predict: shares by whole division, what remains and every fee on the first
/// instalment, due dates by calendar months on the UTC clock counted from `start`.
pub fn quote(purchase: Money, offer: Offer, start: Instant, fee: Amount) -> Result<Plan, QuoteError> {
    let (count, deferred_days, deferred_months) = match offer {
        Offer::PayNow => (1, 0, 0),
        Offer::Split(n @ 2..=4) => (n, 0, 0),
        Offer::Split(n) => return Err(QuoteError::CountNotQuotable(n)),
        Offer::DeferredDays(days) => (1, days, 0),
        Offer::DeferredMonths(months) => (1, 0, months),
    };
    let instalments = (0..count)
        .map(|k| {
            let due_date = match offer {
                Offer::DeferredDays(days) => start.plus_days(days),
                Offer::DeferredMonths(months) => start.plus_months(months),
                Offer::PayNow | Offer::Split(_) => start.plus_months(k),
            };
            share(purchase, count, k, fee, due_date?)
        })
        .collect::<Option<Vec<_>>>()
        .ok_or(QuoteError::OutOfRange)?;
    let customer_total_cost = Some(Money { currency: purchase.currency, amount: fee });
    let plan = Plan {
        installments_count: count,
        deferred_days,
        deferred_months,
        instalments,
        customer_total_cost,
        annual_interest_rate_bps: None,
        legal_regime: None,
    };
    debug_assert_eq!(plan.original_purchase().map(|sum| sum.1), Some(u128::from(purchase.amount.minor_units())));
    Ok(plan)
}

/// The k-th share (from 0) of a purchase in `count` instalments.
fn share(purchase: Money, count: u32, k: u32, fee: Amount, due_date: Instant) -> Option<Instalment> {
    let whole = purchase.amount.minor_units();
    let base = whole.checked_div(count.into())?;
    let rest = whole.checked_rem(count.into())?;
    let (share, customer_fee) = if k == 0 { (base.checked_add(rest)?, fee) } else { (base, Amount::ZERO) };
    let purchase_amount = Amount::new(share)?;
    Some(Instalment {
        number: k.checked_add(1)?,
        due_date,
        currency: purchase.currency,
        purchase_amount,
        customer_fee,
        customer_interest: Amount::ZERO,
        total_amount: purchase_amount.checked_add(customer_fee)?,
        original_purchase_amount: purchase_amount,
    })
}

/// What is wrong with a plan, by the invariants that need no other fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum PlanFault {
    /// I4: due dates do not strictly increase.
    DueDatesMustIncrease,
    /// I2: fees and interest are not the customer's total cost.
    CostMustAddUp,
    /// Two entries carry one number.
    NumbersMustDiffer,
    /// R7: a credit plan whose first entry bears interest, or whose further totals differ.
    CreditMustBeAnAnnuity,
}

impl Plan {
    /// More than this many instalments is a credit with interest on the declining balance (R7).
    pub const SPLIT_COUNT_MAX: u32 = 4;

    /// Σ original purchase amounts (I1, I6), with its currency; `None` for a plan without entries.
    pub fn original_purchase(&self) -> Option<(Currency, u128)> {
        self.sum(|entry| entry.original_purchase_amount)
    }

    /// Σ total amounts: what the customer pays.
    pub fn total(&self) -> Option<(Currency, u128)> {
        self.sum(|entry| entry.total_amount)
    }

    /// Σ fees and interest: what the customer pays beyond the purchase.
    pub fn cost(&self) -> Option<(Currency, u128)> {
        let fees = self.sum(|entry| entry.customer_fee)?;
        let interest = self.sum(|entry| entry.customer_interest)?;
        Some((fees.0, fees.1.saturating_add(interest.1)))
    }

    /// The entries in the order of their numbers.
    pub fn by_number(&self) -> Vec<&Instalment> {
        let mut entries: Vec<_> = self.instalments.iter().collect();
        entries.sort_by_key(|entry| (entry.number, entry.due_date));
        entries
    }

    /// Whether nothing is debited at the purchase (E24).
    pub const fn is_deferred(&self) -> bool {
        self.deferred_days > 0 || self.deferred_months > 0
    }

    /// What contradicts the plan's own invariants, in the order of the rules. More entries than
    /// `installments_count` is no fault. In a rescheduled plan an entry may move behind another (E15): its dates need
    /// only differ, and its totals may.
    pub fn faults(&self, is_rescheduled: bool) -> Vec<PlanFault> {
        self.faults_of(&self.by_number(), is_rescheduled)
    }

    /// The same, of entries that are in the order of their numbers already.
    pub(crate) fn faults_of(&self, entries: &[&Instalment], is_rescheduled: bool) -> Vec<PlanFault> {
        let mut faults = Vec::new();
        if !dates_increase(entries, is_rescheduled) {
            faults.push(PlanFault::DueDatesMustIncrease);
        }
        let stated = self.customer_total_cost.map(|cost| (cost.currency, u128::from(cost.amount.minor_units())));
        if stated.is_some() && stated != self.cost() {
            faults.push(PlanFault::CostMustAddUp);
        }
        if entries.windows(2).any(|pair| matches!(pair, [a, b] if a.number == b.number)) {
            faults.push(PlanFault::NumbersMustDiffer);
        }
        if !is_rescheduled && !self.is_an_annuity(entries) {
            faults.push(PlanFault::CreditMustBeAnAnnuity);
        }
        faults
    }

    /// R7, for untouched credit plans; plans of up to four, and plans after a refund, are not held against it.
    fn is_an_annuity(&self, entries: &[&Instalment]) -> bool {
        let untouched = entries.iter().all(|entry| entry.purchase_amount == entry.original_purchase_amount);
        let [first, rest @ ..] = entries else { return true };
        if self.installments_count <= Self::SPLIT_COUNT_MAX || !untouched {
            return true;
        }
        first.customer_interest == Amount::ZERO
            && rest.windows(2).all(|pair| matches!(pair, [a, b] if a.total_amount == b.total_amount))
    }

    fn sum(&self, part: impl Fn(&Instalment) -> Amount) -> Option<(Currency, u128)> {
        let currency = self.instalments.first()?.currency;
        let sum = self.instalments.iter().map(|entry| u128::from(part(entry).minor_units())).sum();
        Some((currency, sum))
    }
}

/// Whether due dates strictly increase; of a plan that was changed, whether they differ.
fn dates_increase(entries: &[&Instalment], is_rescheduled: bool) -> bool {
    let increase = entries.windows(2).all(|pair| matches!(pair, [a, b] if a.due_date < b.due_date));
    increase
        || (is_rescheduled && {
            let mut dates: Vec<_> = entries.iter().map(|entry| entry.due_date).collect();
            dates.sort_unstable();
            dates.windows(2).all(|pair| matches!(pair, [a, b] if a < b))
        })
}

#[cfg(test)]
pub(crate) mod tests;
