//! `talon dump`: the events, to be published elsewhere.

use talon_domain::ids::PartitionId;
use talon_journal::{Journal, Positions, Record};
use talon_replay::{Dumped, event_json};
use talon_vault::{OpenError, VaultError, VaultReader};

use crate::args::{Common, DumpArgs};
use crate::exit::Exit;
use crate::show::{Bar, Screen};
use crate::{keys, ledger};

pub(crate) fn run(args: &DumpArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let dir = common.ledger()?;
    let journal = ledger::open_to_read(dir)?;
    let vault = args.open.then(|| keys::vault_reader(dir, common, journal.identity().ledger_id)).transpose()?;
    let mut persons = Persons { vault, closed: 0, altered: 0, failed: None };
    let (mut done, mut parked, mut own) = (0, 0, 0);
    let bar = Bar::records(journal.ends().total(), "dumping");
    let mut reader = journal.scan(&Positions::beginning())?;
    while let Some(stored) = reader.next()? {
        match event_json(&stored, &mut |record| persons.open(record)) {
            Some(Dumped::Event(line)) => screen.raw(&(line + "\n"))?, // a file's bytes: no character is replaced
            Some(Dumped::Unreadable(_)) => parked += 1,
            Some(Dumped::LedgersOwn) if stored.partition == PartitionId(0) => own += 1, // the others hold copies
            Some(Dumped::LedgersOwn) | None => {}
        }
        if let Some(error) = persons.failed.take() {
            return Err(error.into());
        }
        done += 1;
        bar.at(done, done);
    }
    bar.finish();
    if own > 0 {
        let left = screen.count(
            own,
            ["fait propre au registre reste", "faits propres au registre restent"],
            ["fact of the ledger's own stays", "facts of the ledger's own stay"],
        );
        let say = screen
            .say("ici : `talon calendar add` les énonce ailleurs", "here: `talon calendar add` states them elsewhere");
        screen.remark(&format!("{left} {say}"))?;
    }
    conclude(&persons, parked, screen)
}

/// The sealed parts on their way into the open, and what stood in the way.
struct Persons {
    vault: Option<VaultReader>,
    closed: u64,
    altered: u64,
    failed: Option<VaultError>,
}

impl Persons {
    fn open(&mut self, record: &Record<'_>) -> Option<Vec<u8>> {
        match self.vault.as_mut()?.open_sealed(record.header_bytes(), record.sealed()?) {
            Ok(plain) => return Some(plain.to_vec()),
            Err(OpenError::KeyUnavailable { .. }) => self.closed += 1,
            Err(OpenError::Vault(error)) => self.failed = Some(error),
            Err(_) => self.altered += 1,
        }
        None
    }
}

fn conclude(persons: &Persons, parked: u64, screen: &mut Screen) -> anyhow::Result<Exit> {
    let closed = ["partie personnelle sans clé", "parties personnelles sans clé"];
    let altered = ["partie personnelle altérée", "parties personnelles altérées"];
    let unread = ["fait illisible par cette version", "faits illisibles par cette version"];
    let remarks = [
        (persons.closed, closed, ["personal part has no key", "personal parts have no key"]),
        (persons.altered, altered, ["personal part was altered", "personal parts were altered"]),
        (parked, unread, ["fact that this release cannot read", "facts that this release cannot read"]),
    ];
    for (number, french, english) in remarks.into_iter().filter(|(number, ..)| *number > 0) {
        screen.remark(&screen.count(number, french, english))?;
    }
    Ok(match (persons.altered, parked) {
        (0, 0) => Exit::Done,
        (0, _) => Exit::SomeRefused,
        _ => Exit::DamageFound,
    })
}
