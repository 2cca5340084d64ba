//! What `talon consume` works with: the command line and the environment first, then a file of the same names.
//!
//! Invariant: for whom a topic may speak is said by somebody: there is no default for it.

use std::path::Path;

use anyhow::Context as _;
use clap::ValueEnum as _;
use talon_domain::ids::{MerchantId, PrincipalId};
use talon_intake::{Merchants, Publisher};
use talon_kafka::{Connection, Role};
use toml::{Table, Value};

use crate::args::{ConsumeArgs, SourceArg};
use crate::exit::UsageError;

/// The consumer group, unless somebody names another one.
const GROUP: &str = "talon";
/// What a file may name.
const NAMES: [&str; 6] = ["from", "dead-letters", "group", "principal", "merchants", "sources"];

/// Where events come from, and what they may state.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) from: Connection,
    pub(super) dead_letters: Connection,
    pub(super) group: String,
    pub(super) publisher: Publisher,
}

impl Config {
    pub(super) fn of(args: &ConsumeArgs) -> anyhow::Result<Self> {
        let file = args.config.as_deref().map(read).transpose()?.unwrap_or_default();
        let from = address(&text(args.from.as_deref(), &file, "from")?.ok_or_else(|| unsaid("from"))?, Role::Intake)?;
        let dead = text(args.dead_letters.as_deref(), &file, "dead-letters")?;
        let dead = dead.unwrap_or_else(|| format!("{}.dlq", from.topic()));
        let dead_letters = from.with_topic(&dead).map_err(|error| UsageError(error.to_string()))?;
        let group = text(args.group.as_deref(), &file, "group")?.unwrap_or_else(|| GROUP.to_owned());
        Ok(Self { from, dead_letters, group, publisher: publisher(args, &file)? })
    }
}

/// An address of Kafka; without a topic it is the role's own.
pub(crate) fn address(text: &str, role: Role) -> anyhow::Result<Connection> {
    let usage = |error: talon_kafka::ConnectionError| UsageError(error.to_string());
    let connection = Connection::parse(text).map_err(usage)?;
    let named = text.split('?').next().and_then(|place| place.split('/').nth(3)).filter(|topic| !topic.is_empty());
    Ok(if named.is_some() { connection } else { connection.with_topic(role.topic()).map_err(usage)? })
}

fn read(path: &Path) -> anyhow::Result<Table> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let usage = |why: &dyn std::fmt::Display| UsageError(format!("{}: {why}", path.display()));
    let table: Table = text.parse().map_err(|error: toml::de::Error| usage(&error.message()))?;
    match table.keys().find(|name| !NAMES.contains(&name.as_str())) {
        Some(name) => Err(usage(&format!("{name} is none of {}", NAMES.join(", "))).into()),
        None => Ok(table),
    }
}

fn unsaid(name: &str) -> UsageError {
    UsageError(format!("--{name} is not said, neither on the command line nor in a file of --config"))
}

fn wrong(name: &str, wanted: &str) -> UsageError {
    UsageError(format!("{name} has to be {wanted}"))
}

fn text(typed: Option<&str>, file: &Table, name: &str) -> Result<Option<String>, UsageError> {
    match (typed, file.get(name)) {
        (Some(typed), _) => Ok(Some(typed.to_owned())),
        (None, None) => Ok(None),
        (None, Some(Value::String(text))) => Ok(Some(text.clone())),
        (None, Some(_)) => Err(wrong(name, "a text")),
    }
}

/// A list of words: a file may have a text, a number, or a list of either.
fn words(typed: Vec<String>, file: &Table, name: &str) -> Result<Vec<String>, UsageError> {
    if !typed.is_empty() {
        return Ok(typed);
    }
    let word = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Integer(number) => Ok(number.to_string()),
        _ => Err(wrong(name, "a list of texts or numbers")),
    };
    match file.get(name) {
        None => Ok(Vec::new()),
        Some(Value::Array(values)) => values.iter().map(word).collect(),
        Some(value) => Ok(vec![word(value)?]),
    }
}

fn publisher(args: &ConsumeArgs, file: &Table) -> Result<Publisher, UsageError> {
    let principal = match (args.principal, file.get("principal")) {
        (None, Some(number)) => number.as_integer().and_then(|number| u32::try_from(number).ok()),
        (typed, _) => typed,
    };
    let principal = principal.ok_or_else(|| unsaid("principal"))?;
    if principal < 2 {
        return Err(wrong("principal", "2 or more: 0 is the ledger, and 1 the command line"));
    }
    let merchants = words(args.merchants.clone(), file, "merchants")?;
    let typed = args.sources.iter().filter_map(clap::ValueEnum::to_possible_value);
    let sources = words(typed.map(|value| value.get_name().to_owned()).collect(), file, "sources")?;
    if sources.is_empty() {
        return Err(unsaid("sources"));
    }
    let wanted = "provider, bank, gateway, terminal or person";
    let source = |word: &String| SourceArg::from_str(word, true).map_err(|_| wrong("sources", wanted));
    Ok(Publisher {
        principal: PrincipalId(principal),
        merchants: self::merchants(&merchants)?,
        sources: sources.iter().map(|word| Ok(source(word)?.into())).collect::<Result<_, UsageError>>()?,
        imported: false,
    })
}

fn merchants(words: &[String]) -> Result<Merchants, UsageError> {
    match words {
        [] => Err(unsaid("merchants")),
        [every] if every == "every" => Ok(Merchants::Every),
        some => {
            let merchant = |word: &String| word.parse().ok().filter(|number| *number > 0).map(MerchantId);
            let wrong = || wrong("merchants", "numbers of merchants, or the one word every");
            some.iter().map(|word| merchant(word).ok_or_else(wrong)).collect::<Result<_, _>>().map(Merchants::Only)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use talon_domain::fact::Source;

    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Typed {
        #[command(flatten)]
        args: ConsumeArgs,
    }

    fn config(words: &[&str]) -> Result<Config, String> {
        let typed = Typed::try_parse_from([&["consume"], words].concat()).map_err(|error| error.to_string())?;
        Config::of(&typed.args).map_err(|error| error.to_string())
    }

    const WHOLE: &str =
        "from = \"kafka://a:9092\"\nprincipal = 7\nmerchants = [732829320, 1]\nsources = [\"gateway\"]\n";

    fn in_file(text: &str, words: &[&str]) -> Result<Config, String> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("room");
        config(&[&["--config", file.path().to_str().expect("a path")], words].concat())
    }

    #[test]
    fn a_file_says_it_and_the_command_line_goes_before_it() {
        let of_file = in_file(WHOLE, &[]).expect("a configuration");
        let topics = (of_file.from.topic(), of_file.dead_letters.topic(), of_file.group.as_str());
        assert_eq!(topics, ("talon.intake.v1", "talon.intake.v1.dlq", "talon"));
        let some = Merchants::Only([MerchantId(1), MerchantId(732_829_320)].into());
        assert_eq!((of_file.publisher.principal, &of_file.publisher.merchants), (PrincipalId(7), &some));
        let typed = in_file(WHOLE, &["--principal", "9", "--merchants", "every", "--sources", "bank,person"]);
        let publisher = typed.expect("a configuration").publisher;
        assert_eq!((publisher.principal, publisher.merchants), (PrincipalId(9), Merchants::Every));
        assert_eq!(publisher.sources, [Source::Bank, Source::Person].into());
    }

    #[test]
    fn nothing_is_taken_for_granted() {
        for left_out in ["from", "principal", "merchants", "sources"] {
            let text: String = WHOLE.lines().filter(|line| !line.starts_with(left_out)).collect::<Vec<_>>().join("\n");
            let refused = in_file(&text, &[]).expect_err("a refusal");
            assert!(refused.contains(&format!("--{left_out} is not said")), "{refused}");
        }
    }

    #[test]
    fn what_means_nothing_is_refused_by_its_name() {
        for (cut, put, why) in [
            ("principal = 7", "principal = 1", "principal has to be 2 or more"),
            ("[\"gateway\"]", "[\"ledger\"]", "sources has to be provider"),
            ("[732829320, 1]", "[0]", "merchants has to be numbers"),
            ("[732829320, 1]", "[1, \"every\"]", "merchants has to be numbers"),
            ("[732829320, 1]", "[1.5]", "merchants has to be a list of texts or numbers"),
            ("principal", "principle", "principle is none of"),
            ("\"kafka://a:9092\"", "\"http://a\"", "kafka://host:port"),
            ("\"kafka://a:9092\"", "9092", "from has to be a text"),
        ] {
            let refused = in_file(&WHOLE.replace(cut, put), &[]).expect_err("a refusal");
            assert!(refused.contains(why), "{refused}");
        }
    }
}
