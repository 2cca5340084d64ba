//! Kinds 1001 to 1014: what providers, banks, terminals and tills state beside payments.

use talon_domain::fact::{self, Direction, Kind, LineKind, Ordinal, Payload, PayoutStage};
use talon_domain::ids::{EventId, ShopId, TerminalId, TerminalSeq};

use super::{choice, direction, epoch, message, money, stated, stated_day, stated_text, text};
use crate::{forms, wire};

pub(super) fn read(kind: Kind, payload: &[u8]) -> Option<Payload> {
    match kind {
        Kind::STATEMENT_IMPORTED => message(payload).and_then(statement),
        Kind::SETTLEMENT_LINE_RECORDED => message(payload).and_then(line),
        Kind::PAYOUT_SENT => message(payload).and_then(payout_sent),
        Kind::PAYOUT_RETURNED => message(payload).and_then(payout_returned),
        Kind::TERMINAL_TOTALS => message(payload).and_then(terminal_totals),
        Kind::TILL_TOTALS => message(payload).and_then(till_totals),
        Kind::SEQUENCE_VOIDED => message(payload).and_then(voided),
        Kind::EVENT_REFUSED => message(payload).as_ref().and_then(event_refused),
        _ => None,
    }
}

fn statement(m: wire::StatementImported) -> Option<Payload> {
    Some(Payload::StatementImported(Box::new(fact::StatementImported {
        account: text(m.account)?,
        file_hash: forms::hash(&m.file_hash)?,
        format: text(m.format),
        lines: m.lines,
        first_day: stated_day(&m.first_day)?,
        last_day: stated_day(&m.last_day)?,
        revision: m.revision,
    })))
}

fn line(m: wire::SettlementLineRecorded) -> Option<Payload> {
    let own = direction(m.direction, Direction::Credit)?;
    let of_fee = direction(m.merchant_fee_direction, Direction::Debit)?;
    Some(Payload::SettlementLine(Box::new(fact::SettlementLine {
        account: text(m.account)?,
        line_id: text(m.line_id),
        occurrence: Ordinal::new(m.occurrence),
        kind: choice(m.kind, LineKind::from_number)??,
        native_type: text(m.native_type),
        amount: money(&m.amount?)?,
        direction: own,
        merchant_fee: stated(m.merchant_fee.as_ref(), money)?,
        merchant_fee_direction: of_fee,
        tax: stated(m.tax.as_ref(), money)?,
        tax_direction: direction(m.tax_direction, of_fee)?,
        net: stated(m.net.as_ref(), money)?,
        net_direction: direction(m.net_direction, own)?,
        payment_id: text(m.payment_id),
        refund_id: text(m.refund_id),
        dispute_id: text(m.dispute_id),
        payout_id: text(m.payout_id),
        included_in_payout_id: text(m.included_in_payout_id),
        reference: text(m.reference),
        end_to_end_id: text(m.end_to_end_id),
        bank_reference: text(m.bank_reference),
        booking_day: stated_day(&m.booking_day)?,
        value_day: stated_day(&m.value_day)?,
        provider: text(m.provider),
        file_hash: stated_text(&m.file_hash, forms::hash)?,
        revision: m.revision,
    })))
}

fn payout_sent(m: wire::PayoutSent) -> Option<Payload> {
    Some(Payload::Payout(Box::new(fact::Payout {
        account: text(m.account)?,
        payout_id: text(m.payout_id)?,
        stage: PayoutStage::Sent,
        amount: Some(money(&m.amount?)?),
        direction: Some(direction(m.direction, Direction::Credit)?),
        day: stated_day(&m.day)?,
        reference: text(m.reference),
        provider: text(m.provider),
        revision: m.revision,
    })))
}

fn payout_returned(m: wire::PayoutReturned) -> Option<Payload> {
    Some(Payload::Payout(Box::new(fact::Payout {
        account: text(m.account)?,
        payout_id: text(m.payout_id)?,
        stage: PayoutStage::Returned,
        amount: stated(m.amount.as_ref(), money)?,
        direction: None,
        day: None,
        reference: text(m.reason),
        provider: text(m.provider),
        revision: m.revision,
    })))
}

fn terminal_totals(m: wire::TerminalTotals) -> Option<Payload> {
    Some(Payload::TerminalTotals(fact::TerminalTotals {
        terminal: TerminalId(m.terminal),
        epoch: epoch(m.epoch)?,
        day: forms::day(&m.day)?,
        last_seq: TerminalSeq(m.last_seq),
        lines: m.lines.into_iter().map(application_total).collect::<Option<_>>()?,
        revision: m.revision,
    }))
}

fn application_total(m: wire::ApplicationTotal) -> Option<fact::ApplicationTotal> {
    Some(fact::ApplicationTotal {
        application: text(m.application)?,
        count: m.count,
        amount: money(&m.amount?)?,
        direction: direction(m.direction, Direction::Credit)?,
    })
}

fn till_totals(m: wire::TillTotals) -> Option<Payload> {
    Some(Payload::TillTotals(fact::TillTotals {
        shop: ShopId(m.shop),
        till: text(m.till)?,
        day: forms::day(&m.day)?,
        tender: text(m.tender)?,
        count: m.count,
        amount: money(&m.amount?)?,
        direction: direction(m.direction, Direction::Credit)?,
        revision: m.revision,
    }))
}

fn voided(m: wire::SequenceVoided) -> Option<Payload> {
    Some(Payload::SequenceVoided(fact::SequenceVoided {
        terminal: TerminalId(m.terminal),
        epoch: epoch(m.epoch)?,
        from: TerminalSeq(m.from),
        to: TerminalSeq(m.to),
        reason: text(m.reason),
        revision: m.revision,
    }))
}

fn event_refused(m: &wire::EventRefused) -> Option<Payload> {
    Some(Payload::EventRefused(fact::EventRefused {
        code: m.code,
        event_id: EventId::parse(&m.event_id)?,
        terminal: TerminalId(m.terminal),
        epoch: epoch(m.epoch)?,
        seq: TerminalSeq(m.seq),
    }))
}
