//! What providers owe, line by line: what was expected, what was booked, and how far it came.

use talon_domain::ids::{MerchantId, ShopId, StreamKey, TerminalId};
use talon_domain::money::Currency;
use talon_projections::settlement::{Amounts, Due, OwedLine, Settled};
use talon_projections::transactions::row_of;

use super::Asked;
use super::column::{CURRENCY, MERCHANT, NUMBER, PAYMENT, PROVIDER, SHOP, TERMINAL, merchant, number_rows};
use crate::error::ExportError;
use crate::table::{Cell, Column, Table, Word};

pub(super) fn table(asked: &Asked<'_>, settled: &[(MerchantId, Settled)]) -> Result<Table, ExportError> {
    let mut rows = Vec::new();
    for (of, settled) in settled {
        for line in &settled.lines {
            rows.push(row(*of, line, place(asked, line.stream)?));
        }
    }
    number_rows(&mut rows);
    let about = "A row is one thing that a provider owes or booked, listed for the day of its sale, or on which it was booked \
                 if nothing expects it (docs/views.md, settlement).";
    Ok(Table { name: "settlement", title: ["Règlements", "Settlement"], about, columns: columns(), key: 1, rows })
}

/// Where the payment of a line was made.
fn place(asked: &Asked<'_>, stream: Option<StreamKey>) -> Result<Option<(ShopId, TerminalId)>, ExportError> {
    let Some(key) = stream else { return Ok(None) };
    let row = row_of(asked.reading, key).map_err(ExportError::views("settlement"))?;
    Ok(row.map(|row| (row.shop(), row.terminal())))
}

fn columns() -> Vec<Column> {
    let mut columns = vec![
        NUMBER,
        MERCHANT,
        Column::day("day", ["Jour", "Day"], "Of the sale; of what nothing expects, on which it was booked."),
        PROVIDER,
        Column::text("what", ["Nature", "What"], "Sale, refund, dispute, or what a provider books of its own accord."),
        PAYMENT,
        Column::text("id", ["Identifiant du prestataire", "Provider's id"], "The provider's id of it."),
        SHOP,
        TERMINAL,
        Column::day(
            "happened_on",
            ["Date de l'opération", "Happened on"],
            "When the sale, refund, dispute or booking was.",
        ),
        Column::text("status", ["État", "Status"], "How far it came, at the moment of the export."),
        CURRENCY,
    ];
    columns.extend(AMOUNTS.map(|(name, head, about)| Column::money(name, head, about)));
    columns.extend([
        Column::money("waived", ["Frais rendus", "Waived"], "Fees that were given back beside it; in no difference."),
        Column::day("due_on", ["Dû le", "Due on"], "By when it was promised."),
        Column::text("due_unknown", ["Échéance inconnue", "Due unknown"], "Why no such day is known."),
        Column::text("fee_unknown", ["Frais inconnus", "Fee unknown"], "Why no fee is expected of a sale."),
        Column::text("surprise", ["Pourquoi inattendu", "Surprise"], "Why nothing expects it."),
        Column::text(
            "payouts",
            ["Virements", "Payouts"],
            "Accounts and payouts that its lines name: account/payout, one after the other.",
        ),
    ]);
    columns
}

/// Gross, fee, tax and net of each side.
const AMOUNTS: [(&str, [&str; 2], &str); 12] = [
    ("expected_gross", ["Brut attendu", "Expected gross"], "What was expected before fees."),
    ("expected_fee", ["Frais attendus", "Expected fee"], "What was expected to be kept of it, tax included."),
    ("expected_tax", ["Taxe attendue", "Expected tax"], "The tax in that fee."),
    ("expected_net", ["Net attendu", "Expected net"], "Expected gross less expected fee."),
    (
        "booked_gross",
        ["Brut comptabilisé", "Booked gross"],
        "What lines of the provider's account come to before fees.",
    ),
    ("booked_fee", ["Frais comptabilisés", "Booked fee"], "What they keep of it."),
    ("booked_tax", ["Taxe comptabilisée", "Booked tax"], "The tax that they state."),
    ("booked_net", ["Net comptabilisé", "Booked net"], "What they leave."),
    ("difference_gross", ["Écart brut", "Gross difference"], "Booked less expected, where both are known."),
    ("difference_fee", ["Écart de frais", "Fee difference"], "Booked less expected, where both are known."),
    ("difference_tax", ["Écart de taxe", "Tax difference"], "Booked less expected, where both are known."),
    ("difference_net", ["Écart net", "Net difference"], "Booked less expected, where both are known."),
];

fn row(of: MerchantId, line: &OwedLine, place: Option<(ShopId, TerminalId)>) -> Vec<Cell> {
    let number = |id: Option<String>| Cell::text(id.unwrap_or_default());
    let mut row = vec![
        merchant(of),
        line.day.into(),
        Cell::Text(line.provider.clone()),
        Word::of(line.what.name(), |language| line.what.words(language)).into(),
        number(line.stream.map(|key| key.stream.to_string())),
        number(line.id.clone()),
        number(place.map(|(shop, _)| shop.to_string())),
        number(place.map(|(_, terminal)| terminal.to_string())),
        line.happened_on.into(),
        Word::of(line.status.name(), |language| line.status.words(language)).into(),
        Cell::text(line.currency.code()),
    ];
    let sides = [line.expected.unwrap_or_default(), line.booked.unwrap_or_default(), line.difference()];
    row.extend(sides.into_iter().flat_map(|side| parts(side, line.currency)));
    row.push(Cell::money(line.currency, line.waived));
    let (due_on, due_unknown) = match line.due {
        Due::On(day) => (day.into(), Cell::Nothing),
        Due::Unknown(why) => (Cell::Nothing, Word::of(why.name(), |language| why.words(language)).into()),
    };
    row.extend([
        due_on,
        due_unknown,
        line.fee_gap.map(|why| Word::of(why.name(), |language| why.words(language))).into(),
        line.surprise.map(|why| Word::of(why.name(), |language| why.words(language))).into(),
        Cell::text(
            line.payouts.iter().map(|(account, payout)| format!("{account}/{payout}")).collect::<Vec<_>>().join(", "),
        ),
    ]);
    row
}

fn parts(amounts: Amounts, currency: Currency) -> [Cell; 4] {
    amounts.parts().map(|part| part.map_or(Cell::Nothing, |minor| Cell::money(currency, minor)))
}
