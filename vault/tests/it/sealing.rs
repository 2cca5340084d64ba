//! Seal and open: what is bound, what is not, what is refused.

use std::fs;

use proptest::prelude::*;
use talon_domain::ids::{LedgerId, MerchantId};
use talon_vault::{OpenError, PERSONAL_MAX, SealError, SealedPart, Vault};

use crate::{LEDGER, PERSONAL, PHONE, header, key_of, master, new_vault, open, sealed};

#[test]
fn what_is_sealed_opens_in_the_same_run_in_the_next_and_read_only() {
    let (dir, mut vault) = new_vault();
    let parts: Vec<_> = (0..3).map(|of| sealed(&mut vault, of)).collect();
    assert_eq!(*vault.open_sealed(&header(1), &parts[1]).unwrap(), PERSONAL);
    vault.close().unwrap();
    assert_eq!(*open(dir.path(), 1).open_sealed(&header(2), &parts[2]).unwrap(), PERSONAL);
    let mut reader = Vault::open_read_only(dir.path(), &master(), LEDGER).unwrap();
    assert_eq!(*reader.open_sealed(&header(0), &parts[0]).unwrap(), PERSONAL);
}

#[test]
fn every_flipped_bit_is_found_and_the_rest_of_the_header_is_free() {
    let (_dir, mut vault) = new_vault();
    let part = sealed(&mut vault, 5);
    let bound = |at: usize| (2..6).contains(&at) || (24..32).contains(&at) || (56..88).contains(&at);
    for bit in 0..104 * 8 {
        let mut spoilt = header(5);
        spoilt[bit / 8] ^= 1 << (bit % 8);
        match vault.open_sealed(&spoilt, &part) {
            Ok(personal) => assert!(!bound(bit / 8) && *personal == PERSONAL, "bit {bit}"),
            Err(OpenError::Tampered { key_id }) => assert!(bound(bit / 8) && key_id == key_of(&part), "bit {bit}"),
            Err(other) => panic!("bit {bit}: {other}"),
        }
    }
    for bit in 0..part.len() * 8 {
        let mut spoilt = part.clone();
        spoilt[bit / 8] ^= 1 << (bit % 8);
        let error = vault.open_sealed(&header(5), &spoilt).unwrap_err();
        match bit / 8 {
            0 => assert!(matches!(error, OpenError::Malformed(_)), "{error}"),
            // A flipped slot names another key of the slab, a flipped slab none.
            4 => assert!(matches!(error, OpenError::Tampered { .. }), "{error}"),
            6..12 => assert!(matches!(error, OpenError::KeyUnavailable { .. }), "{error}"),
            5 => assert!(!matches!(error, OpenError::Malformed(_)), "{error}"),
            _ => assert!(matches!(error, OpenError::Tampered { .. }), "{error}"),
        }
    }
    for length in 0..part.len() {
        vault.open_sealed(&header(5), &part[..length]).unwrap_err();
    }
}

#[test]
fn a_phone_that_is_no_e164_and_a_part_too_long_are_refused_and_leave_nothing() {
    let (_dir, mut vault) = new_vault();
    let mut out = vec![9; 4];
    for phone in ["0612345612", "", "+0612345612", "+33 612345612", "+1234567890123456"] {
        let refused = vault.seal(&header(1), PERSONAL, Some(phone), &mut out).unwrap_err();
        assert!(matches!(refused, SealError::PhoneMustBeE164), "{phone}");
    }
    let refused = vault.seal(&header(1), &vec![0; PERSONAL_MAX + 1], None, &mut out).unwrap_err();
    assert!(matches!(refused, SealError::PersonalMustFitARecord { .. }));
    assert_eq!(out, [9; 4]);
    vault.seal(&header(1), &vec![1; PERSONAL_MAX], None, &mut out).unwrap();
    assert_eq!(vault.open_sealed(&header(1), &out[4..]).unwrap().len(), PERSONAL_MAX);
}

#[test]
fn a_bucket_depends_on_ledger_merchant_and_phone_and_survives_reopening() {
    let (dir, mut vault) = new_vault();
    let merchant = MerchantId(u64::from_le_bytes(header(1)[24..32].try_into().unwrap()));
    let bucket = vault.phone_bucket(merchant, PHONE);
    assert_eq!(SealedPart::parse(&sealed(&mut vault, 1)).unwrap().phone_bucket(), u32::from(bucket));
    drop(vault);
    let again = open(dir.path(), 1);
    assert_eq!(again.phone_bucket(merchant, PHONE), bucket);
    let other = tempfile::tempdir().unwrap();
    let other = Vault::create(other.path(), &master(), LedgerId([8; 16]), crate::entropy(9)).unwrap();
    assert_ne!(other.phone_bucket(merchant, PHONE), bucket);
    let buckets: Vec<u16> = (0..200).map(|m| again.phone_bucket(MerchantId(m), PHONE)).collect();
    assert!(buckets.iter().all(|bucket| (1..=4096).contains(bucket)));
    assert!(buckets.windows(2).filter(|pair| pair[0] == pair[1]).count() < 5);
}

#[test]
fn nothing_personal_reaches_a_file() {
    let (dir, mut vault) = new_vault();
    sealed(&mut vault, 1);
    let holds = |needle: &[u8]| {
        let files = fs::read_dir(dir.path().join("vault")).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap());
        files.into_iter().any(|bytes| bytes.windows(needle.len()).any(|window| window == needle))
    };
    let search = || [PHONE.as_bytes(), b"612345612", b"Jeanne"].map(holds);
    assert_eq!(search(), [false; 3]);
    vault.close().unwrap();
    assert_eq!(search(), [false; 3]);
    assert!(holds(b"SQLite format 3"), "the search itself finds what is there");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_personal_bytes_come_back_and_lengths_come_in_grains(
        parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..600), 32),
    ) {
        let (_dir, mut vault) = new_vault();
        for personal in &parts {
            let mut out = Vec::new();
            vault.seal(&header(3), personal, None, &mut out).unwrap();
            prop_assert_eq!(out.len(), 12 + (2 + personal.len()).next_multiple_of(16) + 16);
            prop_assert_eq!(SealedPart::parse(&out).unwrap().phone_bucket(), 0);
            prop_assert_eq!(&*vault.open_sealed(&header(3), &out).unwrap(), personal);
        }
    }
}
