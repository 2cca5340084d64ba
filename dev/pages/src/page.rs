//! A page with made parts: each stands between a mark that names it and an end.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

const BEGIN: &str = "<!-- made: ";
const END: &str = "<!-- end -->";

/// Puts made parts in place of what stands between their marks. Every mark has a part, and every part a mark.
pub(crate) fn remake(path: &Path, parts: &BTreeMap<&str, String>) -> Result<()> {
    let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let made = with_parts(&text, parts).with_context(|| path.display().to_string())?;
    if made != text {
        fs::write(path, made).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}

fn with_parts(text: &str, parts: &BTreeMap<&str, String>) -> Result<String> {
    let mut sections = text.split(BEGIN);
    let mut made = sections.next().unwrap_or_default().to_owned();
    let mut missing: Vec<_> = parts.keys().copied().collect();
    for section in sections {
        let (name, rest) = section.split_once(" -->\n").context("a mark that is not closed")?;
        let (_, after) = rest.split_once(END).with_context(|| format!("`{name}` has no end"))?;
        let part = parts.get(name).with_context(|| format!("nobody makes `{name}`"))?;
        missing.retain(|other| *other != name);
        for text in [BEGIN, name, " -->\n", part, "\n", END, after] {
            made.push_str(text);
        }
    }
    if !missing.is_empty() {
        bail!("it has no mark for {}", missing.join(", "));
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(text: &str) -> Result<String, String> {
        with_parts(text, &BTreeMap::from([("a", "new".to_owned())])).map_err(|error| error.to_string())
    }

    #[test]
    fn what_stands_between_marks_is_replaced_and_nothing_else() {
        let page = "before\n<!-- made: a -->\nold\nold\n<!-- end -->\nafter\n<!-- table: b -->\nx\n<!-- end -->\n";
        let expected = page.replace("old\nold", "new");
        assert_eq!(made(page), Ok(expected.clone()));
        assert_eq!(made(&expected), Ok(expected), "made twice is made once");
    }

    #[test]
    fn marks_and_parts_answer_each_other() {
        assert_eq!(made("no mark"), Err("it has no mark for a".into()));
        assert_eq!(made("<!-- made: b -->\n<!-- end -->"), Err("nobody makes `b`".into()));
        assert_eq!(made("<!-- made: a -->\n"), Err("`a` has no end".into()));
    }
}
