//! Under which law a plan stands, by the date of its contract.
//!
//! Sources: directive (EU) 2023/2225 and ordonnance 2025-880 of 3 September 2025, in force since 20 November 2026,
//! which bring free and short credits by a third party under consumer credit; before, article L312-4 of the code de la
//! consommation left out what is repaid within three months at negligible cost, which the market read as "up to four
//! instalments", and purchases below 200 EUR or above 75,000 EUR. The new law knows no floor; its ceiling is 100,000 EUR.
//!
//! This module prints nothing: what a ticket must say under each law is the receipts' business.

use std::ops::RangeInclusive;

use crate::money::Currency;
use crate::plan::Plan;
use crate::time::Day;

/// Under which law a contract was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum LegalRegime {
    /// Not consumer credit.
    OutsideConsumerCredit = 1,
    /// Consumer credit.
    ConsumerCredit = 2,
}

/// 20 November 2026, in days since 1970-01-01.
const NEW_LAW: Day = Day(20_777);

/// The longest delay, in months from contract to last due date, that the old law left out.
const OLD_LAW_MONTHS_MAX: u32 = 3;

/// Euro cents that the old law took for credit: from 200 EUR to 75,000 EUR.
const OLD_LAW_CENTS: RangeInclusive<u128> = 20_000..=7_500_000;
/// And the new one: up to 100,000 EUR.
const NEW_LAW_CENTS: RangeInclusive<u128> = 0..=10_000_000;

impl LegalRegime {
    /// What the publisher stated, else what the law of the contract's day says. Paying at once is no credit.
    pub fn of(plan: &Plan, contract: Day) -> Self {
        let at_once = plan.installments_count <= 1 && !plan.is_deferred();
        let within = |cents: &RangeInclusive<u128>| match plan.original_purchase() {
            Some((Currency::EUR, purchase)) => cents.contains(&purchase),
            _ => true,
        };
        let credit = match plan.legal_regime {
            Some(stated) => return stated,
            None if at_once => false,
            None if contract >= NEW_LAW => within(&NEW_LAW_CENTS),
            None => {
                let is_long = plan.installments_count > Plan::SPLIT_COUNT_MAX
                    || plan.deferred_months > OLD_LAW_MONTHS_MAX
                    || plan.deferred_days > 31 * OLD_LAW_MONTHS_MAX;
                is_long && within(&OLD_LAW_CENTS)
            }
        };
        if credit { Self::ConsumerCredit } else { Self::OutsideConsumerCredit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{Amount, Money};
    use crate::plan::{Offer, quote};
    use crate::time::Instant;

    fn regime(offer: Offer, day: Day) -> LegalRegime {
        let start = Instant::from_seconds(i64::from(day.0) * 86_400).expect("in range");
        let plan = quote(Money::eur(30_000).expect("small"), offer, start, Amount::ZERO).expect("quotable");
        LegalRegime::of(&plan, day)
    }

    #[test]
    fn the_law_changed_on_the_twentieth_of_november_2026() {
        use LegalRegime::{ConsumerCredit, OutsideConsumerCredit};
        assert_eq!(NEW_LAW.to_string(), "2026-11-20");
        let eve = Day(NEW_LAW.0 - 1);
        for (offer, before, since) in [
            (Offer::PayNow, OutsideConsumerCredit, OutsideConsumerCredit),
            (Offer::Split(3), OutsideConsumerCredit, ConsumerCredit),
            (Offer::DeferredDays(30), OutsideConsumerCredit, ConsumerCredit),
            (Offer::DeferredMonths(4), ConsumerCredit, ConsumerCredit),
        ] {
            assert_eq!((regime(offer, eve), regime(offer, NEW_LAW)), (before, since), "{offer:?}");
        }
    }

    #[test]
    fn the_old_law_left_out_what_is_small_or_very_large() {
        let of = |cents, day| {
            let start = Instant::from_seconds(i64::from(Day(18_900).0) * 86_400).expect("in range");
            let offer = Offer::DeferredMonths(4);
            let plan = quote(Money::eur(cents).expect("small"), offer, start, Amount::ZERO).expect("quotable");
            LegalRegime::of(&plan, day) == LegalRegime::ConsumerCredit
        };
        let eve = Day(NEW_LAW.0 - 1);
        assert_eq!([19_999, 20_000, 7_500_000, 7_500_001].map(|cents| of(cents, eve)), [false, true, true, false]);
        assert_eq!([19_999, 7_500_001, 10_000_001].map(|cents| of(cents, NEW_LAW)), [true, true, false]);
    }

    #[test]
    fn ten_instalments_were_always_credit_and_a_stated_regime_holds() {
        let mut plan = crate::plan::tests::g10();
        assert_eq!(LegalRegime::of(&plan, Day(18_900)), LegalRegime::ConsumerCredit);
        plan.legal_regime = Some(LegalRegime::OutsideConsumerCredit);
        assert_eq!(LegalRegime::of(&plan, Day(18_900)), LegalRegime::OutsideConsumerCredit);
    }
}
