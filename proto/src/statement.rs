//! What was read of a statement, as events: the payload's bytes, and the event around it. Invariant: what [`crate::decode`]
//! makes of the bytes is what was encoded; what would be said by being absent is absent.

use talon_domain::fact::{Direction, Kind, SettlementLine, Source, StatementImported};
use talon_domain::ids::MerchantId;
use talon_domain::money::Money;
use talon_domain::time::{Day, Instant};

use crate::fields::{put_bytes, put_number};
use crate::schema::PAYLOAD_BASE;
use crate::timestamp::Timestamp;

/// The payload of a line of an account.
pub fn encode_line(line: &SettlementLine, out: &mut Vec<u8>) {
    let own = line.direction;
    put_text(out, 1, Some(&line.account));
    put_text(out, 2, line.line_id.as_deref());
    put_count(out, 3, if line.occurrence.get() == 1 { 0 } else { line.occurrence.get().into() });
    put_number(out, 4, line.kind as u64);
    put_text(out, 5, line.native_type.as_deref());
    put_money(out, 6, Some(line.amount));
    put_direction(out, 7, own, Direction::Credit);
    put_money(out, 8, line.merchant_fee);
    put_direction(out, 9, line.merchant_fee_direction, Direction::Debit);
    put_money(out, 10, line.tax);
    put_direction(out, 11, line.tax_direction, line.merchant_fee_direction);
    put_money(out, 12, line.net);
    put_direction(out, 13, line.net_direction, own);
    put_text(out, 14, line.payment_id.as_deref());
    put_text(out, 15, line.refund_id.as_deref());
    put_text(out, 16, line.dispute_id.as_deref());
    put_text(out, 17, line.payout_id.as_deref());
    put_text(out, 18, line.included_in_payout_id.as_deref());
    put_text(out, 19, line.reference.as_deref());
    put_text(out, 20, line.end_to_end_id.as_deref());
    put_text(out, 21, line.bank_reference.as_deref());
    put_day(out, 22, line.booking_day);
    put_day(out, 23, line.value_day);
    put_text(out, 24, line.provider.as_deref());
    if let Some(hash) = &line.file_hash {
        put_hash(out, 25, hash);
    }
    put_count(out, 26, line.revision);
}

/// The payload of a statement that was read.
pub fn encode_statement(statement: &StatementImported, out: &mut Vec<u8>) {
    put_text(out, 1, Some(&statement.account));
    put_hash(out, 2, &statement.file_hash);
    put_text(out, 3, statement.format.as_deref());
    put_count(out, 4, statement.lines.into());
    put_day(out, 5, statement.first_day);
    put_day(out, 6, statement.last_day);
    put_count(out, 7, statement.revision);
}

/// An event that belongs to no payment, around a payload. Its id follows from merchant, moment and key.
#[derive(Clone, Copy, Debug)]
pub struct Statement<'a> {
    /// Whose.
    pub merchant: MerchantId,
    /// When it happened.
    pub occurred_at: Instant,
    /// Whose mouth it is.
    pub source: Source,
    /// The publisher's own natural key.
    pub source_key: &'a str,
    /// What it is.
    pub kind: Kind,
    /// The payload's bytes.
    pub payload: &'a [u8],
}

impl Statement<'_> {
    /// Appends the event's bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        put_bytes(out, 2, self.source_key.as_bytes());
        put_number(out, 3, self.merchant.0);
        put_bytes(out, 9, &Timestamp::of(self.occurred_at).encoded());
        put_number(out, 10, self.source as u64);
        put_bytes(out, PAYLOAD_BASE + u32::from(self.kind.0), self.payload);
    }
}

fn put_text(out: &mut Vec<u8>, field: u32, text: Option<&str>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        put_bytes(out, field, text.as_bytes());
    }
}

fn put_count(out: &mut Vec<u8>, field: u32, number: u64) {
    if number != 0 {
        put_number(out, field, number);
    }
}

fn put_direction(out: &mut Vec<u8>, field: u32, way: Direction, if_absent: Direction) {
    if way != if_absent {
        put_number(out, field, way as u64);
    }
}

fn put_money(out: &mut Vec<u8>, field: u32, money: Option<Money>) {
    let Some(money) = money else { return };
    let mut message = Vec::with_capacity(16);
    put_bytes(&mut message, 1, money.currency.code().as_bytes());
    put_count(&mut message, 2, money.amount.minor_units());
    put_bytes(out, field, &message);
}

fn put_day(out: &mut Vec<u8>, field: u32, day: Option<Day>) {
    if let Some(day) = day {
        put_bytes(out, field, day.to_string().as_bytes());
    }
}

fn put_hash(out: &mut Vec<u8>, field: u32, hash: &[u8; 32]) {
    let digit = |nibble: u8| b"0123456789abcdef".get(usize::from(nibble)).copied().unwrap_or_default();
    let digits: Vec<u8> = hash.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
    put_bytes(out, field, &digits);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use talon_domain::fact::{LineKind, Ordinal, Payload, Text};
    use talon_domain::money::{Amount, Currency};

    use super::*;
    use crate::{decode, walk};

    fn text() -> impl Strategy<Value = Option<Text>> {
        proptest::option::of("[a-zé ]{1,40}".prop_map(Text::from))
    }

    fn directed() -> impl Strategy<Value = (Money, Direction)> {
        let way = prop_oneof![Just(Direction::Credit), Just(Direction::Debit)];
        let money = (0..=Amount::MAX.minor_units())
            .prop_map(|minor| Money { currency: Currency::EUR, amount: Amount::new(minor).expect("in range") });
        (money, way)
    }

    fn day() -> impl Strategy<Value = Option<Day>> {
        proptest::option::of((10_957u16..65_000).prop_map(Day))
    }

    prop_compose! {
        fn line()(
            texts in proptest::array::uniform10(text()),
            (more, hash) in (proptest::array::uniform2(text()), proptest::option::of(any::<[u8; 32]>())),
            kind in proptest::sample::select(LineKind::ALL),
            amount in directed(),
            others in proptest::array::uniform3(proptest::option::of(directed())),
            days in (day(), day()),
            (occurrence, revision) in (1u32..5, any::<u64>()),
        ) -> SettlementLine {
            let [line_id, native_type, payment_id, refund_id, dispute_id, payout_id, included, reference, end, bank] = texts;
            let [fee, tax, net] = others;
            let fee_way = fee.map_or(Direction::Debit, |(_, way)| way);
            let [account, provider] = more;
            SettlementLine {
                account: account.unwrap_or_else(|| Text::from("ALMA-1")),
                line_id, native_type, payment_id, refund_id, dispute_id, payout_id, included_in_payout_id: included,
                reference, end_to_end_id: end, bank_reference: bank, provider, kind, revision, file_hash: hash,
                occurrence: if occurrence == 1 { Ordinal::default() } else { Ordinal::new(occurrence) },
                amount: amount.0, direction: amount.1,
                merchant_fee: fee.map(|(fee, _)| fee), merchant_fee_direction: fee_way,
                tax: tax.map(|(tax, _)| tax), tax_direction: tax.map_or(fee_way, |(_, way)| way),
                net: net.map(|(net, _)| net), net_direction: net.map_or(amount.1, |(_, way)| way),
                booking_day: days.0, value_day: days.1,
            }
        }
    }

    proptest! {
        #[test]
        fn a_line_is_decoded_as_it_was_encoded(line in line()) {
            let mut payload = Vec::new();
            encode_line(&line, &mut payload);
            let mut event = Vec::new();
            let (merchant, occurred_at) = (MerchantId(732_829_320), Instant(1_764_054_000_000_000));
            let kind = Kind::SETTLEMENT_LINE_RECORDED;
            let of = Statement { merchant, occurred_at, source: Source::Provider, source_key: "k", kind, payload: &payload };
            of.encode(&mut event);
            let walked = walk(&event).expect("an event");
            prop_assert_eq!((walked.kind, walked.merchant, walked.source_key), (kind, merchant, "k"));
            prop_assert_eq!(decode(walked.kind, 1, walked.payload), Payload::SettlementLine(Box::new(line)));
        }
    }

    #[test]
    fn a_statement_is_decoded_as_it_was_encoded() {
        let statement = StatementImported {
            account: Text::from("alma"),
            file_hash: [0xa7; 32],
            format: Some(Text::from("alma.accounting")),
            lines: 12,
            first_day: Some(Day(20_417)),
            last_day: None,
            revision: 0,
        };
        let mut payload = Vec::new();
        encode_statement(&statement, &mut payload);
        let decoded = decode(Kind::STATEMENT_IMPORTED, 1, &payload);
        assert_eq!(decoded, Payload::StatementImported(Box::new(statement)));
    }
}
