//! Open items: payments that are not finished, why, since when, and what stands behind several of them at once. Rows are
//! kept of what is open, or will be once an agreed date is over; ageing, and what only a clock or the registry can tell,
//! is joined when it is asked.
//!
//! - a payment is one item, whatever number of reasons it has; its age is that of the oldest
//! - a reason ages from the moment that made it one ([`talon_domain::open::OpenSince`]), in working days
//! - two payments that look like one purchase are shown beside each other, and never merged (E30)
//!
//! Not here: instalments that are due ([`crate::table::DUE`]), and practice, which leaves nothing to settle.

mod age;
mod cause;
mod fold;
mod query;
mod row;
#[cfg(test)]
mod tests;
mod unknown;

pub(crate) use age::Ages;
pub use age::{Age, Bucket};
pub use cause::{Cause, CauseGroup, by_cause};
pub use fold::OpenItems;
pub use query::{Asked, Filter, OpenItem, Reason, open_items};
pub use row::OpenPayment;
pub use unknown::unregistered;
