//! What can be asked of views.

use clap::{Args, ValueEnum};

use super::{AsOfArgs, DaysArgs};

/// Where: what is not given does not narrow.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct WhereArgs {
    /// Of this shop (NIC).
    #[arg(long, value_name = "NIC")]
    pub(crate) shop: Option<u32>,
    /// Of this terminal.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) terminal: Option<u32>,
    /// Of this provider: alma, oney.
    #[arg(long, value_name = "CODE")]
    pub(crate) provider: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct DayArgs {
    /// Whose (SIREN).
    #[arg(value_name = "MERCHANT")]
    pub(crate) merchant: u64,
    /// Which day in Paris.
    #[arg(value_name = "DATE", required_unless_present = "from")]
    pub(crate) date: Option<String>,
    #[command(flatten)]
    pub(crate) place: WhereArgs,
    /// In place of one day, from this one on.
    #[arg(long, value_name = "YYYY-MM-DD", conflicts_with = "date", requires = "to")]
    pub(crate) from: Option<String>,
    /// Up to and with this day.
    #[arg(long, value_name = "YYYY-MM-DD", requires = "from")]
    pub(crate) to: Option<String>,
    /// What a line is for: shop,provider where nothing is said.
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["shop", "provider"])]
    pub(crate) by: Vec<ByArg>,
    #[command(flatten)]
    pub(crate) as_of: AsOfArgs,
}

/// What lines are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ByArg {
    /// The day in Paris.
    Day,
    /// The shop.
    Shop,
    /// The terminal.
    Terminal,
    /// Who finances.
    Provider,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// Whose (SIREN).
    #[arg(value_name = "MERCHANT")]
    pub(crate) merchant: u64,
    /// Which day in Paris.
    #[arg(value_name = "DATE")]
    pub(crate) date: String,
    /// Which figure of the day, as `talon day --output json` names it: sale, collected, `refund_cash`, sales.
    #[arg(value_name = "FIGURE")]
    pub(crate) figure: String,
    #[command(flatten)]
    pub(crate) place: WhereArgs,
    /// Of plans of so many instalments, or `deferred`.
    #[arg(long, value_name = "N")]
    pub(crate) plan: Option<String>,
    /// In this currency [default: EUR for an amount, any for a count].
    #[arg(long, value_name = "ISO")]
    pub(crate) currency: Option<String>,
    /// By the day on which it is booked.
    #[arg(long)]
    pub(crate) booked: bool,
    #[command(flatten)]
    pub(crate) as_of: AsOfArgs,
}

#[derive(Debug, Args)]
pub(crate) struct FindArgs {
    /// The till's ticket number.
    #[arg(long, value_name = "NUMBER", group = "name")]
    pub(crate) ticket: Option<String>,
    /// The provider's id of the payment.
    #[arg(long, value_name = "ID", group = "name")]
    pub(crate) payment: Option<String>,
    /// The provider's id of a refund.
    #[arg(long, value_name = "ID", group = "name")]
    pub(crate) refund: Option<String>,
    /// A phone number (+33612345678) of a customer of --merchant, from standard input where it is -. Needs the master key.
    #[arg(long, value_name = "E164", group = "name", requires = "merchant")]
    pub(crate) phone: Option<String>,
    /// The day in Paris for which it is listed; with --merchant, and narrowed by --shop, --terminal and --amount in turn.
    #[arg(long, value_name = "YYYY-MM-DD", group = "name", requires = "merchant")]
    pub(crate) day: Option<String>,
    /// Whose (SIREN).
    #[arg(long, value_name = "SIREN")]
    pub(crate) merchant: Option<u64>,
    /// In this shop (NIC).
    #[arg(long, value_name = "NIC", requires = "day")]
    pub(crate) shop: Option<u32>,
    /// On this terminal.
    #[arg(long, value_name = "NUMBER", requires = "shop")]
    pub(crate) terminal: Option<u32>,
    /// Of this amount, as 209.34, or 209.34 CHF.
    #[arg(long, value_name = "AMOUNT", requires = "terminal")]
    pub(crate) amount: Option<String>,
    #[command(flatten)]
    pub(crate) as_of: AsOfArgs,
}

#[derive(Debug, Args)]
pub(crate) struct OpenItemsArgs {
    /// Of this merchant (SIREN).
    #[arg(long, value_name = "SIREN")]
    pub(crate) merchant: Option<u64>,
    #[command(flatten)]
    pub(crate) place: WhereArgs,
    #[command(flatten)]
    pub(crate) days: DaysArgs,
    /// The moment at which they are open [default: now].
    #[arg(long, value_name = "MOMENT")]
    pub(crate) at: Option<String>,
    /// The calendar that ages are counted by.
    #[arg(long, value_name = "NAME", default_value = "FR")]
    pub(crate) calendar: String,
    /// Only the causes, with how many payments each has.
    #[arg(long, conflicts_with = "list")]
    pub(crate) causes: bool,
    /// Only the payments.
    #[arg(long)]
    pub(crate) list: bool,
    #[command(flatten)]
    pub(crate) as_of: AsOfArgs,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// What it was: positions, a moment, a day, `now`, or another ledger's folder.
    #[arg(value_name = "A")]
    pub(crate) first: String,
    /// What it is, in the same way.
    #[arg(value_name = "B", default_value = "now")]
    pub(crate) second: String,
    /// Of both sides, or of each in turn, only the facts of days up to this one.
    #[arg(long, value_name = "YYYY-MM-DD", value_delimiter = ',', num_args = 1..=2)]
    pub(crate) effective_at: Vec<String>,
    /// Of this merchant alone (SIREN).
    #[arg(long, value_name = "SIREN")]
    pub(crate) merchant: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct RebuildArgs {
    /// Which view, or `all`.
    #[arg(value_name = "VIEW", default_value = "all")]
    pub(crate) view: String,
    /// Compare the view that is made anew with the one that is kept, and leave that as it is. It is what is done where
    /// nothing is said.
    #[arg(long)]
    pub(crate) compare: bool,
    /// Compare, and put the new one in the place of the one that is kept.
    #[arg(long)]
    pub(crate) switch: bool,
}
