//! The cells of one row, one behind the other in one buffer that is used again.

/// A row's cells.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cells {
    text: String,
    ends: Vec<(usize, bool)>,
}

impl Cells {
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// Puts a cell behind the others; `is_number` where a sheet holds a number and not its text.
    pub(crate) fn push(&mut self, text: &str, is_number: bool) {
        self.text.push_str(text);
        self.ends.push((self.text.len(), is_number));
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// A cell, trimmed, and whether it is a number of a sheet; nothing where there is none.
    pub(crate) fn get(&self, at: usize) -> (&str, bool) {
        let from = at.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |(end, _)| *end);
        let Some((to, is_number)) = self.ends.get(at).copied() else { return ("", false) };
        (self.text.get(from..to).unwrap_or_default().trim(), is_number)
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|at| self.get(at).0)
    }
}
