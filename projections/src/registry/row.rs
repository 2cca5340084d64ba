//! A row of the registry: what a winning fact registers, whole, and by whose word. Invariants:
//! - what comes back is what the fact states: the same statement, down to what it leaves out
//! - nothing of the record is in it, so the row is the same on whichever day, and in whichever form, the fact arrived

use serde::{Deserialize, Serialize};
use talon_domain::fact::{
    Assignment, Calendar, Connectivity, Decided, Establishment, FeePlan, Merchant, Ordinal, PayoutRule, Rounding,
    RoundingScope, Shop, Source, TerminalRange, Text,
};
use talon_domain::ids::{EventId, ShopId, TerminalEpoch, TerminalId, TerminalSeq};
use talon_domain::money::{Amount, Currency, Money};
use talon_domain::time::{Day, Instant};

use super::{Registered, Stated};

#[derive(Serialize, Deserialize)]
pub(super) struct Row {
    source: u8,
    event_id: [u8; 16],
    occurred_at: i64,
    what: What,
}

#[derive(Serialize, Deserialize)]
enum What {
    Merchant(MerchantRow),
    Shop(ShopRow),
    Assignment(AssignmentRow),
    FeePlan(FeePlanRow),
    Calendar(CalendarRow),
}

/// Who decided, why, and the revision.
type Decision = (Option<String>, Option<String>, u64);
type MoneyRow = (String, u64);

#[derive(Serialize, Deserialize)]
struct MerchantRow {
    label: String,
    country: Option<String>,
    closed_from: Option<u16>,
    decision: Decision,
}

#[derive(Serialize, Deserialize)]
struct ShopRow {
    code: String,
    label: Option<String>,
    town: Option<String>,
    establishments: Vec<(u32, Option<u16>)>,
    closed_from: Option<u16>,
    decision: Decision,
}

#[derive(Serialize, Deserialize)]
struct AssignmentRow {
    terminal: u32,
    epoch: u16,
    shop_code: Option<String>,
    serial: Option<String>,
    logical_id: Option<String>,
    range: Option<u8>,
    model: Option<String>,
    connectivity: Option<u8>,
    first_seq: u32,
    days: (Option<u16>, Option<u16>),
    decision: Decision,
}

#[derive(Serialize, Deserialize)]
struct FeePlanRow {
    id: String,
    version: u32,
    provider: String,
    installments_count: u32,
    deferred: (u32, u32),
    days: (Option<u16>, Option<u16>),
    merchant_fee_bps: u32,
    merchant_fee_fixed: Option<MoneyRow>,
    tax_bps: u32,
    customer_fee_bps: u32,
    purchase: (Option<MoneyRow>, Option<MoneyRow>),
    rounding: (Option<u8>, Option<u8>),
    payout: (Option<u8>, u32),
    decision: Decision,
}

#[derive(Serialize, Deserialize)]
struct CalendarRow {
    id: String,
    version: u32,
    closed_days: Vec<(u16, Option<String>)>,
    decision: Decision,
}

impl Row {
    /// The row of what is registered.
    pub(super) fn of(registered: &Registered) -> Self {
        match registered {
            Registered::Merchant(of) => Self::by(of, What::Merchant(MerchantRow::of(&of.what))),
            Registered::Shop(of) => Self::by(of, What::Shop(ShopRow::of(&of.what))),
            Registered::Assignment(of) => Self::by(of, What::Assignment(AssignmentRow::of(&of.what))),
            Registered::FeePlan(of) => Self::by(of, What::FeePlan(FeePlanRow::of(&of.what))),
            Registered::Calendar(of) => Self::by(of, What::Calendar(CalendarRow::of(&of.what))),
        }
    }

    fn by<T>(stated: &Stated<T>, what: What) -> Self {
        let (source, event_id, occurred_at) = (stated.source as u8, stated.event_id.0, stated.occurred_at.0);
        Self { source, event_id, occurred_at, what }
    }

    /// What it registers; `None` if nobody could have written it.
    pub(super) fn registered(self) -> Option<Registered> {
        let (source, event_id) = (Source::from_number(self.source.into())?, EventId(self.event_id));
        let word = Word { source, event_id, occurred_at: Instant(self.occurred_at) };
        Some(match self.what {
            What::Merchant(row) => Registered::Merchant(word.of(row.what())),
            What::Shop(row) => Registered::Shop(word.of(row.what())),
            What::Assignment(row) => Registered::Assignment(word.of(row.what())),
            What::FeePlan(row) => Registered::FeePlan(word.of(row.what()?)),
            What::Calendar(row) => Registered::Calendar(word.of(row.what())),
        })
    }
}

/// By whose word.
struct Word {
    source: Source,
    event_id: EventId,
    occurred_at: Instant,
}

impl Word {
    fn of<T>(self, what: T) -> Stated<T> {
        Stated { what, source: self.source, event_id: self.event_id, occurred_at: self.occurred_at }
    }
}

impl MerchantRow {
    fn of(what: &Merchant) -> Self {
        Self {
            label: what.label.to_string(),
            country: string(what.country.as_ref()),
            closed_from: what.closed_from.map(|day| day.0),
            decision: decision(&what.decided, what.revision),
        }
    }

    fn what(self) -> Merchant {
        Merchant {
            label: self.label.into(),
            country: text(self.country),
            closed_from: self.closed_from.map(Day),
            revision: self.decision.2,
            decided: decided(self.decision),
        }
    }
}

impl ShopRow {
    fn of(what: &Shop) -> Self {
        let establishments = what.establishments.iter().map(|one| (one.nic.0, one.from_day.map(|day| day.0)));
        Self {
            code: what.code.to_string(),
            label: string(what.label.as_ref()),
            town: string(what.town.as_ref()),
            establishments: establishments.collect(),
            closed_from: what.closed_from.map(|day| day.0),
            decision: decision(&what.decided, what.revision),
        }
    }

    fn what(self) -> Shop {
        let establishment =
            |(nic, from): (u32, Option<u16>)| Establishment { nic: ShopId(nic), from_day: from.map(Day) };
        Shop {
            code: self.code.into(),
            label: text(self.label),
            town: text(self.town),
            establishments: self.establishments.into_iter().map(establishment).collect(),
            closed_from: self.closed_from.map(Day),
            revision: self.decision.2,
            decided: decided(self.decision),
        }
    }
}

impl AssignmentRow {
    fn of(what: &Assignment) -> Self {
        Self {
            terminal: what.terminal.0,
            epoch: what.epoch.0,
            shop_code: string(what.shop_code.as_ref()),
            serial: string(what.serial.as_ref()),
            logical_id: string(what.logical_id.as_ref()),
            range: what.range.map(|range| range as u8),
            model: string(what.model.as_ref()),
            connectivity: what.connectivity.map(|connectivity| connectivity as u8),
            first_seq: what.first_seq.0,
            days: (what.from_day.map(|day| day.0), what.until_day.map(|day| day.0)),
            decision: decision(&what.decided, what.revision),
        }
    }

    fn what(self) -> Assignment {
        Assignment {
            terminal: TerminalId(self.terminal),
            epoch: TerminalEpoch(self.epoch),
            shop_code: text(self.shop_code),
            serial: text(self.serial),
            logical_id: text(self.logical_id),
            range: self.range.and_then(|range| TerminalRange::from_number(range.into())),
            model: text(self.model),
            connectivity: self.connectivity.and_then(|of| Connectivity::from_number(of.into())),
            first_seq: TerminalSeq(self.first_seq),
            from_day: self.days.0.map(Day),
            until_day: self.days.1.map(Day),
            revision: self.decision.2,
            decided: decided(self.decision),
        }
    }
}

impl FeePlanRow {
    fn of(what: &FeePlan) -> Self {
        Self {
            id: what.id.to_string(),
            version: what.version.stated().unwrap_or(0),
            provider: what.provider.to_string(),
            installments_count: what.installments_count,
            deferred: (what.deferred_days, what.deferred_months),
            days: (what.from_day.map(|day| day.0), what.until_day.map(|day| day.0)),
            merchant_fee_bps: what.merchant_fee_bps,
            merchant_fee_fixed: what.merchant_fee_fixed.map(money_row),
            tax_bps: what.tax_bps,
            customer_fee_bps: what.customer_fee_bps,
            purchase: (what.purchase_least.map(money_row), what.purchase_most.map(money_row)),
            rounding: (what.rounding.map(|of| of as u8), what.rounding_scope.map(|of| of as u8)),
            payout: (what.payout_rule.map(|of| of as u8), what.payout_day),
            decision: decision(&what.decided, what.revision),
        }
    }

    fn what(self) -> Option<FeePlan> {
        let ((rounding, scope), (rule, payout_day)) = (self.rounding, self.payout);
        Some(FeePlan {
            id: self.id.into(),
            version: Ordinal::new(self.version),
            provider: self.provider.into(),
            installments_count: self.installments_count,
            deferred_days: self.deferred.0,
            deferred_months: self.deferred.1,
            from_day: self.days.0.map(Day),
            until_day: self.days.1.map(Day),
            merchant_fee_bps: self.merchant_fee_bps,
            merchant_fee_fixed: money(self.merchant_fee_fixed)?,
            tax_bps: self.tax_bps,
            customer_fee_bps: self.customer_fee_bps,
            purchase_least: money(self.purchase.0)?,
            purchase_most: money(self.purchase.1)?,
            rounding: rounding.and_then(|of| Rounding::from_number(of.into())),
            rounding_scope: scope.and_then(|of| RoundingScope::from_number(of.into())),
            payout_rule: rule.and_then(|of| PayoutRule::from_number(of.into())),
            payout_day,
            revision: self.decision.2,
            decided: decided(self.decision),
        })
    }
}

impl CalendarRow {
    fn of(what: &Calendar) -> Self {
        Self {
            id: what.id.to_string(),
            version: what.version.stated().unwrap_or(0),
            closed_days: what.closed_days.iter().map(|(day, name)| (day.0, string(name.as_ref()))).collect(),
            decision: decision(&what.decided, what.revision),
        }
    }

    fn what(self) -> Calendar {
        Calendar {
            id: self.id.into(),
            version: Ordinal::new(self.version),
            closed_days: self.closed_days.into_iter().map(|(day, name)| (Day(day), text(name))).collect(),
            revision: self.decision.2,
            decided: decided(self.decision),
        }
    }
}

fn string(text: Option<&Text>) -> Option<String> {
    text.map(ToString::to_string)
}

fn text(string: Option<String>) -> Option<Text> {
    string.map(Text::from)
}

fn decision(decided: &Decided, revision: u64) -> Decision {
    (string(decided.author_code.as_ref()), string(decided.reason.as_ref()), revision)
}

fn decided((author_code, reason, _): Decision) -> Decided {
    Decided { author_code: text(author_code), reason: text(reason) }
}

fn money_row(money: Money) -> MoneyRow {
    (money.currency.code().to_owned(), money.amount.minor_units())
}

/// No money is none; money that cannot be is no row.
#[expect(clippy::option_option, reason = "whether it can be read, and whether it was stated")]
fn money(row: Option<MoneyRow>) -> Option<Option<Money>> {
    let Some((currency, minor_units)) = row else { return Some(None) };
    Some(Some(Money { currency: Currency::parse(&currency)?, amount: Amount::new(minor_units)? }))
}
