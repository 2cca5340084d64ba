//! Payments that have a sale or money on the days that are asked for, and each movement of money on these days.

use std::ops::ControlFlow;

use talon_domain::anomaly::Language;
use talon_domain::contribution::{Account, contributions};
use talon_domain::ids::{MerchantId, StreamKey};
use talon_domain::state::State;
use talon_projections::days::PlanKey;
use talon_projections::transactions::{Transaction, list};

use super::column::{
    CURRENCY, MERCHANT, NUMBER, PAYMENT, PAYMENT_ID, PLAN, PROVIDER, SHOP, TERMINAL, TILL_TICKET, merchant,
    number_rows, plan,
};
use super::{Asked, signed};
use crate::error::ExportError;
use crate::table::{Cell, Column, Table, Word};

/// Both tables.
pub(super) fn tables(asked: &Asked<'_>) -> Result<[Table; 2], ExportError> {
    let (mut payments, mut movements) = (Vec::new(), Vec::new());
    for merchant in asked.merchants {
        for (key, row) in rows_of(asked, *merchant)? {
            let Some(state) = (asked.state_of)(key).map_err(ExportError::views("movements"))? else { continue };
            let before = movements.len();
            movements.extend(moved(asked, &state, &row));
            let is_sold = row.sold_on().is_some_and(|day| asked.days.contains(&day));
            if is_sold || movements.len() > before {
                payments.push(payment(key, &row, &state));
            }
        }
    }
    number_rows(&mut movements);
    Ok([payments_table(payments), movements_table(movements)])
}

/// A merchant's payments, without practice.
fn rows_of(asked: &Asked<'_>, merchant: MerchantId) -> Result<Vec<(StreamKey, Transaction)>, ExportError> {
    let mut rows = Vec::new();
    list(asked.reading, Some(merchant), &mut |key, row| {
        if !key.training {
            rows.push((key, row));
        }
        ControlFlow::Continue(())
    })
    .map_err(ExportError::views("payments"))?;
    Ok(rows)
}

fn payments_table(rows: Vec<Vec<Cell>>) -> Table {
    let columns = vec![
        MERCHANT,
        PAYMENT,
        Column::day("day", ["Jour", "Day"], "The day for which it is listed: of its sale, else of its beginning."),
        Column::day("sold_on", ["Vendu le", "Sold on"], "The day on which its sale counts; empty without a sale."),
        Column::moment("began_at", ["Commencé à", "Began at"], "When its story begins."),
        SHOP,
        TERMINAL,
        PROVIDER,
        Column::text("status", ["État", "Status"], "How far it came."),
        Column::flag("closed", ["Tout rendu", "Given back"], "Refunds have given the whole sale back."),
        Column::flag("open", ["À suivre", "Open"], "It is an open item, as far as its own facts tell."),
        PLAN,
        Column::count(
            "plan_version",
            ["Version du plan", "Plan version"],
            "Versions of the plan, up to the one in force.",
        ),
        CURRENCY,
        Column::money("asked", ["Demandé", "Asked"], "The sale where it is known, else what was typed."),
        Column::money(
            "collected",
            ["Prélevé", "Collected"],
            "What was taken from the customer and counts, on whatever day.",
        ),
        Column::money("suspense", ["En attente", "Suspense"], "What was taken and is held, on whatever day."),
        Column::money(
            "refunded",
            ["Remboursé", "Refunded"],
            "What was given back, in cash or as a rebate, on whatever day.",
        ),
        Column::money(
            "charged_back",
            ["Contesté", "Charged back"],
            "What the customer's bank took back, on whatever day.",
        ),
        PAYMENT_ID,
        TILL_TICKET,
        Column::flag(
            "printed",
            ["Tickets imprimés", "Printed"],
            "The customer's and the till's ticket left the printer.",
        ),
        Column::count("anomalies", ["Anomalies", "Anomalies"], "How many rules it does not keep."),
    ];
    Table {
        name: "payments",
        title: ["Paiements", "Payments"],
        about: "A row is a payment that has a sale or any money on the days asked for, as it stands over all days \
                (docs/views.md, transactions).",
        columns,
        key: 2,
        rows,
    }
}

fn payment(key: StreamKey, row: &Transaction, state: &State) -> Vec<Cell> {
    let money = |minor: u128| row.currency().map_or(Cell::Nothing, |currency| Cell::money(currency, signed(minor)));
    vec![
        merchant(key.merchant),
        Cell::Text(key.stream.to_string()),
        row.day().into(),
        row.sold_on().into(),
        row.began_at().into(),
        Cell::Text(row.shop().to_string()),
        Cell::Text(row.terminal().to_string()),
        Cell::Text(row.provider.clone()),
        Word::of(row.status().name(), |language| row.status().words(language)).into(),
        row.is_closed.into(),
        row.is_open.into(),
        plan(plan_of(state)),
        Cell::count(row.plan_version),
        row.currency().map_or(Cell::Nothing, |currency| Cell::text(currency.code())),
        money(row.asked),
        money(row.collected),
        money(row.suspense),
        money(row.refunded),
        money(row.charged_back),
        Cell::text(row.payment_id.clone().unwrap_or_default()),
        Cell::text(row.till_ticket.clone().unwrap_or_default()),
        row.is_printed.into(),
        Cell::count(row.anomalies),
    ]
}

fn plan_of(state: &State) -> PlanKey {
    state.plan.as_ref().map_or(PlanKey::None, |agreed| PlanKey::of(&agreed.plan))
}

fn movements_table(rows: Vec<Vec<Cell>>) -> Table {
    let columns = vec![
        NUMBER,
        MERCHANT,
        Column::day("day", ["Jour", "Day"], "The day in Paris on which it happened."),
        PAYMENT,
        Column::text("account", ["Compte", "Account"], "To which total it belongs; see the columns of day_totals."),
        SHOP,
        TERMINAL,
        PROVIDER,
        PLAN,
        CURRENCY,
        Column::money(
            "amount",
            ["Montant", "Amount"],
            "How much; what is given back is no less than nothing, as in day_totals.",
        ),
        PAYMENT_ID,
        TILL_TICKET,
    ];
    Table {
        name: "movements",
        title: ["Mouvements", "Movements"],
        about: "A row is what one payment adds to one total of one of these days; over the rows of a day, shop, terminal, \
                provider, plan, currency and account they come to day_totals (docs/views.md, days).",
        columns,
        key: 1,
        rows,
    }
}

/// The movements of a payment on the days that are asked for.
fn moved(asked: &Asked<'_>, state: &State, row: &Transaction) -> Vec<Vec<Cell>> {
    let counted = contributions(state).into_iter().filter(|(key, _)| asked.days.contains(&key.day));
    counted
        .map(|(key, amount)| {
            vec![
                merchant(key.merchant),
                key.day.into(),
                Cell::Text(state.key.stream.to_string()),
                account(key.account).into(),
                Cell::Text(key.shop.to_string()),
                Cell::Text(key.terminal.to_string()),
                Cell::Text(key.provider.to_string()),
                plan(plan_of(state)),
                Cell::text(key.currency.code()),
                Cell::money(key.currency, amount),
                Cell::text(row.payment_id.clone().unwrap_or_default()),
                Cell::text(row.till_ticket.clone().unwrap_or_default()),
            ]
        })
        .collect()
}

/// A total, by its name in the views.
pub(super) fn account(account: Account) -> Word {
    Word::of(account.name(), |language| account_words(account, language))
}

/// For people.
pub(super) const fn account_words(account: Account, language: Language) -> &'static str {
    match (account, language) {
        (Account::Sale, Language::French) => "Vendu",
        (Account::Sale, Language::English) => "Sold",
        (Account::Collected, Language::French) => "Prélevé",
        (Account::Collected, Language::English) => "Collected",
        (Account::Suspense, Language::French) => "En attente",
        (Account::Suspense, Language::English) => "Suspense",
        (Account::RefundCash, Language::French) => "Remboursé, versé",
        (Account::RefundCash, Language::English) => "Refunded in cash",
        (Account::RefundRebate, Language::French) => "Remboursé, remis sur échéances",
        (Account::RefundRebate, Language::English) => "Refunded off instalments",
        (Account::RefundUndivided, Language::French) => "Remboursé, non ventilé",
        (Account::RefundUndivided, Language::English) => "Refunded, not divided",
        (Account::Chargeback, Language::French) => "Contesté",
        (Account::Chargeback, Language::English) => "Charged back",
        (Account::SuspenseBack, Language::French) => "Rendu, en attente",
        (Account::SuspenseBack, Language::English) => "Given back, held",
    }
}
