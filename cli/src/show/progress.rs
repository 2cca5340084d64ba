//! How far long work is: a bar on a terminal, nothing elsewhere.

use indicatif::{ProgressBar, ProgressStyle};

use crate::show::Screen;

/// A bar over so many steps.
pub(crate) struct Bar(Option<ProgressBar>);

impl Bar {
    /// Over records.
    pub(crate) fn records(total: u64, what: &'static str) -> Self {
        Self::new(total, what, "{msg} {bar:30} {human_pos}/{human_len} {per_sec} {eta}")
    }

    /// Over bytes.
    pub(crate) fn bytes(total: u64, what: &'static str) -> Self {
        Self::new(total, what, "{msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}")
    }

    fn new(total: u64, what: &'static str, template: &str) -> Self {
        if !Screen::is_watched() {
            return Self(None);
        }
        let bar = ProgressBar::new(total).with_message(what);
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self(Some(bar))
    }

    /// So many steps are done, of so many.
    pub(crate) fn at(&self, done: u64, total: u64) {
        if let Some(bar) = &self.0 {
            bar.set_length(total.max(done));
            bar.set_position(done);
        }
    }

    /// Nothing is left of it on the screen.
    pub(crate) fn finish(self) {
        if let Some(bar) = self.0 {
            bar.finish_and_clear();
        }
    }
}
