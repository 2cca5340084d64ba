//! The folder of an export. Invariants:
//! - it has its name when all of its files are whole and durable, and never before
//! - what was there is not touched; an export that fails leaves nothing behind
//! - its files are for their owner alone, as the ledger's are
//!
//! An export that is killed leaves a folder beside, whose name begins with a point and ends with `.part` and a number.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use talon_exports::File;

use crate::exit::UsageError;
use crate::files::{is_vacant, lies_inside, make_file, make_folder, parent, sync};

/// Refuses a folder that is not empty, or in which a ledger lies.
pub(super) fn require_vacant(ledger: &Path, out: &Path) -> anyhow::Result<()> {
    let refuse = |why: &str| Err(UsageError(format!("{} {why}", out.display())).into());
    if lies_inside(ledger, out)? {
        return refuse("lies in the ledger's own folder: name one elsewhere");
    }
    match is_vacant(out) {
        Ok(true) if out.file_name().is_some() => Ok(()),
        Ok(true) => refuse("has no name of its own: name a folder to be made"),
        Ok(false) => refuse("is not empty: an export needs a folder of its own"),
        Err(error) => refuse(&format!("cannot be made: {error}")),
    }
}

/// Writes the files beside the folder, and then gives them its name.
pub(super) fn write(out: &Path, files: &[File]) -> anyhow::Result<()> {
    let work = beside(out);
    let written = write_all(&work, files).and_then(|()| fs::rename(&work, out)).and_then(|()| sync(parent(out)));
    if written.is_err() {
        let _ = fs::remove_dir_all(&work); // half an export would be taken for one
    }
    written.with_context(|| format!("no export was made in {}", out.display()))
}

/// Where it lies until it is whole.
fn beside(out: &Path) -> PathBuf {
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    parent(out).join(format!(".{name}.part{}", std::process::id()))
}

fn write_all(work: &Path, files: &[File]) -> io::Result<()> {
    fs::create_dir_all(parent(work))?;
    make_folder(work)?;
    for file in files {
        let path = work.join(&file.path);
        let folder = parent(&path);
        if !folder.exists() {
            make_folder(folder)?;
        }
        let mut made = make_file(&path)?;
        made.write_all(&file.bytes)?;
        made.sync_all()?;
        sync(folder)?;
    }
    sync(work)
}
