//! From the till to the tickets: what is keyed, sent, chosen, accepted, debited and printed.

use super::{Agreed, Payment};
use crate::demo::script::account::Booked;
use crate::demo::script::book::Mouth;
use crate::demo::script::chain::Counter;
use crate::demo::script::hours::shown;
use crate::demo::script::json::Object;
use crate::demo::script::plans::{Wish, agreed, schedule};
use crate::demo::script::provider::ALMA;

/// A printed paper: its kind, what it is about, and which copy.
#[derive(Clone, Copy)]
pub(crate) struct Ticket<'a>(pub(crate) &'static str, pub(crate) &'a str, pub(crate) u32);

impl Payment<'_> {
    /// The seller types the amount.
    pub(crate) fn typed(&mut self) {
        let Counter { terminal, .. } = self.counter;
        let chance = &mut self.book.chance;
        let ticket = format!("{}-{:04}", terminal.till, chance.below(10_000));
        let cashier = chance.pick(&["02", "05", "07", "11", "14"]);
        let payload = Object::new()
            .cents("amount", self.cents)
            .text("provider", self.provider.code)
            .text("tillId", terminal.till)
            .text("tillTicket", &ticket)
            .text("cashierCode", cashier)
            .text("terminalClock", &shown(self.now, terminal.days_behind));
        self.tell(Mouth::Gateway, "paymentInitiated", payload);
    }

    /// This payment stands in for another one, which its customer never got.
    pub(crate) fn replaces(&mut self, other: &str, reason: &str) {
        let payload = Object::new().text("transactionId", other).text("reason", reason);
        self.tell(Mouth::Gateway, "paymentReplaces", payload);
    }

    /// The customer keys a phone number.
    pub(crate) fn phone_keyed(&mut self) {
        self.waits(9..=25);
        let number = self.customer.number();
        self.tell(Mouth::Gateway, "phoneVerified", Object::new().number("number", 1)).personal = Some(number);
    }

    /// A link leaves by SMS: the first, or one more.
    pub(crate) fn link_sent(&mut self, number: u32) {
        self.waits(1..=4);
        self.message = format!("sms_{}", self.book.chance.letters(12));
        let payload = Object::new().number("number", number).text("messageId", &self.message);
        self.tell(Mouth::Gateway, "smsSent", payload);
    }

    /// The carrier reports on the last link.
    pub(crate) fn link_reported(&mut self, number: u32, status: &str) {
        let payload = Object::new().number("number", number).text("status", status).text("messageId", &self.message);
        self.tell(Mouth::Gateway, "smsDelivery", payload);
    }

    /// The customer opens a link.
    pub(crate) fn link_opened(&mut self, number: u32) {
        self.tell(Mouth::Gateway, "linkOpened", Object::new().number("number", number));
    }

    /// The terminal has printed these.
    pub(crate) fn printed(&mut self, tickets: &[Ticket<'_>]) {
        self.printed_ahead(tickets, 0);
    }

    /// The same, by a clock that is so many seconds ahead.
    pub(crate) fn printed_ahead(&mut self, tickets: &[Ticket<'_>], ahead_s: i64) {
        self.waits(2..=7);
        let papers = tickets.iter().map(|Ticket(kind, about, copy)| {
            Object::new().text("kind", kind).text("about", about).number("copy", *copy)
        });
        let payload = Object::new().list("tickets", papers);
        self.tell(Mouth::Terminal, "ticketsPrinted", payload).ahead_s = ahead_s;
    }

    /// The terminal has printed a paper again.
    pub(crate) fn reprinted(&mut self, Ticket(kind, about, copy): Ticket<'_>) {
        let payload = Object::new().text("kind", kind).text("about", about).number("copy", copy);
        self.tell(Mouth::Terminal, "receiptReprinted", payload);
    }

    /// The customer has chosen, and the provider states the plan.
    pub(crate) fn plan_agreed(&mut self, wish: Wish) {
        let plan = agreed(wish, self.cents, self.counter.shop.merchant, self.now);
        let payload = schedule(&plan, 1, self.provider, "");
        self.tell_keyed("plan:1", "scheduleChosen", payload);
        self.plan = Some(Agreed { version: 1, plan, debited: 0 });
    }

    /// The gateway has heard of the plan, too.
    pub(crate) fn plan_heard_of(&mut self) {
        self.waits(1..=3);
        let Some(Agreed { version, plan, .. }) = &self.plan else { return };
        let payload = schedule(plan, *version, self.provider, "");
        self.tell(Mouth::Gateway, "scheduleChosen", payload);
    }

    /// The provider accepts this attempt; from then on the terminal counts the sale as its own.
    pub(crate) fn accepted(&mut self, attempt: u32) {
        self.waits(2..=6);
        let payload = Object::new()
            .text("paymentId", &self.provider.payment_id(&self.letters))
            .cents("amount", self.cents)
            .number("attempt", attempt);
        let (payload, name) = (self.of_provider(payload), self.customer.name());
        self.tell_keyed("accepted", "paymentAccepted", payload).personal = name;
        if !self.training && self.sent.is_none() {
            self.book.took(self.counter, self.now, self.provider.code, self.cents.cast_signed());
        }
        self.booked(None, self.cents.cast_signed());
    }

    /// The provider books a sale, or a refund.
    pub(super) fn booked(&mut self, refund: Option<String>, cents: i64) {
        if self.training || self.provider.code != ALMA.code {
            return;
        }
        let count = self.plan.as_ref().map_or(0, |agreed| agreed.plan.installments_count);
        let (merchant, payment, at) = (self.counter.shop.merchant, self.provider.payment_id(&self.letters), self.now);
        let earlier = self.sent.is_some();
        self.book.booked.push(Booked { merchant, payment, refund, cents, count, at, earlier });
    }

    /// The provider has debited the first instalment.
    pub(crate) fn card_debited(&mut self) {
        self.waits(2..=15);
        let debit = Object::new().cents("amount", self.due(1)).text("debitId", &self.debit_id("1"));
        self.tell_keyed("debit:1", "cardDebited", self.of_payment(debit));
        if let Some(agreed) = &mut self.plan {
            agreed.debited = 1;
        }
    }

    /// It debits it again, under another id.
    pub(crate) fn card_debited_again(&mut self) {
        let debit = Object::new().cents("amount", self.due(1)).text("debitId", &self.debit_id("1b"));
        self.tell_keyed("debit:1b", "cardDebited", self.of_payment(debit));
    }

    /// The gateway has heard of the first debit, and knows no id of it. It may have misheard, by so many cents.
    pub(crate) fn debit_heard_of(&mut self, too_much: u64) {
        self.waits(1..=3);
        let payload = self.of_provider(Object::new().cents("amount", self.due(1) + too_much));
        self.tell(Mouth::Gateway, "cardDebited", payload);
    }

    /// The gateway takes back what it told last.
    pub(crate) fn taken_back(&mut self, reason: &str) {
        let Some(told) = self.book.last_id() else { return };
        let payload = Object::new().text("eventId", &told).text("reason", reason);
        self.tell(Mouth::Gateway, "factReversed", payload);
    }

    /// The provider says how an attempt ended, short of acceptance.
    pub(crate) fn ended(&mut self, kind: &'static str, attempt: u32, reason: &str) {
        let payload = self.ending(attempt, reason);
        self.tell_keyed(&format!("{kind}:{attempt}"), kind, payload);
    }

    /// The shop says what it believes or wishes of the first attempt.
    pub(crate) fn shop_says(&mut self, kind: &'static str, reason: &str) {
        let payload = self.ending(1, reason);
        self.tell(Mouth::Terminal, kind, payload);
    }

    fn ending(&self, attempt: u32, reason: &str) -> Object {
        self.of_provider(Object::new().number("attempt", attempt).text("reason", reason))
    }
}
