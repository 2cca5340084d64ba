//! The event that a record was: what its publisher would send to have it again, with the payload's own bytes.
//!
//! This module does not check; a record was checked when it came.

use talon_domain::fact::FactHeader;
use talon_domain::ids::StreamId;

use crate::fields::{put_bytes, put_number};
use crate::personal_is_empty;
use crate::schema::PAYLOAD_BASE;
use crate::timestamp::Timestamp;
use crate::walk::is_of_payment;

/// Appends the bytes of the event: fields in ascending order, defaults left out, the payload untouched. The id is
/// always stated. A source key is not kept, and a stream that was made of the payload is no transaction.
pub fn restate_event(header: &FactHeader, payload: &[u8], personal: Option<&[u8]>, out: &mut Vec<u8>) {
    let number = |out: &mut Vec<u8>, field, value: u64| {
        if value != 0 {
            put_number(out, field, value);
        }
    };
    put_bytes(out, 1, header.event_id.to_string().as_bytes());
    number(out, 3, header.merchant.0);
    number(out, 4, header.shop.0.into());
    number(out, 5, header.terminal.0.into());
    number(out, 6, header.terminal_epoch.0.into());
    number(out, 7, header.terminal_seq.0.into());
    if is_of_payment(header.kind) && header.stream != StreamId::default() {
        put_bytes(out, 8, header.stream.to_string().as_bytes());
    }
    put_bytes(out, 9, &Timestamp::of(header.occurred_at).encoded());
    number(out, 10, header.source as u64);
    number(out, 11, header.training.into());
    number(out, 12, if header.schema == 1 { 0 } else { header.schema.into() });
    if let Some(personal) = personal.filter(|personal| !personal_is_empty(personal)) {
        put_bytes(out, 13, personal);
    }
    put_bytes(out, PAYLOAD_BASE + u32::from(header.kind.0), payload);
}
