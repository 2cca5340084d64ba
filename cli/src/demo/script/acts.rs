//! What has its own hour: customers of other months, and the lights that go out.

use talon_domain::time::Instant;

use super::book::Book;
use super::chain::{Counter, REZE, counters};
use super::hours::{clock, days_ago, in_summer, last_month, later};
use super::payment::Payment;
use super::stories::{Story, earlier, strange};

/// The lights go out in Rezé, and come back half an hour later. No terminal there says a word in between.
const LIGHTS_OUT: Instant = clock(18, 12);
const LIGHTS_ON: Instant = clock(18, 41);
/// Who begins there later could still be at the till when the lights go out; those few the script places itself.
const QUIET_FROM: Instant = clock(17, 20);

const LAST_MONTH: Instant = last_month(10, 5);
const IN_SUMMER: Instant = in_summer(10, 10);
const LAST_WEEK: Instant = days_ago(9, 11, 40);
/// The gateway sends what it has of other days from its archive, before opening.
const ARCHIVE_SENT: Instant = clock(8, 10);

/// Who bought on another day, and what becomes of it today.
const EARLIER: [(Instant, Story); 12] = [
    (LAST_MONTH, earlier::second_instalment),
    (LAST_MONTH, earlier::second_instalment),
    (LAST_MONTH, earlier::second_instalment),
    (LAST_MONTH, earlier::second_instalment),
    (LAST_MONTH, earlier::second_instalment_fails),
    (LAST_MONTH, earlier::postponed),
    (LAST_MONTH, earlier::paid_early),
    (LAST_MONTH, earlier::another_card_for_the_rest),
    (LAST_MONTH, earlier::disputed),
    (LAST_MONTH, earlier::dispute_won),
    (IN_SUMMER, earlier::left_unpaid),
    (LAST_WEEK, earlier::withdrawn),
];

/// Their whole payment comes late; what happens today comes as it happens.
pub(super) fn bought_earlier(book: &mut Book) {
    for ((k, (start, story)), counter) in (0..).zip(EARLIER).zip(counters().step_by(2).cycle()) {
        let mut payment = Payment::begun(book, counter, later(start, 200 * k));
        payment.sent_from_archive(later(ARCHIVE_SENT, 2 * k));
        story(&mut payment);
    }
}

/// Whether nobody begins a payment on this terminal now.
pub(super) fn is_quiet(counter: Counter, at: Instant) -> bool {
    counter.shop == REZE.shop && QUIET_FROM <= at && at < LIGHTS_ON
}

/// Three customers have paid on their phones, and no printer is left to say so. Two of the payments their terminal asks
/// about when it starts again, and gets no answer; of the third it knows nothing more.
pub(super) fn lights_out(book: &mut Book) {
    for (k, counter) in (0..3).zip(REZE.counters().cycle()) {
        let mut payment = Payment::begun(book, counter, later(LIGHTS_OUT, -480 + 70 * k));
        let woken = Some(later(LIGHTS_ON, 20 + k)).filter(|_| k < 2);
        strange::caught_in_the_dark(&mut payment, LIGHTS_OUT, woken);
    }
}
