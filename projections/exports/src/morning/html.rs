//! Writing HTML: tags that are closed, texts that are escaped. Nothing that was ever stored becomes markup.

/// A page that is being written.
#[derive(Debug, Default)]
pub(super) struct Html {
    out: String,
}

/// Attributes: names and values.
pub(super) type With<'a> = &'a [(&'static str, &'a str)];

impl Html {
    /// Markup of the program's own.
    pub(super) fn raw(&mut self, markup: &str) {
        self.out.push_str(markup);
    }

    /// Words.
    pub(super) fn text(&mut self, words: &str) {
        escape(words, &mut self.out);
    }

    /// A tag around what is written within.
    pub(super) fn within(&mut self, tag: &str, with: With<'_>, inner: impl FnOnce(&mut Self)) {
        self.open(tag, with);
        inner(self);
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push('>');
    }

    /// A tag around words.
    pub(super) fn words(&mut self, tag: &str, with: With<'_>, words: &str) {
        self.within(tag, with, |html| html.text(words));
    }

    /// A tag that holds nothing.
    pub(super) fn empty(&mut self, tag: &str, with: With<'_>) {
        self.open(tag, with);
    }

    /// What was written.
    pub(super) fn end(self) -> String {
        self.out
    }

    fn open(&mut self, tag: &str, with: With<'_>) {
        self.out.push('<');
        self.out.push_str(tag);
        for (name, value) in with {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            escape(value, &mut self.out);
            self.out.push('"');
        }
        self.out.push('>');
    }
}

/// What a browser would obey is written as what it is; control characters, which HTML cannot hold, as blanks.
fn escape(words: &str, out: &mut String) {
    for character in words.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() && c != '\n' => out.push(' '),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_stored_never_becomes_markup() {
        let mut html = Html::default();
        html.words("td", &[("title", "\"><script>")], "<b>&\u{7}'");
        assert_eq!(html.end(), "<td title=\"&quot;&gt;&lt;script&gt;\">&lt;b&gt;&amp; &#39;</td>");
    }
}
