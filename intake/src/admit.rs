//! Admission: from the bytes of a batch to records that can be appended, and from the journal's answer to outcomes.

use std::sync::Arc;

use talon_domain::fact::{FactHeader, Source};
use talon_domain::ids::{EventId, PartitionId, Position};
use talon_domain::time::Instant;
use talon_journal::{
    AppendError, BatchError, IdIndex, Journal, PAYLOAD_BYTES_MAX, ReadError, Record, encode_header, partition_of,
};
use talon_proto::{
    Envelope, Fault, Rule, check_payload, check_personal, personal_email, personal_is_empty, personal_name, walk,
};
use talon_vault::{Entropy, VaultError};

use crate::card::holds_card_number;
use crate::events::EventBatch;
use crate::group::{Admitted, Group, Pending};
use crate::outcome::{Outcome, Place};
use crate::publisher::Publisher;
use crate::recall::Recall;
use crate::recognise::difference;
use crate::refusal::{Difference, First, Refusal};
use crate::seals::{SealingError, Seals};

/// A source's clock may be this far ahead of the appender's, in microseconds: five minutes.
const AHEAD_MAX: i64 = 5 * 60 * 1_000_000;
/// And this far behind: 400 days.
const BEHIND_MAX: i64 = 400 * 86_400 * 1_000_000;

/// Why a whole batch was not admitted. Nothing of it was appended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IntakeError {
    /// A personal part could not be sealed.
    #[error(transparent)]
    Sealing(#[from] SealingError),
    /// A stored record could not be read.
    #[error("what the journal holds already could not be read")]
    Read(#[from] ReadError),
    /// The clock of this machine is outside the years that a record can carry.
    #[error("this machine's clock is outside the years 2000 to 2148: set it")]
    Clock,
}

/// The door of one ledger: what it recognises, seals with, and salts from.
#[derive(Debug)]
pub struct Door {
    pub(crate) index: IdIndex,
    seals: Seals,
    pub(crate) entropy: Entropy,
    sealed: Vec<u8>,
    stored: Vec<u8>,
}

/// An event that was read and may be appended.
struct Candidate<'e> {
    header: FactHeader,
    payload: &'e [u8],
    personal: Option<&'e [u8]>,
}

impl Door {
    /// A door that recognises what `index` holds.
    pub fn new(index: IdIndex, seals: Seals, entropy: Entropy) -> Self {
        Self { index, seals, entropy, sealed: Vec::new(), stored: Vec::new() }
    }

    /// Admits a batch, appends what can be appended, waits until it is durable, and answers for every event. If a
    /// personal part cannot be sealed, nothing of the batch is appended, and every event is told so.
    pub fn publish(
        &mut self,
        events: &EventBatch,
        publisher: &Publisher,
        now: Instant,
        journal: &dyn Journal,
        group: &mut Group,
    ) -> Result<Vec<Outcome>, IntakeError> {
        match self.admit(events, publisher, now, journal, group) {
            Ok(()) => Ok(self.append(journal, group)),
            Err(IntakeError::Sealing(error)) => Ok(unsealed(events, publisher, now, &error)),
            Err(error) => Err(error),
        }
    }

    /// Reads, checks, recognises and seals a batch into `group`; appends nothing.
    pub fn admit(
        &mut self,
        events: &EventBatch,
        publisher: &Publisher,
        now: Instant,
        journal: &dyn Journal,
        group: &mut Group,
    ) -> Result<(), IntakeError> {
        if !now.is_in_range() {
            return Err(IntakeError::Clock);
        }
        group.begin(now);
        self.seals.prepare(events.iter().flatten().filter(|event| is_personal(event)).count())?;
        let mut recall = Recall::new(journal);
        for (index, event) in events.iter().enumerate() {
            let number = events.number(index).unwrap_or_default();
            let admitted = match event.map_err(Clone::clone).and_then(|event| read(event, publisher, now)) {
                Err(refusal) => Admitted::Refused(refusal),
                Ok(candidate) => self.take(&candidate, number, &mut recall, group)?,
            };
            group.note(admitted);
        }
        Ok(())
    }

    /// Appends a group and waits for the answer.
    fn append(&mut self, journal: &dyn Journal, group: &mut Group) -> Vec<Outcome> {
        if group.batch().is_empty() {
            return group.outcomes(&Err(AppendError::Rejected { reason: "nothing was appended".into() }));
        }
        let answer = journal.append(group.take_batch()).wait();
        let outcomes = group.outcomes(&answer);
        if let Ok(appended) = answer {
            let places: Vec<_> = appended.places().collect();
            group.put_back(appended.into_batch());
            self.learn(group, &places);
        }
        outcomes
    }

    fn learn(&mut self, group: &Group, places: &[(PartitionId, Position)]) {
        for (merchant, id, record) in group.pending_ids() {
            if let Some(place) = places.get(record) {
                self.index.insert(merchant, id, *place);
            }
        }
    }

    /// Recognises an event, or makes a record of it.
    fn take(
        &mut self,
        candidate: &Candidate<'_>,
        number: u64,
        recall: &mut Recall<'_>,
        group: &mut Group,
    ) -> Result<Admitted, IntakeError> {
        let (merchant, id) = (candidate.header.merchant, candidate.header.event_id);
        if let Some(pending) = group.pending(merchant, id) {
            let (_, bytes) = group.batch().record(pending.record).unwrap_or_default();
            return Ok(match self.difference(bytes, candidate) {
                None => Admitted::DuplicateOfRecord(pending.record),
                Some(difference) => conflict(id, First::SameBatch(pending.number), difference),
            });
        }
        if let Some((partition, position)) = self.index.lookup(merchant, id) {
            let mut stored = std::mem::take(&mut self.stored);
            let found = recall.read(partition, position, &mut stored)?;
            let known = found.then(|| self.recognise(&stored, Place::of(partition, position, &stored), candidate));
            self.stored = stored;
            if let Some(known) = known {
                return Ok(known);
            }
        }
        self.encode(candidate, number, group)
    }

    fn recognise(&mut self, stored: &[u8], place: Place, candidate: &Candidate<'_>) -> Admitted {
        match self.difference(stored, candidate) {
            None => Admitted::Duplicate(place),
            Some(difference) => conflict(candidate.header.event_id, First::Kept(place), difference),
        }
    }

    /// In what a stored record differs from what is told now; `None` if it says the same.
    fn difference(&mut self, stored: &[u8], candidate: &Candidate<'_>) -> Option<Difference> {
        let Ok(stored) = Record::parse(stored) else { return Some(Difference::Payload) };
        difference(&stored, &candidate.header, candidate.payload, candidate.personal, &mut self.seals)
    }

    fn encode(&mut self, candidate: &Candidate<'_>, number: u64, group: &mut Group) -> Result<Admitted, IntakeError> {
        let Ok(payload_len) = u16::try_from(candidate.payload.len()) else {
            return Ok(Admitted::Refused(Refusal::RecordTooLarge));
        };
        let header = encode_header(&candidate.header, payload_len, &self.entropy.salt());
        self.sealed.clear();
        if let Some(personal) = candidate.personal {
            self.seals.seal(&header, personal, &mut self.sealed)?;
        }
        let partition = partition_of(candidate.header.merchant);
        let record = group.batch().len();
        match group.batch_mut().push(partition, &[&header, candidate.payload, &self.sealed]) {
            Ok(()) => {
                let (merchant, id) = (candidate.header.merchant, candidate.header.event_id);
                group.note_pending(merchant, id, Pending { record, number });
                Ok(Admitted::Record(record))
            }
            Err(BatchError::Full) => unreachable!("a batch of 4 MiB of events fits into 8 MiB of records"),
            Err(_) => Ok(Admitted::Refused(Refusal::RecordTooLarge)),
        }
    }

    /// Closes the door: unused keys are given back in good order.
    pub fn close(self) -> Result<(), VaultError> {
        self.seals.close()
    }
}

fn conflict(event_id: EventId, first: First, difference: Difference) -> Admitted {
    Admitted::Refused(Refusal::Conflict { event_id, first, difference })
}

/// Whether an event has a personal part that would be sealed.
fn is_personal(event: &[u8]) -> bool {
    walk(event).is_ok_and(|envelope| envelope.personal.is_some_and(|part| !personal_is_empty(part)))
}

/// The answers of a batch of which nothing could be appended: refusals stay, everything else may be sent again.
fn unsealed(events: &EventBatch, publisher: &Publisher, now: Instant, error: &SealingError) -> Vec<Outcome> {
    let reason: Arc<str> = error.to_string().into();
    let answer = |event: Result<&[u8], &Refusal>| {
        let read = event.map_err(Clone::clone).and_then(|event| read(event, publisher, now));
        read.map_or_else(Outcome::Refused, |_| Outcome::NotAppended(Arc::clone(&reason)))
    };
    events.iter().map(answer).collect()
}

/// Reads one event as far as the door judges it.
fn read<'e>(event: &'e [u8], publisher: &Publisher, now: Instant) -> Result<Candidate<'e>, Refusal> {
    let envelope = walk(event)?;
    in_scope(&envelope, publisher)?;
    if holds_card_number(envelope.source_key) {
        return Err(Fault::at(Rule::CardNumber, "sourceKey").into());
    }
    check_payload(envelope.kind, envelope.schema, envelope.payload, &mut |text| !holds_card_number(text))?;
    if envelope.payload.len() > PAYLOAD_BYTES_MAX {
        return Err(Refusal::RecordTooLarge);
    }
    let personal = personal(envelope.personal)?;
    let header = header(&envelope, personal.is_some(), publisher, now)?;
    Ok(Candidate { header, payload: envelope.payload, personal })
}

fn in_scope(envelope: &Envelope<'_>, publisher: &Publisher) -> Result<(), Refusal> {
    if envelope.merchant.0 == 0 {
        return Err(Refusal::MerchantIsTheLedger);
    }
    if !publisher.may_write_for(envelope.merchant) {
        return Err(Refusal::MerchantOutOfScope);
    }
    if envelope.source == Source::Ledger || !publisher.sources.contains(&envelope.source) {
        return Err(Refusal::SourceOutOfScope);
    }
    Ok(())
}

/// The personal part, if there is anything in it.
fn personal(part: Option<&[u8]>) -> Result<Option<&[u8]>, Refusal> {
    let Some(part) = part else { return Ok(None) };
    check_personal(part)?;
    let texts = [personal_email(part), personal_name(part)];
    if texts.into_iter().flatten().any(holds_card_number) {
        return Err(Fault::at(Rule::CardNumber, "personal").into());
    }
    Ok(Some(part).filter(|part| !personal_is_empty(part)))
}

fn header(envelope: &Envelope<'_>, sealed: bool, publisher: &Publisher, now: Instant) -> Result<FactHeader, Refusal> {
    let occurred_at = envelope.occurred_at;
    let day = occurred_at.paris_day().ok_or_else(|| Fault::at(Rule::Time, "occurredAt"))?;
    Ok(FactHeader {
        kind: envelope.kind,
        schema: envelope.schema,
        recorded_at: now,
        occurred_at,
        merchant: envelope.merchant,
        shop: envelope.shop,
        terminal: envelope.terminal,
        terminal_seq: envelope.terminal_seq,
        terminal_epoch: envelope.terminal_epoch,
        day,
        principal: publisher.principal,
        source: envelope.source,
        event_id: envelope.identity()?,
        stream: envelope.stream()?,
        sealed,
        training: envelope.training,
        imported: publisher.imported,
        clock_doubtful: is_doubtful(occurred_at, now),
    })
}

/// Whether a source's clock is far from the appender's.
pub(crate) fn is_doubtful(occurred_at: Instant, now: Instant) -> bool {
    !(-AHEAD_MAX..=BEHIND_MAX).contains(&now.0.saturating_sub(occurred_at.0))
}
