//! Who buys. Nobody of these exists: the surnames were made up, the numbers are of the range that the French regulator
//! keeps for fiction (06 39 98 00 00 to 06 39 98 99 99), the domains are kept for examples (RFC 2606).

use super::chance::Chance;
use super::json::Object;

const FIRST_NAMES: [&str; 24] = [
    "Amélie", "Bastien", "Camille", "Damien", "Élodie", "Fabien", "Gaëlle", "Hugo", "Inès", "Jérôme", "Karine",
    "Lucas", "Maud", "Nadia", "Olivier", "Pauline", "Quentin", "Romane", "Samir", "Thaïs", "Violette", "Wassim",
    "Yann", "Zoé",
];
const SURNAMES: [&str; 24] = [
    "Bréhauvent",
    "Castelnoux",
    "Dourliacq",
    "Estervalle",
    "Fauchemont",
    "Garriveau",
    "Houdemalle",
    "Jolivardin",
    "Kerlazannec",
    "Lautrègue",
    "Marchevent",
    "Noirmalle",
    "Orsivalle",
    "Peyrevigne",
    "Quintavelle",
    "Rochebeuve",
    "Sauvetrelle",
    "Tournemalle",
    "Urvillac",
    "Valmorinet",
    "Ybarsse",
    "Combelongue",
    "Aubremarche",
    "Vernoisel",
];
/// How many numbers there are to give.
const NUMBERS: u64 = 10_000;
/// Has no factor in common with their count: so many customers, so many numbers.
const STRIDE: u64 = 7_919;

/// A customer.
pub(super) struct Customer {
    /// In E.164.
    phone: String,
    /// Name and address, of those who gave them to the provider.
    named: Option<(String, String)>,
}

impl Customer {
    /// The day's n-th customer; `from` shifts the numbers, so that days differ.
    pub(super) fn nth(n: u64, from: u64, chance: &mut Chance) -> Self {
        let (first, surname) = (chance.pick(&FIRST_NAMES), chance.pick(&SURNAMES));
        let domain = chance.pick(&["example.org", "example.com"]);
        let address = format!("{}.{}@{domain}", plain(first), plain(surname));
        let named = chance.percent(70).then(|| (format!("{first} {surname}"), address));
        Self { phone: format!("+3363998{:04}", (from + n * STRIDE) % NUMBERS), named }
    }

    /// What the customer keys on the terminal.
    pub(super) fn number(&self) -> Object {
        Object::new().text("phone", &self.phone)
    }

    /// What the provider knows besides.
    pub(super) fn name(&self) -> Option<Object> {
        let (name, email) = self.named.as_ref()?;
        Some(Object::new().text("email", email).text("name", name))
    }
}

/// A name as it stands in an address.
fn plain(name: &str) -> String {
    let letter = |c: char| match c {
        'é' | 'è' | 'ë' => 'e',
        'ï' => 'i',
        'ô' => 'o',
        other => other,
    };
    name.to_lowercase().chars().map(letter).collect()
}
