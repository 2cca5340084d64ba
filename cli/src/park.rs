//! A chain's park: its merchants, shops, terminals and fee plans, as a back office writes them down. A row is what one
//! line of the file says, and what one `add` says; both are read, judged and told alike.
//!
//! ```text
//! file, flags --> Row --read--> Entry --judge, beside the registry--> new, changed, same, refused --> events, the door
//!   file <------- Row <--write-- Entry <-- the registry
//! ```
//!
//! Invariants:
//! - what is written is read again as the same entry
//! - a row that is refused loses nothing of the others; what is refused is coded, placed, and says what to do
//! - nothing is appended that says what stands already
//!
//! This module does not open a ledger and prints nothing; whose word counts is the domain's, who is eligible the view's.

mod cells;
mod column;
mod entry;
mod fault;
mod file;
mod judge;
mod moment;
mod nics;
mod read;
mod said;
mod value;
mod write;

pub(crate) use column::{Column, What};
pub(crate) use entry::{Entry, Row, Standing};
pub(crate) use fault::{Fault, Refused, Rule};
pub(crate) use file::{read_park, write_park};
pub(crate) use judge::{Decision, Fate, Judge, decided};
pub(crate) use moment::moment;
pub(crate) use said::{body, calendar_body};
pub(crate) use value::{day, money};
