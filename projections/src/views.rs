//! The views that there are. A view joins them here, and nowhere else.

use crate::anomalies::Anomalies;
use crate::days::Days;
use crate::instalments::Instalments;
use crate::open_items::OpenItems;
use crate::registry::RegistryView;
use crate::settlement::Settlement;
use crate::store::{Merge, Table};
use crate::terminals::TerminalsView;
use crate::transactions::Transactions;
use crate::view::View;

/// Every view, in the order in which they are listed.
pub const ALL: &[&dyn View] =
    &[&Transactions, &Days, &Settlement, &OpenItems, &Anomalies, &Instalments, &TerminalsView, &RegistryView];

/// The view of this name.
pub fn named(name: &str) -> Option<&'static dyn View> {
    ALL.iter().copied().find(|view| view.name() == name)
}

/// How two values of one key meet in a table: a table that no view names holds the latest value.
pub fn merge_of(table: Table) -> Merge {
    let live = crate::table::live(table);
    let named = ALL.iter().flat_map(|view| view.tables()).find(|(of, _)| *of == live);
    named.map_or(Merge::Latest, |(_, merge)| *merge)
}
