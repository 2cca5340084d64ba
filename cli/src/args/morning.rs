//! The morning's list, and notes on its items.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand, ValueEnum};

use super::as_of::AsOfArgs;

/// Which morning.
#[derive(Debug, Args)]
pub(crate) struct MorningOf {
    /// The day that is looked at, in Paris; the last one on which a terminal worked if none is given.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) date: Option<String>,
    /// The moment at which what is late or silent is so; eight o'clock of the morning after the day if none is given.
    #[arg(long, value_name = "MOMENT")]
    pub(crate) at: Option<String>,
    /// Of these merchants alone: SIRENs, with commas.
    #[arg(long = "merchant", value_name = "SIREN", value_delimiter = ',',
        value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) merchants: Vec<u64>,
    /// Of the merchants in whose registered label this stands: a chain of several companies.
    #[arg(long, value_name = "CHAIN", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) group: Option<String>,
    /// By which registered calendar ages are counted.
    #[arg(long, value_name = "NAME", default_value = "FR")]
    pub(crate) calendar: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum NoteCommand {
    /// Note on an item who looks after it: it leaves the first list until its date, or until it says something else.
    #[command(after_help = "Examples:\n  \
        talon --ledger /srv/ledger note add 3fa1c2d4 taken --as c7 --text \"asked the shop\"\n  \
        talon --ledger /srv/ledger note add 3fa1c2d4 waiting --as c7 --until 2026-11-30 --to c9 --text -\n\n\
        An item's number is on the morning's page, and in `talon note list`. The words are sealed like a phone number, and\n\
        can be erased with the payment; who noted what, and until when, is in its history for ever. It moves no money.")]
    Add(NoteAdd),
    /// List the items of a morning with their numbers and notes.
    List(NoteList),
}

#[derive(Debug, Args)]
pub(crate) struct NoteAdd {
    /// The item's number, as the page and `talon note list` show it.
    #[arg(value_name = "ITEM")]
    pub(crate) item: String,
    /// How far it came: somebody works on it, somebody else has to answer, or it is understood.
    #[arg(id = "note_state", value_name = "STATE", value_enum)]
    pub(crate) state: NoteStateArg,
    /// The day in Paris on which it is listed first again; as long as it says the same if none is given.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) until: Option<String>,
    /// The code of who is to go on with it; never a name.
    #[arg(long, value_name = "CODE", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) to: Option<String>,
    /// What there is to say, at most 256 bytes; - reads it from standard input.
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) text: String,
    /// The code of who notes it; never a name.
    #[arg(long = "as", value_name = "CODE", env = "TALON_AS", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) author: String,
    #[command(flatten)]
    pub(crate) of: MorningOf,
}

#[derive(Debug, Args)]
pub(crate) struct NoteList {
    /// Only items that have a note.
    #[arg(long)]
    pub(crate) noted: bool,
    #[command(flatten)]
    pub(crate) of: MorningOf,
    #[command(flatten)]
    pub(crate) as_of: AsOfArgs,
}

/// How far an item came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum NoteStateArg {
    /// Somebody works on it.
    Taken,
    /// The provider, the shop or the bank has to answer.
    Waiting,
    /// It is understood, and nothing is to be done.
    Known,
}

impl NoteCommand {
    /// Whether it changes nothing.
    pub(crate) const fn only_reads(&self) -> bool {
        matches!(self, Self::List(_))
    }
}

#[derive(Debug, Args)]
pub(crate) struct MorningArgs {
    #[command(flatten)]
    pub(crate) of: MorningOf,
    /// The folder into which both files go; it is made if it is not there.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Do not look at the morning before: on a large ledger that reads the whole journal.
    #[arg(long)]
    pub(crate) no_changes: bool,
    #[command(flatten)]
    pub(crate) as_of: AsOfArgs,
}
