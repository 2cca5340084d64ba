//! As of when an answer is: what is printed with it, to be typed again for the same answer.

use std::io;

use serde_json::{Value, json};
use talon_domain::anomaly::Language;
use talon_domain::time::Instant;
use talon_journal::Positions;
use talon_replay::{AsOf, vector_text};

use super::{Screen, Tone};
use crate::args::Then;

/// The vector, and what was asked.
pub(crate) fn as_of_json(as_of: &AsOf, positions: &Positions) -> Value {
    json!({
        "positions": vector_text(positions),
        "known_at": as_of.known_at().map(Instant::rfc3339),
        "effective_at": as_of.effective_at.map(|day| day.to_string()),
    })
}

/// The foot of an answer as of then; one of now has none.
pub(crate) fn as_of_foot(then: &Then, positions: &Positions, screen: &mut Screen) -> io::Result<()> {
    if !then.is_asked {
        return Ok(());
    }
    let words = as_of_words(&then.as_of, positions, screen.language);
    screen.pieces(&[(&words, Tone::Quiet)])
}

/// The same beside a paper, which has no room for it.
pub(crate) fn as_of_remark(then: &Then, positions: &Positions, screen: &mut Screen) -> io::Result<()> {
    if !then.is_asked {
        return Ok(());
    }
    let words = as_of_words(&then.as_of, positions, screen.language);
    screen.remark(&words)
}

/// `as of 4:120,22:31, known at 2026-11-24T13:00:00Z, effective at 2026-11-24`.
fn as_of_words(as_of: &AsOf, positions: &Positions, language: Language) -> String {
    let [then, known, effective] = match language {
        Language::French => ["état aux positions", "connu au", "faits jusqu'au"],
        Language::English => ["as of", "known at", "effective at"],
    };
    let mut words = format!("{then} {}", vector_text(positions));
    if let Some(moment) = as_of.known_at() {
        words = format!("{words}, {known} {}", moment.rfc3339());
    }
    if let Some(day) = as_of.effective_at {
        words = format!("{words}, {effective} {day}");
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use talon_domain::time::Day;
    use talon_replay::parse_vector;

    #[test]
    fn what_was_asked_stands_beside_the_vector() {
        let positions = parse_vector("4:120,22:31").expect("a vector");
        let asked = AsOf::at(Instant(1_795_525_200_000_000)).effective_at(Day::of(2026, 11, 24).expect("a day"));
        for (as_of, language, words) in [
            (&asked, Language::English, "as of 4:120,22:31, known at 2026-11-24T13:00:00Z, effective at 2026-11-24"),
            (
                &asked,
                Language::French,
                "état aux positions 4:120,22:31, connu au 2026-11-24T13:00:00Z, faits jusqu'au 2026-11-24",
            ),
            (&AsOf::EVERYTHING, Language::English, "as of 4:120,22:31"),
        ] {
            assert_eq!(as_of_words(as_of, &positions, language), words);
        }
    }
}
