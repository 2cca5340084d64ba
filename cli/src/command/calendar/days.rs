//! The closed days of a year: computed, or read from a file of days.

use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use csv::ReaderBuilder;
use talon_domain::fact::Text;
use talon_domain::time::Day;
use talon_projections::calendar::Computed;
use talon_projections::working_days::year;

use crate::args::CalendarAdd;
use crate::command::registry::open;
use crate::park::{Fault, Rule, day};

/// The most days that a calendar can state.
const DAYS_MAX: usize = 64;

/// Days with what they are called.
type Days = Vec<(Day, Option<Text>)>;

/// Why there are no days to state.
#[derive(Debug)]
pub(super) enum Unfit {
    /// What was given breaks a rule.
    Fault(Fault),
    /// It could not be read.
    Failed(anyhow::Error),
}

impl From<Rule> for Unfit {
    fn from(rule: Rule) -> Self {
        Self::Fault(Fault::of(rule))
    }
}

/// The days of a year, in their order.
pub(super) fn closed_days(args: &CalendarAdd) -> Result<Days, Unfit> {
    let days = match &args.file {
        Some(file) => read_days(&text_of(file)?)?,
        None => computed_days(args).ok_or(Rule::CalendarComputed)?,
    };
    let fits = days.len() <= DAYS_MAX && days.iter().all(|(day, _)| year(*day) == i32::from(args.year));
    if fits { Ok(days) } else { Err(Rule::DayInYear.into()) }
}

fn computed_days(args: &CalendarAdd) -> Option<Days> {
    let days = Computed::named(args.name.trim())?.closed_days(args.year.into())?;
    Some(days.into_iter().map(|(day, name)| (day, Some(name.into()))).collect())
}

fn text_of(file: &Path) -> Result<String, Unfit> {
    let mut bytes = Vec::new();
    let mut input = open(file).map_err(Unfit::Failed)?;
    let read = input.read_to_end(&mut bytes).with_context(|| format!("{} cannot be read", file.display()));
    read.map_err(Unfit::Failed)?;
    Ok(String::from_utf8(bytes).map_err(|_| Rule::RowReadable)?)
}

/// One day a line, and what it is called behind a comma or semicolon. A first line that is no day is a line of labels.
fn read_days(text: &str) -> Result<Days, Unfit> {
    let text = text.trim_start_matches('\u{feff}');
    let delimiter = if text.contains(';') { b';' } else { b',' };
    let mut reader = ReaderBuilder::new();
    let mut reader = reader.has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut days = Days::new();
    for (at, record) in reader.records().enumerate() {
        let record = record.map_err(|_| Rule::RowReadable)?;
        let cell = |at| record.get(at).map(str::trim).filter(|cell| !cell.is_empty());
        match (cell(0), cell(0).and_then(day)) {
            (_, Some(day)) => days.push((day, cell(1).map(Text::from))),
            (Some(_), None) if at > 0 => return Err(Rule::DayValid.into()),
            _ => {}
        }
    }
    days.sort();
    days.dedup_by_key(|(day, _)| *day);
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let days = read_days(text).expect("days");
        days.into_iter().map(|(day, name)| format!("{day} {}", name.as_deref().unwrap_or("-"))).collect()
    }

    #[test]
    fn a_file_of_days_is_read_however_it_is_written() {
        for text in [
            "2026-04-03,Good Friday\n2026-12-26\n",
            "\u{feff}jour;nom\r\n26/12/2026\r\n03/04/2026;Good Friday\r\n\r\n",
            "2026-12-26\n2026-04-03,Good Friday\n2026-12-26\n",
        ] {
            assert_eq!(read(text), ["2026-04-03 Good Friday", "2026-12-26 -"], "{text}");
        }
        assert!(read("").is_empty());
    }

    #[test]
    fn what_is_no_day_is_refused() {
        let refused = read_days("2026-04-03\nsomeday\n");
        assert!(matches!(refused, Err(Unfit::Fault(Fault { rule: Rule::DayValid, .. }))), "{refused:?}");
    }
}
