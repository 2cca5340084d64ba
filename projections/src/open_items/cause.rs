//! What stands behind open items: a terminal that fell silent, one that nobody registered, else the reason alone. Each
//! item has one cause, so that the groups together are the list.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use talon_domain::anomaly::Language;
use talon_domain::ids::{MerchantId, TerminalId};
use talon_domain::money::Currency;
use talon_domain::open::OpenReason;
use talon_domain::time::Instant;

use super::age::Age;
use super::query::{Asked, OpenItem, Reason};
use super::row::LAST_HEARD;
use crate::key::{Fields, Key};
use crate::reading::{Reading, read_cells, strange_key, walk};
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
    /// Whose terminal it is, if it is one.
    pub const fn merchant(self) -> Option<MerchantId> {
        match self {
            Self::SilentTerminal(merchant, ..) | Self::UnknownTerminal(merchant, _) => Some(merchant),
            Self::Reason(_) => None,
        }
    }

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

/// When terminals were last heard of; those of a merchant are read once.
pub(super) struct Silence<'a> {
    reading: &'a dyn Reading,
    /// Somebody who told nothing for so long is silent, in microseconds.
    silent_after_us: i64,
    /// Up to when: the moment, or the end of trading where that is over.
    until: Instant,
    /// Where trading is not over, the words of the merchant's other terminals end it.
    follows_others: bool,
    known: BTreeMap<MerchantId, Heard>,
}

/// When the terminals of a merchant were last heard of.
#[derive(Default)]
struct Heard {
    last: BTreeMap<TerminalId, Instant>,
    /// The latest words of two of them: the latest of the others is among these.
    latest: [Option<(Instant, TerminalId)>; 2],
}

impl Heard {
    fn read(reading: &dyn Reading, merchant: MerchantId) -> Result<Self, StoreError> {
        let mut heard = Self::default();
        let (mut from, mut below) = (Key::new(), Key::new());
        from.merchant(merchant);
        below.merchant(MerchantId(merchant.0.saturating_add(1)));
        walk(reading, HEARD, from.as_bytes(), Some(below.as_bytes()), &mut |key, row| {
            let mut fields = Fields::of(key);
            let terminal = fields.merchant().and_then(|_| fields.terminal()).ok_or_else(strange_key)?;
            let last = read_cells(row)?.get(LAST_HEARD).and_then(|last| i64::try_from(last).ok()).map(Instant);
            last.into_iter().for_each(|at| heard.take(terminal, at));
            Ok(())
        })?;
        Ok(heard)
    }

    fn take(&mut self, terminal: TerminalId, at: Instant) {
        self.last.insert(terminal, at);
        let new = Some((at, terminal));
        let [first, second] = self.latest;
        self.latest = if new > first { [new, first] } else { [first, second.max(new)] };
    }

    /// When another terminal than this one was last heard of.
    fn others(&self, terminal: TerminalId) -> Option<Instant> {
        self.latest.iter().flatten().find(|(_, of)| *of != terminal).map(|(at, _)| *at)
    }
}

impl<'a> Silence<'a> {
    /// Silent is who told nothing for a while before the others of its merchant spoke last: when a shop has closed nobody
    /// speaks, and nobody is silent. Where the end of trading is known, it is who told nothing up to that.
    pub(super) fn at(reading: &'a dyn Reading, asked: &Asked<'_>) -> Self {
        let ended = asked.trading_ended_at.filter(|ended| *ended <= asked.at);
        let silent_after_us = if ended.is_some() { 0 } else { asked.silent_after_us };
        let (until, follows_others) = (ended.unwrap_or(asked.at), ended.is_none());
        Self { reading, silent_after_us, until, follows_others, known: BTreeMap::new() }
    }

    /// What stands behind a payment. Silence explains only what a terminal's word would settle, and only if it has told
    /// nothing on a later day: who spoke again and left it open has no excuse in having been silent.
    pub(super) fn cause(
        &mut self,
        merchant: MerchantId,
        terminal: TerminalId,
        reasons: &[Reason],
    ) -> Result<Cause, StoreError> {
        if let Some(last) = self.silent_since(merchant, terminal)? {
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

    /// When a terminal that is silent was last heard of.
    fn silent_since(&mut self, merchant: MerchantId, terminal: TerminalId) -> Result<Option<Instant>, StoreError> {
        let heard = match self.known.entry(merchant) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(Heard::read(self.reading, merchant)?),
        };
        let others = heard.others(terminal).filter(|_| self.follows_others);
        let until = others.map_or(self.until, |others| others.min(self.until));
        let since = Instant(until.0.saturating_sub(self.silent_after_us));
        Ok(heard.last.get(&terminal).copied().filter(|last| *last < since))
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
