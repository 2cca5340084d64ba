//! Marks: what stands at head and foot of a paper that is for practice, or that is no original (T6). A duplicate is a full
//! copy of its original with its own number and the moment of its print; the paper's own number and date stay.

use talon_domain::fact::Ordinal;
use talon_domain::time::Instant;

use crate::figure;

/// The marks, in the order in which they are printed.
pub(crate) fn marks(training: bool, copy: Ordinal, reprinted_at: Option<Instant>) -> Vec<String> {
    let practice = training.then(|| "SIMULATION".to_owned());
    let number = Some(copy.get()).filter(|copy| *copy > 1);
    let duplicate = number.map(|number| format!("DUPLICATA {number}"));
    let moment = reprinted_at.filter(|_| number.is_some()).map(|at| format!("DU {}", figure::moment(at)));
    practice.into_iter().chain(duplicate).chain(moment).collect()
}
