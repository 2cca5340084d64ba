//! Admission: from the bytes of a batch to records that can be appended.
//!
//! ```text
//! read every event --> look all ids up --> compare what may be known --> make keys --> claim, seal and encode what is new
//! ```
//!
//! - each step goes over the whole batch, so that waiting for memory and for stored records overlaps
//! - an event that is taken costs no allocation; a batch costs a few
//! - keys are made for what is new alone: a batch that the journal holds already needs no vault
//! - an id in flight counts as known: whoever repeats it waits until the first one is durable

use std::collections::VecDeque;

use talon_domain::ids::EventId;
use talon_domain::time::Instant;
use talon_journal::{
    AppendError, BatchError, Hit, IdIndex, IdKey, IndexError, Journal, Known, ReadError, Record, encode_header,
    partition_of,
};
use talon_vault::{Entropy, VaultError};

use crate::events::EventBatch;
use crate::flight::Flight;
use crate::group::{Admitted, Group};
use crate::outcome::Place;
use crate::publisher::Publisher;
use crate::read::{Candidate, read};
use crate::recall::{Asked, Recall};
use crate::recognise::difference;
use crate::refusal::{Difference, First, Refusal};
use crate::seals::{SealingError, Seals};

/// Why a whole batch was not admitted. Nothing of it was appended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IntakeError {
    /// A personal part could not be sealed, or not compared with what was sealed before.
    #[error(transparent)]
    Sealing(#[from] SealingError),
    /// A stored record could not be read.
    #[error("what the journal holds already could not be read")]
    Read(#[from] ReadError),
    /// Which events the journal holds could not be looked up.
    #[error("which events the journal holds already could not be looked up")]
    Index(#[from] IndexError),
    /// What the ledger itself says of them was not appended, or nobody knows.
    #[error("what the ledger says of refused events could not be appended")]
    Append(#[from] AppendError),
    /// The clock of this machine is outside the years that a record can carry.
    #[error("this machine's clock is outside the years 2000 to 2148: set it")]
    Clock,
}

/// The door of one ledger: what it recognises, seals with, and salts from.
#[derive(Debug)]
pub struct Door {
    pub(crate) index: IdIndex,
    pub(crate) seals: Seals,
    pub(crate) entropy: Entropy,
    pub(crate) flights: VecDeque<Flight>,
    pub(crate) settled: VecDeque<Group>,
    keys: Vec<IdKey>,
    pub(crate) hits: Vec<Hit>,
    sealed: Vec<u8>,
}

impl Door {
    /// A door that recognises what `index` holds.
    pub fn new(index: IdIndex, seals: Seals, entropy: Entropy) -> Self {
        Self {
            index,
            seals,
            entropy,
            flights: VecDeque::new(),
            settled: VecDeque::new(),
            keys: Vec::new(),
            hits: Vec::new(),
            sealed: Vec::new(),
        }
    }

    /// Reads, checks, recognises and seals a batch into `group`; appends nothing. What is admitted is submitted next, or
    /// abandoned.
    ///
    /// # Errors
    /// Nothing of the batch is admitted.
    pub(crate) fn admit(
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
        self.seals.begin();
        let mut candidates = read_all(events, publisher, now, group);
        self.recognise(&candidates, journal, group)?;
        self.leave_out_the_erased(&mut candidates, journal, group)?;
        let is_new_person =
            |candidate: &&Candidate<'_>| candidate.personal.is_some() && !group.is_decided(candidate.event);
        self.seals.prepare(candidates.iter().filter(is_new_person).count())?;
        self.index.begin(now);
        let taken = candidates.iter().try_for_each(|candidate| self.take(candidate, events, group));
        if taken.is_err() {
            self.index.abandon();
        }
        taken
    }

    /// What a batch would be, if it were appended; nothing of it is remembered.
    ///
    /// # Errors
    /// As for [`Door::publish`].
    pub fn check(
        &mut self,
        events: &EventBatch,
        publisher: &Publisher,
        now: Instant,
        journal: &dyn Journal,
        group: &mut Group,
    ) -> Result<(), IntakeError> {
        self.admit(events, publisher, now, journal, group)?;
        self.index.abandon();
        Ok(())
    }

    /// Finds the events that the journal holds already, and notes so.
    fn recognise(
        &mut self,
        candidates: &[Candidate<'_>],
        journal: &dyn Journal,
        group: &mut Group,
    ) -> Result<(), IntakeError> {
        if self.index.is_behind() {
            self.catch_up(journal)?;
        }
        self.look_up(candidates.iter().map(Candidate::key), journal)?;
        if self.hits.iter().any(|hit| matches!(hit.known, Known::InFlight { .. })) {
            self.catch_up(journal)?;
            self.look_up(candidates.iter().map(Candidate::key), journal)?;
        }
        if self.hits.is_empty() {
            return Ok(());
        }
        let mut asked = Asked::from(&self.hits);
        let mut recall = Recall::new(journal);
        while let Some((key, place)) = asked.next() {
            let Some(candidate) = candidates.get(key) else { continue };
            let Some(record) = recall.record(place)? else { continue };
            if record.merchant() == candidate.header.merchant && record.event_id() == candidate.header.event_id {
                let place = Place { partition: place.0, position: place.1, recorded_at: record.recorded_at() };
                let differs = differs(&record, candidate, &mut self.seals)?;
                group.note_first(candidate.event, known(candidate.header.event_id, First::Kept(place), differs));
            }
        }
        Ok(())
    }

    /// Takes in what others have appended since it was last looked: whoever takes over from another process knows then what
    /// that one has told.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn look_again(&mut self, journal: &dyn Journal) -> Result<(), IntakeError> {
        self.settle_all();
        Ok(self.ask(journal, |door| door.index.read_on(journal))?)
    }

    /// Lands what is under way, and takes in what went past the index.
    pub(crate) fn catch_up(&mut self, journal: &dyn Journal) -> Result<(), IndexError> {
        self.settle_all();
        if !self.index.is_behind() {
            return Ok(());
        }
        self.ask(journal, |door| door.index.read_on(journal))
    }

    /// Looks keys up; what may be known are the hits.
    pub(crate) fn look_up(
        &mut self,
        keys: impl Iterator<Item = IdKey>,
        journal: &dyn Journal,
    ) -> Result<(), IndexError> {
        self.keys.clear();
        self.keys.extend(keys);
        self.ask(journal, |door| {
            door.hits.clear();
            door.index.look_up(&door.keys, &mut door.hits)
        })
    }

    /// Asks the index. One whose files are damaged is made again from the journal first; where that fails it stays
    /// damaged, and whoever asks next tries again.
    fn ask(
        &mut self,
        journal: &dyn Journal,
        question: impl Fn(&mut Self) -> Result<(), IndexError>,
    ) -> Result<(), IndexError> {
        match question(self) {
            Err(IndexError::Damaged { .. }) => {
                self.settle_all();
                self.index.rebuild(journal, &mut |_| ())?;
                question(self)
            }
            answer => answer,
        }
    }

    /// Makes a record of an event that nobody has told before.
    fn take(&mut self, candidate: &Candidate<'_>, events: &EventBatch, group: &mut Group) -> Result<(), IntakeError> {
        if group.is_decided(candidate.event) {
            return Ok(());
        }
        if let Some(admitted) = self.told_in_batch(candidate, events, group)? {
            group.note(candidate.event, admitted);
            return Ok(());
        }
        self.encode(candidate, group)
    }

    /// What becomes of an event whose id an earlier event of the same batch has.
    fn told_in_batch(
        &mut self,
        candidate: &Candidate<'_>,
        events: &EventBatch,
        group: &Group,
    ) -> Result<Option<Admitted>, SealingError> {
        let again = self.index.again(candidate.key());
        let told = again.and_then(|record| Some((record, Record::parse(group.batch().record(record)?.1).ok()?)));
        let Some((record, stored)) = told else { return Ok(None) };
        if stored.merchant() != candidate.header.merchant || stored.event_id() != candidate.header.event_id {
            return Ok(None);
        }
        let first = First::SameBatch(events.number(group.event_of(record)).unwrap_or_default());
        Ok(Some(match differs(&stored, candidate, &mut self.seals)? {
            None => Admitted::DuplicateOfRecord(record),
            differs => known(candidate.header.event_id, first, differs),
        }))
    }

    fn encode(&mut self, candidate: &Candidate<'_>, group: &mut Group) -> Result<(), IntakeError> {
        let Ok(payload_len) = u16::try_from(candidate.payload.len()) else {
            group.note(candidate.event, Admitted::Refused(Refusal::RecordTooLarge));
            return Ok(());
        };
        let header = encode_header(&candidate.header, payload_len, &self.entropy.salt());
        self.sealed.clear();
        if let Some(personal) = candidate.personal {
            self.seals.seal(&header, personal, &mut self.sealed)?;
        }
        let partition = partition_of(candidate.header.merchant);
        match group.push(candidate.event, partition, &[&header, candidate.payload, &self.sealed]) {
            Ok(()) => self.index.claim(candidate.key()),
            Err(BatchError::Full) => unreachable!("a batch of 4 MiB of events fits into 8 MiB of records"),
            Err(_) => group.note(candidate.event, Admitted::Refused(Refusal::RecordTooLarge)),
        }
        Ok(())
    }

    /// Whether the vault was found damaged: then no person can be sealed until it is restored.
    pub const fn vault_is_damaged(&self) -> bool {
        self.seals.is_damaged()
    }

    /// Closes the door: what is on its way is waited for, and unused keys are given back in good order.
    ///
    /// # Errors
    /// The keys could not be given back: they are lost, and nothing else is.
    pub fn close(mut self) -> Result<(), VaultError> {
        self.settle_all();
        self.seals.close()
    }
}

/// Reads every event; those that are refused are noted.
fn read_all<'e>(events: &'e EventBatch, publisher: &Publisher, now: Instant, group: &mut Group) -> Vec<Candidate<'e>> {
    let mut candidates = Vec::with_capacity(events.len());
    for (number, event) in events.iter().enumerate() {
        match event.map_err(Clone::clone).and_then(|event| read(number, event, publisher, now)) {
            Ok(candidate) => {
                group.await_decision();
                candidates.push(candidate);
            }
            Err(refusal) => group.decide(Admitted::Refused(refusal)),
        }
    }
    candidates
}

/// In what a record differs from what is told now; `None` if it says the same.
fn differs(
    stored: &Record<'_>,
    candidate: &Candidate<'_>,
    seals: &mut Seals,
) -> Result<Option<Difference>, SealingError> {
    difference(stored, &candidate.header, candidate.payload, candidate.personal, seals)
}

/// What becomes of an event whose id is known.
fn known(event_id: EventId, first: First, differs: Option<Difference>) -> Admitted {
    match (differs, first) {
        (None, First::Kept(place)) => Admitted::Duplicate(place),
        (difference, first) => {
            let difference = difference.unwrap_or(Difference::Payload);
            Admitted::Refused(Refusal::Conflict { event_id, first, difference })
        }
    }
}
