//! The morning's list: everything that does not agree or is not finished, as items that a person can take, hand on and note.
//! What is where it should be is no item.
//!
//! Invariants:
//! - an item has one name ([`crate::notes::ItemId`]), for ever: the stream that it is about, what kind it is, which of them
//! - what an item says is hashed: a note rests on an item as long as it says the same
//! - an item comes from one place: a payment that a terminal's silence explains is in the terminal's item, a line in a payout
//!   that came back is in the payout's
//! - the order is that in which somebody should look: money that is wrong, money that is missing, what is not told, what is
//!   not finished; within a kind the largest amount first
//!
//! Not here: what is done about an item, and how it is laid out.

mod gather;
mod item;
mod owed;
mod words;

pub use gather::{Asked, Worklist, worklist};
pub use item::{About, Item, Kind, Near, Owner};
