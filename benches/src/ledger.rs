//! A ledger of a benchmark's own, in a folder that it is given: made anew, with a vault, opened as the product opens it.

use std::io;
use std::path::Path;
use std::sync::Arc;

use talon_domain::time::Instant;
use talon_intake::{Door, Seals, genesis, new_ledger_id};
use talon_journal::{EmbeddedJournal, Folder, IdIndex, IndexSettings, SegmentSeed, WriterSettings};
use talon_vault::{Entropy, MasterKey, Vault};

use crate::clock;

/// A journal that is written, and its door.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) journal: EmbeddedJournal,
    pub(crate) door: Door,
}

impl Ledger {
    /// Makes one in a folder that has none.
    pub(crate) fn create(dir: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(dir.join("vault"))?;
        let mut entropy = Entropy::from_os().map_err(io::Error::other)?;
        let now = clock::now();
        let id = new_ledger_id(now, &mut entropy);
        let records = genesis(id, "bench.example", now, &mut entropy).map_err(io::Error::other)?;
        let master = MasterKey::generate(&mut entropy);
        let vault = Vault::create(dir, &master, id, Entropy::from_os().map_err(io::Error::other)?);
        let journal = EmbeddedJournal::create(dir, id, settings(entropy), &records).map_err(io::Error::other)?;
        Self::behind(dir, journal, Seals::open(vault.map_err(io::Error::other)?))
    }

    /// Opens one again; what was sealed stays sealed.
    pub(crate) fn open(dir: &Path) -> io::Result<Self> {
        let entropy = Entropy::from_os().map_err(io::Error::other)?;
        let journal = EmbeddedJournal::open(dir, settings(entropy)).map_err(io::Error::other)?;
        Self::behind(dir, journal, Seals::imagined())
    }

    fn behind(dir: &Path, journal: EmbeddedJournal, seals: Seals) -> io::Result<Self> {
        let mut entropy = Entropy::from_os().map_err(io::Error::other)?;
        let mut seed = [0; 8];
        entropy.fill(&mut seed);
        let settings = IndexSettings::new("talon bench", u64::from_le_bytes(seed));
        let index = IdIndex::open(Arc::new(Folder::index(dir)), &journal, &settings, &mut |_| ());
        let index = index.map_err(io::Error::other)?;
        Ok(Self { journal, door: Door::new(index, seals, entropy) })
    }
}

fn settings(mut entropy: Entropy) -> WriterSettings {
    let seeds = move || {
        let mut salt = [0; 8];
        entropy.fill(&mut salt);
        SegmentSeed { salt: u64::from_le_bytes(salt), created_at: Instant(clock::now().0) }
    };
    WriterSettings::new("talon bench", Box::new(seeds))
}
