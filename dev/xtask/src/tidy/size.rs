//! How long files and functions may be, tests not counted. A longer one needs a line in [`LONGER`] with its reason; a
//! line that is no longer needed fails too, so the list only shrinks.

use super::finding::Finding;
use super::rust_text::RustText;

const FUNCTION_LINES_MAX: usize = 70;
const FILE_LINES_MAX: usize = 400;

/// What may be longer: a path, or `path::function`, and why.
const LONGER: &[(&str, &str)] = &[];

/// Files and functions over their limits, and exceptions without a case.
pub(super) fn check(files: &[RustText]) -> Vec<Finding> {
    judge(files, LONGER)
}

fn judge(files: &[RustText], longer: &[(&str, &str)]) -> Vec<Finding> {
    let over: Vec<(String, Finding)> =
        files.iter().flat_map(|file| long_file(file).into_iter().chain(long_functions(file))).collect();
    let excused = |name: &str| longer.iter().any(|(excused, _)| *excused == name);
    let stale = longer.iter().filter(|(name, _)| over.iter().all(|(found, _)| found != name));
    let stale: Vec<Finding> = stale
        .map(|(name, _)| Finding::in_file(name, "is short enough now: take it off the list of longer things"))
        .collect();
    over.into_iter().filter(|(name, _)| !excused(name)).map(|(_, finding)| finding).chain(stale).collect()
}

fn long_file(file: &RustText) -> Option<(String, Finding)> {
    let lines = file.shipped_line_count();
    let message = format!("{lines} lines without tests, more than {FILE_LINES_MAX}: look for the second noun");
    (lines > FILE_LINES_MAX).then(|| (file.path.clone(), Finding::in_file(&file.path, message)))
}

fn long_functions(file: &RustText) -> Vec<(String, Finding)> {
    let shipped = file.functions().into_iter().filter(|function| !file.is_test(*function.lines.start()));
    let long = shipped.filter(|function| function.line_count() > FUNCTION_LINES_MAX);
    long.map(|function| {
        let lines = function.line_count();
        let message = format!("`{}` has {lines} lines, more than {FUNCTION_LINES_MAX}: cut it", function.name);
        (format!("{}::{}", file.path, function.name), Finding::at(&file.path, *function.lines.start(), message))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(lines: usize) -> String {
        format!("fn f() {{\n{}}}\n", "    step();\n".repeat(lines - 2))
    }

    fn count(text: &str, longer: &[(&str, &str)]) -> usize {
        judge(&[RustText::of("a.rs", text)], longer).len()
    }

    #[test]
    fn the_limit_itself_is_allowed() {
        assert_eq!(count(&function(FUNCTION_LINES_MAX), &[]), 0);
        assert_eq!(count(&function(FUNCTION_LINES_MAX + 1), &[]), 1);
        assert_eq!(count(&"const A: u8 = 1;\n".repeat(FILE_LINES_MAX), &[]), 0);
        assert_eq!(count(&"const A: u8 = 1;\n".repeat(FILE_LINES_MAX + 1), &[]), 1);
    }

    #[test]
    fn tests_may_be_long() {
        let text = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", function(500));
        assert_eq!(count(&text, &[]), 0);
    }

    #[test]
    fn an_exception_is_honoured_while_it_is_needed() {
        let excuse = [("a.rs::f", "one arm for each kind")];
        assert_eq!(count(&function(90), &excuse), 0);
        assert_eq!(count(&function(9), &excuse), 1);
    }
}
