//! Reading messages from a stream: lines of JSON, or protobuf messages behind their lengths. One that is too long or
//! unreadable is refused under its number, and the next one is read. Memory is bounded by the longest event, not by
//! what arrives.

use std::io::{self, BufRead as _, BufReader, Read};

use talon_proto::{LINE_BYTES_MAX, event_from_json};

use crate::events::EventBatch;
use crate::refusal::Refusal;

/// How messages follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// One JSON object a line; empty lines are skipped and counted.
    JsonLines,
    /// A varint length, then so many bytes of a `talon.v1.Event`.
    Delimited,
}

/// What some editors put in front of a file of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// How much is asked of the stream at once.
const BUFFER_BYTES: usize = 1 << 20;

/// Messages of a stream, read batch by batch.
#[derive(Debug)]
pub struct Messages<R> {
    input: BufReader<R>,
    source: Source,
    number: u64,
    line: Vec<u8>,
    bytes_read: u64,
    ended: bool,
}

impl<R: Read> Messages<R> {
    /// Reads `input`.
    pub fn new(input: R, source: Source) -> Self {
        Self {
            input: BufReader::with_capacity(BUFFER_BYTES, input),
            source,
            number: 0,
            line: Vec::new(),
            bytes_read: 0,
            ended: false,
        }
    }

    /// How many bytes were read so far.
    pub const fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// Fills a batch with at most `events` messages; an empty one is the end of the stream. What is there is not held
    /// back for what may come: behind a pipe that pauses, a batch is as long as what arrived.
    pub fn fill(&mut self, batch: &mut EventBatch, events: usize) -> io::Result<()> {
        batch.clear();
        while batch.len() < events && batch.has_room(LINE_BYTES_MAX) && !self.ended {
            match self.source {
                Source::JsonLines => self.take_line(batch)?,
                Source::Delimited => self.take_delimited(batch)?,
            }
            if !batch.is_empty() && self.input.buffer().is_empty() {
                break;
            }
        }
        Ok(())
    }

    fn take_line(&mut self, batch: &mut EventBatch) -> io::Result<()> {
        let Some(whole) = self.read_line()? else {
            self.ended = true;
            return Ok(());
        };
        self.number += 1;
        let mark = if self.number == 1 { BYTE_ORDER_MARK } else { b"" };
        let line = self.line.strip_prefix(mark).unwrap_or(&self.line).trim_ascii();
        if line.is_empty() && whole {
            return Ok(());
        }
        batch.push_with(self.number, |out| {
            if !whole {
                return Err(Refusal::TooLong { limit: LINE_BYTES_MAX });
            }
            event_from_json(line, out).map_err(Refusal::from)
        });
        Ok(())
    }

    /// Reads a line into `self.line`; `Some(false)` for one that was too long and was skipped, `None` at the end.
    fn read_line(&mut self) -> io::Result<Option<bool>> {
        self.line.clear();
        let (mut any, mut whole) = (false, true);
        loop {
            let available = self.input.fill_buf()?;
            if available.is_empty() {
                return Ok(any.then_some(whole));
            }
            any = true;
            let end = available.iter().position(|byte| *byte == b'\n');
            let taken = end.unwrap_or(available.len());
            whole &= self.line.len().saturating_add(taken) <= LINE_BYTES_MAX;
            if whole {
                self.line.extend_from_slice(available.get(..taken).unwrap_or_default());
            }
            let consumed = taken + usize::from(end.is_some());
            self.input.consume(consumed);
            self.bytes_read += consumed as u64;
            if end.is_some() {
                return Ok(Some(whole));
            }
        }
    }

    fn take_delimited(&mut self, batch: &mut EventBatch) -> io::Result<()> {
        let length = match self.read_length()? {
            Length::End => {
                self.ended = true;
                return Ok(());
            }
            Length::Of(length) => length,
            Length::Cut => {
                self.refuse_rest(batch, Refusal::CutShort);
                return Ok(());
            }
        };
        let Some(length) = usize::try_from(length).ok().filter(|length| *length <= LINE_BYTES_MAX) else {
            self.refuse_rest(batch, Refusal::TooLong { limit: LINE_BYTES_MAX });
            return Ok(());
        };
        self.line.resize(length, 0);
        match self.input.read_exact(&mut self.line) {
            Ok(()) => {
                self.number += 1;
                self.bytes_read += length as u64;
                batch.push(self.number, &self.line);
            }
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => self.refuse_rest(batch, Refusal::CutShort),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Behind a length that cannot be true nothing can be found again: the rest is one refusal.
    fn refuse_rest(&mut self, batch: &mut EventBatch, refusal: Refusal) {
        self.number += 1;
        self.ended = true;
        batch.push_with(self.number, |_| Err(refusal));
    }

    /// Reads a varint. No length that may be true has more than five bytes.
    fn read_length(&mut self) -> io::Result<Length> {
        let mut length = 0u64;
        for shift in (0..5).map(|byte| byte * 7) {
            let Some(byte) = self.input.fill_buf()?.first().copied() else {
                return Ok(if shift == 0 { Length::End } else { Length::Cut });
            };
            self.input.consume(1);
            self.bytes_read += 1;
            length |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(Length::Of(length));
            }
        }
        Ok(Length::Of(u64::MAX))
    }
}

enum Length {
    Of(u64),
    End,
    Cut,
}
