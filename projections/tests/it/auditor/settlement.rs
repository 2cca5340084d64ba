//! What payments let expect, and what lines of accounts book of it or beside it. Fees, due dates and payouts are audited
//! by nobody here.

use talon_domain::ids::MerchantId;
use talon_domain::time::{Day, Instant};
use talon_projections::projection::Projection;
use talon_projections::registry::Registry;
use talon_projections::settlement::{Asked, OwedLine, settlement};
use talon_testkit::auditor::books::{Books, Owed};

use super::{EVE, MERCHANTS, unequal};

pub(super) fn in_settlement(projection: &Projection, books: &Books) -> Option<String> {
    let registry = Registry::read(projection.tables()).expect("memory cannot fail");
    let mut lines = Vec::new();
    for merchant in MERCHANTS.map(MerchantId) {
        let days = Day(0)..=Day(u16::MAX);
        let settled = settlement(projection.tables(), &Asked::at(&registry, merchant, days, Instant(EVE)));
        let settled = settled.expect("memory cannot fail");
        lines.extend(settled.lines.iter().map(|line| owed(merchant, line)));
    }
    lines.sort();
    unequal("settlement", &lines, &books.owed())
}

fn owed(merchant: MerchantId, line: &OwedLine) -> Owed {
    Owed {
        merchant: merchant.0,
        day: line.day.0,
        provider: line.provider.clone(),
        what: line.what.name().to_owned(),
        key: line.stream,
        id: line.id.clone(),
        happened_on: line.happened_on.0,
        currency: line.currency.code().to_owned(),
        expected: line.expected.and_then(|expected| expected.gross),
        gross: line.booked.and_then(|booked| booked.gross),
        net: line.booked.and_then(|booked| booked.net),
        waived: line.waived,
        surprise: line.surprise.map_or(String::new(), |surprise| surprise.name().to_owned()),
    }
}
