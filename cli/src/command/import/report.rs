//! What became of a statement's rows, as JSON for scripts and in words for people: who reads sees what needs a look, and
//! what it all came to. No value of a cell is repeated.

use std::io;

use serde_json::{Value, json};
use talon_statements::{Sums, Survey, Warning};

use super::hex;
use super::taking::{Fate, Of};
use crate::exit::Exit;
use crate::show::Screen;

/// Rows of one kind that are told one by one; behind them they are counted.
const TOLD_MAX: u64 = 1_000;

/// What a statement came to.
pub(super) struct Ended<'e> {
    pub(super) of: &'e Of,
    pub(super) survey: &'e Survey,
    pub(super) lines: u32,
    pub(super) sums: &'e Sums,
    pub(super) is_preview: bool,
    pub(super) is_stopped: bool,
}

/// Tells it.
pub(super) struct Report<'s> {
    screen: &'s mut Screen,
    rows: u64,
    new: u64,
    known: u64,
    refused: u64,
    open: u64,
    warned: u64,
    told: u64,
}

impl<'s> Report<'s> {
    pub(super) const fn new(screen: &'s mut Screen) -> Self {
        Self { screen, rows: 0, new: 0, known: 0, refused: 0, open: 0, warned: 0, told: 0 }
    }

    pub(super) const fn has_failed(&self) -> bool {
        self.open > 0
    }

    /// A row's fate.
    pub(super) fn row(&mut self, line: u64, fate: &Fate, warnings: &[Warning]) -> io::Result<()> {
        let count = match fate {
            Fate::Nothing => None,
            Fate::New => Some(&mut self.new),
            Fate::Known => Some(&mut self.known),
            Fate::Unread(_) | Fate::Refused(_) => Some(&mut self.refused),
            Fate::Open(_) => Some(&mut self.open),
        };
        if let Some(count) = count {
            *count += 1;
            self.rows += 1;
        }
        self.warned += warnings.len() as u64;
        if self.screen.is_json() {
            let told = self.row_json(line, fate, warnings);
            return self.screen.json(&told);
        }
        let mut words: Vec<String> = self.failure(fate).into_iter().collect();
        words.extend(warnings.iter().map(|warning| self.warning(warning)));
        for words in words {
            self.told += 1;
            if self.told <= TOLD_MAX {
                self.screen.remark(&format!("{} {line}: {words}", self.screen.say("ligne", "line")))?;
            }
        }
        Ok(())
    }

    fn failure(&self, fate: &Fate) -> Option<String> {
        match fate {
            Fate::Unread(fault) => {
                let place = fault.column.as_deref().map(|label| format!(" \"{label}\"")).unwrap_or_default();
                let advice = fault.rule.advice(self.screen.language);
                Some(format!("{} {}{place}: {advice}", fault.rule.number(), fault.rule.name()))
            }
            Fate::Refused(refusal) => Some(refusal.to_string()),
            Fate::Open(reason) => Some(reason.clone()),
            Fate::Nothing | Fate::New | Fate::Known => None,
        }
    }

    fn warning(&self, warning: &Warning) -> String {
        let place = warning.place.as_deref().map(|place| format!(" \"{place}\"")).unwrap_or_default();
        let (look, advice) = (self.screen.say("à voir", "look"), warning.kind.advice(self.screen.language));
        format!("{look}: {} {}{place}: {advice}", warning.kind.number(), warning.kind.name())
    }

    fn row_json(&self, line: u64, fate: &Fate, warnings: &[Warning]) -> Value {
        let language = self.screen.language;
        let outcome = match fate {
            Fate::Nothing => "nothing",
            Fate::New => "new",
            Fate::Known => "known",
            Fate::Unread(_) | Fate::Refused(_) => "refused",
            Fate::Open(_) => "open",
        };
        let mut told = json!({ "type": "settlement_row", "line": line, "outcome": outcome });
        let fault = match fate {
            Fate::Unread(fault) => Some((
                fault.rule.number(),
                fault.rule.name().to_owned(),
                fault.column.as_deref().unwrap_or_default().to_owned(),
                fault.rule.advice(language).to_owned(),
            )),
            Fate::Refused(refusal) => {
                Some((refusal.number(), refusal.name().to_owned(), refusal.place(), refusal.advice().into_owned()))
            }
            _ => None,
        };
        if let (Some((code, name, place, advice)), Some(told)) = (fault, told.as_object_mut()) {
            told.insert("code".to_owned(), code.into());
            told.insert("name".to_owned(), name.into());
            told.insert("place".to_owned(), place.into());
            told.insert("advice".to_owned(), advice.into());
        }
        if let (Fate::Open(reason), Some(told)) = (fate, told.as_object_mut()) {
            told.insert("advice".to_owned(), reason.as_str().into());
        }
        if let (false, Some(told)) = (warnings.is_empty(), told.as_object_mut()) {
            let all: Vec<_> = warnings.iter().map(warning_json).collect();
            told.insert("warnings".to_owned(), all.into());
        }
        told
    }

    /// What it all came to.
    pub(super) fn end(mut self, ended: &Ended<'_>) -> anyhow::Result<Exit> {
        let of_file = ended.sums.warnings();
        self.warned += of_file.len() as u64;
        if self.screen.is_json() {
            let told = self.total_json(ended, &of_file);
            self.screen.json(&told)?;
        } else {
            self.total(ended, &of_file)?;
        }
        Ok(if self.open > 0 || ended.is_stopped {
            Exit::Failed
        } else if self.refused > 0 {
            Exit::SomeRefused
        } else {
            Exit::Done
        })
    }

    fn total(&mut self, ended: &Ended<'_>, of_file: &[Warning]) -> io::Result<()> {
        let screen = &mut *self.screen;
        if self.told > TOLD_MAX {
            let more =
                screen.say("autres lignes à voir, non affichées : --output json", "more to look at: --output json");
            screen.remark(&format!("{} {more}", self.told - TOLD_MAX))?;
        }
        for warning in of_file {
            let (place, advice) = (warning.place.as_deref().unwrap_or_default(), warning.kind.advice(screen.language));
            screen.remark(&format!("{place}: {} {}: {advice}", warning.kind.number(), warning.kind.name()))?;
        }
        let sums: Vec<_> = ended
            .sums
            .by_kind()
            .map(|((kind, currency), sum)| {
                let amount = |minor| screen.amount(currency, minor);
                vec![
                    kind.name().to_owned(),
                    currency.to_string(),
                    sum.count.to_string(),
                    amount(sum.gross),
                    amount(sum.fee),
                    amount(sum.net),
                ]
            })
            .collect();
        if !sums.is_empty() {
            let heads = [
                ("Type", "Type"),
                ("Devise", "Currency"),
                (">Lignes", ">Lines"),
                (">Brut", ">Gross"),
                (">Frais", ">Fee"),
                (">Net", ">Net"),
            ];
            screen.table_of(&heads, sums)?;
        }
        let counts = [
            screen.count(self.rows, ["ligne lue", "lignes lues"], ["row read", "rows read"]),
            screen.count(self.new, ["nouvelle", "nouvelles"], ["new"; 2]),
            screen.count(self.known, ["déjà connue", "déjà connues"], ["known already"; 2]),
            screen.count(self.refused, ["refusée", "refusées"], ["refused"; 2]),
            screen.count(self.warned, ["à voir", "à voir"], ["to look at"; 2]),
        ];
        screen.line(&counts.join(", "))?;
        if ended.is_preview {
            let nothing = screen.say("aperçu : rien n'a été ajouté", "preview: nothing was appended").to_owned();
            screen.line(&nothing)?;
        }
        if self.open > 0 || ended.is_stopped {
            screen.remark(screen.say(
                "Le registre n'a pas tout pris : importez le même fichier encore une fois.",
                "The ledger did not take everything: import the same file again.",
            ))?;
        }
        Ok(())
    }

    fn total_json(&self, ended: &Ended<'_>, of_file: &[Warning]) -> Value {
        let sums: Vec<_> = ended
            .sums
            .by_kind()
            .map(|((kind, currency), sum)| {
                json!({
                    "kind": kind.name(), "currency": currency.code(), "lines": sum.count,
                    "gross": sum.gross.to_string(), "fee": sum.fee.to_string(), "net": sum.net.to_string(),
                })
            })
            .collect();
        let (first_day, last_day) = ended.sums.days().unzip();
        json!({
            "type": "settlement_file",
            "format": ended.of.format,
            "merchant": ended.of.merchant.to_string(),
            "account": &*ended.of.account,
            "fileHash": hex(ended.survey),
            "bytes": ended.survey.bytes.to_string(),
            "rows": self.rows,
            "lines": ended.lines,
            "new": self.new,
            "known": self.known,
            "refused": self.refused,
            "open": self.open,
            "firstDay": first_day.map(|day| day.to_string()),
            "lastDay": last_day.map(|day| day.to_string()),
            "sums": sums,
            "warnings": of_file.iter().map(warning_json).collect::<Vec<_>>(),
            "preview": ended.is_preview,
        })
    }
}

fn warning_json(warning: &Warning) -> Value {
    json!({ "code": warning.kind.number(), "name": warning.kind.name(), "place": warning.place.as_deref() })
}
