//! Settlement: what providers owe a merchant for its payments, and what their accounts say of it. A payment tells what is
//! expected of it; a line or a payout tells what was booked or paid; the two meet when it is asked, with the fee plans,
//! calendars and moment of the question.
//!
//! Invariants:
//! - a line fulfils an expectation by an exact id alone: of the payment, the refund or the dispute. Nothing is guessed by
//!   an amount or a day, and where two payments bear one id, neither is fulfilled
//! - each line of an account is counted once: in what it fulfils, or for itself
//! - what nobody promised for a day is never late: without a rule, or without a stated calendar, the due day is unknown
//! - missing is said only of what was promised and not booked at all; what was booked is late for as long as it is not paid
//! - money that an account keeps because it has nothing to pay out, and what a provider books of its own accord - waivers,
//!   adjustments, reserves, default coverage -, is never missing money
//!
//! Not here: the bank's side of a payout. A bank's transfer is a line that fulfils nothing here.

mod bulk;
mod desk;
mod due;
mod fee;
mod fold;
mod line;
mod nearest;
mod query;
mod row;
#[cfg(test)]
mod tests;
mod work;

pub use due::{Due, Undated};
pub use fold::Settlement;
pub use line::{Amounts, FeeGap, OwedLine, Status, Surprise, What};
pub use nearest::{Candidate, NEAREST_MAX, Nearest};
pub use query::{Asked, PayoutLine, Settled, Total, TotalKey, lines_of, lines_of_payout, settlement};
pub use row::{Booked, Expected, Named, Taken};
