//! Pins: what is read is what a reader of any JSON sees in it, and is written again to the same pin; what is refused is
//! refused by a code that repeats nothing.

use serde_json::Value;
use talon_domain::ids::LedgerId;
use talon_replay::{Pin, PinError};

/// Any bytes as a pin.
pub fn pin(bytes: &[u8]) {
    match Pin::parse(bytes) {
        Ok(pin) => {
            is_what_json_says(&pin, &serde_json::from_slice(bytes).expect("a pin is JSON"));
            let written = pin.encode();
            assert!(written.len() <= Pin::BYTES_MAX);
            assert_eq!(Pin::parse(written.as_bytes()), Ok(pin), "a pin reads back");
        }
        Err(error) => is_told_by_a_code(error, bytes),
    }
}

fn is_what_json_says(pin: &Pin, json: &Value) {
    let fields = json.as_object().expect("an object");
    assert_eq!((fields.len(), json["talon_pin"].as_u64()), (4, Some(1)));
    assert_eq!(LedgerId::parse(json["ledger"].as_str().expect("text")), Some(pin.ledger()));
    assert_eq!(json["time"].as_str(), Some(pin.time()));
    assert!(pin.time().bytes().all(|byte| byte.is_ascii_digit() || b"-:.TZ".contains(&byte)), "nothing is obeyed");
    let rows = json["partitions"].as_array().expect("a list");
    assert_eq!(rows.len(), pin.partitions().len());
    for (row, (partition, head)) in rows.iter().zip(pin.partitions()) {
        assert_eq!(row.as_object().map(serde_json::Map::len), Some(3));
        assert_eq!(row["partition"].as_u64(), Some(partition.0.into()));
        assert_eq!((row["size"].as_u64(), head.size > 0), (Some(head.size), true));
        assert_eq!(row["root"].as_str(), Some(head.root.to_string().as_str()));
    }
    let partitions: Vec<_> = pin.partitions().iter().map(|(partition, _)| partition.0).collect();
    assert!(partitions.is_sorted_by(|one, next| one < next) && partitions.iter().all(|number| *number < 64));
    assert!(!partitions.is_empty());
}

fn is_told_by_a_code(error: PinError, bytes: &[u8]) {
    let words = error.to_string();
    assert!(words.starts_with("pin_") && words.is_ascii() && words.len() < 140, "{words}");
    assert_eq!(error == PinError::TooLarge, bytes.len() > Pin::BYTES_MAX);
}
