//! A Kafka to test with: the cluster of `cargo xtask kafka`, started by the first test that wants it. Without Java or Maven
//! the tests that need it are left out, and one line says so; where `CI` is `true` that is a failure.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

mod bad_net;

pub use bad_net::{BadNet, Weather};

/// Where its brokers answer, as an address has them; `None` where there can be none.
pub fn servers() -> Option<&'static str> {
    static SERVERS: OnceLock<Option<String>> = OnceLock::new();
    SERVERS.get_or_init(start).as_deref()
}

/// The door of the same brokers where TLS, a name and a password are asked for.
pub struct GuardedDoor {
    /// Where it is, as an address has it.
    pub servers: String,
    /// The certificate to know the brokers by, a file.
    pub certificate: PathBuf,
    /// What every user that they know opens it with.
    pub password: String,
}

/// How to come by the guarded door; `None` where there can be no Kafka.
///
/// # Panics
/// When the cluster was made without one.
pub fn guarded() -> Option<GuardedDoor> {
    let servers = servers()?.replace(":190", ":194");
    let folder = folder().join("guard");
    let password = std::fs::read_to_string(folder.join("password")).expect("`cargo xtask kafka up --anew` makes one");
    Some(GuardedDoor { servers, certificate: folder.join("ca.pem"), password })
}

/// Whether there is a Kafka to talk to.
pub fn is_there() -> bool {
    servers().is_some()
}

/// Tells the cluster something: `kill 2`, `start 2`.
///
/// # Panics
/// When it cannot be done.
pub fn tell(words: &[&str]) {
    let told = run(words);
    assert!(told.status.success(), "{words:?}: {}", String::from_utf8_lossy(&told.stderr));
}

/// One of Kafka's own tools, by its class, with its words.
///
/// # Panics
/// Where there is no Kafka: ask [`is_there`] first.
pub fn tool(class: &str, words: &[&str]) -> Command {
    assert!(is_there(), "{class} is one of Kafka's");
    let mut java = Command::new("java");
    java.args(["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"]);
    java.args(["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp"]).arg(folder().join("libs/*")).arg(class);
    java.args(words);
    java
}

/// Where the cluster's files are.
fn folder() -> PathBuf {
    let status = run(&["status"]);
    let said = String::from_utf8_lossy(&status.stdout).into_owned();
    let log = said.lines().find_map(|line| line.split_once(" log ").map(|(_, path)| PathBuf::from(path)));
    let folder = log.and_then(|log| log.ancestors().nth(2).map(Path::to_path_buf));
    folder.unwrap_or_else(|| panic!("where is the cluster? {said}"))
}

fn run(words: &[&str]) -> Output {
    Command::new(env!("CARGO")).args(["xtask", "kafka"]).args(words).output().expect("cargo runs")
}

fn start() -> Option<String> {
    let up = run(&["up"]);
    let said = String::from_utf8_lossy(&up.stdout).into_owned();
    let told = said.lines().find_map(|line| line.strip_prefix("kafka is up"));
    if let Some(servers) = told.and_then(|rest| rest.split(' ').next_back()).filter(|_| up.status.success()) {
        return Some(servers.to_owned());
    }
    let why = String::from_utf8_lossy(&up.stderr).lines().last().unwrap_or_default().to_owned();
    assert!(std::env::var("CI").as_deref() != Ok("true"), "no Kafka to test with: {why}");
    // Past the harness, which shows what a test prints only when it fails.
    let _ = writeln!(std::io::stderr(), "tests on Kafka are left out: {why}");
    None
}
