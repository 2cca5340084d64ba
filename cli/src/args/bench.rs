//! The command line of `talon bench`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use talon_benches::Bench;

#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// What to measure [default: all].
    #[arg(value_enum)]
    pub(crate) what: Vec<BenchArg>,
    /// A folder on the disk to measure; must not exist, and is gone afterwards.
    #[arg(long, value_name = "DIR", default_value = "talon-bench")]
    pub(crate) dir: PathBuf,
    /// How many events where events are counted.
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1_000..))]
    pub(crate) events: u64,
    /// How long what is sustained goes on.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(crate) seconds: u64,
    /// How often what is repeated is repeated.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) repeats: u32,
}

impl BenchArgs {
    /// What to measure, in the order of the path.
    pub(crate) fn asked(&self) -> Vec<Bench> {
        let is_asked = |bench: &Bench| self.what.is_empty() || self.what.iter().any(|what| what.bench() == *bench);
        Bench::ALL.into_iter().filter(is_asked).collect()
    }
}

/// What can be measured.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum BenchArg {
    /// Each step of the door by itself.
    Steps,
    /// Records that are made already, 1 to 1,000 a sync, beside a bare loop of writes and syncs.
    Append,
    /// The whole path, sustained: protobuf in, batches of 1,000.
    Sustained,
    /// The id index: new ids, known ones, late ones.
    Ids,
    /// Scans, checks and folds of a journal, and opening it after a crash.
    Read,
    /// The fold of decoded facts.
    Fold,
    /// Views, made in memory and in the store, and asked.
    Views,
    /// The projector at the head of a journal that grows: how late it is, and how soon it has caught up.
    Follow,
    /// Files of a provider, read row by row.
    Statements,
}

impl BenchArg {
    const fn bench(self) -> Bench {
        match self {
            Self::Steps => Bench::Steps,
            Self::Append => Bench::Append,
            Self::Sustained => Bench::Sustained,
            Self::Ids => Bench::Ids,
            Self::Read => Bench::Read,
            Self::Fold => Bench::Fold,
            Self::Views => Bench::Views,
            Self::Follow => Bench::Follow,
            Self::Statements => Bench::Statements,
        }
    }
}
