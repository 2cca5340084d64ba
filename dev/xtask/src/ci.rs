//! The gate: every step runs, is timed, and says how to run it alone; one failure fails the gate.
//!
//! All steps run even after a failure, so that one run tells everything there is to mend.

mod step;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::checkout::Checkout;
use crate::setup::{self, Tool};
use step::Step;

/// Runs the named steps, or all of them when none is named.
pub(crate) fn run(checkout: &Checkout, names: &[&str]) -> Result<()> {
    let steps = choose(step::all(), names)?;
    setup::ensure(checkout)?;
    let (passed, failed): (Vec<_>, Vec<_>) = steps.iter().map(|step| attempt(checkout, step)).partition(|run| run.ok);
    println!("\ngate: what ran");
    passed.iter().chain(&failed).for_each(Outcome::print);
    if !failed.is_empty() {
        bail!("the gate is closed: {} of {} steps failed", failed.len(), steps.len());
    }
    println!("gate: open ({} of {} steps)", steps.len(), step::all().len());
    Ok(())
}

/// Prints the steps and the commands behind them.
pub(crate) fn list() {
    for step in step::all() {
        println!("{:<10}{}\n{:<10}  {}", step.name, step.about, "", step.by_hand());
    }
}

/// Asks the advisory database, which is fetched with git: for people with a network, so not in the gate.
pub(crate) fn advisories(checkout: &Checkout) -> Result<()> {
    setup::ensure(checkout)?;
    Tool::CargoDeny.call("check advisories").run(checkout.root())
}

struct Outcome {
    name: &'static str,
    ok: bool,
    took: Duration,
    by_hand: String,
}

impl Outcome {
    fn print(&self) {
        let word = if self.ok { "good" } else { "FAILED" };
        let hint = if self.ok { String::new() } else { format!("   by hand: {}", self.by_hand) };
        println!("  {word:<7} {:<10} {:>7} s{hint}", self.name, tenths(self.took));
    }
}

fn attempt(checkout: &Checkout, step: &Step) -> Outcome {
    println!("\n== {}: {}\n   {}", step.name, step.about, step.by_hand());
    let started = now();
    let result = step.run(checkout);
    if let Err(error) = &result {
        println!("{}: {error:#}", step.name);
    }
    Outcome { name: step.name, ok: result.is_ok(), took: started.elapsed(), by_hand: step.by_hand() }
}

fn choose(steps: Vec<Step>, names: &[&str]) -> Result<Vec<Step>> {
    if let Some(stranger) = names.iter().find(|name| steps.iter().all(|step| step.name != **name)) {
        let known: Vec<&str> = steps.iter().map(|step| step.name).collect();
        bail!("the gate has no step `{stranger}`; it has {}", known.join(", "));
    }
    Ok(steps.into_iter().filter(|step| names.is_empty() || names.contains(&step.name)).collect())
}

/// Seconds with one decimal, in integers.
fn tenths(took: Duration) -> String {
    format!("{}.{}", took.as_secs(), took.subsec_millis() / 100)
}

#[expect(clippy::disallowed_methods, reason = "the gate times its own steps")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(steps: &[Step]) -> Vec<&str> {
        steps.iter().map(|step| step.name).collect()
    }

    #[test]
    fn no_name_means_the_whole_gate() {
        assert_eq!(choose(step::all(), &[]).unwrap().len(), step::all().len());
    }

    #[test]
    fn chosen_steps_keep_the_order_of_the_gate() {
        assert_eq!(names(&choose(step::all(), &["tests", "format"]).unwrap()), ["format", "tests"]);
    }

    #[test]
    fn a_step_that_is_not_there_is_an_error_that_lists_those_that_are() {
        let error = choose(step::all(), &["tests", "lunch"]).err().unwrap().to_string();
        assert!(error.contains("`lunch`") && error.contains("format, tidy"), "{error}");
    }

    #[test]
    fn names_are_unique() {
        let all = step::all();
        let mut unique = names(&all);
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), all.len());
    }

    #[test]
    fn times_are_cut_to_tenths() {
        assert_eq!(tenths(Duration::from_millis(61_987)), "61.9");
    }
}
