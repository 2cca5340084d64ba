//! The book that the day's stories are written into: who said what, when, before it sets off to the ledger; and what each
//! terminal took, as it would count itself.

use std::collections::BTreeMap;

use talon_domain::ids::{EventId, MerchantId, StreamId};
use talon_domain::time::Instant;

use super::account::Booked;
use super::chain::Counter;
use super::chance::Chance;
use super::json::Object;
use super::people::Customer;

const STORIES: u64 = 1;
const DELIVERY: u64 = 2;

/// Everything that is said on this day.
pub(super) struct Book {
    /// Decides what happens.
    pub(super) chance: Chance,
    /// Decides how it reaches the ledger; apart, so that a change of one leaves the other as it was.
    pub(super) post: Chance,
    pub(super) told: Vec<Told>,
    /// What the first provider books of the day.
    pub(super) booked: Vec<Booked>,
    takings: BTreeMap<Device, BTreeMap<&'static str, Taking>>,
    first_number: u64,
    customers: u64,
}

/// A company, its terminal's number, and which device stands behind it.
type Device = (MerchantId, u32, u16);

/// What a terminal took for a provider.
#[derive(Clone, Copy, Default)]
pub(super) struct Taking {
    /// Sales and refunds.
    pub(super) count: u32,
    /// Sales less refunds, in cents.
    pub(super) net: i64,
}

impl Book {
    pub(super) fn new(seed: u64) -> Self {
        let mut chance = Chance::of(seed, STORIES);
        let first_number = chance.below(1_000);
        let post = Chance::of(seed, DELIVERY);
        Self {
            chance,
            post,
            told: Vec::new(),
            booked: Vec::new(),
            takings: BTreeMap::new(),
            first_number,
            customers: 0,
        }
    }

    /// Somebody who was not here today.
    pub(super) fn customer(&mut self) -> Customer {
        self.customers += 1;
        Customer::nth(self.customers, self.first_number, &mut self.chance)
    }

    /// A terminal's own count of what it took for a provider: cents, negative if they went back.
    pub(super) fn took(&mut self, counter: Counter, at: Instant, provider: &'static str, cents: i64) {
        let terminal = counter.terminal;
        let device = (counter.shop.merchant, terminal.number, terminal.epoch(at));
        let taking = self.takings.entry(device).or_default().entry(provider).or_default();
        taking.count += 1;
        taking.net += cents;
    }

    /// What one device behind a terminal's number took, by provider.
    pub(super) fn takings(&self, counter: Counter, epoch: u16) -> BTreeMap<&'static str, Taking> {
        let device = (counter.shop.merchant, counter.terminal.number, epoch);
        self.takings.get(&device).cloned().unwrap_or_default()
    }

    /// The id of what was told last, if it has one of its own.
    pub(super) fn last_id(&self) -> Option<String> {
        match &self.told.last()?.name {
            Name::Id(id) => Some(id.clone()),
            Name::Key(_) => None,
        }
    }

    /// Something is told that belongs to no payment.
    pub(super) fn tell(
        &mut self,
        mouth: Mouth,
        of: Of,
        at: Instant,
        kind: &'static str,
        payload: Payload,
    ) -> &mut Told {
        let name = Name::Id(EventId(self.chance.uuid(at)).to_string());
        self.write(Told::new(mouth, name, of, at, kind, payload))
    }

    /// What is told is written down; what is peculiar to it can still be added.
    pub(super) fn write(&mut self, told: Told) -> &mut Told {
        self.told.push(told);
        self.told.last_mut().unwrap_or_else(|| unreachable!("it was written just now"))
    }
}

/// One fact, as it is told.
pub(super) struct Told {
    pub(super) mouth: Mouth,
    pub(super) name: Name,
    pub(super) of: Of,
    /// The payment that it belongs to, if it does to one.
    pub(super) payment: Option<StreamId>,
    /// When it happened.
    pub(super) at: Instant,
    /// By how many seconds the clock that says so is ahead.
    pub(super) ahead_s: i64,
    pub(super) training: bool,
    pub(super) personal: Option<Object>,
    /// The payload's key in an event.
    pub(super) kind: &'static str,
    pub(super) payload: Payload,
    /// When it was sent, if that was long after.
    pub(super) sent: Option<Instant>,
    /// So many numbers of the terminal named nothing before this one.
    pub(super) burnt: u32,
    /// It had its number, and never comes.
    pub(super) is_lost: bool,
}

impl Told {
    /// As most facts are told: of nobody, in time, by a clock that is right.
    pub(super) const fn new(
        mouth: Mouth,
        name: Name,
        of: Of,
        at: Instant,
        kind: &'static str,
        payload: Payload,
    ) -> Self {
        let (payment, personal, sent) = (None, None, None);
        let (ahead_s, training, burnt, is_lost) = (0, false, 0, false);
        Self { mouth, name, of, payment, at, ahead_s, training, personal, kind, payload, sent, burnt, is_lost }
    }
}

/// What a fact is told of.
#[derive(Clone, Copy)]
pub(super) enum Of {
    /// A company: who speaks knows no shop, or none is meant.
    Company(MerchantId),
    /// A terminal in its shop.
    Terminal(Counter),
}

impl Of {
    pub(super) const fn merchant(self) -> MerchantId {
        match self {
            Self::Company(merchant) => merchant,
            Self::Terminal(counter) => counter.shop.merchant,
        }
    }
}

/// What is told.
pub(super) enum Payload {
    Plain(Object),
    /// What a terminal says of its own numbers, made of the number that it is told under.
    Numbered(Box<dyn Fn(u32) -> Object>),
}

impl Payload {
    pub(super) fn of(&self, number: u32) -> Object {
        match self {
            Self::Plain(object) => object.clone(),
            Self::Numbered(object) => object(number),
        }
    }
}

/// Who tells.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mouth {
    Provider,
    Gateway,
    Terminal,
    /// Somebody in the chain's office.
    Person,
}

impl Mouth {
    pub(super) const fn source(self) -> &'static str {
        match self {
            Self::Provider => "SOURCE_PROVIDER",
            Self::Gateway => "SOURCE_GATEWAY",
            Self::Terminal => "SOURCE_TERMINAL",
            Self::Person => "SOURCE_PERSON",
        }
    }
}

/// How a fact is named for ever.
pub(super) enum Name {
    /// By an id of its own.
    Id(String),
    /// By what the provider calls it; the id follows from it.
    Key(String),
}
