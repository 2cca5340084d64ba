//! Opening sealed parts, and making phone buckets: what a vault can do without ever writing.
//!
//! This module does not seal.

use std::fmt;
use std::path::{Path, PathBuf};

use talon_domain::ids::{LedgerId, MerchantId};
use zeroize::Zeroizing;

use crate::cache::SlabCache;
use crate::error::{OpenError, VaultError};
use crate::master::MasterKey;
use crate::phone::BucketKey;
use crate::sealed::SealedPart;
use crate::slab::{Key, KeyId, Slab};
use crate::store::{Access, Identity, Store, WrappedSlab};
use crate::wrapping::Wrapping;

/// The vault's file in a ledger's folder.
pub(crate) fn keys_path(dir: &Path) -> PathBuf {
    dir.join("vault").join("keys.sqlite")
}

/// A vault that opens and never writes.
pub struct VaultReader {
    pub(crate) store: Store,
    pub(crate) wrapping: Wrapping,
    bucket_key: BucketKey,
    cache: SlabCache,
}

impl VaultReader {
    /// Opens a store for a ledger, and proves the master key on the bucket key.
    pub(crate) fn open(dir: &Path, access: Access, master: &MasterKey, ledger: LedgerId) -> Result<Self, VaultError> {
        let (store, identity) = Store::open(&keys_path(dir), access)?;
        let path = || store.path().to_owned();
        if identity.ledger != ledger {
            return Err(VaultError::OtherLedger { path: path(), held: identity.ledger, wanted: ledger });
        }
        let given = master.fingerprint();
        if identity.master_key != given {
            return Err(VaultError::WrongKey { path: path(), wanted: identity.master_key, given });
        }
        Self::assemble(store, &identity, Wrapping::new(master, ledger))
    }

    pub(crate) fn assemble(store: Store, identity: &Identity, wrapping: Wrapping) -> Result<Self, VaultError> {
        let Some(bucket_key) = wrapping.unwrap_bucket_key(&identity.bucket_key) else {
            return Err(damaged(&store, "its bucket key does not unwrap".to_owned()));
        };
        Ok(Self { store, wrapping, bucket_key: BucketKey::new(bucket_key), cache: SlabCache::default() })
    }

    /// Opens the sealed part of a record: the `Personal` message as it was published.
    ///
    /// `header` is the record's header; `sealed` is all that follows its payload. A key that was erased a moment ago,
    /// also by another process, is unavailable at once.
    pub fn open_sealed(&mut self, header: &[u8; 104], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let part = SealedPart::parse(sealed)?;
        let key_id = part.key_id();
        let key = self.key(key_id)?.ok_or(OpenError::KeyUnavailable { key_id })?;
        part.open(&key, header)
    }

    /// The bucket of an E.164 number at a merchant: 1 to 4096 (docs/format.md, section 5).
    pub fn phone_bucket(&self, merchant: MerchantId, e164: &str) -> u16 {
        self.bucket_key.bucket(merchant, e164)
    }

    fn key(&mut self, id: KeyId) -> Result<Option<Key>, VaultError> {
        let Some(generation) = self.store.generation(id.slab())? else {
            self.cache.forget(id.slab());
            return Ok(None);
        };
        if let Some(slab) = self.cache.get(id.slab(), generation) {
            return Ok(slab.key(id.slot()));
        }
        let Some(wrapped) = self.store.slab(id.slab())? else { return Ok(None) };
        let slab = self.unwrap(&wrapped)?;
        Ok(self.cache.keep(id.slab(), wrapped.generation, slab).key(id.slot()))
    }

    pub(crate) fn unwrap(&self, wrapped: &WrappedSlab) -> Result<Slab, VaultError> {
        self.wrapping
            .unwrap_slab(wrapped.id, wrapped.generation, &wrapped.keys)
            .ok_or_else(|| damaged(&self.store, format!("slab {:013x} does not unwrap", wrapped.id.number())))
    }
}

fn damaged(store: &Store, what: String) -> VaultError {
    VaultError::Damaged { path: store.path().to_owned(), what }
}

impl fmt::Debug for VaultReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VaultReader").field("path", &self.store.path()).finish_non_exhaustive()
    }
}
