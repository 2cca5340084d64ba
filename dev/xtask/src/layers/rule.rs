//! The tables of the house, and how a graph is held against them. A new arrow between rooms begins with a record in
//! `docs/decisions/`, then a word in [`ARROWS`].
//!
//! Invariant: the tables name exactly the rooms that exist; a room without a row, or a row without its room, is a breach.

use super::graph::Graph;

/// A room and the rooms it may depend on.
struct Arrows(&'static str, &'static [&'static str]);

const ARROWS: &[Arrows] = &[
    Arrows(
        "talon-benches",
        &[
            "talon-consumers",
            "talon-domain",
            "talon-intake",
            "talon-journal",
            "talon-projections",
            "talon-proto",
            "talon-replay",
            "talon-statements",
            "talon-vault",
        ],
    ),
    Arrows(
        "talon-consumers",
        &[
            "talon-domain",
            "talon-intake",
            "talon-journal",
            "talon-kafka",
            "talon-projections",
            "talon-proto",
            "talon-replay",
        ],
    ),
    Arrows("talon-domain", &[]),
    Arrows("talon-proto", &["talon-domain"]),
    Arrows("talon-journal", &["talon-domain"]),
    Arrows("talon-kafka", &["talon-domain", "talon-journal"]),
    Arrows("talon-vault", &["talon-domain"]),
    Arrows("talon-projections", &["talon-domain", "talon-proto"]),
    Arrows("talon-exports", &["talon-domain", "talon-projections"]),
    Arrows("talon-receipts", &["talon-domain"]),
    Arrows("talon-intake", &["talon-domain", "talon-journal", "talon-proto", "talon-vault"]),
    Arrows(
        "talon-replay",
        &["talon-domain", "talon-journal", "talon-projections", "talon-proto", "talon-tlog", "talon-vault"],
    ),
    Arrows("talon-statements", &["talon-domain"]),
    Arrows("talon-tlog", &[]),
    Arrows(
        "talon-cli",
        &[
            "talon-benches",
            "talon-consumers",
            "talon-domain",
            "talon-exports",
            "talon-intake",
            "talon-journal",
            "talon-kafka",
            "talon-projections",
            "talon-proto",
            "talon-receipts",
            "talon-replay",
            "talon-statements",
            "talon-vault",
        ],
    ),
    Arrows("talon-testkit", &["talon-domain", "talon-intake", "talon-journal", "talon-proto", "talon-vault"]),
    Arrows(
        "talon-fuzz",
        &[
            "talon-consumers",
            "talon-domain",
            "talon-intake",
            "talon-journal",
            "talon-projections",
            "talon-proto",
            "talon-replay",
            "talon-statements",
            "talon-testkit",
            "talon-vault",
        ],
    ),
    Arrows("talon-pages", &["talon-domain", "talon-intake", "talon-proto"]),
    Arrows(
        "talon-kafka-race",
        &[
            "talon-benches",
            "talon-consumers",
            "talon-intake",
            "talon-journal",
            "talon-kafka",
            "talon-projections",
            "talon-vault",
        ],
    ),
    Arrows("talon-rivals", &["talon-benches", "talon-domain", "talon-proto"]),
    Arrows("talon-xtask", &[]),
];

/// A crate and the only rooms that may name it in their `[dependencies]`.
struct Kept(&'static str, &'static [&'static str]);

const KEPT: &[Kept] = &[
    Kept("anyhow", &["talon-cli", "talon-kafka-race", "talon-pages", "talon-rivals", "talon-xtask"]),
    Kept("calamine", &["talon-statements"]),
    Kept("clap", &["talon-cli"]),
    Kept("comfy-table", &["talon-cli"]),
    Kept("csv", &["talon-cli"]),
    Kept("csv-core", &["talon-statements"]),
    Kept("encoding_rs", &["talon-statements"]),
    Kept("getrandom", &["talon-intake", "talon-vault"]),
    Kept("indicatif", &["talon-cli"]),
    Kept("libfuzzer-sys", &["talon-fuzz"]),
    Kept("lz4_flex", &["talon-projections"]),
    Kept("postgres", &["talon-rivals"]),
    Kept("prost", &["talon-fuzz", "talon-proto", "talon-xtask"]),
    Kept("prost-build", &["talon-xtask"]),
    Kept("prost-reflect", &["talon-fuzz", "talon-proto"]),
    Kept("prost-types", &["talon-proto"]),
    Kept("protox", &["talon-pages", "talon-xtask"]),
    Kept("rand_chacha", &["talon-intake", "talon-vault"]),
    Kept("rdkafka", &["talon-kafka"]),
    Kept("rusqlite", &["talon-exports", "talon-vault"]),
    Kept("rust_xlsxwriter", &["talon-exports"]),
    Kept("sled", &["talon-projections"]),
    Kept("tar", &["talon-cli"]),
];

/// Rooms, and the crates that must not be reached from them by any path.
struct Unreached(&'static [&'static str], &'static [&'static str]);

const UNREACHED: &[Unreached] = &[
    Unreached(
        &[
            "talon-domain",
            "talon-exports",
            "talon-intake",
            "talon-journal",
            "talon-kafka",
            "talon-projections",
            "talon-proto",
            "talon-receipts",
            "talon-replay",
            "talon-statements",
            "talon-tlog",
            "talon-vault",
        ],
        &["tokio", "async-std", "smol"],
    ),
    // What the ledger means is no format, and owns no time zone. Chance is kept out of it by KEPT: a hash function
    // names a random source among its features, so the whole tree would not be a fair question.
    Unreached(&["talon-domain", "talon-tlog"], &["chrono-tz", "prost", "rusqlite", "serde"]),
];

/// Every arrow of `graph` that the tables do not allow, as sentences.
pub(super) fn breaches(graph: &Graph) -> Vec<String> {
    let mut found = strangers(graph);
    found.extend(ARROWS.iter().flat_map(|arrows| wrong_arrows(graph, arrows)));
    found.extend(KEPT.iter().flat_map(|kept| leaks(graph, kept)));
    found.extend(UNREACHED.iter().flat_map(|unreached| reached(graph, unreached)));
    found
}

fn strangers(graph: &Graph) -> Vec<String> {
    let listed = |room: &str| ARROWS.iter().any(|arrows| arrows.0 == room);
    let unlisted = graph
        .rooms()
        .filter(|room| !listed(room))
        .map(|room| format!("{room} has no row in ARROWS: say what it may see"));
    let gone = ARROWS
        .iter()
        .filter(|arrows| !graph.is_room(arrows.0))
        .map(|arrows| format!("ARROWS has a row for {}, which is no crate", arrows.0));
    unlisted.chain(gone).collect()
}

fn wrong_arrows(graph: &Graph, Arrows(room, allowed): &Arrows) -> Vec<String> {
    let seen = graph.needs(room).filter(|name| graph.is_room(name) && !allowed.contains(name));
    seen.map(|name| format!("{room} must not depend on {name}")).collect()
}

fn leaks(graph: &Graph, Kept(name, homes): &Kept) -> Vec<String> {
    let users = graph.rooms().filter(|room| !homes.contains(room) && graph.needs(room).any(|need| need == *name));
    users.map(|room| format!("{room} depends on {name}, which lives in {}", listing(homes))).collect()
}

fn reached(graph: &Graph, Unreached(rooms, names): &Unreached) -> Vec<String> {
    let pairs = rooms.iter().flat_map(|room| names.iter().map(move |name| (room, name)));
    let chains = pairs.filter_map(|(room, name)| graph.chain(room, name));
    chains.map(|chain| format!("must not be reached: {}", chain.join(" -> "))).collect()
}

fn listing(homes: &[&str]) -> String {
    if homes.is_empty() { "a room that does not exist yet".to_owned() } else { homes.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house(change: impl FnOnce(&mut Vec<String>)) -> Vec<String> {
        let mut lines: Vec<String> =
            ARROWS.iter().map(|Arrows(room, needs)| format!("{room}: {}", needs.join(" "))).collect();
        change(&mut lines);
        breaches(&Graph::drawn(&lines.iter().map(String::as_str).collect::<Vec<_>>()))
    }

    fn add(room: &str, need: &str) -> Vec<String> {
        let row = format!("{room}:");
        house(|lines| {
            for line in lines.iter_mut().filter(|line| line.starts_with(&row)) {
                line.push(' ');
                line.push_str(need);
            }
        })
    }

    #[test]
    fn the_house_as_drawn_has_no_breach() {
        assert_eq!(house(|_| {}), Vec::<String>::new());
    }

    #[test]
    fn an_arrow_upwards_is_a_breach() {
        assert_eq!(add("talon-domain", "talon-proto"), ["talon-domain must not depend on talon-proto"]);
        assert_eq!(add("talon-receipts", "talon-journal"), ["talon-receipts must not depend on talon-journal"]);
    }

    #[test]
    fn nobody_sees_the_command_line_or_the_workshop() {
        for (room, need) in
            [("talon-replay", "talon-cli"), ("talon-cli", "talon-testkit"), ("talon-testkit", "talon-xtask")]
        {
            assert_eq!(add(room, need), [format!("{room} must not depend on {need}")]);
        }
    }

    #[test]
    fn a_kept_crate_does_not_leave_its_room() {
        assert_eq!(
            add("talon-intake", "prost"),
            ["talon-intake depends on prost, which lives in talon-fuzz, talon-proto, talon-xtask"]
        );
        assert_eq!(add("talon-journal", "rdkafka"), ["talon-journal depends on rdkafka, which lives in talon-kafka"]);
        assert!(add("talon-proto", "prost").is_empty());
    }

    #[test]
    fn a_runtime_is_found_behind_an_innocent_name() {
        let found = house(|lines| {
            lines
                .iter_mut()
                .filter(|line| line.starts_with("talon-vault:"))
                .for_each(|line| line.push_str(" innocent"));
            lines.push("innocent: tokio".to_owned());
        });
        assert!(found.contains(&"must not be reached: talon-vault -> innocent -> tokio".to_owned()), "{found:?}");
        assert!(found.contains(&"must not be reached: talon-replay -> talon-vault -> innocent -> tokio".to_owned()));
    }

    #[test]
    fn a_room_without_a_row_and_a_row_without_its_room_are_breaches() {
        let found = house(|lines| {
            lines.retain(|line| !line.starts_with("talon-receipts:"));
            lines.push("talon-elsewhere: ".to_owned());
        });
        assert!(found.contains(&"talon-elsewhere has no row in ARROWS: say what it may see".to_owned()), "{found:?}");
        assert!(found.contains(&"ARROWS has a row for talon-receipts, which is no crate".to_owned()), "{found:?}");
    }
}
