//! One payment while it is told, step by step. Each step takes its time and is told by the mouth that would tell it: the
//! gateway what was keyed and sent, the terminal what it printed or gave up, the provider everything about money.
//!
//! ```text
//! flow: from the till to the tickets | afterwards: what becomes of the plan | money_back: refunds and disputes
//! ```

mod afterwards;
mod flow;
mod money_back;

use std::ops::RangeInclusive;

use talon_domain::ids::{EventId, StreamId};
use talon_domain::plan::{Instalment, Plan};
use talon_domain::time::Instant;

use super::book::{Book, Mouth, Name, Of, Payload, Told};
use super::chain::Counter;
use super::hours::later_ms;
use super::json::Object;
use super::people::Customer;
use super::provider::{ALMA, Provider};

pub(super) use flow::Ticket;
pub(super) use money_back::Back;

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
    /// Who finances it.
    pub(super) provider: Provider,
    counter: Counter,
    customer: Customer,
    /// What the provider's names of it end with.
    letters: String,
    plan: Option<Agreed>,
    /// The carrier's name of the last link that was sent.
    message: String,
    /// The name of the refund that was asked last.
    request: String,
    refunds: u32,
    sent: Option<Instant>,
}

/// The plan in force.
struct Agreed {
    version: u32,
    plan: Plan,
    /// How many of its instalments were debited, from the first.
    debited: u32,
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
        let letters = chance.letters(10);
        Self {
            book,
            id,
            cents,
            training: false,
            now: start,
            provider: ALMA,
            counter,
            customer,
            letters,
            plan: None,
            message: String::new(),
            request: String::new(),
            refunds: 0,
            sent: None,
        }
    }

    /// At the same till, for the same amount, once more.
    pub(super) fn begun_again(&mut self) -> Payment<'_> {
        let (cents, provider) = (self.cents, self.provider);
        Payment { cents, provider, ..Payment::begun(self.book, self.counter, self.now) }
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

    /// Nothing happens until this moment.
    pub(super) fn rests(&mut self, until: Instant) {
        self.now = until;
    }

    /// So many seconds pass, give or take.
    pub(super) fn waits(&mut self, seconds: RangeInclusive<u64>) {
        let ms = self.book.chance.within(seconds.start() * 1_000..=seconds.end() * 1_000);
        self.now = later_ms(self.now, ms);
    }

    /// When this instalment falls due; now, without a plan.
    pub(super) fn due_date(&self, number: u32) -> Instant {
        self.entry(number).map_or(self.now, |entry| entry.due_date)
    }

    fn due(&self, number: u32) -> u64 {
        self.entry(number).map_or(self.cents, |entry| entry.total_amount.minor_units())
    }

    fn entry(&self, number: u32) -> Option<&Instalment> {
        self.plan.as_ref()?.plan.instalments.iter().find(|entry| entry.number == number)
    }

    fn debit_id(&self, which: &str) -> String {
        self.provider.debit_id(&self.letters, which)
    }

    /// What ends everything that a provider, or somebody who asks one, says of a payment.
    fn of_provider(&self, payload: Object) -> Object {
        payload.text("provider", self.provider.code)
    }

    fn of_payment(&self, payload: Object) -> Object {
        self.of_provider(payload.text("paymentId", &self.provider.payment_id(&self.letters)))
    }

    fn tell(&mut self, mouth: Mouth, kind: &'static str, payload: Object) -> &mut Told {
        let id = EventId(self.book.chance.uuid(self.now)).to_string();
        self.write(mouth, Name::Id(id), Of::Terminal(self.counter), kind, payload)
    }

    /// The provider knows the company and not its shops. It makes no ids of our kind: it names what it tells, and the id
    /// follows.
    fn tell_keyed(&mut self, what: &str, kind: &'static str, payload: Object) -> &mut Told {
        let Provider { code, .. } = self.provider;
        let key = format!("{code}:{}:{what}", self.provider.payment_id(&self.letters));
        self.write(Mouth::Provider, Name::Key(key), Of::Company(self.counter.shop.merchant), kind, payload)
    }

    fn write(&mut self, mouth: Mouth, name: Name, of: Of, kind: &'static str, payload: Object) -> &mut Told {
        let told = Told::new(mouth, name, of, self.now, kind, Payload::Plain(payload));
        self.book.write(Told { payment: Some(self.id), training: self.training, sent: self.sent, ..told })
    }
}
