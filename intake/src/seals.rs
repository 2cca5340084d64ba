//! What the door seals with.
//!
//! - a vault is opened when the first personal part has to be sealed or compared, and not before: whoever publishes none
//!   needs no key
//! - one that does not open is tried once a batch
//! - a key that is not to be had is an answer; a vault that fails is none, and never makes two persons of one

use talon_proto::{personal_email, personal_name, personal_note, personal_phone};
use talon_vault::{KeyId, MasterKeyError, OpenError, SealError, Vault, VaultError};

/// How to get at the vault, once it is needed; asked again with the next batch if it fails. Whether there is no key or
/// the vault fails is read from the error, if it is the vault's or the master key's own.
pub type OpenVault = Box<dyn FnMut() -> Result<Vault, Box<dyn std::error::Error + Send + Sync>> + Send>;

/// The door's vault.
pub struct Seals {
    state: State,
    damaged: bool,
}

enum State {
    Closed {
        open: OpenVault,
        /// Why it did not open for this batch.
        failed: Option<Unopened>,
    },
    Open(Box<Vault>),
    Imagined,
}

/// Why a vault did not open.
struct Unopened {
    reason: String,
    /// There is no key; otherwise there may be one, and nobody can tell.
    lacks_key: bool,
}

/// A sealed part that holds nothing: its form alone, for records that are never appended.
const HOLLOW: [u8; 12 + 16 + 16] = {
    let mut hollow = [0; 44];
    hollow[0] = 1;
    hollow
};

/// Why a personal part could not be sealed: nothing of its batch was appended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealingError {
    /// The vault did not open.
    #[error("personal data cannot be sealed: {0}")]
    Closed(String),
    /// The vault gave no key.
    #[error("personal data cannot be sealed: {0}")]
    Vault(#[from] VaultError),
    /// The part could not be sealed.
    #[error("personal data cannot be sealed: {0}")]
    Seal(#[from] SealError),
    /// The vault did not say what was sealed before.
    #[error("personal data cannot be compared: {0}")]
    Compare(VaultError),
}

impl std::fmt::Debug for Seals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.state {
            State::Closed { failed: None, .. } => "Seals(closed)",
            State::Closed { failed: Some(_), .. } => "Seals(unavailable)",
            State::Open(_) => "Seals(open)",
            State::Imagined => "Seals(imagined)",
        })
    }
}

impl Seals {
    const fn new(state: State) -> Self {
        Self { state, damaged: false }
    }

    /// Opens the vault when it is needed.
    pub fn later(open: OpenVault) -> Self {
        Self::new(State::Closed { open, failed: None })
    }

    /// An open vault.
    pub fn open(vault: Vault) -> Self {
        Self::new(State::Open(Box::new(vault)))
    }

    /// Seals nothing and needs no key: for events that are looked at and never appended. Their sealed parts are hollow.
    pub const fn imagined() -> Self {
        Self::new(State::Imagined)
    }

    /// Another batch begins: a vault that did not open for the last one is tried again.
    pub(crate) fn begin(&mut self) {
        if let State::Closed { failed, .. } = &mut self.state {
            *failed = None;
        }
    }

    /// Makes so many keys ready, so that sealing them writes nothing.
    pub(crate) fn prepare(&mut self, keys: usize) -> Result<(), SealingError> {
        if keys == 0 || matches!(self.state, State::Imagined) {
            return Ok(());
        }
        let prepared = self.vault()?.prepare(keys);
        self.noted(prepared.map_err(Into::into))
    }

    /// Seals one personal part behind `out`.
    pub(crate) fn seal(&mut self, header: &[u8; 104], personal: &[u8], out: &mut Vec<u8>) -> Result<(), SealingError> {
        if matches!(self.state, State::Imagined) {
            out.extend_from_slice(&HOLLOW);
            return Ok(());
        }
        let phone = personal_phone(personal);
        let sealed = self.vault()?.seal(header, personal, phone, out);
        self.noted(sealed.map_err(Into::into))
    }

    /// Whether a sealed part holds this person; `None` if it does not open (any more): its key is not to be had, or the
    /// part itself is nothing that a key opens.
    pub(crate) fn holds(
        &mut self,
        header: &[u8; 104],
        sealed: &[u8],
        personal: &[u8],
    ) -> Result<Option<bool>, SealingError> {
        let opened = match self.vault() {
            Ok(vault) => vault.open_sealed(header, sealed),
            Err(error) => return if self.lacks_key() { Ok(None) } else { Err(error) },
        };
        match opened {
            // Sealed empty: its person was erased before.
            Ok(plain) => Ok(Some(plain.is_empty() || same_person(&plain, personal))),
            Err(OpenError::Vault(error)) => self.noted(Err(SealingError::Compare(error))),
            Err(_) => Ok(None),
        }
    }

    const fn lacks_key(&self) -> bool {
        match &self.state {
            State::Closed { failed: Some(unopened), .. } => unopened.lacks_key,
            State::Imagined => true,
            State::Closed { failed: None, .. } | State::Open(_) => false,
        }
    }

    /// Destroys the keys of sealed parts; how many of them were there.
    pub(crate) fn erase(&mut self, keys: &[KeyId]) -> Result<usize, SealingError> {
        let erased = self.vault()?.erase(keys);
        self.noted(erased.map_err(Into::into))
    }

    /// Whether bytes in the vault were found to contradict their tag.
    pub(crate) const fn is_damaged(&self) -> bool {
        self.damaged
    }

    /// Remembers an answer of the vault that is damage.
    fn noted<T>(&mut self, answer: Result<T, SealingError>) -> Result<T, SealingError> {
        use SealingError::{Compare, Seal};
        if let Err(SealingError::Vault(error) | Seal(SealError::Vault(error)) | Compare(error)) = &answer {
            self.damaged |= matches!(error, VaultError::Damaged { .. });
        }
        answer
    }

    /// Gives unused keys back, in good order.
    pub(crate) fn close(self) -> Result<(), VaultError> {
        match self.state {
            State::Open(vault) => vault.close(),
            State::Closed { .. } | State::Imagined => Ok(()),
        }
    }

    fn vault(&mut self) -> Result<&mut Vault, SealingError> {
        if let State::Closed { open, failed: failed @ None } = &mut self.state {
            match open() {
                Ok(vault) => self.state = State::Open(Box::new(vault)),
                Err(error) => {
                    self.damaged |= matches!(error.downcast_ref(), Some(VaultError::Damaged { .. }));
                    let lacks_key = lacks_key(error.as_ref());
                    *failed = Some(Unopened { reason: causes(error.as_ref()), lacks_key });
                }
            }
        }
        match &mut self.state {
            State::Open(vault) => Ok(vault),
            State::Closed { failed: Some(unopened), .. } => Err(SealingError::Closed(unopened.reason.clone())),
            State::Closed { failed: None, .. } | State::Imagined => {
                Err(SealingError::Closed("there is no vault".into()))
            }
        }
    }
}

/// Whether a vault did not open because there is no key, or none of its own.
fn lacks_key(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    use VaultError::{Absent, OtherLedger, Unfinished, WrongKey};
    match (error.downcast_ref(), error.downcast_ref()) {
        (Some(vault), _) => matches!(vault, Absent { .. } | Unfinished { .. } | OtherLedger { .. } | WrongKey { .. }),
        (None, Some(master)) => !matches!(master, MasterKeyError::Io { .. }),
        (None, None) => false,
    }
}

/// Whether two personal parts name one person, whatever their bytes. Both are at hand in clear: comparing them in
/// constant time would hide nothing.
fn same_person(a: &[u8], b: &[u8]) -> bool {
    let person = |part| (personal_phone(part), personal_email(part), personal_name(part), personal_note(part));
    person(a) == person(b)
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
