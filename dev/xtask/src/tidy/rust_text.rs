//! Rust source as the rules read it: the text, and the same text with comments and literals blanked, so that a brace or
//! a word counts only where the compiler would see it. A lexer of a few token kinds, not a parser.
//!
//! Invariants:
//! - `code` has the length and the line breaks of `text`: an offset or a line means the same place in both
//! - what the compiler accepts has balanced braces in `code`

use std::ops::RangeInclusive;

use crate::checkout::TextFile;

/// A Rust file, prepared.
pub(super) struct RustText {
    pub(super) path: String,
    pub(super) text: String,
    /// `text` with comments, strings and character literals blanked.
    pub(super) code: String,
    /// Lines, from 1, of what is compiled for tests only.
    tests: Vec<RangeInclusive<usize>>,
}

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) lines: RangeInclusive<usize>,
}

impl Function {
    /// Lines from `fn` to the closing brace.
    pub(super) fn line_count(&self) -> usize {
        self.lines.end() - self.lines.start() + 1
    }
}

impl RustText {
    pub(super) fn new(TextFile { path, text }: TextFile) -> Self {
        let code = blank(&text);
        assert_eq!(code.len(), text.len(), "blanking keeps offsets");
        let tests = test_lines(&path, &code);
        Self { path, text, code, tests }
    }

    /// Whether this line is compiled for tests only.
    pub(super) fn is_test(&self, line: usize) -> bool {
        self.tests.iter().any(|lines| lines.contains(&line))
    }

    /// Lines that ship.
    pub(super) fn shipped_line_count(&self) -> usize {
        (1..=self.text.lines().count()).filter(|line| !self.is_test(*line)).count()
    }

    /// Lines of code that ship, comments and literals blanked, with their numbers.
    pub(super) fn shipped_code(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.code.lines()).filter(|(line, _)| !self.is_test(*line))
    }

    /// Functions with a body, in order; a nested one after the one around it.
    pub(super) fn functions(&self) -> Vec<Function> {
        words(&self.code, "fn").filter_map(|at| function(&self.code, at)).collect()
    }
}

/// Offsets at which `word` stands as a whole word.
pub(super) fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let joined = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let before = code.get(..*at).and_then(|text| text.chars().next_back());
        let after = code.get(at + word.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(joined) && !after.is_some_and(joined)
    })
}

fn function(code: &str, at: usize) -> Option<Function> {
    let after = code.get(at + 2..)?.trim_start();
    let name: String = after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let end = item_end(code, at).filter(|end| code.get(*end..=*end) == Some("}"))?;
    (!name.is_empty()).then(|| Function { name, lines: line_of(code, at)..=line_of(code, end) })
}

/// Where the item that begins at `at` ends: at its `;`, or at the brace that closes its first block.
fn item_end(code: &str, at: usize) -> Option<usize> {
    let (mut round, mut curly) = (0_usize, 0_usize);
    for (offset, byte) in code.bytes().enumerate().skip(at) {
        match byte {
            b'(' | b'[' => round += 1,
            b')' | b']' => round = round.saturating_sub(1),
            b'{' => curly += 1,
            b'}' if curly <= 1 => return Some(offset),
            b'}' => curly -= 1,
            b';' if round == 0 && curly == 0 => return Some(offset),
            _ => {}
        }
    }
    None
}

fn test_lines(path: &str, code: &str) -> Vec<RangeInclusive<usize>> {
    let whole_file = path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("/tests.rs");
    if whole_file {
        return vec![1..=usize::MAX];
    }
    let marks = code.match_indices("#[cfg(test)]").map(|(at, mark)| (at, at + mark.len()));
    marks.filter_map(|(at, after)| Some(line_of(code, at)..=line_of(code, item_end(code, after)?))).collect()
}

fn line_of(code: &str, offset: usize) -> usize {
    1 + code.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

/// Replaces comments and literals by spaces, byte for byte, and keeps line breaks.
fn blank(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let literal = literal_len(rest, code.chars().next_back());
        let (token, after) = rest.split_at_checked(literal.unwrap_or(first.len_utf8())).unwrap_or((rest, ""));
        if literal.is_some() {
            code.extend(token.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        } else {
            code.push_str(token);
        }
        rest = after;
    }
    code
}

/// The length of the comment or literal that `rest` begins with.
fn literal_len(rest: &str, before: Option<char>) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(block_comment_len(rest));
    }
    let in_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let raw = if in_word { None } else { raw_string_len(rest) };
    raw.or_else(|| rest.strip_prefix('"').map(|inner| 1 + quoted_len(inner, '"'))).or_else(|| character_len(rest))
}

fn block_comment_len(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(tail) = rest.get(at..).filter(|tail| !tail.is_empty()) {
        let step = if tail.starts_with("/*") {
            depth += 1;
            2
        } else if tail.starts_with("*/") {
            depth = depth.saturating_sub(1);
            2
        } else {
            tail.chars().next().map_or(1, char::len_utf8)
        };
        at += step;
        if depth == 0 {
            break;
        }
    }
    at
}

fn raw_string_len(rest: &str) -> Option<usize> {
    let prefix = ["br", "cr", "r"].into_iter().find(|prefix| rest.starts_with(prefix))?;
    let tail = rest.get(prefix.len()..)?;
    let hashes = tail.bytes().take_while(|byte| *byte == b'#').count();
    let inner = tail.get(hashes..)?.strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let body = inner.find(&close).map_or(inner.len(), |at| at + close.len());
    Some(prefix.len() + hashes + 1 + body)
}

/// The length of `inner` up to and including the quote that closes it.
fn quoted_len(inner: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in inner.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    inner.len()
}

/// A character literal, but not a lifetime or a label.
fn character_len(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    let first = inner.chars().next()?;
    let closed = inner.get(first.len_utf8()..)?.starts_with('\'');
    (first == '\\' || closed).then(|| 1 + quoted_len(inner, '\''))
}

#[cfg(test)]
impl RustText {
    /// A file from its lines, for tests.
    pub(super) fn of(path: &str, text: &str) -> Self {
        Self::new(TextFile { path: path.to_owned(), text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked_and_code_stays() {
        for (text, code) in [
            ("a // b {\nc", "a c"),
            ("a /* { /* } */ } */ b", "a b"),
            (r#"f("}\"{") g"#, "f( ) g"),
            ("r#\"a\"{\"# b", "b"),
            ("b'{' '\\'' '{' 'é' x", "b x"),
            ("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}"),
            ("r#fn + \"x\"", "r#fn +"),
            ("'outer: loop {}", "'outer: loop {}"),
            ("\"open", ""),
        ] {
            let blanked = blank(text);
            assert_eq!(blanked.split_whitespace().collect::<Vec<_>>().join(" "), code, "{text}");
            assert_eq!(blanked.len(), text.len(), "{text}");
        }
    }

    #[test]
    fn functions_are_measured_from_fn_to_their_brace() {
        let file = RustText::of(
            "a.rs",
            "fn one() {}\ntrait T {\n    fn none(&self);\n    fn two(a: [u8; 4]) {\n        \"}\";\n    }\n}\ntype F = fn(u8);\n",
        );
        let found: Vec<_> = file.functions().iter().map(|f| (f.name.clone(), f.line_count())).collect();
        assert_eq!(found, [("one".to_owned(), 1), ("two".to_owned(), 3)]);
    }

    #[test]
    fn tests_do_not_ship() {
        let file = RustText::of(
            "a.rs",
            "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n#[cfg(test)]\nmod more;\n",
        );
        assert_eq!(file.shipped_line_count(), 2);
        assert_eq!(file.shipped_code().map(|(line, _)| line).collect::<Vec<_>>(), [1, 6]);
        assert_eq!(RustText::of("domain/tests/it.rs", "fn a() {}\n").shipped_line_count(), 0);
        assert_eq!(RustText::of("domain/src/fold/tests.rs", "fn a() {}\n").shipped_line_count(), 0);
    }

    #[test]
    fn words_stand_alone() {
        assert_eq!(words("f64 af64 f64_ (f64)", "f64").collect::<Vec<_>>(), [0, 15]);
    }
}
