//! Thousands of histories, told to the fold and to the auditor: equal answers, equal digests. `TALON_HISTORIES` says
//! how many, `TALON_SEED` where to begin; a failure names its seed and shows the smallest history that still differs.

use std::collections::BTreeSet;

use talon_domain::anomaly::Code;
use talon_domain::claim::natural_stream;
use talon_domain::fold::Fold;
use talon_testkit::Auditor;
use talon_testkit::auditor::{self, Admission, read_row};
use talon_testkit::traffic::{Histories, History};

use crate::difference::{difference, smallest};

const HISTORIES: u64 = 20_000;
const SEED: u64 = 1;

fn stated(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

fn histories() -> impl Iterator<Item = History> {
    let count = usize::try_from(stated("TALON_HISTORIES", HISTORIES)).expect("a count");
    Histories::of(stated("TALON_SEED", SEED)).take(count)
}

#[test]
fn the_auditor_and_the_fold_give_equal_answers() {
    for history in histories() {
        if difference(&history).is_some() {
            let history = smallest(&history);
            let found = difference(&history).expect("what was taken out made no difference");
            panic!("seed {}: {found}\n\n{}", history.seed, history.in_words());
        }
    }
}

#[test]
fn order_and_repetition_change_no_digest() {
    for history in histories().filter(|history| !history.has_conflict()).step_by(2) {
        let told = digest(&history);
        assert_eq!(told, digest(&history.shuffled(history.seed)), "shuffled, seed {}", history.seed);
        assert_eq!(told, digest(&history.doubled().shuffled(history.seed ^ 1)), "doubled, seed {}", history.seed);
    }
}

fn digest(history: &History) -> String {
    let mut fold = Fold::new();
    for (partition, fact) in &history.records {
        fold.apply(*partition, fact.clone());
    }
    fold.digest().to_string()
}

#[test]
fn what_is_beside_payments_is_in_the_stream_of_its_own_name() {
    for (_, fact) in histories().step_by(8).flat_map(|history| history.records) {
        assert_eq!(natural_stream(&fact.payload), auditor::natural_stream(&fact), "{fact:?}");
    }
}

/// What traffic has led to, so that no rule is audited by nobody.
#[derive(Default)]
struct Reached {
    codes: BTreeSet<u16>,
    statuses: BTreeSet<u8>,
    families: BTreeSet<String>,
    admissions: BTreeSet<String>,
    voids: BTreeSet<&'static str>,
}

impl Reached {
    fn by(&mut self, history: &History) {
        let mut auditor = Auditor::new();
        let admit = |(partition, fact): &_| format!("{:?}", auditor.record(*partition, fact));
        self.admissions.extend(history.records.iter().map(admit));
        for (partition, _) in &history.records {
            self.voids.extend(auditor.rulings(*partition).into_iter().filter_map(|(_, void)| void));
            self.codes.extend(auditor.bulks(*partition).1.into_iter().map(|(_, code)| code));
        }
        for audited in auditor.streams() {
            self.codes.extend(audited.anomalies.iter().map(|(code, ..)| *code));
            self.codes.extend(audited.notes.iter().map(|(code, _)| *code));
            self.statuses.extend(audited.status);
            let slots = read_row(&audited.row).into_iter().filter(|(place, _)| place.starts_with("slot "));
            let family = |(_, slot): (String, String)| slot.split('(').next().map(str::to_owned);
            self.families.extend(slots.filter_map(family));
        }
    }
}

#[test]
fn traffic_reaches_every_code_status_and_slot() {
    let mut reached = Reached::default();
    histories().step_by(4).for_each(|history| reached.by(&history));
    // Codes from 901 on come from views, which join what several streams say.
    let of_the_fold: BTreeSet<_> = Code::ALL.iter().map(|code| code.number()).filter(|code| *code < 900).collect();
    assert_eq!(reached.codes, of_the_fold);
    assert_eq!(reached.statuses, (1..=8).collect());
    let page = talon_testkit::format_table("slots");
    let families: BTreeSet<_> = page.into_iter().map(|row| row[1].clone()).collect();
    assert_eq!(reached.families, families);
    let admissions = [Admission::Fact, Admission::Duplicate, Admission::Conflict, Admission::Parked];
    assert_eq!(reached.admissions, admissions.iter().map(|admission| format!("{admission:?}")).collect());
    assert_eq!(reached.voids.len(), 8, "{:?}", reached.voids);
}

#[test]
fn a_seed_gives_one_history() {
    for (one, other) in Histories::of(7).zip(Histories::of(7)).take(100) {
        assert_eq!(one.records, other.records);
    }
    assert_ne!(History::of(7).records, History::of(8).records);
}
