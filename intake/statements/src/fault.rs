//! Why a row is refused, and what is worth a look though it was taken: stable numbers, where, and what to do. Nothing here
//! repeats what stands in a cell: it may be a person's.

use talon_domain::anomaly::Language;

macro_rules! rules {
    ($(#[$doc:meta])* $enum:ident { $($(#[$variant_doc:meta])* $rule:ident = $number:literal $name:literal $french:literal $english:literal)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u16)]
        pub enum $enum {
            $($(#[$variant_doc])* $rule = $number,)*
        }

        impl $enum {
            /// All of them, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$rule),*];

            /// Its stable number.
            pub const fn number(self) -> u16 {
                self as u16
            }

            /// Its stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$rule => $name,)* }
            }

            /// What to do, in a few words.
            pub const fn advice(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$rule, Language::French) => $french,
                      (Self::$rule, Language::English) => $english,)*
                }
            }
        }
    };
}

rules! {
    /// What a row has to keep, in the positive.
    Rule {
        /// A quote is never closed, or a row is longer than 64 KiB.
        RowReadable = 301 "row_must_be_readable"
            "guillemet jamais fermé ou ligne de plus de 64 Kio : reprendre l'export du prestataire"
            "a quote is never closed, or the row is longer than 64 KiB: export the file again"
        /// It has more or fewer cells than the header.
        CellsOfHeader = 302 "row_must_have_the_cells_of_its_header"
            "plus ou moins de cases que l'en-tête ; un fichier coupé se termine ainsi : reprendre l'export"
            "more or fewer cells than the header; a file that was cut ends like this: export it again"
        /// A cell that every line needs is empty.
        FieldStated = 303 "field_must_be_stated"
            "remplir cette case : sans elle la ligne ne dit rien"
            "fill this cell: without it the line says nothing"
        /// An amount that is none.
        AmountReadable = 304 "amount_must_be_readable"
            "un montant selon la convention du fichier : 1234,56 · 1 234,56 · -12,00 · (12,00)"
            "an amount by the file's convention: 1234.56, 1,234.56, -12.00, (12.00)"
        /// More decimals than its currency has.
        AmountExact = 305 "amount_must_be_exact"
            "pas plus de décimales que la devise n'en a"
            "no more decimals than the currency has"
        /// `1.234` may be one thousand or one.
        AmountPlain = 306 "amount_must_have_one_meaning"
            "1.234 se lit de deux façons : dire dans le format (decimal) ce qu'est le séparateur"
            "1.234 reads in two ways: say in the map (decimal) what the separator is"
        /// Beyond ten thousand million of the major unit.
        AmountInRange = 307 "amount_must_be_in_range"
            "un montant de 10 milliards au plus"
            "an amount of 10,000 million at most"
        /// Both a debit and a credit.
        OneDirection = 308 "amount_must_have_one_direction"
            "débit ou crédit, pas les deux"
            "a debit or a credit, not both"
        /// A time that is none.
        MomentReadable = 309 "moment_must_be_readable"
            "une date de 2000 à 2148 : 2026-11-25 10:00:00 ou 25/11/2026 10:00"
            "a date from 2000 to 2148: 2026-11-25 10:00:00 or 25/11/2026 10:00"
        /// The hour that a spring night leaves out.
        MomentExists = 310 "moment_must_exist"
            "cette heure n'existe pas : la nuit du passage à l'heure d'été la saute"
            "there is no such hour: the night on which summer time begins leaves it out"
        /// No currency.
        CurrencyKnown = 311 "currency_must_be_three_capitals"
            "une devise en trois capitales : EUR"
            "a currency in three capitals: EUR"
        /// Longer than the ledger keeps.
        TextFits = 312 "text_must_be_at_most_256_bytes"
            "256 octets au plus"
            "256 bytes at most"
        /// An object of the provider's JSON that is none.
        ObjectReadable = 313 "object_must_be_a_balance_transaction"
            "un objet balance_transaction avec id, amount, kind et created, comme l'API les rend"
            "a balance_transaction with id, amount, kind and created, as the API answers them"
        /// The file ends within an object.
        FileWhole = 314 "file_must_be_whole"
            "le fichier s'arrête au milieu : le télécharger de nouveau, ce qui précède est lu"
            "the file ends in the middle: download it again; what stands before it is read"
        /// No direction for this kind, where directions follow from kinds.
        KindDirected = 315 "kind_must_have_a_direction"
            "dire dans le format (credits ou debits) de quel côté va ce type de ligne"
            "say in the map (credits or debits) which way this type of line goes"
    }
}

rules! {
    /// What is worth a look in a row or a file that was taken.
    WarningKind {
        /// A column that nobody knows.
        ColumnUnknown = 351 "column_is_unknown"
            "colonne inconnue, laissée de côté : la garder dans le fichier d'origine, ou la nommer dans un format"
            "an unknown column is left aside: keep the file, or name the column in a map"
        /// The hour that an autumn night has twice.
        HourTwice = 352 "hour_comes_twice"
            "cette heure existe deux fois la nuit du passage à l'heure d'hiver : la seconde est retenue"
            "this hour comes twice on the night on which summer time ends: the second one is taken"
        /// Net is not gross less fee.
        NetDiffers = 353 "net_is_not_gross_less_fee"
            "le net n'est pas le brut moins les frais : pris tel quel, à demander au prestataire"
            "the net is not the gross less the fee: taken as it stands, ask the provider"
        /// A payout is not what its lines add up to.
        PayoutDiffers = 354 "payout_is_not_its_lines"
            "le virement n'est pas la somme de ses lignes dans ce fichier : période incomplète, ou à demander"
            "the payout is not what its lines in this file add up to: the period is incomplete, or ask the provider"
        /// A kind that the map does not know.
        KindUnknown = 355 "kind_is_unknown"
            "type de ligne inconnu : pris comme régularisation, sous son nom d'origine"
            "an unknown type of line: taken as an adjustment, under its own name"
        /// The file is not in UTF-8.
        EncodingGuessed = 356 "file_is_not_utf8"
            "le fichier n'est pas en UTF-8 : lu comme Windows-1252"
            "the file is not in UTF-8: read as Windows-1252"
        /// An id of a line that the file gives to two contents.
        IdTwice = 357 "line_id_has_two_contents"
            "le même identifiant de ligne dit deux choses dans ce fichier : les deux sont gardées, à demander au prestataire"
            "one line id says two things in this file: both are kept, ask the provider"
    }
}

/// A rule that a row does not keep, and the label of the column where it does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which rule.
    pub rule: Rule,
    /// The column's label as the file has it; absent where it is about the whole row.
    pub column: Option<Box<str>>,
}

impl Fault {
    pub(crate) const fn of(rule: Rule) -> Self {
        Self { rule, column: None }
    }

    pub(crate) fn at(rule: Rule, column: &str) -> Self {
        Self { rule, column: Some(column.into()) }
    }
}

/// What is worth a look, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What.
    pub kind: WarningKind,
    /// Where: a column's label, or a payout's id.
    pub place: Option<Box<str>>,
}

impl Warning {
    pub(crate) fn at(kind: WarningKind, place: &str) -> Self {
        Self { kind, place: Some(place.into()) }
    }

    pub(crate) const fn of(kind: WarningKind) -> Self {
        Self { kind, place: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_in_order() {
        assert!(Rule::ALL.is_sorted_by(|a, b| a.number() < b.number()));
        assert!(WarningKind::ALL.is_sorted_by(|a, b| a.number() < b.number()));
        assert!(Rule::ALL.last().map(|rule| rule.number()) < WarningKind::ALL.first().map(|kind| kind.number()));
    }
}
