//! The workbench of these tests: a ledger in memory behind a door, and lines to push through it.

use std::path::PathBuf;
use std::sync::Arc;

use talon_domain::time::Instant;
use talon_intake::{
    Door, EventBatch, Group, MessageSource, Messages, OpenVault, Outcome, Publisher, Seals, genesis, new_ledger_id,
};
use talon_journal::{IdIndex, Journal, MemoryJournal, Positions, Record};
use talon_vault::{Entropy, MasterKey, Vault, VaultError};

/// 2026-11-25T09:00:00Z.
pub(crate) const NOW: Instant = Instant(1_795_597_200_000_000);

/// A door with its ledger and its vault's folder.
pub(crate) struct Bench {
    pub(crate) journal: MemoryJournal,
    pub(crate) door: Door,
    pub(crate) publisher: Publisher,
    pub(crate) now: Instant,
    pub(crate) group: Group,
    folder: tempfile::TempDir,
    master: Arc<MasterKey>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut entropy = Entropy::from_seed([7; 32]);
        let ledger = new_ledger_id(NOW, &mut entropy);
        let records = genesis(ledger, "ledger.example", NOW, &mut entropy).expect("a genesis");
        let journal = MemoryJournal::create(ledger, records).expect("a journal");
        let master = MasterKey::generate(&mut entropy);
        let vault = Vault::create(folder.path(), &master, ledger, Entropy::from_seed([8; 32])).expect("a vault");
        let door = Door::new(IdIndex::of(&journal).expect("an index"), Seals::open(vault), entropy);
        Self {
            journal,
            door,
            publisher: Publisher::local(),
            now: NOW,
            group: Group::new(),
            folder,
            master: Arc::new(master),
        }
    }

    /// Opens another door, whose vault opens when it is needed.
    pub(crate) fn open_door(&mut self, open: OpenVault) {
        let index = IdIndex::of(&self.journal).expect("an index");
        self.door = Door::new(index, Seals::later(open), Entropy::from_seed([1; 32]));
    }

    /// Opens this ledger's vault.
    pub(crate) fn vault(&self) -> impl FnMut() -> Result<Vault, VaultError> + use<> {
        let (folder, master) = (self.folder.path().to_owned(), Arc::clone(&self.master));
        let ledger = self.journal.identity().ledger_id;
        move || Vault::open(&folder, &master, ledger, Entropy::from_seed([2; 32]))
    }

    /// The vault's file.
    pub(crate) fn keys(&self) -> PathBuf {
        self.folder.path().join("vault/keys.sqlite")
    }

    /// Publishes lines of JSON, in one batch.
    pub(crate) fn publish(&mut self, lines: &str) -> Vec<Outcome> {
        self.publish_bytes(lines.as_bytes(), MessageSource::JsonLines)
    }

    pub(crate) fn publish_bytes(&mut self, bytes: &[u8], source: MessageSource) -> Vec<Outcome> {
        let mut messages = Messages::new(bytes, source);
        let mut batch = EventBatch::new();
        let mut outcomes = Vec::new();
        loop {
            messages.fill(&mut batch, 1_000).expect("bytes in memory");
            if batch.is_empty() {
                return outcomes;
            }
            let (publisher, now, group) = (&self.publisher, self.now, &mut self.group);
            outcomes.extend(self.door.publish(&batch, publisher, now, &self.journal, group).expect("an answer"));
        }
    }

    /// The one outcome of one line.
    pub(crate) fn one(&mut self, line: &str) -> Outcome {
        let mut outcomes = self.publish(line);
        assert_eq!(outcomes.len(), 1, "{line}");
        outcomes.remove(0)
    }

    /// Every record but the genesis ones, in the order of partitions.
    pub(crate) fn records(&self) -> Vec<Vec<u8>> {
        let mut reader = self.journal.scan(&Positions::beginning()).expect("a reader");
        let mut records = Vec::new();
        while let Some(stored) = reader.next().expect("a record") {
            if Record::parse(stored.bytes).expect("a record").merchant().0 != 0 {
                records.push(stored.bytes.to_vec());
            }
        }
        records
    }
}

/// A line with an event id of this number, an envelope that is in order, and the given payload.
pub(crate) fn line(number: u32, payload: &str) -> String {
    line_with(number, "", payload)
}

/// The same with further members of the envelope: `"training":true,`.
pub(crate) fn line_with(number: u32, members: &str, payload: &str) -> String {
    format!(
        r#"{{"eventId":"019ab9f4-d580-7aaa-8bbb-0000{number:08x}","merchant":"732829320","shop":17,"terminal":417,"transactionId":"019ab9f4-d500-7aaa-8bbb-0102030405bb","occurredAt":"2026-11-25T08:59:00Z","source":"gateway",{members}{payload}}}"#
    )
}

/// The same for what belongs to no payment.
pub(crate) fn line_beside_payments(number: u32, payload: &str) -> String {
    line(number, payload).replace(r#""transactionId":"019ab9f4-d500-7aaa-8bbb-0102030405bb","#, "")
}

pub(crate) const INITIATED: &str =
    r#""paymentInitiated":{"amount":{"currency":"EUR","minorUnits":"20934"},"provider":"alma"}"#;

/// A message behind its length, as a delimited file holds it.
pub(crate) fn behind_length(event: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    prost::encode_length_delimiter(event.len(), &mut bytes).expect("room");
    bytes.extend_from_slice(event);
    bytes
}
