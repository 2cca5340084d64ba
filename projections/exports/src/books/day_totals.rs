//! What each day came to, by shop, terminal, provider, plan and currency: the finest lines of the view of days.

use std::collections::BTreeMap;

use talon_domain::anomaly::Language;
use talon_domain::contribution::Account;
use talon_domain::ids::MerchantId;
use talon_domain::money::Currency;
use talon_domain::state::Status;
use talon_projections::days::{By, DayLine, Filter, Measure, Place, PlanKey, day_lines};

use super::Asked;
use super::column::{CURRENCY, MERCHANT, PLAN, PROVIDER, SHOP, TERMINAL, merchant, plan};
use super::payments::account_words;
use crate::error::ExportError;
use crate::table::{Cell, Column, Table};

/// What is counted of a plan, in a currency.
type Measures = BTreeMap<Measure, i128>;

pub(super) fn table(asked: &Asked<'_>) -> Result<Table, ExportError> {
    let by = By { day: true, shop: true, terminal: true, provider: true };
    let mut rows = Vec::new();
    for of in asked.merchants {
        let lines = day_lines(asked.reading, *of, asked.days.clone(), &Filter::default(), by);
        for (place, line) in lines.map_err(ExportError::views("day_totals"))? {
            rows.extend(by_plan(&line).into_iter().map(|(key, measures)| row(*of, &place, key, &measures)));
        }
    }
    let about = "A row is what a day came to in one shop, on one terminal, with one provider, plan and currency, by the day \
                 on which it happened (docs/views.md, days).";
    Ok(Table {
        name: "day_totals",
        title: ["Totaux par jour", "Totals by day"],
        about,
        columns: columns(),
        key: 7,
        rows,
    })
}

fn columns() -> Vec<Column> {
    let mut columns = vec![
        MERCHANT,
        Column::day("day", ["Jour", "Day"], "The day in Paris."),
        SHOP,
        TERMINAL,
        PROVIDER,
        PLAN,
        CURRENCY,
        Column::count(
            "payments",
            ["Paiements", "Payments"],
            "Payments of every status, on the day of their sale, else of their beginning.",
        ),
        Column::count("sales", ["Ventes", "Sales"], "Sales."),
        Column::count("debits", ["Prélèvements", "Debits"], "Debits that count."),
        Column::count("refunds", ["Remboursements", "Refunds"], "Refunds that count."),
        Column::count("chargebacks", ["Contestations", "Chargebacks"], "Disputes that count."),
    ];
    columns.extend(Account::ALL.map(|account| {
        let head = [account_words(account, Language::French), account_words(account, Language::English)];
        Column::money(account.name(), head, account_about(account))
    }));
    let about = "Fees and interest that customers agreed to pay, of sales.";
    columns.push(Column::money("customer_cost", ["Frais clients", "Customers' fees"], about));
    columns
}

const fn account_about(account: Account) -> &'static str {
    match account {
        Account::Sale => "What was sold.",
        Account::Collected => "What was taken from customers and counts.",
        Account::Suspense => "What was taken and is held until it is explained.",
        Account::RefundCash => "What refunds returned to customers' cards.",
        Account::RefundRebate => "What refunds took off instalments that were not yet due.",
        Account::RefundUndivided => "What refunds gave back, and nobody says which way.",
        Account::Chargeback => "What customers' banks took back.",
        Account::SuspenseBack => "What was given or taken back and is held until it is explained.",
    }
}

/// A line's measures, told apart by plan and currency; what has no currency is in no row.
fn by_plan(line: &DayLine) -> BTreeMap<(PlanKey, Currency), Measures> {
    let mut rows = BTreeMap::<_, Measures>::new();
    for (cell, amount) in line.cells() {
        if let Some(currency) = cell.currency {
            let sum = rows.entry((cell.plan, currency)).or_default().entry(cell.measure).or_default();
            *sum = sum.saturating_add(amount);
        }
    }
    rows
}

fn row(of: MerchantId, place: &Place, (key, currency): (PlanKey, Currency), measures: &Measures) -> Vec<Cell> {
    let value = |measure| measures.get(&measure).copied().unwrap_or(0);
    let payments = Status::ALL.into_iter().map(|status| value(Measure::Payments(status)));
    let mut row = vec![
        merchant(of),
        place.day.into(),
        Cell::Text(place.shop.to_string()),
        Cell::Text(place.terminal.to_string()),
        Cell::Text(place.provider.clone()),
        plan(key),
        Cell::text(currency.code()),
        Cell::count(payments.fold(0_i128, i128::saturating_add)),
    ];
    let counts = [Measure::Sales, Measure::Debits, Measure::Refunds, Measure::Chargebacks];
    row.extend(counts.map(|measure| Cell::count(value(measure))));
    row.extend(Account::ALL.map(|account| Cell::money(currency, value(Measure::Money(account)))));
    row.push(Cell::money(currency, value(Measure::CustomerCost)));
    row
}
