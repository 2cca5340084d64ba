//! What keeps views, and asks after what is not in them.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct ProjectArgs {
    /// Go on with what is appended, and answer whoever asks; stop with Ctrl-C.
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// Throw away what is kept, and make the views anew from the journal.
    #[arg(long)]
    pub(crate) anew: bool,
    /// How many facts are held in memory before they are written.
    #[arg(long, value_name = "FACTS", default_value_t = 50_000, value_parser = facts)]
    pub(crate) commit_every: usize,
}

/// Some facts, and not all memory.
fn facts(text: &str) -> Result<usize, &'static str> {
    let facts = text.parse().ok().filter(|facts| (1..=10_000_000).contains(facts));
    facts.ok_or("a number from 1 to 10000000 is wanted")
}

#[derive(Debug, Args)]
pub(crate) struct AsideArgs {
    #[command(subcommand)]
    pub(crate) command: AsideCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AsideCommand {
    /// List the records that are in no view, and why.
    #[command(after_help = "Example:\n  talon --ledger /srv/ledger aside list")]
    List,
    /// Show one of them.
    #[command(after_help = "Example:\n  talon --ledger /srv/ledger aside show p7/1234")]
    Show {
        /// Where it is: partition and position, as `list` names them.
        #[arg(value_name = "PLACE")]
        place: String,
    },
    /// Make the views anew, with another try of all of them.
    #[command(after_help = "Example:\n  talon --ledger /srv/ledger aside retry")]
    Retry,
}
