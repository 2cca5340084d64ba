//! The chain: three companies, six shops, eleven terminals. All invented; the numbers only look right, so that what
//! checks them has something to check.

use talon_domain::ids::{MerchantId, ShopId};
use talon_domain::time::Instant;

use super::Shop;
use super::hours::clock;

/// A shop and what stands beside its tills.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) shop: Shop,
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
        Self { number, till, payments, days_behind: 0, replaced_at: None }
    }

    /// Which device answers to its number.
    pub(super) fn epoch(&self, at: Instant) -> u16 {
        if self.replaced_at.is_some_and(|replaced| replaced <= at) { 2 } else { 1 }
    }
}

const LYON: MerchantId = MerchantId(123_456_782);
/// The company whose customers pay a fee for three instalments.
pub(super) const NANTES: MerchantId = MerchantId(987_654_324);
const LILLE: MerchantId = MerchantId(135_792_463);

const fn shop(merchant: MerchantId, nic: u32, name: &'static str, town: &'static str) -> Shop {
    Shop { merchant, shop: ShopId(nic), name, town }
}

const BELLECOUR: Place = Place {
    shop: shop(LYON, 10, "Cardamine Bellecour", "Lyon"),
    terminals: &[Terminal::new(1, "C1", 46), Terminal::new(2, "C2", 42), Terminal::new(3, "C3", 34)],
};
const GRATTE_CIEL: Place = Place {
    shop: shop(LYON, 28, "Cardamine Gratte-Ciel", "Villeurbanne"),
    terminals: &[
        Terminal::new(4, "C1", 38),
        Terminal { replaced_at: Some(clock(13, 0)), ..Terminal::new(5, "C2", 33) },
    ],
};
const ANNECY: Place =
    Place { shop: shop(LYON, 36, "Cardamine du Thiou", "Annecy"), terminals: &[Terminal::new(6, "C1", 36)] };
const BOUFFAY: Place = Place {
    shop: shop(NANTES, 19, "Cardamine Bouffay", "Nantes"),
    terminals: &[Terminal::new(1, "C1", 40), Terminal { days_behind: 3, ..Terminal::new(2, "C2", 36) }],
};
/// Where the lights go out.
pub(super) const REZE: Place = Place {
    shop: shop(NANTES, 27, "Cardamine Pont-Rousseau", "Rezé"),
    terminals: &[Terminal::new(3, "C1", 34), Terminal::new(4, "C2", 30)],
};
const GRAND_PLACE: Place =
    Place { shop: shop(LILLE, 14, "Cardamine Grand-Place", "Lille"), terminals: &[Terminal::new(1, "C1", 42)] };

/// All shops.
pub(super) const CHAIN: [Place; 6] = [BELLECOUR, GRATTE_CIEL, ANNECY, BOUFFAY, REZE, GRAND_PLACE];

/// All terminals, each in its shop.
pub(super) fn counters() -> impl Iterator<Item = Counter> + Clone {
    CHAIN
        .into_iter()
        .flat_map(|place| place.terminals.iter().map(move |terminal| Counter { shop: place.shop, terminal }))
}
