//! The race: every rival in turn on one disk, then the ratios.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use talon_benches::{Machine, Report, Row, Section, Space, bare, batch_bytes, sustained};

use crate::place;
use crate::rows;
use crate::views;

/// Events of one batch.
const BATCH: usize = 1_000;
/// Syncs of the bare loop for each second of the others: about what a disk does, so that it takes about as long.
const SYNCS_A_SECOND: u64 = 500;

/// What every server is told: durable means durable, as it is by default.
const DURABLE: &[(&str, &str)] = &[("fsync", "on"), ("synchronous_commit", "on")];
/// The same, with memory, and with so much room for its log that checkpoints do not decide.
pub(crate) const TUNED: &[(&str, &str)] = &[
    ("fsync", "on"),
    ("synchronous_commit", "on"),
    ("shared_buffers", "2GB"),
    ("wal_buffers", "64MB"),
    ("min_wal_size", "4GB"),
    ("max_wal_size", "16GB"),
    ("checkpoint_timeout", "30min"),
];

/// What came of it.
pub(crate) struct Race {
    kernel: String,
    file_system: String,
    report: Report,
    /// How many times faster Talon is than each: a name, and hundredths.
    ratios: Vec<(&'static str, u64)>,
}

impl Race {
    /// Taking events in: everything, each for about so long, in an empty folder.
    pub(crate) fn to_take_in(dir: &Path, how_long: Duration) -> Result<Self> {
        let machine = Machine::seen();
        let bytes = batch_bytes(&dir.join("sample"), BATCH)?;
        let syncs = SYNCS_A_SECOND * how_long.as_secs().max(1);
        let ahead = loop_of(dir, "bare loop, space zeroed ahead", bytes, syncs, Space::Ahead)?;
        let on_the_way = loop_of(dir, "bare loop, space zeroed on the way", bytes, syncs, Space::OnTheWay)?;
        let growing = loop_of(dir, "bare loop, the file grows", bytes, syncs, Space::Growing)?;
        let untuned = rows::sustained(&dir.join("pg"), "PostgreSQL, as installed", DURABLE, BATCH, how_long)?;
        std::fs::remove_dir_all(dir.join("pg"))?;
        let tuned = rows::sustained(&dir.join("pg"), "PostgreSQL, tuned", TUNED, BATCH, how_long)?;
        std::fs::remove_dir_all(dir.join("pg"))?;
        let done = sustained(&dir.join("talon"), BATCH, how_long)?;
        let talon = Row::new("Talon, the whole path", done.events).taking(done.taken);
        let rivals = [("bareLoopAhead", &ahead), ("bareLoopOnTheWay", &on_the_way), ("bareLoopGrowing", &growing)];
        let rivals = rivals.into_iter().chain([("postgres", &untuned), ("postgresTuned", &tuned)]);
        let ratios = rivals.map(|(name, rival)| (name, hundredths(&talon, rival))).collect();
        let about =
            format!("batches of {BATCH} events, each durable before the next; Talon seals, recognises and checks");
        let rows = vec![talon, ahead, on_the_way, growing, untuned, tuned];
        Ok(Self::run(machine, dir, Section { name: "rivals", about, rows }, ratios))
    }

    /// Making views of so many events that are there already, in an empty folder.
    pub(crate) fn to_views(dir: &Path, events: u64) -> Result<Self> {
        let machine = Machine::seen();
        let views::Made { section, talon, load_and_group, group } = views::made(dir, events)?;
        let rivals = [("postgresLoadAndGroup", &load_and_group), ("postgresGroup", &group)];
        let ratios = rivals.into_iter().map(|(name, rival)| (name, hundredths(&talon, rival))).collect();
        Ok(Self::run(machine, dir, section, ratios))
    }

    /// What was run on a machine that was seen before it.
    fn run(mut machine: Machine, dir: &Path, section: Section, ratios: Vec<(&'static str, u64)>) -> Self {
        machine.load[1] = Machine::seen().load[0].take();
        let report = Report { machine, sections: vec![section] };
        Self { kernel: place::kernel(), file_system: place::file_system(dir), report, ratios }
    }

    /// For people.
    pub(crate) fn table(&self) -> String {
        let mut text = format!("Linux {}, {}\n{}\n", self.kernel, self.file_system, self.report.table());
        for (name, hundredths) in &self.ratios {
            let _ = writeln!(text, "Talon / {name}: {}", decimal(*hundredths));
        }
        text
    }

    /// For programs.
    pub(crate) fn json(&self) -> String {
        let ratios: Vec<_> =
            self.ratios.iter().map(|(name, hundredths)| format!(r#""{name}":{}"#, decimal(*hundredths))).collect();
        let Self { kernel, file_system, report, .. } = self;
        format!(
            r#"{{"type":"rivals","kernel":"{kernel}","fileSystem":"{file_system}","talonTimes":{{{}}},"bench":{}}}"#,
            ratios.join(","),
            report.json()
        )
    }
}

/// The bare loop: as many bytes as a batch comes to in the journal, with as many syncs.
fn loop_of(dir: &Path, name: &str, bytes: usize, syncs: u64, space: Space) -> Result<Row> {
    let taken = bare(&dir.join("bare"), &vec![0x54; bytes], syncs, space)?;
    let remark = format!("{syncs} writes of {bytes} bytes, a sync each");
    Ok(Row::new(name, syncs * BATCH as u64).taking(taken.iter().sum()).with(remark))
}

/// How many times as many events a second.
fn hundredths(of: &Row, to: &Row) -> u64 {
    of.a_second().saturating_mul(100) / to.a_second().max(1)
}

fn decimal(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_of_events_a_second() {
        let row = |events| Row::new("", events).taking(Duration::from_secs(2));
        assert_eq!(decimal(hundredths(&row(3_000_000), &row(2_000_000))), "1.50");
        assert_eq!(decimal(hundredths(&row(1_000), &row(4_000))), "0.25");
    }

    #[test]
    fn a_bare_loop_counts_events_and_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let row = loop_of(dir.path(), "bare", 4_096, 2, Space::Growing).unwrap();
        assert_eq!((row.times, row.taken.len()), (2_000, 1));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
