//! Rotating: everything in a vault is wrapped under another master key. Invariants:
//! - all of it or none: one transaction changes every slab, the bucket key and the key's name
//! - no key of a record changes, nor the bucket key: what was sealed opens as before, and a phone keeps its group
//! - bytes under the old key are overwritten in the file; copies that were made before still open with it, until they are
//!   thrown away
//!
//! This module does not keep either key's file.

use std::path::Path;

use talon_domain::ids::LedgerId;

use crate::entropy::Entropy;
use crate::error::VaultError;
use crate::master::MasterKey;
use crate::reader::{VaultReader, keys_path};
use crate::store::{Access, Identity, Store};
use crate::vault::Vault;
use crate::wrapping::Wrapping;

impl Vault {
    /// Wraps a ledger's vault under another master key; how many slabs it holds. Nobody may write to the ledger meanwhile.
    ///
    /// # Errors
    /// Nothing was changed: the old key still wraps all of it.
    pub fn rotate(
        dir: &Path,
        (old, new): (&MasterKey, &MasterKey),
        ledger: LedgerId,
        entropy: &mut Entropy,
    ) -> Result<u64, VaultError> {
        // Proves the old key on the bucket key, and whose vault it is.
        drop(VaultReader::open(dir, Access::Read, old, ledger)?);
        let (mut store, identity) = Store::open(&keys_path(dir), Access::Write)?;
        let (from, to) = (Wrapping::new(old, ledger), Wrapping::new(new, ledger));
        let path = store.path().to_owned();
        let damaged = |what: String| VaultError::Damaged { path: path.clone(), what };
        let bucket_key = from.unwrap_bucket_key(&identity.bucket_key);
        let bucket_key = bucket_key.ok_or_else(|| damaged("its bucket key does not unwrap".to_owned()))?;
        let bucket_key = to.wrap_bucket_key(&bucket_key, entropy);
        let renewed = Identity { ledger, master_key: new.fingerprint(), bucket_key };
        store.rewrap(&identity.master_key, &renewed, &mut |slab| {
            let keys = from.unwrap_slab(slab.id, slab.generation, &slab.keys);
            let keys = keys.ok_or_else(|| damaged(format!("slab {:013x} does not unwrap", slab.id.number())))?;
            Ok(to.wrap_slab(slab.id, slab.generation, &keys, entropy))
        })
    }
}
