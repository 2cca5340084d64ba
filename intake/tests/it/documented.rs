//! `docs/events.md` lists the door's own reasons: held against the code.

use talon_domain::ids::{EventId, PartitionId, Position};
use talon_domain::time::Instant;
use talon_intake::{Difference, First, Place, Refusal};

#[test]
fn the_page_lists_the_doors_own_reasons() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/events.md")).expect("the page");
    let body = page.split("<!-- table: door -->\n").nth(1).expect("the table");
    let told: Vec<_> = body.split("<!-- end -->").next().unwrap_or_default().lines().skip(2).collect();
    let first = First::Kept(Place { partition: PartitionId(0), position: Position(0), recorded_at: Instant(0) });
    let own = [
        Refusal::MerchantIsTheLedger,
        Refusal::MerchantOutOfScope,
        Refusal::SourceOutOfScope,
        Refusal::Conflict { event_id: EventId::default(), first, difference: Difference::Payload },
        Refusal::RecordTooLarge,
        Refusal::TooLong { limit: 1 },
        Refusal::CutShort,
    ];
    let row = |refusal: &Refusal| format!("| {} | `{}` | {} |", refusal.number(), refusal.name(), refusal.advice());
    assert_eq!(told, own.iter().map(row).collect::<Vec<_>>());
}
