//! The topic that gateways publish to, and the letters that could not be taken from it.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use talon_domain::fact::Source;

#[derive(Debug, Args)]
pub(crate) struct ConsumeArgs {
    /// The topic of events: kafka://HOST:PORT,HOST:PORT/TOPIC; without a topic talon.intake.v1.
    #[arg(long, value_name = "URL", env = "TALON_CONSUME_FROM")]
    pub(crate) from: Option<String>,
    /// Where what cannot be taken goes to [default: the topic's name and .dlq].
    #[arg(long, value_name = "TOPIC", env = "TALON_CONSUME_DEAD_LETTERS")]
    pub(crate) dead_letters: Option<String>,
    /// The consumer group; who is in the same one shares the topic [default: talon].
    #[arg(long, value_name = "NAME", env = "TALON_CONSUME_GROUP")]
    pub(crate) group: Option<String>,
    /// The number of who publishes to the topic, kept in every record; from 2.
    #[arg(long, value_name = "N", env = "TALON_CONSUME_PRINCIPAL")]
    pub(crate) principal: Option<u32>,
    /// The merchants that it may speak for, or `every`.
    #[arg(long, value_name = "SIREN,…|every", value_delimiter = ',', env = "TALON_CONSUME_MERCHANTS")]
    pub(crate) merchants: Vec<String>,
    /// The mouths that it may be.
    #[arg(long, value_enum, value_delimiter = ',', env = "TALON_CONSUME_SOURCES")]
    pub(crate) sources: Vec<SourceArg>,
    /// A file of the same, in TOML; the command line and the environment go before it.
    #[arg(long, value_name = "FILE", env = "TALON_CONSUME_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// End when everything is taken that is there; what fails is then told, and not tried again.
    #[arg(long)]
    pub(crate) until_end: bool,
}

/// Whose mouth a publisher may be: never the ledger's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SourceArg {
    /// Who finances.
    Provider,
    /// A bank.
    Bank,
    /// A gateway of terminals.
    Gateway,
    /// A terminal itself.
    Terminal,
    /// A person.
    Person,
}

impl From<SourceArg> for Source {
    fn from(arg: SourceArg) -> Self {
        match arg {
            SourceArg::Provider => Self::Provider,
            SourceArg::Bank => Self::Bank,
            SourceArg::Gateway => Self::Gateway,
            SourceArg::Terminal => Self::Terminal,
            SourceArg::Person => Self::Person,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct DlqArgs {
    /// The topic of dead letters: kafka://HOST:PORT/TOPIC; without a topic talon.intake.v1.dlq.
    #[arg(long, global = true, value_name = "URL", env = "TALON_DLQ")]
    pub(crate) from: Option<String>,
    #[command(subcommand)]
    pub(crate) command: DlqCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DlqCommand {
    /// List the letters that wait for somebody: where each came from, and why it could not be taken.
    #[command(after_help = "Example:\n  talon --ledger /srv/talon dlq list --from kafka://k1:9092")]
    List {
        /// Also those that were tried again or given up.
        #[arg(long)]
        all: bool,
    },
    /// Show one letter: its headers, and its value only if asked.
    #[command(
        after_help = "Example:\n  talon --ledger /srv/talon dlq show talon.intake.v1/12/345 --from kafka://k1:9092"
    )]
    Show {
        /// Where it came from: partition and offset, as `list` names it.
        #[arg(value_name = "LETTER")]
        letter: String,
        /// Print its value alone, byte for byte. It may hold a phone number: handle it as what it is.
        #[arg(long)]
        value: bool,
    },
    /// Send letters to their topic again, unchanged, for instance after the configuration was mended.
    #[command(
        after_help = "Examples:\n  talon --ledger /srv/talon dlq retry talon.intake.v1/12/345 --as op-7 --from kafka://k1:9092\n  \
        talon --ledger /srv/talon dlq retry --code 102 --as op-7 --from kafka://k1:9092"
    )]
    Retry {
        #[command(flatten)]
        which: LettersArgs,
    },
    /// Give letters up: they are listed no more, and lie in the topic until their retention is over.
    #[command(after_help = "Example:\n  \
        talon --ledger /srv/talon dlq discard talon.intake.v1/12/345 --as op-7 --reason \"sent twice\" --from kafka://k1:9092")]
    Discard {
        #[command(flatten)]
        which: LettersArgs,
        /// Why, in a few words that name nobody.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct LettersArgs {
    /// Which letters, as `list` names them.
    #[arg(value_name = "LETTER", required_unless_present_any = ["code", "all"], conflicts_with_all = ["code", "all"])]
    pub(crate) letters: Vec<String>,
    /// All that were refused with this code.
    #[arg(long, value_name = "N", conflicts_with = "all")]
    pub(crate) code: Option<u16>,
    /// All that wait.
    #[arg(long)]
    pub(crate) all: bool,
    /// The code of who decides; never a name.
    #[arg(long = "as", value_name = "CODE", value_parser = super::ledger::author_code)]
    pub(crate) author_code: String,
}
