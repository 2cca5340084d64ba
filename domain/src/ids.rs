//! What things are called: one newtype for each identity, so that no two can be swapped.
//!
//! Ids that people publish are UUIDs of version 7 or 8 and are text on the wire; inside they are 16 bytes whose byte
//! order is their order.

use std::fmt;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number! {
    /// The party that is paid: SIREN by convention. 0 is the ledger itself.
    MerchantId(u64)
}
number! {
    /// A merchant's shop: NIC by convention (SIREN + NIC = SIRET). 0 is none.
    ShopId(u32)
}
number! {
    /// A terminal's number within its merchant. 0 is none.
    TerminalId(u32)
}
number! {
    /// Rises when the device behind a terminal's number is replaced.
    TerminalEpoch(u16)
}
number! {
    /// Gapless for each (terminal, epoch), from 1. 0 is none.
    TerminalSeq(u32)
}
number! {
    /// Who published: 0 the ledger itself, 1 the local command line.
    PrincipalId(u32)
}
number! {
    /// A journal's partition, 0 to 63.
    PartitionId(u16)
}
number! {
    /// A record's place in its partition, from 0, without holes.
    Position(u64)
}

macro_rules! uuid {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 16]);

        impl $name {
            /// Reads a lower-case hyphenated UUID of version 7 or 8; anything else is `None`.
            pub fn parse(text: &str) -> Option<Self> {
                parse_uuid(text.as_bytes()).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_uuid(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_uuid(&self.0, f)
            }
        }
    };
}

uuid! {
    /// Names one fact, for ever, within its merchant.
    EventId
}
uuid! {
    /// Names what a fact belongs to: a payment's `transaction_id`, or bytes made of a natural key.
    StreamId
}
uuid! {
    /// Names a ledger: written into every segment and every genesis record.
    LedgerId
}

/// A stream everywhere: two merchants, or practice and real sales, never share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamKey {
    /// Who is paid.
    pub merchant: MerchantId,
    /// The payment.
    pub stream: StreamId,
    /// Whether it is for practice.
    pub training: bool,
}

impl StreamId {
    /// Reads 16 bytes as they are shown: lower-case hexadecimal digits with the hyphens of a UUID. What names a stream
    /// that is no payment's is no UUID.
    pub fn parse_any(text: &str) -> Option<Self> {
        parse_bytes(text.as_bytes()).map(Self)
    }
}

fn parse_uuid(text: &[u8]) -> Option<[u8; 16]> {
    parse_bytes(text).filter(is_v7_or_v8)
}

/// Reads all digits at once and judges them afterwards: every event that comes in is read here twice.
fn parse_bytes(text: &[u8]) -> Option<[u8; 16]> {
    let text: &[u8; 36] = text.try_into().ok()?;
    if [text[8], text[13], text[18], text[23]] != [b'-'; 4] {
        return None;
    }
    let mut digits = [0u8; 32];
    for (to, from) in [(0..8, 0..8), (8..12, 9..13), (12..16, 14..18), (16..20, 19..23), (20..32, 24..36)] {
        digits.get_mut(to)?.copy_from_slice(text.get(from)?);
    }
    let mut strange = 0;
    for digit in &mut digits {
        let (number, letter) = (digit.wrapping_sub(b'0'), digit.wrapping_sub(b'a'));
        strange |= u8::from(number > 9 && letter > 5);
        *digit = if number > 9 { letter.wrapping_add(10) } else { number };
    }
    let mut id = [0u8; 16];
    id.iter_mut().zip(digits.as_chunks().0).for_each(|(byte, [high, low])| *byte = high << 4 | low & 15);
    (strange == 0).then_some(id)
}

/// Whether 16 bytes carry version 7 or 8 and the variant of RFC 9562.
pub const fn is_v7_or_v8(id: &[u8; 16]) -> bool {
    let version = id[6] >> 4;
    (version == 7 || version == 8) && id[8] >> 6 == 0b10
}

fn write_uuid(id: &[u8; 16], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (at, byte) in id.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            f.write_str("-")?;
        }
        write!(f, "{byte:02x}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_it_was_written() {
        let text = "019ab9f4-d580-7aaa-8bbb-0102030405aa";
        assert_eq!(EventId::parse(text).map(|id| id.to_string()).as_deref(), Some(text));
    }

    #[test]
    fn only_lower_case_hyphenated_v7_and_v8_are_ids() {
        for bad in [
            "",
            "019ab9f4d5807aaa8bbb0102030405aa",
            "019AB9F4-D580-7AAA-8BBB-0102030405AA",
            "019ab9f4-d580-4aaa-8bbb-0102030405aa",
            "019ab9f4-d580-7aaa-cbbb-0102030405aa",
            "019ab9f4-d580-7aaa-8bbb-0102030405ag",
            "019ab9f4-d580-7aaa-8bbb-0102030405aaa",
        ] {
            assert_eq!(EventId::parse(bad), None, "{bad}");
        }
    }
}
