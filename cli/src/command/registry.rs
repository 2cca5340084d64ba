//! `talon registry import|export`: a whole park in one file.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::Context as _;
use talon_projections::registry::Registry;

use crate::args::{Common, ImportArgs, RegistryCommand};
use crate::exit::{Exit, UsageError};
use crate::ledger;
use crate::park::{Standing, read_park, write_park};
use crate::register::{exit, register};
use crate::show::{Screen, tell_all};

pub(crate) fn run(command: &RegistryCommand, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    match command {
        RegistryCommand::Import(args) => import(args, common, screen),
        RegistryCommand::Export => export(common, screen),
    }
}

fn import(args: &ImportArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let lines = read_park(open(&args.file)?)?;
    let lines = lines.into_iter().map(|(line, row)| (Some(line), row)).collect();
    let reports = register(lines, &args.by, args.preview, common, screen)?;
    tell_all(&reports, args.preview, screen)?;
    Ok(exit(&reports))
}

fn export(common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let journal = ledger::open_to_read(common.ledger()?)?;
    let registry = Registry::of(ledger::history(&journal)?.fold());
    let standing = Standing::all(&registry);
    let park = write_park(standing.iter().map(|one| &one.entry), screen.language)?;
    screen.raw(&park)?;
    Ok(Exit::Done)
}

/// Opens a file, or standard input.
pub(crate) fn open(file: &Path) -> anyhow::Result<Box<dyn Read>> {
    if file == Path::new("-") {
        return Ok(Box::new(io::stdin()));
    }
    match File::open(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(UsageError(format!("{} is not there: name a file, or - for standard input", file.display())).into())
        }
        Ok(opened) if opened.metadata().is_ok_and(|about| about.is_dir()) => {
            Err(UsageError(format!("{} is a folder: name a file, or - for standard input", file.display())).into())
        }
        opened => Ok(Box::new(opened.with_context(|| format!("{} cannot be opened", file.display()))?)),
    }
}
