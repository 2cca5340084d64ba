//! Streams of messages: whatever pieces a stream arrives in, the same messages come out of it, under the same numbers.

use std::io::{self, Read};

use talon_intake::{EventBatch, MessageSource, Messages, Outcome, Place};

use crate::admitted::Entrance;
use crate::bytes::Bytes;

/// How messages follow one another, the length of the pieces, and a stream.
pub fn lines(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let source = if bytes.u8() & 1 == 0 { MessageSource::JsonLines } else { MessageSource::Delimited };
    let piece = usize::from(bytes.u8() % 64) + 1;
    let whole = outcomes(bytes.0, source);
    let dripped = outcomes(Drip { rest: bytes.0, piece }, source);
    assert_eq!(whole, dripped);
}

/// Every message's number and what became of it: its place, or the number of its refusal. Pieces decide which messages
/// are one batch, and so whether a conflict is told of the batch or of the journal.
fn outcomes(input: impl Read, source: MessageSource) -> Vec<(u64, Result<Place, u16>)> {
    let mut messages = Messages::new(input, source);
    let mut entrance = Entrance::new();
    let (mut batch, mut told) = (EventBatch::new(), Vec::new());
    loop {
        messages.fill(&mut batch, 100).expect("a stream in memory");
        if batch.is_empty() {
            break;
        }
        let outcomes = entrance.publish(&batch);
        assert_eq!(outcomes.len(), batch.len());
        told.extend((0..).map_while(|index| batch.number(index)).zip(outcomes.iter().map(place)));
    }
    assert!(told.windows(2).all(|pair| pair[0].0 < pair[1].0), "numbers ascend");
    told
}

fn place(outcome: &Outcome) -> Result<Place, u16> {
    match outcome {
        Outcome::Appended(place) | Outcome::Duplicate(place) => Ok(*place),
        Outcome::Refused(refusal) => Err(refusal.number()),
        other => panic!("a journal in memory never fails: {other:?}"),
    }
}

/// A stream that arrives in pieces.
struct Drip<'a> {
    rest: &'a [u8],
    piece: usize,
}

impl Read for Drip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (now, rest) = self.rest.split_at(self.piece.min(self.rest.len()).min(buffer.len()));
        buffer[..now.len()].copy_from_slice(now);
        self.rest = rest;
        Ok(now.len())
    }
}
