//! The state digest: the sum, modulo 2^256, of SHA-256 over one row for each stream. Adding is what makes it
//! independent of order, and lets partitions be folded apart. It finds accidents; against an adversary only a signed
//! tree proves anything. Rows are described in `docs/format.md` 8.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::fold::FOLD_VERSION;
use crate::money::{Currency, Totals};
use crate::slot::Slot;
use crate::state::{AgreedPlan, Debit, FilledSlot, Sale, State};

/// 256 bits, printed as 64 hexadecimal digits, most significant first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Adds one stream's row.
    pub fn add(&mut self, state: &State) {
        self.merge(Self(Sha256::digest(row(state)).into()));
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
pub fn row(state: &State) -> Vec<u8> {
    let mut row = Row(Vec::with_capacity(512));
    row.bytes(b"talon.row").u16(FOLD_VERSION);
    row.u64(state.key.merchant.0).bytes(&state.key.stream.0).u8(state.key.training.into());
    row.u32(state.shop.0).u32(state.terminal.0).text(state.provider.as_deref().unwrap_or_default());
    row.u8(state.status as u8);
    row.sale(state.sale.as_ref()).totals(&state.collected()).totals(&state.suspense());
    row.plan(state.plan.as_ref());
    row.each(&state.debits, Row::debit);
    row.each(&state.slots, Row::filled);
    row.each(&state.anomalies, |row, anomaly| {
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

    fn totals(&mut self, totals: &Totals) -> &mut Self {
        self.count(totals.iter().count());
        for (currency, minor_units) in totals.iter() {
            self.sum(currency, minor_units);
        }
        self
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
        self.sum(debit.money.currency, debit.money.amount.minor_units().into());
        self.u16(debit.day.0).u8(debit.standing as u8);
    }

    fn filled(&mut self, filled: &FilledSlot) {
        self.slot(&filled.slot).bytes(&filled.winner.0).u16(filled.day.0);
        self.count(filled.content.len()).bytes(&filled.content);
        self.each(&filled.witnesses, |row, id| {
            row.bytes(&id.0);
        });
    }

    fn slot(&mut self, slot: &Slot) -> &mut Self {
        self.u8(slot.family());
        match slot {
            Slot::Initiation => self,
            Slot::Phone(n) | Slot::Sms(n) | Slot::Plan(n) | Slot::DebitWithoutId(n) => self.u32(*n),
            Slot::Acceptance(id) | Slot::Debit(id) => self.text(id),
            Slot::Outcome(kind, attempt) | Slot::CancelAsked(kind, attempt) => self.u8(*kind as u8).u32(*attempt),
            Slot::DebitFailure(instalment, attempt) => self.u32(*instalment).u32(*attempt),
            Slot::Print(kind, about, copy) => self.u8(*kind as u8).text(about).u32(*copy),
        }
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
