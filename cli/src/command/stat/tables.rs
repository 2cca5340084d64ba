//! The numbers of a ledger as people read them.

use std::collections::BTreeMap;
use std::io;

use talon_journal::{SegmentStat, SummaryState};

use super::{Stat, size};
use crate::show::Screen;

/// How many of the last segments are listed one by one.
const SEGMENTS_SHOWN: usize = 12;

impl Stat {
    pub(super) fn tell(&self, top: usize, screen: &mut Screen) -> io::Result<()> {
        screen.line(&format!(
            "{} {}, incarnation {}",
            screen.say("Registre", "Ledger"),
            self.ledger_id,
            self.incarnation
        ))?;
        self.tell_totals(screen)?;
        self.tell_segments(screen)?;
        self.tell_kinds(screen)?;
        self.tell_merchants(top, screen)?;
        self.tell_days(screen)?;
        self.tell_rest(screen)
    }

    fn tell_totals(&self, screen: &mut Screen) -> io::Result<()> {
        let records = screen.count(self.records(), ["enregistrement", "enregistrements"], ["record", "records"]);
        let doubles = screen.say("(ce qui fut dit deux fois compte deux fois)", "(what was told twice counts twice)");
        screen.line(&format!("{records} {doubles}"))?;
        let (each, each_with_index) = self.bytes_per_record();
        let words = screen.say("octets par enregistrement, index compris", "bytes a record, with the index");
        let (used, of) = (size(self.used_bytes()), size(self.bytes()));
        let in_use = screen.say("utilisés sur", "in use of");
        screen.line(&format!("{used} {in_use} {of}; {each} {words} {each_with_index}"))?;
        if let Some((first, last)) = self.contents.recorded {
            let words = screen.say("enregistrés du", "recorded from");
            let to = screen.say("au", "to");
            screen.line(&format!("{words} {} {to} {}", first.rfc3339(), last.rfc3339()))?;
        }
        Ok(())
    }

    fn tell_segments(&self, screen: &mut Screen) -> io::Result<()> {
        screen.heading(screen.say("Segments", "Segments"))?;
        let (earlier, shown) = self.segments.split_at(self.segments.len().saturating_sub(SEGMENTS_SHOWN));
        if !earlier.is_empty() {
            let records: u64 = earlier.iter().map(|segment| segment.records).sum();
            let words = screen.say("segments plus anciens, enregistrements :", "earlier segments, records:");
            screen.line(&format!("  {} {words} {records}", earlier.len()))?;
        }
        let heads = [
            screen.say("Fichier", "File"),
            screen.say(">Premier", ">First"),
            screen.say(">Enregistrements", ">Records"),
            screen.say(">Taille", ">Size"),
            screen.say(">Utilisé", ">In use"),
            screen.say("Résumé", "Summary"),
        ];
        let row = |segment: &SegmentStat| {
            vec![
                segment.file.clone(),
                segment.first_lsn.to_string(),
                segment.records.to_string(),
                size(segment.bytes),
                size(segment.used_bytes),
                summary_words(segment.summary, screen).to_owned(),
            ]
        };
        let rows = shown.iter().map(row).collect();
        screen.table(&heads, rows)
    }

    fn tell_kinds(&self, screen: &mut Screen) -> io::Result<()> {
        screen.heading(screen.say("Enregistrements par sorte", "Records by kind"))?;
        let heads = [">N°", screen.say("Sorte", "Kind"), screen.say(">Enregistrements", ">Records")];
        let mut rows: Vec<Vec<String>> = self
            .contents
            .kinds
            .iter()
            .map(|(kind, count)| vec![kind.0.to_string(), kind.name().to_owned(), count.to_string()])
            .collect();
        if self.contents.foreign > 0 {
            let foreign = screen.say("illisible par cette version", "not readable by this release");
            rows.push(vec!["-".to_owned(), foreign.to_owned(), self.contents.foreign.to_string()]);
        }
        screen.table(&heads, rows)
    }

    fn tell_merchants(&self, top: usize, screen: &mut Screen) -> io::Result<()> {
        screen.heading(screen.say("Enregistrements par commerçant", "Records by merchant"))?;
        let heads = [screen.say(">Commerçant", ">Merchant"), screen.say(">Enregistrements", ">Records")];
        let (merchants, others, others_records) = self.merchants(top);
        let name = |merchant: u64| match merchant {
            0 => screen.say("le registre lui-même", "the ledger itself").to_owned(),
            siren => siren.to_string(),
        };
        let mut rows: Vec<_> =
            merchants.into_iter().map(|(merchant, count)| vec![name(merchant), count.to_string()]).collect();
        if others > 0 {
            let words = screen.count(others, ["autre", "autres"], ["other", "others"]);
            rows.push(vec![words, others_records.to_string()]);
        }
        screen.table(&heads, rows)
    }

    /// Days of a month in one row.
    fn tell_days(&self, screen: &mut Screen) -> io::Result<()> {
        screen.heading(screen.say("Enregistrements par mois du fait", "Records by month of the fact"))?;
        let heads = [
            screen.say("Mois", "Month"),
            screen.say("Premier jour", "First day"),
            screen.say("Dernier jour", "Last day"),
            screen.say(">Enregistrements", ">Records"),
        ];
        let mut months: BTreeMap<String, (String, String, u64)> = BTreeMap::new();
        for (day, count) in &self.contents.days {
            let day = day.to_string();
            let month = day.get(..7).unwrap_or(&day).to_owned();
            let (_, last, records) = months.entry(month).or_insert_with(|| (day.clone(), day.clone(), 0));
            *last = day;
            *records += count;
        }
        let rows = months.into_iter().map(|(month, (first, last, count))| vec![month, first, last, count.to_string()]);
        screen.table(&heads, rows.collect())
    }

    fn tell_rest(&self, screen: &mut Screen) -> io::Result<()> {
        screen.heading(screen.say("Ce qui l'entoure", "Around it"))?;
        let writer = self.writer.as_deref().unwrap_or(screen.say("personne", "nobody"));
        screen.line(&format!("  {} {writer}", screen.say("écrit :", "writes:")))?;
        let index = screen.count(self.index.count, ["fichier", "fichiers"], ["file", "files"]);
        let ids = match &self.ids {
            Ok(Some(health)) => format!(
                "{} {} {}",
                health.ids,
                screen.say(
                    "identifiants distincts, des premiers enregistrements :",
                    "distinct ids, of the first records:"
                ),
                health.covered.total(),
            ),
            Ok(None) => screen.say("à faire par qui écrit ensuite", "to be made by the next writer").to_owned(),
            Err(error) => error.to_string(),
        };
        screen.line(&format!("  index: {index}, {}, {ids}", size(self.index.bytes)))?;
        let slabs = match &self.slabs {
            Ok(slabs) => format!(
                "{} {}, {} {}, {} {}",
                slabs.claimed,
                screen.say("en usage", "claimed"),
                slabs.free,
                screen.say("libres", "free"),
                slabs.closed,
                screen.say("fermés", "closed"),
            ),
            Err(error) => error.to_string(),
        };
        let vault = screen.say("coffre :", "vault:");
        let words = screen.say("blocs de clés", "slabs of keys");
        screen.line(&format!("  {vault} {}, {words}: {slabs}", size(self.vault.bytes)))?;
        for (file, bytes) in &self.set_aside {
            let words = screen.say("coupé et gardé :", "cut off and kept:");
            screen.line(&format!("  {words} {file}, {}", size(*bytes)))?;
        }
        if let Some(free) = self.free_bytes {
            screen.line(&format!("  {} {}", screen.say("place libre :", "free space:"), size(free)))?;
        }
        Ok(())
    }
}

fn summary_words(summary: SummaryState, screen: &Screen) -> &'static str {
    match summary {
        SummaryState::InUse => screen.say("en usage", "in use"),
        SummaryState::Present => screen.say("présent", "present"),
        SummaryState::Missing => screen.say("manquant", "missing"),
        SummaryState::Wrong => screen.say("faux", "wrong"),
    }
}
