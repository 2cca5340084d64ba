//! What is wrong with a line of JSON. Like every fault it holds nothing of the input: what was expected is said in the
//! schema's own words, and where by path, or by line and column where there is no path yet.

use std::fmt;

use crate::fault::{Fault, Path, Rule, Step};

/// A rule that a line of JSON broke, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct JsonFault {
    /// What had to hold, and at which field it does not.
    pub fault: Fault,
    /// What would have been taken there, or which name was perhaps meant.
    pub expected: Option<&'static str>,
    /// Where the text stops being JSON.
    pub place: Option<Place>,
}

/// A place in a text, both numbers from 1; columns count bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The byte of that line.
    pub column: usize,
}

impl JsonFault {
    /// What had to hold.
    pub const fn rule(&self) -> Rule {
        self.fault.rule
    }

    /// At which field it does not.
    pub const fn path(&self) -> &Path {
        &self.fault.path
    }

    pub(super) fn expecting(rule: Rule, expected: &'static str) -> Self {
        Self { expected: Some(expected), ..Self::from(Fault::new(rule)) }
    }

    pub(super) fn within(self, step: Step) -> Self {
        Self { fault: self.fault.within(step), ..self }
    }

    /// The byte at `at` begins no character.
    pub(super) fn not_utf8(line: &[u8], at: usize) -> Self {
        let lines = line.get(..at).unwrap_or_default().split(|&byte| byte == b'\n');
        let place = lines
            .fold(Place { line: 0, column: 1 }, |place, text| Place { line: place.line + 1, column: text.len() + 1 });
        Self { place: Some(place), ..Self::from(Fault::new(Rule::Utf8)) }
    }
}

impl From<Fault> for JsonFault {
    fn from(fault: Fault) -> Self {
        Self { fault, expected: None, place: None }
    }
}

impl From<serde_json::Error> for JsonFault {
    /// The parser's own message may quote the text; only its place is kept. Our visitor takes every value, so what it
    /// refuses is depth.
    fn from(error: serde_json::Error) -> Self {
        let rule = if error.is_data() { Rule::Depth } else { Rule::Json };
        let place = Place { line: error.line(), column: error.column() };
        Self { place: Some(place), ..Self::from(Fault::new(rule)) }
    }
}

impl fmt::Display for JsonFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some(Place { line: 0 | 1, column }) => write!(f, "{} at column {column}", self.rule())?,
            Some(Place { line, column }) => write!(f, "{} at line {line}, column {column}", self.rule())?,
            None => write!(f, "{} at {}", self.rule(), self.path())?,
        }
        match (self.expected, self.rule()) {
            (Some(name), Rule::FieldKnown | Rule::KindKnown) => write!(f, ": perhaps {name} was meant"),
            (Some(what), _) => write!(f, ": expected {what}"),
            (None, rule) => write!(f, ": {}", rule.advice()),
        }
    }
}
