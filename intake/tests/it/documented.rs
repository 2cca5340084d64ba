//! `docs/events.md` lists the door's own reasons: held against the code.

use talon_intake::Refusal;

#[test]
fn the_page_lists_the_doors_own_reasons() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/events.md")).expect("the page");
    let body = page.split("<!-- made: door -->\n").nth(1).expect("the table");
    let lines = body.split("<!-- end -->").next().unwrap_or_default().lines().filter(|line| line.starts_with("| "));
    let told: Vec<_> = lines.skip(1).collect();
    let row = |refusal: &Refusal| format!("| {} | `{}` | {} |", refusal.number(), refusal.name(), refusal.advice());
    assert_eq!(told, Refusal::own().iter().map(row).collect::<Vec<_>>());
}
