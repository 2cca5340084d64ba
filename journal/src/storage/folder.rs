//! A ledger's folder on a file system: segments in `journal/`, the writer's place in `lock`.
//!
//! The lock is the kernel's (flock), so it ends with its process, however that ends. It is held on the file `lock` and
//! on the folder too: whoever removes the file, or puts another in its place, lets no second writer in. The text in the
//! file only tells people who holds it. A reader asks for the lock by trying to share it for an instant; a writer who
//! meets such a reader tries again, so it is refused only by somebody who stays.
//!
//! Whoever has the place makes, renames and removes files in the folder that was locked, and in no other one that was
//! put there since: a restored copy is not written into by the process that had the ledger before.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt as _, FileExt, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::{Access, Claim, Storage, StorageFile, WriterLock};

/// A writer looks this often for the lock before it believes that somebody holds it: 20 x 5 ms.
const CLAIM_TRIES: u32 = 20;
const CLAIM_PAUSE: Duration = Duration::from_millis(5);

/// Who may open the folder may read the books: the owner alone, until somebody decides otherwise.
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// A ledger's folder.
#[derive(Clone, Debug)]
pub struct Folder {
    journal: PathBuf,
    lock: PathBuf,
    /// The folder that was locked, once one was.
    claimed: Arc<Mutex<Option<Inode>>>,
}

/// What a file is, whatever leads to it: device and number.
type Inode = (u64, u64);

impl Folder {
    /// The folder of a ledger; nothing is read or made yet.
    pub fn new(ledger: &Path) -> Self {
        Self::in_folder(ledger.join("journal"), ledger.join("lock"))
    }

    /// The folder of a ledger's id index, beside the journal's, with a lock of its own.
    pub fn index(ledger: &Path) -> Self {
        let index = ledger.join("index");
        let lock = index.join("lock");
        Self::in_folder(index, lock)
    }

    fn in_folder(journal: PathBuf, lock: PathBuf) -> Self {
        Self { journal, lock, claimed: Arc::default() }
    }

    fn claimed(&self) -> MutexGuard<'_, Option<Inode>> {
        self.claimed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the folder is still the one that was locked, before something in it is changed.
    fn check_in_place(&self) -> io::Result<()> {
        match *self.claimed() {
            Some(claimed) if inode_of(&fs::metadata(&self.journal)?) != claimed => {
                let path = self.journal.display();
                Err(io::Error::other(format!("another folder was put in the place of {path}")))
            }
            _ => Ok(()),
        }
    }

    fn held_by(&self) -> String {
        match fs::read_to_string(&self.lock) {
            Ok(holder) if !holder.trim().is_empty() => holder.trim().to_owned(),
            _ => "another process".to_owned(),
        }
    }
}

impl StorageFile for File {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.read_exact_at(buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn size(&self) -> io::Result<u64> {
        self.metadata().map(|metadata| metadata.len())
    }
}

impl Storage for Folder {
    fn path(&self) -> PathBuf {
        self.journal.clone()
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(&self.journal) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        entries.map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned())).collect()
    }

    fn open(&self, name: &str, access: Access) -> io::Result<Arc<dyn StorageFile>> {
        let create = access == Access::Create;
        if create {
            self.check_in_place()?;
        }
        let mut options = OpenOptions::new();
        options.read(true).write(access != Access::Read).create(create).truncate(create).mode(FILE_MODE);
        Ok(Arc::new(options.open(self.journal.join(name))?))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.check_in_place()?;
        fs::rename(self.journal.join(from), self.journal.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.check_in_place()?;
        fs::remove_file(self.journal.join(name))
    }

    fn sync(&self) -> io::Result<()> {
        File::open(&self.journal)?.sync_all()
    }

    fn free_bytes(&self) -> io::Result<Option<u64>> {
        let space = rustix::fs::statvfs(&self.journal)?;
        Ok(Some(space.f_bavail.saturating_mul(space.f_frsize)))
    }

    fn claim(&self, holder: &str) -> io::Result<Claim> {
        make_durable_folder(&self.journal)?;
        for _ in 0..CLAIM_TRIES {
            if let Some(mut place) = self.try_claim()? {
                // Text for people: where there is no room for it, there may still be some in the segment in use.
                let _ = place.file.set_len(0).and_then(|()| write!(place.file, "{holder}"));
                return Ok(Claim::Ours(WriterLock::new(place)));
            }
            thread::sleep(CLAIM_PAUSE);
        }
        Ok(Claim::Held { holder: self.held_by() })
    }

    fn holder(&self) -> io::Result<Option<String>> {
        let can_share = |path: &Path, locks: fn(&File) -> Result<(), TryLockError>| match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
            file => has_locked(locks(&file?)),
        };
        let is_free = can_share(&self.lock, File::try_lock_shared)?
            && can_share(&self.journal, |folder| known(folder.try_lock_shared()))?;
        Ok((!is_free).then(|| self.held_by()))
    }
}

/// The writer's place: both are locked while this lives.
#[derive(Debug)]
struct Place {
    file: File,
    _folder: File,
}

impl Folder {
    /// One try; `None` if somebody has the place, or the file went away under our hands.
    fn try_claim(&self) -> io::Result<Option<Place>> {
        let folder = File::open(&self.journal)?;
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).mode(FILE_MODE).open(&self.lock)?;
        let is_ours = has_locked(known(folder.try_lock()))?
            && has_locked(file.try_lock())?
            && is_at(&folder, &self.journal)?
            && is_at(&file, &self.lock)?;
        if !is_ours {
            return Ok(None);
        }
        *self.claimed() = Some(inode_of(&folder.metadata()?));
        Ok(Some(Place { file, _folder: folder }))
    }
}

/// Whether a try to lock succeeded.
fn has_locked(tried: Result<(), TryLockError>) -> io::Result<bool> {
    match tried {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Some network file systems lock no folders; there the file alone counts.
fn known(tried: Result<(), TryLockError>) -> Result<(), TryLockError> {
    if matches!(tried, Err(TryLockError::Error(_))) { Ok(()) } else { tried }
}

/// Whether an open file is still the one that a path leads to.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let ours = inode_of(&file.metadata()?);
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        there => there.map(|there| inode_of(&there) == ours),
    }
}

fn inode_of(metadata: &fs::Metadata) -> Inode {
    (metadata.dev(), metadata.ino())
}

/// Makes the folder and what is missing above it, each name durable in its parent.
fn make_durable_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_durable_folder(parent)?;
    match fs::DirBuilder::new().mode(FOLDER_MODE).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => File::open(parent)?.sync_all(),
    }
}
