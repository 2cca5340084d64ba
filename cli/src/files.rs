//! Files and folders as a ledger and its backups need them: for their owner alone, never over what was there, durable.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Component, Path, PathBuf};

/// The folder in which a path lies.
pub(crate) fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a folder that was not there, for its owner alone.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

/// Makes a file that was not there, for its owner alone.
pub(crate) fn make_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Whether a path leads into a folder: what lies there goes where the folder goes.
pub(crate) fn lies_inside(folder: &Path, path: &Path) -> io::Result<bool> {
    Ok(resolved(path)?.starts_with(resolved(folder)?))
}

/// Where a path leads: links and `..` are followed as far as there is something, and taken by their names behind it.
fn resolved(path: &Path) -> io::Result<PathBuf> {
    let mut found = PathBuf::new();
    for component in std::path::absolute(path)?.components() {
        match component {
            Component::ParentDir => drop(found.pop()),
            other => found.push(other),
        }
        found = found.canonicalize().unwrap_or(found);
    }
    Ok(found)
}

/// Makes the names in a folder durable.
pub(crate) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Whether there is nothing in a folder, or no folder.
pub(crate) fn is_vacant(path: &Path) -> io::Result<bool> {
    match fs::read_dir(path).map(|mut entries| entries.next().is_none()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        vacant => vacant,
    }
}
