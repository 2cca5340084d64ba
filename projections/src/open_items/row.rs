//! A payment that is open, or will be: where, how much, and its reasons with their moments.

use serde::{Deserialize, Serialize};
use talon_domain::ids::{ShopId, TerminalId};
use talon_domain::money::Currency;
use talon_domain::open::{OpenReason, OpenSince};
use talon_domain::state::Status;
use talon_domain::time::{Day, Instant};

use crate::cells::Code;

/// When a terminal was last heard of, in its row.
pub(super) const LAST_HEARD: Code = Code::maximum(1);

/// A payment that is open, or will be once an agreed date is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenPayment<T = String> {
    pub(super) status: u8,
    pub(super) shop: u32,
    pub(super) terminal: u32,
    /// Registry code of who finances it; empty is none.
    pub provider: T,
    pub(super) currency: Option<[u8; 3]>,
    /// The sale where it is known, else what was typed, else what is held; in minor units.
    pub amount: u128,
    pub(super) began_at: Option<i64>,
    pub(super) sold_on: Option<u16>,
    pub(super) reasons: Vec<KeptReason>,
}

/// A reason as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptReason {
    reason: u8,
    began_at: Option<i64>,
    waits: bool,
}

impl KeptReason {
    pub(super) fn of(open: OpenSince) -> Self {
        let began_at = open.began_at.map(|at| at.0);
        Self { reason: open.reason.number(), began_at, waits: open.waits }
    }

    fn read(self) -> Option<OpenSince> {
        let reason = OpenReason::from_number(self.reason)?;
        Some(OpenSince { reason, began_at: self.began_at.map(Instant), waits: self.waits })
    }
}

impl<T> OpenPayment<T> {
    /// How far it came.
    pub fn status(&self) -> Status {
        Status::ALL.into_iter().find(|status| *status as u8 == self.status).unwrap_or(Status::InProgress)
    }

    /// Where.
    pub const fn shop(&self) -> ShopId {
        ShopId(self.shop)
    }

    /// On which terminal.
    pub const fn terminal(&self) -> TerminalId {
        TerminalId(self.terminal)
    }

    /// When its story begins.
    pub fn began_at(&self) -> Option<Instant> {
        self.began_at.map(Instant)
    }

    /// The day for which it is listed: of its sale, else of its beginning.
    pub fn day(&self) -> Option<Day> {
        self.sold_on.map(Day).or_else(|| self.began_at()?.paris_day())
    }

    /// The currency of its amount.
    pub fn currency(&self) -> Option<Currency> {
        Currency::parse(std::str::from_utf8(self.currency.as_ref()?).ok()?)
    }

    /// Its reasons, in their order, as far as its facts tell.
    pub fn reasons(&self) -> impl Iterator<Item = OpenSince> + '_ {
        self.reasons.iter().filter_map(|kept| kept.read())
    }
}
