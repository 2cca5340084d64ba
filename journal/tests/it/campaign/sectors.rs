//! Sectors that a disk wrote to the wrong place, did not write, or filled with something else: named wherever records
//! are, and never shown.

use super::{Dice, Expect, Files, Given, Ledger, MARK, Place, Scenario, groups, index, is_torture, segments};

const SECTOR: usize = 512;

/// Two closed segments, one in use, and the ledger as it was some groups before.
struct Ages {
    files: Files,
    given: Vec<Given>,
    earlier: Files,
}

impl Ages {
    fn new() -> Self {
        let mut ledger = Ledger::new(51);
        ledger.fill_segments(2);
        ledger.give(&[0; 30]);
        let earlier = ledger.files();
        (0..6).for_each(|n| ledger.give(&[200 * n, 3_000, 40]));
        let (files, given) = ledger.close();
        Self { files, given, earlier }
    }

    /// The end of what is in use in a segment.
    fn end(&self, name: &str) -> usize {
        groups(&self.files[name]).last().expect("a group").end
    }

    /// The groups that a sector touches. A sector from elsewhere may hold whole frames, even the one that comes next: then
    /// it is seen by what lies beside them.
    fn groups_around(&self, name: &str, sector: usize) -> std::ops::Range<u64> {
        let (from, to) = (sector * SECTOR, (sector + 1) * SECTOR);
        let found = groups(&self.files[name]);
        let start = found.iter().map(|group| group.start).rfind(|start| *start <= from).unwrap_or(0);
        let end = found.iter().map(|group| group.end).find(|end| *end >= to).unwrap_or(self.files[name].len());
        start as u64..end as u64
    }

    /// Puts bytes in the place of a sector, and says what must be found.
    fn play(&self, what: &str, name: &str, sector: usize, bytes: &[u8], place: Place) {
        let mut files = self.files.clone();
        let file = files.get_mut(name).expect("a segment");
        let range = sector * SECTOR..(sector + 1) * SECTOR;
        let first = range.clone().find(|at| file[*at] != bytes[at - range.start]);
        file[range].copy_from_slice(bytes);
        let expect = match first {
            None => Expect::Whole,
            // Behind the end it may look like what is left of a group: it is cut, kept and told, or refused.
            Some(at) if *name == *segments(&self.files).pop().expect("a segment") && at >= self.end(name) => {
                Expect::Lawful
            }
            Some(_) => Expect::NamedIn(name.to_owned(), self.groups_around(name, sector)),
        };
        let what = format!("{what}: sector {sector} of {name}");
        Scenario { what, given: &self.given, acknowledged: self.given.len(), files, expect }.play(place);
    }
}

/// A sector of a segment: mostly where records are.
fn any_sector(ages: &Ages, name: &str, dice: &mut Dice) -> usize {
    let used = ages.end(name).div_ceil(SECTOR);
    let all = ages.files[name].len() / SECTOR;
    index(if dice.below(8) == 0 { dice.below(all as u64) } else { dice.below(used as u64) })
}

#[test]
fn a_sector_in_the_wrong_place_is_named_and_never_shown() {
    let (ages, mut dice) = (Ages::new(), Dice::new(8));
    let names = segments(&ages.files);
    for n in 0..if is_torture() { 4_000 } else { 250 } {
        let (name, other) = (dice.pick(&names).clone(), dice.pick(&names).clone());
        let (to, from) = (any_sector(&ages, &name, &mut dice), any_sector(&ages, &other, &mut dice));
        let noise: Vec<u8> = (0..SECTOR).map(|_| dice.roll().to_le_bytes()[0]).collect();
        let (what, bytes) = match dice.below(5) {
            0 => ("zeros", vec![0; SECTOR]),
            1 => ("noise", noise),
            2 => ("its neighbour", ages.files[&name][to.saturating_sub(1) * SECTOR..][..SECTOR].to_vec()),
            _ => ("another sector", ages.files[&other][from * SECTOR..][..SECTOR].to_vec()),
        };
        let place = if n % 32 == 0 { Place::Folder } else { Place::Memory };
        ages.play(what, &name, to, &bytes, place);
    }
}

/// Writes that never reached the disk although the sync of their group returned: any sector as it was before.
#[test]
fn a_sector_that_was_never_written_is_named_if_it_was_acknowledged() {
    let ages = Ages::new();
    let name = segments(&ages.files).pop().expect("a segment");
    let (from, to) = (groups(&ages.earlier[&name]).last().expect("a group").end, ages.end(&name));
    for sector in from / SECTOR..to.div_ceil(SECTOR) {
        let bytes = &ages.earlier[&name][sector * SECTOR..][..SECTOR];
        ages.play("as it was before", &name, sector, bytes, Place::Memory);
    }
    let mut restored = ages.earlier.clone();
    restored.insert(MARK.to_owned(), ages.files[MARK].clone());
    let what = "no sector of the last groups was written".to_owned();
    let (given, acknowledged) = (&ages.given[..], ages.given.len());
    Scenario { what, given, acknowledged, files: restored, expect: Expect::Refused }.play(Place::Memory);
}
