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

const HYPHENS: [usize; 4] = [8, 13, 18, 23];

fn parse_uuid(text: &[u8]) -> Option<[u8; 16]> {
    if text.len() != 36 || HYPHENS.iter().any(|&at| text.get(at) != Some(&b'-')) {
        return None;
    }
    let mut id = [0u8; 16];
    let mut digits = text.iter().enumerate().filter(|(at, _)| !HYPHENS.contains(at)).map(|(_, &c)| hex(c));
    for byte in &mut id {
        *byte = (digits.next()?? << 4) | digits.next()??;
    }
    is_v7_or_v8(&id).then_some(id)
}

fn hex(c: u8) -> Option<u8> {
    match c {
        b'0'..=b'9' => c.checked_sub(b'0'),
        b'a'..=b'f' => c.checked_sub(b'a' - 10),
        _ => None,
    }
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
