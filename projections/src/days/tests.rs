//! Codes of cells and keys of places: what is stored is read as it was written.

use talon_domain::contribution::Account;
use talon_domain::fact::TicketKind;
use talon_domain::ids::{MerchantId, ShopId, TerminalId};
use talon_domain::money::Currency;
use talon_domain::state::Status;
use talon_domain::time::Day;

use super::row::{Cell, Measure, Place, PlanKey};
use crate::cells::Meeting;
use crate::key::Key;

#[test]
fn every_cell_is_read_as_it_was_written() {
    let currencies = ["AAA", "EUR", "JPY", "ZZZ"].map(|code| Currency::parse(code).expect("a code"));
    let plans = [PlanKey::None, PlanKey::Times(1), PlanKey::Times(12), PlanKey::Times(126), PlanKey::Deferred];
    let mut codes = Vec::new();
    for measure in Measure::all() {
        for plan in plans {
            for currency in currencies.into_iter().map(Some).chain([None]) {
                let cell = Cell { measure, plan, currency };
                assert_eq!(Cell::from_code(cell.code()), Some(cell));
                let is_sum = cell.code().meeting() == Meeting::Sum;
                assert_eq!(is_sum, !measure.is_moment(), "{cell:?}");
                codes.push(cell.code());
            }
        }
    }
    let count = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), count, "two cells share a code");
}

#[test]
fn measures_have_names_of_their_own() {
    for measure in Measure::all() {
        assert_eq!(Measure::named(&measure.name()), Some(measure));
    }
    let all: Vec<_> = Measure::all().collect();
    assert_eq!(all.len(), 2 * Status::ALL.len() + Account::ALL.len() + TicketKind::ALL.len() + 9);
    assert_eq!(Measure::named("sold"), None);
}

#[test]
fn a_place_is_read_as_it_was_written_and_moves_to_another_day() {
    let place = Place {
        merchant: MerchantId(732_829_320),
        day: Day(20_781),
        shop: ShopId(17),
        terminal: TerminalId(417),
        provider: "alma".into(),
    };
    let mut key = Key::new();
    place.write(&mut key);
    assert_eq!(Place::read(key.as_bytes()), Some(place.clone()));
    assert_eq!(Place::day_of(key.as_bytes()), Some(place.day));
    let mut moved = Key::new();
    assert_eq!(Place::write_on(key.as_bytes(), Day(20_782), &mut moved), Some(()));
    assert_eq!(Place::read(moved.as_bytes()), Some(Place { day: Day(20_782), ..place }));
    assert_eq!((Place::read(&[1, 2]), Place::write_on(&[1, 2], Day(1), &mut moved)), (None, None));
}
