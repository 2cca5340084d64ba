//! What moves a ledger's journal, and the topics that it may lie on.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct CopyArgs {
    /// Where the journal is: a ledger's folder, or kafka://HOST:PORT/TOPIC.
    #[arg(long, value_name = "DIR|URL")]
    pub(crate) from: PathBuf,
    /// Where its copy goes: made if it is not there, gone on with if it is.
    #[arg(long, value_name = "DIR|URL")]
    pub(crate) to: PathBuf,
    /// Go on with what is appended; stop with Ctrl-C.
    #[arg(short, long)]
    pub(crate) follow: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TopicsArgs {
    #[command(subcommand)]
    pub(crate) command: TopicsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TopicsCommand {
    /// Make the topics of a cluster that are not there yet.
    Create(ClusterArgs),
    /// Hold them against what they have to be.
    Check(ClusterArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ClusterArgs {
    /// The cluster, with the journal's topic: kafka://HOST:PORT,HOST:PORT/TOPIC.
    #[arg(value_name = "URL")]
    pub(crate) url: String,
}
