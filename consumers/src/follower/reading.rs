//! The thread that reads: records from the journal, decoded, into the mailbox. Invariants:
//! - a batch goes out when it is full, and whatever is in it when the durable end is reached
//! - it ends when the mailbox is closed, or with the error that it brought

use std::time::Duration;

use talon_journal::{Journal, Positions, ReadError, Record, Stored};

use super::mailbox::{Batch, Mailbox};
use super::pass;

/// A batch holds at most so many records, and bytes of them but for the last.
const RECORDS_MAX: usize = 4_096;
const BYTES_MAX: usize = 4 << 20;

/// How long one wait for more lasts: then it is asked whether anybody still takes it.
const PATIENCE: Duration = Duration::from_millis(200);

/// Reads from these positions on until nobody takes more.
pub(super) fn read<T>(journal: &dyn Journal, from: Positions, to: &Mailbox<T>, decode: fn(&Stored<'_>) -> T) {
    if let Err(error) = read_on(journal, from, to, decode) {
        to.bring(Err(error));
    }
}

fn read_on<T>(
    journal: &dyn Journal,
    mut at: Positions,
    to: &Mailbox<T>,
    decode: fn(&Stored<'_>) -> T,
) -> Result<(), ReadError> {
    let mut reader = journal.scan(&at)?;
    while to.is_open() {
        let mut items = Vec::new();
        let (mut bytes, mut oldest, mut is_end) = (0usize, None, false);
        while items.len() < RECORDS_MAX && bytes < BYTES_MAX {
            let Some(stored) = reader.next()? else {
                is_end = true;
                break;
            };
            if items.is_empty() {
                oldest = Record::parse(stored.bytes).ok().map(|record| record.recorded_at());
            }
            bytes = bytes.saturating_add(stored.bytes.len());
            items.push(decode(&stored));
            pass(&mut at, &stored);
        }
        if !items.is_empty() {
            let (after, ends) = (at.clone(), journal.ends());
            to.bring(Ok(Box::new(Batch { items, after, oldest, ends })));
        }
        if is_end {
            to.end();
            journal.wait(&at, PATIENCE)?;
        }
    }
    Ok(())
}
