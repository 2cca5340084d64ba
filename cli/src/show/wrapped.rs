//! Long sentences over several lines, so that none is wider than a page.

/// How many characters a line of words has at most.
const COLUMNS: usize = 100;

/// The words of a text, indented; what goes on is indented by two more. A word that is wider than a page is broken.
pub(crate) fn wrapped(text: &str, indent: usize) -> Vec<String> {
    within(text, indent, COLUMNS)
}

/// Rows that tell below the first column of a table what has no column of its own, in so many characters each.
pub(crate) fn beneath(texts: impl IntoIterator<Item = String>, wide: usize, columns: usize) -> Vec<Vec<String>> {
    let lines = texts.into_iter().filter(|text| !text.is_empty()).flat_map(|text| within(&text, 2, wide));
    let row =
        |line| std::iter::once(line).chain(std::iter::repeat_n(String::new(), columns.saturating_sub(1))).collect();
    lines.map(row).collect()
}

/// The same, on a page of so many characters.
fn within(text: &str, indent: usize, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = " ".repeat(indent);
    let mut is_empty = true;
    for word in text.split(' ').flat_map(|word| pieces(word, columns.saturating_sub(indent + 2))) {
        let width = line.chars().count() + usize::from(!is_empty) + word.chars().count();
        if width > columns && !is_empty {
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
    fn what_has_no_column_stands_below_the_first() {
        let rows = beneath(["money in suspense, refund awaited".to_owned(), String::new()], 20, 3);
        let first: Vec<_> = rows.iter().map(|row| row[0].as_str()).collect();
        assert_eq!(first, ["  money in suspense,", "    refund awaited"]);
        assert!(rows.iter().all(|row| row.len() == 3 && row[1..].iter().all(String::is_empty)));
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
