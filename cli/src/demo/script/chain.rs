//! The chain: three companies, six shops, eleven terminals. All invented; the numbers only look right, so that what
//! checks them has something to check.

use talon_domain::ids::{MerchantId, ShopId};
use talon_domain::time::Instant;

use super::Shop;
use super::hours::clock;

/// A company of the chain.
#[derive(Clone, Copy)]
pub(super) struct Company {
    pub(super) merchant: MerchantId,
    /// What its papers call it.
    pub(super) label: &'static str,
}

/// A shop and what stands beside its tills.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) shop: Shop,
    /// The chain's own code, which stays when the shop moves.
    pub(super) code: &'static str,
    /// The establishment number that it had before, and the first day of its present one.
    pub(super) moved: Option<(u32, &'static str)>,
    pub(super) terminals: &'static [Terminal],
}

/// A terminal.
#[derive(Clone, Copy)]
pub(super) struct Terminal {
    /// Its number within its company.
    pub(super) number: u32,
    /// The till that it stands beside.
    pub(super) till: &'static str,
    /// How many customers begin a payment on it.
    pub(super) payments: u64,
    /// How many days its own clock is behind.
    pub(super) days_behind: i64,
    /// When another device took its place.
    pub(super) replaced_at: Option<Instant>,
    /// The first number that it counts with: some counted before anybody listened.
    pub(super) first_seq: u32,
    /// How it reaches the gateway.
    pub(super) link: Link,
    /// Whether somebody told the ledger that it is there.
    pub(super) is_registered: bool,
}

/// How a terminal reaches the gateway.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    Ethernet,
    Sim,
    /// The provider takes no payments over it.
    WiFi,
}

/// A terminal in its shop.
#[derive(Clone, Copy)]
pub(super) struct Counter {
    pub(super) shop: Shop,
    pub(super) terminal: &'static Terminal,
}

impl Terminal {
    /// One that works as it should.
    const fn new(number: u32, till: &'static str, payments: u64) -> Self {
        Self {
            number,
            till,
            payments,
            days_behind: 0,
            replaced_at: None,
            first_seq: 1,
            link: Link::Ethernet,
            is_registered: true,
        }
    }

    /// Which device answers to its number.
    pub(super) fn epoch(&self, at: Instant) -> u16 {
        if self.replaced_at.is_some_and(|replaced| replaced <= at) { 2 } else { 1 }
    }

    /// The first number of one of its devices: only the oldest can have counted before.
    pub(super) fn first_seq(&self, epoch: u16) -> u32 {
        if epoch == 1 { self.first_seq } else { 1 }
    }

    /// Every device that answers to its number on this day.
    pub(super) fn epochs(&self) -> std::ops::RangeInclusive<u16> {
        1..=if self.replaced_at.is_some() { 2 } else { 1 }
    }
}

impl Place {
    pub(super) fn counters(self) -> impl Iterator<Item = Counter> + Clone {
        self.terminals.iter().map(move |terminal| Counter { shop: self.shop, terminal })
    }
}

pub(super) const LYON: MerchantId = MerchantId(123_456_782);
/// The company whose customers pay a fee for three instalments.
pub(super) const NANTES: MerchantId = MerchantId(987_654_324);
pub(super) const LILLE: MerchantId = MerchantId(135_792_463);

/// All companies.
pub(super) const COMPANIES: [Company; 3] = [
    Company { merchant: LYON, label: "Cardamine Rhône" },
    Company { merchant: NANTES, label: "Cardamine Atlantique" },
    Company { merchant: LILLE, label: "Cardamine Nord" },
];

const fn place(shop: Shop, code: &'static str, terminals: &'static [Terminal]) -> Place {
    Place { shop, code, moved: None, terminals }
}

const fn shop(merchant: MerchantId, nic: u32, name: &'static str, town: &'static str) -> Shop {
    Shop { merchant, shop: ShopId(nic), name, town }
}

/// The shop that sells with two providers. One of its terminals is on the shop's Wi-Fi.
pub(super) const BELLECOUR: Place = place(
    shop(LYON, 10, "Cardamine Bellecour", "Lyon"),
    "LYO-1",
    &[
        Terminal::new(1, "C1", 46),
        Terminal::new(2, "C2", 42),
        Terminal { link: Link::WiFi, ..Terminal::new(3, "C3", 34) },
    ],
);
/// One of its terminals counted before anybody listened, and restarts in the afternoon; the other is replaced at one.
pub(super) const GRATTE_CIEL: Place = place(
    shop(LYON, 28, "Cardamine Gratte-Ciel", "Villeurbanne"),
    "LYO-2",
    &[
        Terminal { first_seq: 118, ..Terminal::new(4, "C1", 38) },
        Terminal { replaced_at: Some(clock(13, 0)), ..Terminal::new(5, "C2", 33) },
    ],
);
/// It moved across the river in September. Its terminal loses an event today.
pub(super) const ANNECY: Place = Place {
    moved: Some((44, "2026-09-01")),
    ..place(
        shop(LYON, 36, "Cardamine du Thiou", "Annecy"),
        "ANN-1",
        &[Terminal { link: Link::Sim, ..Terminal::new(6, "C1", 36) }],
    )
};
/// A terminal was lent to it, and nobody told the registry.
pub(super) const BOUFFAY: Place = place(
    shop(NANTES, 19, "Cardamine Bouffay", "Nantes"),
    "NTE-1",
    &[
        Terminal::new(1, "C1", 40),
        Terminal { days_behind: 3, link: Link::Sim, is_registered: false, ..Terminal::new(2, "C2", 36) },
    ],
);
/// Where the lights go out.
pub(super) const REZE: Place = place(
    shop(NANTES, 27, "Cardamine Pont-Rousseau", "Rezé"),
    "NTE-2",
    &[Terminal::new(3, "C1", 34), Terminal::new(4, "C2", 30)],
);
/// The shop whose till counts its tenders, too.
pub(super) const GRAND_PLACE: Place =
    place(shop(LILLE, 14, "Cardamine Grand-Place", "Lille"), "LIL-1", &[Terminal::new(1, "C1", 42)]);

/// All shops.
pub(super) const CHAIN: [Place; 6] = [BELLECOUR, GRATTE_CIEL, ANNECY, BOUFFAY, REZE, GRAND_PLACE];

/// All terminals, each in its shop.
pub(super) fn counters() -> impl Iterator<Item = Counter> + Clone {
    CHAIN.into_iter().flat_map(Place::counters)
}
