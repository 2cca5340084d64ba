//! What the gate needs beside cargo: installed by package name into `.tools/`, pinned by version and hash.
//!
//! Invariants:
//! - the stamp is written last and holds the list that was installed: equal lists mean there is nothing to do
//! - nothing is installed outside `.tools/`, but for Debian's own `python3-venv` when it is missing and we are root, and
//!   a Java with Maven, kcat, OpenSSL, Node, Chromium and `LibreOffice` where `CI` is `true` or nobody has them

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::call::Call;
use crate::checkout::Checkout;

const LIST: &str = "dev/xtask/tools.txt";
const STAMP: &str = ".tools/stamp";
const VENV: &str = ".tools/venv";

/// A program that setup installs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tool {
    /// Licences, bans, sources.
    CargoDeny,
    /// Builds the fuzz targets.
    CargoFuzz,
    /// Dependencies that nothing uses.
    CargoShear,
    /// The schema's lint.
    Buf,
    /// Spelling.
    Typos,
}

impl Tool {
    const ALL: [Self; 5] = [Self::CargoDeny, Self::CargoFuzz, Self::CargoShear, Self::Buf, Self::Typos];

    const fn name(self) -> &'static str {
        match self {
            Self::CargoDeny => "cargo-deny",
            Self::CargoFuzz => "cargo-fuzz",
            Self::CargoShear => "cargo-shear",
            Self::Buf => "buf",
            Self::Typos => "typos",
        }
    }

    fn path(self) -> String {
        format!("{VENV}/bin/{}", self.name())
    }

    /// A call of it from the root, with these arguments.
    pub(crate) fn call(self, arguments: &str) -> Call {
        Call::new(&format!("{} {arguments}", self.path()))
    }
}

/// Installs what is missing; does nothing when all is there.
pub(crate) fn ensure(checkout: &Checkout) -> Result<()> {
    components(checkout)?;
    let list = fs::read_to_string(checkout.root().join(LIST)).with_context(|| format!("{LIST} cannot be read"))?;
    if is_installed(checkout, &list) {
        return Ok(());
    }
    println!("setup: installing the gate's tools into .tools/ (pinned in {LIST})");
    make_venv(checkout)?;
    let pip = "-m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes";
    Call::new(&format!("{VENV}/bin/python {pip} --requirement {LIST}")).run(checkout.root())?;
    fs::write(checkout.root().join(STAMP), list).with_context(|| format!("{STAMP} cannot be written"))
}

/// Whether TLS can be built; where `CI` is `true` it has to be.
pub(crate) fn has_openssl(checkout: &Checkout) -> Result<bool> {
    let is_there = || Call::new("pkg-config --exists openssl").works(checkout.root());
    let is_judged = std::env::var("CI").as_deref() == Ok("true");
    if !is_there() && is_judged {
        install(checkout, "libssl-dev pkg-config")?;
    }
    if !is_there() {
        println!("tests of TLS are left out: OpenSSL is not there (Debian: libssl-dev pkg-config)");
    }
    Ok(is_there() || is_judged)
}

/// Where the parser of `AsyncAPI` lies, with the script that asks it.
pub(crate) const PARSER: &str = ".tools/asyncapi";
/// Where the driver of browsers lies, with the script that opens pages.
pub(crate) const BROWSER: &str = ".tools/browser";

/// Installs the parser of `AsyncAPI`, pinned in `dev/asyncapi`; does nothing when it is there.
pub(crate) fn parser(checkout: &Checkout) -> Result<()> {
    node_tool(checkout, "dev/asyncapi", PARSER)
}

/// Installs what the morning's page and workbook are opened with: Chromium and its driver, pinned in `dev/browser`, and
/// `LibreOffice`.
pub(crate) fn browser(checkout: &Checkout) -> Result<()> {
    for (program, package) in [("chromium", "chromium"), ("soffice", "libreoffice-calc-nogui")] {
        if !Call::new(&format!("{program} --version")).works(checkout.root()) {
            install(checkout, package)
                .context("the morning's page is opened in a browser, its workbook in a spreadsheet")?;
        }
    }
    node_tool(checkout, "dev/browser", BROWSER)
}

/// What runs in Python beside the gate's tools.
pub(crate) fn python(arguments: &str) -> Call {
    Call::new(&format!("{VENV}/bin/python {arguments}"))
}

/// A script for node with what it needs, pinned in a folder of ours; does nothing when it is there.
fn node_tool(checkout: &Checkout, from: &str, to: &str) -> Result<()> {
    let (from, name, to) = (checkout.root().join(from), to, checkout.root().join(to));
    let files = ["package.json", "check.mjs", "package-lock.json"];
    let is_same = |file: &&str| fs::read(from.join(file)).ok() == fs::read(to.join(file)).ok();
    if to.join("node_modules").is_dir() && files.iter().all(is_same) {
        return Ok(());
    }
    if !Call::new("npm --version").works(checkout.root()) {
        install(checkout, "nodejs npm").context("pages are checked with node and npm")?;
    }
    fs::create_dir_all(&to).with_context(|| format!("{name} cannot be made"))?;
    for file in files {
        fs::copy(from.join(file), to.join(file)).with_context(|| format!("{file} cannot be copied"))?;
    }
    Call::new("npm ci --ignore-scripts --no-audit --no-fund --silent").run(&to)
}

fn is_installed(checkout: &Checkout, list: &str) -> bool {
    let stamped = fs::read_to_string(checkout.root().join(STAMP)).is_ok_and(|stamp| stamp == list);
    stamped && Tool::ALL.iter().all(|tool| tool.call("--version").works(checkout.root()))
}

/// rustfmt and clippy come with the toolchain; we only say how to add them.
fn components(checkout: &Checkout) -> Result<()> {
    for component in ["fmt", "clippy"] {
        if !Call::new(&format!("cargo {component} --version")).works(checkout.root()) {
            bail!("`cargo {component}` is missing: run `rustup component add rustfmt clippy`");
        }
    }
    Ok(())
}

fn make_venv(checkout: &Checkout) -> Result<()> {
    let folder: PathBuf = checkout.root().join(VENV);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("{VENV} cannot be removed"))?;
    }
    let make = Call::new(&format!("python3 -m venv {VENV}"));
    let Err(first) = make.run(checkout.root()) else { return Ok(()) };
    if !may_install(checkout) {
        return Err(first.context("python3 with its venv module is needed (Debian: python3-venv)"));
    }
    install(checkout, "python3 python3-venv")?;
    make.run(checkout.root())
}

/// Installs packages of Debian by name, where we may.
pub(crate) fn install(checkout: &Checkout, packages: &str) -> Result<()> {
    if !may_install(checkout) {
        bail!("{packages} is needed, and this machine does not let us install it");
    }
    Call::new("apt-get update --quiet").run(checkout.root())?;
    Call::new(&format!("apt-get install --quiet --yes --no-install-recommends {packages}"))
        .with("DEBIAN_FRONTEND", "noninteractive")
        .run(checkout.root())
}

fn may_install(checkout: &Checkout) -> bool {
    is_root(checkout) && Call::new("apt-get --version").works(checkout.root())
}

fn is_root(checkout: &Checkout) -> bool {
    Call::new("id -u").read(checkout.root()).is_ok_and(|id| id.trim() == "0")
}
