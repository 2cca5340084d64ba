//! Which room may depend on what, as lines that are executed: the arrows of the house, crates that live in one room
//! only, and crates that a pure room must not reach by any path. Tests may depend on more, so dev-dependencies do not
//! count.
//!
//! `deny.toml` states the heaviest of these a second time, for whoever runs cargo-deny alone.

mod graph;
mod rule;

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use crate::call::Call;
use crate::checkout::Checkout;
use graph::Graph;

/// Fails when an arrow is not in the tables of [`rule`], naming the arrow and the table.
pub(crate) fn check(checkout: &Checkout) -> Result<()> {
    let metadata = Call::new("cargo metadata --format-version 1 --locked").read(checkout.root())?;
    let graph = Graph::from_metadata(&metadata)?;
    let mut breaches = rule::breaches(&graph);
    breaches.extend(outside(&checkout.paths()?, graph.room_count()));
    for breach in &breaches {
        println!("{breach}");
    }
    if !breaches.is_empty() {
        bail!("{} breaches of the layers; the tables are in dev/xtask/src/layers/rule.rs", breaches.len());
    }
    Ok(())
}

/// A crate that is no member of the workspace would be built and tested by nobody.
fn outside(paths: &[String], rooms: usize) -> Option<String> {
    let manifests: BTreeSet<&str> = paths.iter().filter_map(|path| path.strip_suffix("/Cargo.toml")).collect();
    let folders = manifests.iter().copied().collect::<Vec<_>>().join(", ");
    (manifests.len() != rooms).then(|| {
        format!("the workspace has {rooms} members, but a Cargo.toml lies in {} folders: {folders}", manifests.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_outside_the_workspace_is_found() {
        let paths = ["Cargo.toml", "domain/Cargo.toml", "dev/fuzz/Cargo.toml"].map(str::to_owned);
        assert!(outside(&paths, 2).is_none());
        assert!(outside(&paths, 1).unwrap().contains("dev/fuzz"));
    }
}
