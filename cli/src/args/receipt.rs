//! Which paper is printed: a payment's, or a terminal's at the end of its day.

use clap::{Args, ValueEnum};

use super::as_of::AsOfArgs;

#[derive(Debug, Args)]
pub(crate) struct ReceiptArgs {
    /// The transaction's id.
    #[arg(value_name = "ID", required_unless_present = "terminal", conflicts_with = "terminal", requires = "kind")]
    pub(crate) id: Option<String>,
    /// Which ticket: t1 in progress, t2 the customer's schedule, t3 the till's copy, t4 ended without success, t5 a refund,
    /// t7 a statement of the plan.
    #[arg(long, value_enum, conflicts_with = "terminal")]
    pub(crate) kind: Option<TicketArg>,
    /// Of several refunds, the one that t5 is about: its id, or its request, or "4000 EUR" if it has neither.
    #[arg(long, value_name = "REFUND", conflicts_with = "terminal")]
    pub(crate) refund: Option<String>,
    /// For the customer, where t5 and t7 are for either: the default.
    #[arg(long, conflicts_with_all = ["till", "terminal"])]
    pub(crate) customer: bool,
    /// For the till, where t5 and t7 are for either.
    #[arg(long, conflicts_with = "terminal")]
    pub(crate) till: bool,
    /// The end-of-day ticket of this terminal.
    #[arg(long, value_name = "NUMBER", requires = "day")]
    pub(crate) terminal: Option<u32>,
    /// On this day in Paris.
    #[arg(long, value_name = "YYYY-MM-DD", requires = "terminal")]
    pub(crate) day: Option<String>,
    /// Of this merchant (SIREN), where several have a terminal of this number.
    #[arg(long, value_name = "SIREN", requires = "terminal")]
    pub(crate) merchant: Option<u64>,
    /// Which copy: from 2 on it is a duplicate of the original that was printed.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) copy: u32,
    /// When the duplicate is printed; now, or as of then, if nothing is said.
    #[arg(long, value_name = "TIME")]
    pub(crate) at_reprint: Option<String>,
    /// How many columns the paper has.
    #[arg(long, value_enum, default_value_t = WidthArg::Columns24)]
    pub(crate) width: WidthArg,
    /// The shop's name, to print at the head; the registry's, if nothing is said.
    #[arg(long, value_name = "NAME")]
    pub(crate) shop_name: Option<String>,
    #[command(flatten)]
    pub(crate) as_of: AsOfArgs,
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
    /// A refund, or a cancellation after success.
    T5,
    /// A statement of the plan.
    T7,
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
