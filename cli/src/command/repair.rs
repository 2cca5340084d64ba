//! `talon repair`: cuts a damaged end off the journal, because somebody decided so.

use serde_json::json;
use talon_journal::repair_cut_after;

use crate::args::{Common, RepairArgs};
use crate::exit::Exit;
use crate::ledger;
use crate::show::Screen;

pub(crate) fn run(args: &RepairArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let dir = common.ledger()?;
    ledger::require_ledger(dir)?;
    let cut = repair_cut_after(dir, args.cut_after, "talon repair")?;
    if screen.is_json() {
        screen.json(&json!({
            "type": "cut", "file": cut.file, "offset": cut.offset, "bytes": cut.bytes, "firstLsn": cut.first_lsn,
        }))?;
    } else {
        let words = screen.say("octets coupés, copiés à côté du segment", "bytes cut, and copied beside the segment");
        screen.line(&format!("{} offset {}: {} {words}", cut.file, cut.offset, cut.bytes))?;
    }
    Ok(Exit::Done)
}
