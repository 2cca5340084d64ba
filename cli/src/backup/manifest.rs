//! What a backup says of itself: which ledger, up to where, in which files. One line of JSON.
//!
//! It ends with its own hash, and is believed only if it is, byte for byte, what this module would write: a manifest in
//! which a byte was flipped is damaged, whichever byte it was.

use serde_json::{Value, json};

/// The manifest's name in a backup.
pub(crate) const MANIFEST: &str = "manifest.json";
/// The form of backups that this release writes and reads.
const FORMAT: u64 = 1;

/// A file in a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Its path in the backup.
    pub(crate) name: String,
    pub(crate) bytes: u64,
    /// BLAKE3, in hexadecimal digits.
    pub(crate) hash: String,
}

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// The release of Talon that made it.
    pub(crate) release: String,
    pub(crate) ledger_id: String,
    /// Which life of the ledger it is of.
    pub(crate) incarnation: u32,
    /// When its position was fixed, RFC 3339.
    pub(crate) taken_at: String,
    /// How many records it holds: the number that the next one had.
    pub(crate) records: u64,
    /// The next position of each partition.
    pub(crate) positions: Vec<u64>,
    pub(crate) files: Vec<Kept>,
}

/// Why a manifest is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disbelief {
    /// A later release wrote it.
    LaterFormat,
    /// It contradicts itself.
    Damaged,
}

impl Manifest {
    /// Its bytes.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let files =
            self.files.iter().map(|file| json!({ "name": file.name, "bytes": file.bytes, "blake3": file.hash }));
        let backup = json!({
            "format": FORMAT, "release": self.release, "ledgerId": self.ledger_id, "incarnation": self.incarnation,
            "takenAt": self.taken_at, "records": self.records, "positions": self.positions,
            "files": files.collect::<Vec<_>>(),
        });
        let hash = blake3::hash(backup.to_string().as_bytes()).to_hex();
        format!("{}\n", json!({ "backup": backup, "blake3": hash.as_str() })).into_bytes()
    }

    /// Reads a manifest that is as it was written.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Disbelief> {
        let whole: Value = serde_json::from_slice(bytes).map_err(|_| Disbelief::Damaged)?;
        let backup = whole.get("backup").ok_or(Disbelief::Damaged)?;
        let hash = blake3::hash(backup.to_string().as_bytes()).to_hex();
        if whole.get("blake3").and_then(Value::as_str) != Some(hash.as_str()) {
            return Err(Disbelief::Damaged);
        }
        if backup["format"].as_u64() != Some(FORMAT) {
            return Err(Disbelief::LaterFormat);
        }
        let manifest = Self::read(backup).ok_or(Disbelief::Damaged)?;
        if manifest.encode() == bytes { Ok(manifest) } else { Err(Disbelief::Damaged) }
    }

    fn read(backup: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let file = |file: &Value| {
            Some(Kept { name: text(&file["name"])?, bytes: file["bytes"].as_u64()?, hash: text(&file["blake3"])? })
        };
        Some(Self {
            release: text(&backup["release"])?,
            ledger_id: text(&backup["ledgerId"])?,
            incarnation: u32::try_from(backup["incarnation"].as_u64()?).ok()?,
            taken_at: text(&backup["takenAt"])?,
            records: backup["records"].as_u64()?,
            positions: backup["positions"].as_array()?.iter().map(Value::as_u64).collect::<Option<_>>()?,
            files: backup["files"].as_array()?.iter().map(file).collect::<Option<_>>()?,
        })
    }

    /// Bytes of all its files.
    pub(crate) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let file = |name: &str| Kept { name: name.into(), bytes: 7, hash: blake3::hash(b"seven").to_hex().to_string() };
        Manifest {
            release: "0.1.0".into(),
            ledger_id: "019ab9f4-d000-7aaa-8bbb-010203040500".into(),
            incarnation: 2,
            taken_at: "2026-11-25T09:00:00.125Z".into(),
            records: 65,
            positions: vec![1; 64],
            files: vec![file("vault/keys.sqlite"), file("journal/durable")],
        }
    }

    #[test]
    fn a_manifest_reads_back_and_every_flipped_byte_is_found() {
        let bytes = manifest().encode();
        assert_eq!(Manifest::parse(&bytes), Ok(manifest()));
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            assert_eq!(Manifest::parse(&flipped), Err(Disbelief::Damaged), "byte {at}");
        }
        assert_eq!(Manifest::parse(&bytes[..bytes.len() - 1]), Err(Disbelief::Damaged));
    }

    #[test]
    fn a_later_form_is_named_and_not_guessed_at() {
        let backup = json!({ "format": 2, "everything": "else" });
        let hash = blake3::hash(backup.to_string().as_bytes()).to_hex();
        let bytes = json!({ "backup": backup, "blake3": hash.as_str() }).to_string().into_bytes();
        assert_eq!(Manifest::parse(&bytes), Err(Disbelief::LaterFormat));
    }
}
