//! The way to the ledger. What was told sets off at once; some of it arrives late, some of it twice, and neighbours
//! overtake each other. Invariants:
//! - a fact that is sent again is the same bytes
//! - terminals count what they and the gateway tell of them, anew for each device; what is lost had its number
//! - nothing arrives before it happened

use std::collections::BTreeMap;

use talon_domain::time::Instant;

use super::Arrival;
use super::book::{Book, Name, Of, Told};
use super::chain::Counter;
use super::chance::Chance;
use super::hours::{later, later_ms};
use super::json::Object;

/// Most facts are there within seconds: long enough for neighbours to overtake each other.
const ON_THE_WAY_MS: std::ops::RangeInclusive<u64> = 150..=9_000;
/// So many in a hundred are held up, by so many seconds: five minutes to two hours.
const LATE_PERCENT: u64 = 2;
const LATE_S: std::ops::RangeInclusive<u64> = 300..=7_200;
/// So many in a hundred are sent again, because no answer came, so many seconds later.
const AGAIN_PERCENT: u64 = 4;
const AGAIN_S: std::ops::RangeInclusive<u64> = 2..=90;

/// Everything that was told, as it comes to the door.
pub(super) fn delivered(book: Book) -> Vec<Arrival> {
    let Book { mut told, mut post, .. } = book;
    told.sort_by_key(|fact| fact.at);
    let mut counts = Counts::default();
    let mut arrivals = Vec::new();
    for fact in &told {
        let json = line(fact, counts.next(fact));
        if fact.is_lost {
            continue;
        }
        let at = arrival(fact, &mut post);
        if post.percent(AGAIN_PERCENT) {
            let again = later_ms(at, post.within(AGAIN_S) * 1_000);
            arrivals.push(Arrival { at: again, json: json.clone() });
        }
        arrivals.push(Arrival { at, json });
    }
    arrivals.sort_by_key(|arrival| arrival.at);
    arrivals
}

/// What sat in an archive was late already, and a clock that is ahead shows only in what comes on time.
fn arrival(fact: &Told, post: &mut Chance) -> Instant {
    let on_time = later_ms(fact.sent.unwrap_or(fact.at), post.within(ON_THE_WAY_MS));
    let held_up = post.percent(LATE_PERCENT) && fact.sent.is_none() && fact.ahead_s == 0;
    if held_up { later_ms(on_time, post.within(LATE_S) * 1_000) } else { on_time }
}

/// The next number of each device.
#[derive(Default)]
struct Counts(BTreeMap<(u64, u32, u16), u32>);

impl Counts {
    /// The number of what is told next; what names no terminal, or is sent from an archive, has none.
    fn next(&mut self, fact: &Told) -> u32 {
        let Of::Terminal(Counter { shop, terminal }) = fact.of else { return 0 };
        if fact.sent.is_some() {
            return 0;
        }
        let epoch = terminal.epoch(fact.at);
        let next = self.0.entry((shop.merchant.0, terminal.number, epoch)).or_insert(terminal.first_seq(epoch));
        let number = *next + fact.burnt;
        *next = number + 1;
        number
    }
}

/// The event, in the order of its fields.
fn line(fact: &Told, number: u32) -> String {
    let event = match &fact.name {
        Name::Id(id) => Object::new().text("eventId", id),
        Name::Key(key) => Object::new().text("sourceKey", key),
    };
    let event = event.long("merchant", fact.of.merchant().0);
    let event = match fact.of {
        Of::Company(_) => event,
        Of::Terminal(Counter { shop, terminal }) => event
            .number("shop", shop.shop.0)
            .number("terminal", terminal.number)
            .number("terminalEpoch", terminal.epoch(fact.at).into())
            .number("terminalSeq", number),
    };
    let payment = fact.payment.map(|payment| payment.to_string()).unwrap_or_default();
    let event = event
        .text("transactionId", &payment)
        .text("occurredAt", &later(fact.at, fact.ahead_s).rfc3339())
        .text("source", fact.mouth.source())
        .truth("training", fact.training);
    let event = fact.personal.iter().fold(event, |event, personal| event.object("personal", personal));
    event.object(fact.kind, &fact.payload.of(number)).line()
}
