//! The manifest: which runs are live, and which records they cover.
//!
//! - it is replaced whole: written beside, synced, renamed, the folder synced
//! - a run is durable, name and all, before the manifest names it, and removed only after the manifest has let it go
//! - one that is missing, of another version, ledger or checksum is no manifest: the index is made again
//!
//! This module opens no run.

use std::io;

use talon_domain::ids::{LedgerId, PartitionId, Position};

use super::place::Place;
use super::run::Run;
use crate::partition::Positions;
use crate::storage::{Access, Storage};

/// The manifest's file.
pub(crate) const MANIFEST: &str = "manifest";
/// The file of the next one, until it is renamed.
pub(crate) const NEW_MANIFEST: &str = "manifest.new";
const MAGIC: [u8; 8] = *b"TALONIDS";
const VERSION: u16 = 1;
/// A manifest of more runs than this is not one of ours.
const BYTES_MAX: u64 = 1 << 24;

/// The id that was taken in last, by fingerprint and place: a journal that was cut and has grown again holds another
/// there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Witness {
    pub(crate) fingerprint: u64,
    pub(crate) place: Place,
}

/// What the runs hold together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Covered {
    /// Records before these are covered.
    pub(crate) ends: Positions,
    /// The last of them that is a record.
    pub(crate) witness: Option<Witness>,
}

impl Covered {
    /// Of nothing.
    pub(crate) fn nothing() -> Self {
        Self { ends: Positions::beginning(), witness: None }
    }
}

/// What a manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) ledger_id: LedgerId,
    /// Fingerprints are made with it.
    pub(crate) seed: u64,
    /// No run has had this number yet.
    pub(crate) next_run: u64,
    pub(crate) covered: Covered,
    /// Number and header checksum of each live run.
    pub(crate) runs: Vec<(u64, u32)>,
}

impl Manifest {
    /// Of an index of nothing.
    pub(crate) fn of_nothing(ledger_id: LedgerId, seed: u64) -> Self {
        Self { ledger_id, seed, next_run: 0, covered: Covered::nothing(), runs: Vec::new() }
    }

    /// Says that these runs are live.
    pub(crate) fn list<'a>(&mut self, runs: impl Iterator<Item = &'a Run>) {
        self.runs = runs.map(|run| (run.no(), run.crc())).collect();
    }

    /// Makes it the manifest. After an error either this one or the one before may be.
    pub(crate) fn store(&self, storage: &dyn Storage) -> io::Result<()> {
        storage.sync()?;
        let file = storage.open(NEW_MANIFEST, Access::Create)?;
        file.write_at(&self.encode(), 0)?;
        file.sync()?;
        storage.rename(NEW_MANIFEST, MANIFEST)?;
        storage.sync()
    }

    /// The stored manifest of a ledger, if there is one that this release can read.
    pub(crate) fn load(storage: &dyn Storage, ledger_id: LedgerId) -> io::Result<Option<Self>> {
        let file = match storage.open(MANIFEST, Access::Read) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let size = file.size()?;
        let Some(len) = usize::try_from(size).ok().filter(|_| size <= BYTES_MAX) else { return Ok(None) };
        let mut bytes = vec![0; len];
        file.read_at(&mut bytes, 0)?;
        Ok(Self::decode(&bytes).filter(|manifest| manifest.ledger_id == ledger_id))
    }

    fn encode(&self) -> Vec<u8> {
        let mut to = Vec::new();
        to.extend(MAGIC);
        to.extend(VERSION.to_le_bytes());
        to.extend(self.ledger_id.0);
        to.extend(self.seed.to_le_bytes());
        to.extend(self.next_run.to_le_bytes());
        for (_, next) in self.covered.ends.iter() {
            to.extend(next.0.to_le_bytes());
        }
        let none = Witness { fingerprint: 0, place: Place::GONE };
        let witness = self.covered.witness.unwrap_or(none);
        to.extend(witness.fingerprint.to_le_bytes());
        to.extend(witness.place.0.to_le_bytes());
        to.extend((self.runs.len() as u64).to_le_bytes());
        for (no, crc) in &self.runs {
            to.extend(no.to_le_bytes());
            to.extend(crc.to_le_bytes());
        }
        to.extend(crc32c::crc32c(&to).to_le_bytes());
        to
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (body, crc) = bytes.split_last_chunk()?;
        let mut from = Fields(body);
        let is_ours = from.take()? == MAGIC && from.take()? == VERSION.to_le_bytes();
        if !is_ours || crc32c::crc32c(body) != u32::from_le_bytes(*crc) {
            return None;
        }
        let mut manifest = Self::of_nothing(LedgerId(from.take()?), from.u64()?);
        manifest.next_run = from.u64()?;
        for partition in (0..crate::PARTITIONS).map(PartitionId) {
            manifest.covered.ends.set(partition, Position(from.u64()?));
        }
        let witness = Witness { fingerprint: from.u64()?, place: Place(from.u64()?) };
        manifest.covered.witness = (witness.place != Place::GONE).then_some(witness);
        for _ in 0..from.u64()? {
            manifest.runs.push((from.u64()?, u32::from_le_bytes(from.take()?)));
        }
        from.0.is_empty().then_some(manifest)
    }
}

/// Bytes, taken from the front.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }
}
