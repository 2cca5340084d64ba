//! A phone number that payments are looked for by. The group that it is in gives candidates; the key opens what they seal,
//! and those that seal this very number are the answer. The number is in no error and in no answer.

use std::collections::BTreeSet;
use std::io::stdin;

use anyhow::Context as _;
use talon_domain::ids::{MerchantId, StreamKey};
use talon_journal::{Journal as _, Positions, Record};

use crate::book::Book;
use talon_proto::personal_phone;
use talon_vault::VaultReader;

use crate::args::Common;
use crate::exit::UsageError;
use crate::{keys, ledger};

/// A number, and what opens others to be held against it.
pub(super) struct Phone {
    number: String,
    journal: Book,
    vault: VaultReader,
}

impl Phone {
    /// A number as it was typed; from standard input where that is a dash, so that no list of processes shows it.
    pub(super) fn read(typed: &str, common: &Common) -> anyhow::Result<Self> {
        let mut line = typed.to_owned();
        if typed == "-" {
            line.clear();
            stdin().read_line(&mut line).context("no phone number could be read")?;
        }
        let number = line.trim();
        if !is_e164(number) {
            return Err(UsageError("--phone wants a number with its country, as +33 and nine digits".into()).into());
        }
        let dir = common.ledger()?;
        let journal = ledger::open_to_read(dir)?;
        let vault = keys::vault_reader(dir, common, journal.identity().ledger_id)?;
        Ok(Self { number: number.to_owned(), journal, vault })
    }

    /// The group that it is in, among a merchant's.
    pub(super) fn bucket(&self, merchant: MerchantId) -> u32 {
        self.vault.phone_bucket(merchant, &self.number).into()
    }

    /// Those of the candidates that seal this number.
    pub(super) fn among(mut self, candidates: &BTreeSet<StreamKey>) -> anyhow::Result<BTreeSet<StreamKey>> {
        let mut found = BTreeSet::new();
        let mut reader = self.journal.scan(&Positions::beginning())?;
        while let Some(stored) = reader.next()? {
            let Ok(record) = Record::parse(stored.bytes) else { continue };
            let Some(sealed) = record.sealed() else { continue };
            let key = record.fact_header().stream_key();
            if !candidates.contains(&key) || found.contains(&key) {
                continue;
            }
            // What cannot be opened any more was erased, or its key is lost: it is nobody's number.
            let opened = self.vault.open_sealed(record.header_bytes(), sealed);
            if opened.is_ok_and(|personal| personal_phone(&personal) == Some(self.number.as_str())) {
                found.insert(key);
            }
        }
        Ok(found)
    }
}

fn is_e164(number: &str) -> bool {
    let digits = number.strip_prefix('+').unwrap_or_default();
    (7..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit()) && !digits.starts_with('0')
}
