//! The header of a table: which column says what. Invariant: labels are compared without regard to case, accents, spaces
//! and the form of apostrophes; where a column stands means nothing.

use std::collections::BTreeSet;

use crate::cells::Cells;
use crate::map::{Columns, Field, Map};

/// Rows in which a header is looked for: some programs put a title above it.
pub(crate) const ROWS_ABOVE_MAX: usize = 20;

/// Where the columns of one set stand.
#[derive(Clone, Debug)]
pub(crate) struct Places([Option<usize>; Field::COUNT]);

impl Places {
    fn of(columns: &Columns, labels: &[String]) -> Self {
        let mut places = [None; Field::COUNT];
        for field in columns.fields() {
            let mut wanted = columns.labels(field).map(plain);
            let found = wanted.find_map(|wanted| labels.iter().position(|label| *label == wanted));
            if let Some(place) = places.get_mut(field as usize) {
                *place = found;
            }
        }
        Self(places)
    }

    pub(crate) fn at(&self, field: Field) -> Option<usize> {
        self.0.get(field as usize).copied().flatten()
    }

    fn has_one_of(&self, fields: &[Field]) -> bool {
        fields.iter().any(|field| self.at(*field).is_some())
    }
}

/// A header that is the map's.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub(crate) width: usize,
    /// Labels as the file has them.
    pub(crate) labels: Vec<String>,
    pub(crate) shared: Places,
    /// Of each part of the map.
    pub(crate) parts: Vec<Places>,
}

/// Columns that a file has to have and has not.
pub(crate) type Missing = Vec<String>;

impl Header {
    /// Reads a row as the header of a map; what is missing if it is none.
    pub(crate) fn read(cells: &Cells, map: &Map) -> Result<Self, Missing> {
        let labels: Vec<_> = cells.iter().map(plain).collect();
        let shared = Places::of(&map.columns, &labels);
        let parts: Vec<_> = map.parts.iter().map(|part| Places::of(&part.columns, &labels)).collect();
        let mut missing: Missing = Vec::new();
        let mut miss = |columns: &Columns, fields: &[Field]| {
            let names = fields.iter().filter_map(|field| columns.labels(*field).next());
            missing.push(names.collect::<Vec<_>>().join(" | "));
        };
        let absent = map.required.iter().filter(|field| shared.at(**field).is_none());
        absent.for_each(|field| miss(&map.columns, &[*field]));
        if !shared.has_one_of(&Field::TIMES) && !map.required.iter().any(|field| Field::TIMES.contains(field)) {
            miss(&map.columns, &Field::TIMES);
        }
        if map.parts.is_empty() && !shared.has_one_of(&Field::AMOUNTS) && !map.required.contains(&Field::Amount) {
            miss(&map.columns, &Field::AMOUNTS);
        }
        let lacking = map.parts.iter().zip(&parts).filter(|(_, places)| !places.has_one_of(&Field::AMOUNTS));
        lacking.for_each(|(part, _)| miss(&part.columns, &Field::AMOUNTS));
        if !missing.is_empty() {
            return Err(missing);
        }
        Ok(Self { width: cells.len(), labels: cells.iter().map(str::to_owned).collect(), shared, parts })
    }

    /// Labels that the map does not name.
    pub(crate) fn strangers(&self, map: &Map) -> Vec<&str> {
        let sets = std::iter::once(&map.columns).chain(map.parts.iter().map(|part| &part.columns));
        let mut known: BTreeSet<_> =
            sets.flat_map(|columns| columns.fields().flat_map(|field| columns.labels(field))).map(plain).collect();
        known.extend(map.personal.iter().chain(&map.aside).map(|label| plain(label)));
        let is_strange = |label: &&String| !label.trim().is_empty() && !known.contains(&plain(label));
        self.labels.iter().filter(is_strange).map(String::as_str).collect()
    }

    /// The label of a column, for whoever has to look there.
    pub(crate) fn label(&self, at: Option<usize>) -> &str {
        at.and_then(|at| self.labels.get(at)).map_or("", String::as_str)
    }
}

/// A label as labels are compared.
fn plain(label: &str) -> String {
    let letters = label.trim().trim_start_matches('\u{feff}').chars().flat_map(char::to_lowercase);
    let mut plain = String::with_capacity(label.len());
    for letter in letters {
        match letter {
            'à' | 'â' | 'ä' => plain.push('a'),
            'é' | 'è' | 'ê' | 'ë' => plain.push('e'),
            'î' | 'ï' => plain.push('i'),
            'ô' | 'ö' => plain.push('o'),
            'ù' | 'û' | 'ü' => plain.push('u'),
            'ç' => plain.push('c'),
            '\u{2019}' => plain.push('\''),
            space if space.is_whitespace() || space == '_' => {
                if !plain.ends_with(' ') {
                    plain.push(' ');
                }
            }
            // An accent that stands for itself behind its letter.
            '\u{300}'..='\u{36f}' => {}
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_compared_as_people_read_them() {
        for label in [
            "Créée (Heure Europe/Paris)",
            "CREEE  (heure europe/paris) ",
            "\u{feff}Cre\u{301}e\u{301}e\u{a0}(Heure Europe/Paris)",
        ] {
            assert_eq!(plain(label), "creee (heure europe/paris)", "{label}");
        }
        assert_eq!(plain("Nombre d\u{2019}échéances"), plain("Nombre d'échéances"));
    }
}
