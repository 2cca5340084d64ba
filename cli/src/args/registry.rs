//! Who and what there is, as it is typed. Every `add` states one thing whole: what is left out is absent from then on.
//! Values are texts here: the park reads them, and refuses by place what it cannot read.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};

use super::as_of::AsOfArgs;
use crate::park::{Column, What};

/// Who decides, and why: kept with every statement.
#[derive(Clone, Debug, Args)]
pub(crate) struct By {
    /// The code of who decides; never a name.
    #[arg(long = "as", value_name = "CODE", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) author_code: String,
    /// Why, in a few words.
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) reason: String,
}

/// Something that is stated, and listed.
#[derive(Debug, Subcommand)]
pub(crate) enum Register<A: Args> {
    /// State one. It says everything: what is left out is absent from then on. The same again appends nothing.
    Add(A),
    /// List them, as their winning statements have them.
    List(ListArgs),
}

impl<A: Args> Register<A> {
    /// Whether it changes nothing.
    pub(crate) const fn only_lists(&self) -> bool {
        matches!(self, Self::List(_))
    }
}

/// A list's filter.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Of this merchant (SIREN).
    #[arg(long, value_name = "SIREN")]
    pub(crate) merchant: Option<u64>,
}

/// What an `add` fills in.
pub(crate) trait Statement {
    /// What it is about.
    const WHAT: What;

    /// Its cells; empty ones are left out.
    fn cells(&self) -> Vec<(Column, &str)>;

    /// Who decides.
    fn by(&self) -> &By;
}

/// Declares an `add`: its flags are the park's columns.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident is $what:ident { $($(#[$field_doc:meta])* $column:ident $field:ident: $type:ty)* })*) => {
        $(
            #[derive(Debug, Args)]
            $(#[$doc])*
            pub(crate) struct $name {
                $($(#[$field_doc])* $field: $type,)*
                #[command(flatten)]
                by: By,
            }

            impl Statement for $name {
                const WHAT: What = What::$what;

                fn cells(&self) -> Vec<(Column, &str)> {
                    vec![$((Column::$column, self.$field.typed())),*]
                }

                fn by(&self) -> &By {
                    &self.by
                }
            }
        )*
    };
}

/// A value as it was typed; empty where it was not.
trait Typed {
    fn typed(&self) -> &str;
}

impl Typed for String {
    fn typed(&self) -> &str {
        self
    }
}

impl Typed for Option<String> {
    fn typed(&self) -> &str {
        self.as_deref().unwrap_or_default()
    }
}

statements! {
    /// State a merchant: the company that is paid.
    #[command(after_help = "Example:\n  talon --ledger /srv/ledger merchant add 732829320 --label \"Halles du Lin\" \
        --as op-7 --reason \"opening\"")]
    MerchantAdd is Merchant {
        /// Its SIREN: nine digits that pass their check. A foreign merchant's own number.
        #[arg(value_name = "SIREN")]
        Merchant siren: String
        /// What its papers call it.
        #[arg(long, value_name = "TEXT")]
        Label label: String
        /// Its country: ISO 3166, two letters.
        #[arg(long, value_name = "CODE", default_value = "FR")]
        Country country: String
        /// The first day on which it is no more.
        #[arg(long, value_name = "DAY")]
        ClosedFrom closed_from: Option<String>
    }

    /// State a shop of a merchant, by the chain's own code, which stays when the shop moves.
    #[command(after_help = "Examples:\n  talon --ledger /srv/ledger shop add PAR1 --merchant 732829320 --town Paris \
        --nic 74 \\\n    --as op-7 --reason \"opening\"\n  talon --ledger /srv/ledger shop add PAR1 --merchant 732829320 \
        --town Paris \\\n    --nic \"74 82@2026-12-01\" --as op-7 --reason \"moves across the street\"")]
    ShopAdd is Shop {
        /// The chain's own code.
        #[arg(value_name = "CODE")]
        Shop code: String
        /// Whose: a SIREN.
        #[arg(long, value_name = "SIREN")]
        Merchant merchant: String
        /// What is written above its door.
        #[arg(long, value_name = "TEXT")]
        Label label: Option<String>
        /// Where.
        #[arg(long, value_name = "TEXT")]
        Town town: Option<String>
        /// Its NICs or SIRETs, one after the other, each with its first day: "74 82@2026-12-01".
        #[arg(long, value_name = "NIC[@DAY]...")]
        Nic nic: Option<String>
        /// The first day on which it is no more.
        #[arg(long, value_name = "DAY")]
        ClosedFrom closed_from: Option<String>
    }

    /// State the device behind a terminal's number. A device that replaces another has the next epoch.
    #[command(after_help = "Example: the second device behind number 417, since 25 November\n  \
        talon --ledger /srv/ledger terminal add 417 --merchant 732829320 --shop PAR1 --epoch 2 \\\n    \
        --range tetra_move --model Move/5000 --connectivity sim --serial 21031WL80417 --from 2026-11-25 \\\n    \
        --as op-7 --reason \"the first one broke\"")]
    TerminalAdd is Terminal {
        /// Its number within the merchant.
        #[arg(value_name = "NUMBER")]
        Terminal terminal: String
        /// Whose: a SIREN.
        #[arg(long, value_name = "SIREN")]
        Merchant merchant: String
        /// The shop's own code.
        #[arg(long, value_name = "CODE")]
        Shop shop: Option<String>
        /// Which device behind the number, from 1.
        #[arg(long, value_name = "NUMBER", default_value = "1")]
        Epoch epoch: String
        /// What is engraved on the device.
        #[arg(long, value_name = "TEXT")]
        Serial serial: Option<String>
        /// What the gateway calls it.
        #[arg(long, value_name = "TEXT")]
        LogicalId logical_id: Option<String>
        /// Its family: `tetra_desk`, `tetra_move` or other.
        #[arg(long, value_name = "RANGE")]
        Range range: Option<String>
        /// Its model: Desk/5000.
        #[arg(long, value_name = "TEXT")]
        Model model: Option<String>
        /// How it reaches the gateway: sim, ethernet, wifi, bluetooth or other.
        #[arg(long, value_name = "WAY")]
        Connectivity connectivity: Option<String>
        /// The first sequence number that it uses.
        #[arg(long, value_name = "NUMBER", default_value = "1")]
        FirstSeq first_seq: String
        /// Its first day.
        #[arg(long, value_name = "DAY")]
        From from: Option<String>
        /// Its last day.
        #[arg(long, value_name = "DAY")]
        Until until: Option<String>
    }

    /// State what a provider takes for a plan, and when it pays.
    #[command(after_help = "Example:\n  talon --ledger /srv/ledger fee-plan add alma-3x --merchant 732829320 \
        --provider alma --installments 3 \\\n    --merchant-fee 2.53 --tax 20 --rounding half_up --rounding-scope line \
        --payout T+3 --from 2026-01-01 \\\n    --as op-7 --reason \"contract of January\"\n\n\
        A new price is a new version with a first day of its own (--plan-version 2 --from 2027-01-01): the old one stays.")]
    FeePlanAdd is FeePlan {
        /// Its name.
        #[arg(value_name = "NAME")]
        Plan plan: String
        /// Whose: a SIREN.
        #[arg(long, value_name = "SIREN")]
        Merchant merchant: String
        /// Which version, from 1.
        #[arg(long = "plan-version", value_name = "NUMBER", default_value = "1")]
        Version version: String
        /// The provider's code.
        #[arg(long, value_name = "CODE")]
        Provider provider: String
        /// For plans of so many instalments.
        #[arg(long, value_name = "NUMBER")]
        Installments installments: String
        /// And so many days later.
        #[arg(long, value_name = "NUMBER")]
        DeferredDays deferred_days: Option<String>
        /// And so many months later.
        #[arg(long, value_name = "NUMBER")]
        DeferredMonths deferred_months: Option<String>
        /// What the merchant pays, in percent of the purchase, tax included.
        #[arg(long, value_name = "PERCENT")]
        MerchantFee merchant_fee: Option<String>
        /// And for each payment: 0.25, or 0.25 EUR.
        #[arg(long, value_name = "AMOUNT")]
        MerchantFeeFixed merchant_fee_fixed: Option<String>
        /// Tax within the fee, in percent.
        #[arg(long, value_name = "PERCENT")]
        Tax tax: Option<String>
        /// What the customer pays, in percent of the purchase.
        #[arg(long, value_name = "PERCENT")]
        CustomerFee customer_fee: Option<String>
        /// The smallest purchase.
        #[arg(long, value_name = "AMOUNT")]
        PurchaseLeast purchase_least: Option<String>
        /// The largest purchase.
        #[arg(long, value_name = "AMOUNT")]
        PurchaseMost purchase_most: Option<String>
        /// What becomes of half a cent: `half_up` or `half_even`.
        #[arg(long, value_name = "RULE")]
        Rounding rounding: Option<String>
        /// What is rounded: line or day.
        #[arg(long, value_name = "WHAT")]
        RoundingScope rounding_scope: Option<String>
        /// When it pays: T+3, weekly:monday, monthly:15 or unknown.
        #[arg(long, value_name = "RULE")]
        Payout payout: Option<String>
        /// Its first day.
        #[arg(long, value_name = "DAY")]
        From from: Option<String>
        /// Its last day.
        #[arg(long, value_name = "DAY")]
        Until until: Option<String>
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum CalendarCommand {
    /// State the closed days of a year, to every partition. The same again tells only those that have not heard it.
    #[command(
        after_help = "Examples:\n  talon --ledger /srv/ledger calendar add TARGET 2026 --as op-7 --reason \"new \
        year\"\n  talon --ledger /srv/ledger calendar add ALSACE 2026 --file days.csv --as op-7 --reason \"shops of the \
        east\"\n\n\
        TARGET and FR are computed for 2025 to 2030. A file has one day a line, and behind a comma or semicolon what it\n\
        is called: 2026-04-03;Vendredi saint. Saturdays and Sundays are closed in every calendar, and need no line."
    )]
    Add(CalendarAdd),
    /// List the calendars, and how many partitions have heard each.
    List,
}

#[derive(Debug, Args)]
pub(crate) struct CalendarAdd {
    /// Its name: TARGET, FR, or one of your own with --file.
    #[arg(value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) name: String,
    /// Of which year.
    #[arg(value_name = "YEAR", value_parser = clap::value_parser!(u16).range(2000..=2148))]
    pub(crate) year: u16,
    /// Its closed days.
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) by: By,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RegistryCommand {
    /// State a whole park from a file: merchants, shops, terminals and fee plans.
    #[command(
        after_help = "Examples:\n  talon --ledger /srv/ledger registry import park.csv --preview --as op-7 --reason \
        \"autumn\"\n  talon --ledger /srv/ledger registry import park.csv --as op-7 --reason \"autumn\"\n\n\
        CSV in UTF-8 with a line of labels, in French or English, in any order (docs/registry.md). A row that is refused\n\
        is named by line, code, place and advice; the others are stated, and the command ends with 3. The same file again\n\
        appends nothing."
    )]
    Import(ImportArgs),
    /// Write the park as a file that `import` reads.
    #[command(after_help = "Example:\n  talon --ledger /srv/ledger registry export > park.csv")]
    Export,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The park's file, or - for standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Append nothing; say what would become of each row.
    #[arg(long)]
    pub(crate) preview: bool,
    #[command(flatten)]
    pub(crate) by: By,
}

#[derive(Debug, Args)]
pub(crate) struct TerminalsArgs {
    /// Of this merchant (SIREN).
    #[arg(long, value_name = "SIREN")]
    pub(crate) merchant: Option<u64>,
    /// In this shop (NIC), by their assignment.
    #[arg(long, value_name = "NIC")]
    pub(crate) shop: Option<u32>,
    /// Of this number.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) terminal: Option<u32>,
    /// Only those with holes in their sequence.
    #[arg(long)]
    pub(crate) holes: bool,
    /// How old holes are, and what is assigned, at this moment: RFC 3339, a time in Paris, or a day for its end
    /// [default: now, or as of then].
    /// Facts are those of now, or as of then.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    #[command(flatten)]
    pub(crate) as_of: AsOfArgs,
}
