//! Who depends on whom, from `cargo metadata`: crate names and the arrows between them, dev-dependencies left out.
//! Two versions of one crate are one name here: a rule speaks of the crate, whatever its version.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use anyhow::{Context, Result};
use serde::Deserialize;

/// The resolved dependency graph of the workspace.
#[derive(Debug, Default)]
pub(super) struct Graph {
    rooms: BTreeSet<String>,
    arrows: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    /// Reads what `cargo metadata --format-version 1` wrote.
    pub(super) fn from_metadata(json: &str) -> Result<Self> {
        let metadata: Metadata = serde_json::from_str(json).context("cargo metadata wrote something unexpected")?;
        let names: BTreeMap<&str, &str> = metadata.packages.iter().map(|p| (p.id.as_str(), p.name.as_str())).collect();
        let name = |id: &str| names.get(id).map(|name| (*name).to_owned());
        let mut graph =
            Self { rooms: metadata.workspace_members.iter().filter_map(|id| name(id)).collect(), ..Self::default() };
        for node in &metadata.resolve.nodes {
            let shipped = node.deps.iter().filter(|dep| dep.is_shipped()).filter_map(|dep| name(&dep.pkg));
            graph.arrows.entry(name(&node.id).unwrap_or_default()).or_default().extend(shipped);
        }
        Ok(graph)
    }

    /// The crates of the workspace.
    pub(super) fn rooms(&self) -> impl Iterator<Item = &str> {
        self.rooms.iter().map(String::as_str)
    }

    /// How many crates the workspace has.
    pub(super) fn room_count(&self) -> usize {
        self.rooms.len()
    }

    /// Whether the workspace has this crate.
    pub(super) fn is_room(&self, name: &str) -> bool {
        self.rooms.contains(name)
    }

    /// What `name` depends on directly.
    pub(super) fn needs(&self, name: &str) -> impl Iterator<Item = &str> {
        self.arrows.get(name).into_iter().flatten().map(String::as_str)
    }

    /// The shortest chain of dependencies from one crate to another, both included.
    pub(super) fn chain<'a>(&'a self, from: &'a str, to: &str) -> Option<Vec<&'a str>> {
        let mut reached_from: BTreeMap<&str, &str> = BTreeMap::new();
        let mut queue = VecDeque::from([from]);
        while let Some(at) = queue.pop_front() {
            if at == to {
                return Some(unwind(&reached_from, from, at));
            }
            for next in self.needs(at) {
                if next != from && !reached_from.contains_key(next) {
                    reached_from.insert(next, at);
                    queue.push_back(next);
                }
            }
        }
        None
    }
}

fn unwind<'a>(reached_from: &BTreeMap<&str, &'a str>, from: &str, last: &'a str) -> Vec<&'a str> {
    let mut chain = vec![last];
    let mut at = last;
    while at != from {
        let Some(before) = reached_from.get(at) else { break };
        chain.push(before);
        at = before;
    }
    chain.reverse();
    chain
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

impl Dependency {
    /// Whether it is linked or run when the crate is built for somebody: anything but a dev-dependency.
    fn is_shipped(&self) -> bool {
        self.dep_kinds.iter().any(|kind| kind.kind.as_deref() != Some("dev"))
    }
}

#[derive(Deserialize)]
struct DependencyKind {
    kind: Option<String>,
}

#[cfg(test)]
impl Graph {
    /// A graph from lines such as `talon-domain: chrono sha2`; what starts with `talon-` is a room.
    pub(super) fn drawn(lines: &[&str]) -> Self {
        let mut graph = Self::default();
        for line in lines {
            let (name, needs) = line.split_once(':').unwrap();
            graph.arrows.insert(name.to_owned(), needs.split_whitespace().map(str::to_owned).collect());
            if name.starts_with("talon-") {
                graph.rooms.insert(name.to_owned());
            }
        }
        graph
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_is_the_shortest_one_and_names_every_crate_on_it() {
        let graph = Graph::drawn(&["talon-replay: a b", "a: c", "c: tokio", "b: tokio", "tokio: talon-replay"]);
        assert_eq!(graph.chain("talon-replay", "tokio").unwrap(), ["talon-replay", "b", "tokio"]);
        assert_eq!(graph.chain("talon-replay", "talon-replay").unwrap(), ["talon-replay"]);
        assert!(graph.chain("talon-replay", "sled").is_none());
    }

    #[test]
    fn dev_dependencies_are_no_arrows_and_build_dependencies_are() {
        let json = r#"{
            "packages": [{"id": "r", "name": "room"}, {"id": "d", "name": "for-tests"},
                         {"id": "b", "name": "for-builds"}, {"id": "n", "name": "linked"}],
            "workspace_members": ["r"],
            "resolve": {"nodes": [{"id": "r", "deps": [
                {"pkg": "d", "dep_kinds": [{"kind": "dev"}]},
                {"pkg": "b", "dep_kinds": [{"kind": "build"}]},
                {"pkg": "n", "dep_kinds": [{"kind": "dev"}, {"kind": null}]}]}]}
        }"#;
        let graph = Graph::from_metadata(json).unwrap();
        assert_eq!(graph.needs("room").collect::<Vec<_>>(), ["for-builds", "linked"]);
        assert!(graph.is_room("room") && graph.room_count() == 1);
    }
}
