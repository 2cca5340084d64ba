//! `cargo xtask fuzz`: builds the fuzz targets of `dev/fuzz` with cargo-fuzz and runs each for some seconds, as many at
//! once as there are cores. Invariants:
//! - a target that finds something fails, names the file that holds the input, and says the line that repeats it
//! - what is found and what is learnt lies in the target folder and is kept; seeds are never written
//!
//! They are built with the release profile and debug assertions: the profile says which library's overflow is no panic, and
//! only there. The stable compiler builds them, so no sanitizer watches: the code is safe Rust, and its checks panic. With
//! `RUSTC_BOOTSTRAP=1` cargo-fuzz can be called by hand with the address sanitizer, for what is C beneath.

mod outcome;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result, bail};

use crate::call::Call;
use crate::checkout::Checkout;
use crate::setup::{self, Tool};
use outcome::Outcome;

const TARGETS: &str = "dev/fuzz/targets/";
const SEEDS: &str = "dev/fuzz/seeds";
/// Seconds of each target where nobody says another number, and in the gate.
const SECONDS: u32 = 10;
/// An input that takes so many seconds, or a process that takes so many MiB, is a finding. A machine that is put to sleep
/// for a moment is none.
const LIMITS: &str = "-timeout=60 -rss_limit_mb=2048";

/// Runs what the words say: names of targets, or all; `--seconds N`.
pub(crate) fn run(checkout: &Checkout, words: &[&str]) -> Result<()> {
    let (names, seconds) = read(words)?;
    let targets = choose(targets(&checkout.paths()?), &names)?;
    setup::ensure(checkout)?;
    Fuzzing { root: checkout.root(), folder: folder(), seconds }.run(&targets)
}

/// The step of the gate.
pub(crate) fn gate(checkout: &Checkout) -> Result<()> {
    run(checkout, &[])
}

fn read<'w>(words: &[&'w str]) -> Result<(Vec<&'w str>, u32)> {
    let (mut names, mut seconds) = (Vec::new(), SECONDS);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match (*word, words.as_slice().first()) {
            ("--seconds", Some(number)) => {
                seconds = number.parse().context("--seconds takes a whole number")?;
                words.next();
            }
            (word, _) if word.starts_with('-') => bail!("usage: cargo xtask fuzz [TARGET...] [--seconds N]"),
            (name, _) => names.push(name),
        }
    }
    Ok((names, seconds))
}

/// Each file of the folder is a target.
fn targets(paths: &[String]) -> Vec<String> {
    let files = paths.iter().filter_map(|path| path.strip_prefix(TARGETS)?.strip_suffix(".rs"));
    files.map(str::to_owned).collect()
}

fn choose(all: Vec<String>, names: &[&str]) -> Result<Vec<String>> {
    if let Some(stranger) = names.iter().find(|name| all.iter().all(|target| target != *name)) {
        bail!("there is no fuzz target `{stranger}`; there is {}", all.join(", "));
    }
    Ok(all.into_iter().filter(|target| names.is_empty() || names.contains(&target.as_str())).collect())
}

/// Where binaries, corpora and findings are: beside what cargo builds, from the root of the checkout.
fn folder() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from).join("fuzz")
}

struct Fuzzing<'c> {
    root: &'c Path,
    folder: PathBuf,
    seconds: u32,
}

impl Fuzzing<'_> {
    fn run(&self, targets: &[String]) -> Result<()> {
        self.build(targets)?;
        let waiting = Mutex::new(targets.iter());
        let outcomes = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
                scope.spawn(|| {
                    while let Some(target) = lock(&waiting).next() {
                        let outcome = self.attempt(target);
                        lock(&outcomes).push(outcome);
                    }
                });
            }
        });
        let outcomes = outcomes.into_inner().unwrap_or_else(PoisonError::into_inner);
        let outcomes = outcomes.into_iter().collect::<Result<Vec<Outcome>>>()?;
        let failed = outcomes.iter().filter(|outcome| !outcome.ok).count();
        if failed > 0 {
            bail!("{failed} of {} targets found something: make it a test of the room that is wrong", targets.len());
        }
        Ok(())
    }

    fn build(&self, targets: &[String]) -> Result<()> {
        if !Call::new("c++ --version").works(self.root) {
            bail!("the fuzzer's engine is C++: a compiler is needed (Debian: g++)");
        }
        let one = if let [target] = targets { target.as_str() } else { "" };
        let build = "build --fuzz-dir dev/fuzz --release --sanitizer none --features libfuzzer";
        let call = Tool::CargoFuzz.call(&format!("{build} --target-dir {} {one}", self.folder.display()));
        // cargo-fuzz's own assertions are flags that reach every crate, over the profile's word on a single one.
        call.with("CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS", "true").run(self.root)
    }

    fn attempt(&self, target: &str) -> Result<Outcome> {
        let place = |what: &str| self.folder.join(what).join(target);
        let (corpus, findings, log) = (place("corpus"), place("findings"), place("logs"));
        for folder in [&corpus, &findings, &self.folder.join("logs")] {
            let folder = self.root.join(folder);
            fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        }
        let binary = self.folder.join(format!("{}-unknown-linux-gnu/release", env::consts::ARCH)).join(target);
        let where_to = format!("{} {SEEDS}/{target} -artifact_prefix={}/", corpus.display(), findings.display());
        let how_long = format!("-max_total_time={} -print_final_stats=1", self.seconds);
        let call = Call::new(&format!("{} {where_to} {how_long} {LIMITS}", binary.display()));
        let ok = call.write(self.root, &log)?;
        let said = fs::read(self.root.join(&log)).with_context(|| format!("{} cannot be read", log.display()))?;
        let outcome = Outcome::read(target, ok, &String::from_utf8_lossy(&said));
        println!("{outcome}");
        if let Some(finding) = &outcome.finding {
            println!("  log: {}\n  again: {} {finding}", log.display(), binary.display());
        }
        Ok(outcome)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_the_files_of_their_folder() {
        let paths = ["dev/fuzz/src/lib.rs", "dev/fuzz/targets/event.rs", "dev/fuzz/targets/json.rs"].map(str::to_owned);
        let all = targets(&paths);
        assert_eq!(all, ["event", "json"]);
        assert_eq!(choose(all.clone(), &["json"]).unwrap(), ["json"]);
        assert_eq!(choose(all.clone(), &[]).unwrap(), all);
        assert!(choose(all, &["lunch"]).unwrap_err().to_string().contains("there is event, json"));
    }

    #[test]
    fn seconds_and_names_come_in_any_order() {
        assert_eq!(read(&["json", "--seconds", "600", "event"]).unwrap(), (vec!["json", "event"], 600));
        assert_eq!(read(&[]).unwrap(), (Vec::new(), SECONDS));
        assert!(read(&["--seconds", "soon"]).is_err() && read(&["--seconds"]).is_err() && read(&["--fast"]).is_err());
    }
}
