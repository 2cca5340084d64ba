//! The follower itself: what it hands over, and what it says.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use talon_consumers::{Apply, Ended, Event, Flow, Follower, Lag, Mailbox};
use talon_domain::ids::{PartitionId, Position};
use talon_journal::{Journal, Positions, ReadError, Stored};

use crate::ledger::{append, journal, never, noon};

/// Keeps what it was given whenever it is idle; breaks down some times, and then keeps half of it.
#[derive(Default)]
struct Keeper {
    kept: Vec<(PartitionId, Position)>,
    given: Vec<(PartitionId, Position)>,
    break_downs: usize,
    events: Vec<Event>,
    stop_at: Option<usize>,
    asked: Arc<AtomicBool>,
}

impl Apply for Keeper {
    type Item = (PartitionId, Position);
    type Error = ReadError;

    fn decode(stored: &Stored<'_>) -> Self::Item {
        (stored.partition, stored.position)
    }

    fn positions(&self) -> Positions {
        let mut positions = Positions::beginning();
        for (partition, position) in &self.kept {
            positions.set(*partition, Position(position.0 + 1));
        }
        positions
    }

    fn apply(&mut self, items: Vec<Self::Item>) -> Result<Flow, ReadError> {
        self.given.extend(items);
        if self.break_downs > 0 && self.given.len() > 300 {
            self.break_downs -= 1;
            let half = self.given.len() / 2;
            self.kept.extend(self.given.drain(..half));
            self.given.clear();
            return Ok(Flow::Again);
        }
        Ok(Flow::GoOn)
    }

    fn between(&mut self, _: Lag, is_idle: bool) -> Result<Flow, ReadError> {
        if is_idle {
            self.kept.append(&mut self.given);
        }
        if self.stop_at.is_some_and(|count| self.kept.len() >= count) {
            self.asked.store(true, Ordering::Relaxed);
        }
        Ok(Flow::GoOn)
    }

    fn tell(&mut self, event: Event) {
        self.events.push(event);
    }
}

fn all(journal: &dyn Journal) -> Vec<(PartitionId, Position)> {
    let of = |(partition, next): (PartitionId, Position)| (0..next.0).map(move |at| (partition, Position(at)));
    journal.ends().iter().flat_map(of).collect()
}

#[test]
fn every_record_is_handed_over_once_in_order_however_often_it_begins_again() {
    let journal = journal(400);
    let mut keeper = Keeper { break_downs: 3, ..Keeper::default() };
    let mailbox = Mailbox::new();
    let follower = Follower { journal: &journal, mailbox: &mailbox, clock: &noon, stop: &never, waits: false };
    assert_eq!(follower.follow(&mut keeper).expect("the end"), Ended::CaughtUp);
    let mut kept = keeper.kept.clone();
    kept.sort_by_key(|(partition, _)| *partition); // stable: within a partition they are in the order of keeping
    assert_eq!((kept, keeper.break_downs), (all(&journal), 0));
}

#[test]
fn it_waits_for_what_comes_until_it_is_asked_to_stop() {
    let journal = journal(10);
    let count = all(&journal).len() + 110; // twenty payments of five merchants, two of them told twice
    let mut keeper = Keeper { stop_at: Some(count), ..Keeper::default() };
    let asked = Arc::clone(&keeper.asked);
    let stop = || asked.load(Ordering::Relaxed);
    let mailbox = Mailbox::new();
    let follower = Follower { journal: &journal, mailbox: &mailbox, clock: &noon, stop: &stop, waits: true };
    std::thread::scope(|scope| {
        scope.spawn(|| append(&journal, 10..30));
        assert_eq!(follower.follow(&mut keeper).expect("the end"), Ended::Stopped);
    });
    let mut kept = keeper.kept.clone();
    kept.sort_by_key(|(partition, _)| *partition);
    assert_eq!(kept, all(&journal));
    assert!(keeper.events.iter().any(|event| matches!(event, Event::CaughtUp { .. })), "{:?}", keeper.events);
}

#[test]
fn whoever_has_read_more_than_there_is_is_told_so() {
    let journal = journal(1);
    let mut keeper = Keeper { kept: vec![(PartitionId(63), Position(9))], ..Keeper::default() };
    let mailbox = Mailbox::new();
    let follower = Follower { journal: &journal, mailbox: &mailbox, clock: &noon, stop: &never, waits: true };
    let refused = follower.follow(&mut keeper).expect_err("beyond the end");
    assert!(matches!(refused, ReadError::Beyond { partition: PartitionId(63), .. }), "{refused}");
}
