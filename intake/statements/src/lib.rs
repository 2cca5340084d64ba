//! Files of providers: read row by row, facts out, every refusal named. Nothing is recomputed and nothing is guessed: what a
//! file says is taken as it stands, and what it does not say is absent.
//!
//! ```text
//! bytes --Survey--> hash, encoding, shape --+
//!                                           +--> read --> Row: lines of an account, or a Fault; and Warnings
//! Map: columns by label, conventions -------+                       |
//!                                                     Numbering: which of equal lines it is
//!                                                     Sums: what they come to, held against the file's own payouts
//! ```
//!
//! Invariants:
//! - columns are found by their labels, never by their places; an unknown one is named, a mandatory one that is missing
//!   refuses the file
//! - a row that cannot be read is refused alone, with its line, its column and what to do; the others are read
//! - names, e-mail addresses and other columns of persons never leave this room
//! - amounts are integers of minor units from the first to the last; an amount that could be read in two ways is refused
//! - memory is bounded by the longest row (a sheet of Excel: by its texts), not by the file
//!
//! It writes nothing, knows no ledger, and does not say which payment a line belongs to.

mod balance;
mod cells;
mod fault;
mod header;
mod map;
mod moment;
mod number;
mod numbering;
mod read;
mod row;
mod sheet;
mod sums;
mod survey;
mod table;

pub use fault::{Fault, Rule, Warning, WarningKind};
pub use map::{Map, MapError};
pub use numbering::{Came, Numbering};
pub use read::{Row, Said, Source, StatementError, read};
pub use sums::{Sum, Sums};
pub use survey::{Shape, Survey, survey};

/// Bytes of the longest row that is read.
pub const ROW_BYTES_MAX: usize = 1 << 16;
/// Columns of the widest table.
pub const COLUMNS_MAX: usize = 256;
