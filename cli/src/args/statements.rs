//! What reads files of providers and banks.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// Alma: balance transactions as its API answers them (JSON), or its accounting export (CSV, XLSX).
    Alma(StatementArgs),
    /// Oney: its report of purchase, deposit and funding (CSV, XLSX).
    Oney(StatementArgs),
    /// Any other table, by a map that names its columns (docs/reconciliation.md).
    Table {
        /// How it is read: a file of TOML.
        #[arg(long, value_name = "FILE")]
        map: PathBuf,
        #[command(flatten)]
        args: StatementArgs,
    },
}

impl ImportCommand {
    pub(crate) const fn args(&self) -> &StatementArgs {
        match self {
            Self::Alma(args) | Self::Oney(args) | Self::Table { args, .. } => args,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct StatementArgs {
    /// The file, as it was downloaded.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Whose account it is: a SIREN. Need not be said where the ledger knows one merchant.
    #[arg(long, value_name = "SIREN", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) merchant: Option<u64>,
    /// The account's code, never its number; the provider's own code if nothing is said. Two accounts need two.
    #[arg(long, value_name = "CODE", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) account: Option<String>,
    /// Append nothing; say what would become of each row. Needs no key.
    #[arg(long)]
    pub(crate) preview: bool,
}
