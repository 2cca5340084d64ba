//! Days: what each merchant's shops and terminals took on a day in Paris, by provider. Sums of what payments come to, so
//! that no total can drift from the payments that it counts.
//!
//! - the *economic* reading counts on the day on which something happened, and late facts restate it
//! - the *booked* reading never changes a closed day, and a clock that runs ahead books nothing ahead
//! - over all days the two are equal, always
//!
//! Not here: what terminals and tills say of their days ([`crate::terminals`]), and what a provider owes for them.

mod fold;
mod query;
mod row;
#[cfg(test)]
mod tests;

pub use fold::Days;
pub use query::{By, DayLine, Filter, Perpetual, day_lines, perpetual};
pub use row::{Cell, Measure, Place, PlanKey};
pub(crate) use row::{currency_from_number, currency_number};
