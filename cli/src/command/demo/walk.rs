//! What the ledger can be asked, one command after the other: each step is a command line that anybody can type again,
//! read and carried out as if somebody had typed it.
//!
//! This module lays out nothing: the answers are the commands' own.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Parser as _;
use serde_json::{Value, json};
use talon_domain::ids::{MerchantId, ShopId, StreamId};
use talon_domain::open::open_reasons;
use talon_journal::Journal;

use super::{Payments, open};
use crate::args::{Arguments, AsOfArgs, Common};
use crate::command::digest::{digests, digests_json};
use crate::command::root;
use crate::demo::Day;
use crate::exit::Exit;
use crate::show::{Screen, Tone};
use crate::views;

/// A figure that few payments make: what was sold in so many instalments.
const FIGURE: &str = "sale";
const PLAN: &str = "2";
/// The year of the script.
const YEAR: &str = "2026";
/// An hour at which the day is half told.
const HOUR: &str = "14:00";

/// What is asked after: a shop, and in it a payment that is not finished.
pub(super) struct Walk {
    dir: PathBuf,
    merchant: MerchantId,
    shop: ShopId,
    date: String,
    open: Option<StreamId>,
    /// Whose provider's files come the next morning; nobody's where the demo stops in the evening.
    merchants: Vec<MerchantId>,
}

/// A step: what it is for, its command line, and how it ends.
struct Step {
    what: String,
    line: Vec<OsString>,
    ends: Exit,
}

/// The shop of the customer whose tickets are shown, and the payment that is open there, or else anywhere, for a reason
/// that fewest are.
pub(super) fn of(dir: &Path, day: &Day, payments: &Payments, evening: bool) -> anyhow::Result<Walk> {
    let featured = payments.iter().find(|(key, _)| key.stream == day.featured);
    let (key, state) = featured.context("the script's own payment is not in its ledger")?;
    let open: Vec<_> = open(payments).map(|(key, state)| (key, state, open_reasons(state))).collect();
    let mut alike: BTreeMap<_, usize> = BTreeMap::new();
    open.iter().for_each(|(_, _, reasons)| *alike.entry(reasons.clone()).or_default() += 1);
    let rarest = open.iter().min_by_key(|(of, at, reasons)| {
        let is_elsewhere = (of.merchant, at.shop) != (key.merchant, state.shop);
        (is_elsewhere, alike.get(reasons).copied(), of.stream)
    });
    Ok(Walk {
        dir: dir.to_owned(),
        merchant: key.merchant,
        shop: state.shop,
        date: day.date.to_string(),
        open: rarest.map(|(key, ..)| key.stream),
        merchants: day.statements.iter().filter(|_| !evening).map(|statement| statement.merchant).collect(),
    })
}

impl Walk {
    fn ledger(&self) -> PathBuf {
        self.dir.join("ledger")
    }

    fn pin(&self) -> PathBuf {
        self.dir.join("pin.json")
    }

    fn then(&self) -> String {
        format!("{}T{HOUR}", self.date)
    }

    /// A command on this ledger.
    fn on_ledger<const N: usize>(&self, words: [&str; N]) -> Vec<OsString> {
        let ledger = self.ledger().into_os_string();
        [OsString::from("talon"), "--ledger".into(), ledger].into_iter().chain(words.map(Into::into)).collect()
    }

    /// A command on the shop's day.
    fn on_day<const N: usize>(&self, command: &str, words: [&str; N]) -> Vec<OsString> {
        let (merchant, shop) = (self.merchant.to_string(), self.shop.to_string());
        let mut line = self.on_ledger([command, &merchant, &self.date]);
        line.extend(words.into_iter().chain(["--shop", &shop]).map(OsString::from));
        line
    }

    /// The steps of the evening, and of the morning after it.
    fn steps(&self, screen: &Screen) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut step = |french, english, line| {
            steps.push(Step { what: screen.say(french, english).to_owned(), line, ends: Exit::Done });
        };
        step("Les vues, tenues à côté", "The views, kept beside it", self.on_ledger(["project"]));
        step("La journée d'une boutique", "The day of one shop", self.on_day("day", []));
        if let Some(open) = self.open {
            let line = self.on_ledger(["history", &open.to_string()]);
            step("Un paiement ouvert, et pourquoi", "An open payment, and why", line);
        }
        let line = self.on_day("explain", [FIGURE, "--plan", PLAN]);
        step("Un total, jusqu'à ses faits", "A total, down to its facts", line);
        let line = self.on_day("day", ["--as-of", &self.then()]);
        step("La journée, telle qu'on la savait à 14 h", "The day, as it was known at 14:00", line);
        if !self.merchants.is_empty() {
            self.morning(screen, &mut steps);
        }
        let mut step = |french, english, line| {
            steps.push(Step { what: screen.say(french, english).to_owned(), line, ends: Exit::Done });
        };
        step("L'histoire entière, fixée", "All of history, pinned", self.pinning("root", "--out"));
        step("Et rien n'y a changé", "And nothing in it has changed", self.pinning("verify", "--pin"));
        steps
    }

    /// The next morning: the provider's files come, each with one row that nobody can read, and the page is written.
    fn morning(&self, screen: &Screen, steps: &mut Vec<Step>) {
        let what = screen.say("Le lendemain, les jours ouvrés de l'année", "The next morning, the year's working days");
        steps.extend(["TARGET", "FR"].map(|calendar| Step {
            what: what.to_owned(),
            line: self.on_ledger(["calendar", "add", calendar, YEAR, "--as", "RC4", "--reason", "year"]),
            ends: Exit::Done,
        }));
        let what = screen.say("Les fichiers du prestataire", "The provider's files");
        steps.extend(self.merchants.iter().map(|merchant| Step {
            what: format!("{what} ({merchant})"),
            line: self.importing(*merchant),
            ends: Exit::SomeRefused,
        }));
        let mut line = self.on_ledger(["morning", "--out"]);
        line.push(self.dir.join("morning").into_os_string());
        let what = screen.say("Ce qui ne concorde pas, en une page", "What does not agree, on one page").to_owned();
        steps.push(Step { what, line, ends: Exit::Done });
    }

    fn importing(&self, merchant: MerchantId) -> Vec<OsString> {
        let mut line = self.on_ledger(["import", "alma"]);
        let file = self.dir.join(super::file_of(merchant)).into_os_string();
        line.extend([file, "--merchant".into(), merchant.to_string().into()]);
        line
    }

    fn pinning(&self, command: &str, option: &str) -> Vec<OsString> {
        let mut line = self.on_ledger([command, option]);
        line.push(self.pin().into_os_string());
        line
    }

    /// Takes every step, on the screen.
    pub(super) fn take(&self, screen: &mut Screen) -> anyhow::Result<Exit> {
        for Step { what, line, ends } in self.steps(screen) {
            screen.heading(&what)?;
            screen.pieces(&[(&format!("  {}", typed(&line)), Tone::Quiet)])?;
            let arguments = Arguments::try_parse_from(&line).context("the demo's own command is misspelt")?;
            let ended = crate::run(&arguments, screen)?;
            if ended != ends {
                return Ok(ended);
            }
        }
        Ok(Exit::Done)
    }

    /// What else can be asked.
    pub(super) fn further(&self, day: &Day) -> Vec<String> {
        let (merchant, featured) = (self.merchant.to_string(), day.featured.to_string());
        let lines = [
            self.on_ledger(["transaction", &featured]),
            self.on_ledger(["open-items", "--merchant", &merchant, "--at", &self.date]),
            self.on_ledger(["transactions", "--anomalies"]),
            self.on_ledger(["terminals", "--holes"]),
            self.on_ledger(["settlement", &merchant]),
            self.on_ledger(["note", "list"]),
            self.on_ledger(["diff", &self.then()]),
            self.on_ledger(["rebuild"]),
            self.on_ledger(["digest"]),
            self.on_ledger(["digest", "--views"]),
        ];
        lines.iter().map(|line| typed(line)).collect()
    }

    /// The same for scripts: the views are kept and history is pinned, and the answer says what can be asked.
    pub(super) fn json(&self, journal: &dyn Journal, common: &Common) -> anyhow::Result<Value> {
        root::pin(journal, Some(&self.pin()))?;
        let views = views::open(&common.with_ledger(self.ledger()), &AsOfArgs::default(), None)?;
        Ok(json!({
            "date": self.date, "merchant": self.merchant.to_string(), "shop": self.shop.0,
            "open": self.open.map(|open| open.to_string()), "figure": FIGURE, "plan": PLAN, "then": self.then(),
            "pin": self.pin().display().to_string(), "views": digests_json(&digests(&views)?),
        }))
    }
}

fn typed(line: &[OsString]) -> String {
    line.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
