//! A disk that fails on command: it loses power at the Nth operation, answers that one operation with an error, or loses
//! in the background what was written before it.
//!
//! What a power cut leaves is chosen afterwards: unsynced sectors and names may be lost, kept, or some of each, because
//! a real disk promises nothing about them. A sync that fails drops what it should have made durable and forgets that
//! it was ever written, as kernels do: a second sync that succeeds proves nothing. What was lost in the background is
//! told to descriptors that were open then, once each; one that is opened later hears nothing of it.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use talon_journal::{Access, Claim, Storage, StorageFile, WriterLock};

mod contents;
mod survivors;

pub use survivors::Survivors;

use contents::Contents;
use survivors::{Chance, NameChange};

const PAGE_BYTES: usize = 4096;

/// What happens at the chosen operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The machine stops; a write that was under way is half done.
    PowerCut,
    /// The operation answers with an error; a write is half done.
    Error(io::ErrorKind),
    /// What was written and not synced before it is lost in the background; the operation itself is done.
    Writeback,
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
    capacity: Option<u64>,
    tells_free_bytes: bool,
    read_pause: Duration,
    bytes_read: u64,
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

    /// Whether the fault that was armed has struck.
    pub fn has_struck(&self) -> bool {
        let state = self.state();
        state.fault.is_some_and(|(operation, _)| operation < state.operations)
    }

    /// A disk with these files, all of them durable.
    pub fn of(files: &BTreeMap<String, Vec<u8>>) -> Self {
        let disk = Self::new();
        files.iter().for_each(|(name, bytes)| disk.replace(name, bytes.clone()));
        disk
    }

    /// All files as they are seen.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let state = self.state();
        state.names.iter().map(|(name, file)| (name.clone(), state.files[*file].seen.clone())).collect()
    }

    /// Gives the disk so much room for all its files; whether it tells how much is left is chosen too.
    pub fn limit(&self, capacity: u64, tells_free_bytes: bool) {
        let mut state = self.state();
        (state.capacity, state.tells_free_bytes) = (Some(capacity), tells_free_bytes);
    }

    /// How many bytes its files have.
    pub fn used(&self) -> u64 {
        self.state().used()
    }

    /// How many bytes were read from it.
    pub fn bytes_read(&self) -> u64 {
        self.state().bytes_read
    }

    /// Makes every read take so long.
    pub fn slow_down(&self, read_pause: Duration) {
        self.state().read_pause = read_pause;
    }

    /// The disk as it is found after the power is back.
    #[must_use]
    pub fn after_power_cut(&self, survivors: Survivors) -> Self {
        let state = self.state();
        let mut chance = Chance::of(survivors);
        let files = state.files.iter().map(|file| file.survive(&mut chance)).collect();
        let mut names = state.durable_names.clone();
        survivors.of(&state.unsynced_names, &mut chance).into_iter().for_each(|change| change.apply(&mut names));
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
        let contents = Contents::durable(bytes);
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
        if fault == Some(Fault::Writeback) {
            self.files.iter_mut().for_each(Contents::lose);
            return Ok(None);
        }
        Ok(fault)
    }

    fn used(&self) -> u64 {
        self.names.values().map(|file| self.files[*file].seen.len() as u64).sum()
    }

    /// How many of `bytes` more fit.
    fn room(&self, bytes: usize) -> usize {
        let Some(capacity) = self.capacity else { return bytes };
        usize::try_from(capacity.saturating_sub(self.used())).expect("a small disk").min(bytes)
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

#[derive(Debug)]
struct DiskFile {
    disk: Disk,
    file: usize,
    is_writable: bool,
    errors_seen: AtomicU64,
}

impl StorageFile for DiskFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let pause = self.disk.state().read_pause;
        if !pause.is_zero() {
            std::thread::sleep(pause);
        }
        let mut state = self.disk.state();
        state.check_power()?;
        state.bytes_read += buffer.len() as u64;
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
        let held = state.files[self.file].seen.len().saturating_sub(offset).min(done);
        let fits = held + state.room(done - held);
        state.files[self.file].write(&bytes[..fits], offset);
        match fault {
            None if fits < done => Err(io::ErrorKind::StorageFull.into()),
            None => Ok(()),
            Some(fault) => Err(error_of(fault)),
        }
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.disk.state();
        let fault = state.operate()?;
        let contents = &mut state.files[self.file];
        match fault {
            None => contents.sync(),
            Some(Fault::Error(_)) => contents.lose(),
            Some(Fault::PowerCut | Fault::Writeback) => {}
        }
        let is_news = self.errors_seen.swap(contents.errors, Ordering::Relaxed) != contents.errors;
        match fault {
            None if is_news => Err(io::Error::other("what was written is lost")),
            None => Ok(()),
            Some(fault) => Err(error_of(fault)),
        }
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
        let errors_seen = state.files[file].errors.into();
        Ok(Arc::new(DiskFile { disk: self.clone(), file, is_writable: access != Access::Read, errors_seen }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.state();
        if let Some(fault) = state.operate()? {
            return Err(error_of(fault));
        }
        let file = state.file(from)?;
        state.change_name(NameChange::Rename(from.to_owned(), to.to_owned(), file));
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

    fn free_bytes(&self) -> io::Result<Option<u64>> {
        let state = self.state();
        state.check_power()?;
        let free = state.capacity.map(|capacity| capacity.saturating_sub(state.used()));
        Ok(free.filter(|_| state.tells_free_bytes))
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
        Fault::Writeback => io::Error::other("what was written is lost"),
    }
}

fn power_cut() -> io::Error {
    io::Error::other("the power is off")
}
