//! One payment while it is told, step by step. Each step takes its time and is told by the mouth that would tell it: the
//! gateway what was keyed and sent, the terminal what it printed or gave up, the provider everything about money.

use std::ops::RangeInclusive;

use talon_domain::ids::{EventId, StreamId};
use talon_domain::plan::{Instalment, Plan};
use talon_domain::time::Instant;

use super::book::{Book, Mouth, Name, Told};
use super::chain::Counter;
use super::hours::{later_ms, shown};
use super::json::Object;
use super::people::Customer;
use super::plans::{Wish, agreed, schedule};

/// Who finances every payment of the day.
pub(super) const PROVIDER: &str = "alma";

/// One payment.
pub(super) struct Payment<'b> {
    pub(super) book: &'b mut Book,
    pub(super) id: StreamId,
    /// What it costs, in cents.
    pub(super) cents: u64,
    /// For practice.
    pub(super) training: bool,
    /// How far the story has come.
    pub(super) now: Instant,
    counter: Counter,
    customer: Customer,
    /// The provider's id of it.
    provider_id: String,
    plan: Option<Plan>,
    sent: Option<Instant>,
}

impl<'b> Payment<'b> {
    /// A customer steps up to the till.
    pub(super) fn begun(book: &'b mut Book, counter: Counter, start: Instant) -> Self {
        let customer = book.customer();
        let chance = &mut book.chance;
        // Two draws, the smaller one: more lamps are sold than beds.
        let euro = chance.within(55..=980).min(chance.within(55..=980));
        let cents = euro * 100 + chance.pick(&[0, 50, 90, 95]);
        let id = StreamId(chance.uuid(start));
        let provider_id = format!("payment_11x{}", chance.letters(10));
        let (plan, sent, training) = (None, None, false);
        Self { book, id, cents, training, now: start, counter, customer, provider_id, plan, sent }
    }

    /// What was told so far and what follows is sent only now, whenever it happened.
    pub(super) fn sent_from_archive(&mut self, at: Instant) {
        self.sent = Some(at);
    }

    /// From here on it is told as it happens.
    pub(super) fn goes_on(&mut self, at: Instant) {
        self.sent = None;
        self.now = at;
    }

    /// So many seconds pass, give or take.
    pub(super) fn waits(&mut self, seconds: RangeInclusive<u64>) {
        let ms = self.book.chance.within(seconds.start() * 1_000..=seconds.end() * 1_000);
        self.now = later_ms(self.now, ms);
    }

    /// The seller types the amount.
    pub(super) fn typed(&mut self) {
        let Counter { terminal, .. } = self.counter;
        let chance = &mut self.book.chance;
        let ticket = format!("{}-{:04}", terminal.till, chance.below(10_000));
        let cashier = chance.pick(&["02", "05", "07", "11", "14"]);
        let payload = Object::new()
            .cents("amount", self.cents)
            .text("provider", PROVIDER)
            .text("tillId", terminal.till)
            .text("tillTicket", &ticket)
            .text("cashierCode", cashier)
            .text("terminalClock", &shown(self.now, terminal.days_behind));
        self.tell(Mouth::Gateway, "paymentInitiated", payload);
    }

    /// The customer keys a phone number.
    pub(super) fn phone_keyed(&mut self) {
        self.waits(9..=25);
        let personal = Some(self.customer.number());
        self.tell_of(Mouth::Gateway, "phoneVerified", Object::new().number("number", 1), personal);
    }

    /// A link leaves by SMS: the first, or one more.
    pub(super) fn link_sent(&mut self, number: u32) {
        self.waits(1..=4);
        let message = format!("sms_{}", self.book.chance.letters(12));
        let payload = Object::new().number("number", number).text("messageId", &message);
        self.tell(Mouth::Gateway, "smsSent", payload);
    }

    /// The terminal has printed these.
    pub(super) fn printed(&mut self, tickets: &[Ticket]) {
        self.printed_ahead(tickets, 0);
    }

    /// The same, by a clock that is so many seconds ahead.
    pub(super) fn printed_ahead(&mut self, tickets: &[Ticket], ahead_s: i64) {
        self.waits(2..=7);
        let papers = tickets.iter().map(|Ticket(kind, copy)| Object::new().text("kind", kind).number("copy", *copy));
        self.tell(Mouth::Terminal, "ticketsPrinted", Object::new().list("tickets", papers));
        if let Some(told) = self.book.told.last_mut() {
            told.ahead_s = ahead_s;
        }
    }

    /// The customer has chosen, and the provider states the plan.
    pub(super) fn plan_agreed(&mut self, wish: Wish) {
        let plan = agreed(wish, self.cents, self.counter.shop.merchant, self.now);
        self.tell_keyed("plan:1", "scheduleChosen", schedule(&plan), None);
        self.plan = Some(plan);
    }

    /// The provider accepts this attempt.
    pub(super) fn accepted(&mut self, attempt: u32) {
        self.waits(2..=6);
        let payload = Object::new()
            .text("paymentId", &self.provider_id)
            .cents("amount", self.cents)
            .number("attempt", attempt)
            .text("provider", PROVIDER);
        let personal = self.customer.name();
        self.tell_keyed("accepted", "paymentAccepted", payload, personal);
    }

    /// The provider has debited the first instalment.
    pub(super) fn card_debited(&mut self) {
        self.waits(2..=15);
        let debit = Object::new().cents("amount", self.due(1)).text("debitId", &self.debit_id("1"));
        self.tell_keyed("debit:1", "cardDebited", self.of_provider(debit), None);
    }

    /// It debits it again, under another id.
    pub(super) fn card_debited_again(&mut self) {
        let debit = Object::new().cents("amount", self.due(1)).text("debitId", &self.debit_id("1b"));
        self.tell_keyed("debit:1b", "cardDebited", self.of_provider(debit), None);
    }

    /// The gateway has heard of the first debit, and knows no id of it.
    pub(super) fn debit_heard_of(&mut self) {
        self.waits(1..=3);
        let payload = Object::new().cents("amount", self.due(1)).text("provider", PROVIDER);
        self.tell(Mouth::Gateway, "cardDebited", payload);
    }

    /// A later instalment is debited.
    pub(super) fn instalment_debited(&mut self, number: u32) {
        let debit = Object::new().number("instalment", number).cents("amount", self.due(number));
        let debit = debit.text("debitId", &self.debit_id(&number.to_string()));
        self.tell_keyed(&format!("debit:{number}"), "instalmentDebited", self.of_provider(debit), None);
    }

    /// The debit of a later instalment fails.
    pub(super) fn debit_failed(&mut self, number: u32, reason: &str) {
        let payload = Object::new()
            .number("instalment", number)
            .number("attempt", 1)
            .cents("amount", self.due(number))
            .text("reason", reason)
            .text("provider", PROVIDER);
        self.tell_keyed(&format!("debit:{number}:failed:1"), "debitFailed", payload, None);
    }

    /// The provider says how an attempt ended, short of acceptance.
    pub(super) fn ended(&mut self, kind: &'static str, attempt: u32, reason: &str) {
        self.tell_keyed(&format!("{kind}:{attempt}"), kind, ending(attempt, reason), None);
    }

    /// The shop says what it believes or wishes of the first attempt.
    pub(super) fn shop_says(&mut self, kind: &'static str, reason: &str) {
        self.tell(Mouth::Terminal, kind, ending(1, reason));
    }

    /// When this instalment falls due; now, without a plan.
    pub(super) fn due_date(&self, number: u32) -> Instant {
        self.entry(number).map_or(self.now, |entry| entry.due_date)
    }

    fn due(&self, number: u32) -> u64 {
        self.entry(number).map_or(self.cents, |entry| entry.total_amount.minor_units())
    }

    fn entry(&self, number: u32) -> Option<&Instalment> {
        self.plan.as_ref()?.instalments.iter().find(|entry| entry.number == number)
    }

    fn debit_id(&self, which: &str) -> String {
        self.provider_id.replacen("payment", "installment", 1) + "_" + which
    }

    fn of_provider(&self, debit: Object) -> Object {
        debit.text("paymentId", &self.provider_id).text("provider", PROVIDER)
    }

    fn tell(&mut self, mouth: Mouth, kind: &'static str, payload: Object) {
        self.tell_of(mouth, kind, payload, None);
    }

    fn tell_of(&mut self, mouth: Mouth, kind: &'static str, payload: Object, personal: Option<Object>) {
        let id = EventId(self.book.chance.uuid(self.now)).to_string();
        self.write(mouth, Name::Id(id), kind, payload, personal);
    }

    /// The provider makes no ids of our kind: it names what it tells, and the id follows.
    fn tell_keyed(&mut self, what: &str, kind: &'static str, payload: Object, personal: Option<Object>) {
        let key = format!("{PROVIDER}:{}:{what}", self.provider_id);
        self.write(Mouth::Provider, Name::Key(key), kind, payload, personal);
    }

    fn write(&mut self, mouth: Mouth, name: Name, kind: &'static str, payload: Object, personal: Option<Object>) {
        self.book.told.push(Told {
            mouth,
            name,
            counter: self.counter,
            payment: self.id,
            at: self.now,
            ahead_s: 0,
            training: self.training,
            personal,
            kind,
            payload,
            sent: self.sent,
        });
    }
}

/// A printed paper: its kind and which copy.
#[derive(Clone, Copy)]
pub(super) struct Ticket(pub(super) &'static str, pub(super) u32);

fn ending(attempt: u32, reason: &str) -> Object {
    Object::new().number("attempt", attempt).text("reason", reason).text("provider", PROVIDER)
}
