//! Which shops have an establishment number, as a whole file leaves the park. Invariants:
//! - a row is held against the park with every row of its file: neither their order nor a swap of two numbers matters
//! - of two rows that want one number on one day the earlier has it; what stood before the file gives way to no row
//! - what was refused would be refused again beside what was taken: the same file a second time changes nothing
//!
//! Only shops that share a number are compared.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use talon_domain::fact::{Shop, Text};
use talon_domain::ids::{MerchantId, ShopId};
use talon_domain::time::Day;
use talon_projections::registry::{Registry, nic_on};

type Key = (MerchantId, Text);

/// The place of a row in its file, from 1; 0 is what stands.
type Rank = usize;
const STANDS: Rank = 0;

/// A row that states a shop anew.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) merchant: MerchantId,
    pub(super) shop: Shop,
}

/// Shops, by code and by number.
#[derive(Clone, Debug, Default)]
pub(super) struct Nics {
    shops: BTreeMap<Key, (Rank, Shop)>,
    /// Who has a number on any day, earlier rows first.
    holders: BTreeMap<(MerchantId, ShopId), BTreeSet<(Rank, Text)>>,
}

/// Rows on their way.
struct Pass<'c> {
    claims: &'c [Claim],
    /// What stood under a row's code.
    before: BTreeMap<Rank, Option<Shop>>,
    refused: BTreeSet<Rank>,
    /// Rows to be held against what stands.
    queue: VecDeque<Rank>,
}

impl Nics {
    pub(super) fn of(registry: &Registry) -> Self {
        let mut nics = Self::default();
        registry.shops().for_each(|(merchant, stated)| nics.put(merchant, stated.what.clone(), STANDS));
        nics
    }

    /// Settles which of these rows, in the order of their file, are taken: `false` is one whose number another shop has.
    pub(super) fn settle(&mut self, claims: &[Claim]) -> Vec<bool> {
        let mut open: BTreeSet<Rank> = (1..=claims.len()).collect();
        loop {
            let refused = self.pass(claims, &open);
            let taken: Vec<Rank> = open.difference(&refused).copied().collect();
            for claim in taken.iter().filter_map(|rank| claim(claims, *rank)) {
                self.put(claim.merchant, claim.shop.clone(), STANDS);
            }
            // What gave way to a row that gave way itself is tried again, until nothing moves.
            if taken.is_empty() || refused.is_empty() {
                return (1..=claims.len()).map(|rank| !refused.contains(&rank)).collect();
            }
            open = refused;
        }
    }

    /// Lets all open rows in, and takes out those that clash: first with what stands, then with an earlier row.
    fn pass(&mut self, claims: &[Claim], open: &BTreeSet<Rank>) -> BTreeSet<Rank> {
        let mut pass = Pass { claims, before: BTreeMap::new(), refused: BTreeSet::new(), queue: VecDeque::new() };
        for rank in open {
            if let Some(claim) = claim(claims, *rank) {
                pass.before.insert(*rank, self.remove(claim).map(|(_, shop)| shop));
                self.put(claim.merchant, claim.shop.clone(), *rank);
            }
        }
        pass.queue.extend(open);
        self.refuse_what_stands_elsewhere(&mut pass);
        for rank in open {
            if !pass.refused.contains(rank) && claim(claims, *rank).is_some_and(|claim| self.clashes(claim, *rank)) {
                self.refuse(*rank, &mut pass);
                self.refuse_what_stands_elsewhere(&mut pass);
            }
        }
        pass.refused
    }

    fn refuse_what_stands_elsewhere(&mut self, pass: &mut Pass<'_>) {
        while let Some(rank) = pass.queue.pop_front() {
            let clashes = claim(pass.claims, rank).is_some_and(|claim| self.clashes(claim, STANDS + 1));
            if clashes && !pass.refused.contains(&rank) {
                self.refuse(rank, pass);
            }
        }
    }

    /// Takes a row out. What stood for it comes back, and the rows that share its numbers are looked at again.
    fn refuse(&mut self, rank: Rank, pass: &mut Pass<'_>) {
        let Some(claim) = claim(pass.claims, rank) else { return };
        pass.refused.insert(rank);
        self.remove(claim);
        if let Some(shop) = pass.before.remove(&rank).flatten() {
            pass.queue.extend(self.rows_with(claim.merchant, &shop));
            self.put(claim.merchant, shop, STANDS);
        }
    }

    /// Whether a shop of a lower rank has one of a row's numbers on the same day.
    fn clashes(&self, claim: &Claim, below: Rank) -> bool {
        let Claim { merchant, shop } = claim;
        let holders = numbers(shop).into_iter().filter_map(|nic| self.holders.get(&(*merchant, nic)));
        let mut earlier = holders.flat_map(|holders| holders.iter().take_while(|(other, _)| *other < below));
        earlier.any(|(_, code)| {
            let other = self.shops.get(&(*merchant, code.clone()));
            *code != shop.code && other.is_some_and(|(_, other)| share_a_day(shop, other))
        })
    }

    fn rows_with(&self, merchant: MerchantId, shop: &Shop) -> Vec<Rank> {
        let holders = numbers(shop).into_iter().filter_map(|nic| self.holders.get(&(merchant, nic)));
        holders.flatten().map(|(rank, _)| *rank).filter(|rank| *rank != STANDS).collect()
    }

    fn put(&mut self, merchant: MerchantId, shop: Shop, rank: Rank) {
        self.remove(&Claim { merchant, shop: shop.clone() });
        for nic in numbers(&shop) {
            self.holders.entry((merchant, nic)).or_default().insert((rank, shop.code.clone()));
        }
        self.shops.insert((merchant, shop.code.clone()), (rank, shop));
    }

    /// Takes out what stands under a shop's code.
    fn remove(&mut self, of: &Claim) -> Option<(Rank, Shop)> {
        let (rank, shop) = self.shops.remove(&(of.merchant, of.shop.code.clone()))?;
        for nic in numbers(&shop) {
            if let Some(holders) = self.holders.get_mut(&(of.merchant, nic)) {
                holders.remove(&(rank, shop.code.clone()));
            }
        }
        Some((rank, shop))
    }
}

fn claim(claims: &[Claim], rank: Rank) -> Option<&Claim> {
    claims.get(rank.checked_sub(1)?)
}

fn numbers(shop: &Shop) -> BTreeSet<ShopId> {
    shop.establishments.iter().map(|one| one.nic).collect()
}

/// Whether two shops have one number on one day. A shop's number changes on few days: those are looked at.
fn share_a_day(shop: &Shop, other: &Shop) -> bool {
    let begins =
        |one: &Shop| one.establishments.iter().map(|one| one.from_day.unwrap_or_default()).collect::<Vec<Day>>();
    let mut days = begins(shop).into_iter().chain(begins(other));
    days.any(|day| nic_on(shop, day).is_some_and(|nic| nic_on(other, day) == Some(nic)))
}

#[cfg(test)]
mod tests {
    use talon_domain::fact::{Decided, Establishment};

    use super::*;

    const MERCHANT: MerchantId = MerchantId(732_829_320);

    fn claim_of((code, nic): (&str, u32)) -> Claim {
        let establishments = vec![Establishment { nic: ShopId(nic), from_day: None }];
        let (label, town, closed_from, decided) = (None, None, None, Decided::default());
        let shop = Shop { code: code.into(), label, town, establishments, closed_from, decided, revision: 0 };
        Claim { merchant: MERCHANT, shop }
    }

    /// Shops that stand, rows, and which of them are taken; then the rows that were not are tried again.
    fn settled(standing: &[(&str, u32)], rows: &[(&str, u32)]) -> Vec<bool> {
        let mut nics = Nics::default();
        standing.iter().for_each(|one| nics.put(MERCHANT, claim_of(*one).shop, STANDS));
        let claims: Vec<_> = rows.iter().map(|row| claim_of(*row)).collect();
        let taken = nics.settle(&claims);
        let left: Vec<_> =
            claims.into_iter().zip(&taken).filter(|(_, taken)| !**taken).map(|(claim, _)| claim).collect();
        assert!(nics.settle(&left).into_iter().all(|taken| !taken), "a second time changes nothing: {rows:?}");
        taken
    }

    #[test]
    fn neither_order_nor_a_swap_matters() {
        assert_eq!(settled(&[("A", 1)], &[("N", 1), ("A", 2)]), [true, true]);
        assert_eq!(settled(&[("A", 1)], &[("A", 2), ("N", 1)]), [true, true]);
        assert_eq!(settled(&[("A", 1), ("B", 2)], &[("A", 2), ("B", 1)]), [true, true]);
        assert_eq!(settled(&[("A", 1), ("B", 2), ("C", 3)], &[("B", 3), ("C", 1), ("A", 2)]), [true; 3]);
    }

    #[test]
    fn what_stands_keeps_its_number_and_an_earlier_row_has_it_first() {
        assert_eq!(settled(&[("A", 1)], &[("N", 1)]), [false]);
        assert_eq!(settled(&[], &[("N", 1), ("M", 1)]), [true, false]);
        // A keeps 1, since B keeps 2: what wanted 1 gives way too.
        assert_eq!(settled(&[("A", 1), ("B", 2)], &[("N", 1), ("A", 2)]), [false, false]);
    }

    #[test]
    fn no_row_gives_way_to_a_row_that_gives_way() {
        // B cannot have 3, so A cannot have 2; N, which wanted A's second number, has it.
        let mut two = claim_of(("A", 2));
        two.shop.establishments.push(Establishment { nic: ShopId(7), from_day: Some(Day(9_000)) });
        let mut nics = Nics::default();
        for standing in [("B", 2), ("C", 3)] {
            nics.put(MERCHANT, claim_of(standing).shop, STANDS);
        }
        assert_eq!(nics.settle(&[two, claim_of(("N", 7)), claim_of(("B", 3))]), [false, true, false]);
    }

    /// Small parks of any kind: whatever is taken, no two shops share a number on a day, and the rest stays refused.
    #[test]
    fn no_park_is_left_with_a_number_in_two_shops() {
        let mut random = 7u64;
        let mut next = |most: u32| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            u32::try_from(random >> 33).expect("31 bits") % most
        };
        let (mut taken_in_all, mut refused_in_all) = (0, 0);
        for _ in 0..5_000 {
            let mut any = || {
                let mut one = claim_of((["A", "B", "C", "D", "E"][next(5) as usize], 1 + next(6)));
                if next(3) == 0 {
                    one.shop
                        .establishments
                        .push(Establishment { nic: ShopId(1 + next(6)), from_day: Some(Day(9_000)) });
                }
                one
            };
            let mut nics = Nics::default();
            for one in (0..4).map(|_| any()).collect::<Vec<_>>() {
                nics.settle(&[one]);
            }
            let mut rows: Vec<Claim> = (0..5).map(|_| any()).collect();
            let mut codes = BTreeSet::new();
            rows.retain(|row| codes.insert(row.shop.code.clone()));
            let taken = nics.settle(&rows);
            let shops: Vec<_> = nics.shops.values().map(|(_, shop)| shop).collect();
            for (at, shop) in shops.iter().enumerate() {
                assert!(shops[at + 1..].iter().all(|other| !share_a_day(shop, other)), "{rows:?} {taken:?}");
            }
            for (row, taken) in rows.iter().zip(&taken) {
                let stands = nics.shops.get(&(MERCHANT, row.shop.code.clone())).map(|(_, shop)| shop);
                assert!(!taken || stands == Some(&row.shop), "{rows:?}");
            }
            let left: Vec<_> = rows.into_iter().zip(&taken).filter(|(_, taken)| !**taken).map(|(row, _)| row).collect();
            let again = nics.settle(&left);
            assert!(again.iter().all(|taken| !taken), "{left:?}");
            taken_in_all += taken.iter().filter(|taken| **taken).count();
            refused_in_all += left.len();
        }
        assert!(taken_in_all > 5_000 && refused_in_all > 3_000, "{taken_in_all} {refused_in_all}");
    }

    #[test]
    fn a_long_chain_is_settled_at_once() {
        let codes: Vec<String> = (0..30_000).map(|n| format!("S{n:05}")).collect();
        let standing: Vec<_> = codes.iter().map(String::as_str).zip(1..).collect();
        let moved: Vec<_> = codes.iter().map(String::as_str).zip(2..).collect();
        let mut free = moved.clone();
        free.reverse();
        assert!(settled(&standing, &moved).into_iter().all(|taken| taken), "the last number was nobody's");
        assert!(settled(&standing, &free).into_iter().all(|taken| taken));
        let mut blocked = standing.clone();
        blocked.push(("Z", 30_001));
        assert!(settled(&blocked, &moved).into_iter().all(|taken| !taken), "the last one has no place to go");
    }
}
