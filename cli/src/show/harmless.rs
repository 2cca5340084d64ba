//! Words that a terminal shows and does not obey. What publishers wrote may hold characters that move a cursor, or that
//! turn the order of letters round; none of them is refused at the door, and none reaches a terminal.

/// The text with each such character as a question mark: as many characters as before, so columns stay where they are.
pub(super) fn harmless(text: &str) -> String {
    text.replace(is_obeyed, "?")
}

/// Controls (C0, DEL, C1), ends of lines and paragraphs, and marks of direction.
fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_shown_as_a_question_mark() {
        assert_eq!(harmless("al\x1b[2J\x07ma\rX\u{202e}1\u{85}"), "al?[2J?ma?X?1?");
        assert_eq!(harmless("Zoé 1 234,56 EUR\nforged\u{2028}"), "Zoé 1 234,56 EUR?forged?");
        assert_eq!(harmless("Chez Noé, 12 · été \u{f8ff}"), "Chez Noé, 12 · été \u{f8ff}");
    }
}
