//! `cargo xtask`: the gate, and what sets it up. One command judges a change, the same here and on any other machine.
//!
//! Invariants:
//! - a check fails the gate or is not in it: nothing is advisory
//! - every tool is pinned by version and by hash, and lives in `.tools/`, which git ignores
//! - the gate reads no standard input and leaves tracked files as they were, unless generated code was stale
//!
//! This crate does not depend on any room of the house, so that it builds when they do not.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the gate speaks to whoever runs it")]

mod call;
mod checkout;
mod ci;
mod freshness;
mod fuzz;
mod generate;
mod kafka;
mod layers;
mod morning;
mod setup;
mod tidy;
mod torture;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::checkout::Checkout;

const HELP: &str = "\
cargo xtask ci                the whole gate, quickest step first
cargo xtask ci STEP...        some of its steps
cargo xtask ci --list         what the steps are
cargo xtask setup             install what the gate needs into .tools/
cargo xtask generate          remake the code in proto/src/gen from the schema, and the pages in docs from the code
cargo xtask tidy              the house rules: headers, sizes, words, names, papers
cargo xtask layers            which room may depend on what
cargo xtask fuzz [TARGET...] [--seconds N]
                              run the fuzz targets of dev/fuzz, ten seconds each
cargo xtask torture --help    campaigns of faults with fresh seeds, for as long as you like (not in the gate)
cargo xtask advisories        known vulnerabilities of what we depend on (needs the network; not in the gate)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match obey(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn obey(words: &[&str]) -> Result<()> {
    match words {
        [] | ["help" | "--help" | "-h"] => println!("{HELP}\n{}", kafka::HELP),
        ["ci", "--list"] => ci::list(),
        ["ci", steps @ ..] => ci::run(&Checkout::here()?, steps)?,
        ["setup"] => setup::ensure(&Checkout::here()?)?,
        ["generate"] => {
            let checkout = Checkout::here()?;
            generate::generate(checkout.root())?;
            generate::make_pages(checkout.root())?;
        }
        ["tidy"] => tidy::check(&Checkout::here()?)?,
        ["layers"] => layers::check(&Checkout::here()?)?,
        ["fuzz", words @ ..] => fuzz::run(&Checkout::here()?, words)?,
        ["kafka", words @ ..] => kafka::run(&Checkout::here()?, words)?,
        ["torture", words @ ..] => torture::run(&Checkout::here()?, words)?,
        ["advisories"] => ci::advisories(&Checkout::here()?)?,
        _ => bail!("there is no `{}`; there is\n\n{HELP}\n{}", words.join(" "), kafka::HELP),
    }
    Ok(())
}
