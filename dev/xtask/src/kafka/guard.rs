//! The guarded door of the brokers: a key with its certificate, and users with a password.
//!
//! ```text
//! guard/: password    keys.p12: the brokers' key    ca.pem: its certificate, for clients
//! ```
//!
//! Invariant: the password is drawn for each cluster; none is written in any file of the sources.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::call::Call;

/// Whom the brokers know; what they may do is said by those who try it.
const USERS: [&str; 3] = ["reader", "appender", "stranger"];

/// What the door is guarded by.
pub(super) struct Guard {
    folder: PathBuf,
    password: String,
}

impl Guard {
    /// Makes a key and draws a password, for the brokers that lie in a folder.
    pub(super) fn anew(cluster: &Path) -> Result<Self> {
        let folder = cluster.join("guard");
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("{} cannot be removed", folder.display()))?;
        }
        fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        let guard = Self { folder, password: drawn()? };
        fs::write(guard.folder.join("password"), &guard.password).context("a password cannot be written")?;
        guard.make_key()?;
        Ok(guard)
    }

    fn make_key(&self) -> Result<()> {
        let store = format!("-keystore {} -storetype PKCS12 -storepass {}", self.keys().display(), self.password);
        let key = "-alias broker -keyalg EC -groupname secp256r1 -validity 3650";
        let name = "-dname CN=localhost -ext san=dns:localhost,ip:127.0.0.1";
        Call::new(&format!("keytool -genkeypair {key} {name} {store}")).run(&self.folder)?;
        let certificate = self.folder.join("ca.pem");
        Call::new(&format!("keytool -exportcert -rfc -alias broker -file {} {store}", certificate.display()))
            .run(&self.folder)
    }

    pub(super) fn keys(&self) -> PathBuf {
        self.folder.join("keys.p12")
    }

    pub(super) fn password(&self) -> &str {
        &self.password
    }

    /// Users as a broker is formatted with them.
    pub(super) fn users(&self) -> Vec<String> {
        USERS.iter().map(|user| format!("SCRAM-SHA-512=[name={user},password={}]", self.password)).collect()
    }
}

/// Sixteen bytes of chance, in hexadecimal digits.
fn drawn() -> Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")
        .and_then(|mut chance| chance.read_exact(&mut bytes))
        .context("no chance is to be had")?;
    Ok(u128::from_le_bytes(bytes)).map(|number| format!("{number:032x}"))
}
