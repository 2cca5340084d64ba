//! One line of an answer: what was expected, what was booked of it, and how far that came. Signs are the merchant's: what
//! is taken from it lies below nothing; a fee is what is kept of it.

use talon_domain::anomaly::Language;
use talon_domain::fact::LineKind;
use talon_domain::ids::StreamKey;
use talon_domain::money::Currency;
use talon_domain::time::Day;

use super::due::Due;

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A sale.
    Payment,
    /// A refund.
    Refund,
    /// A dispute: taken back, and given back where it was won.
    Dispute,
    /// What a provider books of its own accord, or without naming what it is about.
    Other(LineKind),
}

impl What {
    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::Dispute => "dispute",
            Self::Other(kind) => kind.name(),
        }
    }

    /// For people.
    pub const fn words(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Payment, Language::French) => "vente",
            (Self::Payment, Language::English) => "sale",
            (Self::Refund, Language::French) => "remboursement",
            (Self::Dispute, Language::French) => "contestation",
            (Self::Refund | Self::Dispute, Language::English) => self.name(),
            (Self::Other(kind), _) => kind_words(kind, language),
        }
    }
}

/// What a provider books of its own accord, for people.
const fn kind_words(kind: LineKind, language: Language) -> &'static str {
    match (kind, language) {
        (LineKind::Payment, Language::French) => "vente",
        (LineKind::Refund, Language::French) => "remboursement",
        (LineKind::Payout, Language::French) => "virement",
        (LineKind::Fee, Language::French) => "frais",
        (LineKind::FeeWaiver, Language::French) => "frais rendus",
        (LineKind::FeeWaiver, Language::English) => "fee given back",
        (LineKind::Adjustment, Language::French) => "régularisation",
        (LineKind::DefaultCoverage, Language::French) => "prise en charge d'impayé",
        (LineKind::DefaultCoverage, Language::English) => "default covered",
        (LineKind::Chargeback, Language::French) => "impayé",
        (LineKind::ChargebackWon, Language::French) => "impayé rendu",
        (LineKind::ChargebackWon, Language::English) => "chargeback given back",
        (LineKind::Reserve, Language::French) => "réserve",
        (LineKind::ReserveRelease, Language::French) => "réserve libérée",
        (LineKind::ReserveRelease, Language::English) => "reserve released",
        (LineKind::Transfer, Language::French) => "virement bancaire",
        (kind, Language::English) => kind.name(),
    }
}

/// Amounts in minor units; what is not known is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Before what is kept of it.
    pub gross: Option<i128>,
    /// What is kept of it, tax included.
    pub fee: Option<i128>,
    /// The tax in the fee.
    pub tax: Option<i128>,
    /// What is left.
    pub net: Option<i128>,
}

impl Amounts {
    /// These less others, part by part, as far as both are known.
    #[must_use]
    pub fn less(self, other: Self) -> Self {
        let part = |one: Option<i128>, other: Option<i128>| Some(one?.saturating_sub(other?));
        Self {
            gross: part(self.gross, other.gross),
            fee: part(self.fee, other.fee),
            tax: part(self.tax, other.tax),
            net: part(self.net, other.net),
        }
    }

    /// Both added, part by part, as far as either is known.
    #[must_use]
    pub(super) fn with(self, other: Self) -> Self {
        Self {
            gross: plus(self.gross, other.gross),
            fee: plus(self.fee, other.fee),
            tax: plus(self.tax, other.tax),
            net: plus(self.net, other.net),
        }
    }

    /// The parts: gross, fee, tax, net.
    pub fn parts(self) -> [Option<i128>; 4] {
        [self.gross, self.fee, self.tax, self.net]
    }

    /// Whether a part that is known is more than so much from nothing. The tax in a fee is not looked at: it moves no money
    /// of its own, and providers state it as a part of the fee or upon it under one label.
    pub(super) fn exceeds(self, most: i128) -> bool {
        [self.gross, self.fee, self.net].into_iter().flatten().any(|part| part.saturating_abs() > most)
    }
}

/// The sum of two parts, as far as either is known.
pub(super) fn plus(sum: Option<i128>, part: Option<i128>) -> Option<i128> {
    part.map(|part| sum.unwrap_or(0).saturating_add(part)).or(sum)
}

/// Why no fee is expected for a sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FeeGap {
    /// Nobody stated a plan of instalments.
    PlanUnknown,
    /// No fee plan is in force for such a plan on that day.
    NoFeePlan,
    /// Several are, and nothing says which one counts.
    SeveralFeePlans,
    /// What it takes for each payment is in another currency than the sale.
    FeeInOtherCurrency,
}

impl FeeGap {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::PlanUnknown, Self::NoFeePlan, Self::SeveralFeePlans, Self::FeeInOtherCurrency];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PlanUnknown => "plan_unknown",
            Self::NoFeePlan => "no_fee_plan",
            Self::SeveralFeePlans => "several_fee_plans",
            Self::FeeInOtherCurrency => "fee_in_other_currency",
        }
    }

    /// For people.
    pub const fn words(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::PlanUnknown, Language::French) => "échéancier inconnu",
            (Self::PlanUnknown, Language::English) => "plan unknown",
            (Self::NoFeePlan, Language::French) => "aucun barème en vigueur",
            (Self::NoFeePlan, Language::English) => "no fee plan in force",
            (Self::SeveralFeePlans, Language::French) => "plusieurs barèmes en vigueur",
            (Self::SeveralFeePlans, Language::English) => "several fee plans in force",
            (Self::FeeInOtherCurrency, Language::French) => "frais dans une autre devise",
            (Self::FeeInOtherCurrency, Language::English) => "fee in another currency",
        }
    }
}

/// How far it came. The numbers are the order in which lines of a day are summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Status {
    /// Booked as expected, and in a payout that was sent.
    Paid = 1,
    /// Booked, with another gross, fee or net than expected.
    Differs = 2,
    /// Its day has not passed.
    Due = 3,
    /// Its day has passed; and of what was not even booked, not long ago.
    Late = 4,
    /// Nobody can say by when.
    DueUnknown = 5,
    /// Booked as expected, on an account that has nothing to pay out: its money made up for what the merchant owed.
    OnAccount = 6,
    /// It was in a payout that came back.
    Returned = 7,
    /// Several payments bear the id by which it was booked.
    Ambiguous = 8,
    /// Booked, and nothing in the ledger expects it.
    Unexpected = 9,
    /// Booked by the provider of its own accord: nothing could have been expected.
    Stated = 10,
    /// Nothing at all was booked of it, and its day passed more working days ago than the question allows.
    Missing = 11,
}

impl Status {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 11] = [
        Self::Paid,
        Self::Differs,
        Self::Due,
        Self::Late,
        Self::DueUnknown,
        Self::OnAccount,
        Self::Returned,
        Self::Ambiguous,
        Self::Unexpected,
        Self::Stated,
        Self::Missing,
    ];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Differs => "differs",
            Self::Due => "due",
            Self::Late => "late",
            Self::DueUnknown => "due_unknown",
            Self::OnAccount => "on_account",
            Self::Returned => "returned",
            Self::Ambiguous => "ambiguous",
            Self::Unexpected => "unexpected",
            Self::Stated => "stated",
            Self::Missing => "missing",
        }
    }

    /// For people.
    pub const fn words(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Paid, Language::French) => "payé",
            (Self::Differs, Language::French) => "écart",
            (Self::Due, Language::French) => "à recevoir",
            (Self::Late, Language::French) => "en retard",
            (Self::DueUnknown, Language::French) => "échéance inconnue",
            (Self::DueUnknown, Language::English) => "due date unknown",
            (Self::OnAccount, Language::French) => "en compte, rien à virer",
            (Self::OnAccount, Language::English) => "on account, nothing to pay out",
            (Self::Returned, Language::French) => "virement revenu",
            (Self::Returned, Language::English) => "payout came back",
            (Self::Ambiguous, Language::French) => "plusieurs paiements possibles",
            (Self::Ambiguous, Language::English) => "several payments possible",
            (Self::Unexpected, Language::French) => "inattendu",
            (Self::Stated, Language::French) => "écriture du prestataire",
            (Self::Stated, Language::English) => "provider's own entry",
            (Self::Missing, Language::French) => "manquant",
            (other, Language::English) => other.name(),
        }
    }
}

/// Why nothing expects a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Surprise {
    /// It bears no id of what it is about.
    NamesNothing,
    /// No payment of the ledger bears its id, or none that counts.
    NotInLedger,
    /// What bears its id is of another provider, or in another currency.
    OfSomethingElse,
    /// Several payments bear its id.
    OfSeveral,
}

impl Surprise {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::NamesNothing, Self::NotInLedger, Self::OfSomethingElse, Self::OfSeveral];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NamesNothing => "names_nothing",
            Self::NotInLedger => "not_in_ledger",
            Self::OfSomethingElse => "of_something_else",
            Self::OfSeveral => "of_several",
        }
    }

    /// For people.
    pub const fn words(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::NamesNothing, Language::French) => "sans identifiant",
            (Self::NamesNothing, Language::English) => "bears no id",
            (Self::NotInLedger, Language::French) => "inconnu du registre",
            (Self::NotInLedger, Language::English) => "not in the ledger",
            (Self::OfSomethingElse, Language::French) => "autre prestataire ou autre devise",
            (Self::OfSomethingElse, Language::English) => "another provider or currency",
            (Self::OfSeveral, Language::French) => "plusieurs paiements portent cet identifiant",
            (Self::OfSeveral, Language::English) => "several payments bear this id",
        }
    }
}

/// What was expected of one thing, and what was booked of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwedLine {
    /// For which day it is listed: of the sale; of what nothing expects, the day on which it was booked.
    pub day: Day,
    /// Registry code of who owes it; empty where nobody said.
    pub provider: String,
    /// What it is about.
    pub what: What,
    /// The payment; `None` of what no payment expects.
    pub stream: Option<StreamKey>,
    /// The line's own stream, of what no payment expects.
    pub entry: Option<StreamKey>,
    /// The provider's id of it.
    pub id: Option<String>,
    /// When it happened: the sale, the refund, the dispute, the booking.
    pub happened_on: Day,
    /// Of all its amounts.
    pub currency: Currency,
    /// What was expected; `None` of what nothing expects.
    pub expected: Option<Amounts>,
    /// Why no fee was expected of a sale.
    pub fee_gap: Option<FeeGap>,
    /// What was booked; `None` while nothing was.
    pub booked: Option<Amounts>,
    /// Fees that were given back, beside what was booked.
    pub waived: i128,
    /// The accounts and payouts that its lines name.
    pub payouts: Vec<(String, String)>,
    /// By when it was promised.
    pub due: Due,
    /// How far it came.
    pub status: Status,
    /// Why nothing expects it.
    pub surprise: Option<Surprise>,
    /// It shares in a fee that is rounded for the whole day.
    pub(super) is_share: bool,
}

impl OwedLine {
    /// By how much what was booked is more than what was expected, part by part. Where a fee is booked for itself, it and
    /// its sale wait for each other: a fee alone is held against nothing, and nor is the net of a sale that was booked whole.
    pub fn difference(&self) -> Amounts {
        let (Some(booked), Some(expected)) = (self.booked, self.expected) else { return Amounts::default() };
        if booked.gross.is_none() {
            return Amounts::default();
        }
        let awaits_fee = booked.fee.is_none() && booked.net == booked.gross;
        let difference = booked.less(expected);
        if awaits_fee { Amounts { net: None, ..difference } } else { difference }
    }
}
