//! Whole lives of ledgers: random batches, faults at random moments, crashes of every kind, and recovery; again and
//! again on the same disk. The model is two lists: what was given, and how much of it was acknowledged.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::sync::Arc;

use talon_domain::ids::Position;
use talon_journal::{
    AppendError, Completion, Damage, EmbeddedJournal, ErrorKind as Kind, Flaw, Journal, OpenError, Positions, Storage,
    Verified, partition_of, verify_in,
};
use talon_testkit::{Disk, Fault, Survivors, batch_of, genesis, ledger_id};

use super::{Dice, Given, index, is_torture, nth, seed, settings};

/// How many appends are under way at once, at most.
const FLIGHT_MAX: u64 = 6;

/// A ledger, and what is known of it by whoever gave it records.
struct Life {
    disk: Disk,
    dice: Dice,
    /// Whether somebody was told that the ledger is made.
    is_made: bool,
    given: Vec<Given>,
    /// How many of the given were acknowledged; the others may be there.
    acknowledged: usize,
    /// How many records were made up so far.
    made_up: u64,
    log: Vec<String>,
}

impl Life {
    fn new(number: u64) -> Self {
        let dice = Dice::new(1_000 + number);
        let (given, log) = (Vec::new(), vec![format!("life {number}")]);
        Self { disk: Disk::new(), dice, is_made: false, given, acknowledged: 0, made_up: 0, log }
    }

    fn say(&self, holds: bool, what: &str) {
        assert!(holds, "{what} (seed {}): {}", seed(), self.log.join("; "));
    }

    /// One process: it opens the ledger, appends, and ends in some way. `false` when nothing more can be learnt.
    fn generation(&mut self) -> bool {
        self.arm();
        let storage: Arc<dyn Storage> = Arc::new(self.disk.clone());
        let alone = EmbeddedJournal::open_read_only_in(&storage).ok().and_then(|journal| self.scan(&journal));
        let salt = self.dice.roll();
        let opened = open_or_create(storage, salt, self.is_made);
        match opened {
            Ok(journal) => {
                self.is_made = true;
                self.recovered(&journal, alone);
                let killed = self.live(&journal);
                self.end(journal, killed);
                true
            }
            Err(OpenError::Corrupt(damage)) if is_one_bit(&damage) => {
                self.log.push(format!("one bit was left of a group: {damage}"));
                false
            }
            Err(error) => {
                let is_fault = self.disk.has_struck() && matches!(error, OpenError::Unavailable { .. });
                self.say(is_fault, &format!("{error}: {error:?}"));
                self.log.push(format!("not opened: {error}"));
                // Most try again at once: what failed is still in the cache.
                self.disk = if self.dice.below(3) > 0 { self.disk.after_kill() } else { self.crashed() };
                true
            }
        }
    }

    fn arm(&mut self) {
        let faults = [
            Some(Fault::PowerCut),
            Some(Fault::PowerCut),
            Some(Fault::Error(ErrorKind::Other)),
            Some(Fault::Error(ErrorKind::StorageFull)),
            Some(Fault::Writeback),
            None,
        ];
        // Some strike while the ledger is being opened, which is when the last crash is dealt with.
        let fault = *self.dice.pick(&faults);
        let end = *self.dice.pick(&[8, 70, 70]);
        let after = self.dice.below(end);
        if let Some(fault) = fault {
            self.disk.arm(self.disk.operations() + after, fault);
        }
        self.log.push(format!("{fault:?} after {after}"));
    }

    /// What recovery found: all that was acknowledged, and of the rest a beginning.
    fn recovered(&mut self, journal: &EmbeddedJournal, alone: Option<usize>) {
        let Some(found) = self.scan(journal) else { return };
        let acknowledged = self.acknowledged;
        self.say(found >= acknowledged, &format!("{found} of {acknowledged} acknowledged records are there"));
        self.say(alone.is_none_or(|alone| alone == found), &format!("a reader found {alone:?}, the writer {found}"));
        self.log.push(format!("{found} recovered, {acknowledged} acknowledged"));
        self.given.truncate(found);
        self.acknowledged = found;
    }

    /// How many records there are; each must be the one that was given. `None` if the power went meanwhile.
    fn scan(&self, journal: &EmbeddedJournal) -> Option<usize> {
        let mut reader = journal.scan(&Positions::beginning()).ok()?;
        let mut count = 0;
        loop {
            let stored = match reader.next() {
                Ok(Some(stored)) => stored,
                Ok(None) => return Some(count),
                Err(error) => {
                    self.say(self.disk.has_struck() && error.kind() == Kind::Unavailable, &error.to_string());
                    return None;
                }
            };
            if stored.position == Position(0) {
                continue;
            }
            let given =
                self.given.get(count).is_some_and(|given| (given.0, &*given.1) == (stored.partition, stored.bytes));
            self.say(given, &format!("record {count} is not what was given"));
            count += 1;
        }
    }

    /// Appends batches, some of them at once, until it has enough or something fails. Some are killed on the way: then
    /// this is the disk that they left.
    fn live(&mut self, journal: &EmbeddedJournal) -> Option<Disk> {
        let mut flight: VecDeque<(Vec<Given>, Completion)> = VecDeque::new();
        for _ in 0..self.dice.below(30) {
            if flight.is_empty() {
                self.change_room();
                self.verify_beside();
            }
            let records = self.make_up();
            let batch = batch_of(records.iter().map(|(merchant, bytes)| (*merchant, bytes.as_slice())));
            let given = records.into_iter().map(|(merchant, bytes)| (partition_of(merchant), bytes)).collect();
            flight.push_back((given, journal.append(batch)));
            while flight.len() > index(self.dice.below(FLIGHT_MAX)) {
                flight.pop_front().into_iter().for_each(|(given, answer)| self.answered(given, answer));
            }
        }
        if self.dice.below(4) == 0 {
            // Killed with answers on their way: whatever becomes of them, nobody hears it.
            let left = self.crashed();
            self.given.extend(flight.into_iter().flat_map(|(given, _)| given));
            return Some(left);
        }
        flight.into_iter().for_each(|(given, answer)| self.answered(given, answer));
        None
    }

    /// A verification beside a writer finds nothing.
    fn verify_beside(&mut self) {
        if self.dice.below(8) > 0 {
            return;
        }
        match verify_in(&self.disk, &mut |_| ()) {
            Ok(_) if self.disk.has_struck() => {} // the power may have gone meanwhile
            Ok(found) => self.say(is_sound(&found), &format!("beside a writer, {:?} {:?}", found.damages, found.torn)),
            Err(error) => self.say(self.disk.has_struck(), &format!("beside a writer: {error}")),
        }
    }

    /// The process ends: killed on the way, closed, or killed at rest.
    fn end(&mut self, journal: EmbeddedJournal, killed: Option<Disk>) {
        let left = killed.or_else(|| (self.dice.below(3) > 0).then(|| self.crashed()));
        drop(journal);
        self.disk = left.unwrap_or_else(|| self.disk.after_kill());
    }

    /// The disk as a crash at this moment leaves it.
    fn crashed(&mut self) -> Disk {
        let (kind, seed) = (self.dice.below(5), self.dice.roll());
        let survivors = match kind {
            0 => return self.disk.after_kill(),
            1 => Survivors::Nothing,
            2 => Survivors::Everything,
            3 => Survivors::Some(seed),
            _ => Survivors::Reordered(seed),
        };
        self.log.push(format!("power cut, {survivors:?}"));
        self.disk.after_power_cut(survivors)
    }

    /// Everything that was acknowledged is there, and verifies.
    fn close_for_good(mut self) {
        self.disk = self.disk.after_power_cut(Survivors::Nothing);
        let Some(journal) = self.open_in_peace() else { return };
        self.recovered(&journal, None);
        drop(journal);
        let found = verify_in(&self.disk, &mut |_| ()).expect("a journal");
        self.say(is_sound(&found) && found.records == 64 + self.given.len() as u64, &format!("{:?}", found.damages));
    }

    fn open_in_peace(&mut self) -> Option<EmbeddedJournal> {
        match open_or_create(Arc::new(self.disk.clone()), 1, self.is_made) {
            Err(OpenError::Corrupt(damage)) if is_one_bit(&damage) => None,
            opened => Some(opened.unwrap_or_else(|error| panic!("{error} (seed {}): {}", seed(), self.log.join("; ")))),
        }
    }

    fn change_room(&mut self) {
        match self.dice.below(12) {
            0 => self.disk.limit(self.disk.used() + (100 << 10), self.made_up.is_multiple_of(2)),
            1..3 => self.disk.limit(u64::MAX, true),
            _ => {}
        }
    }

    fn make_up(&mut self) -> Vec<(talon_domain::ids::MerchantId, Vec<u8>)> {
        let (count, bytes_max) =
            *self.dice.pick(&[(1, 200), (3, 3_000), (40, 600), (1, 60_000), (8, 30_000), (120, 50)]);
        let count = 1 + self.dice.below(count);
        (0..count)
            .map(|_| {
                self.made_up += 1;
                nth(self.made_up, index(self.dice.below(bytes_max)))
            })
            .collect()
    }

    /// Takes note of an answer. Records whose answer nobody hears are behind all that were acknowledged.
    fn answered(&mut self, mut given: Vec<Given>, answer: Completion) {
        let (durable, may_be_in) = match answer.wait() {
            Ok(appended) => (appended.len(), 0),
            Err(AppendError::Unavailable { durable, .. }) => (durable, 0),
            Err(AppendError::Indeterminate { durable, in_doubt, .. }) => (durable, in_doubt),
            Err(other) => panic!("{other}"),
        };
        self.say(durable == 0 || self.acknowledged == self.given.len(), "something was acknowledged behind a doubt");
        given.truncate(durable + may_be_in);
        self.given.extend(given);
        self.acknowledged += durable;
    }
}

/// A group of which one bit survived is taken for rot, as docs/format.md says.
fn is_one_bit(damage: &Damage) -> bool {
    damage.flaw == Flaw::NotZero && damage.bytes == 1
}

fn is_sound(found: &Verified) -> bool {
    found.damages.iter().all(|damage| !damage.flaw.is_evidence()) && found.torn.is_none()
}

fn open_or_create(storage: Arc<dyn Storage>, salt: u64, is_made: bool) -> Result<EmbeddedJournal, OpenError> {
    match EmbeddedJournal::open_in(Arc::clone(&storage), settings(salt)) {
        Err(OpenError::NoJournal { .. }) if !is_made => {
            EmbeddedJournal::create_in(storage, ledger_id(), settings(salt), &genesis(ledger_id()))
        }
        opened => opened,
    }
}

#[test]
fn ledgers_live_through_faults_and_crashes() {
    let lives = if is_torture() { 1_000 } else { 120 };
    for number in 0..lives {
        let mut life = Life::new(number);
        let generations = 1 + life.dice.below(9);
        if (0..generations).all(|_| life.generation()) {
            life.close_for_good();
        }
    }
}
