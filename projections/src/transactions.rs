//! Transactions: each payment in a few words, and by what people know of it: a till's ticket, the provider's id, the group
//! of a phone number, or a place with a day and an amount. The smallest whole view: copy it to make another.
//!
//! Not here: a payment's story. It is in its facts, which the store keeps too ([`stream_of`]).

mod fold;
mod query;
mod row;
#[cfg(test)]
mod tests;

pub use fold::Transactions;
pub(crate) use fold::{asked, currency_of};
pub use query::{find, list, row_of, twins};
pub use row::{Name, Transaction};

pub use crate::streams::stream_of;
