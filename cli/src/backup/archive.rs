//! A backup in one file: plain ustar, which any tar unpacks into a backup in a folder.
//!
//! - members lie one behind the other in the order in which they were written, so each is a stretch of the file
//! - a header is a function of name and length, padding is zero, and nothing follows the end: every byte of the file is
//!   either hashed or known, and a flipped one is found
//!
//! One that another program packed is not read: it is unpacked first. This module does not know what members say.

use std::fs::File;
use std::io::{self, Read, Write as _};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use talon_journal::{Access, Claim, Storage, StorageFile};

use super::{JOURNAL, copy};

const BLOCK: usize = 512;
const BLOCK_BYTES: u64 = BLOCK as u64;
/// Two blocks of zeros end an archive.
const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

/// A member, and where its bytes lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) at: u64,
    pub(super) bytes: u64,
}

impl Member {
    /// Where the next member's header begins.
    const fn end(&self) -> u64 {
        self.at + self.bytes.next_multiple_of(BLOCK_BYTES)
    }
}

/// An archive that is being written.
#[derive(Debug)]
pub(super) struct Packer {
    file: File,
    members: Vec<Member>,
}

impl Packer {
    pub(super) const fn new(file: File) -> Self {
        Self { file, members: Vec::new() }
    }

    /// Adds a member of so many bytes.
    pub(super) fn add(
        &mut self,
        name: &str,
        bytes: u64,
        from: &mut dyn Read,
        passed: &mut dyn FnMut(u64),
    ) -> io::Result<blake3::Hash> {
        let at = self.members.last().map_or(0, Member::end) + BLOCK_BYTES;
        self.file.write_all(&header(name, bytes)?)?;
        let (copied, hash) = copy(from, &mut self.file, passed)?;
        if copied != bytes {
            return Err(io::Error::other(format!("{name} has {copied} bytes and was to have {bytes}")));
        }
        let member = Member { name: name.to_owned(), at, bytes };
        let padding = usize::try_from(member.end() - at - bytes).unwrap_or(0);
        self.file.write_all(END.get(..padding).unwrap_or_default())?;
        self.members.push(member);
        Ok(hash)
    }

    /// Makes what is there durable.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Ends the archive; it is durable on return.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.file.write_all(&END)?;
        self.file.sync_all()
    }

    pub(super) fn members(&self) -> &[Member] {
        &self.members
    }
}

fn header(name: &str, bytes: u64) -> io::Result<[u8; BLOCK]> {
    let mut header = tar::Header::new_ustar();
    header.set_path(name)?;
    header.set_size(bytes);
    header.set_mode(0o600);
    header.set_mtime(0);
    header.set_entry_type(tar::EntryType::Regular);
    header.set_cksum();
    Ok(*header.as_bytes())
}

/// The members of an archive that `Packer` wrote; `Err` is the offset from which on it is something else.
pub(super) fn members(file: &File) -> io::Result<Result<Vec<Member>, u64>> {
    let length = file.metadata()?.len();
    let mut members: Vec<Member> = Vec::new();
    loop {
        let at = members.last().map_or(0, Member::end);
        if length.checked_sub(at) == Some(END.len() as u64) {
            return Ok(if is_zero(file, at, length)? { Ok(members) } else { Err(at) });
        }
        let Some(member) = member(file, at, length)? else { return Ok(Err(at)) };
        members.push(member);
    }
}

/// The member whose header begins here.
fn member(file: &File, at: u64, length: u64) -> io::Result<Option<Member>> {
    if at + BLOCK_BYTES > length {
        return Ok(None);
    }
    let mut bytes = [0; BLOCK];
    file.read_exact_at(&mut bytes, at)?;
    let found = tar::Header::from_byte_slice(&bytes);
    let (Ok(path), Ok(size)) = (found.path(), found.size()) else { return Ok(None) };
    let name = path.to_string_lossy().into_owned();
    if header(&name, size).ok() != Some(bytes) {
        return Ok(None);
    }
    let member = Member { name, at: at + BLOCK_BYTES, bytes: size };
    let fits = size < length && member.end() <= length;
    Ok(if fits && is_zero(file, member.at + size, member.end())? { Some(member) } else { None })
}

/// Whether a stretch that is shorter than the end mark, or as long, is zero.
fn is_zero(file: &File, from: u64, to: u64) -> io::Result<bool> {
    let mut bytes = END;
    let len = usize::try_from(to - from).unwrap_or(END.len()).min(END.len());
    let Some(bytes) = bytes.get_mut(..len) else { return Ok(false) };
    file.read_exact_at(bytes, from)?;
    Ok(bytes.iter().all(|byte| *byte == 0))
}

/// A member's bytes, as a stream or as a file that is read at offsets.
#[derive(Clone, Debug)]
pub(super) struct Stretch {
    file: Arc<File>,
    at: u64,
    left: u64,
}

impl Stretch {
    pub(super) const fn new(file: Arc<File>, member: &Member) -> Self {
        Self { file, at: member.at, left: member.bytes }
    }
}

impl Read for Stretch {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let Some(buffer) = buffer.get_mut(..len) else { return Ok(0) };
        let read = FileExt::read_at(&*self.file, buffer, self.at)?;
        self.at += read as u64;
        self.left -= read as u64;
        Ok(read)
    }
}

impl StorageFile for Stretch {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        if offset.checked_add(buffer.len() as u64).is_none_or(|end| end > self.left) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.file.read_exact_at(buffer, self.at + offset)
    }

    fn write_at(&self, _: &[u8], _: u64) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.left)
    }
}

/// The journal in an archive, to be read.
#[derive(Debug)]
pub(super) struct Packed {
    path: PathBuf,
    file: Arc<File>,
    members: Vec<Member>,
}

impl Packed {
    pub(super) fn new(path: &Path, file: Arc<File>, members: &[Member]) -> Self {
        let inside =
            |member: &Member| Some(Member { name: member.name.strip_prefix(JOURNAL)?.to_owned(), ..member.clone() });
        Self { path: path.to_owned(), file, members: members.iter().filter_map(inside).collect() }
    }
}

impl Storage for Packed {
    fn path(&self) -> PathBuf {
        self.path.clone()
    }

    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.members.iter().map(|member| member.name.clone()).collect())
    }

    fn open(&self, name: &str, access: Access) -> io::Result<Arc<dyn StorageFile>> {
        if access != Access::Read {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        let member = self.members.iter().find(|member| member.name == name);
        let member = member.ok_or(io::ErrorKind::NotFound)?;
        Ok(Arc::new(Stretch::new(Arc::clone(&self.file), member)))
    }

    fn rename(&self, _: &str, _: &str) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn remove(&self, _: &str) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn claim(&self, _: &str) -> io::Result<Claim> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn holder(&self) -> io::Result<Option<String>> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(dir: &Path) -> PathBuf {
        let path = dir.join("a.tar");
        let mut packer = Packer::new(File::create_new(&path).expect("a file"));
        for (name, text) in [("vault/keys.sqlite", &b"keys"[..]), ("journal/durable", &[7; 600])] {
            let mut from = text;
            packer.add(name, text.len() as u64, &mut from, &mut |_| ()).expect("room");
        }
        packer.finish().expect("room");
        path
    }

    fn read(path: &Path) -> Result<Vec<Member>, u64> {
        members(&File::open(path).expect("the archive")).expect("readable")
    }

    #[test]
    fn members_are_found_where_they_were_written() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = archive(dir.path());
        let members = read(&path).expect("an archive");
        let seen: Vec<_> = members.iter().map(|m| (m.name.as_str(), m.at, m.bytes)).collect();
        assert_eq!(seen, [("vault/keys.sqlite", 512, 4), ("journal/durable", 1_536, 600)]);
        let packed = Packed::new(&path, Arc::new(File::open(&path).expect("it")), &members);
        assert_eq!(packed.list().expect("names"), ["durable"]);
        let file = packed.open("durable", Access::Read).expect("a member");
        let mut bytes = [0; 600];
        file.read_at(&mut bytes, 0).expect("its bytes");
        assert_eq!((bytes, file.size().expect("a size")), ([7; 600], 600));
        assert!(file.read_at(&mut bytes, 1).is_err(), "nothing behind a member is read");
    }

    #[test]
    fn every_byte_that_no_hash_covers_is_known() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = archive(dir.path());
        let whole = std::fs::read(&path).expect("the archive");
        let hashed = |at: usize| (512..516).contains(&at) || (1_536..2_136).contains(&at);
        for at in (0..whole.len()).filter(|at| !hashed(*at)) {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            std::fs::write(&path, flipped).expect("room");
            assert!(read(&path).is_err(), "byte {at}");
        }
        for cut in [0, 1, 511, 512, 1_000, whole.len() - 1] {
            std::fs::write(&path, &whole[..cut]).expect("room");
            assert!(read(&path).is_err(), "{cut} bytes");
        }
        std::fs::write(&path, [&whole[..], &[0; 512]].concat()).expect("room");
        assert!(read(&path).is_err(), "nothing follows the end");
    }
}
