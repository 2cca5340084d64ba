//! Payouts that left on the days asked for, beside the lines that name them.

use talon_domain::ids::MerchantId;
use talon_projections::settlement::{PayoutLine, Settled};

use super::column::{CURRENCY, MERCHANT, NUMBER, PROVIDER, merchant, number_rows};
use crate::table::{Cell, Column, Table};

pub(super) fn table(settled: &[(MerchantId, Settled)]) -> Table {
    let columns = vec![
        NUMBER,
        MERCHANT,
        Column::text("account", ["Compte", "Account"], "From which account of the provider."),
        Column::text("payout_id", ["Virement", "Payout"], "Its name there; empty where it bears none."),
        Column::day("day", ["Jour", "Day"], "The day on which it left."),
        PROVIDER,
        Column::flag("returned", ["Revenu", "Returned"], "It came back."),
        CURRENCY,
        Column::money("amount", ["Montant", "Amount"], "How much was sent; below nothing where the provider collects."),
        Column::count("lines", ["Lignes", "Lines"], "How many lines name it; empty where none does."),
        Column::money("lines_net", ["Net des lignes", "Net of lines"], "The net of these lines."),
        Column::money("difference", ["Écart", "Difference"], "The payout less its lines; empty where nobody can say."),
        Column::count(
            "told_by",
            ["Dit par", "Told by"],
            "How many tell of a payout of this name: of two, nobody can say which one its lines are of.",
        ),
    ];
    let mut rows: Vec<_> =
        settled.iter().flat_map(|(of, settled)| settled.payouts.iter().map(|payout| row(*of, payout))).collect();
    number_rows(&mut rows);
    let about = "A row is a payout of a provider that left on the days asked for (docs/views.md, settlement).";
    Table { name: "payouts", title: ["Virements", "Payouts"], about, columns, key: 1, rows }
}

fn row(of: MerchantId, payout: &PayoutLine) -> Vec<Cell> {
    let currency = payout.amount.map(|(currency, _)| currency);
    let money = |minor: Option<i128>| {
        currency.zip(minor).map_or(Cell::Nothing, |(currency, minor)| Cell::money(currency, minor))
    };
    vec![
        merchant(of),
        Cell::Text(payout.account.clone()),
        Cell::text(payout.payout_id.clone()),
        payout.day.into(),
        Cell::text(payout.provider.clone().unwrap_or_default()),
        payout.is_returned.into(),
        currency.map_or(Cell::Nothing, |currency| Cell::text(currency.code())),
        money(payout.amount.map(|(_, minor)| minor)),
        payout.lines.map_or(Cell::Nothing, |(count, _)| Cell::count(count)),
        money(payout.lines.map(|(_, net)| net)),
        money(payout.difference()),
        Cell::count(payout.told_by),
    ]
}
