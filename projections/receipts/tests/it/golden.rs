//! Golden papers: every ticket of every situation, in both widths, letter by letter. `TALON_BLESS=1` writes them anew;
//! read the difference before you commit it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use talon_domain::fact::{CancellationReason, End, Ordinal, RefusalReason, Source, TicketKind};
use talon_domain::plan::Offer;
use talon_receipts::{Particulars, Width, layout};

use crate::story::{AFTERNOON, PAYMENT_ID, Story, credit_of_ten, quoted, stated};

pub(crate) const SHOP: &str = "Boulangerie Lefèvre";
pub(crate) const PHONE: &str = "06 ** ** ** 12";
const WIDTHS: [Width; 2] = [Width::Columns24, Width::Columns42];

struct Situation {
    name: &'static str,
    story: Story,
    shop: String,
    copy: u32,
    kinds: &'static [TicketKind],
}

const T1: &[TicketKind] = &[TicketKind::InProgress];
const T2_T3: &[TicketKind] = &[TicketKind::Customer, TicketKind::Till];
const T4: &[TicketKind] = &[TicketKind::Ended];

fn situation(name: &'static str, kinds: &'static [TicketKind], story: Story) -> Situation {
    Situation { name, story, shop: SHOP.to_owned(), copy: 1, kinds }
}

fn situations() -> Vec<Situation> {
    [in_progress(), accepted(), ended(), marked()].into_iter().flatten().collect()
}

fn begun() -> Story {
    Story::at(AFTERNOON).initiated(30_000)
}

fn in_progress() -> Vec<Situation> {
    let unknown = begun().sms_sent().ended(End::Unknown(None));
    vec![
        situation("in-progress", T1, begun().sms_sent()),
        situation("in-progress-without-sms", T1, begun()),
        situation("outcome-unknown", T1, unknown),
    ]
}

fn accepted() -> Vec<Situation> {
    let three = quoted(20_000, Offer::Split(3), 310, 1_636_386_621);
    let two = quoted(45_000, Offer::Split(2), 0, 1_638_350_762);
    let four = quoted(129_900, Offer::Split(4), 3_014, AFTERNOON);
    let deferred = quoted(16_500, Offer::DeferredDays(15), 0, 1_735_208_969);
    let twelve = stated(&[[(20_000, 4_176, 0)].as_slice(), &[(20_000, 0, 0); 11]].concat(), Some(190), AFTERNOON);
    // 20 November 2026, 10:00 in Paris: split payments have become consumer credit.
    let new_law = stated(&[(6_668, 310, 0), (6_666, 0, 0), (6_666, 0, 0)], Some(2_150), 1_795_165_200);
    let twice = Story::sold(1_636_386_621, 20_000, &three).debited("debit_2", 6_978, PAYMENT_ID);
    vec![
        situation("three", T2_T3, Story::sold(1_636_386_621, 20_000, &three)),
        situation("two", T2_T3, Story::sold(1_638_350_762, 45_000, &two)),
        situation("four-with-fee", T2_T3, Story::sold(AFTERNOON, 129_900, &four)),
        situation("credit-of-ten", T2_T3, Story::sold(1_634_819_600, 45_000, &credit_of_ten())),
        situation("twelve", T2_T3, Story::sold(AFTERNOON, 240_000, &twelve)),
        situation("new-law", T2_T3, Story::sold(1_795_165_200, 20_000, &new_law)),
        situation(
            "deferred",
            T2_T3,
            Story::at(1_735_208_969).initiated(16_500).sms_sent().chosen(&deferred).accepted(),
        ),
        situation("debited-twice", T2_T3, twice),
    ]
}

fn ended() -> Vec<Situation> {
    let decided = |end| begun().sms_sent().by(Source::Provider).ended(end);
    let cancelled = |reason| decided(End::Cancelled(Some(reason)));
    let three = quoted(30_000, Offer::Split(3), 0, AFTERNOON);
    // Two acceptances of one sale; the first is cancelled, and the debit of the second is held.
    let held = begun()
        .chosen(&three)
        .accepted_as("payment_1")
        .accepted_as("payment_2")
        .debited("debit_1", 10_000, "payment_2")
        .ended(End::Cancelled(None));
    vec![
        situation("refused", T4, decided(End::Refused(Some(RefusalReason::CardDeclined)))),
        situation("refused-says-the-terminal", T4, begun().by(Source::Terminal).ended(End::Refused(None))),
        situation("expired", T4, decided(End::Expired)),
        situation("cancelled", T4, cancelled(CancellationReason::RequestedByMerchant)),
        situation("abandoned", T4, cancelled(CancellationReason::RequestedByCustomer)),
        situation("cancelled-with-held-debit", T4, held),
    ]
}

fn marked() -> Vec<Situation> {
    let three = quoted(20_000, Offer::Split(3), 310, 1_636_386_621);
    let sold = Story::sold(1_636_386_621, 20_000, &three);
    let hostile = "\u{202e}\u{1b}[2J東京 ﬁn\n\tЖ".to_owned() + &"W\u{301}\u{200d}".repeat(200);
    vec![
        Situation { copy: 2, ..situation("duplicate", T2_T3, sold.clone()) },
        situation("practice", T1, Story::at(AFTERNOON).for_practice().initiated(30_000).sms_sent()),
        Situation { shop: hostile, ..situation("hostile-name", T2_T3, sold) },
    ]
}

fn number(kind: TicketKind) -> u8 {
    kind as u8
}

/// A golden paper's name and text.
pub(crate) fn papers() -> Vec<(String, String)> {
    let mut papers = Vec::new();
    for Situation { name, story, shop, copy, kinds } in situations() {
        let (state, copy) = (story.state(), Ordinal::new(copy));
        let of = Particulars { state: &state, shop_name: Some(&shop), masked_phone: Some(PHONE), copy };
        for kind in kinds {
            let layout = layout(*kind, &of).unwrap_or_else(|why| panic!("{name}: {why}"));
            for width in WIDTHS {
                papers.push((format!("{name}.t{}.{}", number(*kind), width.columns()), layout.text(width)));
            }
        }
    }
    papers
}

fn path_of(paper: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden")).join(format!("{paper}.txt"))
}

fn is_blessed() -> bool {
    std::env::var_os("TALON_BLESS").is_some_and(|value| value == "1")
}

/// Compares a file with what it should hold, or writes it where a person asked for that.
pub(crate) fn hold(path: &PathBuf, expected: &str) {
    if is_blessed() {
        std::fs::write(path, expected).expect("a file that can be written");
    }
    let held = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(held, expected, "{} differs; TALON_BLESS=1 writes it anew", path.display());
}

#[test]
fn papers_are_what_they_were() {
    for (name, text) in papers() {
        hold(&path_of(&name), &text);
    }
}

#[test]
fn every_golden_file_is_a_paper_of_some_situation() {
    let names: BTreeSet<_> = papers().into_iter().map(|(name, _)| path_of(&name)).collect();
    let folder = std::fs::read_dir(path_of("x").parent().expect("a folder")).expect("golden files");
    let files: BTreeSet<_> = folder.map(|entry| entry.expect("a file").path()).collect();
    assert_eq!(files.difference(&names).collect::<Vec<_>>(), Vec::<&PathBuf>::new());
}
