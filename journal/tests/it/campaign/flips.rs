//! One bit is flipped: in the last two groups, in a closed segment, in its summary, in the mark. It is named, and what
//! is derived never stands in the way.

use talon_journal::Flaw;

use super::{Dice, Expect, Files, Given, Ground, Ledger, MARK, Place, Scenario, groups, index, is_torture, segments};

/// A closed segment, and one in use with a few groups.
fn ledger() -> (Files, Vec<Given>) {
    let mut ledger = Ledger::new(21);
    ledger.fill_segments(1);
    ledger.give(&[0; 40]);
    ledger.give(&[300, 0, 70]);
    ledger.give(&[5, 150]);
    ledger.close()
}

fn flipped(files: &Files, name: &str, at: usize, bit: u64) -> Files {
    let mut files = files.clone();
    files.get_mut(name).expect("a file")[at] ^= 1 << bit;
    files
}

/// The bits of a byte that are flipped: all, or one.
fn bits(dice: &mut Dice) -> Vec<u64> {
    if is_torture() { (0..8).collect() } else { vec![dice.below(8)] }
}

/// Bytes from the last two groups on, and of what must be zero behind them.
#[test]
fn a_bit_of_the_last_two_groups_is_named_with_a_mark_and_without() {
    let (files, given) = ledger();
    let name = segments(&files).pop().expect("a segment");
    let found = groups(&files[&name]);
    let range = found[found.len() - 2].start..found[found.len() - 1].end + 600;
    let mut without = files.clone();
    without.remove(MARK);
    let mut dice = Dice::new(3);
    for at in range {
        for bit in bits(&mut dice) {
            for (files, mark) in [(&files, "with a mark"), (&without, "without a mark")] {
                let what = format!("bit {bit} of byte {at} of the last segment, {mark}");
                let expect = Expect::Named(name.clone(), at as u64);
                let files = flipped(files, &name, at, bit);
                Scenario { what, given: &given, acknowledged: given.len(), files, expect }.play_opening();
            }
        }
    }
}

/// Headers of the segment, of its groups and of its frames whole; of the rest a sample, or everything.
#[test]
fn a_bit_of_a_closed_segment_is_named_and_nothing_wrong_is_read() {
    let (files, given) = ledger();
    let name = segments(&files).remove(0);
    let bytes = &files[&name];
    let found = groups(bytes);
    let mut dice = Dice::new(4);
    let dense = [0..700, 4_080..4_300]
        .into_iter()
        .flatten()
        .chain(found.iter().flat_map(|group| group.start..group.start + 64));
    let step = if is_torture() { 1 } else { 331 };
    let sample = (index(dice.below(step as u64))..bytes.len()).step_by(step);
    for (nth, at) in dense.chain(sample).enumerate() {
        let bit = dice.below(8);
        let what = format!("bit {bit} of byte {at} of the closed segment");
        let (files, expect) = (flipped(&files, &name, at, bit), Expect::Named(name.clone(), at as u64));
        let scenario = Scenario { what, given: &given, acknowledged: given.len(), files, expect };
        if nth % 200 == 0 { scenario.play(Place::Folder) } else { scenario.play_opening() }
    }
}

/// Every byte of the summary and of the mark: everything is read, and verify names the file.
#[test]
fn a_bit_of_what_is_derived_hides_nothing() {
    let (files, given) = ledger();
    let summary = format!("{}.sum", segments(&files)[0]);
    let mut dice = Dice::new(5);
    for (name, flaws) in [(summary.as_str(), [Flaw::Summary; 2]), (MARK, [Flaw::Mark, Flaw::MarkDisagrees])] {
        for at in 0..files[name].len() {
            for bit in bits(&mut dice) {
                let what = format!("bit {bit} of byte {at} of {name}");
                let files = flipped(&files, name, at, bit);
                let found = Ground::of(Place::Memory, &files).verify().damages;
                let scenario =
                    Scenario { what, given: &given, acknowledged: given.len(), files, expect: Expect::Whole };
                let is_named = found.len() == 1 && found[0].file == name && flaws.contains(&found[0].flaw);
                scenario.say(is_named, &format!("{found:?}"));
                if at % 64 == 0 { scenario.play(Place::Memory) } else { scenario.play_opening() }
            }
        }
    }
}
