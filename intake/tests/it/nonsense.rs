//! Bytes that mean nothing, and events with something changed, meet an answer and no panic.

use proptest::prelude::*;
use talon_intake::{MessageSource, holds_card_number};
use talon_proto::event_from_json;

use crate::bench::{Bench, INITIATED, behind_length, line, line_with};

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_get_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut bench = Bench::new();
        bench.publish_bytes(&bytes, MessageSource::JsonLines);
        bench.publish_bytes(&bytes, MessageSource::Delimited);
        prop_assert!(bench.records().is_empty());
    }

    #[test]
    fn an_event_with_a_byte_changed_is_taken_whole_or_refused(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let person = line_with(1, r#""personal":{"phone":"+33639980012"},"#, INITIATED);
        let mut event = Vec::new();
        event_from_json(person.as_bytes(), &mut event).expect("an event");
        let place = at.index(event.len());
        event[place] = byte;
        let file = behind_length(&event);
        let mut bench = Bench::new();
        let answers = bench.publish_bytes(&file, MessageSource::Delimited);
        prop_assert_eq!(answers.len(), 1);
        prop_assert!(bench.records().len() <= 1);
        let _ = bench.publish(&line(2, INITIATED));
    }

    #[test]
    fn any_text_is_scanned(text in ".{0,300}") {
        holds_card_number(&text);
    }
}
