//! Makes the parts of `docs/` that say what the code does: `cargo xtask generate` runs it, and the gate asks that nothing
//! changes. What stands between `<!-- made: NAME -->` and `<!-- end -->` is made; the rest of a page is written by hand.
//!
//! Invariants:
//! - the same code gives the same text
//! - what a page claims and code can check is checked while it is made: the examples are taken, their slots are those
//!   that the fold fills, and every anomaly is shown by a table
//!
//! This crate is never linked into the product.
#![expect(clippy::print_stderr, reason = "it speaks to whoever runs it")]

mod anomalies;
mod events;
mod example;
mod page;
mod slots;
mod words;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};

fn main() -> ExitCode {
    match make() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pages: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn make() -> Result<()> {
    let root = root()?;
    page::remake(&root.join("docs/events.md"), &events::parts(&root)?)?;
    page::remake(&root.join("docs/anomalies.md"), &anomalies::parts(&root)?)
}

/// The folder of the workspace's `Cargo.toml`.
fn root() -> Result<PathBuf> {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").context("start it as `cargo run -p talon-pages`")?;
    let root = Path::new(&manifest).ancestors().nth(2).context("it lies two folders below the root")?;
    Ok(root.to_owned())
}
