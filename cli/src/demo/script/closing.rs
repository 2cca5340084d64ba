//! The end of the day: what terminals and a till say that they took, and numbers that named nothing. The dark shop's
//! terminals say nothing more today.

use super::book::{Book, Mouth, Of, Payload, Taking};
use super::chain::{Counter, GRAND_PLACE, GRATTE_CIEL, REZE, counters};
use super::hours::{TODAY, clock, later};
use super::json::Object;
use super::provider::ALMA;
use talon_domain::time::Instant;

/// Long enough after closing that no story is still being told.
const TOTALS: Instant = clock(20, 30);
/// A terminal restarts, and its count has moved on by so much.
const RESTARTED: Instant = clock(15, 20);
const BURNT: u32 = 2;

/// Everything that is said at the end.
pub(super) fn closed(book: &mut Book) {
    for (second, counter) in (0..).zip(counters().filter(|counter| counter.shop != REZE.shop)) {
        for epoch in counter.terminal.epochs() {
            // A device that is replaced says at once what it took.
            let last = *counter.terminal.epochs().end();
            let replaced = counter.terminal.replaced_at.filter(|_| epoch < last);
            let at = replaced.map_or(later(TOTALS, second), |at| Instant(at.0 - 1));
            terminal_totals(book, counter, epoch, at);
        }
    }
    GRAND_PLACE.counters().for_each(|counter| till_totals(book, counter));
    GRATTE_CIEL.counters().take(1).for_each(|counter| numbers_burnt(book, counter));
}

/// The last number is the one of these totals themselves.
fn terminal_totals(book: &mut Book, counter: Counter, epoch: u16, at: Instant) {
    let lines: Vec<_> =
        book.takings(counter, epoch).into_iter().map(|(provider, taking)| application(provider, taking)).collect();
    let said = move |number| {
        let totals = Object::new()
            .number("terminal", counter.terminal.number)
            .number("epoch", epoch.into())
            .text("day", TODAY)
            .number("lastSeq", number);
        if lines.is_empty() { totals } else { totals.list("lines", lines.iter().cloned()) }
    };
    book.tell(Mouth::Terminal, Of::Terminal(counter), at, "terminalTotals", Payload::Numbered(Box::new(said)));
}

fn application(provider: &str, taking: Taking) -> Object {
    amount(Object::new().text("application", provider), taking)
}

fn amount(payload: Object, Taking { count, net }: Taking) -> Object {
    let direction = if net < 0 { "DIRECTION_DEBIT" } else { "" };
    payload.number("count", count).cents("amount", net.unsigned_abs()).text("direction", direction)
}

/// The till counts what it was told to book under the provider's name.
fn till_totals(book: &mut Book, counter: Counter) {
    let taking = book.takings(counter, 1).get(ALMA.code).copied().unwrap_or_default();
    let payload = Object::new()
        .number("shop", counter.shop.shop.0)
        .text("till", counter.terminal.till)
        .text("day", TODAY)
        .text("tender", &ALMA.code.to_uppercase());
    let payload = Payload::Plain(amount(payload, taking));
    book.tell(Mouth::Gateway, Of::Company(counter.shop.merchant), later(TOTALS, 60), "tillTotals", payload);
}

/// After a restart the terminal says which of its numbers named nothing.
fn numbers_burnt(book: &mut Book, counter: Counter) {
    let said = move |number| {
        Object::new()
            .number("terminal", counter.terminal.number)
            .number("epoch", 1)
            .number("from", number - BURNT)
            .number("to", number - 1)
            .text("reason", "counter moved on at a restart")
    };
    let payload = Payload::Numbered(Box::new(said));
    book.tell(Mouth::Terminal, Of::Terminal(counter), RESTARTED, "sequenceVoided", payload).burnt = BURNT;
}
