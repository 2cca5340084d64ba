//! Files that are not what they were: older versions, files of other ledgers, files swapped, missing, doubled; folders
//! restored from an older copy.

use super::{Expect, Files, Given, Ledger, MARK, Place, Scenario, segments};

/// A ledger at three moments: with one, with three and with five segments.
struct Ages {
    young: (Files, usize),
    middle: (Files, usize),
    old: Files,
    given: Vec<Given>,
}

impl Ages {
    fn of(salt: u64) -> Self {
        let mut ledger = Ledger::new(salt);
        ledger.give(&[50, 600]);
        let young = (ledger.files(), ledger.given.len());
        ledger.fill_segments(2);
        ledger.give(&[10; 5]);
        let middle = (ledger.files(), ledger.given.len());
        ledger.fill_segments(4);
        ledger.give(&[10; 5]);
        let (old, given) = ledger.close();
        Self { young, middle, old, given }
    }

    fn play(&self, what: &str, files: Files, expect: Expect) {
        let acknowledged = if let Expect::Older(records) = expect { records } else { self.given.len() };
        let scenario = Scenario { what: what.to_owned(), given: &self.given, acknowledged, files, expect };
        [Place::Memory, Place::Folder].into_iter().for_each(|place| scenario.play(place));
    }

    /// The ledger as it is, but for some of its files.
    fn with(&self, change: impl FnOnce(&mut Files, &[String])) -> Files {
        let (mut files, names) = (self.old.clone(), segments(&self.old));
        change(&mut files, &names);
        files
    }
}

fn put(files: &mut Files, name: &str, from: &Files, other: &str) {
    files.insert(name.to_owned(), from[other].clone());
}

#[test]
fn older_versions_of_files_are_named_unless_everything_is_old() {
    let ages = Ages::of(31);
    let (middle, then) = &ages.middle;
    let last_then = segments(middle).pop().expect("a segment");
    let old_segment = ages.with(|files, _| put(files, &last_then, middle, &last_then));
    ages.play(
        "a closed segment as it was while it was in use",
        old_segment,
        Expect::Named(last_then.clone(), first_hole(&ages, &last_then)),
    );
    let first = segments(&ages.old).remove(0);
    let young = ages.with(|files, _| put(files, &first, &ages.young.0, &first));
    ages.play(
        "the first segment as it was in the beginning",
        young,
        Expect::Named(first.clone(), first_hole_of(&ages.young.0[&first])),
    );
    let old_mark = ages.with(|files, _| put(files, MARK, middle, MARK));
    ages.play("an older mark", old_mark, Expect::Whole);
    let mut restored = middle.clone();
    put(&mut restored, MARK, &ages.old, MARK);
    ages.play("an older copy under the newest mark", restored.clone(), Expect::Refused);
    put(&mut restored, MARK, &ages.young.0, MARK);
    ages.play("an older copy under a still older mark", restored, Expect::Older(*then));
    ages.play("an older copy, all of it", middle.clone(), Expect::Older(*then));
    ages.play("the oldest copy, all of it", ages.young.0.clone(), Expect::Older(ages.young.1));
    let newer = ages.with(|files, names| {
        for name in names.iter().take(2) {
            put(files, name, middle, name);
        }
    });
    ages.play("older copies of segments that were closed already", newer, Expect::Whole);
}

/// Where the younger version of a segment has its first byte that the older one has no more.
fn first_hole(ages: &Ages, name: &str) -> u64 {
    first_hole_of(&ages.middle.0[name])
}

fn first_hole_of(young: &[u8]) -> u64 {
    super::groups(young).last().expect("a group").end.next_multiple_of(32) as u64
}

#[test]
fn segments_that_are_missing_swapped_doubled_or_cut_keep_the_journal_closed() {
    let ages = Ages::of(32);
    for (nth, missing) in ["first", "second", "third", "fourth", "last"].into_iter().enumerate() {
        let files = ages.with(|files, names| drop(files.remove(&names[nth])));
        ages.play(&format!("the {missing} segment is missing"), files, Expect::Refused);
    }
    for (one, other) in [(0, 1), (1, 2), (0, 4), (3, 4)] {
        let files = ages.with(|files, names| {
            let (a, b) = (files[&names[one]].clone(), files[&names[other]].clone());
            files.insert(names[one].clone(), b);
            files.insert(names[other].clone(), a);
        });
        ages.play(&format!("segments {one} and {other} are swapped"), files, Expect::Refused);
        let doubled = ages.with(|files, names| put(files, &names[other], &ages.old, &names[one]));
        ages.play(&format!("segment {one} lies in the place of {other} too"), doubled, Expect::Refused);
    }
    for name in ["00000000000000000001.seg", "00000000000000000070.seg", "00000000000000999999.seg"] {
        let files = ages.with(|files, names| put(files, name, &ages.old, &names[0]));
        ages.play(&format!("the first segment has a second name, {name}"), files, Expect::Refused);
        let empty = ages.with(|files, _| drop(files.insert(name.to_owned(), Vec::new())));
        ages.play(&format!("an empty file has the name {name}"), empty, Expect::Refused);
    }
    let whole = ages.old[&segments(&ages.old)[0]].len();
    for (segment, bytes) in [0, 2, 4].into_iter().flat_map(|segment| lengths(whole).map(move |bytes| (segment, bytes)))
    {
        let files = ages.with(|files, names| files.get_mut(&names[segment]).expect("a segment").resize(bytes, 0));
        ages.play(&format!("segment {segment} has {bytes} bytes"), files, Expect::Refused);
    }
}

/// Lengths that a segment of this length does not have.
fn lengths(whole: usize) -> [usize; 8] {
    [0, 100, 4_095, 4_096, 5_000, whole - 4_096, whole - 1, whole + 4_096]
}

/// Another ledger, and the same ledger made a second time: same id, same records, another salt.
#[test]
fn files_of_another_ledger_are_refused_or_left_alone() {
    let (ages, other) = (Ages::of(33), Ages::of(34));
    let names = segments(&ages.old);
    assert_eq!(names, segments(&other.old));
    for (nth, name) in names.iter().enumerate() {
        let files = ages.with(|files, _| put(files, name, &other.old, name));
        ages.play(&format!("segment {nth} is one of another ledger"), files, Expect::Refused);
    }
    let rest = ages.with(|files, _| names.iter().skip(1).for_each(|name| put(files, name, &other.old, name)));
    ages.play("all segments but the first are those of another ledger", rest, Expect::Refused);
    let mark = ages.with(|files, _| put(files, MARK, &other.old, MARK));
    ages.play("the mark is one of another ledger, at the same end", mark, Expect::Refused);
    let mark = ages.with(|files, _| put(files, MARK, &other.young.0, MARK));
    ages.play("the mark is an early one of another ledger", mark, Expect::Lawful);
    let sums = ages.with(|files, _| {
        put(files, &format!("{}.sum", names[0]), &other.old, &format!("{}.sum", names[0]));
        put(files, &format!("{}.sum", names[1]), &ages.old, &format!("{}.sum", names[2]));
        files.insert(format!("{}.sum", names[2]), Vec::new());
    });
    ages.play("summaries are those of other segments", sums, Expect::Whole);
}

/// What lies about in a folder: nothing of it is taken for the log, and nothing of it is used for the next segment.
#[test]
fn strangers_in_the_folder_are_left_alone() {
    let ages = Ages::of(35);
    let stranger = |name: &str, bytes: &[u8]| ages.with(|files, _| drop(files.insert(name.to_owned(), bytes.to_vec())));
    let first = &ages.old[&segments(&ages.old)[0]];
    let names =
        ["00000000000000000000.seg~", "copy of 00000000000000000000.seg", "0.seg", "000000000000000000x0.seg", "notes"];
    for name in names {
        ages.play(&format!("a stranger, {name}"), stranger(name, first), Expect::Whole);
    }
    for name in ["ahead-5", "ahead-5.new", "ahead-0", "ahead-77", "00000000000000000000.seg.sum.new"] {
        ages.play(&format!("a file prepared by somebody, {name}"), stranger(name, first), Expect::Whole);
    }
}
