//! What every command understands: which ledger, with which key, answered how.

use std::path::{Path, PathBuf};

use clap::Args;
use talon_domain::anomaly::Language;
use talon_kafka::Connection;

use super::{Lang, Output};
use crate::book;
use crate::exit::UsageError;

/// What every command understands.
#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    /// The ledger: a folder, or kafka://HOST:PORT,HOST:PORT/TOPIC.
    #[arg(long, global = true, value_name = "DIR|URL", env = "TALON_LEDGER")]
    ledger: Option<PathBuf>,
    /// The folder of what is local to a ledger on Kafka: vault, ids, views.
    #[arg(long, global = true, value_name = "DIR", env = "TALON_STATE")]
    state: Option<PathBuf>,
    /// The master key's file [default: `TALON_MASTER_KEY_FILE`, else the systemd credential talon-master-key, else
    /// DIR.key beside the ledger's folder].
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// How lists are written.
    #[arg(long, global = true, value_enum, default_value_t = Output::Table)]
    pub(crate) output: Output,
    /// The language of words for people [default: from the locale].
    #[arg(long, global = true, value_enum, env = "TALON_LANG")]
    lang: Option<Lang>,
}

impl Common {
    /// The ledger's folder; of one on Kafka the one of what is local.
    pub(crate) fn ledger(&self) -> anyhow::Result<&Path> {
        let missing = || UsageError("no ledger: give --ledger DIR, or set TALON_LEDGER".into());
        let ledger = self.ledger.as_deref().ok_or_else(missing)?;
        let Some(url) = ledger.to_str().filter(|text| Connection::is_meant(text)) else { return Ok(ledger) };
        let state = self.state()?;
        book::settle(url, state)?;
        Ok(state)
    }

    /// The folder of what is local to a ledger on Kafka.
    pub(crate) fn state(&self) -> anyhow::Result<&Path> {
        let missing =
            || UsageError("a ledger on Kafka needs --state DIR: what is local to it lies there".into()).into();
        self.state.as_deref().ok_or_else(missing)
    }

    /// The same, with this file as the master key's.
    pub(crate) fn with_key(&self, key: PathBuf) -> Self {
        Self { key: Some(key), ..self.clone() }
    }

    /// The same, on this ledger.
    pub(crate) fn with_ledger(&self, ledger: PathBuf) -> Self {
        Self { ledger: Some(ledger), ..self.clone() }
    }

    /// The language that was asked for, by option or by environment; `None` where the locale decides.
    pub(crate) const fn stated_language(&self) -> Option<Language> {
        match self.lang {
            Some(Lang::Fr) => Some(Language::French),
            Some(Lang::En) => Some(Language::English),
            None => None,
        }
    }

    /// The language of words for people.
    pub(crate) fn language(&self) -> Language {
        let french = || {
            let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(std::env::var_os);
            set.into_iter()
                .find(|value| !value.is_empty())
                .is_some_and(|value| value.to_string_lossy().starts_with("fr"))
        };
        match self.lang {
            Some(Lang::Fr) => Language::French,
            None if french() => Language::French,
            Some(Lang::En) | None => Language::English,
        }
    }
}
