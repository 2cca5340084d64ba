//! Erasing a person: the ledger says so first, then the keys of what was sealed of a payment are destroyed. Invariants:
//! - a key is destroyed only where the fact of it is durable: a key that is missing without one is a loss, and no erasure
//! - said again, an erasure that was cut off is finished; one that is whole changes nothing
//! - from then on a person of that payment is sealed empty, whoever tells of it again. Records that are there stay as they
//!   are, to the byte
//!
//! This module does not judge who may ask for it, and does not reach backups: they hold the keys until they are thrown away.

use talon_domain::fact::{FactHeader, Kind, Source};
use talon_domain::ids::{
    EventId, MerchantId, Position, PrincipalId, ShopId, StreamId, TerminalEpoch, TerminalId, TerminalSeq,
};
use talon_domain::time::Instant;
use talon_journal::{AppendError, Batch, IdKey, IndexError, Journal, ReadError, Record, encode_header, partition_of};
use talon_proto::{Fault, check_payload, erasure_id_of};
use talon_vault::{KeyId, SealedPart};

use crate::admit::{Door, IntakeError};
use crate::card::holds_card_number;
use crate::genesis::new_event_id;
use crate::group::Group;
use crate::outcome::Place;
use crate::read::Candidate;
use crate::recall::{Asked, Recall};
use crate::seals::SealingError;

/// The schema of the payloads that this release states.
const SCHEMA: u16 = 1;

/// Whose person is to be erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Who is paid.
    pub merchant: MerchantId,
    /// The payment.
    pub stream: StreamId,
    /// A sale for practice.
    pub training: bool,
}

/// What was erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erased {
    /// Where the ledger says so.
    pub place: Place,
    /// Whether it said so before.
    pub was_told: bool,
    /// How many keys were destroyed now.
    pub keys: usize,
}

/// Why a person is not erased, or not wholly.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErasureError {
    /// What is to be told of it is not fit to be kept.
    #[error("{0}")]
    Refused(#[from] Fault),
    /// The payment is in no record.
    #[error("there is no record of this payment")]
    NoSuchPayment,
    /// The journal could not be read.
    #[error("the journal could not be read")]
    Read(#[from] ReadError),
    /// What the journal holds could not be looked up.
    #[error("which events the journal holds already could not be looked up")]
    Index(#[from] IndexError),
    /// The clock of this machine is outside the years that a record can carry.
    #[error("this machine's clock is outside the years 2000 to 2148: set it")]
    Clock,
    /// The ledger could not say so. No key was destroyed.
    #[error("the ledger could not say so, and no key was destroyed: say it again")]
    Append(#[from] AppendError),
    /// The ledger says so, and the keys are still there.
    #[error("the ledger says so, and the keys are still there: say it again")]
    Keys(#[source] SealingError),
}

impl Subject {
    fn key(&self) -> IdKey {
        IdKey { merchant: self.merchant, id: self.event_id() }
    }

    fn event_id(&self) -> EventId {
        erasure_id_of(self.merchant, self.stream, self.training)
    }

    fn is_of(&self, header: &FactHeader) -> bool {
        (header.merchant, header.stream, header.training) == (self.merchant, self.stream, self.training)
    }

    /// Whether a record is the fact that this person was erased.
    fn is_erased_by(&self, header: &FactHeader) -> bool {
        self.is_of(header) && header.kind == Kind::SUBJECT_ERASED && header.source == Source::Ledger
    }

    /// Whether this person was erased, if `known` is a record whose id may be the erasure's. Where another fact has that
    /// id the erasure has one of its own, and the partition is read through for it.
    fn was_erased(&self, known: &FactHeader, journal: &dyn Journal) -> Result<bool, ReadError> {
        if self.is_erased_by(known) {
            return Ok(true);
        }
        let is_id_taken = (known.merchant, known.event_id) == (self.merchant, self.event_id());
        Ok(is_id_taken && find(self, journal)?.told.is_some())
    }

    fn header(&self, event_id: EventId, now: Instant) -> Result<FactHeader, ErasureError> {
        Ok(FactHeader {
            kind: Kind::SUBJECT_ERASED,
            schema: SCHEMA,
            recorded_at: now,
            occurred_at: now,
            merchant: self.merchant,
            shop: ShopId(0),
            terminal: TerminalId(0),
            terminal_seq: TerminalSeq(0),
            terminal_epoch: TerminalEpoch(0),
            day: now.paris_day().ok_or(ErasureError::Clock)?,
            principal: PrincipalId(0),
            source: Source::Ledger,
            event_id,
            stream: self.stream,
            sealed: false,
            training: self.training,
            imported: false,
            clock_doubtful: false,
        })
    }
}

/// What a partition holds of a person.
#[derive(Default)]
struct Found {
    is_there: bool,
    /// Its id names something else already: a publisher may give any id to a fact.
    is_id_taken: bool,
    told: Option<Place>,
    keys: Vec<KeyId>,
}

impl Door {
    /// Erases the person of a payment. `payload` is the encoded `SubjectErased`: who decided it, and why.
    ///
    /// # Errors
    /// See [`ErasureError`]; whichever it is, it may be said again.
    pub fn erase(
        &mut self,
        subject: &Subject,
        payload: &[u8],
        now: Instant,
        journal: &dyn Journal,
    ) -> Result<Erased, ErasureError> {
        check_payload(Kind::SUBJECT_ERASED, SCHEMA, payload, &mut |text| !holds_card_number(text))?;
        self.catch_up(journal)?;
        let found = find(subject, journal)?;
        if !found.is_there {
            return Err(ErasureError::NoSuchPayment);
        }
        let place = if let Some(place) = found.told {
            place
        } else {
            let id = if found.is_id_taken { new_event_id(now, &mut self.entropy) } else { subject.event_id() };
            self.tell(subject, id, payload, now, journal)?
        };
        let keys = if found.keys.is_empty() { 0 } else { self.destroy(&found.keys)? };
        Ok(Erased { place, was_told: found.told.is_some(), keys })
    }

    fn destroy(&mut self, keys: &[KeyId]) -> Result<usize, ErasureError> {
        self.seals.erase(keys).map_err(ErasureError::Keys)
    }

    fn tell(
        &mut self,
        subject: &Subject,
        event_id: EventId,
        payload: &[u8],
        now: Instant,
        journal: &dyn Journal,
    ) -> Result<Place, ErasureError> {
        let length = u16::try_from(payload.len()).unwrap_or(u16::MAX);
        let header = encode_header(&subject.header(event_id, now)?, length, &self.entropy.salt());
        let mut batch = Batch::new();
        let pushed = batch.push(partition_of(subject.merchant), &[&header, payload]);
        assert!(pushed.is_ok(), "two short texts fit into a record");
        self.index.begin(now);
        self.index.claim(IdKey { merchant: subject.merchant, id: event_id });
        match journal.append(batch).wait() {
            Ok(appended) => {
                self.index.settle(appended.places());
                let Some((partition, position)) = appended.place(0) else { unreachable!("one record was appended") };
                Ok(Place { partition, position, recorded_at: now })
            }
            Err(error) => {
                self.index.forget();
                Err(error.into())
            }
        }
    }

    /// Of payments whose person was erased, nobody is sealed any more.
    pub(crate) fn leave_out_the_erased(
        &mut self,
        candidates: &mut [Candidate<'_>],
        journal: &dyn Journal,
        group: &Group,
    ) -> Result<(), IntakeError> {
        let is_new = |candidate: &Candidate<'_>| candidate.personal.is_some() && !group.is_decided(candidate.event);
        let asking: Vec<usize> = (0..).zip(&*candidates).filter(|(_, of)| is_new(of)).map(|(index, _)| index).collect();
        let subject = |index: &usize| candidates.get(*index).map(|candidate| subject_of(&candidate.header));
        let subjects: Vec<Subject> = asking.iter().filter_map(subject).collect();
        self.look_up(subjects.iter().map(Subject::key), journal)?;
        let mut asked = Asked::from(&self.hits);
        let mut recall = Recall::new(journal);
        while let Some((key, place)) = asked.next() {
            let Some(record) = recall.record(place)? else { continue };
            let Some((subject, index)) = subjects.get(key).zip(asking.get(key)) else { continue };
            if subject.was_erased(&record.fact_header(), journal)?
                && let Some(candidate) = candidates.get_mut(*index)
            {
                candidate.personal = Some(&[]);
            }
        }
        Ok(())
    }
}

const fn subject_of(header: &FactHeader) -> Subject {
    Subject { merchant: header.merchant, stream: header.stream, training: header.training }
}

/// Reads the person's partition through.
fn find(subject: &Subject, journal: &dyn Journal) -> Result<Found, ReadError> {
    let mut found = Found::default();
    let mut reader = journal.read(partition_of(subject.merchant), Position(0))?;
    while let Some(stored) = reader.next()? {
        let Ok(record) = Record::parse(stored.bytes) else { continue };
        let header = record.fact_header();
        found.is_id_taken |= (header.merchant, header.event_id) == (subject.merchant, subject.event_id());
        if !subject.is_of(&header) {
            continue;
        }
        found.is_there = true;
        if subject.is_erased_by(&header) && found.told.is_none() {
            let (partition, position, recorded_at) = (stored.partition, stored.position, header.recorded_at);
            found.told = Some(Place { partition, position, recorded_at });
        }
        let part = record.sealed().and_then(|sealed| SealedPart::parse(sealed).ok());
        found.keys.extend(part.map(|part| part.key_id()));
    }
    Ok(found)
}
