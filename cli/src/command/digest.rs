//! `talon digest`: the state in one line.

use serde_json::json;

use crate::args::{Common, DigestArgs};
use crate::exit::Exit;
use crate::show::{Screen, as_of_json};
use crate::{incarnation, ledger};

pub(crate) fn run(args: &DigestArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let then = args.as_of.read()?;
    let dir = common.ledger()?;
    let journal = ledger::open_to_read(dir)?;
    let history = ledger::history_as_of(&journal, &then)?;
    let (fold, state) = history.digest();
    let positions: Vec<u64> = history.positions().iter().map(|(_, next)| next.0).collect();
    screen.json(&json!({
        "type": "digest", "fold": fold, "state": state.to_string(), "positions": positions,
        "incarnation": incarnation::of(dir)?, "as_of": as_of_json(&then.as_of, history.positions()),
    }))?;
    Ok(Exit::Done)
}
