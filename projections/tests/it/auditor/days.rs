//! Sums of days, as plain lines.

use std::ops::ControlFlow;

use talon_projections::days::{Cell, Place, PlanKey};
use talon_projections::projection::Projection;
use talon_projections::reading::read_cells;
use talon_projections::store::Table;
use talon_testkit::auditor::books::{Line, Sums};

pub(super) fn sums(projection: &Projection, table: Table) -> Sums {
    let mut sums = Sums::new();
    let mut keep = |key: &[u8], value: &[u8]| {
        let place = Place::read(key).expect("a place");
        for (code, amount) in read_cells(value).expect("cells").iter() {
            sums.insert(line(&place, Cell::from_code(code).expect("a cell")), amount);
        }
        ControlFlow::Continue(())
    };
    projection.tables().scan(table, &[], None, &mut keep).expect("memory cannot fail");
    sums
}

fn line(place: &Place, cell: Cell) -> Line {
    Line {
        merchant: place.merchant.0,
        day: place.day.0,
        shop: place.shop.0,
        terminal: place.terminal.0,
        provider: place.provider.clone(),
        measure: cell.measure.name(),
        plan: match cell.plan {
            PlanKey::None => String::new(),
            PlanKey::Times(count) => count.to_string(),
            PlanKey::Deferred => "later".to_owned(),
        },
        currency: cell.currency.map_or(String::new(), |currency| currency.code().to_owned()),
    }
}
