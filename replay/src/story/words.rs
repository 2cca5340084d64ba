//! A telling in words: who told it, when, what it says, and what came of it.
//!
//! This module lays nothing out: how long a line is, is the reader's business.

use talon_domain::anomaly::Language;
use talon_domain::fact::Source;
use talon_domain::ids::PrincipalId;
use talon_domain::time::Instant;

use super::says::{kind_words, says};
use super::{Change, Fate, Place, Teller, Telling};
use crate::classify::Foreign;

impl Telling {
    /// Who told it: its source, and who published it.
    pub fn who(&self, language: Language) -> String {
        let source = source_words(self.header.source, language);
        format!("{source} ({})", principal_words(self.header.principal, language))
    }

    /// When it happened, by the clock of who told it, and when it was recorded: both in Paris.
    pub fn when(&self, language: Language) -> [String; 2] {
        let (happened, recorded) = match language {
            Language::French => ("survenu le", "enregistré le"),
            Language::English => ("happened", "recorded"),
        };
        let (at, kept) = (self.header.occurred_at, self.header.recorded_at);
        [format!("{happened} {}", clock(at)), format!("{recorded} {}", clock(kept))]
    }

    /// What it says.
    pub fn says(&self, language: Language) -> String {
        let words = self
            .payload
            .as_ref()
            .map_or_else(|| kind_words(self.header.kind, language), |payload| says(&self.header, payload, language));
        match (self.is_elsewhere, language) {
            (false, _) => words,
            (true, Language::French) => format!("d'un autre paiement, {}, {words}", self.header.stream),
            (true, Language::English) => format!("of another payment, {}, {words}", self.header.stream),
        }
    }

    /// What came of it, a sentence each: what it changed, or why it changed nothing.
    pub fn outcome(&self, language: Language) -> Vec<String> {
        let changes = Change::all_words(&self.changes, language);
        let before = tellers_words(&self.told_before, language);
        let why = self.why(&before, language);
        why.into_iter().chain(changes).collect()
    }

    /// What is to be said beside the changes.
    fn why(&self, before: &str, language: Language) -> Option<String> {
        let french = matches!(language, Language::French);
        let (is_unchanged, is_new) = (self.changes.is_empty(), before.is_empty());
        Some(match (self.fate, french) {
            (Fate::Fact, true) if is_unchanged && is_new => {
                "rien n'a changé dans l'état, les montants, les tickets".into()
            }
            (Fate::Fact, false) if is_unchanged && is_new => "no state, amount or ticket changed".into(),
            (Fate::Fact, true) if is_unchanged => format!("rien n'a changé ; déjà dit : {before}"),
            (Fate::Fact, false) if is_unchanged => format!("nothing changed: told before by {before}"),
            (Fate::Fact, _) if is_new => return None,
            (Fate::Fact, true) => format!("en dit plus sur ce qu'a dit : {before}"),
            (Fate::Fact, false) => format!("tells more of what was told by {before}"),
            (Fate::Duplicate, true) => format!("rien n'a changé : doublon du même événement ; déjà dit : {before}"),
            (Fate::Duplicate, false) => format!("nothing changed: a duplicate, the same event told before by {before}"),
            (Fate::Conflict, true) => {
                format!("conflit : ce même événement a été dit autrement, et le premier reste ; dit d'abord : {before}")
            }
            (Fate::Conflict, false) => {
                format!("a conflict: this event was told before in other words by {before}, and the first stays")
            }
            (Fate::Parked, true) => "mis de côté pour une version qui saura le lire".into(),
            (Fate::Parked, false) => "parked for a release that can read it".into(),
            (Fate::Foreign(why), true) => format!("rien n'a changé : {}", foreign_french(why)),
            (Fate::Foreign(why), false) => format!("nothing changed: {why}"),
        })
    }
}

const fn foreign_french(why: Foreign) -> &'static str {
    match why {
        Foreign::NoRecord => "ces octets ne sont pas un enregistrement",
        Foreign::Stub => "ceci remplace des octets qui n'étaient pas un enregistrement",
        Foreign::LateGenesis => "une genèse est le premier enregistrement de sa partition, et ceci ne l'est pas",
        Foreign::OtherPartition => "les enregistrements de ce commerçant vont dans une autre partition",
        Foreign::NotTheLedger => "seul le registre énonce ce type, ou des faits sans commerçant",
    }
}

const fn source_words(source: Source, language: Language) -> &'static str {
    match (source, language) {
        (Source::Provider, Language::French) => "prestataire",
        (Source::Bank, Language::French) => "banque",
        (Source::Gateway, Language::French) => "passerelle",
        (Source::Terminal, Language::French) => "TPE",
        (Source::Person, Language::French) => "personne",
        (Source::Ledger, Language::French) => "registre",
        (source, Language::English) => source.name(),
    }
}

fn principal_words(principal: PrincipalId, language: Language) -> String {
    match (principal.0, language) {
        (0, Language::French) => "le registre lui-même".into(),
        (0, Language::English) => "the ledger itself".into(),
        (1, Language::French) => "commande locale".into(),
        (1, Language::English) => "local command line".into(),
        (number, Language::French) => format!("déclarant {number}"),
        (number, Language::English) => format!("principal {number}"),
    }
}

/// What stands between a name and what is said of it.
pub(super) const fn colon(language: Language) -> &'static str {
    match language {
        Language::French => " : ",
        Language::English => ": ",
    }
}

/// `gateway (p0/3), provider (p0/5)`.
fn tellers_words(tellers: &[Teller], language: Language) -> String {
    let one = |teller: &Teller| {
        let Place { partition, position } = teller.place;
        format!("{} (p{partition}/{position})", source_words(teller.source, language))
    };
    tellers.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Day, hour and minute in Paris.
fn clock(at: Instant) -> String {
    let (hour, minute) = at.paris_time();
    at.paris_day().map_or_else(|| at.rfc3339(), |day| format!("{day} {hour:02}:{minute:02}"))
}
