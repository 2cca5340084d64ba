//! What a run of a fuzz target came to, read from what libFuzzer wrote.

use std::fmt;

/// What a run came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    target: String,
    /// Whether it ended in good order.
    pub(super) ok: bool,
    runs: u64,
    coverage: u64,
    /// The file that holds what was found.
    pub(super) finding: Option<String>,
    /// What the check said of it.
    said: String,
}

impl Outcome {
    pub(super) fn read(target: &str, ok: bool, log: &str) -> Self {
        let panic =
            log.lines().skip_while(|line| !line.contains(" panicked at ")).take(2).collect::<Vec<_>>().join(" ");
        let error = log.lines().find(|line| line.contains("ERROR: libFuzzer"));
        let said = if panic.is_empty() { error.unwrap_or_default().to_owned() } else { panic };
        Self {
            target: target.to_owned(),
            ok,
            runs: last_number(log, "stat::number_of_executed_units:"),
            coverage: last_number(log, " cov:"),
            finding: log.lines().find_map(|line| line.split_once("Test unit written to ")).map(|(_, at)| at.to_owned()),
            said,
        }
    }
}

/// The number behind the last `label`; 0 if there is none.
fn last_number(log: &str, label: &str) -> u64 {
    let behind = log.rsplit_once(label).and_then(|(_, rest)| rest.split_whitespace().next());
    behind.and_then(|number| number.parse().ok()).unwrap_or(0)
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.ok { "nothing" } else { "FOUND" };
        write!(f, "{:<15} {word:<7} {:>10} runs {:>6} edges", self.target, self.runs, self.coverage)?;
        if self.ok { Ok(()) } else { write!(f, "\n  {}", self.said) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_edges_are_the_last_ones_told() {
        let log = "#2\tINITED cov: 5 ft: 6\n#90\tNEW    cov: 77 ft: 80 corp: 3\nstat::number_of_executed_units: 1234\n";
        let outcome = Outcome::read("json", true, log);
        assert_eq!((outcome.runs, outcome.coverage, outcome.finding.as_deref()), (1234, 77, None));
        assert_eq!(outcome.to_string(), "json            nothing       1234 runs     77 edges");
    }

    #[test]
    fn a_finding_says_what_was_wrong_and_where_its_input_lies() {
        let log =
            "\nthread '<unnamed>' panicked at a.rs:1:2:\nit is not so\nstack\nTest unit written to f/json/crash-1\n";
        let outcome = Outcome::read("json", false, log);
        assert_eq!(outcome.finding.as_deref(), Some("f/json/crash-1"));
        assert!(outcome.to_string().ends_with("thread '<unnamed>' panicked at a.rs:1:2: it is not so"), "{outcome}");
        let slow = Outcome::read("json", false, "==9== ERROR: libFuzzer: timeout after 20 seconds\n");
        assert!(slow.to_string().ends_with("timeout after 20 seconds"));
    }
}
