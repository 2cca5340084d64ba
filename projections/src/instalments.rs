//! Instalments by the day on which they fall due: the view "calendar". What customers are to pay, and how far that came; the
//! provider carries it, so none of it is the merchant's money any more.
//!
//! Invariants:
//! - an instalment counts once, on the day that the plan in force names, whatever day an earlier version named
//! - what is not due any more - given back in full, cancelled, withdrawn, lowered to nothing - is released, and never late
//! - late is said with a moment: a row knows only how far an instalment came
//!
//! Not here: when working days fall ([`crate::calendar`]), and what the provider owes the merchant ([`crate::settlement`]).

mod fold;
mod query;
mod row;
#[cfg(test)]
mod tests;

pub use fold::Instalments;
pub use query::{DueBy, DueFilter, DueLine, DueSum, Tally, due_lines, due_sums};
pub use row::{Course, DueInstalment, DuePlace};
