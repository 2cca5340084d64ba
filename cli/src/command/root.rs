//! `talon root`: the root of each partition now, printed or pinned in a file.
//!
//! The clock is read behind the last record: at that time the ledger held what the roots say. A pin goes into no folder
//! of the ledger, where whoever changes a record would find it.

use std::path::Path;

use anyhow::Context as _;
use serde_json::json;
use talon_journal::Journal;
use talon_replay::{Pin, Roots};

use crate::args::{Common, RootArgs};
use crate::exit::{Exit, UsageError};
use crate::show::{Bar, Screen};
use crate::{clock, files, ledger, pins};

pub(crate) fn run(args: &RootArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let dir = common.ledger()?;
    if let Some(out) = &args.out {
        refuse_inside(dir, out)?;
    }
    let journal = ledger::open_to_read(dir)?;
    let pin = pin(&journal, args.out.as_deref())?;
    if screen.is_json() {
        screen.json(&report(&pin, args.out.as_deref()))?;
    } else {
        tell(&pin, args.out.as_deref(), screen)?;
    }
    Ok(Exit::Done)
}

/// The roots of what is there now, written if a file is named.
pub(crate) fn pin(journal: &dyn Journal, out: Option<&Path>) -> anyhow::Result<Pin> {
    let bar = Bar::records(journal.ends().total(), "hashing");
    let roots = Roots::of(journal, &mut |progress| bar.at(progress.done, progress.total))?;
    bar.finish();
    let pin = Pin::of(journal.identity().ledger_id, clock::now(), roots.heads());
    let pin = pin.context("the journal holds no record, not even its genesis")?;
    if let Some(out) = out {
        pins::write(out, &pin)?;
    }
    Ok(pin)
}

fn refuse_inside(dir: &Path, out: &Path) -> anyhow::Result<()> {
    if files::lies_inside(dir, out)? {
        let refusal = format!("{} lies in the ledger's own folder: a pin is kept elsewhere", out.display());
        return Err(UsageError(refusal).into());
    }
    Ok(())
}

fn report(pin: &Pin, out: Option<&Path>) -> serde_json::Value {
    json!({
        "type": "root",
        "ledgerId": pin.ledger().to_string(),
        "time": pin.time(),
        "pin": out.map(|out| out.display().to_string()),
        "partitions": pin.partitions().iter().map(|(partition, head)| json!({
            "partition": partition.0, "size": head.size, "root": head.root.to_string(),
        })).collect::<Vec<_>>(),
    })
}

fn tell(pin: &Pin, out: Option<&Path>, screen: &mut Screen) -> std::io::Result<()> {
    let partitions = pin.partitions().iter();
    let records = partitions.clone().fold(0u64, |sum, (_, head)| sum.saturating_add(head.size));
    let count = screen.count(records, ["enregistrement", "enregistrements"], ["record", "records"]);
    let (of, at) = (screen.say("registre", "ledger"), screen.say("le", "at"));
    screen.line(&format!("{of} {}, {at} {}, {count}", pin.ledger(), pin.time()))?;
    if let Some(out) = out {
        let pinned = screen.say("racines fixées dans", "roots pinned in");
        return screen.line(&format!("{pinned} {}", out.display()));
    }
    let heads = [">Partition", screen.say(">Enregistrements", ">Records"), screen.say("Racine", "Root")];
    let rows =
        partitions.map(|(partition, head)| vec![partition.to_string(), head.size.to_string(), head.root.to_string()]);
    screen.table(&heads, rows.collect())
}
