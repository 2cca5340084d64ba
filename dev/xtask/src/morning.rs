//! The demo's morning, opened with programs that we did not write: its page in Chromium, held against the rules of
//! accessibility in both languages; its workbook with openpyxl and `LibreOffice`.
//!
//! This module does not know what a page should say: tests of `cli` do.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use crate::call::Call;
use crate::checkout::Checkout;
use crate::setup::{self, BROWSER};

/// Where the demo is played.
const PLAYED: &str = ".tools/morning";

/// Plays the demo and opens what its morning leaves.
pub(crate) fn check(checkout: &Checkout) -> Result<()> {
    setup::browser(checkout)?;
    let played = checkout.root().join(PLAYED);
    if played.exists() {
        fs::remove_dir_all(&played).with_context(|| format!("{PLAYED} cannot be removed"))?;
    }
    // What they print is for people who look.
    let talon = |words: &str| Call::cargo(&format!("run --quiet --locked -- {words}"));
    talon(&format!("demo --dir {PLAYED}")).with("TALON_LANG", "fr").read(checkout.root())?;
    talon(&format!("--ledger {PLAYED}/ledger --lang en morning --out {PLAYED}/english")).read(checkout.root())?;
    let pages = [written(checkout, "morning", "html")?, written(checkout, "english", "html")?];
    let book = written(checkout, "morning", "xlsx")?;
    let calls = [
        Call::new(&format!("node {BROWSER}/check.mjs {}", pages.join(" "))),
        setup::python(&format!("dev/browser/workbook.py {book}")),
    ];
    calls.iter().try_for_each(|call| {
        println!("   {call}");
        call.run(checkout.root())
    })
}

/// The file of a kind that a morning left in a folder.
fn written(checkout: &Checkout, folder: &str, kind: &str) -> Result<String> {
    let folder = PathBuf::from(PLAYED).join(folder);
    let entries = fs::read_dir(checkout.root().join(&folder)).context("the demo left no morning")?;
    for entry in entries {
        let name = entry.context("a folder cannot be read")?.file_name();
        if name.to_string_lossy().ends_with(&format!(".{kind}")) {
            return Ok(folder.join(name).to_string_lossy().into_owned());
        }
    }
    bail!("{} has no {kind}", folder.display())
}
