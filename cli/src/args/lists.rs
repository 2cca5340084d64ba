//! What can be asked of what providers owe, and of what customers are to pay.

use clap::{Args, ValueEnum};
use talon_projections::settlement::Asked;

use super::{AsOfArgs, DaysArgs, WhereArgs};

#[derive(Debug, Args)]
pub(crate) struct SettlementArgs {
    /// Whose (SIREN).
    #[arg(value_name = "MERCHANT")]
    pub(crate) merchant: u64,
    /// Of the sales of this day in Paris, and what was booked on it besides [default: of all days].
    #[arg(value_name = "DATE", conflicts_with_all = ["from", "to"])]
    pub(crate) date: Option<String>,
    #[command(flatten)]
    pub(crate) days: DaysArgs,
    #[command(flatten)]
    pub(crate) place: WhereArgs,
    /// That came this far.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) status: Vec<OwedStatusArg>,
    /// What a sum is for: day,provider,status where nothing is said.
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["day", "provider", "status"])]
    pub(crate) by: Vec<OwedByArg>,
    /// Only the sums.
    #[arg(long)]
    pub(crate) totals: bool,
    /// The moment at which it is due or late [default: now, or as of then].
    #[arg(long, value_name = "MOMENT")]
    pub(crate) at: Option<String>,
    /// Working days behind the due day that are late; from the next one on, what was not booked at all is missing.
    #[arg(long, value_name = "N", default_value_t = Asked::MISSING_AFTER,
        value_parser = clap::value_parser!(u32).range(0..=366))]
    pub(crate) missing_after: u32,
    #[command(flatten)]
    pub(crate) as_of: AsOfArgs,
}

/// What sums of settlement are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OwedByArg {
    /// The day of the sale, or of the booking.
    Day,
    /// The shop of the payment.
    Shop,
    /// Who owes.
    Provider,
    /// How far it came.
    Status,
}

/// How far what is owed came, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OwedStatusArg {
    /// Booked as expected, in a payout that was sent.
    Paid,
    /// Booked with other amounts than expected.
    Differs,
    /// Its day has not passed.
    Due,
    /// Its day has passed.
    Late,
    /// Nobody can say by when.
    #[value(name = "due_unknown", alias = "due-unknown")]
    DueUnknown,
    /// Booked, and the account has nothing to pay out.
    #[value(name = "on_account", alias = "on-account")]
    OnAccount,
    /// It was in a payout that came back.
    Returned,
    /// Several payments bear its id.
    Ambiguous,
    /// Nothing expects it.
    Unexpected,
    /// The provider's own entry.
    Stated,
    /// Not booked at all, long after its day.
    Missing,
}

#[derive(Debug, Args)]
pub(crate) struct InstalmentsArgs {
    /// Whose (SIREN).
    #[arg(long, value_name = "SIREN")]
    pub(crate) merchant: u64,
    /// Of sales of this shop (NIC).
    #[arg(long, value_name = "NIC")]
    pub(crate) shop: Option<u32>,
    /// Of this provider: alma, oney.
    #[arg(long, value_name = "CODE")]
    pub(crate) provider: Option<String>,
    #[command(flatten)]
    pub(crate) days: DaysArgs,
    /// What a sum is for: day where nothing is said.
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["day"])]
    pub(crate) by: Vec<DueByArg>,
    /// One by one, those that are not collected, in place of sums.
    #[arg(long)]
    pub(crate) list: bool,
    /// One by one, those whose day has passed.
    #[arg(long)]
    pub(crate) late: bool,
    /// The moment at which they are late [default: now, or as of then].
    #[arg(long, value_name = "MOMENT")]
    pub(crate) at: Option<String>,
    #[command(flatten)]
    pub(crate) as_of: AsOfArgs,
}

/// What sums of instalments are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DueByArg {
    /// The day on which they fall due.
    Day,
    /// The shop that sold.
    Shop,
    /// Who finances.
    Provider,
}
