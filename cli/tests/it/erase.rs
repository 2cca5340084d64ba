//! A payment's person is erased: nobody opens it any more, the evidence is untouched, and who tells of it again changes
//! nothing (X8).

use std::fs;
use std::path::Path;

use crate::keys::PERSON;
use crate::talon::{Scratch, code, done, err, files, on, on_with, out, state_digest};

const PAYMENT: &str = "019ab9f4-d500-7aaa-8bbb-0102030405bb";
const PHONE: &str = "+33639980012";

fn publish(ledger: &Path, line: &str) -> String {
    out(&done(on_with(ledger, &["publish", "-"], line.as_bytes())))
}

fn erase(ledger: &Path) -> String {
    out(&done(on(ledger, &["erase", PAYMENT, "--as", "dpo-2", "--reason", "art. 17"])))
}

/// How often a phone can be had from the ledger by whoever has its key.
fn phones(ledger: &Path) -> usize {
    out(&done(on(ledger, &["dump", "--open"]))).matches(PHONE).count()
}

#[test]
fn x8_erased_then_the_gateway_retries() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let other = PERSON.replace("0102030405bb", "0102030405cc").replace("000001", "000009");
    publish(&ledger, PERSON);
    publish(&ledger, &other);
    done(on(&ledger, &["project"]));
    let pin = scratch.path("pin.json");
    let pin = pin.to_str().expect("a path");
    done(on(&ledger, &["root", "--out", pin]));
    let (digest, segments) = (state_digest(&ledger), fs::read(journal(&ledger)).expect("a segment"));
    assert_eq!(phones(&ledger), 2);

    let erased = erase(&ledger);
    assert!(erased.contains("1 key destroyed"), "{erased}");
    assert_eq!(phones(&ledger), 1, "the other payment's");
    assert_eq!(state_digest(&ledger), digest, "amounts and facts are what they were");
    let after = fs::read(journal(&ledger)).expect("a segment");
    let written = segments.iter().rposition(|byte| *byte != 0).expect("records") + 1;
    assert_eq!(after[..written], segments[..written], "no record changed");
    let verified = out(&done(on(&ledger, &["verify", "--pin", pin])));
    assert!(verified.contains("all is well"), "{verified}");

    // The gateway retries: known, no key is used, nothing is sealed.
    assert!(publish(&ledger, PERSON).starts_with("0 appended, 1 known already"));
    assert_eq!(phones(&ledger), 1);
    // It tells of the person in another event: that is kept, and the person is not; and so when it retries that.
    let again = PERSON.replace("000001", "000002").replace(r#""number":1"#, r#""number":2"#);
    assert!(publish(&ledger, &again).starts_with("1 appended"));
    assert!(publish(&ledger, &again).starts_with("0 appended, 1 known already"));
    assert_eq!(phones(&ledger), 1);
    let dumped = out(&done(on(&ledger, &["dump"])));
    assert_eq!(dumped.matches("phoneVerified").count(), 3);
    let in_clear = |path: &Path| fs::read(path).expect("a file").windows(PHONE.len()).any(|of| of == PHONE.as_bytes());
    assert!(!files(&ledger).iter().any(|path| in_clear(path)));

    // Said again it finds what was sealed since, and says nothing twice.
    let erased = erase(&ledger);
    assert!(erased.contains("1 key destroyed"), "{erased}");
    let told = out(&done(on(&ledger, &["tail", "-n", "20"]))).matches("SubjectErased").count();
    assert_eq!(told, 1);
    assert!(erase(&ledger).contains("0 keys destroyed"));
    let verified = out(&done(on(&ledger, &["verify", "--pin", pin])));
    assert!(verified.contains("all is well"), "{verified}");
}

fn journal(ledger: &Path) -> std::path::PathBuf {
    ledger.join("journal/00000000000000000000.seg")
}

#[test]
fn whoever_is_not_there_is_not_erased() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    for (id, why) in [("no-id", "is no payment's id"), (PAYMENT, "is in no record")] {
        let refused = on(&ledger, &["erase", id, "--as", "dpo-2"]);
        assert_eq!(code(&refused), 2);
        assert!(err(&refused).contains(why), "{}", err(&refused));
    }
}

/// Without the key nothing can be destroyed; the ledger says so all the same, and the rest is done when it is said again.
#[test]
fn what_was_cut_off_is_finished() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    publish(&ledger, PERSON);
    fs::rename(scratch.path("ledger.key"), scratch.path("elsewhere.key")).expect("a rename");
    let failed = on(&ledger, &["erase", PAYMENT, "--as", "dpo-2"]);
    assert!(code(&failed) == 1 && err(&failed).contains("the keys are still there: say it again"), "{}", err(&failed));
    fs::rename(scratch.path("elsewhere.key"), scratch.path("ledger.key")).expect("a rename");
    assert!(erase(&ledger).contains("1 key destroyed"));
    assert_eq!(phones(&ledger), 0);
}
