//! Laws of the morning's list: an item has one name, whatever the order in which facts came and however often they were told.

use std::collections::{BTreeMap, BTreeSet};

use talon_projections::notes::ItemId;
use talon_projections::open_items::OpenItem;
use talon_projections::projection::Projection;
use talon_projections::registry::Registry;
use talon_projections::worklist::{About, Asked, Item, Kind, worklist};
use talon_testkit::traffic::{Histories, History};

use crate::facts::moment;
use crate::projection::projected;
use crate::tables::folded;

fn list(history: &History, projection: &Projection) -> Vec<Item> {
    let registry = Registry::of(&folded(history.records.iter()));
    let calendar = registry.working_days("FR");
    let asked = Asked { at: moment("28T12:00"), registry: &registry, calendar: &calendar, merchants: None };
    worklist(projection.tables(), &asked).expect("rows").items
}

/// What an item says, but for when it was found: that is the arrival's.
fn said(items: &[Item]) -> BTreeMap<ItemId, (Kind, [u8; 32])> {
    items.iter().map(|item| (item.id.clone(), (item.kind, item.content))).collect()
}

#[test]
fn the_list_is_the_same_in_any_order() {
    let (mut kinds, mut items) = (BTreeSet::new(), 0);
    for history in Histories::of(70_000).filter(|history| !history.has_conflict()).take(400) {
        let first = list(&history, &projected(&history.records, usize::MAX));
        let names = said(&first);
        assert_eq!(names.len(), first.len(), "seed {}: two items of one name\n{}", history.seed, history.in_words());
        for other in [history.shuffled(1), history.shuffled(2), history.doubled()] {
            let again = list(&other, &projected(&other.records, 3));
            assert_eq!(said(&again), names, "seed {}\n{}", history.seed, history.in_words());
        }
        items += first.len();
        kinds.extend(first.iter().map(|item| item.kind.name()));
    }
    assert!(items > 600, "{items}");
    for kind in
        [Kind::Unexpected, Kind::Payout, Kind::Returned, Kind::Totals, Kind::Hole, Kind::Open, Kind::Contradiction]
    {
        assert!(kinds.contains(kind.name()), "no history has {}: {kinds:?}", kind.name());
    }
}

/// A payment is in one item, or in none: who waits for a terminal is in that terminal's.
#[test]
fn a_payment_is_open_in_one_item_at_most() {
    for history in Histories::of(71_000).take(300) {
        let items = list(&history, &projected(&history.records, usize::MAX));
        let opens = items.iter().flat_map(|item| match &item.about {
            About::Open(open) => vec![&**open],
            About::Terminal(_, opens) => opens.iter().collect(),
            _ => Vec::new(),
        });
        let keys: Vec<_> = opens.map(|open: &OpenItem| open.key).collect();
        let distinct: BTreeSet<_> = keys.iter().collect();
        assert_eq!(distinct.len(), keys.len(), "seed {}\n{}", history.seed, history.in_words());
    }
}
