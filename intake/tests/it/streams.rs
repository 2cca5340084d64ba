//! Files as they come: too long, cut, not text.

use talon_intake::{MessageSource, Outcome, Refusal};
use talon_proto::event_from_json;

use crate::bench::{Bench, INITIATED, behind_length, line};

fn names(outcomes: &[Outcome]) -> Vec<&'static str> {
    outcomes
        .iter()
        .map(|outcome| match outcome {
            Outcome::Appended(_) => "appended",
            Outcome::Refused(refusal) => refusal.name(),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn delimited(number: u32) -> Vec<u8> {
    let mut event = Vec::new();
    event_from_json(line(number, INITIATED).as_bytes(), &mut event).expect("an event");
    behind_length(&event)
}

#[test]
fn a_line_of_a_hundred_megabytes_is_refused_and_the_next_is_read() {
    let mut file = line(1, INITIATED).into_bytes();
    file.push(b'\n');
    file.extend(vec![b'x'; 100 << 20]);
    file.push(b'\n');
    file.extend(line(2, INITIATED).into_bytes());
    let mut bench = Bench::new();
    let outcomes = bench.publish_bytes(&file, MessageSource::JsonLines);
    assert_eq!(names(&outcomes), ["appended", "line_must_be_short", "appended"]);
}

#[test]
fn what_is_not_utf8_is_refused_and_the_next_line_is_read() {
    let mut file = b"{\"eventId\":\"\xff\xfe\"}\n".to_vec();
    file.extend(line(2, INITIATED).into_bytes());
    let outcomes = Bench::new().publish_bytes(&file, MessageSource::JsonLines);
    assert_eq!(names(&outcomes), ["text_must_be_utf8", "appended"]);
}

#[test]
fn empty_lines_are_skipped_and_counted() {
    let file = format!("\n  \r\n{}\r\nnot json\n", line(1, INITIATED));
    let mut bench = Bench::new();
    let mut messages = talon_intake::Messages::new(file.as_bytes(), MessageSource::JsonLines);
    let mut batch = talon_intake::EventBatch::new();
    messages.fill(&mut batch, 10).expect("bytes in memory");
    assert_eq!((batch.number(0), batch.number(1), batch.len()), (Some(3), Some(4), 2));
    assert_eq!(names(&bench.publish(&file)), ["appended", "line_must_be_json"]);
}

#[test]
fn a_file_that_is_cut_anywhere_gives_its_whole_messages_and_says_so() {
    let mut file = delimited(1);
    let whole = file.len();
    file.extend(delimited(2));
    for end in 0..=file.len() {
        let mut bench = Bench::new();
        let outcomes = bench.publish_bytes(&file[..end], MessageSource::Delimited);
        let expected: &[&str] = match end {
            0 => &[],
            end if end < whole => &["file_must_be_whole"],
            end if end == whole => &["appended"],
            end if end < file.len() => &["appended", "file_must_be_whole"],
            _ => &["appended", "appended"],
        };
        assert_eq!(names(&outcomes), expected, "cut at {end}");
    }
}

#[test]
fn a_length_that_cannot_be_true_is_refused() {
    for length in
        [&[0xff, 0xff, 0xff, 0x7f][..], &[0xff; 11], &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02]]
    {
        let outcomes = Bench::new().publish_bytes(length, MessageSource::Delimited);
        assert!(
            matches!(outcomes[..], [Outcome::Refused(Refusal::TooLong { .. } | Refusal::CutShort)]),
            "{outcomes:?}"
        );
    }
}
