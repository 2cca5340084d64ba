//! The id index by itself: how fast it takes new ids in and recognises known ones, and what it holds in memory.
//!
//! Three ways in which ids come: in time, each shortly after it was made; late, from years of history in any order; and
//! again, chosen by chance among all that were taken in.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use talon_domain::ids::{EventId, LedgerId, MerchantId, PartitionId, Position};
use talon_domain::time::Instant;
use talon_intake::genesis;
use talon_journal::{Folder, Hit, IdIndex, IdKey, IndexHealth, IndexSettings, MemoryJournal, PARTITIONS};
use talon_vault::Entropy;

use crate::chance::Chance;
use crate::clock::timed;
use crate::report::{Row, Section};

/// Ids of one batch.
const BATCH: usize = 1_000;
/// 2026-11-25T09:00:00Z, and so many ids come in a millisecond.
const NOW_MS: i64 = 1_795_597_200_000;
const IDS_A_MS: u64 = 1_000;
/// Late ids are up to so old: eight years.
const HISTORY_MS: u64 = 8 * 365 * 86_400_000;

/// Measures with so many ids of each kind.
pub(crate) fn measured(dir: &Path, ids: u64) -> io::Result<Section> {
    let mut rows = Vec::new();
    for (name, is_late) in [("in time", false), ("late, in any order", true)] {
        let mut bench = Bench::new(&dir.join(format!("ids-{is_late}")), is_late)?;
        let new = bench.take_in(ids)?;
        let health = bench.index.health();
        let row = |what: &str, times| Row::new(format!("{what}, {name}"), times);
        rows.push(row("new ids", ids).taking(new).with(words(&health)));
        let asked = ids.min(1_000_000);
        let known = bench.ask(asked, ids, true)?;
        rows.push(row("known ids, by chance", asked).taking(known));
        let unknown = bench.ask(asked, ids, false)?;
        rows.push(row("unknown ids of the same time", asked).taking(unknown));
    }
    Ok(Section { name: "ids", about: format!("the id index in files, {ids} ids, batches of {BATCH}"), rows })
}

fn words(health: &IndexHealth) -> String {
    let mib = |bytes: u64| bytes >> 20;
    format!(
        "{} runs, {} MiB on disk; in memory {} MiB of tables, {} of filters, {} of sections",
        health.runs,
        mib(health.disk_bytes),
        mib(health.generation_bytes),
        mib(health.filter_bytes),
        mib(health.section_bytes)
    )
}

struct Bench {
    index: IdIndex,
    is_late: bool,
    hits: Vec<Hit>,
}

impl Bench {
    fn new(dir: &Path, is_late: bool) -> io::Result<Self> {
        let mut entropy = Entropy::from_seed([7; 32]);
        let (id, now) = (LedgerId([7; 16]), Instant(NOW_MS * 1_000));
        let records = genesis(id, "bench.example", now, &mut entropy).map_err(io::Error::other)?;
        let journal = MemoryJournal::create(id, records).map_err(io::Error::other)?;
        std::fs::create_dir_all(dir)?;
        let settings = IndexSettings::new("talon bench", 7);
        let index = IdIndex::open(Arc::new(Folder::index(dir)), &journal, &settings, &mut |_| ());
        Ok(Self { index: index.map_err(io::Error::other)?, is_late, hits: Vec::new() })
    }

    /// Each id is looked up, claimed and settled, as the door does.
    fn take_in(&mut self, ids: u64) -> io::Result<Duration> {
        let mut taken = Duration::ZERO;
        for first in (0..ids).step_by(BATCH) {
            let keys: Vec<_> = (first..first + BATCH as u64).map(|n| self.key(n)).collect();
            let now = Instant((NOW_MS + i64::try_from(first / IDS_A_MS).unwrap_or(0)) * 1_000);
            let (done, time) = timed(|| self.batch(&keys, first, now));
            done?;
            taken += time;
        }
        Ok(taken)
    }

    fn batch(&mut self, keys: &[IdKey], first: u64, now: Instant) -> io::Result<()> {
        self.hits.clear();
        self.index.look_up(keys, &mut self.hits).map_err(io::Error::other)?;
        self.index.begin(now);
        keys.iter().for_each(|key| self.index.claim(*key));
        // Behind the genesis records, partition by partition in turn.
        self.index.settle((first..).map(|n| {
            let partition = u16::try_from(n % u64::from(PARTITIONS)).unwrap_or(0);
            (PartitionId(partition), Position(1 + n / u64::from(PARTITIONS)))
        }));
        Ok(())
    }

    /// Looks ids up that are known, or none of which is.
    fn ask(&mut self, times: u64, ids: u64, known: bool) -> io::Result<Duration> {
        let mut chance = Chance::of(times);
        let mut taken = Duration::ZERO;
        let mut found = 0;
        for _ in (0..times).step_by(BATCH) {
            let keys: Vec<_> = (0..BATCH)
                .map(|_| {
                    let key = self.key(chance.below(ids));
                    if known { key } else { IdKey { merchant: MerchantId(key.merchant.0 + 1), ..key } }
                })
                .collect();
            self.hits.clear();
            let (looked_up, time) = timed(|| self.index.look_up(&keys, &mut self.hits));
            looked_up.map_err(io::Error::other)?;
            taken += time;
            found += self.hits.len() as u64;
        }
        let is_right = if known { found >= times } else { found * 1_000 < times.max(1_000) };
        if is_right { Ok(taken) } else { Err(io::Error::other(format!("{found} of {times} ids were found"))) }
    }

    /// The id with a number: always the same.
    fn key(&self, number: u64) -> IdKey {
        let mut chance = Chance::of(number);
        let ms = if self.is_late {
            NOW_MS - 7_200_000 - i64::try_from(chance.below(HISTORY_MS)).unwrap_or(0)
        } else {
            NOW_MS + i64::try_from(number / IDS_A_MS).unwrap_or(0)
        };
        IdKey { merchant: MerchantId(300_000_000 + chance.below(5_000) * 10), id: EventId(chance.uuid(ms)) }
    }
}
