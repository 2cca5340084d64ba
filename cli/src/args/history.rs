//! The story of one payment.

use clap::Args;

use super::as_of::AsOfArgs;

#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    /// The transaction's id.
    #[arg(value_name = "TRANSACTION")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) as_of: AsOfArgs,
}
