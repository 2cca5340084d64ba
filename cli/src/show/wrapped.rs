//! Long sentences over several lines, so that none is wider than a page.

/// How many characters a line of words has at most.
const COLUMNS: usize = 100;

/// The words of a text, indented; what goes on is indented by two more. A word that is wider than a page is broken.
pub(crate) fn wrapped(text: &str, indent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = " ".repeat(indent);
    let mut is_empty = true;
    for word in text.split(' ').flat_map(|word| pieces(word, COLUMNS.saturating_sub(indent + 2))) {
        let width = line.chars().count() + usize::from(!is_empty) + word.chars().count();
        if width > COLUMNS && !is_empty {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent + 2)));
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(&word);
        is_empty = false;
    }
    lines.push(line);
    lines
}

/// A word, in parts that fit.
fn pieces(word: &str, most: usize) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    if letters.len() <= most {
        return vec![word.to_owned()];
    }
    letters.chunks(most.max(1)).map(|part| part.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_a_page() {
        let text = "échéance ".repeat(40);
        let lines = wrapped(text.trim(), 6);
        assert_eq!(lines.iter().map(|line| line.chars().count()).max(), Some(97));
        assert!(lines.iter().skip(1).all(|line| line.starts_with("        é")) && lines[0].starts_with("      é"));
        let words: Vec<_> = lines.iter().flat_map(|line| line.split_whitespace()).collect();
        assert_eq!(words.join(" "), text.trim());
    }

    #[test]
    fn a_word_that_is_wider_than_a_page_is_broken() {
        let long = "é".repeat(230);
        let lines = wrapped(&format!("a {long} b"), 2);
        assert!(lines.iter().all(|line| line.chars().count() <= COLUMNS), "{lines:?}");
        assert_eq!(lines.concat().matches('é').count(), 230);
        assert_eq!(wrapped("", 2), ["  "]);
    }
}
