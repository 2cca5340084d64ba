//! The master key: where it is looked for, what happens without it, and the copy in the safe.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use crate::talon::{Scratch, code, done, err, on, on_with, out, state_digest, talon};

pub(crate) const PERSON: &str = r#"{"eventId":"019ab9f4-d580-7aaa-8bbb-000000000001","merchant":"732829320","transactionId":"019ab9f4-d500-7aaa-8bbb-0102030405bb","occurredAt":"2026-11-24T10:00:00Z","source":"gateway","personal":{"phone":"+33639980012"},"phoneVerified":{"number":1}}"#;

#[test]
fn the_key_lies_beside_the_ledger_for_its_owner_alone() {
    let scratch = Scratch::new();
    scratch.ledger("ledger");
    let about = fs::metadata(scratch.path("ledger.key")).expect("the key");
    assert_eq!(about.permissions().mode() & 0o777, 0o600);
}

#[test]
fn without_the_key_what_must_be_sealed_is_refused_early_and_everything_else_goes_on() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    fs::rename(scratch.path("ledger.key"), scratch.path("elsewhere.key")).expect("a rename");
    let before = state_digest(&ledger);
    let refused = on_with(&ledger, &["publish", "-"], PERSON.as_bytes());
    assert_eq!(code(&refused), 1);
    assert!(err(&refused).contains("ledger.key"), "{}", err(&refused));
    assert_eq!(state_digest(&ledger), before, "nothing was appended");
    let impersonal = PERSON.replace(r#""personal":{"phone":"+33639980012"},"#, "").replace("000001", "000002");
    done(on_with(&ledger, &["publish", "-"], impersonal.as_bytes()));
    done(on(&ledger, &["verify"]));

    let key = scratch.path("elsewhere.key");
    let key = key.to_string_lossy();
    done(on_with(&ledger, &["--key", &key, "publish", "-"], PERSON.as_bytes()));
    let by_environment = talon()
        .arg("--ledger")
        .arg(&ledger)
        .args(["dump", "--open"])
        .env("TALON_MASTER_KEY_FILE", &*key)
        .output()
        .expect("the command runs");
    assert!(out(&done(by_environment)).contains("+33639980012"));
}

#[test]
fn a_wrong_key_is_told_from_a_missing_one() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    scratch.ledger("other");
    let other = scratch.path("other.key");
    let refused = on_with(&ledger, &["--key", &other.to_string_lossy(), "publish", "-"], PERSON.as_bytes());
    assert_eq!(code(&refused), 1);
    assert!(err(&refused).contains("wrong master key"), "{}", err(&refused));
}

#[test]
fn a_key_inside_the_ledger_raises_a_warning() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let inside = ledger.join("master.key");
    fs::rename(scratch.path("ledger.key"), &inside).expect("a rename");
    let published = done(on_with(&ledger, &["--key", &inside.to_string_lossy(), "publish", "-"], PERSON.as_bytes()));
    assert!(err(&published).contains("inside the ledger's folder"), "{}", err(&published));
}

#[test]
fn the_copy_from_the_safe_makes_the_key_again() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    done(on_with(&ledger, &["publish", "-"], PERSON.as_bytes()));
    let copy = done(on(&ledger, &["key", "recovery"])).stdout;
    assert!(String::from_utf8_lossy(&copy).contains("key restore <"), "the sheet says how it is used");
    fs::remove_file(scratch.path("ledger.key")).expect("the key");
    done(on_with(&ledger, &["key", "restore"], &copy));
    assert!(out(&done(on(&ledger, &["dump", "--open"]))).contains("+33639980012"));
    let twice = on_with(&ledger, &["key", "restore"], &copy);
    assert_eq!(code(&twice), 1, "a key is never overwritten");
}

#[test]
fn a_ledger_is_its_owners_alone() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    done(on_with(&ledger, &["publish", "-"], PERSON.as_bytes()));
    for path in
        crate::talon::files(&ledger).into_iter().chain([ledger.clone(), ledger.join("journal"), ledger.join("vault")])
    {
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", path.display());
    }
}

#[test]
fn the_days_file_is_its_owners_alone_too() {
    let mode = fs::metadata(crate::talon::demo().join("day.jsonl")).expect("the day").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// Whoever comes second takes nothing of the first one's away.
#[test]
fn of_two_inits_at_once_one_makes_the_ledger() {
    let scratch = Scratch::new();
    let ledger = scratch.path("ledger");
    let start = |key: &str| {
        let mut command = talon();
        command.arg("init").arg(&ledger).arg("--key").arg(scratch.path(key));
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command runs")
    };
    for round in 0..8 {
        let keys = [format!("{round}a"), format!("{round}b")];
        let racing = keys.each_ref().map(|key| start(key));
        let ended = racing.map(|child| child.wait_with_output().expect("it ends"));
        let made: Vec<_> = keys.iter().zip(&ended).filter(|(_, ended)| code(ended) == 0).collect();
        assert_eq!(made.len(), 1, "{} {}", err(&ended[0]), err(&ended[1]));
        let key = scratch.path(made[0].0).to_string_lossy().into_owned();
        done(on_with(&ledger, &["--key", &key, "publish", "-"], PERSON.as_bytes()));
        done(on(&ledger, &["verify"]));
        let there = keys.iter().filter(|key| scratch.path(key).exists()).count();
        assert_eq!(there, 1, "the other key is taken away again");
        fs::remove_dir_all(&ledger).expect("the ledger");
    }
}

#[test]
fn an_init_that_fails_leaves_nothing_behind() {
    let scratch = Scratch::new();
    fs::write(scratch.path("ledger.key"), "somebody's key").expect("a file");
    let failed = talon().arg("init").arg(scratch.path("ledger")).output().expect("the command runs");
    assert_eq!(code(&failed), 1);
    assert!(err(&failed).contains("ledger.key"), "{}", err(&failed));
    assert!(err(&failed).contains("no ledger was made"), "{}", err(&failed));
    assert!(!scratch.path("ledger").exists());
    assert_eq!(fs::read_to_string(scratch.path("ledger.key")).expect("the file"), "somebody's key");
}

#[test]
fn a_copy_with_a_wrong_key_beside_it_is_read_with_masks() {
    let scratch = Scratch::new();
    let copy = scratch.path("copy");
    crate::talon::copy(&crate::talon::demo().join("ledger/journal"), &copy.join("journal"));
    scratch.ledger("other");
    fs::copy(scratch.path("other.key"), scratch.path("copy.key")).expect("a copy");
    fs::set_permissions(scratch.path("copy.key"), fs::Permissions::from_mode(0o600)).expect("its owner");
    let listed = done(on(&copy, &["--output", "json", "transactions", "--status", "collected"]));
    let id = crate::talon::json(&listed)["transactions"][0]["transactionId"].as_str().expect("an id").to_owned();
    let ticket = out(&done(on(&copy, &["receipt", &id, "--kind", "t2"])));
    assert!(!ticket.contains("06 "), "{ticket}");
    let told = done(on(&copy, &["receipt", &id, "--kind", "t2"]));
    assert!(err(&told).contains("phones stay masked") && err(&told).contains("no vault"), "{}", err(&told));
    let named = scratch.path("copy.key");
    let refused = on(&copy, &["--key", &named.to_string_lossy(), "receipt", &id, "--kind", "t2"]);
    assert_eq!(code(&refused), 1, "a key that is named has to serve");
}

/// Under a new key everything opens as before, under the old one nothing; the log says who did it, and the books stay.
#[test]
fn a_master_key_is_changed_and_what_was_sealed_opens_as_before() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    done(on_with(&ledger, &["publish", "-"], PERSON.as_bytes()));
    let (before, books) = (fs::read(scratch.path("ledger.key")).expect("the key"), state_digest(&ledger));
    let told = out(&done(on(&ledger, &["key", "rotate", "--as", "op-7"])));
    assert_ne!(fs::read(scratch.path("ledger.key")).expect("the key"), before);
    let opened = out(&done(on(&ledger, &["dump", "--open"])));
    assert!(opened.contains("+33639980012"), "{opened}");
    assert_eq!(state_digest(&ledger), books);
    assert!(out(&done(on(&ledger, &["tail", "-n", "1"]))).contains("MasterKeyRotated"));
    let kept = told.lines().nth(1).and_then(|line| line.split_once(": ")).expect("where the old key is").1.to_owned();
    assert_eq!(fs::read(&kept).expect("the old key"), before);
    let refused = on(&ledger, &["--key", &kept, "dump", "--open"]);
    assert!(code(&refused) == 1 && err(&refused).contains("wrong master key"), "{}", err(&refused));
    // And what comes is sealed under it.
    let next = PERSON
        .replace("000000000001", "000000000003")
        .replace("39980012", "39980013")
        .replace("\"number\":1", "\"number\":2");
    done(on_with(&ledger, &["publish", "-"], next.as_bytes()));
    assert!(out(&done(on(&ledger, &["dump", "--open"]))).contains("+33639980013"));
    done(on(&ledger, &["verify"]));
}

/// Killed anywhere, one of the files at hand opens the vault, and asking again finishes it.
#[test]
fn a_change_of_the_key_that_was_killed_is_finished_by_asking_again() {
    let scratch = Scratch::new();
    for nth in 0..12u32 {
        let name = format!("ledger-{nth}");
        let ledger = scratch.ledger(&name);
        done(on_with(&ledger, &["publish", "-"], PERSON.as_bytes()));
        let mut command = talon();
        command.arg("--ledger").arg(&ledger).args(["key", "rotate", "--as", "op-7"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the command runs");
        std::thread::sleep(std::time::Duration::from_millis(u64::from(nth) * 3));
        let _ = child.kill();
        child.wait().expect("it ends");
        let next = scratch.path(&format!("{name}.key.new"));
        done(on(&ledger, &["key", "rotate", "--as", "op-7"]));
        assert!(!next.exists());
        assert!(out(&done(on(&ledger, &["dump", "--open"]))).contains("+33639980012"), "{nth}");
    }
}
