//! The morning in one file: a page that anybody reads without a server and that prints well, and a workbook with the same
//! tables. Exceptions come first; then shops, what is open and why, what is expected and what came, what changed, and last
//! of all what it is as of.
//!
//! ```text
//! views --> gather: Morning --> page: HTML with charts of SVG
//!                          \--> sheets: tables --> workbook
//! ```
//!
//! Invariants:
//! - the same views and the same moment give the same bytes
//! - every figure is in the workbook whole; the page says how many lines it leaves out
//! - a figure that is not known is left blank, and never nothing
//!
//! This module does not decide what an item is ([`talon_projections::worklist`]), and reads no clock and no file.

mod changes;
mod chart;
mod foot;
mod gather;
mod html;
mod lists;
mod page;
mod parts;
mod sheets;
mod shops;
mod voice;

pub use changes::Change;
pub use gather::{Morning, Setting, Stand};
pub use page::page;
pub use sheets::tables;
