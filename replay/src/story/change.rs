//! What a record changed of a payment: about what, what was, what is; by stable names, and in words.
//!
//! This module does not decide what changed.

use talon_domain::anomaly::{Anomaly, Language};
use talon_domain::fact::{ChargebackStage, Text, TicketKind};
use talon_domain::ids::EventId;
use talon_domain::money::{Currency, Totals};
use talon_domain::slot::Slot;
use talon_domain::state::{Progress, Status};

use super::words::colon;

/// What can change of a payment; in this order changes are told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// How far it came.
    Status,
    /// What was sold.
    Sale,
    /// Which version of the plan is in force.
    Plan,
    /// What was taken and counts.
    Collected,
    /// What was taken and is held.
    Suspense,
    /// What was given back.
    Refunded,
    /// What was given back and is held.
    RefundsHeld,
    /// How far an instalment came, by its number.
    Instalment(u32),
    /// A refund that was asked, by its name.
    RefundRequest(Text),
    /// A dispute, by its name.
    Dispute(Text),
    /// The customer withdrew.
    Withdrawal,
    /// Refunds have given back the whole sale.
    Closed,
    /// A fact that was taken back.
    Reversal(EventId),
    /// A paper: (original's kind, what it is about, copy).
    Ticket(TicketKind, Text, u32),
    /// A rule that is not kept.
    Anomaly(Anomaly),
}

/// What stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// It is so; there is nothing more to say of it.
    Holds,
    /// A status.
    Status(Status),
    /// A sum, in minor units.
    Sum(Currency, u128),
    /// Sums, by currency.
    Amount(Totals),
    /// A plan's version.
    Version(u32),
    /// How far an instalment came.
    Progress(Progress),
    /// Whether somebody said what became of a request.
    Answered(bool),
    /// A dispute's highest round, and how far it came.
    Stage(u32, ChargebackStage),
    /// Whether a reversal takes its fact away.
    Effective(bool),
}

/// What a record changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// About what.
    pub what: What,
    /// What stood there; `None` if nothing did.
    pub was: Option<Value>,
    /// What stands there now; `None` if nothing does.
    pub is: Option<Value>,
}

impl What {
    /// Its stable name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Sale => "sale",
            Self::Plan => "plan",
            Self::Collected => "collected",
            Self::Suspense => "suspense",
            Self::Refunded => "refunded",
            Self::RefundsHeld => "refunds_held",
            Self::Instalment(_) => "instalment",
            Self::RefundRequest(_) => "refund_request",
            Self::Dispute(_) => "dispute",
            Self::Withdrawal => "withdrawal",
            Self::Closed => "closed",
            Self::Reversal(_) => "reversal",
            Self::Ticket(..) => "ticket",
            Self::Anomaly(_) => "anomaly",
        }
    }

    /// Which one, where there may be several.
    pub fn which(&self) -> Option<String> {
        match self {
            Self::Instalment(number) => Some(number.to_string()),
            Self::RefundRequest(id) | Self::Dispute(id) => Some(id.to_string()),
            Self::Reversal(event) => Some(event.to_string()),
            Self::Ticket(kind, about, copy) => Some(Slot::Print(*kind, about.clone(), *copy).label()),
            Self::Anomaly(anomaly) => Some(format!("{} {}", anomaly.code.number(), anomaly.slot.label())),
            _ => None,
        }
    }

    fn words(&self, language: Language) -> String {
        let french = matches!(language, Language::French);
        let pick = |fr: &'static str, en: &'static str| if french { fr } else { en };
        match self {
            Self::Status => pick("état", "status").into(),
            Self::Sale => pick("vente", "sale").into(),
            Self::Plan => pick("échéancier", "plan").into(),
            Self::Collected => pick("prélevé", "collected").into(),
            Self::Suspense => pick("en attente", "in suspense").into(),
            Self::Refunded => pick("remboursé", "refunded").into(),
            Self::RefundsHeld => pick("remboursements en attente", "refunds in suspense").into(),
            Self::Instalment(number) => format!("{} {number}", pick("échéance", "instalment")),
            Self::RefundRequest(id) => format!("{} {id}", pick("demande de remboursement", "refund request")),
            Self::Dispute(id) => format!("{} {id}", pick("contestation", "dispute")),
            Self::Withdrawal => pick("rétractation", "withdrawal").into(),
            Self::Closed => pick("soldé par les remboursements", "closed by refunds").into(),
            Self::Reversal(event) => format!("{} {event}", pick("contre-passation de", "reversal of")),
            Self::Ticket(kind, about, copy) => {
                let slot = Slot::Print(*kind, about.clone(), *copy).words(language);
                if about.is_empty() { slot } else { format!("{slot} ({about})") }
            }
            Self::Anomaly(anomaly) => format!("{} {}", pick("anomalie", "anomaly"), anomaly.code.number()),
        }
    }
}

impl Value {
    /// Its stable text; amounts in minor units.
    pub fn name(&self) -> String {
        match self {
            Self::Holds => "true".into(),
            Self::Status(status) => status.name().into(),
            Self::Sum(currency, minor_units) => format!("{minor_units} {currency}"),
            Self::Amount(totals) => {
                let all: Vec<_> = totals.iter().map(|(currency, minor)| format!("{minor} {currency}")).collect();
                all.join(" + ")
            }
            Self::Version(version) => version.to_string(),
            Self::Progress(progress) => progress.name().into(),
            Self::Answered(is_answered) => if *is_answered { "answered" } else { "asked" }.into(),
            Self::Stage(round, stage) => format!("{round} {}", stage.name()),
            Self::Effective(is_effective) => if *is_effective { "effective" } else { "not_effective" }.into(),
        }
    }

    fn words(&self, language: Language) -> String {
        let french = matches!(language, Language::French);
        let pick = |fr: &'static str, en: &'static str| if french { fr } else { en };
        match self {
            Self::Holds => pick("oui", "yes").into(),
            Self::Status(status) => status.words(language).into(),
            Self::Sum(currency, minor_units) => currency.words(*minor_units, language),
            Self::Amount(totals) => totals.words(language),
            Self::Version(version) => format!("v{version}"),
            Self::Progress(progress) => progress.words(language).into(),
            Self::Answered(true) => pick("répondue", "answered").into(),
            Self::Answered(false) => pick("posée", "asked").into(),
            Self::Stage(round, stage) => format!("{} ({round})", stage.words(language)),
            Self::Effective(true) => pick("effective", "effective").into(),
            Self::Effective(false) => pick("sans effet", "without effect").into(),
        }
    }
}

impl Change {
    /// The change in words: `status: accepted -> collected`, `anomaly 301 opened, debit(D7): ...`.
    pub fn words(&self, language: Language) -> String {
        let name = self.what.words(language);
        let (colon, french) = (colon(language), matches!(language, Language::French));
        let value = |value: &Option<Value>| value.as_ref().map_or_else(|| "-".into(), |value| value.words(language));
        match (&self.what, &self.was, &self.is) {
            (What::Anomaly(anomaly), _, Some(_)) => {
                let opened = if french { "ouverte" } else { "opened" };
                format!("{name} {opened}, {}{colon}{}", anomaly.slot.label(), anomaly.code.sentence(language))
            }
            (What::Anomaly(anomaly), ..) => {
                let cleared = if french { "levée" } else { "cleared" };
                format!("{name} {cleared}, {}", anomaly.slot.label())
            }
            (_, None, Some(Value::Holds)) => name,
            (_, Some(Value::Holds), None) => {
                format!("{}{colon}{name}", if french { "ne tient plus" } else { "no longer so" })
            }
            (_, None, is) => format!("{name}{colon}{}", value(is)),
            (_, was, is) => format!("{name}{colon}{} -> {}", value(was), value(is)),
        }
    }

    /// All changes in words; instalments that change alike are told together.
    pub(super) fn all_words(changes: &[Self], language: Language) -> Vec<String> {
        let alike = |a: &Self, b: &Self| {
            let both = matches!((&a.what, &b.what), (What::Instalment(_), What::Instalment(_)));
            both && (&a.was, &a.is) == (&b.was, &b.is)
        };
        changes.chunk_by(alike).filter_map(|group| together(group, language)).collect()
    }
}

fn together(group: &[Change], language: Language) -> Option<String> {
    let (first, last) = (group.first()?, group.last()?);
    let words = first.words(language);
    match (&first.what, &last.what) {
        (What::Instalment(from), What::Instalment(to)) if from != to => {
            let numbers: Vec<_> = group.iter().filter_map(|change| change.what.which()).collect();
            let (one, several) = match language {
                Language::French => ("échéance", "échéances"),
                Language::English => ("instalment", "instalments"),
            };
            Some(words.replacen(&format!("{one} {from}"), &format!("{several} {}", numbers.join(", ")), 1))
        }
        _ => Some(words),
    }
}
