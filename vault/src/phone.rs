//! Phone numbers: what counts as E.164, and the bucket that narrows a search to one in 4,096 (docs/format.md, section
//! 5). A bucket is made with a key, per merchant, and is too coarse to identify anyone.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use talon_domain::ids::MerchantId;
use zeroize::Zeroizing;

const BUCKETS: u16 = 4096;
/// HMAC pads a key to the hash's block with zeros.
const BLOCK_BYTES: usize = 64;

/// Whether a text is an E.164 number: a plus sign, then 7 to 15 digits, the first not zero.
pub fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|c| c.is_ascii_digit())
    })
}

/// The key of a ledger's phone buckets; `init` makes it and nothing ever changes it.
pub(crate) struct BucketKey(Zeroizing<[u8; 32]>);

impl BucketKey {
    pub(crate) const fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self(key)
    }

    /// 1 to 4096.
    pub(crate) fn bucket(&self, merchant: MerchantId, e164: &str) -> u16 {
        let mut block = Zeroizing::new([0; BLOCK_BYTES]);
        let (key, _) = block.split_at_mut(self.0.len());
        key.copy_from_slice(self.0.as_slice());
        let mut mac = <Hmac<Sha256> as KeyInit>::new((&*block).into());
        mac.update(&merchant.0.to_le_bytes());
        mac.update(e164.as_bytes());
        let [a, b, ..]: [u8; 32] = mac.finalize().into_bytes().into();
        // Of a little-endian u64, the remainder by 2^12 lies in its first two bytes.
        1 + u16::from_le_bytes([a, b]) % BUCKETS
    }
}
