//! Whether a terminal can take the provider's payments: Ingenico Tetra, desk or move, by SIM or Ethernet, of a French
//! merchant. Source: the provider's page on its terminals. What nobody stated is a reason too: nothing is guessed.

use talon_domain::anomaly::Language;
use talon_domain::fact::{Assignment, Connectivity, TerminalRange};
use talon_domain::ids::MerchantId;

use super::Registry;

/// The merchants that may use it.
const COUNTRY: &str = "FR";

/// Why a terminal is not eligible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ineligible {
    /// Another family of terminals.
    RangeIsOther,
    /// Nobody said which family.
    RangeIsUnknown,
    /// Neither SIM nor Ethernet.
    ConnectivityIsOther,
    /// Nobody said how it is connected.
    ConnectivityIsUnknown,
    /// A merchant of another country.
    MerchantIsForeign,
    /// Nobody said where the merchant is.
    MerchantCountryIsUnknown,
}

impl Ineligible {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::RangeIsOther,
        Self::RangeIsUnknown,
        Self::ConnectivityIsOther,
        Self::ConnectivityIsUnknown,
        Self::MerchantIsForeign,
        Self::MerchantCountryIsUnknown,
    ];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RangeIsOther => "range_is_other",
            Self::RangeIsUnknown => "range_is_unknown",
            Self::ConnectivityIsOther => "connectivity_is_other",
            Self::ConnectivityIsUnknown => "connectivity_is_unknown",
            Self::MerchantIsForeign => "merchant_is_foreign",
            Self::MerchantCountryIsUnknown => "merchant_country_is_unknown",
        }
    }

    /// For people.
    pub const fn words(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::RangeIsOther, Language::French) => "gamme autre que Tetra desk ou move",
            (Self::RangeIsOther, Language::English) => "neither Tetra desk nor move",
            (Self::RangeIsUnknown, Language::French) => "gamme inconnue",
            (Self::RangeIsUnknown, Language::English) => "range unknown",
            (Self::ConnectivityIsOther, Language::French) => "ni SIM ni Ethernet",
            (Self::ConnectivityIsOther, Language::English) => "neither SIM nor Ethernet",
            (Self::ConnectivityIsUnknown, Language::French) => "connexion inconnue",
            (Self::ConnectivityIsUnknown, Language::English) => "connectivity unknown",
            (Self::MerchantIsForeign, Language::French) => "commerçant hors de France",
            (Self::MerchantIsForeign, Language::English) => "merchant not French",
            (Self::MerchantCountryIsUnknown, Language::French) => "pays du commerçant inconnu",
            (Self::MerchantCountryIsUnknown, Language::English) => "merchant's country unknown",
        }
    }
}

impl Registry {
    /// Why a device is not eligible, in a fixed order; nothing if it is.
    pub fn ineligible(&self, merchant: MerchantId, assignment: &Assignment) -> Vec<Ineligible> {
        let range = match assignment.range {
            Some(TerminalRange::TetraDesk | TerminalRange::TetraMove) => None,
            Some(TerminalRange::Other) => Some(Ineligible::RangeIsOther),
            None => Some(Ineligible::RangeIsUnknown),
        };
        let connectivity = match assignment.connectivity {
            Some(Connectivity::Sim | Connectivity::Ethernet) => None,
            Some(Connectivity::Wifi | Connectivity::Bluetooth | Connectivity::Other) => {
                Some(Ineligible::ConnectivityIsOther)
            }
            None => Some(Ineligible::ConnectivityIsUnknown),
        };
        let country = self.merchant(merchant).and_then(|stated| stated.what.country.as_deref());
        let country = match country {
            Some(COUNTRY) => None,
            Some(_) => Some(Ineligible::MerchantIsForeign),
            None => Some(Ineligible::MerchantCountryIsUnknown),
        };
        [range, connectivity, country].into_iter().flatten().collect()
    }
}
