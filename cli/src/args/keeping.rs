//! What keeps views, and asks after what is not in them.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use clap::{Args, Subcommand};
use talon_domain::ids::PartitionId;
use talon_journal::PARTITIONS;

use super::Span;

#[derive(Debug, Args)]
pub(crate) struct ProjectArgs {
    /// Go on with what is appended, and answer whoever asks; stop with Ctrl-C.
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// Throw away what is kept, and make the views anew from the journal.
    #[arg(long)]
    pub(crate) anew: bool,
    /// How many facts are held in memory before they are written.
    #[arg(long, value_name = "FACTS", default_value_t = 50_000, value_parser = facts)]
    pub(crate) commit_every: usize,
    /// Fold these partitions alone, as 0-15,40: of a ledger on Kafka, whose other partitions other processes fold. Said
    /// once for a --state; partition 0, where all read what is broadcast, is always among them.
    #[arg(long, value_name = "RANGES")]
    pub(crate) partitions: Option<Partitions>,
}

#[derive(Debug, Args)]
pub(crate) struct LagArgs {
    /// End with 1 if the oldest record that is missing waits for longer: 5s, 10m.
    #[arg(long, value_name = "SPAN")]
    pub(crate) max: Option<Span>,
}

/// Some of the partitions, as `0-15,40`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Partitions(BTreeSet<u16>);

impl Partitions {
    pub(crate) fn holds(&self, partition: PartitionId) -> bool {
        self.0.contains(&partition.0)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = PartitionId> + '_ {
        self.0.iter().copied().map(PartitionId)
    }
}

impl FromStr for Partitions {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WANTED: &str = "partitions are 0 to 63: name them as 0-15,40";
        let mut partitions = BTreeSet::from([0]);
        for range in text.split(',') {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let number =
                |text: &str| text.trim().parse::<u16>().ok().filter(|number| *number < PARTITIONS).ok_or(WANTED);
            let (first, last) = (number(first)?, number(last)?);
            if first > last {
                return Err(WANTED);
            }
            partitions.extend(first..=last);
        }
        Ok(Self(partitions))
    }
}

impl fmt::Display for Partitions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut ranges: Vec<(u16, u16)> = Vec::new();
        for partition in &self.0 {
            match ranges.last_mut() {
                Some((_, last)) if last.saturating_add(1) == *partition => *last = *partition,
                _ => ranges.push((*partition, *partition)),
            }
        }
        let range =
            |(first, last): &(u16, u16)| if first == last { first.to_string() } else { format!("{first}-{last}") };
        f.write_str(&ranges.iter().map(range).collect::<Vec<_>>().join(","))
    }
}

/// Some facts, and not all memory.
fn facts(text: &str) -> Result<usize, &'static str> {
    let facts = text.parse().ok().filter(|facts| (1..=10_000_000).contains(facts));
    facts.ok_or("a number from 1 to 10000000 is wanted")
}

#[derive(Debug, Args)]
pub(crate) struct AsideArgs {
    #[command(subcommand)]
    pub(crate) command: AsideCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AsideCommand {
    /// List the records that are in no view, and why.
    #[command(after_help = "Example:\n  talon --ledger /srv/ledger aside list")]
    List,
    /// Show one of them.
    #[command(after_help = "Example:\n  talon --ledger /srv/ledger aside show p7/1234")]
    Show {
        /// Where it is: partition and position, as `list` names them.
        #[arg(value_name = "PLACE")]
        place: String,
    },
    /// Make the views anew, with another try of all of them.
    #[command(after_help = "Example:\n  talon --ledger /srv/ledger aside retry")]
    Retry,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_are_read_as_they_are_shown() {
        let read = |text: &str| text.parse::<Partitions>().map(|read| read.to_string());
        for (typed, shown) in [("0-63", "0-63"), ("5", "0,5"), ("1-3,7,8", "0-3,7-8"), ("40, 2-2", "0,2,40")] {
            assert_eq!(read(typed).as_deref(), Ok(shown));
            assert_eq!(read(shown).as_deref(), Ok(shown));
        }
        for wrong in ["", "64", "3-1", "a", "1-", "-1", "1--2"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
