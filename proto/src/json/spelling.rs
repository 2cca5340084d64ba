//! Which name was perhaps meant: an unknown key is input and is never repeated, but the schema's own name next to it is.

use crate::schema::Message;

/// How many letters may be wrong.
const SLIPS_MAX: usize = 2;
/// Longer keys are no misspelt name of ours.
const KEY_BYTES_MAX: usize = 64;

/// The field of a message whose name is closest to a key, if one is close.
pub(super) fn nearest(message: &'static Message, key: &str) -> Option<&'static str> {
    if key.len() > KEY_BYTES_MAX {
        return None;
    }
    let plain = |name: &str| name.replace('_', "").to_lowercase();
    let wanted = plain(key);
    let near = message.fields().iter().map(|field| (slips(&wanted, &plain(field.json)), field.json));
    near.min().filter(|(slips, name)| *slips <= SLIPS_MAX && slips * 2 < name.len()).map(|(_, name)| name)
}

/// Levenshtein's distance.
fn slips(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, left) in a.chars().enumerate() {
        let (mut diagonal, mut before) = (i, i + 1);
        for (cell, right) in row.iter_mut().skip(1).zip(b.chars()) {
            let above = *cell;
            *cell = (diagonal + usize::from(left != right)).min(above + 1).min(before + 1);
            (diagonal, before) = (above, *cell);
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_counted() {
        for (a, b, distance) in [("", "", 0), ("amount", "amuont", 2), ("amount", "amont", 1), ("abc", "", 3)] {
            assert_eq!((slips(a, b), slips(b, a)), (distance, distance), "{a} {b}");
        }
    }
}
