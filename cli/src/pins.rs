//! Pins as files: read with a bound, written where nothing was.
//!
//! A pin that cannot be read is a mistake of the command line: nothing is said of the ledger, and nothing is damaged.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use talon_domain::ids::LedgerId;
use talon_replay::Pin;

use crate::exit::UsageError;
use crate::files;

/// Reads the pins that a command line names, in its order.
pub(crate) fn read(paths: &[PathBuf]) -> anyhow::Result<Vec<Pin>> {
    paths.iter().map(|path| read_one(path)).collect()
}

fn read_one(path: &Path) -> anyhow::Result<Pin> {
    let mut bytes = Vec::new();
    let bound = Pin::BYTES_MAX as u64 + 1; // one more than there may be: it is told from the largest pin
    let read = File::open(path).and_then(|file| file.take(bound).read_to_end(&mut bytes));
    read.map_err(|error| UsageError(format!("{} cannot be read: {error}", path.display())))?;
    let pin = Pin::parse(&bytes);
    Ok(pin.map_err(|error| UsageError(format!("{} is no pin: {error}", path.display())))?)
}

/// A pin of another ledger says nothing of this one.
pub(crate) fn require_of(ledger: LedgerId, paths: &[PathBuf], pins: &[Pin]) -> anyhow::Result<()> {
    let stranger = paths.iter().zip(pins).find(|(_, pin)| pin.ledger() != ledger);
    stranger.map_or(Ok(()), |(path, pin)| {
        let refusal = format!("{} is a pin of ledger {}: this is {ledger}", path.display(), pin.ledger());
        Err(UsageError(refusal).into())
    })
}

/// Writes a pin into a file that was not there; it is durable on return. A pin is never overwritten: an older one proves
/// more.
pub(crate) fn write(path: &Path, pin: &Pin) -> anyhow::Result<()> {
    let mut file = files::make_file(path).map_err(|error| refusal_or(error, path))?;
    let written = file.write_all(pin.encode().as_bytes()).and_then(|()| file.sync_all());
    let kept = written.and_then(|()| files::sync(files::parent(path)));
    if kept.is_err() {
        let _ = fs::remove_file(path); // half a pin would be taken for one
    }
    kept.with_context(|| format!("{} cannot be written", path.display()))
}

fn refusal_or(error: std::io::Error, path: &Path) -> anyhow::Error {
    if error.kind() == std::io::ErrorKind::AlreadyExists {
        return UsageError(format!("{} is there already: a pin is never overwritten", path.display())).into();
    }
    anyhow::Error::new(error).context(format!("{} cannot be made", path.display()))
}
