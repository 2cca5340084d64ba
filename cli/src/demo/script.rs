//! A day in six shops: Tuesday, 24 November 2026, from half past nine to half past seven.
//!
//! Three companies of one chain sell furniture and lamps. Eleven terminals stand beside their tills, and some four
//! hundred customers pay with them on their own phones, in two, three, four or ten instalments, or later. Most of them
//! pay as the shop hopes; some do not; and at twelve minutes past six the lights go out in Rezé. What the ledger is told
//! of it comes late, twice and out of order.
//!
//! ```text
//! this page: who, when --> stories: what happens --> payment: who tells it --> delivery: when it reaches the door
//! ```
//!
//! Invariants:
//! - the day is a function of its seed: the same seed gives the same bytes, another seed other ones
//! - every story of [`CERTAIN`] happens on every day
//! - no event id has two contents; what a terminal tells is counted without holes
//! - everybody is invented: phone numbers are of the range kept for fiction, addresses of domains kept for examples
//!
//! This module does not publish, fold or print, and reads no clock: the script is the clock.

mod book;
mod chain;
mod chance;
mod delivery;
mod hours;
mod json;
mod payment;
mod people;
mod plans;
mod stories;

use talon_domain::ids::{MerchantId, ShopId, StreamId};
use talon_domain::time::Instant;

use book::Book;
use chain::{CHAIN, Counter, Place};
use hours::{clock, last_month, later, later_ms};
use payment::Payment;
use stories::Story;

/// What the shops live through, and what reaches the ledger of it.
pub(crate) struct Day {
    /// What comes to the door, in the order in which it comes.
    pub(crate) arrivals: Vec<Arrival>,
    /// Where it happened.
    pub(crate) shops: Vec<Shop>,
    /// A payment in three that went as it should, all tickets printed; its customer's number is known.
    pub(crate) featured: StreamId,
}

/// One event at the door.
pub(crate) struct Arrival {
    /// The script's clock: never goes back from one arrival to the next.
    pub(crate) at: Instant,
    /// One line of canonical JSON, a `talon.v1.Event`.
    pub(crate) json: String,
}

/// One shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "a shop of a merchant is what every fact calls it")]
pub(crate) struct Shop {
    /// The company: an invented SIREN.
    pub(crate) merchant: MerchantId,
    /// Its NIC.
    pub(crate) shop: ShopId,
    /// What is written above the door.
    pub(crate) name: &'static str,
    /// Where.
    pub(crate) town: &'static str,
}

/// Shops are open from 09:30; the last customer is let in at 19:15, a quarter of an hour before they close.
const OPENING: Instant = clock(9, 30);
const LAST_CUSTOMER: Instant = clock(19, 15);

/// What happens on every day, whatever the seed. The first one's customer is the one whose tickets are shown.
const CERTAIN: [Story; 24] = [
    stories::paid_in_3,
    stories::paid_in_2,
    stories::paid_in_4,
    stories::credit_in_10,
    stories::paid_after_15_days,
    stories::paid_after_30_days,
    stories::paid_after_a_month,
    stories::link_sent_again,
    stories::another_card,
    stories::refused_for_good,
    stories::walked_away,
    stories::till_gave_up,
    stories::cancelled,
    stories::cancelled_too_late,
    stories::paid_after_the_till_gave_up,
    stories::told_by_two_mouths,
    stories::debited_twice,
    stories::another_amount,
    stories::never_heard_of,
    stories::more_information_needed,
    stories::printer_ahead_of_its_time,
    stories::practice,
    stories::duplicate_asked_for,
    stories::no_answer_at_all,
];

/// What else happens, and how often in a hundred payments.
const MIX: [(u64, Story); 15] = [
    (46, stories::paid_in_3),
    (12, stories::paid_in_4),
    (9, stories::paid_in_2),
    (5, stories::credit_in_10),
    (2, stories::paid_after_15_days),
    (2, stories::paid_after_30_days),
    (2, stories::paid_after_a_month),
    (4, stories::told_by_two_mouths),
    (4, stories::link_sent_again),
    (4, stories::another_card),
    (4, stories::refused_for_good),
    (2, stories::walked_away),
    (1, stories::till_gave_up),
    (2, stories::cancelled),
    (1, stories::duplicate_asked_for),
];

/// The lights go out in this shop, and come back half an hour later. No terminal there says a word in between.
const DARK: Place = chain::REZE;
const LIGHTS_OUT: Instant = clock(18, 12);
const LIGHTS_ON: Instant = clock(18, 41);
/// Who begins there later would still be paying when the lights go out; those few the script places itself.
const DARK_IS_QUIET_FROM: Instant = clock(17, 35);

/// Plans of last month whose second instalment is due today, sent by the gateway from its archive before opening.
const LAST_MONTH: Instant = last_month(10, 5);
const ARCHIVE_SENT: Instant = clock(8, 10);
const DEBITED_LATER: i64 = 5;

/// The day that this seed gives.
pub(crate) fn day(seed: u64) -> Day {
    let mut book = Book::new(seed);
    instalments_of_last_month(&mut book);
    let featured = opening_hours(&mut book);
    lights_out(&mut book);
    Day { arrivals: delivery::delivered(book), shops: CHAIN.iter().map(|place| place.shop).collect(), featured }
}

/// Everybody who pays between opening and closing: chance tells most stories, and the certain ones are spread over the
/// day. The payment of the first certain one.
fn opening_hours(book: &mut Book) -> StreamId {
    let mut begun = timetable(book);
    let apart = begun.len() / (CERTAIN.len() + 1);
    for (payment, certain) in begun.iter_mut().skip(apart).step_by(apart).zip(CERTAIN) {
        payment.story = certain;
    }
    let ids: Vec<_> = begun.into_iter().map(|payment| payment.told(book)).collect();
    ids.get(apart).copied().unwrap_or_default()
}

/// A payment that somebody begins.
struct Begun {
    start: Instant,
    counter: Counter,
    story: Story,
}

impl Begun {
    fn told(self, book: &mut Book) -> StreamId {
        let mut payment = Payment::begun(book, self.counter, self.start);
        (self.story)(&mut payment);
        payment.id
    }
}

/// Who begins when: each terminal's payments are spread over the day, so that no two begin on it at once.
fn timetable(book: &mut Book) -> Vec<Begun> {
    let mut begun = Vec::new();
    for counter in chain::counters() {
        let apart_ms = (LAST_CUSTOMER.0 - OPENING.0).unsigned_abs() / 1_000 / counter.terminal.payments;
        for nth in 0..counter.terminal.payments {
            let start = later_ms(OPENING, nth * apart_ms + book.chance.within(0..=apart_ms * 3 / 5));
            let story = any_story(book);
            if !is_dark(counter, start) {
                begun.push(Begun { start, counter, story });
            }
        }
    }
    begun.sort_by_key(|payment| payment.start);
    begun
}

fn any_story(book: &mut Book) -> Story {
    let mut drawn = book.chance.below(MIX.iter().map(|(weight, _)| weight).sum());
    for (weight, story) in MIX {
        match drawn.checked_sub(weight) {
            Some(rest) => drawn = rest,
            None => return story,
        }
    }
    unreachable!("what is drawn is below the sum of the weights")
}

fn is_dark(counter: Counter, at: Instant) -> bool {
    counter.shop == DARK.shop && DARK_IS_QUIET_FROM <= at && at < LIGHTS_ON
}

/// Three customers have paid on their phones, and no printer is left to say so. Two of the payments their terminal asks
/// about when it starts again, and gets no answer; of the third it knows nothing more.
fn lights_out(book: &mut Book) {
    let counters = chain::counters().filter(|counter| counter.shop == DARK.shop);
    for (k, counter) in (0..3).zip(counters.cycle()) {
        let mut payment = Payment::begun(book, counter, later(LIGHTS_OUT, -480 + 70 * k));
        let woken = Some(later(LIGHTS_ON, 20 + k)).filter(|_| k < 2);
        stories::caught_in_the_dark(&mut payment, LIGHTS_OUT, woken);
    }
}

/// Customers of last month: their whole payment comes late, and today their second instalment falls due.
fn instalments_of_last_month(book: &mut Book) {
    for (k, counter) in (0..DEBITED_LATER).zip(chain::counters().step_by(2)) {
        let mut payment = Payment::begun(book, counter, later(LAST_MONTH, 300 * k));
        payment.sent_from_archive(later(ARCHIVE_SENT, 2 * k));
        if k + 1 < DEBITED_LATER {
            stories::second_instalment(&mut payment);
        } else {
            stories::second_instalment_fails(&mut payment);
        }
    }
}
