//! Rows in PostgreSQL's binary COPY format, encoded by hand, so that no client library stands in the way.
//!
//! One batch is one `COPY ... FROM STDIN BINARY`: a head, rows, an end. Numbers are big endian. This module talks to no
//! server. Rows of other tables are made of the same pieces.

use anyhow::{Context, Result};
use talon_proto::walk;

/// The table that the rows are for.
pub(crate) const TABLE: &str = "CREATE TABLE event (
    merchant bigint, event_id uuid, stream_id uuid, occurred_at timestamptz, kind int, payload bytea,
    PRIMARY KEY (merchant, event_id))";
/// The statement that takes a batch.
pub(crate) const COPY: &str = "COPY event FROM STDIN BINARY";

const HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const END: [u8; 2] = (-1i16).to_be_bytes();
const COLUMNS: i16 = 6;
/// 2000-01-01T00:00:00Z, where PostgreSQL's time begins, in microseconds.
pub(crate) const EPOCH: i64 = 946_684_800_000_000;

/// Begins a batch in an emptied buffer.
pub(crate) fn begin(batch: &mut Vec<u8>) {
    batch.clear();
    batch.extend_from_slice(HEAD);
}

/// Adds the row of one encoded event, which is kept whole in `payload`.
pub(crate) fn row(batch: &mut Vec<u8>, event: &[u8]) -> Result<()> {
    let envelope = walk(event).context("the workload makes events")?;
    let (id, stream) = (envelope.identity()?, envelope.stream()?);
    batch.extend_from_slice(&COLUMNS.to_be_bytes());
    field(batch, &i64::try_from(envelope.merchant.0)?.to_be_bytes())?;
    field(batch, &id.0)?;
    field(batch, &stream.0)?;
    field(batch, &(envelope.occurred_at.0 - EPOCH).to_be_bytes())?;
    field(batch, &i32::from(envelope.kind.0).to_be_bytes())?;
    field(batch, event)
}

/// Ends a batch.
pub(crate) fn end(batch: &mut Vec<u8>) {
    batch.extend_from_slice(&END);
}

/// Adds one field behind its length.
pub(crate) fn field(batch: &mut Vec<u8>, bytes: &[u8]) -> Result<()> {
    batch.extend_from_slice(&i32::try_from(bytes.len())?.to_be_bytes());
    batch.extend_from_slice(bytes);
    Ok(())
}

/// Adds one field, or that it has no value.
pub(crate) fn field_or_none(batch: &mut Vec<u8>, bytes: Option<&[u8]>) -> Result<()> {
    if let Some(bytes) = bytes {
        return field(batch, bytes);
    }
    batch.extend_from_slice(&(-1i32).to_be_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use talon_benches::Workload;

    #[test]
    fn a_row_has_six_fields_behind_their_lengths() {
        let mut event = Vec::new();
        Workload::of(1).write(&mut event, talon_benches::now());
        let mut batch = Vec::new();
        begin(&mut batch);
        row(&mut batch, &event).unwrap();
        end(&mut batch);
        let mut rest = batch.strip_prefix(HEAD).unwrap().strip_prefix(&[0, 6]).unwrap();
        let mut lengths = Vec::new();
        while rest.len() > 2 {
            let length = u32::from_be_bytes(*rest.first_chunk().unwrap()) as usize;
            lengths.push(length);
            rest = &rest[4 + length..];
        }
        assert_eq!((lengths, rest), (vec![8, 16, 16, 8, 4, event.len()], &[0xff, 0xff][..]));
    }
}
