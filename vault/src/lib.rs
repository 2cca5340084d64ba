//! The keys of sealed records: seal, open. Keys and nothing else.
//!
//! ```text
//! master key (a file beside the ledger) --wraps--> slabs of 4,096 keys, and the bucket key (DIR/vault/keys.sqlite)
//! one key of a slab --seals--> the personal part of one record (in the journal)
//! ```
//!
//! Invariants:
//! - a key seals one record: no nonce is ever used twice under it
//! - a slab is claimed for one writer, durably, before its first key is used; what a writer that did not close left
//!   unused is never used
//! - no key is at rest in clear outside the master key's own file
//! - losing the vault loses the personal data and nothing else
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let dir = tempfile::tempdir()?;
//! # let dir = dir.path();
//! use talon_domain::ids::LedgerId;
//! use talon_vault::{Entropy, MasterKey, Vault};
//!
//! let mut entropy = Entropy::from_os()?;
//! let master = MasterKey::generate(&mut entropy);
//! let mut vault = Vault::create(dir, &master, LedgerId([7; 16]), entropy)?;
//!
//! let mut header = [0; 104]; // a record's header
//! header[6] |= 1; // that says: a sealed part follows
//! let mut sealed = Vec::new();
//! vault.seal(&header, b"a Personal message", Some("+33612345612"), &mut sealed)?;
//! assert_eq!(vault.open_sealed(&header, &sealed)?.as_slice(), b"a Personal message");
//! vault.close()?;
//! # Ok(())
//! # }
//! ```
//!
//! This crate does not know what a record or a person is, and reads no clock and no environment variable.

mod cache;
mod entropy;
mod erasing;
mod error;
mod locate;
mod maker;
mod mask;
mod master;
mod phone;
mod pool;
mod reader;
mod rotating;
mod sealed;
mod sheet;
mod slab;
mod store;
mod upkeep;
mod vault;
mod wrapping;

pub use entropy::{Entropy, EntropyError};
pub use error::{OpenError, SealError, VaultError};
pub use locate::{CREDENTIAL, KeyOrigin, KeySources, Located, locate};
pub use mask::{MASKED_UNKNOWN, mask_phone};
pub use master::{MasterKey, MasterKeyError};
pub use phone::is_e164;
pub use reader::VaultReader;
pub use sealed::{PERSONAL_MAX, SealedPart};
pub use sheet::{RecoverySheet, SheetError};
pub use slab::{KeyId, SLAB_KEYS};
pub use upkeep::SlabCounts;
pub use vault::Vault;
