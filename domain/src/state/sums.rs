//! Sums of one payment as papers show them. They are added up here, so that a printer adds nothing.
//!
//! "Before" is read by the clocks of the winning witnesses, then by slots: it is for people, and no total of a view
//! depends on it.

use super::{AgreedPlan, Progress, Refund, Standing, State};
use crate::money::{Money, Totals};

impl AgreedPlan {
    /// What the plan still takes from the customer: entries that are due, or whose debit failed.
    pub fn due(&self) -> Totals {
        self.sum(|progress| matches!(progress, Progress::Due | Progress::Failed))
    }

    /// What its entries of one progress add up to.
    pub fn sum_of(&self, progress: Progress) -> Totals {
        self.sum(|other| other == progress)
    }

    fn sum(&self, is_meant: impl Fn(Progress) -> bool) -> Totals {
        let entries = self.instalments.iter().filter(|instalment| is_meant(instalment.progress));
        entries.map(|of| Money { currency: of.entry.currency, amount: of.entry.total_amount }).collect()
    }
}

impl State {
    /// What refunds that count gave back before this one.
    pub fn refunded_before(&self, refund: &Refund) -> Totals {
        let this = (refund.occurred_at, refund.slot());
        self.refunded_where(|other| (other.occurred_at, other.slot()) < this)
    }

    /// What refunds that count gave back up to this one; itself among them, if it counts.
    pub fn refunded_with(&self, refund: &Refund) -> Totals {
        let this = (refund.occurred_at, refund.slot());
        self.refunded_where(|other| (other.occurred_at, other.slot()) <= this)
    }

    fn refunded_where(&self, is_meant: impl Fn(&Refund) -> bool) -> Totals {
        let counting = self.refunds.iter().filter(|refund| refund.standing == Some(Standing::Counts));
        counting.filter(|refund| is_meant(refund)).map(|refund| refund.money).collect()
    }
}
