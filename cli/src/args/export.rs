//! What takes facts and figures out of a ledger.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::AsOfArgs;

#[derive(Debug, Subcommand)]
pub(crate) enum ExportCommand {
    /// The records themselves, a row each: header, payload, leaf hash. Personal data stay closed.
    #[command(after_help = "Examples:\n  talon --ledger /srv/ledger export facts > population.csv\n  \
        talon --ledger /srv/ledger export facts --ids sample.txt > sample.csv\n\n\
        CSV, or with --output json an object a line. The leaf hash is SHA-256 over a zero byte and the record, as the proof\n\
        tree has it. With --ids it ends with 3 if an id is in no record.")]
    Facts {
        /// Only records of these events or payments: an id a line.
        #[arg(long, value_name = "FILE")]
        ids: Option<PathBuf>,
    },
    /// What the views say of a day, as files: tables of text, a workbook, a database, a dictionary, a manifest.
    #[command(after_help = "Examples:\n  talon --ledger /srv/ledger export day 2026-11-24 --out day-24\n  \
        talon --ledger /srv/ledger --lang fr export day 2026-11-24 --merchant 732829320 --out journee\n\n\
        csv is for programs, csv-fr for a French spreadsheet; talon.xlsx has a sheet for each table, talon.sqlite a table\n\
        with whole minor units. DICTIONARY.md says what each column means, MANIFEST.json names each file by its SHA-256.\n\
        The same ledger gives the same bytes. Nothing of a person is in it.")]
    Day {
        /// Which day in Paris.
        #[arg(value_name = "DATE")]
        date: String,
        #[command(flatten)]
        args: ExportArgs,
    },
    /// The same of several days.
    #[command(after_help = "Example:\n  talon --ledger /srv/ledger export period --from 2026-11-01 --to 2026-11-30 \
        --merchant 732829320 \\\n    --out november --as-of 2026-12-05\n\n\
        A month as of its positions is the same month for ever: MANIFEST.json has them.")]
    Period {
        /// From this day in Paris on.
        #[arg(long, value_name = "YYYY-MM-DD")]
        from: String,
        /// Up to and with this day.
        #[arg(long, value_name = "YYYY-MM-DD")]
        to: String,
        #[command(flatten)]
        args: ExportArgs,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The folder to be made: it is not there yet, or empty.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Whose (SIREN), or all.
    #[arg(long, value_name = "SIREN|all", default_value = "all")]
    pub(crate) merchant: String,
    /// The moment at which something is open, late or silent [default: the end of the last day].
    #[arg(long, value_name = "MOMENT")]
    pub(crate) at: Option<String>,
    /// Name the root of each partition in the manifest: every record is hashed for it.
    #[arg(long)]
    pub(crate) roots: bool,
    #[command(flatten)]
    pub(crate) as_of: AsOfArgs,
}
