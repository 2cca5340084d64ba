//! What the schema says of itself: the comments of the `.proto` files, for each message, field and choice. What means
//! the same in every message is said once, here.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};

/// Fields that mean the same wherever they stand and have no comment of their own.
const SHARED: &[(&str, &str)] = &[
    ("attempt", "which attempt to pay"),
    ("author_code", "the code of the person who decided it, never a name"),
    ("debit_id", "the provider's id of the debit"),
    ("payment_id", "the provider's id of the payment"),
    ("provider", "who finances it, by the registry's code: `alma`, `oney`"),
    ("reason", "why, in a few words that name nobody"),
    ("revision", "orders what one source says of the same thing: higher replaces lower"),
];

/// What a comment says of a range, for readers of the schema; on a page another column says it.
const RANGES: &[&str] = &[
    ": lower-case hyphenated UUID, version 7 or 8",
    "lower-case hyphenated UUID, version 7 or 8",
    ", 64 lower-case hexadecimal digits",
    ", two capital letters",
    ", from 1",
    "; 0 and absent is 1",
    "; absent is 1",
];

/// Parts of a descriptor's path: fields of `FileDescriptorProto`, `DescriptorProto`, `EnumDescriptorProto`.
const MESSAGE: i32 = 4;
const ENUM: i32 = 5;
const MEMBER: i32 = 2;

/// The schema's comments, by `Message`, `Message.field`, and for choices by `Message.field` too.
pub(crate) struct Words {
    comments: BTreeMap<String, String>,
    choices: BTreeMap<String, Vec<(String, String)>>,
    /// JSON names of fields whose name in the schema has an underscore.
    names: BTreeMap<String, String>,
}

impl Words {
    /// Reads the `.proto` files below the repository's root.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let folder = root.join("proto");
        let mut files = Vec::new();
        for entry in folder.join("talon/v1").read_dir().context("proto/talon/v1 cannot be listed")? {
            files.push(Path::new("talon/v1").join(entry?.file_name()));
        }
        files.sort();
        let mut compiler = protox::Compiler::new([&folder])?;
        compiler.include_source_info(true).open_files(files)?;
        let mut words = Self { comments: BTreeMap::new(), choices: BTreeMap::new(), names: BTreeMap::new() };
        let mut enums = BTreeMap::new();
        let set = compiler.file_descriptor_set();
        for file in &set.file {
            let comments = comments(file);
            let said = |path: &[i32]| comments.get(path).cloned();
            for (at, choice) in (0..).zip(&file.enum_type) {
                let values = (0..).zip(&choice.value);
                let values = values.map(|(nth, value)| (value.name().to_owned(), said(&[ENUM, at, MEMBER, nth])));
                enums.insert(choice.name().to_owned(), values.collect::<Vec<_>>());
            }
            for (at, message) in (0..).zip(&file.message_type) {
                words.comments.extend(said(&[MESSAGE, at]).map(|text| (message.name().to_owned(), text)));
                for (nth, field) in (0..).zip(&message.field) {
                    let place = format!("{}.{}", message.name(), field.name());
                    words.comments.extend(said(&[MESSAGE, at, MEMBER, nth]).map(|text| (place, text)));
                    words.names.insert(field.name().to_owned(), field.json_name().to_owned());
                }
            }
        }
        for message in set.file.iter().flat_map(|file| &file.message_type) {
            for field in &message.field {
                let name = field.type_name().rsplit('.').next().unwrap_or_default();
                if let Some(values) = enums.get(name) {
                    words.choices.insert(format!("{}.{}", message.name(), field.name()), spoken(values));
                }
            }
        }
        Ok(words)
    }

    /// What a message is, in sentences.
    pub(crate) fn of_message(&self, message: &str) -> Result<String> {
        let comment = self.comments.get(message).with_context(|| format!("{message} has no comment"))?;
        let said =
            comment.strip_prefix("Kind ").and_then(|rest| rest.split_once(". ")).map_or(&**comment, |part| part.1);
        Ok(self.in_json(said))
    }

    /// What a field means, as a phrase; of its choices those that say more than their name.
    pub(crate) fn of_field(&self, message: &str, field: &str) -> Result<String> {
        let place = format!("{message}.{field}");
        let shared = || SHARED.iter().find(|entry| entry.0 == field).map(|entry| entry.1.to_owned());
        let own = self.comments.get(&place).map(|comment| phrase(&without_range(&self.in_json(comment))));
        let meaning = match (own, shared()) {
            (Some(own), Some(shared)) if field == "revision" => format!("{shared}; {own}"),
            (own, shared) => own.or(shared).with_context(|| format!("{place} has no comment"))?,
        };
        let choices = self.choices.get(&place).into_iter().flatten();
        let choices = choices.map(|(name, comment)| format!("; `{name}`: {}", phrase(&self.in_json(comment))));
        Ok(meaning + &choices.collect::<String>())
    }

    /// The schema's spelling of names into that of JSON, and quoted words into code.
    fn in_json(&self, text: &str) -> String {
        let word = |word: &str| {
            let core = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '_');
            match self.names.get(core) {
                Some(json) if core.contains('_') && !word.contains('`') => word.replacen(core, &format!("`{json}`"), 1),
                _ => word.replacen('"', "`", 2),
            }
        };
        let quotes_match = |text: &str| text.split(' ').all(|word| word.matches('"').count() != 1);
        if quotes_match(text) { text.split(' ').map(word).collect::<Vec<_>>().join(" ") } else { text.to_owned() }
    }
}

/// The comments of a file, by path.
fn comments(file: &protox::prost_reflect::prost_types::FileDescriptorProto) -> BTreeMap<Vec<i32>, String> {
    let locations = file.source_code_info.iter().flat_map(|info| &info.location);
    let said = locations.filter(|location| location.leading_comments.is_some());
    said.map(|location| (location.path.clone(), one_line(location.leading_comments()))).collect()
}

fn one_line(comment: &str) -> String {
    comment.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The choices that have a comment, by the name that a person writes.
fn spoken(values: &[(String, Option<String>)]) -> Vec<(String, String)> {
    let prefix = values.first().and_then(|zero| zero.0.strip_suffix("UNSPECIFIED")).unwrap_or_default();
    let short = |name: &str| name.strip_prefix(prefix).unwrap_or(name).to_lowercase();
    values.iter().filter_map(|(name, comment)| Some((short(name), comment.clone()?))).collect()
}

fn without_range(comment: &str) -> String {
    let said = RANGES.iter().fold(comment.to_owned(), |said, range| said.replacen(range, "", 1));
    if said.trim_matches('.').is_empty() { comment.to_owned() } else { said }
}

/// A sentence as a cell of a table has it: no capital that only begins it, and no full stop.
fn phrase(sentence: &str) -> String {
    let sentence = sentence.strip_suffix('.').unwrap_or(sentence);
    let mut letters = sentence.chars();
    match (letters.next(), letters.next()) {
        (Some(first), second) if second.is_none_or(|c| c.is_lowercase() || c == ' ') => {
            first.to_lowercase().chain(second).chain(letters).collect()
        }
        _ => sentence.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_becomes_a_phrase() {
        for (sentence, expected) in [
            ("What was taken.", "what was taken"),
            ("TAEG in basis points. 0 is a statement.", "TAEG in basis points. 0 is a statement"),
            ("A sale.", "a sale"),
            ("1 is the original.", "1 is the original"),
            ("", ""),
        ] {
            assert_eq!(phrase(sentence), expected);
        }
    }

    #[test]
    fn the_schema_is_spelt_as_json_has_it() {
        let names = BTreeMap::from([("total_amount".into(), "totalAmount".into()), ("kind".into(), "kind".into())]);
        let words = Words { comments: BTreeMap::new(), choices: BTreeMap::new(), names };
        assert_eq!(words.in_json("total_amount = x (kind, \"alma\")."), "`totalAmount` = x (kind, `alma`).");
        assert_eq!(words.in_json("\"two words\" stay"), "\"two words\" stay");
    }
}
