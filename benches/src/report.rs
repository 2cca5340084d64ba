//! What was measured, for people and for programs. Numbers are whole: tenths of nanoseconds, facts a second.

use std::fmt::Write as _;
use std::time::Duration;

/// A benchmark's numbers.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) what: &'static str,
    pub(crate) payments: u32,
    pub(crate) facts: u64,
    /// What the machine had to do besides, before and after.
    pub(crate) load: [Option<String>; 2],
    pub(crate) steps: Vec<Step>,
}

/// How many processes wanted to run in the last minute, where the system says so: figures of a busy machine say little.
pub(crate) fn load() -> Option<String> {
    let text = std::fs::read_to_string("/proc/loadavg").ok()?;
    text.split_whitespace().next().map(str::to_owned)
}

/// One step, as often as it was measured.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    name: &'static str,
    /// At most so many nanoseconds a fact.
    floor_ns: Option<u64>,
    taken: Vec<Duration>,
}

/// The best and the median of a step, in tenths of nanoseconds a fact.
struct Figures {
    best: u64,
    median: u64,
}

impl Step {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self { name, floor_ns: None, taken: Vec::new() }
    }

    pub(crate) const fn held_against(mut self, floor_ns: u64) -> Self {
        self.floor_ns = Some(floor_ns);
        self
    }

    pub(crate) fn took(&mut self, taken: Duration) {
        self.taken.push(taken);
        self.taken.sort_unstable();
    }

    fn figures(&self, facts: u64) -> Figures {
        let tenths = |taken: Option<&Duration>| {
            let ns = taken.map_or(0, Duration::as_nanos);
            u64::try_from(ns * 10 / u128::from(facts.max(1))).unwrap_or(u64::MAX)
        };
        Figures { best: tenths(self.taken.first()), median: tenths(self.taken.get(self.taken.len() / 2)) }
    }
}

impl Report {
    /// As a table, or as one JSON object.
    pub(crate) fn shown(&self, as_json: bool) -> String {
        if as_json { self.json() } else { self.table() }
    }

    fn table(&self) -> String {
        let repeats = self.steps.first().map_or(0, |step| step.taken.len());
        let (what, payments, facts) = (self.what, self.payments, self.facts);
        let [before, after] = self.load.each_ref().map(|load| load.as_deref().unwrap_or("unknown"));
        let mut text =
            format!("{what}: {facts} facts of {payments} payments, best and median of {repeats}, one core\n");
        let _ = writeln!(text, "load of the machine: {before} before, {after} after\n");
        let _ =
            writeln!(text, "{:<34} {:>10} {:>10} {:>12} {:>9}", "step", "best ns", "median ns", "facts/s", "floor ns");
        for step in &self.steps {
            let Figures { best, median } = step.figures(self.facts);
            let floor = step.floor_ns.map_or_else(|| "-".to_owned(), |floor| floor.to_string());
            let (name, rate) = (step.name, a_second(best));
            let _ = writeln!(text, "{name:<34} {:>10} {:>10} {rate:>12} {floor:>9}", decimal(best), decimal(median));
        }
        text
    }

    fn json(&self) -> String {
        let steps: Vec<_> = self.steps.iter().map(|step| self.step_json(step)).collect();
        let (what, payments, facts) = (self.what, self.payments, self.facts);
        let [before, after] = self.load.each_ref().map(|load| load.as_deref().unwrap_or("null"));
        let load = format!(r#""load_before":{before},"load_after":{after}"#);
        let steps = steps.join(",");
        format!(r#"{{"benchmark":"{what}","payments":{payments},"facts":{facts},{load},"steps":[{steps}]}}"#)
    }

    fn step_json(&self, step: &Step) -> String {
        let Figures { best, median } = step.figures(self.facts);
        let floor = step.floor_ns.map_or_else(|| "null".to_owned(), |floor| floor.to_string());
        format!(
            r#"{{"step":"{}","best_ns":{},"median_ns":{},"facts_per_second":{},"floor_ns":{floor}}}"#,
            step.name,
            decimal(best),
            decimal(median),
            a_second(best),
        )
    }
}

/// Tenths as a decimal number.
fn decimal(tenths: u64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// How many a second, at so many tenths of nanoseconds each.
const fn a_second(tenths: u64) -> u64 {
    match 10_000_000_000_u64.checked_div(tenths) {
        Some(rate) => rate,
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let mut step = Step::new("admission").held_against(400);
        for ms in [3, 1, 2] {
            step.took(Duration::from_millis(ms));
        }
        Report { what: "fold", payments: 1_000, facts: 9_000, load: [Some("0.25".into()), None], steps: vec![step] }
    }

    #[test]
    fn best_and_median_are_told_for_one_fact() {
        let table = report().shown(false);
        assert!(table.contains("9000 facts of 1000 payments, best and median of 3"), "{table}");
        let row: Vec<_> = table.lines().nth(4).unwrap_or_default().split_whitespace().collect();
        assert_eq!(row, ["admission", "111.1", "222.2", "9000900", "400"]);
    }

    #[test]
    fn programs_read_the_same() {
        let expected = concat!(
            r#"{"benchmark":"fold","payments":1000,"facts":9000,"load_before":0.25,"load_after":null,"#,
            r#""steps":[{"step":"admission","best_ns":111.1,"median_ns":222.2,"facts_per_second":9000900,"floor_ns":400}]}"#
        );
        assert_eq!(report().shown(true), expected);
    }
}
