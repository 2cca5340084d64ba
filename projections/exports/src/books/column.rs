//! Columns and cells that several tables have.

use talon_domain::ids::MerchantId;
use talon_projections::days::PlanKey;

use crate::table::{Cell, Column, Word};

pub(super) const NUMBER: Column = Column::count("number", ["N°", "No."], "The row's place in this table, from 1.");
pub(super) const MERCHANT: Column = Column::text("merchant", ["Commerçant", "Merchant"], "Who is paid (SIREN).");
pub(super) const SHOP: Column = Column::text("shop", ["Boutique", "Shop"], "Which shop (NIC); 0 is none.");
pub(super) const TERMINAL: Column =
    Column::text("terminal", ["TPE", "Terminal"], "Which terminal, by its number within the merchant; 0 is none.");
pub(super) const PROVIDER: Column =
    Column::text("provider", ["Prestataire", "Provider"], "Registry code of who finances; empty is none.");
pub(super) const PLAN: Column = Column::text(
    "plan",
    ["Échéancier", "Plan"],
    "The plan in force: 3x is three instalments, deferred is one debit later; empty is none.",
);
pub(super) const CURRENCY: Column =
    Column::text("currency", ["Devise", "Currency"], "ISO 4217 code of every amount of the row.");
pub(super) const PAYMENT: Column =
    Column::text("payment", ["Transaction", "Payment"], "The ledger's id of the payment.");
pub(super) const PAYMENT_ID: Column = Column::text(
    "payment_id",
    ["Identifiant du prestataire", "Provider's id"],
    "The provider's id of the payment, by which lines of its account find it.",
);
pub(super) const TILL_TICKET: Column =
    Column::text("till_ticket", ["Ticket de caisse", "Till's ticket"], "The till's ticket number.");

const DEFERRED: Word = Word { name: "deferred", words: ["différé", "deferred"] };

/// A merchant's number is words, as every id.
pub(super) fn merchant(merchant: MerchantId) -> Cell {
    Cell::Text(merchant.to_string())
}

/// A plan; empty words where there is none, so that it may tell rows apart.
pub(super) fn plan(plan: PlanKey) -> Cell {
    match plan {
        PlanKey::None => Cell::Text(String::new()),
        PlanKey::Times(count) => Cell::Text(format!("{count}x")),
        PlanKey::Deferred => DEFERRED.into(),
    }
}

/// A row's place in its table.
pub(super) fn number_rows(rows: &mut [Vec<Cell>]) {
    for (number, row) in (1_i64..).zip(rows) {
        row.insert(0, Cell::Count(number));
    }
}
