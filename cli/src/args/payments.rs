//! What can be asked of payments.

use clap::{Args, ValueEnum};

use super::as_of::AsOfArgs;
use super::days::DaysArgs;

#[derive(Debug, Args)]
pub(crate) struct TransactionsArgs {
    /// Of this merchant (SIREN).
    #[arg(long, value_name = "SIREN")]
    pub(crate) merchant: Option<u64>,
    /// Of this shop (NIC).
    #[arg(long, value_name = "NIC")]
    pub(crate) shop: Option<u32>,
    /// Of this terminal.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) terminal: Option<u32>,
    /// Of this provider: alma, oney.
    #[arg(long, value_name = "CODE")]
    pub(crate) provider: Option<String>,
    /// That began on this day in Paris.
    #[arg(long, value_name = "YYYY-MM-DD", conflicts_with_all = ["from", "to"])]
    pub(crate) day: Option<String>,
    #[command(flatten)]
    pub(crate) days: DaysArgs,
    /// That came this far.
    #[arg(long, value_enum)]
    pub(crate) status: Option<StatusArg>,
    /// That are not finished.
    #[arg(long)]
    pub(crate) open: bool,
    /// That have an anomaly.
    #[arg(long)]
    pub(crate) anomalies: bool,
    #[command(flatten)]
    pub(crate) as_of: AsOfArgs,
}

/// A payment's status, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatusArg {
    /// Money was taken.
    Collected,
    /// Cancelled by who can decide it.
    Cancelled,
    /// Accepted; nothing taken.
    Accepted,
    /// Refused.
    Refused,
    /// Its link ran out.
    Expired,
    /// The shop stopped waiting.
    #[value(name = "shop_timed_out", alias = "shop-timed-out")]
    ShopTimedOut,
    /// Nobody can tell.
    Unknown,
    /// None of these.
    #[value(name = "in_progress", alias = "in-progress")]
    InProgress,
}

#[derive(Debug, Args)]
pub(crate) struct TransactionArgs {
    /// The transaction's id.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) as_of: AsOfArgs,
}

#[derive(Debug, Args)]
pub(crate) struct AnomaliesArgs {
    /// Of this merchant (SIREN).
    #[arg(long, value_name = "SIREN")]
    pub(crate) merchant: Option<u64>,
    /// With this number.
    #[arg(long, value_name = "CODE")]
    pub(crate) code: Option<u16>,
    /// That keep the books from being right: the same as --severity error.
    #[arg(long, conflicts_with = "severity")]
    pub(crate) errors: bool,
    /// Of this severity.
    #[arg(long, value_enum)]
    pub(crate) severity: Option<SeverityArg>,
    /// Those that were cleared, and what cleared each, in place of those that stand.
    #[arg(long)]
    pub(crate) cleared: bool,
    #[command(flatten)]
    pub(crate) days: DaysArgs,
    #[command(flatten)]
    pub(crate) as_of: AsOfArgs,
}

/// How much an anomaly matters, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SeverityArg {
    /// Worth knowing.
    Notice,
    /// Somebody should look at it.
    Warning,
    /// The books cannot be right until it is settled.
    Error,
}

#[derive(Debug, Args)]
pub(crate) struct DigestArgs {
    /// Of each view in place of the state: of the kept ones, brought up to date first.
    #[arg(long)]
    pub(crate) views: bool,
    #[command(flatten)]
    pub(crate) as_of: AsOfArgs,
}
