//! What the sealer does, one piece at a time: a generation, a step of a merge, a manifest.
//!
//! A merge only makes look-ups quicker: it never takes the room that the journal's next segment needs.

use std::io;
use std::sync::Arc;

use super::Sizes;
use crate::embedded::SegmentSizes;
use crate::ids::error::IndexError;
use crate::ids::generations::Sealing;
use crate::ids::hot::Generation;
use crate::ids::manifest::{Covered, Manifest};
use crate::ids::merge::{Merge, Step, plan};
use crate::ids::run::{Draft, Entry, Run, RunKind, RunWriter, Times, run_name};
use crate::storage::Storage;

/// A merge of so many units of entries, a generation's worth, takes a fraction of a second.
const QUICK_UNITS: u64 = 256;

/// What a piece of work came to.
#[derive(Debug)]
pub(super) enum Done {
    /// There was nothing to do.
    Nothing,
    /// There is more to do.
    Some,
    /// Other runs are live now; whether a generation became one.
    Live { sealed: bool },
}

/// Runs that are whole, and not in the manifest yet.
#[derive(Debug)]
struct Change {
    added: Vec<Arc<Run>>,
    gone: Vec<Arc<Run>>,
    /// What is covered then, if a generation was sealed.
    covered: Option<Covered>,
}

/// Where runs are made.
#[derive(Debug)]
pub(super) struct Bench {
    storage: Arc<dyn Storage>,
    sizes: Sizes,
    manifest: Manifest,
    runs: Vec<Arc<Run>>,
    merge: Option<Box<Merge>>,
    change: Option<Change>,
    /// A merge met damage: whoever asks for that run is told, and there is no merge any more.
    is_damaged: bool,
}

impl Bench {
    pub(super) const fn new(storage: Arc<dyn Storage>, manifest: Manifest, runs: Vec<Arc<Run>>, sizes: Sizes) -> Self {
        Self { storage, sizes, manifest, runs, merge: None, change: None, is_damaged: false }
    }

    pub(super) const fn filter_bytes(&self) -> u64 {
        self.sizes.filter_bytes
    }

    /// The live runs.
    pub(super) fn runs(&self) -> &[Arc<Run>] {
        &self.runs
    }

    /// What they cover.
    pub(super) const fn covered(&self) -> &Covered {
        &self.manifest.covered
    }

    /// Whether there is something to do before this ends: to make runs live, or a quick merge, so that an index
    /// which is opened often and briefly is merged too.
    pub(super) fn is_pressed(&self) -> bool {
        let is_quick = |parts: &[Arc<Run>]| {
            let entries = parts.iter().fold(0, |all: u64, part| all.saturating_add(part.count()));
            entries <= self.sizes.unit.saturating_mul(QUICK_UNITS)
        };
        let is_merge_quick = || match &self.merge {
            Some(merge) => is_quick(merge.parts()),
            None => plan(&self.runs, self.sizes.unit).is_some_and(|parts| is_quick(&parts)),
        };
        self.change.is_some() || (!self.is_damaged && is_merge_quick())
    }

    /// Does the most urgent piece. `next` is the generation to seal, the same until it is sealed; without one, a merge
    /// goes on.
    pub(super) fn work(&mut self, next: Option<Sealing>) -> Result<Done, IndexError> {
        if self.change.is_none() {
            match next {
                Some(next) => self.seal(next)?,
                None if self.is_damaged => return Ok(Done::Nothing),
                None if !self.merge_on()? => return Ok(Done::Nothing),
                None => {}
            }
        }
        self.make_live()
    }

    /// Removes what was begun.
    pub(super) fn clear_up(&mut self) {
        if let Some(merge) = self.merge.take() {
            self.remove(merge.no());
        }
    }

    fn remove(&self, no: u64) {
        let _ = self.storage.remove(&run_name(no)); // whoever opens the index removes what no manifest names
    }

    /// Makes the change live, if there is one.
    fn make_live(&mut self) -> Result<Done, IndexError> {
        let Some(change) = &self.change else { return Ok(Done::Some) };
        let stays = |run: &Arc<Run>| change.gone.iter().all(|gone| gone.no() != run.no());
        let runs: Vec<_> = self.runs.iter().filter(|run| stays(run)).chain(&change.added).cloned().collect();
        let mut manifest = self.manifest.clone();
        manifest.list(runs.iter().map(|run| &**run));
        manifest.covered = change.covered.as_ref().unwrap_or(&manifest.covered).clone();
        let stored = manifest.store(&*self.storage);
        stored.map_err(|error| IndexError::unavailable("writing the manifest", error))?;
        let sealed = change.covered.is_some();
        change.gone.iter().for_each(|run| self.remove(run.no()));
        self.change = None;
        (self.manifest, self.runs) = (manifest, runs);
        Ok(Done::Live { sealed })
    }

    /// Writes the runs of a generation.
    fn seal(&mut self, sealing: Sealing) -> Result<(), IndexError> {
        let Sealing { generation, covered } = sealing;
        let mut added = Vec::new();
        for (kind, mut entries) in RunKind::ALL.into_iter().zip(by_kind(&generation)) {
            if entries.is_empty() {
                continue;
            }
            entries.sort_unstable();
            let draft = self.draft(kind, generation.times(kind));
            match self.write(draft, entries) {
                Ok(run) => added.push(Arc::new(run)),
                Err(error) => {
                    added.iter().for_each(|run| self.remove(run.no()));
                    self.remove(draft.no);
                    return Err(error);
                }
            }
        }
        self.change = Some(Change { added, gone: Vec::new(), covered: Some(covered) });
        Ok(())
    }

    fn write(&self, draft: Draft, entries: Vec<Entry>) -> Result<Run, IndexError> {
        let name = run_name(draft.no);
        let written = RunWriter::create(&*self.storage, &name, draft).and_then(|mut writer| {
            entries.into_iter().try_for_each(|entry| writer.push(entry))?;
            writer.finish()
        });
        let (_, crc) = written.map_err(|error| IndexError::unavailable(format!("writing {name}"), error))?;
        Run::open(&*self.storage, draft.ledger_id, draft.no, crc)
    }

    /// What the next run is; its number is used up.
    fn draft(&mut self, kind: RunKind, times: Times) -> Draft {
        let no = self.manifest.next_run;
        self.manifest.next_run = no.saturating_add(1);
        let salt = (self.manifest.seed ^ no).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32) ^ no;
        let section_blocks = self.sizes.section_blocks;
        Draft { ledger_id: self.manifest.ledger_id, no, salt, kind, times, section_blocks }
    }

    /// Goes on with the merge that is under way, or begins one; `false` if there is none to do.
    fn merge_on(&mut self) -> Result<bool, IndexError> {
        let merge = match self.merge.take() {
            Some(merge) => merge,
            None => match self.begin_merge()? {
                Some(merge) => merge,
                None => return Ok(false),
            },
        };
        let no = merge.no();
        let stepped = self.require_room(0).and_then(|()| merge.step()).and_then(|step| match step {
            Step::More(merge) => Ok((Some(merge), None)),
            Step::Done { no, crc, parts } => {
                let run = Run::open(&*self.storage, self.manifest.ledger_id, no, crc)?;
                Ok((None, Some(Change { added: vec![Arc::new(run)], gone: parts, covered: None })))
            }
        });
        (self.merge, self.change) = stepped.inspect_err(|error| self.give_up(no, error))?;
        Ok(true)
    }

    fn begin_merge(&mut self) -> Result<Option<Box<Merge>>, IndexError> {
        let Some(parts) = plan(&self.runs, self.sizes.unit) else { return Ok(None) };
        self.require_room(parts.iter().map(|part| part.file_bytes()).sum())?;
        let kind = parts.first().map_or(RunKind::Timely, |part| part.kind());
        let draft = self.draft(kind, Merge::times(&parts));
        let begun = Merge::begin(&*self.storage, draft, parts);
        begun.map(|merge| Some(Box::new(merge))).inspect_err(|error| self.give_up(draft.no, error))
    }

    /// Whether a merge may write so many bytes more. A storage that cannot tell is tried.
    fn require_room(&self, bytes: u64) -> Result<(), IndexError> {
        let needed = bytes.saturating_add(SegmentSizes::USUAL_ROOM);
        match self.storage.free_bytes() {
            Ok(Some(free)) if free < needed => {
                let words = format!("{needed} bytes are needed, to leave room for the journal; {free} are free");
                Err(IndexError::unavailable("merging runs", io::Error::new(io::ErrorKind::StorageFull, words)))
            }
            _ => Ok(()),
        }
    }

    fn give_up(&mut self, no: u64, error: &IndexError) {
        self.is_damaged |= matches!(error, IndexError::Damaged { .. });
        self.remove(no);
    }
}

/// What a generation holds of each kind.
fn by_kind(generation: &Generation) -> [Vec<Entry>; 3] {
    let mut of_kind: [Vec<_>; 3] = Default::default();
    for (fingerprint, place) in generation.entries() {
        let entry = Entry { fingerprint, place: place.bare().0 };
        of_kind.get_mut(place.kind() as usize).into_iter().for_each(|entries| entries.push(entry));
    }
    of_kind
}
