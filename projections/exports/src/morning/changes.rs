//! What changed since another list: what is new, what says something else, what is gone.

use std::collections::BTreeMap;

use talon_projections::notes::ItemId;
use talon_projections::worklist::Item;

/// What became of an item since the list before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was not on it.
    New(Item),
    /// It says something else.
    Other(Item),
    /// It is not on the list any more: as it was.
    Gone(Item),
}

/// What is not as it was, in the order of the lists.
pub(super) fn changes(now: &[Item], before: &[Item]) -> Vec<Change> {
    let was: BTreeMap<&ItemId, &Item> = before.iter().map(|item| (&item.id, item)).collect();
    let is: BTreeMap<&ItemId, &Item> = now.iter().map(|item| (&item.id, item)).collect();
    let of_now = now.iter().filter_map(|item| match was.get(&item.id) {
        None => Some(Change::New(item.clone())),
        Some(before) if before.content != item.content => Some(Change::Other(item.clone())),
        Some(_) => None,
    });
    let gone = before.iter().filter(|item| !is.contains_key(&item.id)).map(|item| Change::Gone(item.clone()));
    of_now.chain(gone).collect()
}
