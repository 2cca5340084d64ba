//! Where the master key is looked for, and what is done without it.

use std::env;
use std::path::Path;

use anyhow::Context as _;
use talon_domain::ids::LedgerId;
use talon_intake::OpenVault;
use talon_journal::Record;
use talon_proto::personal_phone;
use talon_vault::{
    Entropy, KeyOrigin, KeySources, Located, MASKED_UNKNOWN, MasterKey, Vault, VaultReader, locate, mask_phone,
};

use crate::args::Common;
use crate::show::Screen;

/// The master key's place, by flag, environment, credential, or beside the folder.
pub(crate) fn place(dir: &Path, common: &Common) -> Located {
    let master_key_file = env::var_os("TALON_MASTER_KEY_FILE");
    let credentials = env::var_os("CREDENTIALS_DIRECTORY");
    let sources = KeySources {
        flag: common.key.as_deref(),
        master_key_file: master_key_file.as_ref().map(Path::new),
        credentials_directory: credentials.as_ref().map(Path::new),
    };
    locate(dir, &sources)
}

/// Opens the vault for sealing, once the door asks for it.
pub(crate) fn vault_later(dir: &Path, common: &Common, ledger: LedgerId) -> OpenVault {
    let (dir, located) = (dir.to_owned(), place(dir, common));
    Box::new(move || {
        let master = MasterKey::read(&located)?;
        Ok(Vault::open(&dir, &master, ledger, Entropy::from_os()?)?)
    })
}

/// Opens the vault to read personal data; it must be possible.
pub(crate) fn vault_reader(dir: &Path, common: &Common, ledger: LedgerId) -> anyhow::Result<VaultReader> {
    let located = place(dir, common);
    let master = MasterKey::read(&located).context("personal data cannot be opened")?;
    Vault::open_read_only(dir, &master, ledger).context("personal data cannot be opened")
}

/// Shows phones as tickets may show them: two digits at each end with the key, none without.
pub(crate) struct Masks(Option<VaultReader>);

impl Masks {
    /// With the key and the vault if they are there. Only a key that somebody named has to serve: what merely reads
    /// works on a copy that has neither. Of a key that lies there and does not serve, something is said.
    pub(crate) fn new(dir: &Path, common: &Common, ledger: LedgerId, screen: &mut Screen) -> anyhow::Result<Self> {
        let located = place(dir, common);
        match vault_reader(dir, common, ledger) {
            Ok(reader) => Ok(Self(Some(reader))),
            Err(error) if located.origin != KeyOrigin::Beside => Err(error),
            Err(error) => {
                if located.path.exists() {
                    let masked = screen.say("les téléphones restent masqués", "phones stay masked");
                    screen.remark(&format!("{masked}: {error:#}"))?;
                }
                Ok(Self(None))
            }
        }
    }

    /// The masked phone of a record's sealed part; `None` if it holds no phone.
    pub(crate) fn phone(&mut self, record: &Record<'_>) -> Option<String> {
        let sealed = record.sealed()?;
        let Some(vault) = &mut self.0 else { return Some(MASKED_UNKNOWN.into()) };
        match vault.open_sealed(record.header_bytes(), sealed) {
            Ok(personal) => personal_phone(&personal).map(mask_phone),
            Err(_) => Some(MASKED_UNKNOWN.into()),
        }
    }
}
