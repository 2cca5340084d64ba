//! The tables of an export: what the views say of some merchants and days, row by row.
//!
//! Invariants:
//! - movements add up to the totals of days, line by line: both are what payments contribute
//! - rows are in an order that the views give, so that the same views give the same tables
//! - practice is in no table
//!
//! Tables are held whole in memory. To find money of a day, every payment of a merchant is judged once.

mod anomalies;
mod column;
mod day_totals;
mod open_items;
mod payments;
mod payouts;
mod settlement;
mod terminals;
mod totals;

use std::ops::RangeInclusive;

use talon_domain::ids::{MerchantId, StreamKey};
use talon_domain::state::State;
use talon_domain::time::{Day, Instant};
use talon_projections::reading::Reading;
use talon_projections::registry::Registry;
use talon_projections::settlement::{Asked as Owed, Settled};
use talon_projections::store::StoreError;

use crate::error::ExportError;
use crate::table::Table;

/// The state of a payment; `None` of one that is not there.
pub type StateOf<'a> = &'a dyn Fn(StreamKey) -> Result<Option<State>, StoreError>;

/// What is exported.
pub struct Asked<'a> {
    /// Where rows of views are read.
    pub reading: &'a dyn Reading,
    /// Who and what there is.
    pub registry: &'a Registry,
    /// What facts of a payment come to, as the views had them.
    pub state_of: StateOf<'a>,
    /// Whose books, in their order.
    pub merchants: &'a [MerchantId],
    /// Of which days.
    pub days: RangeInclusive<Day>,
    /// The moment at which what is late, open or silent is so.
    pub at: Instant,
}

/// The tables, in the order in which people read them.
///
/// # Errors
/// [`ExportError::Views`] where a view cannot be read.
pub fn books(asked: &Asked<'_>) -> Result<Vec<Table>, ExportError> {
    let [payments, movements] = payments::tables(asked)?;
    let settled = settled(asked)?;
    let [terminals, holes] = terminals::tables(asked)?;
    Ok(vec![
        payments,
        movements,
        day_totals::table(asked)?,
        settlement::table(asked, &settled)?,
        payouts::table(&settled),
        open_items::table(asked)?,
        totals::table(asked)?,
        terminals,
        holes,
        anomalies::table(asked)?,
    ])
}

/// What each merchant's providers owe.
fn settled(asked: &Asked<'_>) -> Result<Vec<(MerchantId, Settled)>, ExportError> {
    let of = |merchant: &MerchantId| {
        let owed = Owed::at(asked.registry, *merchant, asked.days.clone(), asked.at);
        let settled = talon_projections::settlement::settlement(asked.reading, &owed);
        Ok((*merchant, settled.map_err(ExportError::views("settlement"))?))
    };
    asked.merchants.iter().map(of).collect()
}

/// An amount of a view that knows no sign.
fn signed(amount: u128) -> i128 {
    i128::try_from(amount).unwrap_or(i128::MAX)
}
