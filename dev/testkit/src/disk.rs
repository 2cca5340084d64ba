//! A disk that fails on command: it loses power at the Nth operation, or answers that one operation with an error.
//!
//! What a power cut leaves is chosen afterwards: unsynced sectors and names may be lost, kept, or some of each, because
//! a real disk promises nothing about them. A sync that fails drops what it should have made durable and forgets that
//! it was ever written, as kernels do: a second sync that succeeds proves nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use talon_journal::{Access, Claim, Storage, StorageFile, WriterLock};

const SECTOR_BYTES: usize = 512;
const PAGE_BYTES: usize = 4096;

/// What happens at the chosen operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The machine stops; a write that was under way is half done.
    PowerCut,
    /// The operation answers with an error; a write is half done.
    Error(io::ErrorKind),
}

/// What is left of the writes and names that were not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Survivors {
    /// Nothing: the worst power cut.
    Nothing,
    /// Everything: the process was killed, and the kernel's cache lives on.
    Everything,
    /// Some sectors and the first few names, chosen by a seed.
    Some(u64),
}

/// A disk in memory. Clones are the same disk.
#[derive(Clone, Debug, Default)]
pub struct Disk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    files: Vec<Contents>,
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    unsynced_names: Vec<NameChange>,
    operations: u64,
    fault: Option<(u64, Fault)>,
    is_off: bool,
    holder: Option<String>,
}

#[derive(Clone, Debug, Default)]
struct Contents {
    seen: Vec<u8>,
    durable: Vec<u8>,
    unsynced: BTreeSet<usize>,
}

#[derive(Clone, Debug)]
enum NameChange {
    Set(String, usize),
    Remove(String),
}

impl Disk {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many operations have changed it or synced it.
    pub fn operations(&self) -> u64 {
        self.state().operations
    }

    /// Arms a fault: it strikes at the operation with this number, counted from 0 when the disk was made.
    pub fn arm(&self, operation: u64, fault: Fault) {
        self.state().fault = Some((operation, fault));
    }

    /// The disk as it is found after the power is back.
    #[must_use]
    pub fn after_power_cut(&self, survivors: Survivors) -> Self {
        let state = self.state();
        let mut chance = Chance::of(survivors);
        let files = state.files.iter().map(|file| file.survive(&mut chance)).collect();
        let mut names = state.durable_names.clone();
        for change in state.unsynced_names.iter().take_while(|_| chance.survives()) {
            change.apply(&mut names);
        }
        let found = State { files, durable_names: names.clone(), names, ..State::default() };
        Self(Arc::new(Mutex::new(found)))
    }

    /// The disk as the next process finds it when this one was killed: what was not synced is seen, and not yet safe.
    #[must_use]
    pub fn after_kill(&self) -> Self {
        let state = self.state();
        let found = State {
            files: state.files.clone(),
            names: state.names.clone(),
            durable_names: state.durable_names.clone(),
            unsynced_names: state.unsynced_names.clone(),
            ..State::default()
        };
        Self(Arc::new(Mutex::new(found)))
    }

    /// A file's bytes, to be looked at.
    pub fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        let state = self.state();
        state.names.get(name).map(|file| state.files[*file].seen.clone())
    }

    /// Replaces a file's bytes, durably: what a disk does when it rots.
    pub fn replace(&self, name: &str, bytes: Vec<u8>) {
        let mut state = self.state();
        let file = state.names.get(name).copied().unwrap_or(state.files.len());
        let contents = Contents { seen: bytes.clone(), durable: bytes, unsynced: BTreeSet::new() };
        if file == state.files.len() {
            state.files.push(contents);
        } else {
            state.files[file] = contents;
        }
        state.names.insert(name.to_owned(), file);
        state.durable_names.insert(name.to_owned(), file);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Counts an operation and says what strikes it.
    fn operate(&mut self) -> io::Result<Option<Fault>> {
        self.check_power()?;
        let number = self.operations;
        self.operations += 1;
        let fault = self.fault.filter(|(at, _)| *at == number).map(|(_, fault)| fault);
        self.is_off = fault == Some(Fault::PowerCut);
        Ok(fault)
    }

    fn check_power(&self) -> io::Result<()> {
        if self.is_off { Err(power_cut()) } else { Ok(()) }
    }

    fn change_name(&mut self, change: NameChange) {
        change.apply(&mut self.names);
        self.unsynced_names.push(change);
    }

    fn file(&self, name: &str) -> io::Result<usize> {
        self.names.get(name).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Contents {
    fn write(&mut self, bytes: &[u8], offset: usize) {
        let end = offset + bytes.len();
        if self.seen.len() < end {
            self.seen.resize(end, 0);
        }
        self.seen[offset..end].copy_from_slice(bytes);
        self.unsynced.extend(offset / SECTOR_BYTES..end.div_ceil(SECTOR_BYTES));
    }

    /// Only what is known to be unsynced is written: what an earlier sync failed to write is lost for good, however
    /// often it is synced again.
    fn sync(&mut self) {
        self.durable.resize(self.seen.len(), 0);
        for sector in std::mem::take(&mut self.unsynced) {
            let end = ((sector + 1) * SECTOR_BYTES).min(self.seen.len());
            let start = (sector * SECTOR_BYTES).min(end);
            self.durable[start..end].copy_from_slice(&self.seen[start..end]);
        }
    }

    fn survive(&self, chance: &mut Chance) -> Self {
        let mut found = self.durable.clone();
        for sector in self.unsynced.iter().filter(|_| chance.survives()) {
            let end = ((sector + 1) * SECTOR_BYTES).min(self.seen.len());
            let start = (sector * SECTOR_BYTES).min(end);
            if found.len() < end {
                found.resize(end, 0);
            }
            found[start..end].copy_from_slice(&self.seen[start..end]);
        }
        Self { seen: found.clone(), durable: found, unsynced: BTreeSet::new() }
    }
}

impl NameChange {
    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Set(name, file) => names.insert(name.clone(), *file),
            Self::Remove(name) => names.remove(name),
        };
    }
}

/// Whether something survives, again and again.
enum Chance {
    Always(bool),
    Seeded(u64),
}

impl Chance {
    const fn of(survivors: Survivors) -> Self {
        match survivors {
            Survivors::Nothing => Self::Always(false),
            Survivors::Everything => Self::Always(true),
            Survivors::Some(seed) => Self::Seeded(seed),
        }
    }

    const fn survives(&mut self) -> bool {
        match self {
            Self::Always(survives) => *survives,
            Self::Seeded(state) => {
                *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *state >> 63 == 1
            }
        }
    }
}

#[derive(Debug)]
struct DiskFile {
    disk: Disk,
    file: usize,
    is_writable: bool,
}

impl StorageFile for DiskFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let state = self.disk.state();
        state.check_power()?;
        let start = usize::try_from(offset).expect("a small file");
        let bytes = state.files[self.file].seen.get(start..start + buffer.len());
        buffer.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        assert!(self.is_writable, "a file that was opened to read is not written");
        let mut state = self.disk.state();
        let fault = state.operate()?;
        let offset = usize::try_from(offset).expect("a small file");
        let whole_pages = (offset + bytes.len() / 2) / PAGE_BYTES * PAGE_BYTES;
        let done = if fault.is_some() { whole_pages.saturating_sub(offset) } else { bytes.len() };
        state.files[self.file].write(&bytes[..done], offset);
        fault.map_or(Ok(()), |fault| Err(error_of(fault)))
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.disk.state();
        let fault = state.operate()?;
        match fault {
            None => state.files[self.file].sync(),
            Some(Fault::Error(_)) => state.files[self.file].unsynced.clear(),
            Some(Fault::PowerCut) => {}
        }
        fault.map_or(Ok(()), |fault| Err(error_of(fault)))
    }

    fn size(&self) -> io::Result<u64> {
        let state = self.disk.state();
        state.check_power()?;
        Ok(state.files[self.file].seen.len() as u64)
    }
}

impl Storage for Disk {
    fn path(&self) -> PathBuf {
        "a disk in memory".into()
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let state = self.state();
        state.check_power()?;
        Ok(state.names.keys().cloned().collect())
    }

    fn open(&self, name: &str, access: Access) -> io::Result<Arc<dyn StorageFile>> {
        let mut state = self.state();
        state.check_power()?;
        let file = if access == Access::Create {
            if let Some(fault) = state.operate()? {
                return Err(error_of(fault));
            }
            state.files.push(Contents::default());
            let file = state.files.len() - 1;
            state.change_name(NameChange::Set(name.to_owned(), file));
            file
        } else {
            state.file(name)?
        };
        Ok(Arc::new(DiskFile { disk: self.clone(), file, is_writable: access != Access::Read }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.state();
        if let Some(fault) = state.operate()? {
            return Err(error_of(fault));
        }
        let file = state.file(from)?;
        state.change_name(NameChange::Remove(from.to_owned()));
        state.change_name(NameChange::Set(to.to_owned(), file));
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.state();
        if let Some(fault) = state.operate()? {
            return Err(error_of(fault));
        }
        state.file(name)?;
        state.change_name(NameChange::Remove(name.to_owned()));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.state();
        if let Some(fault) = state.operate()? {
            return Err(error_of(fault));
        }
        state.durable_names = state.names.clone();
        state.unsynced_names.clear();
        Ok(())
    }

    fn claim(&self, holder: &str) -> io::Result<Claim> {
        let mut state = self.state();
        state.check_power()?;
        if let Some(holder) = state.holder.clone() {
            return Ok(Claim::Held { holder });
        }
        state.holder = Some(holder.to_owned());
        Ok(Claim::Ours(WriterLock::new(Lock(self.clone()))))
    }

    fn holder(&self) -> io::Result<Option<String>> {
        let state = self.state();
        state.check_power()?;
        Ok(state.holder.clone())
    }
}

#[derive(Debug)]
struct Lock(Disk);

impl Drop for Lock {
    fn drop(&mut self) {
        self.0.state().holder = None;
    }
}

fn error_of(fault: Fault) -> io::Error {
    match fault {
        Fault::PowerCut => power_cut(),
        Fault::Error(kind) => kind.into(),
    }
}

fn power_cut() -> io::Error {
    io::Error::other("the power is off")
}
