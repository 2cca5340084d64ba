//! Facts beside payments, drawn by chance: settlement, terminals and tills, the registry.

use talon_domain::fact::{
    ApplicationTotal, Assignment, Calendar, Connectivity, Decided, Direction, Establishment, EventRefused, FeePlan,
    Kind, LineKind, Merchant, Ordinal, Payload, Payout, PayoutRule, PayoutStage, PlanRules, Principal, Remainder,
    Rounding, RoundingScope, SequenceVoided, SettlementLine, Shop, Source, StatementImported, TerminalRange,
    TerminalTotals, TillTotals,
};
use talon_domain::ids::{MerchantId, PrincipalId, ShopId, TerminalEpoch, TerminalId, TerminalSeq};
use talon_domain::time::Day;

use super::Dice;
use super::cast::{Cast, maybe_money, money, named, provider, revision, text};

pub(super) fn payload(dice: &mut Dice, cast: &Cast, kind: Kind) -> Payload {
    let revision = revision(dice);
    match kind {
        Kind::STATEMENT_IMPORTED => Payload::StatementImported(Box::new(StatementImported {
            account: text(dice, &["alma:1", "bank:1"]),
            file_hash: [dice.one_of(&[1, 2]); 32],
            format: named(dice, 50, &["csv", "camt.053"]),
            lines: dice.one_of(&[0, 3, 4]),
            first_day: maybe_day(dice),
            last_day: maybe_day(dice),
            revision,
        })),
        Kind::SETTLEMENT_LINE_RECORDED => Payload::SettlementLine(Box::new(line(dice, revision))),
        Kind::PAYOUT_SENT | Kind::PAYOUT_RETURNED => Payload::Payout(Box::new(Payout {
            account: text(dice, &["alma:1", "oney:1"]),
            payout_id: text(dice, &["po1", "po2"]),
            stage: if kind == Kind::PAYOUT_SENT { PayoutStage::Sent } else { PayoutStage::Returned },
            amount: if kind == Kind::PAYOUT_SENT { Some(money(dice)) } else { maybe_money(dice, 30) },
            direction: (kind == Kind::PAYOUT_SENT).then(|| dice.one_of(Direction::ALL)),
            day: maybe_day(dice),
            reference: named(dice, 40, &["VIR 1", "VIR 2"]),
            provider: provider(dice),
            revision,
        })),
        Kind::TERMINAL_TOTALS => Payload::TerminalTotals(TerminalTotals {
            terminal: TerminalId(4),
            epoch: TerminalEpoch(1),
            day: day(dice),
            last_seq: TerminalSeq(dice.one_of(&[0, 7, 8])),
            lines: totals(dice),
            revision,
        }),
        Kind::TILL_TOTALS => Payload::TillTotals(TillTotals {
            shop: ShopId(17),
            till: text(dice, &["A", "B"]),
            day: day(dice),
            tender: text(dice, &["alma", "cb"]),
            count: dice.one_of(&[0, 1, 2]),
            amount: money(dice),
            direction: dice.one_of(Direction::ALL),
            revision,
        }),
        Kind::SEQUENCE_VOIDED => Payload::SequenceVoided(SequenceVoided {
            terminal: TerminalId(4),
            epoch: TerminalEpoch(1),
            from: TerminalSeq(dice.one_of(&[3, 4])),
            to: TerminalSeq(dice.one_of(&[4, 5])),
            reason: named(dice, 40, &["reset"]),
            revision,
        }),
        Kind::EVENT_REFUSED => Payload::EventRefused(EventRefused {
            code: dice.one_of(&[12, 13]),
            event_id: cast.some_event(dice),
            terminal: TerminalId(4),
            epoch: TerminalEpoch(dice.one_of(&[0, 1])),
            seq: TerminalSeq(dice.one_of(&[3, 4])),
        }),
        _ => registered(dice, kind, revision),
    }
}

fn line(dice: &mut Dice, revision: u64) -> SettlementLine {
    SettlementLine {
        account: text(dice, &["alma:1", "bank:1"]),
        line_id: named(dice, 60, &["L1", "L2"]),
        occurrence: Ordinal::new(dice.one_of(&[0, 0, 1, 2])),
        kind: line_kind(dice),
        native_type: named(dice, 20, &["FEE", "TAX"]),
        amount: money(dice),
        direction: dice.one_of(Direction::ALL),
        merchant_fee: maybe_money(dice, 20),
        merchant_fee_direction: dice.one_of(Direction::ALL),
        tax: maybe_money(dice, 10),
        tax_direction: dice.one_of(Direction::ALL),
        net: maybe_money(dice, 20),
        net_direction: dice.one_of(Direction::ALL),
        payment_id: named(dice, 60, &["P1", "P1", "P2"]),
        refund_id: named(dice, 50, &["F1", "F1", "F2"]),
        dispute_id: named(dice, 50, &["C1"]),
        payout_id: named(dice, 10, &["po1"]),
        included_in_payout_id: named(dice, 20, &["po1", "po2"]),
        reference: named(dice, 20, &["ref 1"]),
        end_to_end_id: named(dice, 10, &["e2e"]),
        bank_reference: named(dice, 10, &["B1"]),
        booking_day: maybe_day(dice),
        value_day: maybe_day(dice),
        provider: provider(dice),
        file_hash: dice.maybe(30, &[[1; 32], [2; 32]]),
        revision,
    }
}

/// Mostly what fulfils something, else what a provider books of its own accord.
fn line_kind(dice: &mut Dice) -> LineKind {
    use LineKind::{Chargeback, ChargebackWon, Fee, FeeWaiver, Payment, Refund, Reserve, Transfer};
    dice.one_of(&[
        Payment,
        Payment,
        Refund,
        Refund,
        Chargeback,
        ChargebackWon,
        Fee,
        FeeWaiver,
        FeeWaiver,
        Reserve,
        Transfer,
    ])
}

fn totals(dice: &mut Dice) -> Vec<ApplicationTotal> {
    let count = dice.between(0, 2);
    (0..count)
        .map(|_| ApplicationTotal {
            application: text(dice, &["alma", "cb"]),
            count: dice.between(0, 2),
            amount: money(dice),
            direction: dice.one_of(Direction::ALL),
        })
        .collect()
}

fn registered(dice: &mut Dice, kind: Kind, revision: u64) -> Payload {
    let decided = decided(dice);
    let version = Ordinal::new(dice.one_of(&[0, 1, 2]));
    match kind {
        Kind::MERCHANT_REGISTERED => Payload::Merchant(Merchant {
            label: text(dice, &["Maison Dupuis", "Maison Dupuis SAS"]),
            country: named(dice, 50, &["FR", "BE"]),
            closed_from: maybe_day(dice),
            decided,
            revision,
        }),
        Kind::SHOP_REGISTERED => Payload::Shop(Box::new(Shop {
            code: text(dice, &["S1", "S2"]),
            label: named(dice, 50, &["Dupuis Rive Gauche", "Dupuis"]),
            town: named(dice, 30, &["Lyon"]),
            establishments: establishments(dice),
            closed_from: maybe_day(dice),
            decided,
            revision,
        })),
        Kind::TERMINAL_ASSIGNED => Payload::Assignment(Box::new(assignment(dice, decided, revision))),
        Kind::FEE_PLAN_REGISTERED => Payload::FeePlan(Box::new(fee_plan(dice, version, decided, revision))),
        Kind::CALENDAR_REGISTERED => Payload::Calendar(Calendar {
            id: text(dice, &["TARGET-2026", "FR-2026"]),
            version,
            closed_days: (0..dice.between(1, 2)).map(|_| (day(dice), named(dice, 50, &["Noël", "Pâques"]))).collect(),
            decided,
            revision,
        }),
        Kind::PLAN_RULES_REGISTERED => Payload::PlanRules(PlanRules {
            id: text(dice, &["rules"]),
            version,
            provider: provider(dice),
            remainder: dice.maybe(60, Remainder::ALL),
            from_day: maybe_day(dice),
            decided,
            revision,
        }),
        _ => Payload::Principal(Principal {
            number: PrincipalId(dice.one_of(&[2, 3])),
            label: named(dice, 50, &["gateway 1", "gateway 2"]),
            scopes: (0..dice.between(0, 2))
                .map(|_| {
                    (MerchantId(dice.one_of(&[0, 732_829_320])), dice.one_of(&[Source::Gateway, Source::Provider]))
                })
                .collect(),
            revoked: dice.percent(30),
            decided,
            revision,
        }),
    }
}

fn establishments(dice: &mut Dice) -> Vec<Establishment> {
    let count = dice.between(0, 2);
    (0..count).map(|_| Establishment { nic: ShopId(dice.one_of(&[17, 18])), from_day: maybe_day(dice) }).collect()
}

fn assignment(dice: &mut Dice, decided: Decided, revision: u64) -> Assignment {
    Assignment {
        terminal: TerminalId(dice.one_of(&[4, 5])),
        epoch: TerminalEpoch(dice.one_of(&[1, 2])),
        shop_code: named(dice, 50, &["S1", "S2"]),
        serial: named(dice, 30, &["sn-1", "sn-2"]),
        logical_id: named(dice, 30, &["log-1"]),
        range: dice.maybe(50, TerminalRange::ALL),
        model: named(dice, 30, &["Desk/5000"]),
        connectivity: dice.maybe(50, Connectivity::ALL),
        first_seq: TerminalSeq(dice.one_of(&[0, 1, 116])),
        from_day: maybe_day(dice),
        until_day: maybe_day(dice),
        decided,
        revision,
    }
}

fn fee_plan(dice: &mut Dice, version: Ordinal, decided: Decided, revision: u64) -> FeePlan {
    FeePlan {
        id: text(dice, &["alma-3x", "oney-3x"]),
        version,
        provider: text(dice, &["alma", "oney"]),
        installments_count: dice.one_of(&[3, 4]),
        deferred_days: dice.one_of(&[0, 30]),
        deferred_months: dice.one_of(&[0, 1]),
        from_day: maybe_day(dice),
        until_day: maybe_day(dice),
        merchant_fee_bps: dice.one_of(&[0, 211, 253]),
        merchant_fee_fixed: maybe_money(dice, 20),
        tax_bps: dice.one_of(&[0, 2_000]),
        customer_fee_bps: dice.one_of(&[0, 155]),
        purchase_least: maybe_money(dice, 20),
        purchase_most: maybe_money(dice, 20),
        rounding: dice.maybe(40, Rounding::ALL),
        rounding_scope: dice.maybe(40, RoundingScope::ALL),
        payout_rule: dice.maybe(50, PayoutRule::ALL),
        payout_day: dice.one_of(&[0, 1, 3]),
        decided,
        revision,
    }
}

fn decided(dice: &mut Dice) -> Decided {
    Decided { author_code: named(dice, 50, &["a1", "a2"]), reason: named(dice, 30, &["opening"]) }
}

fn day(dice: &mut Dice) -> Day {
    Day(dice.one_of(&[20_776, 20_777]))
}

fn maybe_day(dice: &mut Dice) -> Option<Day> {
    dice.percent(30).then(|| day(dice))
}
