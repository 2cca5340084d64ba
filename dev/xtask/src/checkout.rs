//! The checkout under judgement: its root, and the files that git would carry to somebody else.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::call::Call;

/// A working tree of this repository.
pub(crate) struct Checkout {
    root: PathBuf,
}

/// A text file of the checkout.
#[derive(Debug)]
pub(crate) struct TextFile {
    /// Relative to the root, with forward slashes.
    pub(crate) path: String,
    /// Its content.
    pub(crate) text: String,
}

/// Whether a path ends like this; paths are compared as git spells them.
pub(crate) fn ends(path: &str, ending: &str) -> bool {
    path.ends_with(ending)
}

impl Checkout {
    /// The checkout that `cargo xtask` was started in.
    pub(crate) fn here() -> Result<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").context("start it as `cargo xtask`")?;
        let root = Path::new(&manifest).ancestors().nth(2).context("xtask lies two folders below the root")?;
        Ok(Self { root: root.to_owned() })
    }

    /// The folder of the workspace's `Cargo.toml`.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Paths of all files that are tracked, or new and not ignored, and still there; sorted.
    pub(crate) fn paths(&self) -> Result<Vec<String>> {
        let listing = Call::new("git ls-files -z --cached --others --exclude-standard").read(&self.root)?;
        let mut paths: Vec<String> =
            listing.split_terminator('\0').filter(|path| self.root.join(path).is_file()).map(str::to_owned).collect();
        paths.sort_unstable();
        paths.dedup();
        Ok(paths)
    }

    /// The files among `paths` with one of these endings, read. Whatever is not UTF-8 is an error.
    pub(crate) fn texts(&self, paths: &[String], endings: &[&str]) -> Result<Vec<TextFile>> {
        let wanted = paths.iter().filter(|path| endings.iter().any(|ending| ends(path, ending)));
        wanted.map(|path| self.text(path)).collect()
    }

    fn text(&self, path: &str) -> Result<TextFile> {
        let text = fs::read_to_string(self.root.join(path)).with_context(|| format!("{path} cannot be read"))?;
        Ok(TextFile { path: path.to_owned(), text })
    }
}
