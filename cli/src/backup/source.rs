//! A finished backup, to be checked and restored. This module writes nothing.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use talon_journal::{Folder, Storage};

use super::archive::{Member, Packed, Stretch, members};
use super::manifest::Disbelief;
use super::{Kept, MANIFEST, Manifest, copy, is_archive};
use crate::exit::{DamagedBackup, UsageError};

/// A backup that was finished.
pub(crate) struct Source {
    path: PathBuf,
    form: Form,
    pub(crate) manifest: Manifest,
}

enum Form {
    Folder,
    Archive { file: Arc<File>, members: Vec<Member> },
}

impl Source {
    /// Opens a backup and reads its manifest.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        if !path.exists() {
            return Err(UsageError(format!("{} is not there: name a backup", path.display())).into());
        }
        let form = if path.is_dir() { Form::Folder } else { archive(path)? };
        let bytes = manifest_bytes(path, &form)?;
        let manifest = Manifest::parse(&bytes).map_err(|disbelief| match disbelief {
            Disbelief::Damaged => damaged(path, MANIFEST),
            Disbelief::LaterFormat => {
                UsageError(format!("{} was made by a later release: use that one", path.display())).into()
            }
        })?;
        Ok(Self { path: path.to_owned(), form, manifest })
    }

    /// Reads every file, and holds it against the manifest.
    pub(crate) fn check(&self, passed: &mut dyn FnMut(u64)) -> anyhow::Result<()> {
        if let Form::Archive { members, .. } = &self.form {
            let named = self.manifest.files.iter().map(|file| file.name.as_str()).chain([MANIFEST]);
            if !members.iter().map(|member| member.name.as_str()).eq(named) {
                return Err(damaged(&self.path, MANIFEST));
            }
        }
        for file in &self.manifest.files {
            let mut bytes = self.read(file)?;
            let read = copy(&mut bytes, &mut io::sink(), passed);
            let (bytes, hash) = read.with_context(|| format!("{} of {}", file.name, self.path.display()))?;
            if bytes != file.bytes || hash.to_hex().as_str() != file.hash {
                return Err(damaged(&self.path, &file.name));
            }
        }
        Ok(())
    }

    /// Opens one of its files.
    pub(crate) fn read(&self, file: &Kept) -> anyhow::Result<Box<dyn Read>> {
        match &self.form {
            Form::Folder => match File::open(self.path.join(&file.name)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Err(damaged(&self.path, &file.name)),
                opened => Ok(Box::new(opened.with_context(|| format!("{} cannot be read", file.name))?)),
            },
            Form::Archive { file: archive, members } => {
                let member = members.iter().find(|member| member.name == file.name);
                let member = member.ok_or_else(|| damaged(&self.path, &file.name))?;
                Ok(Box::new(Stretch::new(Arc::clone(archive), member)))
            }
        }
    }

    /// Its journal, to be opened read-only.
    pub(crate) fn journal(&self) -> Arc<dyn Storage> {
        match &self.form {
            Form::Folder => Arc::new(Folder::new(&self.path)),
            Form::Archive { file, members } => Arc::new(Packed::new(&self.path, Arc::clone(file), members)),
        }
    }
}

fn archive(path: &Path) -> anyhow::Result<Form> {
    let unreadable = || format!("{} cannot be read", path.display());
    if !is_archive(path) {
        return Err(UsageError(format!("{} is no backup: a folder, or one file *.tar", path.display())).into());
    }
    let file = File::open(path).with_context(unreadable)?;
    match members(&file).with_context(unreadable)? {
        Ok(members) => Ok(Form::Archive { file: Arc::new(file), members }),
        Err(at) => Err(damaged(path, &format!("the archive, from offset {at} on"))),
    }
}

fn manifest_bytes(path: &Path, form: &Form) -> anyhow::Result<Vec<u8>> {
    let unfinished = || UsageError(format!("{} is no finished backup: it has no {MANIFEST}", path.display()));
    match form {
        Form::Folder => match fs::read(path.join(MANIFEST)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(unfinished().into()),
            bytes => bytes.with_context(|| format!("{MANIFEST} of {} cannot be read", path.display())),
        },
        Form::Archive { file, members } => {
            let member = members.last().filter(|member| member.name == MANIFEST).ok_or_else(unfinished)?;
            let mut bytes = Vec::new();
            let read = Stretch::new(Arc::clone(file), member).read_to_end(&mut bytes);
            read.with_context(|| format!("{MANIFEST} of {} cannot be read", path.display()))?;
            Ok(bytes)
        }
    }
}

fn damaged(path: &Path, file: &str) -> anyhow::Error {
    DamagedBackup { backup: path.to_owned(), file: file.to_owned() }.into()
}
