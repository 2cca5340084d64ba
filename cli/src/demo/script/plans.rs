//! What the provider agrees with a customer. Splits and deferred plans follow the published rules (`talon_domain::plan`);
//! credits are annuities, in whole cents, in the shape of the provider's published credit of ten (G10).

use talon_domain::ids::MerchantId;
use talon_domain::money::{Amount, Currency, Money};
use talon_domain::plan::{Instalment, Offer, Plan, quote};
use talon_domain::time::Instant;

use super::chain::NANTES;
use super::json::Object;
use super::provider::Provider;

/// What a customer chooses on the phone.
#[derive(Clone, Copy)]
pub(super) enum Wish {
    /// In two, three or four.
    Split(u32),
    /// In ten, with interest.
    Credit,
    /// All after so many days.
    Days(u32),
    /// All after so many months.
    Months(u32),
}

/// What a split costs the customer: basis points of the purchase, all on the first instalment, and the TAEG that the
/// provider states for it: the rate at which what is left after the first debit is worth the debits that follow.
pub(super) struct Price {
    pub(super) fee_bps: u64,
    taeg_bps: u32,
}

const FREE: Price = Price { fee_bps: 0, taeg_bps: 0 };
pub(super) const IN_3: Price = Price { fee_bps: 155, taeg_bps: 2_074 };
pub(super) const IN_4: Price = Price { fee_bps: 232, taeg_bps: 2_081 };

/// A credit's monthly rate in millionths: (1 + 17.19 %)^(1/12) - 1.
const CREDIT_RATE_PPM: u64 = 13_307;
const CREDIT_TAEG_BPS: u32 = 1_719;
const CREDIT_COUNT: u32 = 10;
const PPM: u64 = 1_000_000;
/// Discount factors are kept as whole numbers of these.
const UNIT: u64 = 1_000_000_000;

/// The plan for a purchase of so many cents that is accepted at `start`.
pub(super) fn agreed(wish: Wish, cents: u64, merchant: MerchantId, start: Instant) -> Plan {
    let offer = match wish {
        Wish::Credit => return credit(cents, start),
        Wish::Split(n) => Offer::Split(n),
        Wish::Days(days) => Offer::DeferredDays(days),
        Wish::Months(months) => Offer::DeferredMonths(months),
    };
    let price = price(wish, merchant);
    let fee = amount(rounded(cents * price.fee_bps, 10_000));
    let purchase = Money { currency: Currency::EUR, amount: amount(cents) };
    let Ok(plan) = quote(purchase, offer, start, fee) else { unreachable!("the script asks for what can be quoted") };
    Plan { annual_interest_rate_bps: Some(price.taeg_bps), ..plan }
}

fn price(wish: Wish, merchant: MerchantId) -> Price {
    match wish {
        Wish::Split(3) if merchant == NANTES => IN_3,
        Wish::Split(4) => IN_4,
        _ => FREE,
    }
}

/// Ten instalments, the first at once and free of interest; the other nine are equal and pay what is left, with interest
/// on what is still owed. It is built from its end, where nothing is owed: what was owed a month before is what, with a
/// month's interest, makes one payment and what is owed after it. So every cent has its place, and what rounding leaves
/// is in the first instalment.
fn credit(cents: u64, start: Instant) -> Plan {
    let monthly = monthly(cents);
    let mut owed = 0;
    let mut entries = Vec::new();
    for k in (1..CREDIT_COUNT).rev() {
        let with_interest = owed + monthly;
        let before = rounded(with_interest * PPM, PPM + CREDIT_RATE_PPM);
        entries.push(entry(k, start, before - owed, with_interest - before));
        owed = before;
    }
    entries.push(entry(0, start, cents - owed, 0));
    entries.reverse();
    let interest = entries.iter().map(|entry| entry.customer_interest.minor_units()).sum();
    Plan {
        installments_count: CREDIT_COUNT,
        deferred_days: 0,
        deferred_months: 0,
        instalments: entries,
        customer_total_cost: Money::eur(interest),
        annual_interest_rate_bps: Some(CREDIT_TAEG_BPS),
        legal_regime: None,
    }
}

/// The purchase over the sum of its ten discount factors.
fn monthly(cents: u64) -> u64 {
    let factors = std::iter::successors(Some(UNIT), |factor| Some(factor * PPM / (PPM + CREDIT_RATE_PPM)));
    rounded(cents * UNIT, factors.take(10).sum())
}

fn entry(k: u32, start: Instant, purchase: u64, interest: u64) -> Instalment {
    Instalment {
        number: k + 1,
        due_date: start.plus_months(k).unwrap_or(start),
        currency: Currency::EUR,
        purchase_amount: amount(purchase),
        customer_fee: Amount::ZERO,
        customer_interest: amount(interest),
        total_amount: amount(purchase + interest),
        original_purchase_amount: amount(purchase),
    }
}

/// Half a cent goes up.
const fn rounded(numerator: u64, denominator: u64) -> u64 {
    (numerator + denominator / 2) / denominator
}

fn amount(cents: u64) -> Amount {
    Amount::new(cents).unwrap_or_else(|| unreachable!("a purchase in a shop"))
}

/// The payload that states a version of a plan, and why it was changed.
pub(super) fn schedule(plan: &Plan, version: u32, provider: Provider, change: &str) -> Object {
    let terms = Object::new()
        .number("version", version)
        .number("installmentsCount", plan.installments_count)
        .number("deferredDays", plan.deferred_days)
        .number("deferredMonths", plan.deferred_months)
        .list("instalments", plan.instalments.iter().map(dated_amount));
    let cost = plan.customer_total_cost.map_or(0, |cost| cost.amount.minor_units());
    let priced = terms.cents("customerTotalCost", cost);
    let rate = plan.annual_interest_rate_bps.unwrap_or(0);
    priced.stated("annualInterestRateBps", rate).text("provider", provider.code).text("change", change)
}

/// What is not zero is stated, and what a refund has changed.
fn dated_amount(entry: &Instalment) -> Object {
    let part = |object: Object, key, amount: Amount| match amount {
        Amount::ZERO => object,
        amount => object.cents(key, amount.minor_units()),
    };
    let line = Object::new().number("number", entry.number).text("dueDate", &entry.due_date.rfc3339());
    let line = line.cents("purchaseAmount", entry.purchase_amount.minor_units());
    let line = part(line, "customerFee", entry.customer_fee);
    let line = part(line, "customerInterest", entry.customer_interest);
    let line = line.cents("totalAmount", entry.total_amount.minor_units());
    let original = entry.original_purchase_amount;
    if original == entry.purchase_amount { line } else { line.cents("originalPurchaseAmount", original.minor_units()) }
}
