//! A backup that is being made. Invariants:
//! - it begins where nothing is, and what was there before is not touched
//! - files are durable before the manifest that names them has its name
//! - one that is given up is taken away; one that was killed has no manifest, or not yet its name

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use talon_journal::{Folder, Storage};

use super::archive::{Packed, Packer};
use super::{JOURNAL, Kept, MANIFEST, VAULT, copy, is_archive};
use crate::exit::UsageError;
use crate::files::{is_vacant, make_file, make_folder, parent, sync};

/// Where the archive lies until it is whole.
const PACKING: &str = "archive";

/// A backup that is being made.
pub(crate) struct Target {
    path: PathBuf,
    /// The folder in which it is made: the backup itself, or one beside the archive.
    work: PathBuf,
    form: Form,
    /// The backup's folder was there, empty, and stays if the backup is given up.
    stays: bool,
    finished: bool,
}

enum Form {
    Folder,
    Archive(Packer),
}

impl Target {
    /// Begins a backup in a folder, or in one file if the name ends with `.tar`.
    pub(crate) fn begin(path: &Path) -> anyhow::Result<Self> {
        let begun = if is_archive(path) { Self::archive(path) } else { Self::folder(path) };
        begun.with_context(|| format!("no backup was made in {}", path.display()))
    }

    fn folder(path: &Path) -> anyhow::Result<Self> {
        let stays = path.exists();
        if !is_vacant(path)? {
            let refusal = format!("{} is not empty: a backup needs a folder of its own", path.display());
            return Err(UsageError(refusal).into());
        }
        if !stays {
            fs::create_dir_all(parent(path))?;
            make_folder(path)?;
        }
        let work = path.to_owned();
        let target = Self { path: path.to_owned(), work, form: Form::Folder, stays, finished: false };
        make_folder(&path.join("vault"))?;
        make_folder(&path.join(JOURNAL))?;
        Ok(target)
    }

    fn archive(path: &Path) -> anyhow::Result<Self> {
        let mut work = path.as_os_str().to_owned();
        work.push(".partial");
        let work = PathBuf::from(work);
        for (there, what) in [(path, "is there already"), (&work, "is left of a backup that was stopped: remove it")] {
            if there.exists() {
                return Err(UsageError(format!("{} {what}", there.display())).into());
            }
        }
        fs::create_dir_all(parent(path))?;
        make_folder(&work)?;
        let file = make_file(&work.join(PACKING));
        // From here on, what was made is taken away if the backup is given up.
        let made = |form| Self { path: path.to_owned(), work, form, stays: false, finished: false };
        let target = made(Form::Archive(Packer::new(file?)));
        make_folder(&target.work.join("vault"))?;
        Ok(target)
    }

    /// A folder in which the vault's copy lies as in a ledger's.
    pub(crate) fn work(&self) -> &Path {
        &self.work
    }

    /// Where the vault is to be copied to.
    pub(crate) fn vault(&self) -> PathBuf {
        self.work.join(VAULT)
    }

    /// Takes in the vault's copy.
    pub(crate) fn keep_vault(&mut self, passed: &mut dyn FnMut(u64)) -> anyhow::Result<Kept> {
        let mut file = File::open(self.vault())?;
        let bytes = file.metadata()?.len();
        let hash = match &mut self.form {
            Form::Folder => copy(&mut file, &mut io::sink(), passed)?.1,
            Form::Archive(packer) => packer.add(VAULT, bytes, &mut file, passed)?,
        };
        Ok(Kept { name: VAULT.to_owned(), bytes, hash: hash.to_hex().to_string() })
    }

    /// Takes in a file of the journal.
    pub(crate) fn keep(
        &mut self,
        name: &str,
        bytes: u64,
        from: &mut dyn Read,
        passed: &mut dyn FnMut(u64),
    ) -> anyhow::Result<Kept> {
        let name = format!("{JOURNAL}{name}");
        let hash = match &mut self.form {
            Form::Folder => {
                let mut file = make_file(&self.work.join(&name))?;
                let (_, hash) = copy(from, &mut file, passed)?;
                file.sync_all()?;
                hash
            }
            Form::Archive(packer) => packer.add(&name, bytes, from, passed)?,
        };
        Ok(Kept { name, bytes, hash: hash.to_hex().to_string() })
    }

    /// The journal as it was taken in, durable, to be verified.
    pub(crate) fn journal(&self) -> io::Result<Arc<dyn Storage>> {
        match &self.form {
            Form::Folder => {
                [self.work.join("vault"), self.work.join(JOURNAL)].iter().try_for_each(|folder| sync(folder))?;
                Ok(Arc::new(Folder::new(&self.work)))
            }
            Form::Archive(packer) => {
                packer.sync()?;
                let file = Arc::new(File::open(self.work.join(PACKING))?);
                Ok(Arc::new(Packed::new(&self.path, file, packer.members())))
            }
        }
    }

    /// Ends the backup with its manifest: from here on it is one.
    pub(crate) fn finish(mut self, manifest: &[u8]) -> io::Result<()> {
        let done = self.work.join(MANIFEST);
        match std::mem::replace(&mut self.form, Form::Folder) {
            Form::Folder => {
                let new = self.work.join("manifest.new");
                let mut file = make_file(&new)?;
                file.write_all(manifest)?;
                file.sync_all()?;
                fs::rename(&new, &done)?;
                sync(&self.work)?;
            }
            Form::Archive(mut packer) => {
                packer.add(MANIFEST, manifest.len() as u64, &mut &*manifest, &mut |_| ())?;
                packer.finish()?;
                fs::rename(self.work.join(PACKING), &self.path)?;
            }
        }
        sync(parent(&self.path))?;
        self.finished = true;
        Ok(())
    }
}

impl Drop for Target {
    /// Takes away what nobody needs: all of a backup that was given up, the workplace of one that is finished.
    fn drop(&mut self) {
        let made = if self.stays { vec!["vault", "journal", "manifest.new"] } else { vec![""] };
        if self.finished && self.work == self.path {
            return;
        }
        for name in made {
            let path = if name.is_empty() { self.work.clone() } else { self.work.join(name) };
            let _ = fs::remove_dir_all(&path).or_else(|_| fs::remove_file(&path)); // what cannot be taken away stays
        }
    }
}
