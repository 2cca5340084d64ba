//! What becomes of an agreed plan: later debits, those that fail, changes, and who bears what was not paid.

use talon_domain::time::Instant;

use super::{Agreed, Payment};
use crate::demo::script::json::Object;
use crate::demo::script::plans::schedule;

impl Payment<'_> {
    /// A later instalment is debited.
    pub(crate) fn instalment_debited(&mut self, number: u32) {
        let debit = Object::new().number("instalment", number).cents("amount", self.due(number));
        let debit = debit.text("debitId", &self.debit_id(&number.to_string()));
        self.tell_keyed(&format!("debit:{number}"), "instalmentDebited", self.of_payment(debit));
        if let Some(agreed) = &mut self.plan {
            agreed.debited = agreed.debited.max(number);
        }
    }

    /// The debit of a later instalment fails.
    pub(crate) fn debit_failed(&mut self, number: u32, reason: &str) {
        let payload = Object::new()
            .number("instalment", number)
            .number("attempt", 1)
            .cents("amount", self.due(number))
            .text("reason", reason);
        let payload = self.of_provider(payload);
        self.tell_keyed(&format!("debit:{number}:failed:1"), "debitFailed", payload);
    }

    /// An instalment that was not paid is handed to collection.
    pub(crate) fn claimed(&mut self, number: u32) {
        self.unpaid(number, "claimed", "instalmentClaimed");
    }

    /// An instalment that was not paid is borne by the provider.
    pub(crate) fn covered(&mut self, number: u32) {
        self.unpaid(number, "covered", "instalmentCovered");
    }

    fn unpaid(&mut self, number: u32, what: &str, kind: &'static str) {
        let payload = Object::new().number("instalment", number).cents("amount", self.due(number));
        let payload = self.of_provider(payload);
        self.tell_keyed(&format!("{what}:{number}"), kind, payload);
    }

    /// The customer gives another card.
    pub(crate) fn card_replaced(&mut self) {
        let payload = self.of_provider(Object::new().number("number", 1));
        self.tell_keyed("card:1", "cardReplaced", payload);
    }

    /// The customer withdraws from the credit.
    pub(crate) fn withdrawn(&mut self) {
        let payload = self.of_provider(Object::new());
        self.tell_keyed("withdrawn", "withdrawalExercised", payload);
    }

    /// An instalment is postponed.
    pub(crate) fn rescheduled(&mut self, number: u32, to: Instant) {
        self.plan_changed("PLAN_CHANGE_RESCHEDULED", |agreed| {
            let entries = agreed.plan.instalments.iter_mut();
            entries.filter(|entry| entry.number == number).for_each(|entry| entry.due_date = to);
        });
    }

    /// The provider states a new version of the plan. Its number.
    pub(super) fn plan_changed(&mut self, why: &str, change: impl FnOnce(&mut Agreed)) -> u32 {
        let Some(agreed) = &mut self.plan else { return 0 };
        change(agreed);
        agreed.version += 1;
        let version = agreed.version;
        let payload = schedule(&agreed.plan, version, self.provider, why);
        self.tell_keyed(&format!("plan:{version}"), "scheduleChosen", payload);
        version
    }

    /// The provider writes to the customer: the so-manieth letter of its kind.
    pub(crate) fn emailed(&mut self, template: &str, number: u32) {
        self.waits(1..=5);
        let payload = Object::new().text("template", template).number("number", number);
        self.tell_keyed(&format!("{}:{number}", template.to_lowercase()), "emailSent", payload);
    }
}
