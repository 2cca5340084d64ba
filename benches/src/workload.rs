//! The canonical workload: payments in two to four parts as gateways, terminals and a provider tell them, encoded as they
//! are sent.
//!
//! - one seed gives one sequence of payments, on every machine; their ids and times carry the clock that is handed in
//! - payments are whole: each is told from its first fact to its last, in order, among a few hundred open ones
//! - a few merchants sell most (Zipf); one fact in five has a personal part, as in a shop
//! - every event is accepted by the door, and no payment contradicts itself
//! - a terminal counts what it tells of a payment without a hole; of its next payment it counts on from another number
//!
//! Events are copies of templates with their ids, numbers and texts written over, so that making one costs little beside
//! taking it in.

use talon_domain::time::Instant;
use talon_intake::EventBatch;

use crate::chance::Chance;

mod stories;
mod template;

use stories::{STORIES, Story};
use template::{Blanks, Template};

/// Payments that are open at a time.
const OPEN: usize = 300;
/// Merchants that sell.
const MERCHANTS: u64 = 5_000;
/// A merchant's SIREN: of nine digits and five bytes on the wire.
const SIREN_FIRST: u64 = 300_000_000;

/// Numbers of terminals' sequences that are used before the first comes again.
const SEQ_MOST: u32 = 1_900_000;

/// A sequence of events without end.
#[derive(Debug)]
pub struct Workload {
    chance: Chance,
    /// Templates of each story.
    stories: Vec<Vec<Template>>,
    /// How often each story is told, added up.
    weights: Vec<u64>,
    /// How often each merchant sells, added up.
    sales: Vec<u64>,
    open: Vec<Payment>,
    /// The last number that a payment which has begun will use.
    seq: u32,
}

/// A payment, and how far it has been told.
#[derive(Clone, Copy, Debug)]
struct Payment {
    story: usize,
    told: usize,
    blanks: Blanks,
}

impl Workload {
    /// The workload of a seed.
    pub fn of(seed: u64) -> Self {
        let added_up = |weights: &mut dyn Iterator<Item = u64>| {
            weights
                .scan(0, |sum, weight| {
                    *sum += weight;
                    Some(*sum)
                })
                .collect()
        };
        Self {
            chance: Chance::of(seed),
            stories: STORIES.iter().map(Story::templates).collect(),
            weights: added_up(&mut STORIES.iter().map(|story| story.weight)),
            sales: added_up(&mut (1..=MERCHANTS).map(|rank| 1_000_000_000 / rank)),
            open: Vec::with_capacity(OPEN),
            seq: 0,
        }
    }

    /// Fills a batch with events that happen at `now`.
    pub fn fill(&mut self, batch: &mut EventBatch, events: usize, now: Instant) {
        batch.clear();
        for number in 1..=events {
            batch.push_with(number as u64, |out| {
                self.write(out, now);
                Ok(())
            });
        }
    }

    /// Appends the next event to a buffer.
    pub fn write(&mut self, out: &mut Vec<u8>, now: Instant) {
        while self.open.len() < OPEN {
            let payment = self.begin(now);
            self.open.push(payment);
        }
        let at = usize::try_from(self.chance.below(OPEN as u64)).unwrap_or(0);
        let Some(payment) = self.open.get_mut(at) else { return };
        let Some(templates) = self.stories.get(payment.story) else { return };
        if let Some(template) = templates.get(payment.told) {
            payment.blanks.is_told(&mut self.chance, template.is_counted(), now);
            template.write(&payment.blanks, out);
        }
        payment.told += 1;
        if payment.told >= templates.len() {
            self.open.swap_remove(at);
        }
    }

    fn begin(&mut self, now: Instant) -> Payment {
        let story = pick(&self.weights, &mut self.chance);
        let merchant = SIREN_FIRST + 104_729 * pick(&self.sales, &mut self.chance) as u64;
        let counted = self.stories.get(story).into_iter().flatten().filter(|template| template.is_counted()).count();
        let before = self.seq % SEQ_MOST;
        self.seq = before + u32::try_from(counted).unwrap_or(0);
        Payment { story, told: 0, blanks: Blanks::of(merchant, before, &mut self.chance, now) }
    }
}

/// One of several, each as likely as its share of the sum.
fn pick(added_up: &[u64], chance: &mut Chance) -> usize {
    let rolled = chance.below(added_up.last().copied().unwrap_or(1));
    added_up.partition_point(|sum| *sum <= rolled)
}

#[cfg(test)]
mod tests;
