//! Lines of facts, projected into all views as a projector does: in the order in which they stand, each recorded when it
//! says (`recorded=26T10:00`), with the group of a phone number where it says one (`bucket=7`).

use std::collections::BTreeMap;

use talon_domain::ids::{MerchantId, PartitionId, Position, StreamKey};
use talon_projections::projection::{Projection, Taken, TakenFact};
use talon_projections::registry::Registry;
use talon_projections::store::Tables;
use talon_projections::views::ALL;
use talon_testkit::traffic::History;

use crate::facts::{Words, fact};
use crate::tables::folded;

/// Facts in all views, and what they register.
pub(crate) struct Projected {
    projection: Projection,
    pub(crate) registry: Registry,
}

impl Projected {
    pub(crate) fn tables(&self) -> &Tables {
        self.projection.tables()
    }
}

/// Lines of facts, numbered from 1; an empty line and one that begins with `#` tell nothing.
pub(crate) fn projected(lines: &str) -> Projected {
    let mut projection = Projection::in_memory(ALL.to_vec());
    let told = lines.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let told: Vec<_> = (1..).zip(told).map(|(number, line)| (line, fact(line, number))).collect();
    for (position, (line, (partition, fact))) in (0..).zip(&told) {
        let bucket = Words(line).values("bucket").next().map_or(0, |bucket| bucket.parse().expect("a bucket"));
        let of = TakenFact { fact: fact.clone(), payload: &[], phone_bucket: bucket };
        let recorded_at = fact.header.recorded_at;
        let taken = Taken { partition: *partition, position: Position(position), recorded_at, fact: Some(of) };
        projection.take(taken).expect("the next one");
    }
    projection.settle().expect("in memory");
    Projected { projection, registry: Registry::of(&folded(told.iter().map(|(_, fact)| fact))) }
}

/// A history in all views.
pub(crate) fn replayed(history: &History) -> Projection {
    let mut projection = Projection::in_memory(ALL.to_vec());
    let mut positions = BTreeMap::<PartitionId, u64>::new();
    for (partition, fact) in &history.records {
        let next = positions.entry(*partition).or_default();
        let of = TakenFact { fact: fact.clone(), payload: &[], phone_bucket: 0 };
        let recorded_at = fact.header.recorded_at;
        let taken = Taken { partition: *partition, position: Position(*next), recorded_at, fact: Some(of) };
        projection.take(taken).expect("the next one");
        *next += 1;
    }
    projection.settle().expect("in memory");
    projection
}

/// `p2` of the second payment of a table, whoever is paid.
pub(crate) fn name(key: StreamKey) -> String {
    assert_ne!(key.merchant, MerchantId(0));
    let number: [u8; 4] = key.stream.0[12..].try_into().expect("four bytes");
    format!("p{}", u32::from_be_bytes(number))
}
