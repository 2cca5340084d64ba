//! What an event that cannot be taken says of itself, as far as that can be read: enough to tell which one was refused.
//!
//! Invariants:
//! - whatever is unreadable is as if it were not there; nothing is refused here, and nothing is taken
//! - no personal part and no payload is looked at

use serde_json::Value as Json;
use talon_domain::ids::{EventId, MerchantId, ShopId, TerminalEpoch, TerminalId, TerminalSeq};
use talon_domain::time::Instant;

use crate::fields::{Fields, Value};
use crate::json::moment;
use crate::limits::LINE_BYTES_MAX;
use crate::source_key::event_id_of;
use crate::timestamp;

/// What an event names, whether or not it can be taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Glance {
    /// Its id: the one that it states, or the one made of its source key.
    pub event_id: Option<EventId>,
    /// Who is paid.
    pub merchant: MerchantId,
    /// Which shop.
    pub shop: ShopId,
    /// Which terminal.
    pub terminal: TerminalId,
    /// Which device behind the terminal's number.
    pub terminal_epoch: TerminalEpoch,
    /// The terminal's own count.
    pub terminal_seq: TerminalSeq,
}

impl Glance {
    fn identify(mut self, event_id: &str, source_key: &str, occurred_at: Option<Instant>) -> Self {
        let of_key = || occurred_at.filter(|_| !source_key.is_empty());
        self.event_id = EventId::parse(event_id).or_else(|| Some(event_id_of(self.merchant, of_key()?, source_key)));
        self
    }
}

/// Looks at an encoded event. Of what comes twice the last is seen.
pub fn glance(event: &[u8]) -> Glance {
    let (mut seen, mut event_id, mut source_key, mut occurred_at) = (Glance::default(), "", "", None);
    for (number, value) in Fields::new(event).map_while(Result::ok) {
        match (number, value) {
            (1, Value::Bytes(text)) => event_id = std::str::from_utf8(text).unwrap_or_default(),
            (2, Value::Bytes(text)) => source_key = std::str::from_utf8(text).unwrap_or_default(),
            (3, Value::Number(number)) => seen.merchant = MerchantId(number),
            (4, Value::Number(number)) => seen.shop = ShopId(fit(number)),
            (5, Value::Number(number)) => seen.terminal = TerminalId(fit(number)),
            (6, Value::Number(number)) => seen.terminal_epoch = TerminalEpoch(fit(number)),
            (7, Value::Number(number)) => seen.terminal_seq = TerminalSeq(fit(number)),
            (9, Value::Bytes(bytes)) => occurred_at = timestamp::read(bytes).ok(),
            _ => {}
        }
    }
    seen.identify(event_id, source_key, occurred_at)
}

/// Looks at an event written in JSON.
pub fn glance_json(line: &[u8]) -> Glance {
    if line.len() > LINE_BYTES_MAX {
        return Glance::default();
    }
    let Ok(event) = serde_json::from_slice::<Json>(line) else { return Glance::default() };
    let text = |name: &str| event.get(name).and_then(Json::as_str).unwrap_or_default();
    let number = |name: &str| match event.get(name) {
        Some(Json::Number(number)) => number.as_u64().unwrap_or_default(),
        Some(Json::String(digits)) => digits.parse().unwrap_or_default(),
        _ => 0,
    };
    let seen = Glance {
        event_id: None,
        merchant: MerchantId(number("merchant")),
        shop: ShopId(fit(number("shop"))),
        terminal: TerminalId(fit(number("terminal"))),
        terminal_epoch: TerminalEpoch(fit(number("terminalEpoch"))),
        terminal_seq: TerminalSeq(fit(number("terminalSeq"))),
    };
    seen.identify(text("eventId"), text("sourceKey"), moment(text("occurredAt")))
}

/// A number that its field cannot hold is as if it were not there.
fn fit<N: TryFrom<u64> + Default>(number: u64) -> N {
    N::try_from(number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{event_from_json, walk};

    const LINE: &str = r#"{"eventId":"019ab9f4-d500-7aaa-8bbb-0102030405bb","merchant":"732829320","shop":17,"terminal":3,
        "terminalEpoch":2,"terminalSeq":41,"transactionId":"019ab9f4-d500-7aaa-8bbb-0102030405bc",
        "occurredAt":"2026-11-24T10:00:00Z","source":"GATEWAY","phoneVerified":{}}"#;

    #[test]
    fn what_can_be_taken_says_of_itself_what_the_door_reads() {
        let mut event = Vec::new();
        event_from_json(LINE.as_bytes(), &mut event).expect("an event");
        let envelope = walk(&event).expect("an event");
        let seen = glance(&event);
        assert_eq!(seen, glance_json(LINE.as_bytes()));
        assert_eq!(seen.event_id, envelope.identity().ok());
        let place =
            (envelope.merchant, envelope.shop, envelope.terminal, envelope.terminal_epoch, envelope.terminal_seq);
        assert_eq!((seen.merchant, seen.shop, seen.terminal, seen.terminal_epoch, seen.terminal_seq), place);
    }

    #[test]
    fn an_id_that_is_made_of_a_key_is_the_doors() {
        let line =
            LINE.replace("\"eventId\":\"019ab9f4-d500-7aaa-8bbb-0102030405bb\"", "\"sourceKey\":\"alma:p1:debit:1\"");
        let mut event = Vec::new();
        event_from_json(line.as_bytes(), &mut event).expect("an event");
        let made = walk(&event).expect("an event").identity().ok();
        assert_eq!([glance(&event).event_id, glance_json(line.as_bytes()).event_id], [made; 2]);
    }

    #[test]
    fn what_cannot_be_read_is_as_if_it_were_not_there() {
        let wrong =
            LINE.replace("\"terminalEpoch\":2", "\"terminalEpoch\":70000").replace("phoneVerified", "unheardOf");
        let seen = glance_json(wrong.as_bytes());
        assert_eq!((seen.terminal, seen.terminal_epoch), (TerminalId(3), TerminalEpoch(0)));
        assert_eq!([glance(b"\xff\xff"), glance_json(b"{"), glance_json(b"[]")], [Glance::default(); 3]);
    }
}
