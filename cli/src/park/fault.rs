//! Why a row is refused: a stable number, where, and what to do. No fault repeats what stands in the row.

use talon_domain::anomaly::Language;
use talon_intake::Refusal;

use super::column::Column;

macro_rules! rules {
    ($($rule:ident = $number:literal $name:literal $french:literal $english:literal)*) => {
        /// The rule that a row does not keep, in the positive. Below 200 are the door's own.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u16)]
        pub(crate) enum Rule {
            $($rule = $number,)*
        }

        impl Rule {
            /// All of them, in the order of their numbers.
            #[cfg(test)]
            pub(crate) const ALL: &'static [Self] = &[$(Self::$rule),*];

            /// Its stable name.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$rule => $name,)* }
            }

            /// What to do.
            pub(crate) const fn advice(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$rule, Language::French) => $french,
                      (Self::$rule, Language::English) => $english,)*
                }
            }
        }
    };
}

rules! {
    RowReadable = 201 "row_must_be_readable"
        "enregistrer en CSV UTF-8, avec autant de cases que de colonnes, sans retour à la ligne ni guillemet ouvert"
        "save as CSV in UTF-8, with as many cells as there are columns, no line break in a cell and every quote closed"
    TypeKnown = 202 "type_must_be_known"
        "merchant, shop, terminal ou fee_plan (commerçant, magasin, TPE, barème)"
        "merchant, shop, terminal or fee_plan"
    FieldStated = 203 "field_must_be_stated"
        "remplir cette case"
        "fill this cell"
    FieldBelongs = 204 "field_must_belong_to_its_type"
        "vider cette case : ce type de ligne n'en a pas l'usage"
        "empty this cell: a row of this type has no use for it"
    NumberInRange = 205 "number_must_be_in_range"
        "un nombre entier, dans les limites de la colonne"
        "a whole number, within the column's limits"
    SirenValid = 206 "siren_must_be_valid"
        "neuf chiffres avec leur clé ; pour un commerçant étranger, remplir son pays"
        "nine digits that pass their check; for a foreign merchant state its country"
    SiretValid = 207 "siret_must_be_valid"
        "le NIC a cinq chiffres et forme, accolé au SIREN, un SIRET valide"
        "a NIC has five digits and is a valid SIRET together with the SIREN"
    DayValid = 208 "day_must_be_a_date"
        "une date de 2000 à 2148 : 2026-11-25 ou 25/11/2026"
        "a date from 2000 to 2148: 2026-11-25 or 25/11/2026"
    DaysInOrder = 209 "days_must_be_in_order"
        "le dernier jour ne précède pas le premier ; deux NIC ne commencent pas le même jour"
        "a last day does not come before the first one; two NICs do not begin on one day"
    ChoiceKnown = 210 "choice_must_be_known"
        "l'un des mots de la colonne"
        "one of the column's words"
    PercentExact = 211 "percent_must_be_exact"
        "un pourcentage de 0 à 100 avec deux décimales au plus : 2,53"
        "a percentage from 0 to 100 with two decimals at most: 2.53"
    AmountExact = 212 "amount_must_be_exact"
        "un montant sans plus de décimales que sa devise : 0,25 ou 0,25 EUR"
        "an amount without more decimals than its currency has: 0.25 or 0.25 EUR"
    AmountsInOrder = 213 "amounts_must_be_in_order"
        "le plus petit achat ne dépasse pas le plus grand"
        "the smallest purchase is not above the largest"
    PayoutKnown = 214 "payout_rule_must_be_known"
        "T+n (n de 0 à 31), weekly:monday, monthly:15 ou unknown (J+n, hebdo:lundi, mensuel:15, inconnu)"
        "T+n (n from 0 to 31), weekly:monday, monthly:15 or unknown"
    MerchantRegistered = 215 "merchant_must_be_registered"
        "enregistrer d'abord ce commerçant, ou l'ajouter au fichier"
        "register this merchant first, or add it to the file"
    ShopRegistered = 216 "shop_must_be_registered"
        "enregistrer d'abord ce magasin, ou l'ajouter au fichier"
        "register this shop first, or add it to the file"
    NicOfOneShop = 217 "nic_must_name_one_shop"
        "un autre magasin porte ce NIC à cette date : corriger l'un des deux"
        "another shop has this NIC on that day: correct one of the two"
    StatedOnce = 218 "statement_must_be_made_once"
        "une autre ligne du fichier dit autre chose de la même chose : n'en garder qu'une"
        "another row of this file says something else of the same thing: keep one of them"
    WordStands = 219 "word_must_weigh_enough"
        "le registre lui-même l'a dit, et sa parole prime : rien à corriger à la main"
        "the ledger itself has said it, and its word stands above all: nothing can be typed over it"
    CalendarComputed = 220 "calendar_must_be_computable"
        "TARGET ou FR, de 2025 à 2030 ; les jours d'un autre calendrier se donnent avec --file"
        "TARGET or FR, from 2025 to 2030; state another calendar's days with --file"
    DayInYear = 221 "day_must_lie_in_its_year"
        "un calendrier porte sur une année : y laisser les jours de cette année, 64 au plus"
        "a calendar is of one year: leave that year's days in it, 64 at most"
}

/// A rule that is not kept, and the column where it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) rule: Rule,
    pub(crate) column: Option<Column>,
}

impl Fault {
    pub(crate) const fn at(rule: Rule, column: Column) -> Self {
        Self { rule, column: Some(column) }
    }

    pub(crate) const fn of(rule: Rule) -> Self {
        Self { rule, column: None }
    }
}

/// Why something is not stated: by a rule of the park, or by the door's.
#[derive(Clone, Debug)]
pub(crate) enum Refused {
    Here(Fault),
    Door(Refusal),
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Here(fault)
    }
}

impl Refused {
    pub(crate) fn number(&self) -> u16 {
        match self {
            Self::Here(fault) => fault.rule as u16,
            Self::Door(refusal) => refusal.number(),
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Here(fault) => fault.rule.name(),
            Self::Door(refusal) => refusal.name(),
        }
    }

    /// Where: a column's name, or the field of the event; empty for the row as a whole.
    pub(crate) fn place(&self) -> String {
        match self {
            Self::Here(fault) => fault.column.map_or_else(String::new, |column| column.name().to_owned()),
            Self::Door(refusal) => refusal.place(),
        }
    }

    pub(crate) fn advice(&self, language: Language) -> String {
        match self {
            Self::Here(fault) => fault.rule.advice(language).to_owned(),
            Self::Door(refusal) => refusal.advice().into_owned(),
        }
    }

    /// All of that in one sentence.
    pub(crate) fn words(&self, language: Language) -> String {
        let place = match self {
            Self::Here(Fault { column: Some(column), .. }) => column.label(language).to_owned(),
            other => other.place(),
        };
        let place = match (place.as_str(), language) {
            ("", _) => String::new(),
            (place, Language::French) => format!(" ({place})"),
            (place, Language::English) => format!(" at {place}"),
        };
        format!("{} {}{place}: {}", self.number(), self.name(), self.advice(language))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_lists_every_rule() {
        let page =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/registry.md")).expect("the page");
        let rows = page.lines().filter(|line| line.starts_with("| 2") && line.contains("_must_"));
        let listed: Vec<_> =
            rows.map(|row| row.split('|').map(str::trim).skip(1).take(3).collect::<Vec<_>>()).collect();
        let rules = Rule::ALL.iter().map(|rule| {
            vec![(*rule as u16).to_string(), format!("`{}`", rule.name()), rule.advice(Language::English).to_owned()]
        });
        assert_eq!(listed, rules.collect::<Vec<_>>());
    }

    #[test]
    fn rules_are_numbered_once_in_their_order() {
        assert!(Rule::ALL.is_sorted_by_key(|rule| *rule as u16));
    }
}
