//! `talon init`: a new ledger, its vault, and the master key beside it.

use talon_kafka::Connection;

use crate::args::{Common, InitArgs};
use crate::exit::Exit;
use crate::ledger;
use crate::show::Screen;
use crate::{clock, keys};

pub(crate) fn run(args: &InitArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let url = args.dir.to_str().filter(|text| Connection::is_meant(text));
    let dir = if url.is_some() { common.state()? } else { &args.dir };
    let located = keys::place(dir, common);
    let made = ledger::create(dir, url, &args.origin, &located, clock::now())?;
    if screen.is_json() {
        screen.json(&serde_json::json!({
            "type": "ledger", "ledger": dir.display().to_string(), "ledgerId": made.ledger_id.to_string(),
            "masterKey": located.path.display().to_string(), "masterKeyFingerprint": made.fingerprint,
        }))?;
        return Ok(Exit::Done);
    }
    screen.line(&format!("{} {}", screen.say("Registre", "Ledger"), made.ledger_id))?;
    screen.line(&format!("  {}", dir.display()))?;
    screen.line(&format!("{} {}", screen.say("Clé maîtresse", "Master key"), made.fingerprint))?;
    screen.line(&format!("  {}", located.path.display()))?;
    for line in [
        screen.say(
            "Gardez la clé ailleurs que le registre. Qui la perd perd les téléphones, courriels et noms, et rien d'autre.",
            "Keep the key elsewhere than the ledger. Whoever loses it loses the phones, e-mails and names, and no more.",
        ),
        screen.say(
            "`talon key recovery` en imprime une copie pour le coffre.",
            "`talon key recovery` prints a copy for the safe.",
        ),
    ] {
        screen.line(line)?;
    }
    if located.inside_ledger {
        ledger::warn_key_inside(screen)?;
    }
    Ok(Exit::Done)
}
