//! What stands behind open items: a terminal that fell silent, one that nobody registered, else the reason alone. Each
//! item has one cause, so that the groups together are the list.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use talon_domain::anomaly::Language;
use talon_domain::ids::{MerchantId, TerminalId};
use talon_domain::money::Currency;
use talon_domain::open::OpenReason;
use talon_domain::time::Instant;

use super::age::Age;
use super::query::{Asked, OpenItem, Reason};
use super::row::LAST_HEARD;
use crate::key::Key;
use crate::reading::{Reading, read_cells};
use crate::store::StoreError;
use crate::table::HEARD;

/// Why items are open together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// This terminal has told nothing since.
    SilentTerminal(MerchantId, TerminalId, Instant),
    /// Nobody registered this terminal for the days on which it worked.
    UnknownTerminal(MerchantId, TerminalId),
    /// Nothing but the reason that is oldest.
    Reason(OpenReason),
}

/// Items of one cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CauseGroup {
    /// Why.
    pub cause: Cause,
    /// How many payments.
    pub payments: u64,
    /// What they come to, in minor units.
    pub amounts: BTreeMap<Currency, u128>,
    /// The age of the oldest.
    pub oldest: Age,
}

impl Cause {
    /// For people, at a moment: `terminal 417 silent since 19:42`.
    pub fn words(self, language: Language, at: Instant) -> String {
        match (self, language) {
            (Self::SilentTerminal(_, terminal, since), Language::French) => {
                format!("terminal {terminal} muet depuis {}", clock(since, at, language))
            }
            (Self::SilentTerminal(_, terminal, since), Language::English) => {
                format!("terminal {terminal} silent since {}", clock(since, at, language))
            }
            (Self::UnknownTerminal(_, terminal), Language::French) => {
                format!("terminal {terminal} inconnu du référentiel")
            }
            (Self::UnknownTerminal(_, terminal), Language::English) => {
                format!("terminal {terminal} is not in the registry")
            }
            (Self::Reason(reason), _) => reason.words(language).to_owned(),
        }
    }
}

/// The time in Paris, with its date if it is not today's.
fn clock(since: Instant, at: Instant, language: Language) -> String {
    let (hour, minute) = since.paris_time();
    let time = format!("{hour:02}:{minute:02}");
    match since.paris_day().filter(|day| Some(*day) != at.paris_day()) {
        None => time,
        Some(day) if language == Language::French => format!("le {day} à {time}"),
        Some(day) => format!("{day} {time}"),
    }
}

impl CauseGroup {
    /// For people, at a moment: `terminal 417 silent since 19:42: 6 payments`.
    pub fn words(&self, language: Language, at: Instant) -> String {
        let (colon, one, many) = match language {
            Language::French => (" : ", "paiement", "paiements"),
            Language::English => (": ", "payment", "payments"),
        };
        let noun = if self.payments == 1 { one } else { many };
        format!("{}{colon}{} {noun}", self.cause.words(language, at), self.payments)
    }
}

/// Items by their causes: those of most payments first.
pub fn by_cause(items: &[OpenItem]) -> Vec<CauseGroup> {
    let mut groups = BTreeMap::<Cause, CauseGroup>::new();
    for item in items {
        let group = groups.entry(item.cause).or_insert_with(|| CauseGroup {
            cause: item.cause,
            payments: 0,
            amounts: BTreeMap::new(),
            oldest: item.age,
        });
        group.payments = group.payments.saturating_add(1);
        group.oldest = group.oldest.max(item.age);
        if let Some(currency) = item.currency {
            let sum = group.amounts.entry(currency).or_default();
            *sum = sum.saturating_add(item.amount);
        }
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by_key(|group| (Reverse(group.payments), group.cause));
    groups
}

/// When terminals were last heard of; each is read once.
pub(super) struct Silence<'a> {
    reading: &'a dyn Reading,
    /// A terminal that was last heard of before this is silent.
    since: Instant,
    known: BTreeMap<(MerchantId, TerminalId), Option<Instant>>,
}

impl<'a> Silence<'a> {
    /// Silent is who told nothing for a while, or nothing up to the end of trading where that is over: after it nobody
    /// speaks, so that the next morning no terminal is silent that spoke to the end.
    pub(super) fn at(reading: &'a dyn Reading, asked: &Asked<'_>) -> Self {
        let quiet = Instant(asked.at.0.saturating_sub(asked.silent_after_us));
        let ended = asked.trading_ended_at.filter(|ended| *ended <= asked.at);
        Self { reading, since: ended.unwrap_or(quiet), known: BTreeMap::new() }
    }

    /// What stands behind a payment. Silence explains only what a terminal's word would settle, and only if it has told
    /// nothing on a later day: who spoke again and left it open has no excuse in having been silent.
    pub(super) fn cause(
        &mut self,
        merchant: MerchantId,
        terminal: TerminalId,
        reasons: &[Reason],
    ) -> Result<Cause, StoreError> {
        let silent_since = self.last_heard(merchant, terminal)?.filter(|last| *last < self.since);
        if let Some(last) = silent_since {
            let explains = |reason: &&Reason| {
                is_for_terminal_to_tell(reason.reason) && last.paris_day() <= reason.began_at.paris_day()
            };
            if reasons.iter().any(|reason| explains(&reason)) {
                return Ok(Cause::SilentTerminal(merchant, terminal, last));
            }
        }
        let oldest = reasons.iter().min_by_key(|reason| (reason.began_at, reason.reason));
        Ok(match oldest.map_or(OpenReason::OutcomeAwaited, |oldest| oldest.reason) {
            OpenReason::TerminalUnknown => Cause::UnknownTerminal(merchant, terminal),
            reason => Cause::Reason(reason),
        })
    }

    fn last_heard(&mut self, merchant: MerchantId, terminal: TerminalId) -> Result<Option<Instant>, StoreError> {
        if terminal.0 == 0 {
            return Ok(None);
        }
        if let Some(known) = self.known.get(&(merchant, terminal)) {
            return Ok(*known);
        }
        let mut key = Key::new();
        key.merchant(merchant).terminal(terminal);
        let cells = self.reading.get(HEARD, key.as_bytes())?.map(|row| read_cells(&row)).transpose()?;
        let last = cells.and_then(|cells| cells.get(LAST_HEARD)).and_then(|last| i64::try_from(last).ok());
        let last = last.map(Instant);
        self.known.insert((merchant, terminal), last);
        Ok(last)
    }
}

/// Reasons that the terminal itself would end: by an outcome, or by printing.
const fn is_for_terminal_to_tell(reason: OpenReason) -> bool {
    matches!(
        reason,
        OpenReason::OutcomeAwaited
            | OpenReason::OutcomeUnknown
            | OpenReason::InProgressTooLong
            | OpenReason::NotCaptured
            | OpenReason::TicketsNotPrinted
            | OpenReason::TicketsWithoutDebit
    )
}
