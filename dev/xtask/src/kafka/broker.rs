//! One broker: its folder, its ports, its process.
//!
//! Invariants:
//! - a process is this broker's only if it runs with this broker's settings: a number that another process has got since
//!   is nobody's
//! - a broker is gone when its process is and both its ports are free

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::call::Call;

/// Small, and quick to start: what is measured is the client, and what is tested is what is kept.
const JVM: &str = "-Xms64m -Xmx768m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:ActiveProcessorCount=2 \
                   -XX:-UsePerfData -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
                   -Dorg.slf4j.simpleLogger.showDateTime=true";
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A broker of the cluster.
pub(super) struct Broker {
    node: u16,
    folder: PathBuf,
    classes: String,
}

/// What a broker is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Up,
    Paused,
    Down,
}

impl Broker {
    pub(super) fn new(node: u16, folder: PathBuf, libs: &Path) -> Self {
        Self { node, folder, classes: format!("{}/*", libs.display()) }
    }

    pub(super) const fn node(&self) -> u16 {
        self.node
    }

    pub(super) const fn client_port(&self) -> u16 {
        19_090 + self.node
    }

    pub(super) const fn quorum_port(&self) -> u16 {
        19_190 + self.node
    }

    /// Where it listens for those who come by a test's bad network, and where it sends them.
    pub(super) const fn bad_net_ports(&self) -> [u16; 2] {
        [19_290 + self.node, 19_390 + self.node]
    }

    /// Where it listens for those who come by TLS and with a password.
    pub(super) const fn guarded_port(&self) -> u16 {
        19_490 + self.node
    }

    /// Where clients connect.
    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.client_port())
    }

    /// As the settings name it among those who vote.
    pub(super) fn voter(&self) -> String {
        format!("{}@127.0.0.1:{}", self.node, self.quorum_port())
    }

    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn settings(&self) -> PathBuf {
        self.folder.join("broker.properties")
    }

    /// Its data are formatted.
    pub(super) fn is_prepared(&self) -> bool {
        self.data().join("meta.properties").exists()
    }

    /// Writes its settings and formats its data.
    pub(super) fn prepare(&self, settings: &str, cluster_id: &str, users: &[String]) -> Result<()> {
        fs::create_dir_all(self.folder.join("tmp")).context("a broker's folder cannot be made")?;
        fs::write(self.settings(), settings).context("a broker's settings cannot be written")?;
        let file = self.settings();
        let users: String = users.iter().flat_map(|user| [" --add-scram ", user]).collect();
        let class = format!("kafka.tools.StorageTool format -t {cluster_id} -c {}{users}", file.display());
        let log = Path::new("format.log");
        if !Call::new(&self.java(&class)).write(&self.folder, log)? {
            bail!("broker {} could not be formatted: {}", self.node, self.folder.join(log).display());
        }
        Ok(())
    }

    pub(super) fn throw_away(&self) -> Result<()> {
        fs::remove_dir_all(&self.folder).with_context(|| format!("{} cannot be removed", self.folder.display()))
    }

    fn java(&self, class: &str) -> String {
        let tmp = self.folder.join("tmp");
        format!("java {JVM} -Djava.io.tmpdir={} -cp {} {class}", tmp.display(), self.classes)
    }

    /// A second broker on one port would first damage the metadata of the one that runs.
    pub(super) fn require_free(&self) -> Result<()> {
        if self.standing() != Standing::Down {
            bail!("broker {} runs already", self.node);
        }
        for port in [self.client_port(), self.quorum_port(), self.bad_net_ports()[0], self.guarded_port()] {
            if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err() {
                bail!("port {port} of broker {} is taken by another program", self.node);
            }
        }
        Ok(())
    }

    /// Starts it in a process group of its own, so that it outlives the terminal's Ctrl-C.
    pub(super) fn spawn(&self) -> Result<()> {
        let line = self.java(&format!("kafka.Kafka {}", self.settings().display()));
        let mut words = line.split_whitespace();
        let log = File::create(self.folder.join("broker.log")).context("a broker's log cannot be written")?;
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).current_dir(&self.folder).stdin(Stdio::null()).process_group(0);
        command.stdout(log.try_clone().context("a broker's log cannot be shared")?).stderr(log);
        let child = command.spawn().context("java did not start")?;
        fs::write(self.folder.join("pid"), child.id().to_string()).context("a broker's pid cannot be written")
    }

    /// The number of its process, if that is still there.
    fn pid(&self) -> Option<u32> {
        let pid = fs::read_to_string(self.folder.join("pid")).ok()?.trim().parse().ok()?;
        let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let settings = self.settings();
        let is_ours = line.split(|byte| *byte == 0).any(|word| Path::new(&*String::from_utf8_lossy(word)) == settings);
        is_ours.then_some(pid)
    }

    pub(super) fn standing(&self) -> Standing {
        let Some(pid) = self.pid() else { return Standing::Down };
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // The state stands behind the name, which may hold anything.
        match stat.rsplit_once(") ").and_then(|(_, fields)| fields.chars().next()) {
            Some('T' | 't') => Standing::Paused,
            Some('Z' | 'X') | None => Standing::Down,
            Some(_) => Standing::Up,
        }
    }

    /// A process that begins has no command line for a moment: it is looked at twice.
    fn is_gone(&self) -> bool {
        let is_down = || self.standing() == Standing::Down;
        is_down() && {
            sleep(Duration::from_millis(500));
            is_down()
        }
    }

    pub(super) fn words(&self) -> String {
        let standing = match self.standing() {
            Standing::Up => "up",
            Standing::Paused => "paused",
            Standing::Down => "down",
        };
        let log = self.folder.join("broker.log");
        format!("broker {} {:<6} {} log {}", self.node, standing, self.address(), log.display())
    }

    pub(super) fn signal(&self, name: &str) -> Result<()> {
        let pid = self.pid().with_context(|| format!("broker {} does not run", self.node))?;
        Call::new(&format!("kill -{name} {pid}")).run(&self.folder)
    }

    /// Kills it, and waits until nothing of it is left.
    pub(super) fn kill(&self, patience: Duration) -> Result<()> {
        self.signal("KILL")?;
        self.await_end(patience)
    }

    pub(super) fn await_end(&self, patience: Duration) -> Result<()> {
        let is_gone = || self.standing() == Standing::Down && self.require_free().is_ok();
        self.wait(patience, is_gone, "has not ended")
    }

    pub(super) fn await_open(&self, patience: Duration) -> Result<()> {
        let is_open = || TcpStream::connect((Ipv4Addr::LOCALHOST, self.client_port())).is_ok();
        self.wait(patience, || is_open() || self.is_gone(), "has not opened its port")?;
        if self.is_gone() {
            bail!("broker {} ended at once: {}", self.node, self.folder.join("broker.log").display());
        }
        Ok(())
    }

    fn wait(&self, patience: Duration, is_done: impl Fn() -> bool, what: &str) -> Result<()> {
        let looks = patience.as_millis() / LOOK_AGAIN.as_millis();
        for _ in 0..looks {
            if is_done() {
                return Ok(());
            }
            sleep(LOOK_AGAIN);
        }
        bail!(
            "broker {} {what} after {} s: {}",
            self.node,
            patience.as_secs(),
            self.folder.join("broker.log").display()
        )
    }
}
