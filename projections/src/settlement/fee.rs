//! What a fee plan takes of a sale. Invariants:
//! - rates are basis points, and what is below a minor unit is kept until the plan says that it is rounded: no float, and
//!   nothing is cut off
//! - where a plan rounds a day's sum, the shares of its sales add up to that sum
//!
//! A plan that does not say how it rounds rounds half up, and each line: so published quotes fit.

use std::collections::BTreeMap;

use talon_domain::fact::{FeePlan, Rounding, RoundingScope};
use talon_domain::ids::MerchantId;
use talon_domain::money::{Currency, Money};
use talon_domain::time::Day;

use super::line::FeeGap;
use crate::registry::{FeePlanInForce, Registry};

/// A whole in basis points.
const WHOLE_BPS: u128 = 10_000;

/// What is kept of a sale, and the tax in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fee {
    pub(super) kept: i128,
    pub(super) tax: i128,
    /// It is a share of a day's sum, so that another share is no other fee.
    pub(super) is_share: bool,
}

/// What is known of a day's sums so far, by fee plan: in parts of a minor unit, and rounded.
pub(super) type DaySums<'r> = BTreeMap<(&'r str, u32, Currency), DaySum>;

/// The fee plans of one provider on one day, by instalments, days and months: a registry is walked once for each.
pub(super) type DayPlans<'r> = BTreeMap<(u32, u32, u32), Vec<&'r FeePlan>>;

/// A day's sum so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DaySum {
    exact: u128,
    fee: u128,
    tax: u128,
}

/// A sale as fee plans look at it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sold<'a> {
    pub(super) merchant: MerchantId,
    pub(super) provider: &'a str,
    pub(super) day: Day,
    pub(super) gross: u128,
    pub(super) currency: Currency,
    /// Instalments, days, months.
    pub(super) plan: Option<(u32, u32, u32)>,
}

/// The fee plan in force for a sale, of those of its day: of several those whose limits the sale keeps come before all
/// others, and then those that began last. A plan for larger baskets that begins later is not that of the smaller ones.
pub(super) fn plan_of<'r>(
    registry: &'r Registry,
    sold: &Sold<'_>,
    of_day: &mut DayPlans<'r>,
) -> Result<&'r FeePlan, FeeGap> {
    let plan = sold.plan.ok_or(FeeGap::PlanUnknown)?;
    let of_day = of_day.entry(plan).or_insert_with(|| {
        let (count, days, months) = plan;
        registry.fee_plans_on(sold.merchant, sold.provider, count, (days, months), sold.day)
    });
    let within: Vec<_> = of_day.iter().copied().filter(|plan| is_within(plan, sold)).collect();
    match FeePlanInForce::of(if within.is_empty() { of_day.clone() } else { within }) {
        FeePlanInForce::Nothing => Err(FeeGap::NoFeePlan),
        FeePlanInForce::One(plan) => Ok(plan),
        FeePlanInForce::Several(_) => Err(FeeGap::SeveralFeePlans),
    }
}

/// A limit in another currency than the sale's is not kept by it.
fn is_within(plan: &FeePlan, sold: &Sold<'_>) -> bool {
    let keeps = |limit: Option<Money>, holds: fn(u128, u128) -> bool| {
        limit
            .is_none_or(|limit| limit.currency == sold.currency && holds(limit.amount.minor_units().into(), sold.gross))
    };
    keeps(plan.purchase_least, |least, gross| least <= gross) && keeps(plan.purchase_most, |most, gross| gross <= most)
}

/// What the plan takes of the sale.
pub(super) fn fee_of<'r>(plan: &'r FeePlan, sold: &Sold<'_>, sums: &mut DaySums<'r>) -> Result<Fee, FeeGap> {
    let exact = exact(plan, sold)?;
    let rounding = plan.rounding.unwrap_or(Rounding::HalfUp);
    let tax_in = |fee: u128| {
        let bps = u128::from(plan.tax_bps);
        round(fee.saturating_mul(bps), WHOLE_BPS.saturating_add(bps), rounding)
    };
    if plan.rounding_scope != Some(RoundingScope::Day) {
        let fee = round(exact, WHOLE_BPS, rounding);
        return Ok(Fee { kept: whole(fee), tax: whole(tax_in(fee)), is_share: false });
    }
    let sum = sums.entry((&plan.id, plan.version.get(), sold.currency)).or_default();
    let exact = sum.exact.saturating_add(exact);
    let fee = round(exact, WHOLE_BPS, rounding);
    let after = DaySum { exact, fee, tax: tax_in(fee) };
    let before = std::mem::replace(sum, after);
    let share = |after: u128, before: u128| whole(after.saturating_sub(before));
    Ok(Fee { kept: share(after.fee, before.fee), tax: share(after.tax, before.tax), is_share: true })
}

/// In parts of a minor unit: one is [`WHOLE_BPS`] of them.
fn exact(plan: &FeePlan, sold: &Sold<'_>) -> Result<u128, FeeGap> {
    let fixed = match plan.merchant_fee_fixed {
        Some(fixed) if fixed.currency != sold.currency => return Err(FeeGap::FeeInOtherCurrency),
        fixed => fixed.map_or(0, |fixed| fixed.amount.minor_units()),
    };
    let rated = sold.gross.saturating_mul(plan.merchant_fee_bps.into());
    Ok(rated.saturating_add(u128::from(fixed).saturating_mul(WHOLE_BPS)))
}

/// A fraction as a whole number; `whole` is never 0.
fn round(parts: u128, whole: u128, rounding: Rounding) -> u128 {
    let (Some(quotient), Some(rest)) = (parts.checked_div(whole), parts.checked_rem(whole)) else { return 0 };
    let twice = rest.saturating_mul(2);
    let is_up = match rounding {
        Rounding::HalfUp => twice >= whole,
        Rounding::HalfEven => twice > whole || (twice == whole && quotient & 1 == 1),
    };
    quotient.saturating_add(u128::from(is_up))
}

pub(super) fn whole(minor_units: u128) -> i128 {
    i128::try_from(minor_units).unwrap_or(i128::MAX)
}
