//! Running the command, and the demo's day that most of these tests publish.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;

/// A command line that knows nothing of the caller's environment.
pub(crate) fn talon() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_talon"));
    for name in ["TALON_LEDGER", "TALON_MASTER_KEY_FILE", "CREDENTIALS_DIRECTORY"] {
        command.env_remove(name);
    }
    command.env("TALON_LANG", "en");
    command
}

/// A shell that finds the command by its name.
pub(crate) fn shell(script: &str) -> Command {
    let binaries = Path::new(env!("CARGO_BIN_EXE_talon")).parent().expect("a folder").to_string_lossy().into_owned();
    let mut shell = Command::new("sh");
    for name in ["TALON_LEDGER", "TALON_MASTER_KEY_FILE", "CREDENTIALS_DIRECTORY"] {
        shell.env_remove(name);
    }
    shell.env("PATH", format!("{binaries}:{}", std::env::var("PATH").unwrap_or_default()));
    shell.env("TALON_LANG", "en").args(["-c", script]);
    shell
}

/// Runs the command on a ledger.
pub(crate) fn on(ledger: &Path, args: &[&str]) -> Output {
    talon().arg("--ledger").arg(ledger).args(args).output().expect("the command runs")
}

/// Runs it with something on standard input.
pub(crate) fn on_with(ledger: &Path, args: &[&str], input: &[u8]) -> Output {
    let mut child = talon()
        .arg("--ledger")
        .arg(ledger)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(&input); // a command that ends early closes the pipe
    });
    let output = child.wait_with_output().expect("the command ends");
    writer.join().expect("the writer ends");
    output
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

pub(crate) fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// It must have ended with 0.
pub(crate) fn done(output: Output) -> Output {
    assert_eq!(code(&output), 0, "{}{}", out(&output), err(&output));
    output
}

pub(crate) fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", out(output), err(output)))
}

/// A folder that goes with the test.
pub(crate) struct Scratch(tempfile::TempDir);

impl Scratch {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A new ledger.
    pub(crate) fn ledger(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        done(talon().arg("init").arg(&path).output().expect("the command runs"));
        path
    }
}

/// How long something takes: to spread kills over it; no assertion is about time.
#[expect(clippy::disallowed_methods, reason = "spreads kills over a run")]
pub(crate) fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// The demo's folder: played once, then only read.
pub(crate) fn demo() -> &'static Path {
    static DEMO: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = DEMO.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        done(
            talon()
                .args(["demo", "--seed", "1", "--evening", "--dir"])
                .arg(folder.path())
                .output()
                .expect("the command runs"),
        );
        folder
    });
    folder.path()
}

/// The demo's events, a line each.
pub(crate) fn day() -> Vec<String> {
    let text = fs::read_to_string(demo().join("day.jsonl")).expect("the day");
    text.lines().map(Into::into).collect()
}

pub(crate) fn state_digest(ledger: &Path) -> String {
    json(&done(on(ledger, &["digest"])))["state"].as_str().expect("a digest").to_owned()
}

/// Copies a folder, file by file.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}
