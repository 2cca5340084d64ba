//! The state digest: the sum, modulo 2^256, of SHA-256 over one row for each stream. Adding is what makes it
//! independent of order, and lets partitions be folded apart. It finds accidents; against an adversary only a signed
//! tree proves anything. Rows are described in `docs/format.md` 10.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::fold::FOLD_VERSION;
use crate::ids::StreamKey;
use crate::money::{Currency, Money};
use crate::slot::{Part, Slot};
use crate::state::{AgreedPlan, Debit, Dispute, FilledSlot, Refund, Sale, Standing, State};
use crate::stream::Stream;

/// 256 bits, printed as 64 hexadecimal digits, most significant first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Adds one stream's row.
    pub fn add(&mut self, key: StreamKey, stream: &Stream) {
        self.add_row(&row(key, stream));
    }

    /// Adds a row of anything that is summed so.
    pub fn add_row(&mut self, row: &[u8]) {
        self.merge(Self(Sha256::digest(row).into()));
    }

    /// Adds another digest: of other streams, or of another partition.
    pub fn merge(&mut self, other: Self) {
        let mut carry = false;
        for (sum, byte) in self.0.iter_mut().zip(other.0).rev() {
            let (low, first) = sum.overflowing_add(byte);
            let (low, second) = low.overflowing_add(u8::from(carry));
            *sum = low;
            carry = first || second;
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The row of one stream: what its digest covers.
pub fn row(key: StreamKey, stream: &Stream) -> Vec<u8> {
    let whole = stream.whole(key);
    let mut row = Row(Vec::with_capacity(512));
    row.bytes(b"talon.row").u16(FOLD_VERSION);
    row.u64(key.merchant.0).bytes(&key.stream.0).u8(key.training.into());
    match &whole.state {
        None => row.u8(0),
        Some(state) => row.u8(1).payment(state),
    };
    row.each(&whole.told.slots, Row::filled);
    row.each(&whole.anomalies, |row, anomaly| {
        row.u16(anomaly.code.number()).slot(&anomaly.slot);
    });
    row.0
}

/// Bytes of a row, written field by field. Texts carry their length, lists their count, so that no two states share
/// their bytes.
struct Row(Vec<u8>);

impl Row {
    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn u8(&mut self, value: u8) -> &mut Self {
        self.bytes(&[value])
    }

    fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    fn count(&mut self, count: usize) -> &mut Self {
        self.u32(u32::try_from(count).unwrap_or(u32::MAX))
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.count(text.len()).bytes(text.as_bytes())
    }

    fn sum(&mut self, currency: Currency, minor_units: u128) -> &mut Self {
        self.bytes(currency.code().as_bytes()).bytes(&minor_units.to_le_bytes())
    }

    fn each<T>(&mut self, all: &[T], write: impl Fn(&mut Self, &T)) -> &mut Self {
        self.count(all.len());
        all.iter().for_each(|item| write(self, item));
        self
    }

    fn payment(&mut self, state: &State) -> &mut Self {
        self.u32(state.shop.0).u32(state.terminal.0).text(state.provider.as_deref().unwrap_or_default());
        self.u8(state.status as u8).u8(state.is_closed.into());
        self.sale(state.sale.as_ref()).plan(state.plan.as_ref());
        self.each(&state.debits, Self::debit);
        self.each(&state.refunds, Self::refund);
        self.each(&state.disputes, Self::dispute)
    }

    fn sale(&mut self, sale: Option<&Sale>) -> &mut Self {
        match sale {
            None => self.u8(0),
            Some(sale) => self.u8(1).sum(sale.currency, sale.minor_units).u16(sale.day.map_or(0, |day| day.0)),
        }
    }

    fn plan(&mut self, plan: Option<&AgreedPlan>) -> &mut Self {
        let Some(agreed) = plan else { return self.u32(0) };
        self.u32(agreed.version).u32(agreed.plan.installments_count).u8(agreed.regime as u8);
        self.each(&agreed.instalments, |row, state| {
            row.u32(state.entry.number).u64(state.entry.due_date.0.cast_unsigned());
            row.u64(state.entry.total_amount.minor_units()).u8(state.progress as u8);
        })
    }

    fn debit(&mut self, debit: &Debit) {
        self.text(debit.debit_id.as_deref().unwrap_or_default()).u32(debit.instalment);
        self.money(debit.money).u16(debit.day.0).u8(debit.standing as u8);
    }

    fn refund(&mut self, refund: &Refund) {
        self.text(refund.refund_id.as_deref().unwrap_or_default());
        self.text(refund.request_id.as_deref().unwrap_or_default());
        self.money(refund.money);
        match refund.split {
            None => self.u8(0),
            Some(split) => self.u8(1).u64(split.cash.minor_units()).u64(split.rebate.minor_units()),
        };
        self.u16(refund.day.0).standing(refund.standing);
    }

    fn dispute(&mut self, dispute: &Dispute) {
        self.text(&dispute.dispute_id).u32(dispute.round).u8(dispute.stage as u8);
        match dispute.money {
            None => self.u8(0),
            Some(money) => self.u8(1).money(money),
        };
        self.u16(dispute.day.0).standing(dispute.standing);
    }

    fn standing(&mut self, standing: Option<Standing>) {
        self.u8(standing.map_or(0, |standing| standing as u8));
    }

    fn money(&mut self, money: Money) -> &mut Self {
        self.sum(money.currency, money.amount.minor_units().into())
    }

    fn filled(&mut self, filled: &FilledSlot) {
        self.slot(&filled.slot).bytes(&filled.winner.0);
        self.u8(filled.source as u8).u64(filled.occurred_at.0.cast_unsigned()).u16(filled.day.0);
        self.count(filled.content.len()).bytes(&filled.content);
        self.each(&filled.witnesses, |row, id| {
            row.bytes(&id.0);
        });
    }

    fn slot(&mut self, slot: &Slot) -> &mut Self {
        self.u8(slot.family());
        slot.parts(&mut |part| {
            match part {
                Part::Choice(number, _) | Part::Tag(number) => self.u8(number),
                Part::Number(number) => self.u32(number),
                Part::Text(text) => self.text(text),
                Part::Id(id) => self.bytes(&id),
                Part::Hash(hash) => self.bytes(&hash),
                Part::Day(day) => self.u16(day.0),
                Part::Money(money) => self.money(money),
            };
        });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_add_modulo_two_to_the_256() {
        let mut sum = Digest([0xff; 32]);
        let mut one = [0; 32];
        one[31] = 1;
        sum.merge(Digest(one));
        assert_eq!(sum, Digest::default());
        sum.merge(Digest(one));
        assert!(sum.to_string().ends_with("0001"));
    }
}
