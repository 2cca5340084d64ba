//! `talon digest`: the state in one line.

use serde_json::json;

use crate::args::Common;
use crate::exit::Exit;
use crate::show::Screen;
use crate::{incarnation, ledger};

pub(crate) fn run(common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let dir = common.ledger()?;
    let journal = ledger::open_to_read(dir)?;
    let history = ledger::history(&journal)?;
    let (fold, state) = history.digest();
    let positions: Vec<u64> = history.positions().iter().map(|(_, next)| next.0).collect();
    screen.json(&json!({
        "type": "digest", "fold": fold, "state": state.to_string(), "positions": positions,
        "incarnation": incarnation::of(dir)?,
    }))?;
    Ok(Exit::Done)
}
