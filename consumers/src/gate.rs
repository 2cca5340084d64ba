//! The gate for terminal gateways that speak Kafka: a topic of events on one side, the door on the other. Each message is
//! taken, known already, or put away as a dead letter; only then is the position behind it committed.
//!
//! Invariants:
//! - at least once, and once in effect: what is not committed comes again, and the door knows the ids of what it took
//! - nothing is passed over: what the journal does not take now is waited for, and what can never be taken is a dead letter
//!   before the position goes past it
//! - of a terminal's refused event the ledger keeps a fact, at most [`FACTS_MAX`] for each [`WINDOW`] offsets of a
//!   partition. The count goes with the position: the same messages leave the same facts, however often they come
//! - no message is told or logged: what came in may hold a phone number
//!
//! This module does not know where configuration comes from, and prints nothing.

use std::time::Duration;

use talon_domain::time::Instant;
use talon_intake::{Door, EventBatch, Group, IntakeError, Message, Outcome, Publisher, Refusal, Refused};
use talon_journal::Journal;
use talon_kafka::{CONTENT_TYPE, Came, Inbox, InboxError, Letter, Lost, Outbox, OutboxError, Reason};
use talon_proto::LINE_BYTES_MAX;

use crate::{Clock, Stop};

mod limit;

use limit::Limits;
pub use limit::{FACTS_MAX, WINDOW};

/// Bytes of messages that are taken at once.
const BYTES_MAX: usize = talon_intake::BATCH_BYTES_MAX - LINE_BYTES_MAX;
/// How long it is waited for a message before it is asked whether to stop.
const PATIENCE: Duration = Duration::from_millis(200);
/// How long it is waited before the journal, or the topic of dead letters, is tried again: longer each time.
const TRY_AGAIN: [Duration; 4] =
    [Duration::from_millis(100), Duration::from_millis(500), Duration::from_secs(2), Duration::from_secs(5)];
/// A wait is cut into such pieces, so that whoever asks to stop is heard.
const NAP: Duration = Duration::from_millis(100);

/// What a gate works with.
pub struct GateSetting<'g> {
    /// Where messages come from.
    pub inbox: &'g Inbox,
    /// Where dead letters go to.
    pub dead: &'g Outbox,
    /// The journal behind the door.
    pub journal: &'g dyn Journal,
    /// For whom the topic may speak.
    pub publisher: &'g Publisher,
    /// What time it is.
    pub clock: Clock<'g>,
    /// Whether somebody asked to stop.
    pub stop: Stop<'g>,
    /// Who hears what happens.
    pub tell: &'g dyn Fn(GateEvent),
    /// What fails is tried again until it is done; else once.
    pub is_patient: bool,
}

/// What happens at a gate.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GateEvent {
    /// So many messages were taken care of, and their positions committed.
    Took(GateCounts),
    /// Messages were deleted before anybody took them: their retention was over.
    Lost(Lost),
    /// Something does not work now, and is tried again.
    Waiting(String),
}

/// What became of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GateCounts {
    /// Events that were appended.
    pub appended: u64,
    /// Events that the journal held already.
    pub duplicates: u64,
    /// Dead letters.
    pub dead: u64,
    /// Facts of refused events, told now.
    pub refused_facts: u64,
    /// Refused events of terminals of which no fact was told: there were too many.
    pub untold: u64,
}

/// Why a gate was closed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GateError {
    /// The topic of events cannot be read.
    #[error(transparent)]
    Inbox(#[from] InboxError),
    /// A dead letter cannot be put away.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// The door cannot work.
    #[error(transparent)]
    Door(#[from] IntakeError),
    /// The journal does not take events.
    #[error("the journal does not take events: {0}")]
    NotTaken(String),
    /// The vault is damaged: nobody's data can be sealed.
    #[error("the vault is damaged: restore a backup first")]
    Vault,
}

/// A gate that is open.
pub struct Gate<'g> {
    setting: GateSetting<'g>,
    door: &'g mut Door,
    group: Group,
    limits: Limits,
    batch: EventBatch,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Done,
    /// Somebody asked to stop meanwhile: what was under way comes again.
    Stopped,
}

impl<'g> Gate<'g> {
    /// A gate before a door.
    pub fn open(setting: GateSetting<'g>, door: &'g mut Door) -> Self {
        Self { setting, door, group: Group::new(), limits: Limits::default(), batch: EventBatch::new() }
    }

    /// Takes messages until somebody asks to stop; unless `follow`, only those that are there.
    ///
    /// # Errors
    /// What was committed is taken; everything else comes again.
    pub fn run(&mut self, follow: bool) -> Result<(), GateError> {
        while !(self.setting.stop)() {
            let came = self.setting.inbox.take(talon_intake::BATCH_EVENTS_MAX, BYTES_MAX, PATIENCE)?;
            let is_idle = came.letters.is_empty() && came.given.is_empty();
            if is_idle && !follow && self.setting.inbox.is_member() && self.setting.inbox.behind()? == 0 {
                break;
            }
            if self.take(came)? == Step::Stopped {
                break;
            }
        }
        Ok(())
    }

    fn take(&mut self, came: Came) -> Result<Step, GateError> {
        came.given.iter().for_each(|given| self.limits.begin(given));
        if !came.given.is_empty() && !self.look_again()? {
            return Ok(Step::Stopped);
        }
        came.lost.into_iter().for_each(|lost| (self.setting.tell)(GateEvent::Lost(lost)));
        let mut letters = &*came.letters;
        while !letters.is_empty() {
            let fitting = self.fill(letters);
            let (now, later) = letters.split_at(fitting);
            if self.take_batch(now)? == Step::Stopped {
                return Ok(Step::Stopped);
            }
            letters = later;
        }
        Ok(Step::Done)
    }

    /// Makes a batch of as many letters as fit.
    fn fill(&mut self, letters: &[Letter]) -> usize {
        self.batch.clear();
        for (number, letter) in (1..).zip(letters) {
            if !self.batch.has_room(LINE_BYTES_MAX) {
                break;
            }
            self.batch.push_message(number, &message(letter));
        }
        self.batch.len()
    }

    fn take_batch(&mut self, letters: &[Letter]) -> Result<Step, GateError> {
        let Some(outcomes) = self.publish()? else { return Ok(Step::Stopped) };
        let mut counts = GateCounts::default();
        let (mut dead, mut facts) = (Vec::new(), Vec::new());
        for (letter, outcome) in letters.iter().zip(&outcomes) {
            let fact = match outcome {
                Outcome::Refused(refusal) => {
                    dead.push(dead_letter(letter, refusal, self.setting.inbox.topic()));
                    self.told_of(letter, refusal)
                }
                _ => None,
            };
            counts.count(outcome);
            if self.limits.pass(letter, fact.is_some()) {
                facts.extend(fact);
            } else {
                counts.untold = counts.untold.saturating_add(1);
            }
        }
        let Some(told) = self.tell_refused(&facts)? else { return Ok(Step::Stopped) };
        counts.refused_facts = told;
        if self.put_away(&dead)? == Step::Stopped {
            return Ok(Step::Stopped);
        }
        self.setting.inbox.commit(&self.limits.positions())?;
        (self.setting.tell)(GateEvent::Took(counts));
        Ok(Step::Done)
    }

    /// What the ledger says of a refused event: of merchants that this topic may not speak for, nothing.
    fn told_of(&self, letter: &Letter, refusal: &Refusal) -> Option<Refused> {
        let seen = message(letter).glance();
        Refused::of(refusal.number(), seen).filter(|_| self.setting.publisher.may_write_for(seen.merchant))
    }

    /// Pushes the batch through the door until each event has an answer that stands; `None` if it is to stop.
    fn publish(&mut self) -> Result<Option<Vec<Outcome>>, GateError> {
        let mut stands: Vec<Outcome> = Vec::new();
        let mut tries = 0;
        loop {
            let failed = match self.publish_once() {
                Ok(outcomes) => {
                    merge(&mut stands, outcomes);
                    match stands.iter().find_map(failure) {
                        None => return Ok(Some(stands)),
                        Some(_) if self.door.vault_is_damaged() => return Err(GateError::Vault),
                        Some(reason) => GateError::NotTaken(reason),
                    }
                }
                Err(error) => error.into(),
            };
            if !self.may_try_again(failed, &mut tries)? {
                return Ok(None);
            }
        }
    }

    /// Takes in what whoever had these partitions before has appended; `false` if it is to stop.
    fn look_again(&mut self) -> Result<bool, GateError> {
        let mut tries = 0;
        while let Err(error) = self.door.look_again(self.setting.journal) {
            if !self.may_try_again(error.into(), &mut tries)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn publish_once(&mut self) -> Result<Vec<Outcome>, IntakeError> {
        let GateSetting { journal, publisher, clock, .. } = self.setting;
        self.door.publish(&self.batch, publisher, clock(), journal, &mut self.group)
    }

    fn tell_refused(&mut self, facts: &[Refused]) -> Result<Option<u64>, GateError> {
        let mut tries = 0;
        loop {
            let now: Instant = (self.setting.clock)();
            match self.door.tell_refused(facts, now, self.setting.journal) {
                Ok(told) => return Ok(Some(u64::try_from(told).unwrap_or(u64::MAX))),
                Err(error) => {
                    if !self.may_try_again(error.into(), &mut tries)? {
                        return Ok(None);
                    }
                }
            }
        }
    }

    fn put_away(&self, dead: &[Letter]) -> Result<Step, GateError> {
        let mut tries = 0;
        while let Err(error) = self.setting.dead.send(dead) {
            if !self.may_try_again(error.into(), &mut tries)? {
                return Ok(Step::Stopped);
            }
        }
        Ok(Step::Done)
    }

    /// Waits a while, longer each time; `false` if somebody asked to stop meanwhile.
    fn may_try_again(&self, error: GateError, tries: &mut usize) -> Result<bool, GateError> {
        if !self.setting.is_patient {
            return Err(error);
        }
        (self.setting.tell)(GateEvent::Waiting(chain(&error)));
        let pause = TRY_AGAIN.get(*tries).or(TRY_AGAIN.last()).copied().unwrap_or_default();
        *tries = tries.saturating_add(1);
        for _ in 0..pause.as_millis().div_ceil(NAP.as_millis()) {
            if (self.setting.stop)() {
                return Ok(false);
            }
            std::thread::sleep(NAP);
        }
        Ok(!(self.setting.stop)())
    }
}

impl GateCounts {
    fn count(&mut self, outcome: &Outcome) {
        let count = match outcome {
            Outcome::Appended(_) => &mut self.appended,
            Outcome::Duplicate(_) => &mut self.duplicates,
            Outcome::Refused(_) => &mut self.dead,
            Outcome::NotAppended(_) | Outcome::Unknown(_) => return,
        };
        *count = count.saturating_add(1);
    }
}

/// A letter as the door reads it.
fn message(letter: &Letter) -> Message<'_> {
    let (key, content_type) = (letter.key.as_deref(), letter.header(CONTENT_TYPE));
    Message { key, content_type, value: letter.value.as_deref() }
}

fn dead_letter(letter: &Letter, refusal: &Refusal, topic: &str) -> Letter {
    letter.dead(&Reason {
        code: refusal.number(),
        sentence: refusal.to_string(),
        topic: topic.to_owned(),
        partition: letter.partition,
        offset: letter.offset,
        written_at: letter.written_at,
        attempts: letter.attempts().saturating_add(1),
    })
}

/// An answer that stands is not replaced: what was appended is a duplicate when it is tried again.
fn merge(stands: &mut Vec<Outcome>, outcomes: Vec<Outcome>) {
    if stands.is_empty() {
        *stands = outcomes;
        return;
    }
    for (stood, outcome) in stands.iter_mut().zip(outcomes) {
        if failure(stood).is_some() {
            *stood = outcome;
        }
    }
}

fn failure(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::NotAppended(reason) | Outcome::Unknown(reason) => Some(reason.to_string()),
        _ => None,
    }
}

/// An error with what is behind it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(behind) = source {
        words.push_str(": ");
        words.push_str(&behind.to_string());
        source = behind.source();
    }
    words
}
