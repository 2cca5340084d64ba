//! The days view in SQL, as somebody writes it who knows which fact wins, and wants it fast.
//!
//! - an event that comes again counts once: by merchant and event id
//! - of a payment the best witness says where it was, of each instalment when and how much was debited, and so on: by
//!   source, which is numbered in the order of authority, then by event id; the workload tells no revisions
//! - a sale is the plan's sum, else the accepted amount, else what was typed, on the day of the acceptance, else of the
//!   first debit
//!
//! It is less than Talon's days: no plans, no statuses, no customer's cost, no first and last moments, no booked reading,
//! nothing of payments that contradict themselves - and no other view at all.

use talon_domain::fact::Kind;

/// Statements that make `days` of `event`, one after the other.
pub(crate) fn statements() -> Vec<String> {
    vec![TOLD.to_owned(), placed(), days()]
}

/// What `days` comes to, by the names that Talon's totals have.
pub(crate) const NAMES: [&str; 10] =
    ["lines", "payments", "sales", "sold", "debits", "collected", "refunds", "refunded", "printed", "facts"];

pub(crate) const TOTALS: &str = "SELECT count(*), sum(payments)::bigint, sum(sales)::bigint, sum(sold)::bigint,
    sum(debits)::bigint, sum(collected)::bigint, sum(refunds)::bigint, sum(refunded)::bigint, sum(printed)::bigint,
    sum(facts)::bigint FROM days";

const TOLD: &str = "CREATE UNLOGGED TABLE told AS
    SELECT DISTINCT ON (merchant, event_id) * FROM event ORDER BY merchant, event_id";

/// Where each payment was: what its initiation says, else the best witness.
fn placed() -> String {
    let initiated = Kind::PAYMENT_INITIATED.0;
    format!(
        "CREATE UNLOGGED TABLE placed AS
    SELECT DISTINCT ON (merchant, stream) merchant, stream, shop, terminal, coalesce(provider, '') AS provider,
        day AS began, CASE WHEN kind = {initiated} THEN amount END AS typed
    FROM told ORDER BY merchant, stream, kind <> {initiated}, source, event_id"
    )
}

fn days() -> String {
    let [plan, acceptance, card, debit, refund] = [
        Kind::SCHEDULE_CHOSEN,
        Kind::PAYMENT_ACCEPTED,
        Kind::CARD_DEBITED,
        Kind::INSTALMENT_DEBITED,
        Kind::REFUND_COMPLETED,
    ]
    .map(|kind| kind.0);
    format!(
        "CREATE UNLOGGED TABLE days AS
    WITH plan AS (
        SELECT DISTINCT ON (merchant, stream) merchant, stream, amount FROM told
        WHERE kind = {plan} ORDER BY merchant, stream, source, event_id),
    accepted AS (
        SELECT DISTINCT ON (merchant, stream) merchant, stream, day, amount FROM told
        WHERE kind = {acceptance} ORDER BY merchant, stream, source, event_id),
    debit AS MATERIALIZED (
        SELECT DISTINCT ON (merchant, stream, instalment) merchant, stream, instalment, day, amount FROM told
        WHERE kind IN ({card}, {debit}) ORDER BY merchant, stream, instalment, source, event_id),
    first_debit AS (
        SELECT DISTINCT ON (merchant, stream) merchant, stream, day FROM debit ORDER BY merchant, stream, instalment),
    refund AS (
        SELECT DISTINCT ON (merchant, stream, refund) merchant, stream, refund, day, amount FROM told
        WHERE kind = {refund} ORDER BY merchant, stream, refund, source, event_id),
    sold AS (
        SELECT merchant, shop, terminal, provider, began, coalesce(accepted.day, first_debit.day) AS day,
            coalesce(plan.amount, accepted.amount, typed) AS amount
        FROM placed LEFT JOIN plan USING (merchant, stream) LEFT JOIN accepted USING (merchant, stream)
        LEFT JOIN first_debit USING (merchant, stream)),
    part AS (
        SELECT merchant, coalesce(day, began) AS day, shop, terminal, provider, 1 AS payments,
            CASE WHEN day IS NULL THEN 0 ELSE 1 END AS sales, CASE WHEN day IS NULL THEN 0 ELSE amount END AS sold,
            0 AS debits, 0 AS collected, 0 AS refunds, 0 AS refunded, 0 AS printed, 0 AS facts FROM sold
        UNION ALL
        SELECT merchant, debit.day, shop, terminal, provider, 0, 0, 0, 1, amount, 0, 0, 0, 0
        FROM debit JOIN placed USING (merchant, stream)
        UNION ALL
        SELECT merchant, refund.day, shop, terminal, provider, 0, 0, 0, 0, 0, 1, amount, 0, 0
        FROM refund JOIN placed USING (merchant, stream)
        UNION ALL
        SELECT merchant, told.day, placed.shop, placed.terminal, placed.provider, 0, 0, 0, 0, 0, 0, 0, told.tickets, 0
        FROM told JOIN placed USING (merchant, stream) WHERE told.tickets > 0
        UNION ALL
        SELECT merchant, day, shop, terminal, '', 0, 0, 0, 0, 0, 0, 0, 0, count(*)
        FROM told GROUP BY merchant, day, shop, terminal)
    SELECT merchant, day, shop, terminal, provider, sum(payments) AS payments, sum(sales) AS sales, sum(sold) AS sold,
        sum(debits) AS debits, sum(collected) AS collected, sum(refunds) AS refunds, sum(refunded) AS refunded,
        sum(printed) AS printed, sum(facts) AS facts
    FROM part GROUP BY merchant, day, shop, terminal, provider"
    )
}
