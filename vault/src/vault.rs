//! A vault at work: it seals, and opens what was sealed. Invariants:
//! - a slab is durable and claimed for this writer before a key of it is used
//! - a writer that does not close gives its unused keys up: the next one never continues its slabs
//! - sealing writes to the vault only when the pool is empty; `prepare` fills it ahead, and for a busy writer a thread of
//!   its own does, off the path of the append
//!
//! Two vaults may be open for writing at once: no slab is ever claimed by both, so no key is used by both.
//!
//! Erasing is `erasing`'s; copying a vault and closing its slabs need no master key and are `upkeep`'s.

use std::fmt;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use talon_domain::ids::{LedgerId, MerchantId};
use zeroize::Zeroizing;

use crate::entropy::Entropy;
use crate::error::{OpenError, SealError, VaultError};
use crate::maker::{Lot, Maker, Workshop};
use crate::master::MasterKey;
use crate::phone::is_e164;
use crate::pool::Pool;
use crate::reader::{VaultReader, keys_path};
use crate::sealed::{checked_length, seal};
use crate::slab::SLAB_KEYS;
use crate::store::{Access, Identity, Store, Writer};
use crate::wrapping::Wrapping;

/// A busy writer makes this many slabs in one transaction: 32,768 keys, 1 MiB, one sync.
const SLABS_AHEAD_MAX: usize = 8;
/// Fewer keys than this at hand, and a busy writer has the next lot made.
const KEYS_LOW: usize = SLABS_AHEAD_MAX * SLAB_KEYS as usize;

/// A vault that seals and opens.
pub struct Vault {
    reader: VaultReader,
    entropy: Entropy,
    writer: Writer,
    pool: Pool,
    /// Whether the slabs that earlier writers left were claimed already.
    continued: bool,
    /// Slabs to make next time: doubles each time, so that a short run leaves little and a long one syncs seldom.
    ahead: usize,
    /// Makes slabs ahead, once this writer has shown to be busy.
    maker: Option<Maker>,
}

impl Vault {
    /// Makes the vault of a new ledger in `dir/vault/keys.sqlite`, readable by its owner alone, with its bucket key.
    /// `dir` must exist.
    pub fn create(dir: &Path, master: &MasterKey, ledger: LedgerId, mut entropy: Entropy) -> Result<Self, VaultError> {
        let path = keys_path(dir);
        create_folder(dir)?;
        create_file(&path)?;
        let wrapping = Wrapping::new(master, ledger);
        let bucket_key = Zeroizing::new(entropy.bytes());
        let bucket_key = wrapping.wrap_bucket_key(&bucket_key, &mut entropy);
        let identity = Identity { ledger, master_key: master.fingerprint(), bucket_key };
        let store = Store::create(&path, &identity)?;
        sync_folder(dir)?;
        Ok(Self::with(VaultReader::assemble(store, &identity, wrapping)?, entropy))
    }

    /// Opens a vault for sealing and opening. Nothing is written before the first key is needed.
    pub fn open(dir: &Path, master: &MasterKey, ledger: LedgerId, entropy: Entropy) -> Result<Self, VaultError> {
        Ok(Self::with(VaultReader::open(dir, Access::Write, master, ledger)?, entropy))
    }

    /// Opens a vault to open sealed parts alone: beside a writer, on a copy, on a file system that cannot be written.
    pub fn open_read_only(dir: &Path, master: &MasterKey, ledger: LedgerId) -> Result<VaultReader, VaultError> {
        VaultReader::open(dir, Access::Read, master, ledger)
    }

    fn with(reader: VaultReader, mut entropy: Entropy) -> Self {
        let writer = Writer(i64::from_le_bytes(entropy.bytes()));
        Self { reader, entropy, writer, pool: Pool::default(), continued: false, ahead: 1, maker: None }
    }

    /// Appends the sealed part of a record to `out`; on an error `out` is as it was.
    ///
    /// `header` is the record's header with flag b0 set; `personal` the `Personal` message as published (empty after an
    /// erasure), `phone` the phone in it. Every call uses up a key; it writes to the vault only if none was prepared.
    ///
    /// # Panics
    ///
    /// If flag b0 is clear: the caller would append a record that no reader takes.
    pub fn seal(
        &mut self,
        header: &[u8; 104],
        personal: &[u8],
        phone: Option<&str>,
        out: &mut Vec<u8>,
    ) -> Result<(), SealError> {
        assert!(header[6] & 1 == 1, "a record says that it has a sealed part before it is sealed");
        checked_length(personal)?;
        let bucket = self.bucket_of(merchant(header), phone)?;
        self.prepare(1)?;
        let Some((key_id, key)) = self.pool.take() else { unreachable!("a prepared pool holds a key") };
        seal((key_id, &key), bucket, header, personal, out)
    }

    fn bucket_of(&self, merchant: MerchantId, phone: Option<&str>) -> Result<u16, SealError> {
        match phone {
            None => Ok(0),
            Some(phone) if is_e164(phone) => Ok(self.phone_bucket(merchant, phone)),
            Some(_) => Err(SealError::PhoneMustBeE164),
        }
    }

    /// Makes at least `keys` keys durable and ready (32 bytes of memory each), so that as many calls of `seal` do not
    /// write. A writer that asks now and then pays a sync when a slab has to be made; a busy one has them made ahead.
    pub fn prepare(&mut self, keys: usize) -> Result<(), VaultError> {
        let ready = self.maker.as_mut().and_then(Maker::ready);
        self.take_in(ready);
        if self.pool.available() < keys && !self.continued {
            self.continue_slabs(slabs_for(keys))?;
        }
        if self.pool.available() < keys {
            let awaited = self.maker.as_mut().and_then(Maker::awaited);
            self.take_in(awaited);
        }
        let missing = keys.saturating_sub(self.pool.available());
        if missing > 0 {
            self.make_slabs(slabs_for(missing).max(self.ahead))?;
            self.ahead = (self.ahead * 2).min(SLABS_AHEAD_MAX);
        }
        self.look_ahead();
        Ok(())
    }

    /// A lot that could not be made is no loss yet: whoever needs its keys makes them, or learns why not.
    fn take_in(&mut self, lot: Option<Result<Lot, VaultError>>) {
        match lot {
            None => {}
            Some(Ok(lot)) => lot.into_iter().for_each(|(id, slab)| self.pool.add(id, slab, 0)),
            Some(Err(_)) => self.maker = None,
        }
    }

    fn look_ahead(&mut self) {
        if self.ahead < SLABS_AHEAD_MAX || self.pool.available() >= KEYS_LOW {
            return;
        }
        if self.maker.is_none() {
            let entropy = Entropy::from_seed(self.entropy.bytes());
            self.entropy.ratchet();
            let path = self.reader.store.path().to_owned();
            self.maker = Maker::start(path, self.reader.wrapping.clone(), entropy, self.writer);
        }
        if let Some(maker) = &mut self.maker {
            maker.ask(SLABS_AHEAD_MAX);
        }
    }

    /// What erasing works with.
    pub(crate) fn parts(&mut self) -> (&mut VaultReader, &mut Entropy) {
        (&mut self.reader, &mut self.entropy)
    }

    fn continue_slabs(&mut self, limit: usize) -> Result<(), VaultError> {
        for continued in self.reader.store.claim(self.writer, limit)? {
            let slab = self.reader.unwrap(&continued.slab)?;
            self.pool.add(continued.slab.id, slab, continued.next_slot);
        }
        self.continued = true;
        Ok(())
    }

    fn make_slabs(&mut self, count: usize) -> Result<(), VaultError> {
        let (store, wrapping) = (&mut self.reader.store, &self.reader.wrapping);
        let lot = Workshop { store, wrapping, entropy: &mut self.entropy, writer: self.writer }.make(count)?;
        lot.into_iter().for_each(|(id, slab)| self.pool.add(id, slab, 0));
        Ok(())
    }

    /// Opens the sealed part of a record: see [`VaultReader::open_sealed`].
    pub fn open_sealed(&mut self, header: &[u8; 104], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        self.reader.open_sealed(header, sealed)
    }

    /// The bucket of an E.164 number at a merchant: 1 to 4096 (docs/format.md, section 5).
    pub fn phone_bucket(&self, merchant: MerchantId, e164: &str) -> u16 {
        self.reader.phone_bucket(merchant, e164)
    }

    /// What this vault can do without writing.
    pub fn reader(&mut self) -> &mut VaultReader {
        &mut self.reader
    }

    /// Ends this writer in good order, so that the next one goes on with the keys that are left. A vault that is only
    /// dropped gives them up.
    pub fn close(mut self) -> Result<(), VaultError> {
        if !self.continued {
            return Ok(());
        }
        let awaited = self.maker.as_mut().and_then(Maker::awaited);
        self.take_in(awaited);
        self.reader.store.release(self.writer, &self.pool.left())
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("path", &self.reader.store.path()).finish_non_exhaustive()
    }
}

fn slabs_for(keys: usize) -> usize {
    keys.div_ceil(usize::from(SLAB_KEYS))
}

fn merchant(header: &[u8; 104]) -> MerchantId {
    let mut merchant = [0; 8];
    merchant.copy_from_slice(&header[24..32]);
    MerchantId(u64::from_le_bytes(merchant))
}

fn create_folder(dir: &Path) -> Result<(), VaultError> {
    let folder = dir.join("vault");
    match DirBuilder::new().mode(0o700).create(&folder) {
        Err(source) if source.kind() != io::ErrorKind::AlreadyExists => {
            Err(VaultError::Io { doing: "create", path: folder, source })
        }
        _ => Ok(()),
    }
}

/// The empty file comes first: SQLite gives its journal the same permissions, and `create_new` lets one maker win.
fn create_file(path: &Path) -> Result<(), VaultError> {
    let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    created.map(|_| ()).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => VaultError::Exists { path: path.to_owned() },
        _ => VaultError::Io { doing: "create", path: path.to_owned(), source },
    })
}

/// SQLite syncs the folder of its file, and we the folder of that folder.
fn sync_folder(dir: &Path) -> Result<(), VaultError> {
    File::open(dir).and_then(|folder| folder.sync_all()).map_err(|source| VaultError::Io {
        doing: "sync",
        path: dir.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests;
