//! What `talon-proto` promises, from outside: golden bytes for ever, JSON both ways, refusals by rule and place, and laws
//! over events that a seed invents.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests stop at the first surprise")]

#[path = "it/documented.rs"]
mod documented;
#[path = "it/golden.rs"]
mod golden;
#[path = "it/invented.rs"]
mod invented;
#[path = "it/laws.rs"]
mod laws;
#[path = "it/refusals.rs"]
mod refusals;
#[path = "it/shown.rs"]
mod shown;
#[path = "it/tables.rs"]
mod tables;

use talon_domain::fact::FactHeader;
use talon_domain::ids::PrincipalId;
use talon_domain::time::Instant;
use talon_proto::{Envelope, check_payload};

/// The header that the door would write for an envelope.
fn header_of(envelope: &Envelope<'_>) -> FactHeader {
    FactHeader {
        kind: envelope.kind,
        schema: envelope.schema,
        recorded_at: Instant(envelope.occurred_at.0 + 1),
        occurred_at: envelope.occurred_at,
        merchant: envelope.merchant,
        shop: envelope.shop,
        terminal: envelope.terminal,
        terminal_seq: envelope.terminal_seq,
        terminal_epoch: envelope.terminal_epoch,
        day: envelope.occurred_at.paris_day().expect("walk keeps the range of days"),
        principal: PrincipalId(1),
        source: envelope.source,
        event_id: envelope.identity().expect("an id"),
        stream: envelope.stream().expect("a payment"),
        sealed: envelope.personal.is_some(),
        training: envelope.training,
        imported: false,
        clock_doubtful: false,
    }
}

/// Holds an envelope's payload against its schema, no card number in sight.
fn checked(envelope: &Envelope<'_>) -> Result<(), talon_proto::Fault> {
    check_payload(envelope.kind, envelope.schema, envelope.payload, &mut |_| true)
}
