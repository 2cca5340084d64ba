//! Talon on a topic of its own: a ledger that is begun, taken into, and read through.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use talon_benches::{Watch, Workload, now};
use talon_intake::{Door, EventBatch, Group, Outcome, Publisher, Seals, genesis, new_ledger_id};
use talon_journal::{IdIndex, Journal as _, Positions};
use talon_kafka::{AppendPatience, Connection, KafkaJournal, Role, Topics};
use talon_vault::{Entropy, MasterKey, Vault};

use crate::Run;
use crate::seen::seen;

/// Events of one batch, and batches under way.
const BATCH: usize = 1_000;
const UNDER_WAY: usize = 16;
/// So many events warm everything up.
const WARM_UP: u64 = 100_000;

/// A topic that is taken away behind it.
pub(crate) struct Topic(Connection);

impl Topic {
    /// Made as a journal's, under a name that nobody has.
    pub(crate) fn make(servers: &str, name: &str) -> Result<Self> {
        let connection = Connection::parse(&format!("kafka://{servers}/{name}.{}", std::process::id()))?;
        Topics::of(&connection)?.create(Role::Journal)?;
        Ok(Self(connection))
    }

    pub(crate) fn name(&self) -> &str {
        self.0.topic()
    }

    /// Takes events in through the door, the whole path, batches under way meanwhile; and how long a record is on average.
    pub(crate) fn take_in(&self, events: u64) -> Result<(Run, u64)> {
        let (journal, mut door, _vault) = self.begin()?;
        let mut workload = Workload::of(1);
        push(&mut door, &journal, &mut workload, WARM_UP)?;
        let watch = Watch::start();
        let bytes = push(&mut door, &journal, &mut workload, events)?;
        Ok((Run { count: events, taken: watch.read() }, bytes / events.max(1)))
    }

    /// A ledger on this topic, its door, and the folder of its vault.
    fn begin(&self) -> Result<(KafkaJournal, Door, tempfile::TempDir)> {
        let mut entropy = Entropy::from_os()?;
        let ledger = new_ledger_id(now(), &mut entropy);
        let records = genesis(ledger, "race.example", now(), &mut entropy)?;
        let journal = KafkaJournal::create(self.0.clone(), ledger, records, AppendPatience::default())?;
        let folder = tempfile::tempdir().context("a folder for the vault")?;
        let vault = Vault::create(folder.path(), &MasterKey::generate(&mut entropy), ledger, Entropy::from_os()?)?;
        let door = Door::new(IdIndex::of(&journal)?, Seals::open(vault), entropy);
        Ok((journal, door, folder))
    }

    /// How long it takes until an event is seen.
    pub(crate) fn see(&self) -> Result<Vec<Duration>> {
        let (journal, mut door, _vault) = self.begin()?;
        let reader = KafkaJournal::open_to_read(self.0.clone())?;
        seen(&journal, &reader, &mut door)
    }

    /// Reads every record.
    pub(crate) fn read(&self) -> Result<Run> {
        let journal = KafkaJournal::open_to_read(self.0.clone())?;
        let watch = Watch::start();
        let mut reader = journal.scan(&Positions::beginning())?;
        let mut count = 0;
        while reader.next()?.is_some() {
            count += 1;
        }
        let taken = watch.read();
        ensure!(count == journal.ends().total(), "{count} records were read");
        Ok(Run { count, taken })
    }
}

impl Drop for Topic {
    fn drop(&mut self) {
        let _ = Topics::of(&self.0).and_then(|topics| topics.delete());
    }
}

/// Pushes events through the door; how many bytes their records have.
fn push(door: &mut Door, journal: &KafkaJournal, workload: &mut Workload, events: u64) -> Result<u64> {
    let publisher = Publisher::local();
    let mut batch = EventBatch::new();
    let (mut groups, mut bytes, mut left) = (Vec::<Group>::new(), 0, events);
    while left > 0 || door.under_way() > 0 {
        if left > 0 && door.under_way() < UNDER_WAY {
            let size = usize::try_from(left).map_or(BATCH, |left| left.min(BATCH));
            workload.fill(&mut batch, size, now());
            left -= size as u64;
            door.submit(&batch, &publisher, now(), journal, groups.pop().unwrap_or_default())?;
            continue;
        }
        let Some(group) = door.settle() else { break };
        ensure!(
            group.outcomes().iter().all(|outcome| matches!(outcome, Outcome::Appended(_))),
            "an event was not taken"
        );
        bytes += group.batch().iter().map(|(_, record)| record.len() as u64).sum::<u64>();
        groups.push(group);
    }
    Ok(bytes)
}
