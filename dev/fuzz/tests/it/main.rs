//! Every seed of every target, run by the ordinary tests: a check that no longer holds is seen without a fuzzer.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use talon_fuzz::TARGETS;

#[test]
fn every_check_holds_on_its_seeds() {
    for (name, check) in TARGETS {
        let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(name);
        let mut count = 0;
        for seed in fs::read_dir(seeds).expect("a folder of seeds") {
            check(&fs::read(seed.expect("a seed").path()).expect("its bytes"));
            count += 1;
        }
        assert!(count > 0, "{name} has no seed");
        check(&[]);
    }
}

#[test]
fn every_target_has_its_check() {
    let files = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/targets")).expect("the targets");
    let names = files.map(|file| file.expect("a file").path().file_stem().expect("a name").to_owned());
    let mut names: Vec<_> = names.map(|name| name.into_string().expect("UTF-8")).collect();
    names.sort();
    assert_eq!(names, TARGETS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
}
