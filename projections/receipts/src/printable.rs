//! Text that every printer knows. Invariants of [`Printable`]:
//! - each character is a letter of ISO-8859-1, ISO-8859-15 and PC858 alike, and takes one cell
//! - it holds no control character, no line break, no two spaces in a row and none at its ends
//!
//! Other letters are written in these ("Œ" as "OE", "€" as "EUR"), marks that stand alone join the letter before them,
//! what cannot be seen (direction marks, joiners) is dropped, and the rest is shown as "?". This module cuts nothing
//! into rows: that is a renderer's.

use std::fmt;

/// A text in letters that every printer knows, one cell each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Printable(String);

impl Printable {
    /// Any text, in letters that can be printed.
    pub fn of(text: &str) -> Self {
        let mut folded = String::with_capacity(text.len());
        let mut space = false;
        for c in text.chars() {
            if c.is_whitespace() {
                space = !folded.is_empty();
            } else if is_mark(c) {
                let base = if space { None } else { folded.pop() };
                folded.extend(base.map(|base| composed(base, c).unwrap_or(base)));
            } else if !is_invisible(c) {
                if std::mem::take(&mut space) {
                    folded.push(' ');
                }
                push_folded(&mut folded, c);
            }
        }
        Self::folded(folded)
    }

    fn folded(text: String) -> Self {
        assert!(text.chars().all(is_shared), "folding leaves only letters that all printers know");
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How many cells it takes at normal width.
    pub fn cells(&self) -> usize {
        self.0.chars().count()
    }

    /// At most so many cells: a longer text ends in "...".
    pub(crate) fn clipped(self, cells_max: usize) -> Self {
        const MARK: &str = "...";
        if self.cells() <= cells_max {
            return self;
        }
        let kept: String = self.0.chars().take(cells_max.saturating_sub(MARK.len())).collect();
        Self(kept.trim_end().to_owned() + MARK)
    }
}

impl fmt::Display for Printable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Printable ASCII, and the upper half of ISO-8859-1 without the soft hyphen and the eight places where ISO-8859-15
/// differs. PC858 has them all, elsewhere in its table.
const fn is_shared(c: char) -> bool {
    match c {
        '¤' | '¦' | '¨' | '´' | '¸' | '¼' | '½' | '¾' | '\u{ad}' => false,
        ' '..='~' | '\u{a1}'..='\u{ff}' => true,
        _ => false,
    }
}

fn push_folded(folded: &mut String, c: char) {
    if is_shared(c) {
        folded.push(c);
    } else if let Some(plain) = full_width(c) {
        folded.push(plain);
    } else {
        folded.push_str(FOLDED.iter().find(|(_, letters)| letters.contains(c)).map_or("?", |(plain, _)| plain));
    }
}

/// The ASCII letter that takes two cells in East Asian type.
fn full_width(c: char) -> Option<char> {
    const OFFSET: u32 = 0xff01 - 0x21;
    matches!(c, '\u{ff01}'..='\u{ff5e}').then(|| u32::from(c).checked_sub(OFFSET).and_then(char::from_u32))?
}

/// Marks that are drawn on the letter before them.
const fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}' | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{3099}'..='\u{309a}' | '\u{fe20}'..='\u{fe2f}')
}

/// Control characters, and what steers text without being seen.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// The letter with the mark on it, where printers have one.
fn composed(base: char, mark: char) -> Option<char> {
    let (_, bases, letters) = COMPOSED.iter().find(|(known, ..)| *known == mark)?;
    bases.chars().zip(letters.chars()).find(|(known, _)| *known == base).map(|(_, letter)| letter)
}

/// A mark, letters, and the same letters with the mark.
const COMPOSED: &[(char, &str, &str)] = &[
    ('\u{300}', "AEIOUaeiou", "ÀÈÌÒÙàèìòù"),
    ('\u{301}', "AEIOUYaeiouy", "ÁÉÍÓÚÝáéíóúý"),
    ('\u{302}', "AEIOUaeiou", "ÂÊÎÔÛâêîôû"),
    ('\u{303}', "ANOano", "ÃÑÕãñõ"),
    ('\u{308}', "AEIOUaeiouy", "ÄËÏÖÜäëïöüÿ"),
    ('\u{30a}', "Aa", "Åå"),
    ('\u{327}', "Cc", "Çç"),
];

/// How letters are written that not every printer has.
const FOLDED: &[(&str, &str)] = &[
    ("'", "‘’‚‛ʼ′´"),
    ("\"", "“”„‟″"),
    ("-", "‐‑‒–—―−⁃"),
    ("...", "…"),
    ("*", "•‣∙"),
    ("<", "‹"),
    (">", "›"),
    ("EUR", "€"),
    ("TM", "™"),
    ("No", "№"),
    ("1/4", "¼"),
    ("1/2", "½"),
    ("3/4", "¾"),
    ("|", "¦"),
    ("OE", "Œ"),
    ("oe", "œ"),
    ("IJ", "Ĳ"),
    ("ij", "ĳ"),
    ("SS", "ẞ"),
    ("fi", "ﬁ"),
    ("fl", "ﬂ"),
    ("A", "ĀĂĄǍ"),
    ("a", "āăąǎ"),
    ("C", "ĆĈĊČ"),
    ("c", "ćĉċč"),
    ("D", "ĎĐ"),
    ("d", "ďđ"),
    ("E", "ĒĔĖĘĚẼ"),
    ("e", "ēĕėęěẽ"),
    ("G", "ĜĞĠĢ"),
    ("g", "ĝğġģ"),
    ("H", "ĤĦ"),
    ("h", "ĥħ"),
    ("I", "ĨĪĬĮİǏ"),
    ("i", "ĩīĭįıǐ"),
    ("J", "Ĵ"),
    ("j", "ĵ"),
    ("K", "Ķ"),
    ("k", "ķĸ"),
    ("L", "ĹĻĽĿŁ"),
    ("l", "ĺļľŀł"),
    ("N", "ŃŅŇ"),
    ("n", "ńņňŉ"),
    ("O", "ŌŎŐǑƠ"),
    ("o", "ōŏőǒơ"),
    ("R", "ŔŖŘ"),
    ("r", "ŕŗř"),
    ("S", "ŚŜŞŠȘ"),
    ("s", "śŝşšșſ"),
    ("T", "ŢŤŦȚ"),
    ("t", "ţťŧț"),
    ("U", "ŨŪŬŮŰŲǓƯ"),
    ("u", "ũūŭůűųǔư"),
    ("W", "Ŵ"),
    ("w", "ŵ"),
    ("Y", "ŶŸ"),
    ("y", "ŷ"),
    ("Z", "ŹŻŽ"),
    ("z", "źżž"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_shops_as_a_printer_can_print_them() {
        for (name, printed) in [
            ("Boulangerie Lefèvre", "Boulangerie Lefèvre"),
            ("  L’Œuf\t&\r\nla “Poule”  ", "L'OEuf & la \"Poule\""),
            ("Cafe\u{301} de l'E\u{302}le\u{300}ve", "Café de l'Êlève"),
            ("Tout à 2 €", "Tout à 2 EUR"),
            ("Łódź Škoda İpek ÿ", "Lódz Skoda Ipek ÿ"),
            ("ＡＢＣ　東京", "ABC ??"),
            ("\u{202e}nioc ud erirapuoc\u{202c}", "nioc ud erirapuoc"),
            ("bi\u{200d}jou\u{feff}x\u{7}\u{1b}[31m", "bijoux[31m"),
            ("Z\u{335}\u{336}\u{337}a\u{489}lgo", "Zalgo"),
            ("mark \u{301}alone", "mark alone"),
            ("soft\u{ad}hyphen\u{a0}kept\u{202f}apart", "softhyphen kept apart"),
            ("\u{301}", ""),
        ] {
            assert_eq!(Printable::of(name).as_str(), printed, "{name:?}");
        }
    }

    #[test]
    fn a_long_text_says_that_it_was_cut() {
        assert_eq!(Printable::of("abcdefgh").clipped(8).as_str(), "abcdefgh");
        assert_eq!(Printable::of("abcde fgh").clipped(8).as_str(), "abcde...");
        assert_eq!(Printable::of("abcd efgh").clipped(8).as_str(), "abcd...");
    }

    #[test]
    fn what_is_folded_is_folded_into_letters_that_printers_have() {
        for (plain, letters) in FOLDED {
            assert!(plain.chars().all(|c| c.is_ascii_graphic()), "{plain}");
            assert!(letters.chars().all(|c| !is_shared(c)), "{letters}");
        }
        for (_, bases, letters) in COMPOSED {
            assert_eq!(bases.chars().count(), letters.chars().count(), "{letters}");
            assert!(letters.chars().all(is_shared), "{letters}");
        }
    }
}
