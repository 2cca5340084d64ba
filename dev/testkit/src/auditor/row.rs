//! The row of a stream, field by field as docs/format.md 10 lists them, and the sum of rows.

use sha2::{Digest as _, Sha256};
use talon_domain::ids::StreamKey;
use talon_domain::money::Money;

use crate::hex;

use super::content::{count_bytes, encoded, text_bytes};
use super::payment::{Judged, Payment};
use super::slot::{Part, Slot};
use super::witness::Told;

/// The bytes of one stream's row.
pub(super) fn row(key: StreamKey, judged: &Judged<'_>) -> Vec<u8> {
    let mut row = b"talon.row".to_vec();
    row.extend(1u16.to_le_bytes());
    row.extend(key.merchant.0.to_le_bytes());
    row.extend(key.stream.0);
    row.push(u8::from(key.training));
    match &judged.payment {
        None => row.push(0),
        Some(payment) => {
            row.push(1);
            put_payment(payment, &mut row);
        }
    }
    row.extend(count_bytes(judged.told.len()));
    for told in &judged.told {
        put_slot(told, &mut row);
    }
    row.extend(count_bytes(judged.anomalies.len()));
    for (code, slot) in &judged.anomalies {
        row.extend(code.to_le_bytes());
        row.extend(name(slot));
    }
    row
}

fn put_payment(payment: &Payment<'_>, row: &mut Vec<u8>) {
    row.extend(payment.shop.0.to_le_bytes());
    row.extend(payment.terminal.0.to_le_bytes());
    row.extend(text_bytes(&payment.provider));
    row.push(payment.status);
    row.push(u8::from(payment.is_closed));
    match &payment.sale {
        None => row.push(0),
        Some(sale) => {
            row.push(1);
            row.extend(sale.currency.code().as_bytes());
            row.extend(sale.minor_units.to_le_bytes());
            row.extend(sale.day.map_or(0, |day| day.0).to_le_bytes());
        }
    }
    match &payment.plan {
        None => row.extend(0u32.to_le_bytes()),
        Some(plan) => {
            row.extend(plan.version.to_le_bytes());
            row.extend(plan.plan.installments_count.to_le_bytes());
            row.push(plan.regime);
            row.extend(count_bytes(plan.entries.len()));
            for (entry, progress) in plan.entries.iter().zip(&payment.progress) {
                row.extend(entry.number.to_le_bytes());
                row.extend(entry.due_date.0.to_le_bytes());
                row.extend(entry.total_amount.minor_units().to_le_bytes());
                row.push(*progress);
            }
        }
    }
    put_movements(payment, row);
}

fn put_movements(payment: &Payment<'_>, row: &mut Vec<u8>) {
    row.extend(count_bytes(payment.debits.len()));
    for debit in &payment.debits {
        let id = if debit.slot.family == super::slot::DEBIT { debit.slot.text(0) } else { "" };
        row.extend(text_bytes(id));
        row.extend(debit.instalment.to_le_bytes());
        row.extend(money(debit.money));
        row.extend(debit.day.0.to_le_bytes());
        row.push(debit.standing);
    }
    row.extend(count_bytes(payment.refunds.len()));
    for refund in &payment.refunds {
        row.extend(text_bytes(&refund.id));
        row.extend(text_bytes(&refund.request));
        row.extend(money(refund.money));
        match refund.split {
            None => row.push(0),
            Some((cash, rebate)) => {
                row.push(1);
                row.extend(cash.to_le_bytes());
                row.extend(rebate.to_le_bytes());
            }
        }
        row.extend(refund.day.0.to_le_bytes());
        row.push(refund.standing);
    }
    row.extend(count_bytes(payment.disputes.len()));
    for dispute in &payment.disputes {
        row.extend(text_bytes(dispute.slot.text(0)));
        row.extend(dispute.slot.number(1).to_le_bytes());
        row.push(dispute.stage);
        match dispute.money {
            None => row.push(0),
            Some(at_stake) => {
                row.push(1);
                row.extend(money(at_stake));
            }
        }
        row.extend(dispute.day.0.to_le_bytes());
        row.push(dispute.standing);
    }
}

/// "Its name; the winning event id, its source, when it occurred and its day; what is shown; every witness, smallest
/// first."
fn put_slot(told: &Told<'_>, row: &mut Vec<u8>) {
    row.extend(name(&told.slot));
    row.extend(told.winner().id().0);
    row.push(told.winner().fact.header.source as u8);
    row.extend(told.winner().fact.header.occurred_at.0.to_le_bytes());
    row.extend(told.winner().fact.header.day.0.to_le_bytes());
    let shown = encoded(&told.shown_content());
    row.extend(count_bytes(shown.len()));
    row.extend(shown);
    let mut ids: Vec<[u8; 16]> = told.witnesses.iter().map(|witness| witness.id().0).collect();
    ids.sort_unstable();
    row.extend(count_bytes(ids.len()));
    for id in ids {
        row.extend(id);
    }
}

/// "A slot's name is its family as u8, then its key."
pub(super) fn name(slot: &Slot) -> Vec<u8> {
    let mut bytes = vec![slot.family];
    for part in &slot.key {
        match part {
            Part::Choice(number, _) | Part::Form(number) => bytes.push(*number),
            Part::Number(number) => bytes.extend(number.to_le_bytes()),
            Part::Text(text) => bytes.extend(text_bytes(text)),
            Part::Id(id) => bytes.extend(id),
            Part::Hash(hash) => bytes.extend(hash),
            Part::Day(day) => bytes.extend(day.0.to_le_bytes()),
            Part::Money(of_slot) => bytes.extend(money(*of_slot)),
        }
    }
    bytes
}

/// "Money in a row is three letters of currency and a u128 of minor units."
fn money(money: Money) -> Vec<u8> {
    let mut bytes = money.currency.code().as_bytes().to_vec();
    bytes.extend(u128::from(money.amount.minor_units()).to_le_bytes());
    bytes
}

/// "The sum, modulo 2^256, of SHA-256 over one row for each stream", as 64 hexadecimal digits, most significant first.
pub(super) fn digest(rows: &[Vec<u8>]) -> String {
    let mut sum = [0u8; 32];
    for row in rows {
        let hash = Sha256::digest(row);
        let mut carry = 0u16;
        for place in (0..32).rev() {
            let column = u16::from(sum[place]) + u16::from(hash[place]) + carry;
            sum[place] = column.to_le_bytes()[0];
            carry = column / 256;
        }
    }
    hex(&sum)
}
