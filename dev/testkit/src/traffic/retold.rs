//! Facts told again: word for word, in other words under the same event id, or as a new event of another moment.

use talon_domain::fact::{Fact, Kind, Ordinal, Payload, SmsStatus};
use talon_domain::ids::PartitionId;

use super::cast::{Cast, moment};
use super::{Dice, record};

type Record = (PartitionId, Fact);

/// Tells some records again, anywhere among the others.
pub(super) fn some(dice: &mut Dice, cast: &mut Cast, mut records: Vec<Record>) -> Vec<Record> {
    if dice.percent(30) {
        let again = dice.one_of(&records);
        insert(dice, &mut records, again);
    }
    if dice.percent(20) {
        let other = in_other_words(dice, cast, &records);
        insert(dice, &mut records, other);
    }
    if dice.percent(30) {
        let told = dice.one_of(&records);
        for _ in 0..dice.between(1, 3) {
            let later = at_another_moment(dice, cast, told.clone());
            insert(dice, &mut records, later);
        }
    }
    records
}

/// One thing told over and over by one mouth, at few moments, with a number and without; and whatever else is about it.
pub(super) fn over_and_over(dice: &mut Dice, cast: &mut Cast) -> Vec<Record> {
    const NUMBERED: &[u16] = &[2, 3, 8, 9, 10, 11, 12, 13, 14, 14, 15, 16, 18, 23, 28];
    let kinds = [dice.one_of(NUMBERED), dice.one_of(NUMBERED)];
    let moments = [moment(dice), moment(dice), moment(dice)];
    let mut records = Vec::new();
    for kind in kinds {
        let told = record(dice, cast, Kind(kind));
        for _ in 0..dice.between(1, 5) {
            for (partition, mut fact) in told.clone() {
                fact.header.event_id = cast.event_id(dice);
                fact.header.occurred_at = dice.one_of(&moments);
                fact.header.day = fact.header.occurred_at.paris_day().expect("in range");
                renumber(&mut fact.payload, Ordinal::new(dice.one_of(&[0, 0, 1, 2, 2, 3])));
                if let (Payload::SmsDelivery(report), true) = (&mut fact.payload, dice.percent(25)) {
                    report.status = dice.one_of(SmsStatus::ALL);
                }
                records.push((partition, fact));
            }
        }
    }
    records
}

fn insert(dice: &mut Dice, records: &mut Vec<Record>, record: Record) {
    records.insert(dice.below(records.len() + 1), record);
}

/// One event id, two contents.
fn in_other_words(dice: &mut Dice, cast: &Cast, records: &[Record]) -> Record {
    let ((partition, mut other), (_, source)) = (dice.one_of(records), dice.one_of(records));
    match dice.below(6) {
        0 => other.header.occurred_at.0 += 1,
        1 => other.header.source = source.header.source,
        2 => other.header.stream = cast.any_stream(dice),
        3 => other.header.terminal_seq.0 += 1,
        4 => other.header.sealed = !other.header.sealed,
        _ => (other.header.kind, other.payload) = (source.header.kind, source.payload),
    }
    (partition, other)
}

/// The same words by the same mouth under a new event id: a repetition if it says so with a number, else perhaps a
/// double.
fn at_another_moment(dice: &mut Dice, cast: &mut Cast, (partition, mut fact): Record) -> Record {
    fact.header.event_id = cast.event_id(dice);
    fact.header.occurred_at = moment(dice);
    fact.header.day = fact.header.occurred_at.paris_day().expect("in range");
    if dice.percent(40) {
        renumber(&mut fact.payload, Ordinal::new(dice.between(1, 3)));
    }
    (partition, fact)
}

/// States the number of what has one.
fn renumber(payload: &mut Payload, number: Ordinal) {
    match payload {
        Payload::PhoneVerified(p) => p.number = number,
        Payload::SmsSent(p) => p.number = number,
        Payload::SmsDelivery(p) => p.number = number,
        Payload::LinkOpened(p) => p.number = number,
        Payload::Ended(p) => p.attempt = number,
        Payload::DebitFailed(p) => p.attempt = number,
        Payload::CardReplaced(p) => p.number = number,
        Payload::EmailSent(p) => p.number = number,
        Payload::Chargeback(p) => p.round = number,
        Payload::TicketsPrinted(p) => p.tickets.iter_mut().for_each(|ticket| ticket.copy = number),
        _ => {}
    }
}
