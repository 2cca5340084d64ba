//! What the days of a journal come to, for whoever holds another system's sums against them: the facts, one by one, and the
//! totals that all views made of them in one store come to.
//!
//! Invariant: facts and totals are of the same records, in the order of the journal. This module compares nothing.

use std::collections::BTreeMap;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use talon_domain::contribution::Account;
use talon_domain::fact::Fact;
use talon_journal::{EmbeddedJournal, Journal as _, Positions};
use talon_projections::days::{Cell, Measure};
use talon_projections::projection::Projection;
use talon_projections::reading::read_cells;
use talon_projections::table::DAYS;
use talon_replay::{Entry, classify};

use crate::clock::timed;
use crate::views::{failed, in_store};

/// Sums over all days by what is counted; `lines` says how many lines of merchant, day, shop, terminal and provider there
/// are.
pub type Totals = BTreeMap<&'static str, i128>;

/// Makes a ledger of so many events of the canonical workload in a new folder.
///
/// # Errors
/// The folder cannot be written.
pub fn ledger_of(dir: &Path, events: u64) -> io::Result<()> {
    crate::sustained::fill(dir, 1_000, events).map(drop)
}

/// Hands over the facts of a ledger's merchants, in the order of the journal; how many there were.
///
/// # Errors
/// The journal cannot be read, or whoever takes the facts says so.
pub fn facts_of(ledger: &Path, each: &mut dyn FnMut(&Fact) -> io::Result<()>) -> io::Result<u64> {
    let journal = EmbeddedJournal::open_read_only(ledger).map_err(failed)?;
    let mut reader = journal.scan(&Positions::beginning()).map_err(failed)?;
    let mut facts = 0;
    while let Some(stored) = reader.next().map_err(failed)? {
        if let Entry::Fact(fact) = classify(&stored)
            && fact.header.merchant.0 != 0
        {
            each(&fact)?;
            facts += 1;
        }
    }
    Ok(facts)
}

/// Makes every view of a ledger in a new store; how long that took, and what days come to there.
///
/// # Errors
/// The journal cannot be read, or the store cannot be written.
pub fn days_kept(ledger: &Path, store: &Path) -> io::Result<(Duration, Totals)> {
    let journal = EmbeddedJournal::open_read_only(ledger).map_err(failed)?;
    let (kept, taken) = timed(|| in_store(&journal, store));
    Ok((taken, totals(&kept?)?))
}

fn totals(projection: &Projection) -> io::Result<Totals> {
    let mut totals = Totals::new();
    let mut broken = None;
    let count = &mut |_: &[u8], value: &[u8]| {
        *totals.entry("lines").or_default() += 1;
        match read_cells(value) {
            Ok(cells) => {
                let known = cells.iter().filter_map(|(code, amount)| Some((Cell::from_code(code)?.measure, amount)));
                known.for_each(|(measure, amount)| {
                    if let Some(name) = name_of(measure) {
                        *totals.entry(name).or_default() += amount;
                    }
                });
                ControlFlow::Continue(())
            }
            Err(error) => {
                broken = Some(error);
                ControlFlow::Break(())
            }
        }
    };
    projection.tables().scan(DAYS, &[], None, count).map_err(failed)?;
    broken.map_or(Ok(totals), |error| Err(failed(error)))
}

/// What a measure is called among the totals; moments and what no rival counts are none.
const fn name_of(measure: Measure) -> Option<&'static str> {
    Some(match measure {
        Measure::Payments(_) => "payments",
        Measure::Sales => "sales",
        Measure::Money(Account::Sale) => "sold",
        Measure::Debits => "debits",
        Measure::Money(Account::Collected) => "collected",
        Measure::Refunds => "refunds",
        Measure::Money(Account::RefundCash | Account::RefundRebate | Account::RefundUndivided) => "refunded",
        Measure::Printed(_) => "printed",
        Measure::Facts => "facts",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_of_the_facts_that_are_handed_over() {
        let dir = tempfile::tempdir().expect("a folder");
        let ledger = dir.path().join("ledger");
        ledger_of(&ledger, 3_000).expect("room");
        let (mut facts, mut initiated) = (0, 0);
        let handed = facts_of(&ledger, &mut |fact| {
            facts += 1;
            initiated += i128::from(fact.header.kind == talon_domain::fact::Kind::PAYMENT_INITIATED);
            Ok(())
        });
        assert_eq!(handed.expect("readable"), 3_000);
        let (_, totals) = days_kept(&ledger, &dir.path().join("store")).expect("room");
        assert_eq!((totals["facts"], totals["payments"]), (facts, initiated));
        assert!(totals["sold"] > totals["collected"] && totals["collected"] > 0, "{totals:?}");
        assert!(totals["refunds"] > 0 && totals["refunded"] > totals["refunds"], "{totals:?}");
        assert!(totals["lines"] > 200 && totals["printed"] > totals["sales"], "{totals:?}");
    }
}
