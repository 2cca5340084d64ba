//! The made parts of `docs/events.md`: every kind with its slot, an example and its table; streams of natural keys;
//! reserved numbers; reasons.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use talon_domain::fact::{Family, Kind};
use talon_intake::Refusal;
use talon_proto::{FieldTerms, Rule, is_ledgers_own, rules_of, terms_of};

use crate::example::{goldens, shown};
use crate::slots::{Claim, check, claim, taken_apart};
use crate::words::Words;

/// Messages that have a place of their own on the page.
const ELSEWHERE: &[&str] = &["Money"];
/// Characters in a line of text.
const LINE_MAX: usize = 120;

/// Every made part, by the name of its mark.
pub(crate) fn parts(root: &Path) -> Result<BTreeMap<&'static str, String>> {
    let words = Words::read(root)?;
    for example in goldens(root)? {
        check(&example)?;
    }
    let publishers = |family: Family| kinds(move |kind| kind.family() == family && !is_ledgers_own(kind));
    let of_payments = |part: fn(Kind) -> bool| kinds(move |kind| kind.family() == Family::Transaction && part(kind));
    let mut made = BTreeMap::from([
        ("personal", table(&words, "Personal")?),
        ("money", table(&words, "Money")?),
        ("reserved", reserved()),
        ("streams", streams()?),
        ("rules", rules()),
        ("door", door()),
    ]);
    let mut seen = Vec::new();
    for (name, kinds) in [
        ("flow", of_payments(|kind| kind.0 < 21 || kind == Kind::CARD_REPLACED)),
        ("money_back", of_payments(|kind| kind.0 >= 21 && kind != Kind::CARD_REPLACED)),
        ("settlement", publishers(Family::Settlement)),
        ("decisions", publishers(Family::Decision)),
        ("registry", publishers(Family::Registry)),
        ("own", kinds(is_ledgers_own)),
    ] {
        let sections: Result<Vec<_>> = kinds.into_iter().map(|kind| section(root, &words, kind, &mut seen)).collect();
        made.insert(name, format!("\n{}\n", sections?.join("\n\n")));
    }
    Ok(made)
}

fn kinds(wanted: impl Fn(Kind) -> bool) -> Vec<Kind> {
    Kind::KNOWN.iter().copied().filter(|kind| wanted(*kind)).collect()
}

fn section(root: &Path, words: &Words, kind: Kind, seen: &mut Vec<&'static str>) -> Result<String> {
    let name = kind.name();
    let mut blocks = vec![format!("## {}. {name}", kind.0), wrapped(&words.of_message(name)?)];
    blocks.push(wrapped(&format!("**Slot**: {}", slot(kind)?)));
    if !is_ledgers_own(kind) {
        let (json, example) = shown(root, kind)?;
        check(&example)?;
        blocks.push(format!("```json\n{json}\n```"));
    }
    blocks.push(table(words, name)?);
    let rules: Vec<_> = rules_of(kind).iter().map(|rule| format!("{} `{}`", rule.number(), rule.name())).collect();
    blocks.push(wrapped(&format!("**Refused**: {}.", rules.join(", "))));
    for field in terms_of(name).unwrap_or_default() {
        if let Some(inner) = field.message.filter(|inner| !ELSEWHERE.contains(inner) && !seen.contains(inner)) {
            seen.push(inner);
            blocks.extend([format!("### {inner}"), wrapped(&words.of_message(inner)?), table(words, inner)?]);
        }
    }
    Ok(blocks.join("\n\n"))
}

/// The sentence on the slot of a kind.
fn slot(kind: Kind) -> Result<String> {
    let Some(Claim { forms, asked, each, note }) = claim(kind) else {
        return Ok(match kind.family() {
            Family::Technical => "none; the technical log is for people, and no fold reads it.",
            Family::Control => "none; it holds the ledger itself together.",
            _ => "none; it is judged once, in the order of the ledger.",
        }
        .to_owned());
    };
    if forms.iter().chain(&asked).any(|form| taken_apart(form).0.is_empty()) {
        bail!("{} claims a slot without a name", kind.name());
    }
    let forms: Vec<_> = forms.iter().map(|form| format!("`{}`", spelt(form))).collect();
    let mut said = vec![forms.join(", else ")];
    said.extend(asked.map(|asked| format!("said by a terminal, a person or the ledger, `{asked}`")));
    said.extend(each.map(|list| format!("one for each of `{list}`")));
    said.extend(Some(note.to_owned()).filter(|note| !note.is_empty()));
    Ok(said.join("; ") + ".")
}

/// What stands for the content of a line, as the page calls it.
fn spelt(form: &str) -> String {
    form.replace("CONTENT", "content")
}

/// The table of a message's fields.
fn table(words: &Words, message: &str) -> Result<String> {
    let fields = terms_of(message).with_context(|| format!("{message} is no message"))?;
    let mut rows = vec!["| field | required | range | meaning |\n|---|---|---|---|".to_owned()];
    for FieldTerms { name, json, required, range, .. } in fields {
        let yes = if required { " yes" } else { "" };
        rows.push(format!("| `{json}` |{yes} | {range} | {} |", words.of_field(message, name)?));
    }
    Ok(rows.join("\n"))
}

/// Which natural key makes the stream of what belongs to no payment.
fn streams() -> Result<String> {
    let mut rows = vec!["| kind | slot family | natural key |\n|---|---|---|".to_owned()];
    for kind in kinds(|kind| matches!(kind.family(), Family::Settlement | Family::Registry)) {
        let Some(claim) = claim(kind) else { continue };
        let forms: Vec<_> = claim.forms.iter().map(|form| taken_apart(form)).collect();
        let family = forms.first().with_context(|| format!("{} has no form", kind.name()))?.0;
        let keys: Vec<_> = forms.iter().map(|(_, parts)| key(parts)).collect();
        rows.push(format!("| {} | `{family}` | {} |", kind.name(), keys.join("; else ")));
    }
    Ok(rows.join("\n"))
}

fn key(parts: &[&str]) -> String {
    let parts: Vec<_> = parts.iter().map(|part| format!("`{}`", spelt(part))).collect();
    if parts.is_empty() { "empty".to_owned() } else { parts.join(", ") }
}

fn reserved() -> String {
    let rows = Kind::RESERVED.iter().map(|kind| format!("\n| {} | {} |", kind.0, kind.name()));
    "| kind | name |\n|---|---|".to_owned() + &rows.collect::<String>()
}

fn rules() -> String {
    listed(Rule::ALL.iter().map(|rule| (rule.number().into(), rule.name(), rule.advice().to_owned())))
}

fn door() -> String {
    listed(Refusal::own().iter().map(|refusal| (refusal.number(), refusal.name(), refusal.advice().into_owned())))
}

fn listed(rows: impl Iterator<Item = (u16, &'static str, String)>) -> String {
    let rows = rows.map(|(number, name, advice)| format!("\n| {number} | `{name}` | {advice} |"));
    "| number | rule | what to do |\n|---|---|---|".to_owned() + &rows.collect::<String>()
}

/// A paragraph in lines of at most 120 characters.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= LINE_MAX => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}
