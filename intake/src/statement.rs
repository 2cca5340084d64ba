//! What was read of a statement, as events for the door. Invariants:
//! - a line's id is made of its account, of what names it there - the provider's own id, else its content and which of
//!   equal lines it is - and of all that it says: the same line of another file is the same event, and a line whose words
//!   have changed is another one, so that both are kept
//! - a statement's id is made of its account and its file's hash
//! - in a key digits are letters: no hash looks like a card's number

use sha2::{Digest as _, Sha256};
use talon_domain::fact::{Kind, SettlementLine, Source, StatementImported};
use talon_domain::ids::MerchantId;
use talon_domain::time::Instant;
use talon_proto::{Statement, encode_line, encode_statement};

/// Bytes of a hash that a key has.
const HASH_BYTES: usize = 16;

/// Appends the event of a line that a provider's file says.
pub fn line_event(merchant: MerchantId, occurred_at: Instant, line: &SettlementLine, out: &mut Vec<u8>) {
    let mut payload = Vec::with_capacity(256);
    encode_line(line, &mut payload);
    let named = Sha256::new().chain_update(b"talon.line.name");
    let named = match line.line_id.as_deref() {
        Some(id) => named.chain_update([1]).chain_update(id),
        None => named.chain_update([0]).chain_update(line.name()).chain_update(line.occurrence.get().to_le_bytes()),
    };
    let key = format!("line:{}:{}:{}", line.account, letters(&named.finalize()), letters(&Sha256::digest(&payload)));
    let kind = Kind::SETTLEMENT_LINE_RECORDED;
    Statement { merchant, occurred_at, source: Source::Provider, source_key: &key, kind, payload: &payload }
        .encode(out);
}

/// Appends the event of a statement that was read: on the first day that it is of.
pub fn statement_event(merchant: MerchantId, occurred_at: Instant, statement: &StatementImported, out: &mut Vec<u8>) {
    let mut payload = Vec::with_capacity(128);
    encode_statement(statement, &mut payload);
    let key = format!("statement:{}:{}", statement.account, letters(&statement.file_hash));
    let kind = Kind::STATEMENT_IMPORTED;
    Statement { merchant, occurred_at, source: Source::Provider, source_key: &key, kind, payload: &payload }
        .encode(out);
}

/// A hash in the letters from a to p.
fn letters(hash: &[u8]) -> String {
    let letter = |nibble: u8| char::from(b'a' + nibble);
    hash.iter().take(HASH_BYTES).flat_map(|byte| [letter(byte >> 4), letter(byte & 15)]).collect()
}
