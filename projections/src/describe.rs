//! Differences in words: what a row is of which two makings say different things. Figures of days are told one by one,
//! payments by how they stand; of other rows it is told where they are, and that they differ.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::cells::{Cells, Code};
use crate::compare::Difference;
use crate::days::{Cell, Place, PlanKey};
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
            let _ = write!(words, "; {} {was} -> {is}", cell(code));
        }
    }
    Some(words)
}

/// A figure's name with what tells it apart: two plans, or two currencies, of one figure are two cells of a row.
fn cell(code: Code) -> String {
    let Some(cell) = Cell::from_code(code) else { return code.number().to_string() };
    let mut name = cell.measure.name();
    let _ = match cell.plan {
        PlanKey::None => Ok(()),
        PlanKey::Times(count) => write!(name, " {count}x"),
        PlanKey::Deferred => write!(name, " deferred"),
    };
    if let Some(currency) = cell.currency {
        let _ = write!(name, " {currency}");
    }
    name
}

fn transaction(difference: &Difference<'_>) -> Option<String> {
    let key = Fields::of(difference.key).stream_key()?;
    let stands = |value: Option<&[u8]>| {
        let Some(value) = value else { return Some("-".to_owned()) };
        let row: Transaction = postcard::from_bytes(value).ok()?;
        Some(format!("{} collected {}", row.status().name(), row.collected))
    };
    let (first, second) = (stands(difference.first)?, stands(difference.second)?);
    let told =
        if first == second { format!("{first}, and something else differs") } else { format!("{first} -> {second}") };
    Some(format!("{} {}: {told}", key.merchant, key.stream))
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
    use crate::days::Measure;
    use crate::key::Key;
    use talon_domain::contribution::Account;
    use talon_domain::ids::{MerchantId, ShopId, StreamId, StreamKey, TerminalId};
    use talon_domain::money::Currency;
    use talon_domain::state::Status;
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
        assert_eq!(describe(DAYS, &difference), "7 2026-11-24 shop 1 terminal 2 alma; sales 3x 4 -> 5");
        let gone = Difference { second: None, ..difference };
        assert_eq!(describe(DAYS, &gone), "7 2026-11-24 shop 1 terminal 2 alma; sales 3x 4 -> 0");
        let strange = Difference { key: &[1, 2], first: None, second: Some(&[0]) };
        assert_eq!(describe(Table(61), &strange), "table 61 row 0102: - -> 1 bytes");
    }

    /// A plan that was restated moves a sale from one cell to another: without their names it would read as nothing.
    #[test]
    fn two_plans_and_two_currencies_of_a_figure_are_told_apart() {
        let mut key = Key::new();
        Place {
            merchant: MerchantId(7),
            day: Day(20_781),
            shop: ShopId(1),
            terminal: TerminalId(2),
            provider: String::new(),
        }
        .write(&mut key);
        let (measure, eur) = (Measure::Money(Account::Sale), Some(Currency::EUR));
        let sold = |plan, currency| Cells::of(Cell { measure, plan, currency }.code(), 100).encode();
        let says = |first: &[u8], second: &[u8]| {
            describe(DAYS, &Difference { key: key.as_bytes(), first: Some(first), second: Some(second) })
        };
        let (times, later) = (sold(PlanKey::Times(3), eur), sold(PlanKey::Deferred, eur));
        assert!(says(&times, &later).ends_with("2; sale 3x EUR 100 -> 0; sale deferred EUR 0 -> 100"));
        let dollars = sold(PlanKey::Times(3), Currency::parse("USD"));
        assert!(says(&times, &dollars).ends_with("2; sale 3x EUR 100 -> 0; sale 3x USD 0 -> 100"));
    }

    #[test]
    fn payments_that_stand_alike_are_not_said_to_have_changed() {
        let mut key = Key::new();
        key.stream_key(StreamKey { merchant: MerchantId(7), stream: StreamId([3; 16]), training: false });
        let mut row: Transaction = Transaction::new(Status::Accepted, None);
        let first = postcard::to_allocvec(&row).expect("memory");
        row.anomalies = 1;
        let second = postcard::to_allocvec(&row).expect("memory");
        let difference = Difference { key: key.as_bytes(), first: Some(&first), second: Some(&second) };
        let words = describe(TRANSACTIONS, &difference);
        assert!(words.ends_with(": accepted collected 0, and something else differs"), "{words}");
    }
}
