//! What the law has papers say of a credit: dated data, word by word, each version with its source. A contract keeps the
//! words of its own day, whenever its paper is printed.
//!
//! Sources: article L. 312-5 of the code de la consommation, for the warning in force until 19 November 2026;
//! ordonnance 2025-880 of 3 September 2025, which changes it from 20 November 2026, as secondary sources quote it (the
//! decree is to be checked before that day); article L. 312-19 for the withdrawal; the lender's own legal notice.
//!
//! This module does not decide what is a credit: the payment's state does.

use talon_domain::time::Day;

/// 20 November 2026: the first day of the new law.
pub(crate) const NEW_LAW: Day = Day(20_777);

/// One wording of the legal warning on credit, and since when contracts carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreditWarning {
    /// Names the wording for ever.
    pub version: &'static str,
    /// The first day of contract; `None` is from before all contracts.
    pub since: Option<Day>,
    /// The words of the law.
    pub words: &'static str,
}

impl CreditWarning {
    /// Every wording, oldest first.
    pub const ALL: &'static [Self] = &[
        Self {
            version: "fr-credit-1",
            since: None,
            words: "Un crédit vous engage et doit être remboursé. Vérifiez vos capacités de remboursement avant de vous \
                    engager.",
        },
        Self {
            version: "fr-credit-2",
            since: Some(NEW_LAW),
            words: "Attention ! Un crédit coûte de l'argent et doit être remboursé !",
        },
    ];

    /// The wording of a contract of this day; of an unknown day, the oldest.
    pub fn of(contract: Option<Day>) -> Option<&'static Self> {
        Self::ALL.iter().rev().find(|warning| warning.since.is_none_or(|since| contract >= Some(since)))
    }
}

/// How long a customer may withdraw from a credit: article L. 312-19, fourteen calendar days from the acceptance.
pub(crate) const WITHDRAWAL: &str = "DROIT DE RETRACTATION : 14 JOURS CALENDAIRES A COMPTER DE L'ACCEPTATION";

/// Who lends, by the provider's code; a provider that is not listed prints no identity.
const LENDERS: &[(&str, &str)] = &[("alma", "ALMA, RCS NANTERRE 839 100 575")];

/// The lender's identity.
pub(crate) fn lender(provider: &str) -> Option<&'static str> {
    LENDERS.iter().find(|(code, _)| *code == provider).map(|(_, identity)| *identity)
}

/// Words of the law as tickets print their own words: capitals without accents.
pub(crate) fn capitals(words: &str) -> String {
    let plain = |c: char| match c {
        'À' | 'Â' | 'Ä' => 'A',
        'Ç' => 'C',
        'È' | 'É' | 'Ê' | 'Ë' => 'E',
        'Î' | 'Ï' => 'I',
        'Ô' | 'Ö' => 'O',
        'Ù' | 'Û' | 'Ü' => 'U',
        other => other,
    };
    words.to_uppercase().chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use talon_domain::money::{Amount, Money};
    use talon_domain::plan::{Offer, quote};
    use talon_domain::regime::LegalRegime;
    use talon_domain::time::Instant;

    use super::*;

    #[test]
    fn a_contract_carries_the_words_of_its_day() {
        let version = |day: Option<Day>| CreditWarning::of(day).expect("a wording").version;
        let eve = Day(NEW_LAW.0 - 1);
        assert_eq!((NEW_LAW.to_string(), eve.to_string()), ("2026-11-20".into(), "2026-11-19".into()));
        assert_eq!([None, Some(Day(0)), Some(eve)].map(version), ["fr-credit-1"; 3]);
        assert_eq!([Some(NEW_LAW), Some(Day(u16::MAX))].map(version), ["fr-credit-2"; 2]);
    }

    #[test]
    fn the_words_change_with_the_law_that_the_domain_knows() {
        let plan =
            quote(Money::eur(30_000).expect("small"), Offer::Split(3), Instant(0), Amount::ZERO).expect("quoted");
        let regime = |day| LegalRegime::of(&plan, day);
        assert_eq!(regime(Day(NEW_LAW.0 - 1)), LegalRegime::OutsideConsumerCredit);
        assert_eq!(regime(NEW_LAW), LegalRegime::ConsumerCredit);
    }

    #[test]
    fn wordings_follow_one_another_and_fold_into_plain_capitals() {
        assert!(CreditWarning::ALL.windows(2).all(|pair| pair[0].since < pair[1].since));
        for warning in CreditWarning::ALL {
            let folded = capitals(warning.words);
            assert!(folded.chars().all(|c| c.is_ascii_uppercase() || " .,!'".contains(c)), "{folded}");
        }
        assert!(LENDERS.iter().all(|(code, identity)| code.to_lowercase() == *code && capitals(identity) == *identity));
    }
}
