//! Lines of JSON: what becomes an event is the canonical bytes of it, and then everything that holds for events holds.

use prost::Message as _;
use talon_proto::{event_from_json, wire};

use crate::admitted::repeats_no_value;

/// Any bytes as a line of JSON.
pub fn json(bytes: &[u8]) {
    let before = b"something that was there before".to_vec();
    let mut out = before.clone();
    match event_from_json(bytes, &mut out) {
        Err(fault) => {
            assert_eq!(out, before, "a refused line leaves nothing behind");
            repeats_no_value(&fault.to_string(), bytes);
        }
        Ok(()) => is_canonical(out.strip_prefix(&before[..]).expect("what was there stays")),
    }
}

fn is_canonical(event: &[u8]) {
    let read = wire::Event::decode(event).expect("the generated code reads what ours wrote");
    assert_eq!(read.encode_to_vec(), event, "fields in ascending order, defaults left out");
    crate::event(event);
}
