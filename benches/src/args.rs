//! What the command line asks for.

/// How to call it.
pub(crate) const USAGE: &str = "\
usage: talon-benches fold [--payments N] [--repeats N] [--output table|json]

  fold    admission, state and contributions of decoded facts, and the state digest";

/// What to measure, and how to say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Args {
    /// Payments of the day, nine facts each.
    pub(crate) payments: u32,
    /// How often it is measured, after one round that is not counted.
    pub(crate) repeats: u32,
    pub(crate) as_json: bool,
}

impl Args {
    /// Reads the words after the program's name; an error says which word is wrong.
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut args = Self { payments: 200_000, repeats: 5, as_json: false };
        match words.next().as_deref() {
            Some("fold") => {}
            Some(other) => return Err(format!("no such benchmark: {other}")),
            None => return Err("name a benchmark".to_owned()),
        }
        while let Some(word) = words.next() {
            let value = words.next().ok_or_else(|| format!("{word} needs a value"))?;
            match word.as_str() {
                "--payments" => args.payments = count(&word, &value)?,
                "--repeats" => args.repeats = count(&word, &value)?,
                "--output" => args.as_json = is_json(&value)?,
                _ => return Err(format!("no such option: {word}")),
            }
        }
        Ok(args)
    }
}

fn count(option: &str, value: &str) -> Result<u32, String> {
    value.parse().ok().filter(|count| *count > 0).ok_or_else(|| format!("{option} {value} is no count"))
}

fn is_json(value: &str) -> Result<bool, String> {
    match value {
        "json" => Ok(true),
        "table" => Ok(false),
        other => Err(format!("--output {other} is neither table nor json")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Args, String> {
        Args::read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_line_says_what_to_measure() {
        assert_eq!(read("fold"), Ok(Args { payments: 200_000, repeats: 5, as_json: false }));
        let asked = Args { payments: 10, repeats: 1, as_json: true };
        assert_eq!(read("fold --payments 10 --repeats 1 --output json"), Ok(asked));
    }

    #[test]
    fn a_wrong_word_is_named() {
        for (line, named) in [
            ("", "name a benchmark"),
            ("door", "door"),
            ("fold --payments", "--payments"),
            ("fold --payments 0", "0"),
            ("fold --output xml", "xml"),
            ("fold --speed 9", "--speed"),
        ] {
            assert!(read(line).is_err_and(|why| why.contains(named)), "{line}");
        }
    }
}
