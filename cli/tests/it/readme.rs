//! The README's claims, executed: its picture is the demo's own output, its walk is walked, its event can be published.
//! `TALON_BLESS=1` draws the pictures anew.

use std::fs;
use std::path::{Path, PathBuf};

use crate::talon::{Scratch, day, demo, done, files, on, on_with, out, shell, talon};

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

/// Draws one of the page's pictures.
fn bless(mark: &str, picture: &str) {
    static PAGE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one_at_a_time = PAGE.lock();
    let (path, text) = page();
    let begin = format!("<!-- {mark} -->\n");
    let (before, rest) = text.split_once(&begin).expect("the mark");
    let after = rest.split_once("<!-- end -->").expect("an end").1;
    fs::write(path, format!("{before}{begin}{picture}<!-- end -->{after}")).expect("the page");
}

fn is_blessing() -> bool {
    std::env::var_os("TALON_BLESS").is_some()
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
    let tickets = tickets.split("\nThe views, kept beside it").next().unwrap_or_default();
    let day = section(&shown, "The day by shop and provider (EUR)");
    let picture = format!("```text\n{day}\nOne customer's three tickets\n{tickets}```\n");
    if is_blessing() {
        return bless("picture", &picture);
    }
    let (_, text) = page();
    assert_eq!(marked(&text, "picture"), picture);
}

/// A command of the walk, and what the page shows of its answer: nothing, or all of it.
struct Step<'p> {
    command: &'p str,
    shown: String,
}

fn steps(walk: &str) -> Vec<Step<'_>> {
    let mut steps: Vec<Step<'_>> = Vec::new();
    for line in walk.lines().filter(|line| !line.starts_with("```")) {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push(Step { command, shown: String::new() }),
            (None, Some(step)) => step.shown.extend([line, "\n"]),
            (None, None) => panic!("the walk begins with a command: {line}"),
        }
    }
    steps
}

/// What each command answers, typed one after the other into one shell.
fn walked(folder: &Path, steps: &[Step<'_>]) -> Vec<String> {
    const NEXT: &str = "== next ==";
    let mark = format!("\necho '{NEXT}'\n");
    let typed: String = steps.iter().flat_map(|step| [step.command, &mark]).collect();
    let said = out(&done(shell(&format!("set -e\n{typed}")).current_dir(folder).output().expect("a shell")));
    let answers: Vec<_> = said.split(&format!("{NEXT}\n")).map(str::to_owned).collect();
    assert_eq!(answers.len(), steps.len() + 1, "{said}");
    answers
}

#[test]
fn the_walk_goes_where_it_says() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.path("here")).expect("a folder");
    done(talon().arg("demo").current_dir(scratch.path("here")).output().expect("the command runs"));
    let (_, text) = page();
    let steps = steps(marked(&text, "walk"));
    let answers = walked(&scratch.path("here"), &steps);
    let shown = |(step, answer): (&Step<'_>, &String)| {
        let answer = if step.shown.is_empty() { "" } else { answer.trim_matches('\n') };
        format!("$ {}\n{answer}{}", step.command, if answer.is_empty() { "" } else { "\n" })
    };
    let walk = steps.iter().zip(&answers).map(shown).collect::<Vec<_>>().concat();
    let walk = format!("```text\n{walk}```\n");
    if is_blessing() {
        return bless("walk", &walk);
    }
    assert_eq!(marked(&text, "walk"), walk);
    assert!(steps.iter().filter(|step| !step.shown.is_empty()).count() > 5);
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
    let size_of = |folder: &Path| files(folder).iter().map(|file| file.metadata().expect("a file").len()).sum::<u64>();
    let size = size_of(&ledger.join("journal"));
    let (_, text) = page();
    let said = text.split("a new ledger takes ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a size");
    assert_eq!(size >> 20, said.parse::<u64>().expect("a number"));
    let range = text.split("made anew when they are lost | ").nth(1).and_then(|rest| rest.split(" bytes").next());
    let (least, most) = range.and_then(|range| range.split_once(" to ")).expect("a range");
    let number = |text: &str| text.parse::<u64>().expect("a number");
    let events = day().len() as u64;
    let each = size_of(&demo().join("ledger/views")) / events;
    assert!((number(least)..=number(most)).contains(&each), "{each} bytes an event");
}
