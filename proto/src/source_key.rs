//! Event ids made of content: who has no UUID sends its own natural key, and the id follows from it; what is broadcast
//! is told to every partition under an id of its own, which follows from the original's.
//!
//! The same merchant, instant and key always give the same id, so a publisher that forgot what it sent cannot send it
//! twice, as long as it sends the instant that it was told and not the time of sending.
//! This module does not judge the key; it must be free of personal data, and the door says so.

use sha2::{Digest, Sha256};
use talon_domain::ids::{EventId, MerchantId, PartitionId, StreamId};
use talon_domain::time::Instant;

/// Separate these hashes from all others.
const ERASURE_LABEL: &[u8] = b"talon.erased";
const LABEL: &[u8] = b"talon.id";
const BROADCAST_LABEL: &[u8] = b"talon.broadcast";
const RAND_B_BITS: u32 = 62;

/// The UUIDv8 that stands for a publisher's key: 48 bits of milliseconds, then 12 and 62 bits of
/// SHA-256("talon.id" || merchant as u64, little endian || key).
pub fn event_id_of(merchant: MerchantId, occurred_at: Instant, source_key: &str) -> EventId {
    let hash = Sha256::new().chain_update(LABEL).chain_update(merchant.0.to_le_bytes()).chain_update(source_key);
    let ms = u128::from(occurred_at.0.div_euclid(1_000).cast_unsigned()) & ((1 << 48) - 1);
    uuid_v8(ms, hash.finalize().into())
}

/// The UUIDv8 of a partition's copy of what is broadcast: the original's first 48 bits, then 12 and 62 bits of
/// SHA-256("talon.broadcast" || original id || partition as u16, little endian).
pub fn broadcast_id_of(original: EventId, partition: PartitionId) -> EventId {
    let hash = Sha256::new().chain_update(BROADCAST_LABEL).chain_update(original.0);
    let hash = hash.chain_update(partition.0.to_le_bytes());
    uuid_v8(u128::from_be_bytes(original.0) >> 80, hash.finalize().into())
}

/// The UUIDv8 of the fact that a payment's person was erased: the payment's first 48 bits, then 12 and 62 bits of
/// SHA-256("talon.erased" || merchant as u64, little endian || stream || 1 for training, else 0). Whoever knows a payment
/// knows under which id to look whether its person was erased.
pub fn erasure_id_of(merchant: MerchantId, stream: StreamId, training: bool) -> EventId {
    let hash = Sha256::new().chain_update(ERASURE_LABEL).chain_update(merchant.0.to_le_bytes());
    let hash = hash.chain_update(stream.0).chain_update([u8::from(training)]);
    uuid_v8(u128::from_be_bytes(stream.0) >> 80, hash.finalize().into())
}

fn uuid_v8(ms: u128, hash: [u8; 32]) -> EventId {
    let bits = hash.iter().take(16).fold(0u128, |bits, &byte| bits << 8 | u128::from(byte));
    let rand_a = bits >> (128 - 12);
    let rand_b = bits >> (128 - 12 - RAND_B_BITS) & ((1 << RAND_B_BITS) - 1);
    EventId((ms << 80 | 8 << 76 | rand_a << 64 | 0b10 << RAND_B_BITS | rand_b).to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows between `<!-- table: ... -->` and `<!-- end -->` of the page that defines the bytes.
    fn rows(name: &str) -> Vec<[&'static str; 4]> {
        let page = include_str!("../../docs/format.md");
        let mark = format!("<!-- table: {name} -->");
        let table = page.split(&mark).nth(1).and_then(|rest| rest.split("<!-- end -->").next()).expect("the table");
        let rows = table.lines().filter(|line| line.starts_with('|')).skip(2);
        let cells = |line: &'static str| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>();
        let rows: Vec<_> = rows.map(|line| cells(line).try_into().expect("four columns")).collect();
        assert!(rows.len() >= 2, "{name}");
        rows
    }

    fn instant(text: &str) -> Instant {
        Instant(text.parse().expect("microseconds"))
    }

    #[test]
    fn ids_are_those_of_the_page_on_bytes() {
        for [merchant, at, key, id] in rows("source-keys") {
            let made = event_id_of(MerchantId(merchant.parse().expect("a number")), instant(at), key);
            assert_eq!(made.to_string(), id, "{key}");
            assert_eq!(EventId::parse(id), Some(made));
        }
    }

    #[test]
    fn an_erasure_has_the_id_of_its_payment() {
        for [merchant, stream, training, id] in rows("erasure-ids") {
            let merchant = MerchantId(merchant.parse().expect("a number"));
            let made = erasure_id_of(merchant, StreamId::parse(stream).expect("an id"), training == "1");
            assert_eq!(made.to_string(), id, "{stream}");
            assert_eq!(EventId::parse(id), Some(made));
        }
    }

    #[test]
    fn each_partition_has_a_copy_of_its_own() {
        for [at, key, partition, id] in rows("broadcast-ids") {
            let original = event_id_of(MerchantId(0), instant(at), key);
            let made = broadcast_id_of(original, PartitionId(partition.parse().expect("a number")));
            assert_eq!(made.to_string(), id, "{key} {partition}");
            assert_eq!(EventId::parse(id), Some(made));
        }
    }
}
