//! A day in six shops: Tuesday, 24 November 2026, from half past nine to half past seven.
//!
//! Three companies of one chain sell furniture and lamps. Eleven terminals stand beside their tills, and some four
//! hundred customers pay with them on their own phones, in two, three, four or ten instalments, or later; in one shop two
//! providers finance it. Most of them pay as the shop hopes; some do not, and some come back; others bought in another
//! month. At twelve minutes past six the lights go out in Rezé. What the ledger is told of it comes late, twice and out of
//! order, and one event is lost.
//!
//! ```text
//! registry: who there is --> this page: who, when --> stories: what happens --> payment: who tells it --\
//!                            acts: what has its hour -/                         closing: what was taken --> delivery
//! ```
//!
//! Invariants:
//! - the day is a function of its seed: the same seed gives the same bytes, another seed other ones
//! - every story of [`CERTAIN`] happens on every day
//! - no event id has two contents; what a terminal tells is counted without holes
//! - everybody is invented: phone numbers are of the range kept for fiction, addresses of domains kept for examples
//!
//! This module does not publish, fold or print, and reads no clock: the script is the clock.

mod account;
mod acts;
mod book;
mod chain;
mod chance;
mod closing;
mod delivery;
mod hours;
mod json;
mod payment;
mod people;
mod plans;
mod provider;
mod registry;
mod stories;

use talon_domain::ids::{MerchantId, ShopId, StreamId};
use talon_domain::time::Instant;

use account::statement;
use acts::is_quiet;
use book::Book;
use chain::{ANNECY, BELLECOUR, BOUFFAY, CHAIN, COMPANIES, Counter, Place};
use chance::Chance;
use hours::{clock, later_ms};
use payment::Payment;
use stories::{Story, money_back, strange};

pub(crate) use account::Statement;

/// What the shops live through, and what reaches the ledger of it.
pub(crate) struct Day {
    /// What comes to the door, in the order in which it comes.
    pub(crate) arrivals: Vec<Arrival>,
    /// Where it happened.
    pub(crate) shops: Vec<Shop>,
    /// A payment in three that went as it should, all tickets printed; its customer's number is known.
    pub(crate) featured: StreamId,
    /// Which day it was.
    pub(crate) date: talon_domain::time::Day,
    /// What the first provider's account says of it the next morning, by company.
    pub(crate) statements: Vec<Statement>,
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

/// What the provider's account is drawn from, apart from the day itself.
const ACCOUNT: u64 = 3;

/// Shops are open from 09:30; the last customer is let in at 19:15, a quarter of an hour before they close.
const OPENING: Instant = clock(9, 30);
const LAST_CUSTOMER: Instant = clock(19, 15);

/// What happens on every day, whatever the seed, in this order and spread over the day. Who comes back comes early enough.
const CERTAIN: [Story; 31] = [
    money_back::refunded_in_parts,
    stories::paid_in_2,
    money_back::cancelled_after_success,
    stories::wrong_phone,
    money_back::refund_not_answered,
    stories::paid_in_4,
    money_back::refund_fails,
    stories::credit_in_10,
    strange::told_in_error,
    stories::paid_after_15_days,
    stories::paid_after_30_days,
    stories::paid_after_a_month,
    stories::reprinted,
    stories::link_sent_again,
    stories::another_card,
    stories::refused_for_good,
    stories::terminal_stopped_waiting,
    stories::walked_away,
    stories::till_gave_up,
    stories::cancelled,
    strange::cancelled_too_late,
    strange::paid_after_the_till_gave_up,
    strange::told_by_two_mouths,
    strange::debited_twice,
    strange::another_amount,
    strange::never_heard_of,
    stories::more_information_needed,
    strange::printer_ahead_of_its_time,
    stories::practice,
    stories::duplicate_asked_for,
    stories::no_answer_at_all,
];

/// What happens in one shop and no other, on every day. The first one's customer is the one whose tickets are shown: it is
/// where three instalments have a fee, which a full refund gives back with the rest.
const CERTAIN_THERE: [(Place, &[Story]); 3] = [
    (BOUFFAY, &[stories::paid_in_3, money_back::refunded_in_full]),
    (
        BELLECOUR,
        &[stories::paid_with_oney_in_3, money_back::refunded_by_oney, stories::paid_with_oney_in_4, stories::paid_in_3],
    ),
    (ANNECY, &[money_back::refunded_unheard]),
];

/// What else happens, and how often in a hundred payments.
const MIX: [(u64, Story); 16] = [
    (45, stories::paid_in_3),
    (12, stories::paid_in_4),
    (9, stories::paid_in_2),
    (5, stories::credit_in_10),
    (2, stories::paid_after_15_days),
    (2, stories::paid_after_30_days),
    (2, stories::paid_after_a_month),
    (4, strange::told_by_two_mouths),
    (4, stories::link_sent_again),
    (4, stories::another_card),
    (4, stories::refused_for_good),
    (2, stories::walked_away),
    (1, stories::till_gave_up),
    (1, stories::terminal_stopped_waiting),
    (2, stories::cancelled),
    (1, stories::duplicate_asked_for),
];

/// So many in a hundred of those who pay in the shop of two providers choose the second one.
const ONEY_PERCENT: u64 = 25;
const ONEY_MIX: [(u64, Story); 2] = [(70, stories::paid_with_oney_in_3), (30, stories::paid_with_oney_in_4)];

/// The day that this seed gives.
pub(crate) fn day(seed: u64) -> Day {
    let mut book = Book::new(seed);
    registry::stated(&mut book);
    acts::bought_earlier(&mut book);
    let featured = opening_hours(&mut book);
    acts::lights_out(&mut book);
    closing::closed(&mut book);
    let shops = CHAIN.iter().map(|place| place.shop).collect();
    let date = OPENING.paris_day().unwrap_or_default();
    let mut chance = Chance::of(seed, ACCOUNT);
    let statements = COMPANIES.map(|company| statement(company.merchant, &book.booked, &mut chance)).into();
    Day { arrivals: delivery::delivered(book), shops, featured, date, statements }
}

/// Everybody who pays between opening and closing: chance tells most stories, and the certain ones are spread over the
/// day. The payment that is shown.
fn opening_hours(book: &mut Book) -> StreamId {
    let mut begun = timetable(book);
    let mut featured = None;
    for (place, certain) in CERTAIN_THERE {
        featured = featured.or(spread(&mut begun, |payment| payment.counter.shop == place.shop, certain));
    }
    spread(&mut begun, |_| true, &CERTAIN);
    let ids: Vec<_> = begun.into_iter().map(|payment| payment.told(book)).collect();
    featured.and_then(|at| ids.get(at).copied()).unwrap_or_default()
}

/// Spreads stories over the payments that may take one, in the order of both. Where the first one went.
fn spread(begun: &mut [Begun], may: impl Fn(&Begun) -> bool, certain: &[Story]) -> Option<usize> {
    let mut free: Vec<_> = begun.iter_mut().enumerate().filter(|(_, it)| !it.is_certain && may(it)).collect();
    let apart = free.len() / (certain.len() + 1);
    let mut first = None;
    for ((at, payment), story) in free.iter_mut().skip(apart).step_by(apart).zip(certain) {
        (payment.story, payment.is_certain) = (*story, true);
        first.get_or_insert(*at);
    }
    first
}

/// A payment that somebody begins.
struct Begun {
    start: Instant,
    counter: Counter,
    story: Story,
    is_certain: bool,
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
            let story = any_story(book, counter);
            if !is_quiet(counter, start) {
                begun.push(Begun { start, counter, story, is_certain: false });
            }
        }
    }
    begun.sort_by_key(|payment| payment.start);
    begun
}

/// In the shop of two providers some customers choose the second one.
fn any_story(book: &mut Book, counter: Counter) -> Story {
    if counter.shop == BELLECOUR.shop && book.chance.percent(ONEY_PERCENT) {
        drawn(book, &ONEY_MIX)
    } else {
        drawn(book, &MIX)
    }
}

fn drawn(book: &mut Book, mix: &[(u64, Story)]) -> Story {
    let mut drawn = book.chance.below(mix.iter().map(|(weight, _)| weight).sum());
    for (weight, story) in mix {
        match drawn.checked_sub(*weight) {
            Some(rest) => drawn = rest,
            None => return *story,
        }
    }
    unreachable!("what is drawn is below the sum of the weights")
}
