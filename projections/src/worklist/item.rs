//! An item: what it is about, what it says, and whose turn it is.

use sha2::{Digest as _, Sha256};
use talon_domain::ids::{MerchantId, ShopId, StreamKey, TerminalEpoch, TerminalId};
use talon_domain::money::Currency;
use talon_domain::time::Day;

use crate::anomalies::AnomalyLine;
use crate::notes::{ItemId, Note};
use crate::open_items::{Age, Cause, OpenItem};
use crate::settlement::{OwedLine, PayoutLine};
use crate::terminals::{Hole, Statement};

/// What kind of item it is, in the order in which somebody should look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    /// The provider booked another amount than was sold, or given back.
    Amount = 1,
    /// The provider kept another fee than was agreed.
    Fee = 2,
    /// The provider booked what the ledger does not know.
    Unexpected = 3,
    /// Several payments bear the id of one line.
    Ambiguous = 4,
    /// A payout came back.
    Returned = 5,
    /// A payout is not what its lines come to.
    Payout = 6,
    /// Nothing was booked, long after it was due.
    Missing = 7,
    /// It was due, and is not paid.
    Late = 8,
    /// A terminal or a till says another sum than the ledger.
    Totals = 9,
    /// Events of a terminal are lost.
    Hole = 10,
    /// A terminal that told nothing, with the payments that wait for it.
    Silent = 11,
    /// A terminal that nobody registered, with its payments.
    Unknown = 12,
    /// A payment that is not finished.
    Open = 13,
    /// Facts that contradict each other.
    Contradiction = 14,
}

/// Who has to do something first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// The provider has to answer.
    Provider,
    /// The shop has to look.
    Shop,
    /// The gateway has to send again, or to mend.
    Gateway,
    /// Whoever keeps the registry.
    Registry,
    /// The reconciliation team itself.
    Team,
}

/// What an item is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// What is owed, and what was booked of it; and what comes nearest to it where it has no other side.
    Owed(Box<OwedLine>, Vec<Near>),
    /// A payout, and how many lines wait for it.
    Payout(Box<PayoutLine>, usize),
    /// What a teller states beside what the ledger counts.
    Totals(Box<Statement>),
    /// Numbers that are missing.
    Hole(TerminalEpoch, Hole),
    /// Payments that wait for one terminal.
    Terminal(Cause, Vec<OpenItem>),
    /// A payment.
    Open(Box<OpenItem>),
    /// A rule that is not kept.
    Contradiction(Box<AnomalyLine>),
}

/// A line that comes near to one that has no other side, and what speaks against it. Nothing is matched by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Near {
    /// The provider's id of it.
    pub id: Option<String>,
    /// The payment, if it is one of the ledger.
    pub stream: Option<StreamKey>,
    /// By how much its gross is more, in minor units.
    pub gross_gap: i128,
    /// By how many days it happened later.
    pub days_gap: i32,
    /// It names another provider.
    pub is_other_provider: bool,
}

/// Something to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its name.
    pub id: ItemId,
    /// What kind it is.
    pub kind: Kind,
    /// What it is about.
    pub about: About,
    /// Where; 0 where it is of no shop.
    pub shop: ShopId,
    /// On which terminal; 0 where it is of none.
    pub terminal: TerminalId,
    /// Registry code of the provider; empty where it is of none.
    pub provider: String,
    /// The day that it is of.
    pub day: Day,
    /// What is at stake, in minor units and never below nothing; nothing where no amount is known.
    pub amount: Option<(Currency, u128)>,
    /// How old it is.
    pub age: Age,
    /// SHA-256 over what it says.
    pub content: [u8; 32],
    /// The note that holds, if there is any.
    pub note: Option<Note>,
    /// The note takes it off the first list.
    pub rests: bool,
}

impl Kind {
    /// All of them, in their order.
    pub const ALL: [Self; 14] = [
        Self::Amount,
        Self::Fee,
        Self::Unexpected,
        Self::Ambiguous,
        Self::Returned,
        Self::Payout,
        Self::Missing,
        Self::Late,
        Self::Totals,
        Self::Hole,
        Self::Silent,
        Self::Unknown,
        Self::Open,
        Self::Contradiction,
    ];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Amount => "amount_differs",
            Self::Fee => "fee_differs",
            Self::Unexpected => "unexpected",
            Self::Ambiguous => "ambiguous",
            Self::Returned => "payout_returned",
            Self::Payout => "payout_differs",
            Self::Missing => "missing",
            Self::Late => "late",
            Self::Totals => "totals_differ",
            Self::Hole => "events_lost",
            Self::Silent => "terminal_silent",
            Self::Unknown => "terminal_unknown",
            Self::Open => "payment_open",
            Self::Contradiction => "contradiction",
        }
    }

    /// Who has to do something first.
    pub const fn owner(self) -> Owner {
        match self {
            Self::Amount
            | Self::Fee
            | Self::Unexpected
            | Self::Returned
            | Self::Payout
            | Self::Missing
            | Self::Late => Owner::Provider,
            Self::Totals => Owner::Shop,
            Self::Hole | Self::Silent | Self::Contradiction => Owner::Gateway,
            Self::Unknown => Owner::Registry,
            Self::Ambiguous | Self::Open => Owner::Team,
        }
    }
}

impl Item {
    /// The item's number for people: the first 8 hexadecimal digits of SHA-256 over its name.
    pub fn number(&self) -> String {
        number(&self.id)
    }

    /// The provider's own id of what it is about, for whoever asks the provider.
    pub fn reference(&self) -> Option<&str> {
        match &self.about {
            About::Owed(line, _) => line.id.as_deref(),
            About::Payout(payout, _) => Some(&payout.payout_id),
            _ => None,
        }
    }

    /// Whose.
    pub const fn merchant(&self) -> MerchantId {
        self.id.merchant
    }
}

/// An item's number for people.
pub(crate) fn number(id: &ItemId) -> String {
    let mut hash = Saying::begun();
    hash.number(id.merchant.0.into());
    hash.text(&id.stream.to_string());
    hash.text(&id.code);
    hash.text(&id.slot);
    hash.end().iter().take(4).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// What an item says, as it is hashed: texts and numbers, each with its end.
pub(super) struct Saying(Sha256);

impl Saying {
    pub(super) fn begun() -> Self {
        Self(Sha256::new())
    }

    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.0.update(text.as_bytes());
        self.0.update([0]);
        self
    }

    pub(super) fn number(&mut self, number: i128) -> &mut Self {
        self.0.update(number.to_be_bytes());
        self
    }

    pub(super) fn part(&mut self, part: Option<i128>) -> &mut Self {
        self.0.update([u8::from(part.is_some())]);
        self.number(part.unwrap_or(0))
    }

    pub(super) fn end(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}
