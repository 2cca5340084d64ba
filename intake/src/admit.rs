//! Admission: from the bytes of a batch to records that can be appended, and from the journal's answer to outcomes.

use talon_domain::fact::{FactHeader, Source};
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
use crate::recognise::says_the_same;
use crate::refusal::{First, Refusal};
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
    index: IdIndex,
    seals: Seals,
    entropy: Entropy,
    sealed: Vec<u8>,
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
        Self { index, seals, entropy, sealed: Vec::new() }
    }

    /// Admits a batch, appends what can be appended, waits until it is durable, and answers for every event.
    pub fn publish(
        &mut self,
        events: &EventBatch,
        publisher: &Publisher,
        now: Instant,
        journal: &dyn Journal,
        group: &mut Group,
    ) -> Result<Vec<Outcome>, IntakeError> {
        self.admit(events, publisher, now, journal, group)?;
        Ok(self.append(journal, group))
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
        for (index, event) in events.iter().enumerate() {
            let number = events.number(index).unwrap_or_default();
            let admitted = match event.map_err(Clone::clone).and_then(|event| read(event, publisher, now)) {
                Err(refusal) => Admitted::Refused(refusal),
                Ok(candidate) => self.take(&candidate, number, journal, group)?,
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

    fn learn(&mut self, group: &Group, places: &[(talon_domain::ids::PartitionId, talon_domain::ids::Position)]) {
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
        journal: &dyn Journal,
        group: &mut Group,
    ) -> Result<Admitted, IntakeError> {
        let (merchant, id) = (candidate.header.merchant, candidate.header.event_id);
        if let Some(pending) = group.pending(merchant, id) {
            let same = group.batch().record(pending.record).is_some_and(|(_, bytes)| self.is_told_by(bytes, candidate));
            return Ok(if same {
                Admitted::DuplicateOfRecord(pending.record)
            } else {
                Admitted::Refused(Refusal::Conflict { event_id: id, first: First::SameBatch(pending.number) })
            });
        }
        if let Some((partition, position)) = self.index.lookup(merchant, id) {
            let mut reader = journal.read(partition, position)?;
            if let Some(stored) = reader.next()? {
                let recorded_at = Record::parse(stored.bytes).map(|r| r.recorded_at()).unwrap_or_default();
                let place = Place { partition, position, recorded_at };
                return Ok(if self.is_told_by(stored.bytes, candidate) {
                    Admitted::Duplicate(place)
                } else {
                    Admitted::Refused(Refusal::Conflict { event_id: id, first: First::Kept(place) })
                });
            }
        }
        self.encode(candidate, number, group)
    }

    fn is_told_by(&mut self, stored: &[u8], candidate: &Candidate<'_>) -> bool {
        Record::parse(stored).is_ok_and(|stored| {
            says_the_same(&stored, &candidate.header, candidate.payload, candidate.personal, &mut self.seals)
        })
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

    /// Makes keys ready for so many personal parts, so that admission writes to no vault.
    pub fn prepare(&mut self, personal_parts: usize) -> Result<(), IntakeError> {
        Ok(self.seals.prepare(personal_parts)?)
    }

    /// Closes the door: unused keys are given back in good order.
    pub fn close(self) -> Result<(), VaultError> {
        self.seals.close()
    }
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
    let behind = now.0.saturating_sub(occurred_at.0);
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
        clock_doubtful: !(-AHEAD_MAX..=BEHIND_MAX).contains(&behind),
    })
}
