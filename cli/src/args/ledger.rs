//! What makes, fills, mends and reads a ledger as a whole.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand, ValueEnum};
use talon_intake::holds_card_number;
use talon_proto::TEXT_BYTES_MAX;

use super::span::Span;

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The new ledger's folder; must not exist, or be empty. It is made for its owner alone. Or an address of Kafka: the
    /// topic is made if it is not there, and what is local goes to --state.
    #[arg(value_name = "DIR|URL")]
    pub(crate) dir: PathBuf,
    /// The host name under which the ledger's signed history will be known.
    #[arg(long, value_name = "DOMAIN", default_value = "")]
    pub(crate) origin: String,
}

#[derive(Debug, Args)]
pub(crate) struct PublishArgs {
    /// A file of events, or - for standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// How the events are written.
    #[arg(long, value_enum, default_value_t = Format::Json)]
    pub(crate) format: Format,
    /// Append nothing; say what each transaction would become. Needs no key, so it cannot compare persons: an event that
    /// is known with another phone counts as known here, and is refused by the door.
    #[arg(long)]
    pub(crate) check: bool,
    /// Mark the records as an import.
    #[arg(long)]
    pub(crate) imported: bool,
    /// Events that are made durable together.
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub(crate) batch: u16,
}

/// How events are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One JSON object a line.
    Json,
    /// A varint length, then a talon.v1.Event.
    Protobuf,
}

#[derive(Debug, Args)]
pub(crate) struct TailArgs {
    /// How many of the last records are shown first.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    pub(crate) lines: usize,
    /// In their place all that were recorded after this moment: what an answer --as-of it leaves out.
    #[arg(long, value_name = "TIME", conflicts_with = "lines")]
    pub(crate) since: Option<String>,
    /// Go on with what is appended; stop with Ctrl-C.
    #[arg(short, long)]
    pub(crate) follow: bool,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Pins that `talon root` wrote: every root in them is computed anew. A pin may be older than the ledger.
    #[arg(long = "pin", value_name = "FILE", num_args = 1..)]
    pub(crate) pins: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct RootArgs {
    /// Write a pin: a new file, outside the ledger's folder. Keep it where nobody who writes the ledger can write.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct RepairArgs {
    /// The last record that stays: its number over all partitions, from 0.
    #[arg(long, value_name = "LSN")]
    pub(crate) cut_after: u64,
    /// The code of who decides; never a name.
    #[arg(long = "as", value_name = "CODE", value_parser = author_code)]
    pub(crate) author_code: String,
    /// Do not ask: whoever runs this has decided.
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct StatArgs {
    /// How many merchants are listed; the others are summed.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) top: usize,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Warn if the last record is older: 90m, 26h, 7d.
    #[arg(long, value_name = "SPAN")]
    pub(crate) max_age: Option<Span>,
    /// A backup, or a folder of backups: there must be one of this ledger.
    #[arg(long, value_name = "PATH")]
    pub(crate) backup: Option<PathBuf>,
    /// Warn if the newest of them is older: 26h.
    #[arg(long, value_name = "SPAN", requires = "backup")]
    pub(crate) max_backup_age: Option<Span>,
}

#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    /// The backup: a folder that does not exist or is empty, or one file if the name ends with `.tar`.
    #[arg(value_name = "DIR|FILE.tar")]
    pub(crate) to: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// The backup: a folder, or one file *.tar.
    #[arg(value_name = "BACKUP")]
    pub(crate) backup: PathBuf,
    /// The ledger's new folder; must not exist.
    #[arg(long, value_name = "DIR")]
    pub(crate) to: PathBuf,
    /// Only up to this record: its number over all partitions, from 0.
    #[arg(long, value_name = "LSN", conflicts_with = "at")]
    pub(crate) at_position: Option<u64>,
    /// Only what comes before the first record that was recorded later than this moment.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// The highest incarnation that was ever answered for this ledger, if it is higher than the backup's.
    #[arg(long, value_name = "N")]
    pub(crate) incarnation: Option<u32>,
    /// The code of who decides; never a name.
    #[arg(long = "as", value_name = "CODE", value_parser = author_code)]
    pub(crate) author_code: String,
}

/// What the journal takes for a code, so that nothing is begun that cannot be told.
pub(super) fn author_code(text: &str) -> Result<String, &'static str> {
    if text.trim().is_empty() {
        return Err("a code is not empty");
    }
    if text.len() > TEXT_BYTES_MAX || holds_card_number(text) {
        return Err("a code is short, and no card's number");
    }
    Ok(text.to_owned())
}

#[derive(Debug, Args)]
pub(crate) struct EraseArgs {
    /// The payment's id.
    #[arg(value_name = "TRANSACTION")]
    pub(crate) transaction: String,
    /// The code of who decides; never a name.
    #[arg(long = "as", value_name = "CODE", value_parser = author_code)]
    pub(crate) author_code: String,
    /// Why, in a few words that name nobody.
    #[arg(long, value_name = "TEXT", value_parser = author_code)]
    pub(crate) reason: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct DumpArgs {
    /// Open personal data; needs the master key. Handle the output as what it is.
    #[arg(long)]
    pub(crate) open: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Which day: the same number is the same day.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Where it is left: day.jsonl, a ledger with its views, a pin of it, the provider's files of the next morning and the
    /// morning's page [default: talon-demo, made anew each time].
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// Stop in the evening: the next morning's files are left, and not read. With --output json it always stops there.
    #[arg(long)]
    pub(crate) evening: bool,
}

#[derive(Debug, Args)]
pub(crate) struct KeyArgs {
    #[command(subcommand)]
    pub(crate) command: KeyCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Print a copy of the master key that can be typed in again. Keep it in a safe.
    #[command(after_help = "Example:\n  talon --ledger /srv/ledger key recovery")]
    Recovery,
    /// Wrap the vault under a new master key. What was sealed opens as before; the old key opens copies of the vault that
    /// were made before, and nothing else any more.
    #[command(after_help = "Example:\n  talon --ledger /srv/ledger key rotate --as op-7\n\n\
        Nobody may write to the ledger meanwhile. The old key's file stays beside the new one, under its fingerprint's name:\n\
        backups that were made before need it. Destroy it with the last of them, and print a new recovery copy now. Killed\n\
        anywhere, it is finished by asking again.")]
    Rotate {
        /// The code of who does it; never a name.
        #[arg(long = "as", value_name = "CODE", value_parser = NonEmptyStringValueParser::new())]
        author_code: String,
    },
    /// Write the master key's file from a recovery copy on standard input.
    #[command(after_help = "Example:\n  talon --ledger /srv/ledger key restore < copy.txt")]
    Restore,
}
