//! Items in words: what is the matter, and what to do first. French words are those of the shop's and the clerk's trade.

use talon_domain::anomaly::Language;
use talon_domain::money::Currency;
use talon_domain::time::Instant;

use super::item::{About, Item, Kind, Near, Owner};
use crate::settlement::OwedLine;
use crate::terminals::{Hole, Statement, Teller};

impl Kind {
    /// For people, as the name of a group.
    pub const fn words(self, language: Language) -> &'static str {
        match language {
            Language::French => self.in_french(),
            Language::English => self.in_english(),
        }
    }

    const fn in_french(self) -> &'static str {
        match self {
            Self::Amount => "Montant différent chez le prestataire",
            Self::Fee => "Frais différents du barème",
            Self::Unexpected => "Écriture inconnue du registre",
            Self::Ambiguous => "Un identifiant, plusieurs paiements",
            Self::Returned => "Virement revenu",
            Self::Payout => "Virement différent de ses lignes",
            Self::Missing => "Règlement manquant",
            Self::Late => "Règlement en retard",
            Self::Totals => "Fin de journée différente du registre",
            Self::Hole => "Événements perdus",
            Self::Silent => "Terminal muet",
            Self::Unknown => "Terminal inconnu du référentiel",
            Self::Open => "Paiement non terminé",
            Self::Contradiction => "Faits contradictoires",
        }
    }

    const fn in_english(self) -> &'static str {
        match self {
            Self::Amount => "The provider booked another amount",
            Self::Fee => "The fee is not the agreed one",
            Self::Unexpected => "Booked, and not in the ledger",
            Self::Ambiguous => "One id, several payments",
            Self::Returned => "A payout came back",
            Self::Payout => "A payout is not what its lines come to",
            Self::Missing => "Settlement is missing",
            Self::Late => "Settlement is late",
            Self::Totals => "End of day differs from the ledger",
            Self::Hole => "Events are lost",
            Self::Silent => "A terminal is silent",
            Self::Unknown => "A terminal is not in the registry",
            Self::Open => "A payment is not finished",
            Self::Contradiction => "Facts contradict each other",
        }
    }

    /// What to do first.
    pub const fn advice(self, language: Language) -> &'static str {
        match language {
            Language::French => self.advice_in_french(),
            Language::English => self.advice_in_english(),
        }
    }

    const fn advice_in_french(self) -> &'static str {
        match self {
            Self::Amount => "Comparer au ticket de la boutique, puis réclamer la différence au prestataire.",
            Self::Fee => "Vérifier le barème en vigueur ce jour-là, puis réclamer l'écart au prestataire.",
            Self::Unexpected => "Demander à la boutique si elle connaît cette opération, sinon au prestataire.",
            Self::Ambiguous => {
                "Ouvrir l'histoire de chaque paiement : un seul a pu être encaissé sous cet identifiant."
            }
            Self::Returned => "Vérifier l'IBAN déclaré au prestataire et demander un nouveau virement.",
            Self::Payout => "Demander au prestataire le détail de ce virement.",
            Self::Missing => "Réclamer le règlement au prestataire, identifiant à l'appui.",
            Self::Late => "Vérifier le fichier du jour ; s'il est complet, relancer le prestataire.",
            Self::Totals => {
                "Regarder les paiements proposés, puis demander à la boutique son ticket de fin de journée."
            }
            Self::Hole => "Demander à la passerelle de renvoyer ces numéros.",
            Self::Silent => "Appeler la boutique : le terminal est-il allumé et relié ?",
            Self::Unknown => "Enregistrer le terminal (talon terminal add), ou le retirer de la boutique.",
            Self::Open => "Ouvrir l'histoire du paiement et demander son issue au prestataire.",
            Self::Contradiction => "Ouvrir l'histoire : deux sources ne disent pas la même chose.",
        }
    }

    const fn advice_in_english(self) -> &'static str {
        match self {
            Self::Amount => "Compare with the shop's ticket, then claim the difference from the provider.",
            Self::Fee => "Check the fee plan of that day, then claim the difference from the provider.",
            Self::Unexpected => "Ask the shop whether it knows of this, else the provider.",
            Self::Ambiguous => "Open each payment's history: only one can have been taken under this id.",
            Self::Returned => "Check the IBAN that the provider has, and ask for another transfer.",
            Self::Payout => "Ask the provider what this payout pays.",
            Self::Missing => "Claim it from the provider, with the id.",
            Self::Late => "Check that the day's file is whole; if it is, remind the provider.",
            Self::Totals => "Look at the payments that are named, then ask the shop for its end-of-day ticket.",
            Self::Hole => "Ask the gateway to send these numbers again.",
            Self::Silent => "Call the shop: is the terminal switched on and connected?",
            Self::Unknown => "Register the terminal (talon terminal add), or take it out of the shop.",
            Self::Open => "Open the payment's history, and ask the provider how it ended.",
            Self::Contradiction => "Open the history: two sources do not say the same.",
        }
    }
}

impl Owner {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Provider, Self::Shop, Self::Gateway, Self::Registry, Self::Team];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Shop => "shop",
            Self::Gateway => "gateway",
            Self::Registry => "registry",
            Self::Team => "team",
        }
    }

    /// For people.
    pub const fn words(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Provider, Language::French) => "prestataire",
            (Self::Shop, Language::French) => "boutique",
            (Self::Gateway, Language::French) => "passerelle",
            (Self::Registry, Language::French) => "référentiel",
            (Self::Team, Language::French) => "équipe",
            (other, Language::English) => other.name(),
        }
    }
}

/// How an item is told.
#[derive(Clone, Copy)]
struct Wording {
    language: Language,
}

impl Item {
    /// What is the matter, in a sentence: amounts with their currency, ids as the provider has them.
    pub fn says(&self, at: Instant, language: Language) -> String {
        let teller = Wording { language };
        match &self.about {
            About::Owed(line, near) => teller.owed(self.kind, line, near),
            About::Payout(payout, waiting) => teller.payout(self, &payout.payout_id, *waiting),
            About::Totals(statement) => teller.totals(statement),
            About::Hole(epoch, hole) => teller.hole(epoch.0, *hole),
            About::Terminal(cause, items) => {
                let payments = teller.count(items.len(), ["paiement", "paiements"], ["payment", "payments"]);
                format!("{}, {payments}", cause.words(language, at))
            }
            About::Open(open) => {
                let reasons = open.reasons.iter().map(|reason| reason.reason.words(language));
                let twins = open.twins.len();
                let twins = (twins > 0).then(|| {
                    teller.count(
                        twins,
                        ["double possible", "doubles possibles"],
                        ["possible double", "possible doubles"],
                    )
                });
                reasons.map(str::to_owned).chain(twins).collect::<Vec<_>>().join(", ")
            }
            About::Contradiction(line) => {
                let sentence = line.code.sentence(language).trim_end_matches('.');
                format!("{sentence} ({})", line.slot)
            }
        }
    }
}

impl Wording {
    const fn pick(self, french: &'static str, english: &'static str) -> &'static str {
        match self.language {
            Language::French => french,
            Language::English => english,
        }
    }

    fn count(self, count: usize, [fr_one, fr_more]: [&str; 2], [en_one, en_more]: [&str; 2]) -> String {
        let words = match self.language {
            Language::French if count < 2 => fr_one,
            Language::French => fr_more,
            Language::English if count == 1 => en_one,
            Language::English => en_more,
        };
        format!("{count} {words}")
    }

    fn money(self, currency: Currency, amount: i128) -> String {
        let sign = if amount < 0 { "-" } else { "" };
        format!("{sign}{}", currency.words(amount.unsigned_abs(), self.language))
    }

    fn owed(self, kind: Kind, line: &OwedLine, near: &[Near]) -> String {
        let money = |amount| self.money(line.currency, amount);
        let part = |french, english, amount: Option<i128>| {
            amount.map(|amount| format!("{} {}", self.pick(french, english), money(amount)))
        };
        let (expected, booked) = (line.expected.unwrap_or_default(), line.booked.unwrap_or_default());
        let what = line.what.words(self.language).to_owned();
        let told = match kind {
            Kind::Amount => [part("attendu", "expected", expected.gross), part("comptabilisé", "booked", booked.gross)],
            Kind::Fee => [part("frais convenus", "agreed fee", expected.fee), part("retenus", "kept", booked.fee)],
            Kind::Unexpected => [
                part("comptabilisé", "booked", booked.gross),
                line.surprise.map(|surprise| surprise.words(self.language).to_owned()),
            ],
            _ => [part("attendu", "expected", expected.gross), part("net", "net", expected.net)],
        };
        let waived =
            (line.waived != 0).then(|| format!("{} {}", self.pick("rendus", "given back"), money(line.waived)));
        let near = near.first().map(|near| self.near(near, line.currency));
        [what].into_iter().chain(told.into_iter().flatten()).chain(waived).chain(near).collect::<Vec<_>>().join(", ")
    }

    /// The one that comes nearest, and each gap.
    fn near(self, near: &Near, currency: Currency) -> String {
        let id = near.id.as_deref().unwrap_or("-");
        let mut gaps = Vec::new();
        if near.gross_gap != 0 {
            gaps.push(format!("{} {}", self.pick("écart", "off by"), self.money(currency, near.gross_gap)));
        }
        if near.days_gap != 0 {
            gaps.push(format!("{:+} {}", near.days_gap, self.pick("j", "d")));
        }
        if near.is_other_provider {
            gaps.push(self.pick("autre prestataire", "another provider").to_owned());
        }
        let gaps = if gaps.is_empty() {
            self.pick("autre identifiant seul", "another id alone").to_owned()
        } else {
            gaps.join(", ")
        };
        format!("{} {id} ({gaps})", self.pick("au plus près :", "nearest:"))
    }

    fn payout(self, item: &Item, id: &str, waiting: usize) -> String {
        let lines = self.count(waiting, ["ligne", "lignes"], ["line", "lines"]);
        let amount = item.amount.map(|(currency, amount)| currency.words(amount, self.language)).unwrap_or_default();
        match item.kind {
            Kind::Returned => format!("{id}, {amount}, {lines}"),
            _ => format!("{id}, {} {amount}, {lines}", self.pick("écart", "off by")),
        }
    }

    fn totals(self, statement: &Statement) -> String {
        let total = &statement.total;
        let teller = match &statement.teller {
            Teller::Terminal(terminal) => format!("{} {terminal}", self.pick("terminal", "terminal")),
            Teller::Till(_, till) => format!("{} {till}", self.pick("caisse", "till")),
        };
        let counted = total.counted.unwrap_or_default();
        let said = format!("{} {} / {}", teller, total.stated.count, self.money(total.currency, total.stated.net));
        let ledger = format!(
            "{} {} / {}",
            self.pick("registre", "ledger"),
            counted.count,
            self.money(total.currency, counted.net)
        );
        let suspect = statement.suspects.first().map(|suspect| {
            let why = suspect.why.first().map(|why| why.words(self.language)).unwrap_or_default();
            format!("{} {} ({why})", self.pick("à regarder :", "look at"), suspect.key.stream)
        });
        [said, ledger].into_iter().chain(suspect).collect::<Vec<_>>().join(", ")
    }

    fn hole(self, epoch: u16, hole: Hole) -> String {
        let numbers =
            if hole.first == hole.last { hole.first.to_string() } else { format!("{}-{}", hole.first, hole.last) };
        let device = if epoch > 1 { format!(" e{epoch}") } else { String::new() };
        format!("{} {numbers}{device}", self.pick("numéros manquants", "numbers missing"))
    }
}
