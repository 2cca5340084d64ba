//! Which name was perhaps meant: an unknown key is input and is never repeated, but the schema's own name next to it is.
//! Letters are compared only where the lengths leave a chance: who sends nothing but unknown keys costs no more than who
//! sends events.

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
    let likely = message.fields().iter().filter(|field| field.json.len().abs_diff(wanted.chars().count()) <= SLIPS_MAX);
    let near = likely.map(|field| (slips(&wanted, &plain(field.json)), field.json));
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
    use crate::schema::Schema;

    #[test]
    fn slips_are_counted() {
        for (a, b, distance) in [("", "", 0), ("amount", "amuont", 2), ("amount", "amont", 1), ("abc", "", 3)] {
            assert_eq!((slips(a, b), slips(b, a)), (distance, distance), "{a} {b}");
        }
    }

    /// What is closest when every name is looked at.
    fn nearest_of_all(message: &'static Message, key: &str) -> Option<&'static str> {
        let near = message.fields().iter().map(|field| (slips(key, &field.json.to_lowercase()), field.json)).min();
        near.filter(|(slips, name)| *slips <= SLIPS_MAX && slips * 2 < name.len()).map(|(_, name)| name)
    }

    #[test]
    fn a_name_of_another_length_is_never_the_closest() {
        let event = &Schema::of_talon().event;
        let mut found = 0;
        for name in event.fields().iter().map(|field| field.json.to_lowercase()) {
            for key in
                [name.clone(), format!("{name}z"), format!("zz{name}"), format!("zzz{name}"), name[1..].to_owned()]
            {
                assert_eq!(nearest(event, &key), nearest_of_all(event, &key), "{key}");
                found += usize::from(nearest(event, &key).is_some());
            }
        }
        assert!(found > 3 * event.fields().len(), "{found}");
        assert_eq!(nearest(event, &"z".repeat(KEY_BYTES_MAX)), None);
    }
}
