//! A PostgreSQL of our own: a fresh cluster in a folder, on a Unix socket alone, stopped when it is dropped.
//!
//! As root the server runs as the user `postgres`, because it refuses to run as root; whoever else starts this is its
//! user. This module measures nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use postgres::{Client, Config, NoTls};

/// Where Debian keeps the programs of the server.
const DEBIAN: &str = "/usr/lib/postgresql/15/bin";
const USER: &str = "postgres";

/// A running server.
pub(crate) struct Cluster {
    folder: PathBuf,
    as_root: bool,
}

impl Cluster {
    /// Makes a cluster in a new folder and starts it with these settings.
    pub(crate) fn start(folder: &Path, settings: &[(&str, &str)]) -> Result<Self> {
        fs::create_dir(folder).with_context(|| format!("{} must not exist yet", folder.display()))?;
        let folder = folder.canonicalize()?;
        let cluster = Self { as_root: is_root()?, folder };
        if cluster.as_root {
            run(Command::new("chown").arg(USER).arg(&cluster.folder))?;
        }
        fs::set_permissions(&cluster.folder, fs::Permissions::from_mode(0o700))
            .or_else(|error| if cluster.as_root { Ok(()) } else { Err(error) })?;
        let data = cluster.folder.join("data");
        run(cluster.program("initdb").args(["--auth=trust", "--username", USER, "--pgdata"]).arg(&data))?;
        let options = cluster.options(settings);
        let log = cluster.folder.join("log");
        run(cluster.program("pg_ctl").args(["start", "--wait", "-o", &options, "-l"]).arg(log).arg("-D").arg(&data))?;
        Ok(cluster)
    }

    /// A connection over the socket.
    pub(crate) fn connect(&self) -> Result<Client> {
        let mut config = Config::new();
        config.host_path(&self.folder).user(USER).dbname("postgres");
        config.connect(NoTls).context("the server does not answer")
    }

    fn options(&self, settings: &[(&str, &str)]) -> String {
        let socket = format!("-k {} -c listen_addresses=", self.folder.display());
        settings.iter().fold(socket, |options, (name, value)| format!("{options} -c {name}={value}"))
    }

    fn program(&self, name: &str) -> Command {
        let path = Path::new(DEBIAN).join(name);
        let program = if path.exists() { path } else { PathBuf::from(name) };
        if !self.as_root {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid", USER, "--regid", USER, "--init-groups"]).arg(program);
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.folder.join("data");
        let _ = run(self.program("pg_ctl").args(["stop", "--wait", "--mode", "fast", "-D"]).arg(data));
    }
}

fn is_root() -> Result<bool> {
    let id = Command::new("id").arg("-u").output().context("`id` does not start")?;
    Ok(id.stdout.trim_ascii() == b"0")
}

/// Runs a program and waits; what it says goes into the error. A server that it leaves running inherits no pipe of ours.
fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().display().to_string();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let status =
        command.status().with_context(|| format!("`{program}` does not start: is PostgreSQL 15 installed?"))?;
    if !status.success() {
        let words: Vec<_> = command.get_args().map(|word| word.display().to_string()).collect();
        bail!("`{program} {}` failed ({status})", words.join(" "));
    }
    Ok(())
}
