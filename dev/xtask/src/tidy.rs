//! The house rules that no compiler knows: how files open, how long things may be, what is never written, what belongs
//! to which room, and that the papers agree with themselves. Each rule is a function from texts to findings.
//!
//! This module does not judge taste: what it finds fails the gate.

mod finding;
mod frozen;
mod paper;
mod room;
mod rust_text;
mod shape;
mod size;
mod word;

use anyhow::{Result, bail};

use crate::checkout::{Checkout, TextFile};
use finding::Finding;
use rust_text::RustText;

/// Remade by `cargo xtask generate`; nobody reads or writes it by hand.
const GENERATED: &str = "proto/src/gen";

const PROSE: &[&str] = &[".rs", ".toml", ".md", ".proto", ".py", ".sh", ".yaml", ".yml", ".ci/run"];

/// Fails when a rule is broken, naming file, line and what to do.
pub(crate) fn check(checkout: &Checkout) -> Result<()> {
    let paths: Vec<String> = checkout.paths()?.into_iter().filter(|path| !path.starts_with(GENERATED)).collect();
    let rust: Vec<RustText> = checkout.texts(&paths, &[".rs"])?.into_iter().map(RustText::new).collect();
    let prose: Vec<TextFile> = checkout.texts(&paths, PROSE)?;

    let mut found: Vec<Finding> = shape::names(&paths);
    found.extend(rust.iter().flat_map(|file| [shape::header(file), shape::modules(file)].concat()));
    found.extend(rust.iter().flat_map(room::check));
    found.extend(size::check(&rust));
    found.extend(prose.iter().flat_map(word::check));
    found.extend(paper::check(&paths, &prose));
    found.extend(frozen::check(checkout, &paths)?);
    found.sort();
    for finding in &found {
        println!("{finding}");
    }
    if !found.is_empty() {
        bail!("{} findings", found.len());
    }
    Ok(())
}
