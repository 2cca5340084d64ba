//! `talon import`: a provider's file, row by row, through the door.
//!
//! ```text
//! file --survey--> hash, shape --read--> rows --events--> door --> what became of each row
//!                                                                  the statement itself, when all of it is in
//! ```
//!
//! Invariants: a row that cannot be taken costs no other; the same file again appends nothing; that a statement was read is
//! told behind its last row, so that one that broke off is read again.

use std::fs::{self, File};
use std::io::{self, Seek as _};
use std::path::Path;

use anyhow::Context as _;
use talon_domain::fact::Text;
use talon_domain::ids::MerchantId;
use talon_intake::holds_card_number;
use talon_projections::registry::Registry;
use talon_statements::{Map, Source, Survey, read, survey};

use crate::args::{Common, ImportCommand, StatementArgs};
use crate::exit::{Exit, UsageError};
use crate::ledger;
use crate::show::Screen;

mod door;
mod report;
mod taking;

use door::Taker;
use taking::{Of, Taking};

/// Longest map that is read.
const MAP_BYTES_MAX: u64 = 1 << 20;

pub(crate) fn run(command: &ImportCommand, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let args = command.args();
    let map = map(command)?;
    let mut file = open(&args.file)?;
    let survey = survey(&mut file).with_context(|| format!("{} cannot be read", args.file.display()))?;
    file.rewind()?;
    let account = account(args, &map)?;
    let source = Source { map: &map, account, takes_balance: matches!(command, ImportCommand::Alma(_)) };
    let dir = common.ledger()?;
    let mut taker = if args.preview { Taker::imagined(dir)? } else { Taker::open(dir, common)? };
    let merchant = merchant(args, &taker)?;
    let of = Of { merchant, account: source.account.clone(), format: source.format(&survey).to_owned() };
    let mut taking = Taking::new(of, &survey, &mut taker, screen)?;
    let is_read = read(file, &survey, &source, &mut |row| taking.take(row));
    let told = taking.end(is_read.is_ok());
    let closed = taker.close();
    is_read.with_context(|| format!("{} is not read", args.file.display()))?;
    let exit = told?;
    if let Err(error) = closed {
        let given_up = screen.say("des clés inutilisées sont perdues", "unused keys are given up");
        screen.remark(&format!("{given_up}: {error}"))?;
    }
    Ok(exit)
}

fn map(command: &ImportCommand) -> anyhow::Result<Map> {
    let path = match command {
        ImportCommand::Alma(_) => return Ok(Map::alma()?),
        ImportCommand::Oney(_) => return Ok(Map::oney()?),
        ImportCommand::Table { map, .. } => map,
    };
    let wrong = |why: String| UsageError(format!("{} is no map: {why}", path.display()));
    let about = fs::metadata(path).map_err(|error| wrong(error.to_string()))?;
    if about.len() > MAP_BYTES_MAX {
        return Err(wrong("it is longer than 1 MiB".to_owned()).into());
    }
    let text = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    Ok(Map::parse(&text).map_err(|error| wrong(error.to_string()))?)
}

/// A statement is looked at twice, so it is a file and no pipe.
fn open(path: &Path) -> anyhow::Result<File> {
    let mistake = |why: &str| UsageError(format!("{} {why}: name the file that was downloaded", path.display()));
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(mistake("is not there").into()),
        opened => opened.with_context(|| format!("{} cannot be opened", path.display()))?,
    };
    let is_file = file.metadata().with_context(|| format!("{} cannot be inspected", path.display()))?.is_file();
    if is_file { Ok(file) } else { Err(mistake("is no file").into()) }
}

fn account(args: &StatementArgs, map: &Map) -> anyhow::Result<Text> {
    let account = args.account.as_deref().or_else(|| map.provider());
    let account = account.ok_or_else(|| UsageError("whose account is it? --account CODE".to_owned()))?;
    if holds_card_number(account) || account.len() > talon_proto::TEXT_BYTES_MAX {
        return Err(UsageError("--account is a code of at most 256 bytes, never a number".to_owned()).into());
    }
    Ok(Text::from(account))
}

/// Whose account: as it is said, else the only merchant that the ledger knows.
fn merchant(args: &StatementArgs, taker: &Taker) -> anyhow::Result<MerchantId> {
    if let Some(merchant) = args.merchant {
        return Ok(MerchantId(merchant));
    }
    let registry = Registry::of(ledger::history(taker.journal())?.fold());
    let mut merchants = registry.merchants().map(|(merchant, _)| merchant);
    match (merchants.next(), merchants.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(UsageError("whose account is it? --merchant SIREN".to_owned()).into()),
        _ => {
            Err(UsageError("the ledger knows several merchants: say whose account it is, --merchant SIREN".to_owned())
                .into())
        }
    }
}

/// A hash as people compare it.
fn hex(survey: &Survey) -> String {
    survey.hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    })
}
