//! Receipts: what a payment's papers say, and a terminal's at the end of its day. A [`Layout`] is a value of lines and cells; renderers turn it into bytes.
//!
//! ```text
//! state + particulars ------> layout(kind) --> Layout --> text in 24 or 42 columns
//! a terminal's own totals --> end_of_day ------^
//! ```
//!
//! Invariants:
//! - every amount and every date is copied from a state or a view; none is added up or moved here
//! - a paper claims that nothing was debited only where the facts prove it
//! - the till's copy holds nothing personal; no paper gives a refusal's reason
//! - no text, whoever chose it, makes a row wider than its paper
//!
//! The tickets' own words are capitals without accents, as French tills print them: they survive every code page.
//! Words of others, such as a shop's name, keep the accents that printers know ([`Printable`]).
//!
//! This crate does not compute money or time, fold facts, know a phone number in clear, or open a file.
//!
//! ```
//! use talon_domain::fact::TicketKind;
//! use talon_domain::stream::Stream;
//! use talon_domain::ids::{MerchantId, StreamId, StreamKey};
//! use talon_receipts::{NoTicket, Particulars, layout};
//!
//! let key = StreamKey { merchant: MerchantId(732_829_320), stream: StreamId::default(), training: false };
//! let state = Stream::default().state(key);
//! assert_eq!(layout(TicketKind::Customer, &Particulars::of(&state)), Err(NoTicket::NotAccepted));
//! ```

mod debit;
mod figure;
mod law;
mod layout;
mod mark;
mod no_ticket;
mod particulars;
mod printable;
mod text;
mod ticket;

pub use law::CreditWarning;
pub use layout::{Align, Layout, Line, Style};
pub use no_ticket::NoTicket;
pub use particulars::{Holder, Particulars};
pub use printable::Printable;
pub use text::Width;
pub use ticket::{ApplicationDay, DayOfTerminal, DeviceDay, Tally, end_of_day, layout};
