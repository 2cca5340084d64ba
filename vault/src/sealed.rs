//! The sealed part of a record (docs/format.md, section 2): its bytes, and the cipher that makes and opens them.
//!
//! ```text
//! alg u8 = 1, phone_bucket u24, key_id u64, ciphertext, tag 16
//! plaintext = length u16, personal, 0-15 zeros     nonce = event_id[4..16]     AAD = 44 header bytes, then the first 12
//! ```
//!
//! This module does not know where keys come from.

use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};
use zeroize::Zeroizing;

use crate::error::{OpenError, SealError};
use crate::slab::{Key, KeyId};

const ALG: u8 = 1;
const PREFIX_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
const LENGTH_BYTES: usize = 2;
/// Plaintexts are as long as a multiple of this, so that a length tells little of a name.
const GRAIN: usize = 16;
/// A record has at most 65,535 bytes: without header (104), prefix (12) and tag (16) 65,403, in grains of 16 65,392,
/// without the length 65,390.
pub const PERSONAL_MAX: usize = 65_390;

const _: () = assert!((PERSONAL_MAX + LENGTH_BYTES).is_multiple_of(GRAIN));
const _: () = assert!(104 + PREFIX_BYTES + LENGTH_BYTES + PERSONAL_MAX + TAG_BYTES <= 65_535);

/// A sealed part as it lies in a record. Reading it needs no key.
#[derive(Clone, Copy, Debug)]
pub struct SealedPart<'a> {
    prefix: &'a [u8; PREFIX_BYTES],
    ciphertext: &'a [u8],
    tag: &'a [u8; TAG_BYTES],
}

impl<'a> SealedPart<'a> {
    /// Takes the bytes behind a record's payload apart.
    pub fn parse(sealed: &'a [u8]) -> Result<Self, OpenError> {
        let too_short = OpenError::Malformed("it is too short");
        let Some((prefix, rest)) = sealed.split_first_chunk() else { return Err(too_short) };
        let Some((ciphertext, tag)) = rest.split_last_chunk() else { return Err(too_short) };
        if prefix[0] != ALG {
            return Err(OpenError::Malformed("its algorithm is unknown"));
        }
        if ciphertext.is_empty() || !ciphertext.len().is_multiple_of(GRAIN) {
            return Err(OpenError::Malformed("its length is no multiple of 16"));
        }
        Ok(Self { prefix, ciphertext, tag })
    }

    /// 0 if no phone was sealed, else 1 to 4096.
    pub fn phone_bucket(&self) -> u32 {
        let [_, a, b, c, ..] = *self.prefix;
        u32::from_le_bytes([a, b, c, 0])
    }

    /// The key that sealed it.
    pub fn key_id(&self) -> KeyId {
        let [_, _, _, _, id @ ..] = *self.prefix;
        KeyId(u64::from_le_bytes(id))
    }

    /// Opens it with the key that its `key_id` names.
    pub(crate) fn open(&self, key: &Key, header: &[u8; 104]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let mut plain = Zeroizing::new(self.ciphertext.to_vec());
        cipher(key)
            .decrypt_inout_detached(
                &nonce(header).into(),
                &aad(header, self.prefix),
                plain.as_mut_slice().into(),
                self.tag.into(),
            )
            .map_err(|_| OpenError::Tampered { key_id: self.key_id() })?;
        unpadded(&plain).ok_or(OpenError::Malformed("its padding is not as it must be"))
    }
}

/// Appends a sealed part to `out`. The key must never be used again.
pub(crate) fn seal(
    (key_id, key): (KeyId, &Key),
    phone_bucket: u16,
    header: &[u8; 104],
    personal: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), SealError> {
    let length = checked_length(personal)?;
    let plain_bytes = (LENGTH_BYTES + personal.len()).next_multiple_of(GRAIN);
    // All at once: a vector that grew in between would leave the plaintext behind in freed memory.
    out.reserve(PREFIX_BYTES + plain_bytes + TAG_BYTES);
    let prefix = prefix(phone_bucket, key_id);
    out.extend_from_slice(&prefix);
    let start = out.len();
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(personal);
    out.resize(start + plain_bytes, 0);
    let (_, body) = out.split_at_mut(start);
    let sealed = cipher(key).encrypt_inout_detached(&nonce(header).into(), &aad(header, &prefix), body.into());
    let Ok(tag) = sealed else { unreachable!("a record is far below the cipher's limit of 64 GiB") };
    out.extend_from_slice(&tag);
    Ok(())
}

pub(crate) fn checked_length(personal: &[u8]) -> Result<u16, SealError> {
    let too_long = SealError::PersonalMustFitARecord { bytes: personal.len() };
    if personal.len() > PERSONAL_MAX {
        return Err(too_long);
    }
    u16::try_from(personal.len()).map_err(|_| too_long)
}

fn prefix(phone_bucket: u16, key_id: KeyId) -> [u8; PREFIX_BYTES] {
    let [b0, b1] = phone_bucket.to_le_bytes();
    let [k0, k1, k2, k3, k4, k5, k6, k7] = key_id.0.to_le_bytes();
    [ALG, b0, b1, 0, k0, k1, k2, k3, k4, k5, k6, k7]
}

fn cipher(key: &Key) -> Aes256Gcm {
    let key: &[u8; 32] = key;
    Aes256Gcm::new(key.into())
}

/// The last 12 bytes of the event id.
fn nonce(header: &[u8; 104]) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce.copy_from_slice(&header[60..72]);
    nonce
}

/// Kind and schema, merchant, event id and stream id, then the sealed part's own first bytes.
fn aad(header: &[u8; 104], prefix: &[u8; PREFIX_BYTES]) -> [u8; 56] {
    let mut aad = [0; 56];
    aad[..4].copy_from_slice(&header[2..6]);
    aad[4..12].copy_from_slice(&header[24..32]);
    aad[12..44].copy_from_slice(&header[56..88]);
    aad[44..].copy_from_slice(prefix);
    aad
}

/// The personal bytes, if length and padding are exactly those that sealing makes.
fn unpadded(plain: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (length, rest) = plain.split_first_chunk::<LENGTH_BYTES>()?;
    let length = usize::from(u16::from_le_bytes(*length));
    let (personal, padding) = rest.split_at_checked(length)?;
    let exact = padding.len() < GRAIN && padding.iter().all(|byte| *byte == 0);
    exact.then(|| Zeroizing::new(personal.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::BucketKey;
    use std::collections::BTreeMap;
    use talon_domain::ids::MerchantId;

    /// Made by `sealed_part.py` beside it, which shares no code with this crate. In the header that the script makes the byte
    /// of the format is the draft's; no byte of a sealed part follows from it.
    const GOLDEN: &str = include_str!("../tests/golden/sealed_part.txt");

    fn golden() -> BTreeMap<&'static str, &'static str> {
        GOLDEN.lines().filter_map(|line| line.split_once(' ')).map(|(name, value)| (name, value.trim())).collect()
    }

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    #[test]
    fn a_sealed_part_is_the_one_that_an_independent_writer_makes() {
        let golden = golden();
        let field = |name: &str| bytes(golden[name]);
        let key: Key = Zeroizing::new(field("key").try_into().unwrap());
        let key_id = KeyId(golden["key_id"].parse().unwrap());
        let header: [u8; 104] = field("header").try_into().unwrap();
        let bucket_key = BucketKey::new(Zeroizing::new(field("bucket_key").try_into().unwrap()));
        let bucket = bucket_key.bucket(MerchantId(golden["merchant"].parse().unwrap()), golden["phone"]);
        assert_eq!(bucket.to_string(), golden["bucket"]);

        let mut sealed = Vec::new();
        seal((key_id, &key), bucket, &header, &field("personal"), &mut sealed).unwrap();
        assert_eq!(sealed, field("sealed"));
        let mut empty = Vec::new();
        seal((key_id, &key), 0, &header, &[], &mut empty).unwrap();
        assert_eq!(empty, field("empty"));

        let part = SealedPart::parse(&sealed).unwrap();
        assert_eq!((part.key_id(), part.phone_bucket()), (key_id, u32::from(bucket)));
        assert_eq!(*part.open(&key, &header).unwrap(), field("personal"));
        assert!(SealedPart::parse(&empty).unwrap().open(&key, &header).unwrap().is_empty());
    }

    /// Made by `dev/reader/golden_ledger.py`, which shares no code with this crate either.
    const RECORDS: &str = include_str!("../tests/golden/sealed_records.txt");

    #[test]
    fn what_another_writer_sealed_is_opened_and_sealed_the_same() {
        let lines: Vec<Vec<&str>> = RECORDS.lines().map(|line| line.split(' ').collect()).collect();
        let sealed = lines.iter().filter(|line| line[0] == "sealed");
        assert_eq!(sealed.clone().count(), 4);
        for line in sealed {
            let key: Key = Zeroizing::new(bytes(line[2]).try_into().unwrap());
            let header: [u8; 104] = bytes(line[3]).try_into().unwrap();
            let (wanted, personal) = (bytes(line[4]), if line[5] == "-" { Vec::new() } else { bytes(line[5]) });
            let part = SealedPart::parse(&wanted).unwrap();
            assert_eq!(*part.open(&key, &header).unwrap(), personal, "{}", line[1]);
            let mut again = Vec::new();
            let bucket = part.phone_bucket().try_into().unwrap();
            seal((part.key_id(), &key), bucket, &header, &personal, &mut again).unwrap();
            assert_eq!(again, wanted, "{}", line[1]);
        }
    }

    #[test]
    fn only_the_padding_that_sealing_makes_is_read() {
        assert_eq!(*unpadded(&[1, 0, 9, 0]).unwrap(), [9]);
        for wrong in [&[1_u8, 0, 9, 1][..], &[3, 0, 9, 0], &[9], &[0; 18]] {
            assert!(unpadded(wrong).is_none(), "{wrong:?}");
        }
    }
}
