//! The README's claims, executed: its picture is the demo's own output, its event can be published.
//! `TALON_BLESS=1` draws the picture anew.

use std::fs;
use std::path::PathBuf;

use crate::talon::{Scratch, done, on, on_with, out, talon};

fn page() -> (PathBuf, String) {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md"));
    let text = fs::read_to_string(&path).expect("the page");
    (path, text)
}

/// What stands between a mark and its end.
fn marked<'p>(page: &'p str, mark: &str) -> &'p str {
    let rest = page.split(&format!("<!-- {mark} -->\n")).nth(1).expect("the mark");
    rest.split("<!-- end -->").next().unwrap_or_default()
}

/// A section of the demo: from its heading to the next empty line.
fn section(shown: &str, heading: &str) -> String {
    let lines = shown.lines().skip_while(|line| *line != heading);
    lines.take_while(|line| !line.is_empty()).flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn the_picture_is_what_the_demo_shows() {
    let scratch = Scratch::new();
    let played = talon().args(["demo", "--dir"]).arg(scratch.path("demo")).output().expect("the command runs");
    let shown = out(&done(played));
    // An empty line ends no ticket: the tickets are cut at the next heading.
    let tickets = shown.split("One customer's three tickets\n").nth(1).expect("tickets");
    let tickets = tickets.split("\nWhat next").next().unwrap_or_default();
    let day = section(&shown, "The day by shop and provider (EUR)");
    let picture = format!("```text\n{day}\nOne customer's three tickets\n{tickets}```\n");
    let (path, text) = page();
    if std::env::var_os("TALON_BLESS").is_some() {
        let [before, rest] = text.split("<!-- picture -->\n").collect::<Vec<_>>()[..] else { panic!("one picture") };
        let after = rest.split_once("<!-- end -->").expect("an end").1;
        let page = format!("{before}<!-- picture -->\n{picture}<!-- end -->{after}");
        fs::write(path, page).expect("the page");
        return;
    }
    assert_eq!(marked(&text, "picture"), picture);
}

#[test]
fn the_event_can_be_published() {
    let (_, text) = page();
    let event = marked(&text, "event").replace("```json\n", "").replace("```\n", "");
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    done(on_with(&ledger, &["publish", "-"], event.as_bytes()));
    let told = out(&done(on(&ledger, &["transaction", "019ab9f4-d500-7aaa-8bbb-0102030405bb"])));
    assert!(told.contains("209.34 EUR") && told.contains("payment initiated"), "{told}");
}

#[test]
fn the_sizes_are_as_it_says() {
    let scratch = Scratch::new();
    let ledger = scratch.ledger("ledger");
    let size: u64 =
        crate::talon::files(&ledger.join("journal")).iter().map(|f| f.metadata().expect("a file").len()).sum();
    let (_, text) = page();
    let said = text.split("a new ledger takes ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a size");
    assert_eq!(size >> 20, said.parse::<u64>().expect("a number"));
}
