//! What the door seals with. A vault is opened when the first personal part has to be sealed or compared, and not
//! before: whoever publishes none needs no key.

use talon_proto::{personal_email, personal_name, personal_phone};
use talon_vault::{OpenError, SealError, Vault, VaultError};

/// How to get at the vault, once it is needed.
pub type OpenVault = Box<dyn FnOnce() -> Result<Vault, Box<dyn std::error::Error + Send + Sync>> + Send>;

/// The door's vault.
pub struct Seals {
    state: State,
    damaged: bool,
}

enum State {
    Closed(OpenVault),
    Open(Box<Vault>),
    Unavailable(String),
    Imagined,
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
}

impl std::fmt::Debug for Seals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.state {
            State::Closed(_) => "Seals(closed)",
            State::Open(_) => "Seals(open)",
            State::Unavailable(_) => "Seals(unavailable)",
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
        Self::new(State::Closed(open))
    }

    /// An open vault.
    pub fn open(vault: Vault) -> Self {
        Self::new(State::Open(Box::new(vault)))
    }

    /// Seals nothing and needs no key: for events that are looked at and never appended. Their sealed parts are hollow.
    pub const fn imagined() -> Self {
        Self::new(State::Imagined)
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

    /// Whether a sealed part holds these bytes; `None` if its key is not to be had.
    pub(crate) fn holds(&mut self, header: &[u8; 104], sealed: &[u8], personal: &[u8]) -> Option<bool> {
        match self.vault().ok()?.open_sealed(header, sealed) {
            Ok(plain) => Some(same_person(&plain, personal)),
            Err(OpenError::KeyUnavailable { .. }) => None,
            Err(_) => Some(false),
        }
    }

    /// Whether bytes in the vault were found to contradict their tag.
    pub(crate) const fn is_damaged(&self) -> bool {
        self.damaged
    }

    /// Remembers an answer of the vault that is damage.
    fn noted(&mut self, answer: Result<(), SealingError>) -> Result<(), SealingError> {
        if let Err(SealingError::Vault(error) | SealingError::Seal(SealError::Vault(error))) = &answer {
            self.damaged |= matches!(error, VaultError::Damaged { .. });
        }
        answer
    }

    /// Gives unused keys back, in good order.
    pub(crate) fn close(self) -> Result<(), VaultError> {
        match self.state {
            State::Open(vault) => vault.close(),
            State::Closed(_) | State::Unavailable(_) | State::Imagined => Ok(()),
        }
    }

    fn vault(&mut self) -> Result<&mut Vault, SealingError> {
        if let State::Closed(_) = self.state {
            self.state = match std::mem::replace(&mut self.state, State::Imagined) {
                State::Closed(open) => match open() {
                    Ok(vault) => State::Open(Box::new(vault)),
                    Err(error) => {
                        self.damaged |= matches!(error.downcast_ref(), Some(VaultError::Damaged { .. }));
                        State::Unavailable(causes(error.as_ref()))
                    }
                },
                other => other,
            };
        }
        match &mut self.state {
            State::Open(vault) => Ok(vault),
            State::Unavailable(reason) => Err(SealingError::Closed(reason.clone())),
            State::Closed(_) | State::Imagined => Err(SealingError::Closed("there is no vault".into())),
        }
    }
}

/// Whether two personal parts name one person, whatever their bytes. Both are at hand in clear: comparing them in
/// constant time would hide nothing.
fn same_person(a: &[u8], b: &[u8]) -> bool {
    let person = |part| (personal_phone(part), personal_email(part), personal_name(part));
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
