//! A paper read back: its texts, and its amounts as numbers.

use talon_receipts::{Layout, Line};

/// Every text of a layout, in order; a row gives one for each cell.
pub(crate) fn texts(layout: &Layout) -> Vec<&str> {
    layout.lines().iter().flat_map(of_line).collect()
}

fn of_line(line: &Line) -> Vec<&str> {
    match line {
        Line::Text { text, .. } => vec![text.as_str()],
        Line::KeyValue { key, value, .. } => vec![key.as_str(), value.as_str()],
        Line::Row { left, right } => vec![left.as_str(), right.as_str()],
        Line::Noted { left, note, right } => vec![left.as_str(), note.as_str(), right.as_str()],
        _ => Vec::new(),
    }
}

pub(crate) fn says(layout: &Layout, words: &str) -> bool {
    texts(layout).iter().any(|text| text.contains(words))
}

/// The values that stand under a name.
pub(crate) fn values<'a>(layout: &'a Layout, name: &str) -> Vec<&'a str> {
    let of = |line: &'a Line| match line {
        Line::KeyValue { key, value, .. } if key.as_str() == name => Some(value.as_str()),
        _ => None,
    };
    layout.lines().iter().filter_map(of).collect()
}

/// An amount as it is printed: minor units and the currency's code.
pub(crate) fn amount(text: &str) -> Option<(u128, String)> {
    let (figure, code) = text.rsplit_once(' ')?;
    let is_figure = figure.chars().all(|c| c.is_ascii_digit() || c == ' ' || c == ',');
    let digits: String = figure.chars().filter(char::is_ascii_digit).collect();
    is_figure.then_some(())?;
    Some((digits.parse().ok()?, code.to_owned()))
}

/// The amounts under a name, one for each currency.
pub(crate) fn amounts_of(layout: &Layout, name: &str) -> Vec<(u128, String)> {
    values(layout, name)
        .into_iter()
        .map(|value| amount(value).unwrap_or_else(|| panic!("{value} is an amount")))
        .collect()
}

/// The one amount under a name.
pub(crate) fn amount_of(layout: &Layout, name: &str) -> Option<u128> {
    match amounts_of(layout, name).as_slice() {
        [] => None,
        [(minor_units, _)] => Some(*minor_units),
        more => panic!("{name} stands {} times", more.len()),
    }
}

/// The rows of a table: the remark of each, and its amount.
pub(crate) fn entries(layout: &Layout) -> Vec<(&str, (u128, String))> {
    layout.lines().iter().filter_map(entry).collect()
}

fn entry(line: &Line) -> Option<(&str, (u128, String))> {
    match line {
        Line::Noted { note, right, .. } => Some((note.as_str(), amount(right.as_str())?)),
        Line::Row { right, .. } => Some(("", amount(right.as_str())?)),
        _ => None,
    }
}
