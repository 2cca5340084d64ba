//! The columns of a park's file, by label. A label is recognised whatever its case, accents, spaces and marks.

use talon_domain::anomaly::Language;

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    Merchant,
    Shop,
    Terminal,
    FeePlan,
}

macro_rules! columns {
    ($($column:ident $name:literal $french:literal)*) => {
        /// A column.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Column {
            $($column,)*
        }

        impl Column {
            /// All of them, in the order of a file.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$column),*];

            /// Its stable name, which is its English label, and its flag's.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$column => $name,)* }
            }

            const fn french(self) -> &'static str {
                match self { $(Self::$column => $french,)* }
            }
        }
    };
}

columns! {
    Type "type" "type"
    Merchant "merchant" "commerçant"
    Shop "shop" "magasin"
    Terminal "terminal" "TPE"
    Epoch "epoch" "époque"
    Plan "plan" "barème"
    Version "version" "version"
    Label "label" "libellé"
    Country "country" "pays"
    Town "town" "ville"
    Nic "nic" "NIC"
    ClosedFrom "closed_from" "fermé le"
    Serial "serial" "n° de série"
    LogicalId "logical_id" "identifiant logique"
    Range "range" "gamme"
    Model "model" "modèle"
    Connectivity "connectivity" "connexion"
    FirstSeq "first_seq" "première séquence"
    Provider "provider" "prestataire"
    Installments "installments" "échéances"
    DeferredDays "deferred_days" "jours de différé"
    DeferredMonths "deferred_months" "mois de différé"
    MerchantFee "merchant_fee" "frais marchand"
    MerchantFeeFixed "merchant_fee_fixed" "frais marchand fixes"
    Tax "tax" "TVA"
    CustomerFee "customer_fee" "frais client"
    PurchaseLeast "purchase_least" "achat minimum"
    PurchaseMost "purchase_most" "achat maximum"
    Rounding "rounding" "arrondi"
    RoundingScope "rounding_scope" "portée de l'arrondi"
    Payout "payout" "reversement"
    From "from" "du"
    Until "until" "au"
}

impl Column {
    /// Its label in a language.
    pub(crate) const fn label(self, language: Language) -> &'static str {
        match language {
            Language::French => self.french(),
            Language::English => self.name(),
        }
    }

    /// The column with this label, in either language.
    pub(crate) fn labelled(label: &str) -> Option<Self> {
        let label = folded(label);
        let is = |column: &&Self| [column.name(), column.french()].into_iter().any(|known| folded(known) == label);
        Self::ALL.iter().find(is).copied()
    }
}

impl What {
    /// All of them, in the order in which one needs the other.
    pub(crate) const ALL: [Self; 4] = [Self::Merchant, Self::Shop, Self::Terminal, Self::FeePlan];

    /// Its stable name, as a file has it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Merchant => "merchant",
            Self::Shop => "shop",
            Self::Terminal => "terminal",
            Self::FeePlan => "fee_plan",
        }
    }

    /// For people, and in a French file.
    pub(crate) const fn words(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Merchant, Language::French) => "commerçant",
            (Self::Shop, Language::French) => "magasin",
            (Self::Terminal, Language::French) => "TPE",
            (Self::FeePlan, Language::French) => "barème",
            (Self::FeePlan, Language::English) => "fee plan",
            (_, Language::English) => self.name(),
        }
    }

    /// The one with this name, in either language.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let name = folded(name);
        let is =
            |what: &Self| [what.name(), what.words(Language::French)].into_iter().any(|known| folded(known) == name);
        Self::ALL.into_iter().find(is)
    }

    /// The columns that a row of this kind may fill, in the order of a file.
    pub(crate) const fn columns(self) -> &'static [Column] {
        use Column::{
            ClosedFrom, Connectivity, Country, CustomerFee, DeferredDays, DeferredMonths, Epoch, FirstSeq, From,
            Installments, Label, LogicalId, Merchant, MerchantFee, MerchantFeeFixed, Model, Nic, Payout, Plan,
            Provider, PurchaseLeast, PurchaseMost, Range, Rounding, RoundingScope, Serial, Shop, Tax, Terminal, Town,
            Until, Version,
        };
        match self {
            Self::Merchant => &[Merchant, Label, Country, ClosedFrom],
            Self::Shop => &[Merchant, Shop, Label, Town, Nic, ClosedFrom],
            Self::Terminal => {
                &[Merchant, Shop, Terminal, Epoch, Serial, LogicalId, Range, Model, Connectivity, FirstSeq, From, Until]
            }
            Self::FeePlan => &[
                Merchant,
                Plan,
                Version,
                Provider,
                Installments,
                DeferredDays,
                DeferredMonths,
                MerchantFee,
                MerchantFeeFixed,
                Tax,
                CustomerFee,
                PurchaseLeast,
                PurchaseMost,
                Rounding,
                RoundingScope,
                Payout,
                From,
                Until,
            ],
        }
    }
}

/// A word without case, accents, spaces and marks: "N° de série" and "n de serie" are one label.
pub(super) fn folded(word: &str) -> String {
    let plain = |c: char| match c {
        'à' | 'â' | 'ä' => Some('a'),
        'ç' => Some('c'),
        'é' | 'è' | 'ê' | 'ë' => Some('e'),
        'î' | 'ï' => Some('i'),
        'ô' | 'ö' => Some('o'),
        'ù' | 'û' | 'ü' => Some('u'),
        c if c.is_alphanumeric() => Some(c),
        _ => None,
    };
    word.chars().flat_map(char::to_lowercase).filter_map(plain).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_label_names_one_column_in_both_languages() {
        let mut labels = BTreeSet::new();
        for column in Column::ALL {
            let own: BTreeSet<_> = [column.name(), column.french()].map(folded).into();
            assert!(own.into_iter().all(|label| labels.insert(label)), "{column:?}");
            for language in [Language::French, Language::English] {
                assert_eq!(Column::labelled(column.label(language)), Some(*column));
            }
        }
    }

    #[test]
    fn a_label_is_known_however_it_is_written() {
        for (label, column) in [
            ("N° de Série", Column::Serial),
            ("n de serie", Column::Serial),
            ("CLOSED FROM", Column::ClosedFrom),
            ("première  séquence ", Column::FirstSeq),
            ("First-Seq", Column::FirstSeq),
            ("tpe", Column::Terminal),
        ] {
            assert_eq!(Column::labelled(label), Some(column), "{label}");
        }
        assert_eq!(Column::labelled("remarque"), None);
        assert_eq!(What::named("Barème"), Some(What::FeePlan));
        assert_eq!(What::named("Fee Plan"), Some(What::FeePlan));
    }

    /// The page's table: label, French label, types.
    #[test]
    fn the_page_lists_every_column() {
        let page =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/registry.md")).expect("the page");
        let table = page.split("| label | in French |").nth(1).expect("the table");
        let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
        let cells = |row: &str| row.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>()[1..4].to_vec();
        let documented: Vec<_> = rows.map(cells).collect();
        let expected = Column::ALL.iter().map(|column| {
            let types = What::ALL.into_iter().filter(|what| what.columns().contains(column)).map(What::name);
            let types: Vec<_> = types.collect();
            let types = if matches!(types.len(), 0 | 4) { "all".to_owned() } else { types.join(", ") };
            vec![format!("`{}`", column.name()), column.french().to_owned(), types]
        });
        assert_eq!(documented, expected.collect::<Vec<_>>());
    }

    #[test]
    fn every_column_but_the_type_belongs_to_a_kind_of_row() {
        let used: BTreeSet<_> = What::ALL.iter().flat_map(|what| what.columns()).collect();
        assert_eq!(used.len(), Column::ALL.len() - 1);
        for what in What::ALL {
            assert!(what.columns().is_sorted(), "in the order of a file: {what:?}");
        }
    }
}
