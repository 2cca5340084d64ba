//! What can be asked of payments.

use clap::{Args, ValueEnum};

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
    /// That began on this day in Paris.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) day: Option<String>,
    /// That came this far.
    #[arg(long, value_enum)]
    pub(crate) status: Option<StatusArg>,
    /// That are not finished.
    #[arg(long)]
    pub(crate) open: bool,
    /// That have an anomaly.
    #[arg(long)]
    pub(crate) anomalies: bool,
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
}

#[derive(Debug, Args)]
pub(crate) struct ReceiptArgs {
    /// The transaction's id.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Which ticket: t1 in progress, t2 the customer's schedule, t3 the till's copy, t4 ended without success.
    #[arg(long, value_enum)]
    pub(crate) kind: TicketArg,
    /// How many columns the paper has.
    #[arg(long, value_enum, default_value_t = WidthArg::Columns24)]
    pub(crate) width: WidthArg,
    /// The shop's name, to print at the head.
    #[arg(long, value_name = "NAME")]
    pub(crate) shop_name: Option<String>,
}

/// The tickets, as they are typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TicketArg {
    /// Transaction en cours.
    T1,
    /// The customer's schedule.
    T2,
    /// The till's copy.
    T3,
    /// Refused, expired, cancelled.
    T4,
}

/// Paper widths, as they are typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WidthArg {
    /// A terminal's paper.
    #[value(name = "24")]
    Columns24,
    /// Condensed.
    #[value(name = "42")]
    Columns42,
}
