//! Where events of a statement go: through the door into the journal, or, for a preview, as far as the door.

use std::path::Path;

use talon_intake::{Door, EventBatch, Group, Outcome, Publisher, Refusal, Seals};
use talon_journal::{IdIndex, Journal};
use talon_vault::Entropy;

use crate::args::Common;
use crate::book::Book;
use crate::ledger::Writing;
use crate::{clock, ledger};

/// What became of an event.
#[derive(Clone, Debug)]
pub(super) enum Taken {
    New,
    Known,
    Refused(Refusal),
    /// It is not in, or nobody knows: the same file again settles it.
    Open(String),
}

/// Takes events.
pub(super) enum Taker {
    Real(Box<Writing>),
    Imagined(Box<(Book, Door, Group)>),
}

impl Taker {
    pub(super) fn open(dir: &Path, common: &Common) -> anyhow::Result<Self> {
        Ok(Self::Real(Box::new(ledger::open_to_write(dir, common)?)))
    }

    pub(super) fn imagined(dir: &Path) -> anyhow::Result<Self> {
        let journal = ledger::open_to_read(dir)?;
        let door = Door::new(IdIndex::of(&journal)?, Seals::imagined(), Entropy::from_os()?);
        Ok(Self::Imagined(Box::new((journal, door, Group::new()))))
    }

    pub(super) const fn is_imagined(&self) -> bool {
        matches!(self, Self::Imagined(_))
    }

    pub(super) fn journal(&self) -> &dyn Journal {
        match self {
            Self::Real(ledger) => &ledger.journal,
            Self::Imagined(imagined) => &imagined.0,
        }
    }

    /// What becomes of each event, in their order.
    pub(super) fn take(&mut self, events: &EventBatch) -> anyhow::Result<Vec<Taken>> {
        let publisher = Publisher { imported: true, ..Publisher::local() };
        match self {
            Self::Real(ledger) => {
                let Writing { journal, door, group, .. } = &mut **ledger;
                let outcomes = door.publish(events, &publisher, clock::now(), journal, group)?;
                Ok(outcomes.into_iter().map(taken).collect())
            }
            Self::Imagined(imagined) => {
                let (journal, door, group) = &mut **imagined;
                door.check(events, &publisher, clock::now(), journal, group)?;
                Ok(imagined_of(group, events))
            }
        }
    }

    pub(super) fn close(self) -> anyhow::Result<()> {
        match self {
            Self::Real(ledger) => Ok(ledger.door.close()?),
            Self::Imagined(_) => Ok(()),
        }
    }
}

fn taken(outcome: Outcome) -> Taken {
    match outcome {
        Outcome::Appended(_) => Taken::New,
        Outcome::Duplicate(_) => Taken::Known,
        Outcome::Refused(refusal) => Taken::Refused(refusal),
        Outcome::NotAppended(reason) | Outcome::Unknown(reason) => Taken::Open(reason.to_string()),
    }
}

/// What the door says of events that stay outside: refused, to be appended, or known.
fn imagined_of(group: &Group, events: &EventBatch) -> Vec<Taken> {
    let refused: std::collections::BTreeMap<_, _> = group.refusals(events).collect();
    let new: std::collections::BTreeSet<_> = group.numbers(events).collect();
    let numbers = (0..events.len()).filter_map(|index| events.number(index));
    let of = |number| match refused.get(&number) {
        Some(refusal) => Taken::Refused((*refusal).clone()),
        None if new.contains(&number) => Taken::New,
        None => Taken::Known,
    };
    numbers.map(of).collect()
}
