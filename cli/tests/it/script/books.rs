//! The books of the day: what the accounts add up to is what the payments hold, and what was told.

use std::collections::{BTreeMap, BTreeSet};

use talon_domain::contribution::{Account, Key, contributions};
use talon_domain::fact::{ChargebackStage, Payload, RefundEnd};
use talon_domain::ids::ShopId;
use talon_domain::money::{Amount, Currency, Totals};
use talon_domain::state::{Standing, State};

use super::ledger::{DAYS, Ledger};

type Books = BTreeMap<Key, i128>;

fn books<'s>(states: impl IntoIterator<Item = &'s State>) -> Books {
    let mut books = Books::new();
    for (key, minor_units) in states.into_iter().flat_map(contributions) {
        *books.entry(key).or_default() += minor_units;
    }
    books
}

fn of(books: &Books, account: Account) -> u128 {
    let sum: i128 = books.iter().filter(|(key, _)| key.account == account).map(|(_, sum)| sum).sum();
    sum.try_into().expect("no account of a day is negative")
}

fn counted(ledger: &Ledger) -> impl Iterator<Item = &State> + Clone {
    ledger.states.iter().filter(|state| !state.key.training)
}

fn sum(totals: impl Iterator<Item = Totals>) -> u128 {
    totals.map(|totals| totals.of(Currency::EUR)).sum()
}

#[test]
fn accounts_are_the_sums_of_the_payments() {
    for ledger in DAYS.iter() {
        let (books, states) = (books(&ledger.states), counted(ledger));
        let sales = states.clone().filter_map(|state| state.sale).filter(|sale| sale.day.is_some());
        assert_eq!(of(&books, Account::Sale), sales.map(|sale| sale.minor_units).sum());
        assert_eq!(of(&books, Account::Collected), sum(states.clone().map(State::collected)));
        assert_eq!(of(&books, Account::Suspense), sum(states.clone().map(State::suspense)));
        let refunded = [Account::RefundCash, Account::RefundRebate, Account::RefundUndivided];
        let given_back: u128 = refunded.into_iter().map(|account| of(&books, account)).sum();
        assert_eq!(given_back, sum(states.clone().map(State::refunded)));
        assert_eq!((of(&books, Account::RefundUndivided), of(&books, Account::SuspenseBack)), (0, 0));
        let disputes = states.flat_map(|state| &state.disputes);
        let gone = disputes.filter(|dispute| dispute.standing == Some(Standing::Counts)).filter_map(|d| d.money);
        assert_eq!(of(&books, Account::Chargeback), sum(std::iter::once(gone.collect())));
        assert!(books.keys().all(|key| key.currency == Currency::EUR));
    }
}

/// What the provider said of each of its own names, added up without the fold.
#[test]
fn accounts_are_what_was_told() {
    for ledger in DAYS.iter() {
        let (mut debits, mut cash, mut rebates, mut disputes) =
            (BTreeMap::new(), BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for fact in ledger.facts.iter().filter(|fact| !fact.header.training) {
            match &fact.payload {
                Payload::Debited(p) => {
                    if let Some(id) = &p.debit_id {
                        debits.insert(id.clone(), p.amount.amount.minor_units());
                    }
                }
                Payload::Refunded(p) => {
                    let RefundEnd::Completed { cash: back, rebate, .. } = &p.end else { continue };
                    let id = p.refund_id.clone().expect("the provider names its refunds");
                    cash.insert(id.clone(), back.map_or(0, Amount::minor_units));
                    rebates.insert(id, rebate.map_or(0, Amount::minor_units));
                }
                Payload::Chargeback(p) => {
                    let amount = p.amount.expect("stated").amount.minor_units();
                    let left = disputes.entry(p.dispute_id.clone()).or_insert(amount);
                    if p.stage == ChargebackStage::Won {
                        *left = 0;
                    }
                }
                _ => {}
            }
        }
        let books = books(&ledger.states);
        let told = |told: &BTreeMap<_, u64>| told.values().copied().map(u128::from).sum::<u128>();
        assert_eq!(of(&books, Account::Collected) + of(&books, Account::Suspense), told(&debits));
        assert_eq!(of(&books, Account::RefundCash), told(&cash));
        assert_eq!(of(&books, Account::RefundRebate), told(&rebates));
        assert_eq!(of(&books, Account::Chargeback), told(&disputes));
        assert!(told(&cash) > 0 && told(&rebates) > 0 && told(&disputes) > 0);
    }
}

#[test]
fn two_providers_of_one_shop_and_day_are_never_one_total() {
    for ledger in DAYS.iter() {
        let both = ledger.day.shops.iter().find(|shop| shop.name == "Cardamine Bellecour").expect("a shop");
        let there = |key: &Key| (key.merchant, key.shop, key.day) == (both.merchant, both.shop, ledger.day.date);
        let books = books(&ledger.states);
        for account in [Account::Sale, Account::Collected] {
            let of_it: Vec<_> = books.iter().filter(|(key, _)| there(key) && key.account == account).collect();
            let providers: BTreeSet<_> = of_it.iter().map(|(key, _)| &*key.provider).collect();
            assert_eq!(providers, BTreeSet::from(["alma", "oney"]), "{account:?}");
            let by = |provider: &str| -> i128 {
                of_it.iter().filter(|(key, _)| &*key.provider == provider).map(|(_, sum)| **sum).sum()
            };
            let alone = |provider: &str| -> i128 {
                let own = ledger.states.iter().filter(|state| state.provider.as_deref() == Some(provider));
                let own = self::books(own).into_iter().filter(|(key, _)| there(key) && key.account == account);
                own.map(|(_, sum)| sum).sum()
            };
            assert!(by("alma") > 0 && by("oney") > 0);
            assert_eq!((by("alma"), by("oney")), (alone("alma"), alone("oney")));
        }
        let elsewhere = books.keys().filter(|key| key.shop != both.shop && key.shop != ShopId(0));
        assert!(elsewhere.into_iter().all(|key| &*key.provider == "alma"));
    }
}
