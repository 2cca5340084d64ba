//! What providers, banks, terminals and tills state beside payments. Nothing here moves a payment's money; views hold it
//! against what the payments add up to.

use super::choice::{Direction, LineKind, PayoutStage};
use super::{Ordinal, Text};
use crate::content::line_name;
use crate::ids::{EventId, ShopId, TerminalEpoch, TerminalId, TerminalSeq};
use crate::money::Money;
use crate::time::Day;

/// A statement was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementImported {
    /// Whose, by the account's code.
    pub account: Text,
    /// SHA-256 of the file.
    pub file_hash: [u8; 32],
    /// What it is written in.
    pub format: Option<Text>,
    /// How many lines it has.
    pub lines: u32,
    /// Its first day.
    pub first_day: Option<Day>,
    /// Its last day.
    pub last_day: Option<Day>,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// One line of a provider's or bank's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettlementLine {
    /// Whose, by the account's code.
    pub account: Text,
    /// The provider's own id of the line.
    pub line_id: Option<Text>,
    /// Which of the lines that say the very same of money and time, from 1, where there is no id.
    pub occurrence: Ordinal,
    /// What it is about.
    pub kind: LineKind,
    /// What the statement calls that, word for word.
    pub native_type: Option<Text>,
    /// How much.
    pub amount: Money,
    /// Which way.
    pub direction: Direction,
    /// What the provider keeps of it, or gives back.
    pub merchant_fee: Option<Money>,
    /// Which way that goes: a debit is kept.
    pub merchant_fee_direction: Direction,
    /// The tax, as given.
    pub tax: Option<Money>,
    /// Which way that goes.
    pub tax_direction: Direction,
    /// What is left.
    pub net: Option<Money>,
    /// Which way that goes.
    pub net_direction: Direction,
    /// The provider's id of the payment.
    pub payment_id: Option<Text>,
    /// The provider's id of the refund.
    pub refund_id: Option<Text>,
    /// The provider's name of the dispute.
    pub dispute_id: Option<Text>,
    /// A payout's own line: which payout of this account.
    pub payout_id: Option<Text>,
    /// The payout of this account that pays it.
    pub included_in_payout_id: Option<Text>,
    /// What it says to people.
    pub reference: Option<Text>,
    /// What the payer gave with a transfer.
    pub end_to_end_id: Option<Text>,
    /// The bank's own reference of the booking.
    pub bank_reference: Option<Text>,
    /// When it was booked.
    pub booking_day: Option<Day>,
    /// When it counts.
    pub value_day: Option<Day>,
    /// Registry code of who finances it.
    pub provider: Option<Text>,
    /// SHA-256 of the statement's file.
    pub file_hash: Option<[u8; 32]>,
    /// Orders what one source says of it.
    pub revision: u64,
}

impl SettlementLine {
    /// What names a line that has no id of its own, with its occurrence: 16 bytes of SHA-256 over what its statement says
    /// of money and time.
    pub fn name(&self) -> [u8; 16] {
        line_name(self)
    }
}

/// A transfer between the provider and the merchant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payout {
    /// Where from, by the account's code.
    pub account: Text,
    /// The payout's name within the account.
    pub payout_id: Text,
    /// How far it came.
    pub stage: PayoutStage,
    /// How much; always stated where it was sent.
    pub amount: Option<Money>,
    /// Which way; stated where it was sent, and only there.
    pub direction: Option<Direction>,
    /// When.
    pub day: Option<Day>,
    /// What the bank's statement will show, or why it came back.
    pub reference: Option<Text>,
    /// Registry code of who finances it.
    pub provider: Option<Text>,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// A terminal's own end-of-day totals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerminalTotals {
    /// Which terminal.
    pub terminal: TerminalId,
    /// Which device behind its number.
    pub epoch: TerminalEpoch,
    /// Which day.
    pub day: Day,
    /// The last sequence number that it has used; 0 is not stated.
    pub last_seq: TerminalSeq,
    /// What its applications took.
    pub lines: Vec<ApplicationTotal>,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// What one application took.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApplicationTotal {
    /// Which one: "alma", "cb".
    pub application: Text,
    /// How many.
    pub count: u32,
    /// How much.
    pub amount: Money,
    /// Which way.
    pub direction: Direction,
}

/// What a till counted under one tender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TillTotals {
    /// Which shop.
    pub shop: ShopId,
    /// Which till.
    pub till: Text,
    /// Which day.
    pub day: Day,
    /// Which tender.
    pub tender: Text,
    /// How many.
    pub count: u32,
    /// How much.
    pub amount: Money,
    /// Which way.
    pub direction: Direction,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// Sequence numbers that never named an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceVoided {
    /// Which terminal.
    pub terminal: TerminalId,
    /// Which device behind its number.
    pub epoch: TerminalEpoch,
    /// The first.
    pub from: TerminalSeq,
    /// The last.
    pub to: TerminalSeq,
    /// Why.
    pub reason: Option<Text>,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// An event of a terminal was refused at the door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRefused {
    /// The refusal's number.
    pub code: u32,
    /// The event.
    pub event_id: EventId,
    /// Which terminal.
    pub terminal: TerminalId,
    /// Which device behind its number.
    pub epoch: TerminalEpoch,
    /// The number that it carried.
    pub seq: TerminalSeq,
}
