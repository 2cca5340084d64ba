//! Money that does not stay: refunds with their two movements, and disputes.

use talon_domain::money::Amount;

use super::{Agreed, Payment};
use crate::demo::script::book::Mouth;
use crate::demo::script::json::Object;

/// A refund's two movements, in cents.
#[derive(Clone, Copy)]
pub(crate) struct Back {
    /// Returned to the customer's card.
    pub(crate) cash: u64,
    /// Taken off what is still due.
    pub(crate) rebate: u64,
}

impl Payment<'_> {
    /// All of it: what was debited comes back, fees and all, and what is still due falls away.
    pub(crate) fn everything(&self) -> Back {
        let Some(Agreed { plan, debited, .. }) = &self.plan else { return Back { cash: 0, rebate: 0 } };
        let sum = |is_debited: bool| {
            let entries = plan.instalments.iter().filter(|entry| (entry.number <= *debited) == is_debited);
            entries.map(|entry| entry.total_amount.minor_units()).sum()
        };
        Back { cash: sum(true), rebate: sum(false) }
    }

    /// A part of the price that the seller gives back: so many in a hundred, in whole euro.
    pub(crate) fn percent(&self, percent: u64) -> u64 {
        (self.cents * percent).div_ceil(10_000) * 100
    }

    /// The seller asks for a refund at the terminal: of so many cents, or of everything.
    pub(crate) fn refund_asked(&mut self, cents: Option<u64>, reason: &str) {
        self.request = format!("R-{}", self.book.chance.letters(8));
        let payload = Object::new().text("requestId", &self.request);
        let payload = cents.map_or(payload.clone(), |cents| payload.cents("amount", cents));
        let payload = self.of_provider(payload.text("reason", reason));
        self.tell(Mouth::Gateway, "refundRequested", payload);
    }

    /// The same, and the terminal's line fails: it believes that it was heard, and nobody hears of it.
    pub(crate) fn refund_asked_unheard(&mut self, cents: Option<u64>, reason: &str) {
        self.refund_asked(cents, reason);
        if let Some(told) = self.book.told.last_mut() {
            told.is_lost = true;
        }
    }

    /// The provider makes the refund that was asked, states what is left of the plan, and writes to the customer. The
    /// terminal counts what goes back.
    pub(crate) fn refunded(&mut self, back: Back, is_cancellation: bool) {
        self.waits(2..=6);
        self.refunds += 1;
        let Back { cash, rebate } = back;
        let id = self.refund_id();
        let part = |payload: Object, key, cents| if cents == 0 { payload } else { payload.cents(key, cents) };
        let payload =
            Object::new().text("refundId", &id).text("requestId", &self.request).cents("amount", cash + rebate);
        let payload = part(part(payload, "cash", cash), "rebate", rebate).truth("fromCancellation", is_cancellation);
        self.tell_keyed(&format!("refund:{}", self.refunds), "refundCompleted", self.of_payment(payload));
        self.book.took(self.counter, self.now, self.provider.code, -(cash + rebate).cast_signed());
        // The customer's own fees go back as well, and were never the merchant's.
        self.booked(Some(id), -(cash + rebate).min(self.cents).cast_signed());
        if rebate > 0 {
            self.plan_changed("PLAN_CHANGE_REFUNDED", |agreed| take_off(agreed, rebate));
        }
        self.emailed("EMAIL_TEMPLATE_REFUND", self.refunds);
    }

    /// The provider cannot make the refund that was asked.
    pub(crate) fn refund_failed(&mut self, cents: u64, reason: &str) {
        self.refunds += 1;
        let payload = Object::new()
            .text("refundId", &self.refund_id())
            .text("requestId", &self.request)
            .cents("amount", cents)
            .text("reason", reason);
        let payload = self.of_provider(payload);
        self.tell_keyed(&format!("refund:{}:failed", self.refunds), "refundFailed", payload);
    }

    /// The provider's name of the last refund.
    pub(crate) fn refund_id(&self) -> String {
        self.provider.refund_id(&self.letters, self.refunds)
    }

    /// The customer's bank takes the first debit back.
    pub(crate) fn disputed(&mut self, reason: &str) {
        let payload = self.dispute().cents("amount", self.due(1)).text("reason", reason);
        let payload = self.of_provider(payload);
        self.tell_keyed("dispute:1:opened", "chargebackOpened", payload);
    }

    /// It gives it back again.
    pub(crate) fn dispute_won(&mut self) {
        let payload = self.dispute().cents("amount", self.due(1));
        let payload = self.of_provider(payload);
        self.tell_keyed("dispute:1:won", "chargebackWon", payload);
    }

    fn dispute(&self) -> Object {
        Object::new().text("disputeId", &self.provider.dispute_id(&self.letters)).number("round", 1)
    }
}

/// Takes a rebate off what is still due, the last instalment first.
fn take_off(agreed: &mut Agreed, mut rebate: u64) {
    let debited = agreed.debited;
    for entry in agreed.plan.instalments.iter_mut().rev().filter(|entry| entry.number > debited) {
        let part = rebate.min(entry.purchase_amount.minor_units());
        let less = |amount: Amount| Amount::new(amount.minor_units() - part).unwrap_or_default();
        entry.purchase_amount = less(entry.purchase_amount);
        entry.total_amount = less(entry.total_amount);
        rebate -= part;
    }
}
