//! How far instalments and disputes came, in words.

use super::Progress;
use crate::anomaly::Language;
use crate::fact::ChargebackStage;

impl Progress {
    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Collected => "collected",
            Self::Covered => "covered",
            Self::Claimed => "claimed",
            Self::Failed => "failed",
            Self::Due => "due",
        }
    }

    /// For people.
    pub const fn words(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Collected, Language::French) => "prélevée",
            (Self::Covered, Language::French) => "prise en charge",
            (Self::Claimed, Language::French) => "en recouvrement",
            (Self::Failed, Language::French) => "prélèvement échoué",
            (Self::Due, Language::French) => "à échoir",
            (other, Language::English) => other.name(),
        }
    }
}

impl ChargebackStage {
    /// For people: of a dispute.
    pub const fn words(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Opened, Language::French) => "ouverte",
            (Self::Won, Language::French) => "gagnée",
            (Self::Lost, Language::French) => "perdue",
            (Self::Opened, Language::English) => "open",
            (Self::Won, Language::English) => "won",
            (Self::Lost, Language::English) => "lost",
        }
    }
}
