//! Kinds 4001 to 4013: merchants, shops, terminals, fee plans, calendars, rules, principals.

use talon_domain::fact::{
    self, Connectivity, Decided, Kind, Ordinal, Payload, PayoutRule, Remainder, Rounding, RoundingScope, Source,
    TerminalRange, Text,
};
use talon_domain::ids::{MerchantId, PrincipalId, ShopId, TerminalId, TerminalSeq};
use talon_domain::time::Day;

use super::{choice, epoch, message, money, stated, stated_day, text};
use crate::{forms, wire};

pub(super) fn read(kind: Kind, payload: &[u8]) -> Option<Payload> {
    match kind {
        Kind::MERCHANT_REGISTERED => message(payload).and_then(merchant),
        Kind::SHOP_REGISTERED => message(payload).and_then(shop),
        Kind::TERMINAL_ASSIGNED => message(payload).and_then(assignment),
        Kind::FEE_PLAN_REGISTERED => message(payload).and_then(fee_plan),
        Kind::CALENDAR_REGISTERED => message(payload).and_then(calendar),
        Kind::PLAN_RULES_REGISTERED => message(payload).and_then(plan_rules),
        Kind::PRINCIPAL_REGISTERED => message(payload).and_then(principal),
        _ => None,
    }
}

/// Who decided it, and why.
pub(super) fn decided(author_code: String, reason: String) -> Decided {
    Decided { author_code: text(author_code), reason: text(reason) }
}

fn merchant(m: wire::MerchantRegistered) -> Option<Payload> {
    Some(Payload::Merchant(fact::Merchant {
        label: text(m.label)?,
        country: text(m.country),
        closed_from: stated_day(&m.closed_from)?,
        decided: decided(m.author_code, m.reason),
        revision: m.revision,
    }))
}

fn shop(m: wire::ShopRegistered) -> Option<Payload> {
    Some(Payload::Shop(Box::new(fact::Shop {
        code: text(m.code)?,
        label: text(m.label),
        town: text(m.town),
        establishments: m.establishments.iter().map(establishment).collect::<Option<_>>()?,
        closed_from: stated_day(&m.closed_from)?,
        decided: decided(m.author_code, m.reason),
        revision: m.revision,
    })))
}

fn establishment(m: &wire::Establishment) -> Option<fact::Establishment> {
    Some(fact::Establishment { nic: ShopId(m.nic), from_day: stated_day(&m.from_day)? })
}

fn assignment(m: wire::TerminalAssigned) -> Option<Payload> {
    Some(Payload::Assignment(Box::new(fact::Assignment {
        terminal: TerminalId(m.terminal),
        epoch: epoch(m.epoch)?,
        shop_code: text(m.shop_code),
        serial: text(m.serial),
        logical_id: text(m.logical_id),
        range: choice(m.range, TerminalRange::from_number)?,
        model: text(m.model),
        connectivity: choice(m.connectivity, Connectivity::from_number)?,
        first_seq: TerminalSeq(m.first_seq.max(1)),
        from_day: stated_day(&m.from_day)?,
        until_day: stated_day(&m.until_day)?,
        decided: decided(m.author_code, m.reason),
        revision: m.revision,
    })))
}

fn fee_plan(m: wire::FeePlanRegistered) -> Option<Payload> {
    Some(Payload::FeePlan(Box::new(fact::FeePlan {
        id: text(m.id)?,
        version: Ordinal::new(m.version),
        provider: text(m.provider)?,
        installments_count: m.installments_count,
        deferred_days: m.deferred_days,
        deferred_months: m.deferred_months,
        from_day: stated_day(&m.from_day)?,
        until_day: stated_day(&m.until_day)?,
        merchant_fee_bps: m.merchant_fee_bps,
        merchant_fee_fixed: stated(m.merchant_fee_fixed.as_ref(), money)?,
        tax_bps: m.tax_bps,
        customer_fee_bps: m.customer_fee_bps,
        purchase_least: stated(m.purchase_least.as_ref(), money)?,
        purchase_most: stated(m.purchase_most.as_ref(), money)?,
        rounding: choice(m.rounding, Rounding::from_number)?,
        rounding_scope: choice(m.rounding_scope, RoundingScope::from_number)?,
        payout_rule: choice(m.payout_rule, PayoutRule::from_number)?,
        payout_day: m.payout_day,
        decided: decided(m.author_code, m.reason),
        revision: m.revision,
    })))
}

fn calendar(m: wire::CalendarRegistered) -> Option<Payload> {
    Some(Payload::Calendar(fact::Calendar {
        id: text(m.id)?,
        version: Ordinal::new(m.version),
        closed_days: m.closed_days.into_iter().map(closed_day).collect::<Option<_>>()?,
        decided: decided(m.author_code, m.reason),
        revision: m.revision,
    }))
}

fn closed_day(m: wire::ClosedDay) -> Option<(Day, Option<Text>)> {
    Some((forms::day(&m.day)?, text(m.label)))
}

fn plan_rules(m: wire::PlanRulesRegistered) -> Option<Payload> {
    Some(Payload::PlanRules(fact::PlanRules {
        id: text(m.id)?,
        version: Ordinal::new(m.version),
        provider: text(m.provider),
        remainder: choice(m.remainder, Remainder::from_number)?,
        from_day: stated_day(&m.from_day)?,
        decided: decided(m.author_code, m.reason),
        revision: m.revision,
    }))
}

fn principal(m: wire::PrincipalRegistered) -> Option<Payload> {
    Some(Payload::Principal(fact::Principal {
        number: PrincipalId(m.number),
        label: text(m.label),
        scopes: m.scopes.iter().map(scope).collect::<Option<_>>()?,
        revoked: m.revoked,
        decided: decided(m.author_code, m.reason),
        revision: m.revision,
    }))
}

fn scope(m: &wire::Scope) -> Option<(MerchantId, Source)> {
    Some((MerchantId(m.merchant), Source::from_number(m.source)?))
}
