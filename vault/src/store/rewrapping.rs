//! Rewrapping: one transaction that changes every slab's bytes and the name of the key that wraps them. Invariant: all or
//! none, and only if the vault is still under the key the caller read. This module knows no key.

use rusqlite::{Connection, Row, TransactionBehavior, params};

use super::{Identity, WrappedSlab};
use crate::error::VaultError;
use crate::slab::{Generation, SlabId};

/// Wraps a slab anew.
pub(crate) type Wrap<'w> = &'w mut dyn FnMut(WrappedSlab) -> Result<Vec<u8>, VaultError>;

/// Why nothing was wrapped anew.
pub(super) enum Rewrapping {
    Vault(VaultError),
    Store(rusqlite::Error),
}

impl From<rusqlite::Error> for Rewrapping {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error)
    }
}

/// `None` if another key wraps the vault by now.
pub(super) fn rewrap(
    db: &mut Connection,
    old_key: &str,
    identity: &Identity,
    wrap: Wrap<'_>,
) -> Result<Option<u64>, Rewrapping> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let sql = "UPDATE vault SET master_key = ?1, bucket_key = ?2 WHERE master_key = ?3";
    if tx.execute(sql, params![identity.master_key, identity.bucket_key, old_key])? != 1 {
        return Ok(None);
    }
    let ids = tx
        .prepare("SELECT slab_id FROM slab ORDER BY slab_id")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<Vec<SlabId>, _>>()?;
    for id in &ids {
        let read = |row: &Row<'_>| Ok(WrappedSlab { id: *id, generation: Generation(row.get(0)?), keys: row.get(1)? });
        let slab = tx.query_row("SELECT generation, keys FROM slab WHERE slab_id = ?1", [id], read)?;
        let keys = wrap(slab).map_err(Rewrapping::Vault)?;
        tx.execute("UPDATE slab SET keys = ?2 WHERE slab_id = ?1", params![id, keys])?;
    }
    tx.commit()?;
    Ok(Some(ids.len() as u64))
}
