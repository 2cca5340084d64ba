//! What was measured, for people and for programs. Numbers are whole: tenths of nanoseconds, events a second, percent.

use std::fmt::Write as _;
use std::time::Duration;

/// Everything that one run measured.
#[derive(Clone, Debug)]
pub struct Report {
    /// What the machine is, and what else it had to do.
    pub machine: Machine,
    /// Groups of rows that belong together.
    pub sections: Vec<Section>,
}

/// The machine of a run.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Its processors, as it names them, and how many there are.
    pub processors: String,
    /// Processes that wanted to run, on average over a minute, before and after; unknown where the system does not say.
    pub load: [Option<String>; 2],
}

impl Machine {
    /// This machine, before the run.
    pub fn seen() -> Self {
        let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
        let count = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
        let processors = format!("{count} x {}", name.unwrap_or("a processor without a name").trim());
        Self { processors, load: [load(), None] }
    }
}

/// How many processes wanted to run in the last minute, where the system says so: figures of a busy machine say little.
pub(crate) fn load() -> Option<String> {
    let text = std::fs::read_to_string("/proc/loadavg").ok()?;
    text.split_whitespace().next().map(str::to_owned)
}

/// Rows that were measured in one way.
#[derive(Clone, Debug)]
pub struct Section {
    /// A word for it, as it is asked for.
    pub name: &'static str,
    /// What is measured, and how.
    pub about: String,
    /// One a step.
    pub rows: Vec<Row>,
}

/// One step, as often as it was measured.
#[derive(Clone, Debug)]
pub struct Row {
    /// What is done.
    pub name: String,
    /// How often it is done in one measurement.
    pub times: u64,
    /// How long each measurement took.
    pub taken: Vec<Duration>,
    /// At most so many nanoseconds each, if it is held against a figure.
    pub floor_ns: Option<u64>,
    /// What else there is to say: syncs, bytes, ratios.
    pub remark: String,
}

impl Row {
    /// A step that is done so many times in one measurement.
    pub fn new(name: impl Into<String>, times: u64) -> Self {
        Self { name: name.into(), times, taken: Vec::new(), floor_ns: None, remark: String::new() }
    }

    /// Held against a figure.
    #[must_use]
    pub fn within_ns(mut self, floor_ns: u64) -> Self {
        self.floor_ns = Some(floor_ns);
        self
    }

    /// With something else to say.
    #[must_use]
    pub fn with(mut self, remark: impl Into<String>) -> Self {
        self.remark = remark.into();
        self
    }

    /// One measurement.
    #[must_use]
    pub fn taking(mut self, taken: Duration) -> Self {
        self.took(taken);
        self
    }

    pub(crate) fn took(&mut self, taken: Duration) {
        self.taken.push(taken);
        self.taken.sort_unstable();
    }

    /// Tenths of nanoseconds each: the best measurement, and the median.
    pub fn tenths(&self) -> [u64; 2] {
        let tenths = |taken: Option<&Duration>| {
            let ns = taken.map_or(0, Duration::as_nanos);
            u64::try_from(ns * 10 / u128::from(self.times.max(1))).unwrap_or(u64::MAX)
        };
        [tenths(self.taken.first()), tenths(self.taken.get(self.taken.len() / 2))]
    }

    /// How many a second, by the best measurement.
    pub fn a_second(&self) -> u64 {
        a_second(self.tenths()[0])
    }
}

impl Report {
    /// As tables.
    pub fn table(&self) -> String {
        let Machine { processors, load } = &self.machine;
        let [before, after] = load.each_ref().map(|load| load.as_deref().unwrap_or("unknown"));
        let mut text = format!("{processors}; load {before} before, {after} after\n");
        for section in &self.sections {
            section.table(&mut text);
        }
        text
    }

    /// As one JSON object.
    pub fn json(&self) -> String {
        let sections: Vec<_> = self.sections.iter().map(Section::json).collect();
        let load = self.machine.load.each_ref().map(|load| load.as_deref().unwrap_or("null"));
        let [before, after] = load;
        let processors = quoted(&self.machine.processors);
        let sections = sections.join(",");
        format!(
            r#"{{"type":"bench","processors":{processors},"loadBefore":{before},"loadAfter":{after},"sections":[{sections}]}}"#
        )
    }
}

impl Section {
    fn table(&self, text: &mut String) {
        let _ = writeln!(text, "\n{}: {}\n", self.name, self.about);
        let _ = writeln!(
            text,
            "{:<44} {:>10} {:>10} {:>12} {:>9}  also",
            "step", "best ns", "median ns", "a second", "at most"
        );
        for row in &self.rows {
            let [best, median] = row.tenths();
            let floor = row.floor_ns.map_or_else(|| "-".to_owned(), |floor| floor.to_string());
            let line = format!(
                "{:<44} {:>10} {:>10} {:>12} {floor:>9}  {}",
                row.name,
                decimal(best),
                decimal(median),
                row.a_second(),
                row.remark
            );
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }

    fn json(&self) -> String {
        let rows: Vec<_> = self.rows.iter().map(Row::json).collect();
        format!(r#"{{"name":"{}","about":{},"rows":[{}]}}"#, self.name, quoted(&self.about), rows.join(","))
    }
}

impl Row {
    fn json(&self) -> String {
        let [best, median] = self.tenths().map(decimal);
        let at_most = self.floor_ns.map_or_else(|| "null".to_owned(), |floor| floor.to_string());
        format!(
            r#"{{"step":{},"bestNs":{best},"medianNs":{median},"perSecond":{},"atMostNs":{at_most},"also":{}}}"#,
            quoted(&self.name),
            self.a_second(),
            quoted(&self.remark)
        )
    }
}

/// A text in JSON: names of steps and machines, which hold nothing that must be escaped but quotes and backslashes.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Tenths as a decimal number.
pub(crate) fn decimal(tenths: u64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// How many a second, at so many tenths of nanoseconds each.
const fn a_second(tenths: u64) -> u64 {
    match 10_000_000_000_u64.checked_div(tenths) {
        Some(rate) => rate,
        None => 0,
    }
}

/// A ratio with two decimals.
pub(crate) fn ratio(of: u64, to: u64) -> String {
    let hundredths = u128::from(of) * 100 / u128::from(to.max(1));
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let mut row = Row::new("admission", 9_000).within_ns(400).with("0.95 of the \"bare\" loop");
        for ms in [3, 1, 2] {
            row.took(Duration::from_millis(ms));
        }
        let section = Section { name: "fold", about: "9000 facts".to_owned(), rows: vec![row] };
        let machine = Machine { processors: "2 x a processor".to_owned(), load: [Some("0.25".to_owned()), None] };
        Report { machine, sections: vec![section] }
    }

    #[test]
    fn best_and_median_are_told_for_one_event() {
        let table = report().table();
        assert!(table.contains("2 x a processor; load 0.25 before, unknown after\n\nfold: 9000 facts\n"), "{table}");
        let row: Vec<_> = table.lines().nth(5).unwrap_or_default().split_whitespace().take(5).collect();
        assert_eq!(row, ["admission", "111.1", "222.2", "9000900", "400"]);
    }

    #[test]
    fn programs_read_the_same() {
        let expected = concat!(
            r#"{"type":"bench","processors":"2 x a processor","loadBefore":0.25,"loadAfter":null,"#,
            r#""sections":[{"name":"fold","about":"9000 facts","rows":[{"step":"admission","bestNs":111.1,"#,
            r#""medianNs":222.2,"perSecond":9000900,"atMostNs":400,"also":"0.95 of the \"bare\" loop"}]}]}"#
        );
        assert_eq!(report().json(), expected);
    }

    #[test]
    fn ratios_have_two_decimals() {
        assert_eq!([ratio(1, 3), ratio(7, 7), ratio(5, 0)], ["0.33", "1.00", "5.00"]);
    }
}
