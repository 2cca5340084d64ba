//! Rows on their way: into events, and each row's fate out of those of its events. Invariant: fates are told in the order
//! of the rows, those of a batch when the batch is durable.

use talon_domain::fact::{StatementImported, Text};
use talon_domain::ids::MerchantId;
use talon_domain::time::Instant;
use talon_intake::{EventBatch, Refusal, line_event, statement_event};
use talon_statements::{Came, Fault, Numbering, Row, Sums, Survey, Warning, WarningKind};

use super::door::{Taken, Taker};
use super::report::{Ended, Report};
use crate::exit::Exit;
use crate::show::{Bar, Screen};
use crate::stop::Stop;

/// Events that are made durable together.
const BATCH: usize = 4_000;
/// Bytes of the longest event of a line.
const EVENT_BYTES_MAX: usize = 16 << 10;
const DAY_US: i64 = 86_400_000_000;

/// Whose statement it is.
pub(super) struct Of {
    pub(super) merchant: MerchantId,
    pub(super) account: Text,
    pub(super) format: String,
}

/// What became of a row.
#[derive(Clone, Debug)]
pub(super) enum Fate {
    /// It is the header, or says nothing.
    Nothing,
    New,
    Known,
    /// By a rule of the file's reader.
    Unread(Fault),
    /// By the door.
    Refused(Refusal),
    Open(String),
}

struct Pending {
    line: u64,
    warnings: Vec<Warning>,
    fate: Fate,
    events: usize,
}

/// A statement that is being read.
pub(super) struct Taking<'t> {
    of: Of,
    survey: &'t Survey,
    taker: &'t mut Taker,
    report: Report<'t>,
    numbering: Numbering,
    sums: Sums,
    events: EventBatch,
    pending: Vec<Pending>,
    lines: u32,
    stop: Stop,
    bar: Bar,
    failed: Option<anyhow::Error>,
}

impl<'t> Taking<'t> {
    pub(super) fn new(
        of: Of,
        survey: &'t Survey,
        taker: &'t mut Taker,
        screen: &'t mut Screen,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            of,
            survey,
            taker,
            report: Report::new(screen),
            numbering: Numbering::new(),
            sums: Sums::new(),
            events: EventBatch::new(),
            pending: Vec::new(),
            lines: 0,
            stop: Stop::asked()?,
            bar: Bar::records(0, "reading"),
            failed: None,
        })
    }

    /// Takes a row; whether to go on.
    pub(super) fn take(&mut self, row: Row) -> bool {
        let Row { line, said, mut warnings } = row;
        let (fate, events) = match said {
            Ok(said) => {
                let events = said.len();
                for mut said in said {
                    let came = self.numbering.number(&mut said.line);
                    if came == Came::Otherwise {
                        warnings.push(Warning { kind: WarningKind::IdTwice, place: None });
                    }
                    if came != Came::Again {
                        self.sums.add(&said.line);
                        self.lines = self.lines.saturating_add(1);
                    }
                    self.events.push_with(line, |out| {
                        line_event(self.of.merchant, said.occurred_at, &said.line, out);
                        Ok(())
                    });
                }
                (Fate::Nothing, events)
            }
            Err(fault) => (Fate::Unread(fault), 0),
        };
        self.pending.push(Pending { line, warnings, fate, events });
        let has_room = self.events.len() < BATCH && self.events.has_room(EVENT_BYTES_MAX * 8);
        if !has_room || self.pending.len() >= BATCH {
            self.failed = self.settle().err();
            self.bar.at(line, line);
        }
        self.failed.is_none() && !self.report.has_failed() && !self.stop.is_asked()
    }

    /// What became of the rows that wait.
    fn settle(&mut self) -> anyhow::Result<()> {
        let mut taken = if self.events.is_empty() { Vec::new() } else { self.taker.take(&self.events)? }.into_iter();
        self.events.clear();
        for Pending { line, warnings, fate, events } in self.pending.drain(..) {
            let fate = taken.by_ref().take(events).fold(fate, worse);
            self.report.row(line, &fate, &warnings)?;
        }
        Ok(())
    }

    /// The end: the statement itself, if all of it is in, and what it came to.
    pub(super) fn end(mut self, is_whole: bool) -> anyhow::Result<Exit> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        self.settle()?;
        let is_stopped = self.stop.is_asked();
        self.bar.finish();
        if is_whole && !is_stopped && !self.report.has_failed() && self.lines > 0 {
            tell_statement(&self.of, self.survey, self.lines, &self.sums, self.taker)?;
        }
        let ended = Ended {
            of: &self.of,
            survey: self.survey,
            lines: self.lines,
            sums: &self.sums,
            is_preview: self.taker.is_imagined(),
            is_stopped,
        };
        if is_whole { self.report.end(&ended) } else { Ok(Exit::Failed) }
    }
}

/// That the statement was read. A later reader may find more lines in the same file: the first telling stands.
fn tell_statement(of: &Of, survey: &Survey, lines: u32, sums: &Sums, taker: &mut Taker) -> anyhow::Result<()> {
    let (first_day, last_day) = sums.days().unzip();
    let occurred_at = first_day.map_or(Instant::FIRST, |day| Instant(i64::from(day.0) * DAY_US));
    let statement = StatementImported {
        account: of.account.clone(),
        file_hash: survey.hash,
        format: Some(Text::from(&*of.format)),
        lines,
        first_day,
        last_day,
        revision: 0,
    };
    let mut events = EventBatch::new();
    events.push_with(1, |out| {
        statement_event(of.merchant, occurred_at, &statement, out);
        Ok(())
    });
    match taker.take(&events)?.into_iter().next() {
        Some(Taken::Open(reason)) => anyhow::bail!("the statement itself is not in ({reason}): import it again"),
        _ => Ok(()),
    }
}

/// Of a row's events the one that needs somebody decides.
fn worse(fate: Fate, taken: Taken) -> Fate {
    match (fate, taken) {
        (fate @ (Fate::Open(_) | Fate::Unread(_)), _) => fate,
        (_, Taken::Open(reason)) => Fate::Open(reason),
        (fate @ Fate::Refused(_), _) => fate,
        (_, Taken::Refused(refusal)) => Fate::Refused(refusal),
        (Fate::New, _) | (_, Taken::New) => Fate::New,
        (Fate::Nothing | Fate::Known, Taken::Known) => Fate::Known,
    }
}
