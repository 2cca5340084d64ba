//! `talon key`: a copy of the master key for the safe, and back; and a new one in its place.

mod rotate;

use std::io::Read as _;

use anyhow::Context as _;
use serde_json::json;
use talon_vault::MasterKey;

use crate::args::{Common, KeyArgs, KeyCommand};
use crate::exit::Exit;
use crate::keys;
use crate::show::Screen;

/// A recovery copy has well under this many bytes.
const COPY_BYTES_MAX: u64 = 16 * 1024;

pub(crate) fn run(args: &KeyArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let located = keys::place(common.ledger()?, common);
    match &args.command {
        KeyCommand::Rotate { author_code } => return rotate::run(author_code, common, screen),
        KeyCommand::Recovery => {
            let master = MasterKey::read(&located)?;
            screen.raw(&master.recovery_copy().to_string())?;
        }
        KeyCommand::Restore => {
            let mut text = String::new();
            std::io::stdin().take(COPY_BYTES_MAX).read_to_string(&mut text).context("the copy could not be read")?;
            let master = MasterKey::from_recovery(&text)?;
            master.write_new(&located.path)?;
            let (path, fingerprint) = (located.path.display().to_string(), master.fingerprint());
            if screen.is_json() {
                screen.json(&json!({ "type": "key", "masterKey": path, "masterKeyFingerprint": fingerprint }))?;
            } else {
                screen.line(&format!("{path} {fingerprint}"))?;
            }
        }
    }
    Ok(Exit::Done)
}
