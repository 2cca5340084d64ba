//! `talon doctor`: is this ledger well? One line for a monitoring system, with its exit codes and performance data.
//!
//! It looks at what can be looked at in an instant: opening, not verifying. This module decides what is worth a warning;
//! what is wrong is found by whoever owns it.

use std::path::Path;

use serde_json::json;
use talon_journal::EmbeddedJournal;

use crate::args::{Common, DoctorArgs, Span};
use crate::exit::Exit;
use crate::ledger;
use crate::show::Screen;

mod around;
mod inside;

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Ok,
    Warning,
    Critical,
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    const fn exit(self) -> Exit {
        match self {
            Self::Ok => Exit::Done,
            Self::Warning => Exit::Warning,
            Self::Critical => Exit::Critical,
        }
    }
}

/// What one check found.
struct Check {
    name: &'static str,
    state: State,
    words: String,
}

/// A number for a monitoring system, in the form of its plug-ins: `name=value[unit];warn;crit;min`.
struct Gauge {
    name: &'static str,
    value: u64,
    unit: &'static str,
    /// Worth a warning, and critical, in the plug-ins' notation.
    ranges: [String; 2],
}

/// Everything that was found.
#[derive(Default)]
struct Findings {
    checks: Vec<Check>,
    gauges: Vec<Gauge>,
}

pub(crate) fn run(args: &DoctorArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let mut findings = Findings::default();
    if let Err(error) = examine(args, common, &mut findings, screen) {
        findings.note("ledger", State::Critical, format!("{error:#}"));
    }
    let state = findings.checks.iter().map(|check| check.state).max().unwrap_or(State::Critical);
    if screen.is_json() {
        findings.json(state, screen)?;
    } else {
        let line = findings.line(state);
        screen.line(&line)?;
    }
    Ok(state.exit())
}

fn examine(args: &DoctorArgs, common: &Common, findings: &mut Findings, screen: &Screen) -> anyhow::Result<()> {
    let dir = common.ledger()?;
    ledger::require_ledger(dir)?;
    let opened = EmbeddedJournal::open_read_only(dir);
    around::space(dir, opened.as_ref().ok(), findings, screen)?;
    around::key(dir, common, findings, screen);
    around::folder(dir, findings, screen)?;
    let journal = opened?;
    inside::journal(dir, &journal, findings, screen)?;
    inside::vault(dir, common, &journal, findings, screen);
    if let Some(most) = args.max_age {
        inside::age(&journal, most, findings, screen)?;
    }
    if let Some(backup) = &args.backup {
        around::backup(backup, args.max_backup_age, &journal, findings, screen);
    }
    Ok(())
}

impl Findings {
    fn note(&mut self, name: &'static str, state: State, words: impl Into<String>) {
        self.checks.push(Check { name, state, words: words.into() });
    }

    fn gauge(&mut self, name: &'static str, value: u64, unit: &'static str) {
        self.gauges.push(Gauge { name, value, unit, ranges: [String::new(), String::new()] });
    }

    /// Says from where on the last number is worth a warning, and critical.
    fn bound(&mut self, ranges: [String; 2]) {
        if let Some(gauge) = self.gauges.last_mut() {
            gauge.ranges = ranges;
        }
    }

    /// A span that should not be longer than another.
    fn bounded(&mut self, name: &'static str, span: Span, most: Span, words: &str) {
        self.gauge(name, span.seconds(), "s");
        if most < Span::MAX {
            self.bound([most.seconds().to_string(), String::new()]);
        }
        if span > most {
            self.note(name, State::Warning, format!("{span} {words}"));
        }
    }

    /// What is wrong, worst first; if nothing is, what there is.
    fn line(&self, state: State) -> String {
        let is_shown = |check: &&Check| check.state == state || check.state > State::Ok;
        let mut shown: Vec<&Check> = self.checks.iter().filter(is_shown).collect();
        shown.sort_by_key(|check| std::cmp::Reverse(check.state));
        // One line, whatever an error says; a bar would begin the numbers.
        let words = shown.iter().map(|check| format!("{}: {}", check.name, check.words.replace(['\n', '|'], " ")));
        let words = words.collect::<Vec<_>>().join("; ");
        let gauges: Vec<_> = self.gauges.iter().map(Gauge::told).collect();
        let name = state.name().to_uppercase();
        if gauges.is_empty() {
            format!("TALON {name} - {words}")
        } else {
            format!("TALON {name} - {words} | {}", gauges.join(" "))
        }
    }

    fn json(&self, state: State, screen: &mut Screen) -> std::io::Result<()> {
        let checks = self.checks.iter().map(|check| {
            json!({
                "name": check.name, "state": check.state.name(), "words": check.words,
            })
        });
        let gauges = self.gauges.iter().map(|gauge| json!({ "name": gauge.name, "value": gauge.value }));
        let incarnation = self.gauges.iter().find(|gauge| gauge.name == "incarnation").map(|gauge| gauge.value);
        screen.json(&json!({
            "type": "doctor", "state": state.name(), "incarnation": incarnation,
            "checks": checks.collect::<Vec<_>>(), "gauges": gauges.collect::<Vec<_>>(),
        }))
    }
}

impl Gauge {
    fn told(&self) -> String {
        let Self { name, value, unit, ranges: [warn, crit] } = self;
        format!("{name}={value}{unit};{warn};{crit};0")
    }
}

/// A path as a monitoring system shows it.
fn shown(path: &Path) -> String {
    path.display().to_string()
}
