//! Differences in words: what a row is of which two makings say different things. Figures of days are told one by one,
//! payments by how they stand; of other rows it is told where they are, and that they differ.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::cells::Cells;
use crate::compare::Difference;
use crate::days::{Cell, Place};
use crate::key::Fields;
use crate::store::Table;
use crate::table::{DAYS, DAYS_BOOKED, TRANSACTIONS};
use crate::transactions::Transaction;

/// Bytes of a key that are shown.
const SHOWN: usize = 40;

/// A difference for people, on one line: what the first making says, an arrow, what the second one says.
pub fn describe(table: Table, difference: &Difference<'_>) -> String {
    let told = match table {
        DAYS | DAYS_BOOKED => day(difference),
        TRANSACTIONS => transaction(difference),
        _ => None,
    };
    told.unwrap_or_else(|| other(table, difference))
}

fn day(difference: &Difference<'_>) -> Option<String> {
    let place = Place::read(difference.key)?;
    let cells = |value: Option<&[u8]>| value.map_or_else(|| Some(Cells::new()), |value| Cells::decode(value).ok());
    let (first, second) = (cells(difference.first)?, cells(difference.second)?);
    let codes: BTreeSet<_> = first.iter().chain(second.iter()).map(|(code, _)| code).collect();
    let mut words = format!("{} {} shop {} terminal {}", place.merchant, place.day, place.shop, place.terminal);
    if !place.provider.is_empty() {
        let _ = write!(words, " {}", place.provider);
    }
    for code in codes {
        let (was, is) = (first.get(code).unwrap_or(0), second.get(code).unwrap_or(0));
        if was != is {
            let name = Cell::from_code(code).map_or_else(|| code.number().to_string(), |cell| cell.measure.name());
            let _ = write!(words, "; {name} {was} -> {is}");
        }
    }
    Some(words)
}

fn transaction(difference: &Difference<'_>) -> Option<String> {
    let key = Fields::of(difference.key).stream_key()?;
    let stands = |value: Option<&[u8]>| {
        let Some(value) = value else { return Some("-".to_owned()) };
        let row: Transaction = postcard::from_bytes(value).ok()?;
        Some(format!("{} collected {}", row.status().name(), row.collected))
    };
    Some(format!("{} {}: {} -> {}", key.merchant, key.stream, stands(difference.first)?, stands(difference.second)?))
}

fn other(table: Table, difference: &Difference<'_>) -> String {
    let mut key = String::new();
    for byte in difference.key.iter().take(SHOWN) {
        let _ = write!(key, "{byte:02x}");
    }
    let stands = |value: Option<&[u8]>| value.map_or_else(|| "-".to_owned(), |value| format!("{} bytes", value.len()));
    format!("table {} row {key}: {} -> {}", table.0, stands(difference.first), stands(difference.second))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::days::{Measure, PlanKey};
    use crate::key::Key;
    use talon_domain::ids::{MerchantId, ShopId, TerminalId};
    use talon_domain::time::Day;

    #[test]
    fn a_figure_is_told_by_its_name() {
        let place = Place {
            merchant: MerchantId(7),
            day: Day(20_781),
            shop: ShopId(1),
            terminal: TerminalId(2),
            provider: "alma".into(),
        };
        let mut key = Key::new();
        place.write(&mut key);
        let cell = Cell { measure: Measure::Sales, plan: PlanKey::Times(3), currency: None };
        let (first, second) = (Cells::of(cell.code(), 4).encode(), Cells::of(cell.code(), 5).encode());
        let difference = Difference { key: key.as_bytes(), first: Some(&first), second: Some(&second) };
        assert_eq!(describe(DAYS, &difference), "7 2026-11-24 shop 1 terminal 2 alma; sales 4 -> 5");
        let gone = Difference { second: None, ..difference };
        assert_eq!(describe(DAYS, &gone), "7 2026-11-24 shop 1 terminal 2 alma; sales 4 -> 0");
        let strange = Difference { key: &[1, 2], first: None, second: Some(&[0]) };
        assert_eq!(describe(Table(61), &strange), "table 61 row 0102: - -> 1 bytes");
    }
}
