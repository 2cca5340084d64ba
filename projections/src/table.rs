//! Which table is which. The numbers are stored: one that was used is never used for something else.

use crate::store::Table;

/// The facts of every stream: what the fold needs when one more comes.
pub const STREAMS: Table = Table(0);
/// The stream of every event id.
pub const IDS: Table = Table(1);
/// The facts that are judged in the order of the ledger.
pub const ORDERED: Table = Table(2);
/// The last record of each partition that was taken: by it a projector knows the journal again.
pub const ENDS: Table = Table(3);
/// Records that could not be folded.
pub const ASIDE: Table = Table(4);

/// Each payment in a few words.
pub const TRANSACTIONS: Table = Table(10);
/// Payments by what people know of them: a ticket, an id, a phone's group, a place with a day and an amount.
pub const NAMES: Table = Table(11);

/// Sums by merchant, day, shop, terminal and provider, on the day on which something happened.
pub const DAYS: Table = Table(20);
/// The same on the day on which it is booked.
pub const DAYS_BOOKED: Table = Table(21);
/// What terminals and tills state of their days.
pub const STATED: Table = Table(22);

/// What a provider owes for each payment, as far as the payment tells.
pub const EXPECTED: Table = Table(30);
/// Lines of providers' and banks' statements, by what they name.
pub const LINES: Table = Table(31);
/// Payouts.
pub const PAYOUTS: Table = Table(32);
/// What lines of accounts add up to, by the payout that pays them.
pub const BALANCES: Table = Table(33);

/// Payments that are not finished.
pub const OPEN: Table = Table(40);
/// When each terminal was last heard of, by its own mouth.
pub const HEARD: Table = Table(41);

/// Rules that are not kept, and those that were not for a time.
pub const ANOMALIES: Table = Table(50);

/// Sums of instalments by the day on which they fall due.
pub const CALENDAR: Table = Table(60);
/// Instalments that are not collected.
pub const DUE: Table = Table(61);

/// Sequence numbers of devices, in blocks.
pub const SEQUENCES: Table = Table(70);
/// What a device did on a day.
pub const DEVICE_DAYS: Table = Table(71);
/// What is said of a device's numbers: voided, refused, the last one.
pub const SEQUENCE_WORDS: Table = Table(72);
/// How often facts named a shop on a day.
pub const SHOP_DAYS: Table = Table(73);
/// What the ledger counts of a terminal's, and of a till's, day.
pub const COUNTED: Table = Table(74);

/// Who and what there is, as the winning facts state it.
pub const REGISTERED: Table = Table(80);

/// A table that is built beside the live one has this bit.
pub const BESIDE: u16 = 0x8000;

/// The table that this one is, or is built beside.
pub const fn live(table: Table) -> Table {
    Table(table.0 & !BESIDE)
}

/// The table that is built beside this one.
pub const fn beside(table: Table) -> Table {
    Table(table.0 | BESIDE)
}
