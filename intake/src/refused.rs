//! What the ledger says of an event of a terminal that it refused: which one, and by what code; so that the hole that it
//! leaves in the terminal's count has an owner. Invariants:
//! - one fact for an event's id, whoever asks and however often: its id, moment and content follow from the refused one's,
//!   and what was told of it first stands
//! - nothing that came in is repeated but ids and counts
//!
//! This module does not decide which refusals deserve a fact, nor how many.

use talon_domain::claim::natural_stream;
use talon_domain::fact::{FactHeader, Kind, Source};
use talon_domain::ids::{EventId, PrincipalId, TerminalEpoch, TerminalId, TerminalSeq};
use talon_domain::time::Instant;
use talon_journal::{Batch, IdKey, Journal, encode_header, partition_of};
use talon_proto::{Glance, decode, event_id_of, payload_from_json};

use crate::admit::{Door, IntakeError};
use crate::read::is_doubtful;
use crate::recall::{Asked, Recall};

/// The schema of the payloads that this release states.
const SCHEMA: u16 = 1;

/// An event of a terminal that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    code: u16,
    event_id: EventId,
    of: Glance,
}

impl Refused {
    /// What is to be told of an event that was refused with `code`; nothing of one that does not name its merchant, itself,
    /// and a place in the count of a terminal.
    pub fn of(code: u16, of: Glance) -> Option<Self> {
        let is_told = of.merchant.0 != 0 && of.terminal.0 != 0 && of.terminal_seq.0 != 0;
        let told = Self { code, event_id: of.event_id.filter(|_| is_told)?, of };
        told.occurred_at().paris_day().map(|_| told)
    }

    /// When the refused event was named: the first 48 bits of its id are milliseconds.
    fn occurred_at(&self) -> Instant {
        let ms = self.event_id.0.iter().take(6).fold(0i64, |ms, byte| ms << 8 | i64::from(*byte));
        Instant(ms.saturating_mul(1_000))
    }

    fn payload(&self) -> Vec<u8> {
        let (event, of) = (self.event_id, self.of);
        let words = format!(
            r#"{{"code":{},"eventId":"{event}","terminal":{},"epoch":{},"seq":{}}}"#,
            self.code, of.terminal, of.terminal_epoch, of.terminal_seq
        );
        let payload = payload_from_json(Kind::EVENT_REFUSED, words.as_bytes());
        payload.unwrap_or_else(|fault| unreachable!("numbers and an id are what the fact holds: {fault}"))
    }

    fn key(&self) -> IdKey {
        let id = event_id_of(self.of.merchant, self.occurred_at(), &format!("refused:{}", self.event_id));
        IdKey { merchant: self.of.merchant, id }
    }

    fn header(&self, payload: &[u8], now: Instant) -> FactHeader {
        let occurred_at = self.occurred_at();
        let stream = natural_stream(&decode(Kind::EVENT_REFUSED, SCHEMA, payload));
        let (Some(day), Some(stream)) = (occurred_at.paris_day(), stream) else {
            unreachable!("what is told has a day, and the fact names its stream")
        };
        FactHeader {
            kind: Kind::EVENT_REFUSED,
            schema: SCHEMA,
            recorded_at: now,
            occurred_at,
            merchant: self.of.merchant,
            shop: self.of.shop,
            // The count of the terminal is what the event carried, and not this fact.
            terminal: TerminalId(0),
            terminal_seq: TerminalSeq(0),
            terminal_epoch: TerminalEpoch(0),
            day,
            principal: PrincipalId(0),
            source: Source::Ledger,
            event_id: self.key().id,
            stream,
            sealed: false,
            training: false,
            imported: false,
            clock_doubtful: is_doubtful(occurred_at, now),
        }
    }
}

impl Door {
    /// Tells of refused events what was not told yet, and waits until it is durable; how many facts that were.
    ///
    /// # Errors
    /// Nothing was appended, or nobody knows: said again, it tells what is missing.
    pub fn tell_refused(
        &mut self,
        refused: &[Refused],
        now: Instant,
        journal: &dyn Journal,
    ) -> Result<usize, IntakeError> {
        if !now.is_in_range() {
            return Err(IntakeError::Clock);
        }
        let mut untold = refused.to_vec();
        untold.sort_by_key(|told| (told.of.merchant, told.event_id));
        untold.dedup_by_key(|told| (told.of.merchant, told.event_id));
        self.catch_up(journal)?;
        self.leave_out_what_was_told(&mut untold, journal)?;
        if untold.is_empty() {
            return Ok(0);
        }
        let batch = self.facts(&untold, now);
        self.index.begin(now);
        untold.iter().for_each(|told| self.index.claim(told.key()));
        match journal.append(batch).wait() {
            Ok(appended) => self.index.settle(appended.places()),
            Err(error) => {
                self.index.forget();
                return Err(error.into());
            }
        }
        Ok(untold.len())
    }

    fn leave_out_what_was_told(&mut self, untold: &mut Vec<Refused>, journal: &dyn Journal) -> Result<(), IntakeError> {
        self.look_up(untold.iter().map(Refused::key), journal)?;
        let mut known = vec![false; untold.len()];
        let mut asked = Asked::from(&self.hits);
        let mut recall = Recall::new(journal);
        while let Some((index, place)) = asked.next() {
            let Some(record) = recall.record(place)? else { continue };
            let Some((told, known)) = untold.get(index).zip(known.get_mut(index)) else { continue };
            *known |= told.key() == IdKey { merchant: record.merchant(), id: record.event_id() };
        }
        let mut known = known.into_iter();
        untold.retain(|_| !known.next().unwrap_or_default());
        Ok(())
    }

    fn facts(&mut self, untold: &[Refused], now: Instant) -> Batch {
        let mut batch = Batch::new();
        for told in untold {
            let payload = told.payload();
            let length = u16::try_from(payload.len()).unwrap_or_default();
            let header = encode_header(&told.header(&payload, now), length, &self.entropy.salt());
            let pushed = batch.push(partition_of(told.of.merchant), &[&header, &payload]);
            assert!(pushed.is_ok(), "a batch of 10,000 events has room for a short fact of each");
        }
        batch
    }
}
