//! `talon dump`: the events, to be published elsewhere.

use talon_journal::{Journal, Positions, Record};
use talon_replay::event_json;

use crate::args::{Common, DumpArgs};
use crate::exit::Exit;
use crate::show::{Bar, Screen};
use crate::{keys, ledger};

pub(crate) fn run(args: &DumpArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let dir = common.ledger()?;
    let journal = ledger::open_to_read(dir)?;
    let mut vault = args.open.then(|| keys::vault_reader(dir, common, journal.identity().ledger_id)).transpose()?;
    let (mut done, mut closed, mut parked) = (0, 0u64, 0u64);
    let bar = Bar::records(journal.ends().total(), "dumping");
    let mut reader = journal.scan(&Positions::beginning())?;
    while let Some(stored) = reader.next()? {
        let mut open = |record: &Record<'_>| -> Option<Vec<u8>> {
            let opened = vault.as_mut()?.open_sealed(record.header_bytes(), record.sealed()?);
            closed += u64::from(opened.is_err());
            opened.ok().map(|plain| plain.to_vec())
        };
        match event_json(&stored, &mut open) {
            Some(Ok(line)) => screen.line(&line)?,
            Some(Err(_)) => parked += 1,
            None => {}
        }
        done += 1;
        bar.at(done, done);
    }
    bar.finish();
    if closed > 0 {
        let remark = format!("{closed} {}", screen.say("parties personnelles sans clé", "personal parts have no key"));
        screen.remark(&remark)?;
    }
    if parked > 0 {
        let remark = format!(
            "{parked} {}",
            screen.say("faits illisibles par cette version", "facts that this release cannot read")
        );
        screen.remark(&remark)?;
        return Ok(Exit::SomeRefused);
    }
    Ok(Exit::Done)
}
