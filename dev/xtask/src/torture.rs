//! Torture: campaigns of faults with fresh seeds, round after round, for as long as somebody likes.
//!
//! Invariants:
//! - each round has one seed, which is printed, and each call can be pasted to repeat it
//! - the first failure ends it
//!
//! What is tried, and what must hold, is written in the tests of the rooms; this module only gives them seeds.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};

use crate::call::Call;
use crate::checkout::Checkout;

const HELP: &str = "\
cargo xtask torture [--minutes N] [--seed S]

Plays the campaigns of faults with fresh seeds until N minutes (10 unless said) are over: a round that was begun is
finished. The first failure ends it, and is printed with the line that repeats it.

  --minutes N   begin no new round after so many minutes; 0 plays one round
  --seed S      the seed of the first round; the next ones count on from it. Unless given, it is the time of day

Each round plays, in release builds:
  seam     ledgers on a disk in memory that loses power and pages, errs and runs full, at random moments of random work
  files    bytes torn, bits flipped, files old, foreign, swapped, missing, or copied while they are written, in memory and
           in folders of the file system; processes that are killed
  views    the views' store failed at any write, killed, its files flipped, cut and zeroed
  damage   4,000 damaged stores that a projector goes on with: the views are the journal's, or nothing is answered
  letting go
           histories of everything, projected with all streams let go after any record, held against one fold
  command  kill -9 of the `talon` command, thousands of times, held against what it had answered, and of
           the projector, held against one fold

A seed fixes what is tried. Threads and processes still take turns as they like, so a failure may need a few repeats.";

/// What one round plays, and the calls that play it.
const CAMPAIGNS: &[(&str, &str)] = &[
    ("seam", "test -q --release -p talon-journal --test it -- campaign::workload crashes room followers"),
    (
        "files",
        "test -q --release -p talon-journal --test it -- campaign::torn campaign::flips campaign::swaps campaign::copies campaign::sectors processes hints",
    ),
    ("views", "test -q --release -p talon-projections --test it -- store::"),
    ("damage", "test -q --release -p talon-consumers --test it -- damage::"),
    ("letting go", "test -q --release -p talon-replay --test it -- letting_go"),
    ("command", "test -q --release -p talon-cli --test it -- kills"),
];

/// What somebody asked for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    minutes: u64,
    seed: Option<u64>,
}

/// Plays rounds as asked.
pub(crate) fn run(checkout: &Checkout, words: &[&str]) -> Result<()> {
    if words.iter().any(|word| ["--help", "-h", "help"].contains(word)) {
        println!("{HELP}");
        return Ok(());
    }
    let Asked { minutes, seed } = parse(words)?;
    let (started, first) = (now(), seed.unwrap_or_else(time_of_day));
    for round in 0.. {
        play(checkout, round, first.wrapping_add(round))?;
        if started.elapsed() >= Duration::from_mins(minutes) {
            println!(
                "torture: {} rounds from seed {first} on, nothing was lost and nothing wrong was shown",
                round + 1
            );
            break;
        }
    }
    Ok(())
}

fn parse(words: &[&str]) -> Result<Asked> {
    let mut asked = Asked { minutes: 10, seed: None };
    for pair in words.chunks(2) {
        match pair {
            ["--minutes", number] => asked.minutes = number.parse().with_context(|| format!("--minutes {number}"))?,
            ["--seed", number] => asked.seed = Some(number.parse().with_context(|| format!("--seed {number}"))?),
            _ => bail!("`{}` is not understood\n\n{HELP}", words.join(" ")),
        }
    }
    Ok(asked)
}

fn play(checkout: &Checkout, round: u64, seed: u64) -> Result<()> {
    println!("\ntorture: round {}, seed {seed}", round + 1);
    for (name, line) in CAMPAIGNS {
        let call = Call::cargo(line).with("TALON_TORTURE_SEED", seed.to_string());
        let started = now();
        let played = call.run(checkout.root());
        played.with_context(|| format!("{name}, round {}, seed {seed}; to repeat it: {call}", round + 1))?;
        println!("torture: round {}, {name}: good in {} s", round + 1, started.elapsed().as_secs());
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "rounds are played for a time")]
fn now() -> Instant {
    Instant::now()
}

/// A seed that is fresh enough, and short enough to be typed.
#[expect(clippy::disallowed_methods, reason = "a fresh seed, which is printed")]
fn time_of_day() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_secs() % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_understood_or_refused() {
        assert_eq!(parse(&[]).unwrap(), Asked { minutes: 10, seed: None });
        assert_eq!(parse(&["--seed", "5", "--minutes", "30"]).unwrap(), Asked { minutes: 30, seed: Some(5) });
        for words in [&["--minutes"][..], &["--minutes", "soon"], &["--hours", "1"], &["30"]] {
            assert!(parse(words).is_err(), "{words:?}");
        }
    }
}
