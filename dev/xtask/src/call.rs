//! A call of another program: shown as a line that a person can paste, and run without standard input.

use std::ffi::OsStr;
use std::fmt;
use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Error, Result, bail};

/// One program with its arguments and what it adds to the environment.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    program: String,
    arguments: Vec<String>,
    environment: Vec<(&'static str, String)>,
}

impl Call {
    /// A call, written as on a command line: words between spaces, no quotes.
    pub(crate) fn new(line: &str) -> Self {
        let mut words = line.split_whitespace().map(str::to_owned);
        Self { program: words.next().unwrap_or_default(), arguments: words.collect(), environment: Vec::new() }
    }

    /// A call of cargo. On a machine that builds once, incremental files are only a cost.
    pub(crate) fn cargo(line: &str) -> Self {
        let call = Self::new(&format!("cargo {line}"));
        if std::env::var_os("CI").as_deref() == Some(OsStr::new("true")) {
            return call.with("CARGO_INCREMENTAL", "0");
        }
        call
    }

    /// The same call with one more variable.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    /// Runs it in `folder`; its output is ours. An exit code other than 0 is an error.
    pub(crate) fn run(&self, folder: &Path) -> Result<()> {
        let status = self.command(folder).status().map_err(|error| self.not_started(error))?;
        if !status.success() {
            bail!("`{self}` failed ({status})");
        }
        Ok(())
    }

    /// Runs it in `folder` and answers what it wrote.
    pub(crate) fn read(&self, folder: &Path) -> Result<String> {
        let Output { status, stdout, stderr } =
            self.command(folder).output().map_err(|error| self.not_started(error))?;
        if !status.success() {
            bail!("`{self}` failed ({status}): {}", String::from_utf8_lossy(&stderr).trim());
        }
        String::from_utf8(stdout).with_context(|| format!("`{self}` wrote something that is not UTF-8"))
    }

    /// Runs it in `folder` and answers what it wrote, whether it succeeded or not.
    pub(crate) fn said(&self, folder: &Path) -> Result<String> {
        let output = self.command(folder).output().map_err(|error| self.not_started(error))?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Whether it starts and succeeds; its output is dropped.
    pub(crate) fn works(&self, folder: &Path) -> bool {
        self.command(folder).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    }

    /// Runs it in `folder`, and writes what it says into a file there; whether it succeeded.
    pub(crate) fn write(&self, folder: &Path, log: &Path) -> Result<bool> {
        let unwritten = || format!("{} cannot be written", log.display());
        let log = File::create(folder.join(log)).with_context(unwritten)?;
        let mut command = self.command(folder);
        command.stdout(log.try_clone().with_context(unwritten)?).stderr(log);
        Ok(command.status().map_err(|error| self.not_started(error))?.success())
    }

    fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.current_dir(folder).stdin(Stdio::null());
        command
    }

    fn not_started(&self, error: std::io::Error) -> Error {
        let missing = error.kind() == ErrorKind::NotFound;
        let advice = if missing { "it is not on this machine: install it" } else { "it did not start" };
        Error::new(error).context(format!("`{}`: {advice}", self.program))
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.environment {
            if value.contains(' ') { write!(f, "{name}='{value}' ")? } else { write!(f, "{name}={value} ")? }
        }
        f.write_str(&self.program)?;
        self.arguments.iter().try_for_each(|argument| write!(f, " {argument}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_shown_as_a_line_to_paste() {
        let call = Call::new("cargo doc --no-deps").with("RUSTDOCFLAGS", "-D warnings").with("CARGO_INCREMENTAL", "0");
        assert_eq!(call.to_string(), "RUSTDOCFLAGS='-D warnings' CARGO_INCREMENTAL=0 cargo doc --no-deps");
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = Call::new("no-such-program-here").run(Path::new(".")).unwrap_err();
        assert!(error.to_string().contains("`no-such-program-here`: it is not on this machine"), "{error}");
    }

    #[test]
    fn an_exit_code_is_an_error() {
        assert!(Call::new("false").run(Path::new(".")).is_err());
        assert!(!Call::new("false").works(Path::new(".")));
        assert!(Call::new("true").works(Path::new(".")));
    }
}
