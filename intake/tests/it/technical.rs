//! The technical log: written by the ledger itself, to one partition, read by no fold.

use talon_domain::fact::{Kind, Source};
use talon_domain::ids::{EventId, LedgerId, PartitionId, Position};
use talon_domain::time::Instant;
use talon_intake::{Place, TechnicalError, tell_technical};
use talon_journal::{AppendError, Journal as _, Record};
use talon_proto::payload_from_json;
use talon_vault::Entropy;

use crate::bench::{Bench, NOW};
use crate::failing::Failing;

fn repaired(author: &str) -> Vec<u8> {
    let text = format!(r#"{{"cutAfter":"98412","cutBytes":"512","authorCode":"{author}"}}"#);
    payload_from_json(Kind::REPAIRED, text.as_bytes()).expect("a payload")
}

fn tell(bench: &Bench, payload: &[u8], at: Instant) -> Result<Place, TechnicalError> {
    tell_technical(&bench.journal, Kind::REPAIRED, payload, at, &mut Entropy::from_seed([3; 32]))
}

#[test]
fn a_fact_of_the_technical_log_is_the_ledgers_own() {
    let bench = Bench::new();
    let payload = repaired("C7");
    let place = tell(&bench, &payload, NOW).expect("told");
    assert_eq!((place.partition, place.position, place.recorded_at), (PartitionId(4), Position(1), NOW));
    let mut reader = bench.journal.read(place.partition, place.position).expect("a reader");
    let bytes = reader.next().expect("readable").expect("a record").bytes.to_vec();
    let record = Record::parse(&bytes).expect("a record");
    let header = record.fact_header();
    assert_eq!((header.merchant.0, header.principal.0, header.source), (0, 0, Source::Ledger));
    assert_eq!((header.stream.0, record.payload(), record.sealed()), ([0; 16], &payload[..], None));
    assert_eq!((header.occurred_at, header.recorded_at, header.schema), (NOW, NOW, 1));
    assert!(header.event_id != EventId::default() && header.event_id.0 != LedgerId::default().0);
}

#[test]
fn what_is_not_fit_to_be_kept_or_cannot_be_is_said() {
    let bench = Bench::new();
    let card = tell(&bench, &repaired("4970100000000055"), NOW);
    assert!(matches!(card, Err(TechnicalError::Refused(_))), "no code is a card's number");
    assert!(matches!(tell(&bench, &repaired("C7"), Instant(0)), Err(TechnicalError::Clock)));
    let full = AppendError::Unavailable { durable: 0, reason: "no space".into() };
    let failing = Failing::with(&bench.journal, full);
    let told =
        tell_technical(&failing, Kind::REPAIRED, &repaired("C7"), NOW, &mut Entropy::from_seed([3; 32])).map(drop);
    assert!(matches!(told, Err(TechnicalError::Append(AppendError::Unavailable { .. }))));
    assert_eq!(bench.journal.ends().total(), 64, "nothing was written");
}
