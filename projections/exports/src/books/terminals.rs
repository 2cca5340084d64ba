//! Devices as the registry and their facts know them, and the numbers that are missing of their sequences.

use talon_domain::ids::MerchantId;
use talon_projections::terminals::{Hole, Terminal, Terminals};

use super::Asked;
use super::column::{MERCHANT, TERMINAL, merchant};
use crate::error::ExportError;
use crate::table::{Cell, Column, Table, Word};

const EPOCH: Column = Column::count("epoch", ["Appareil", "Device"], "Which device behind the number, from 1.");

/// Both tables.
pub(super) fn tables(asked: &Asked<'_>) -> Result<[Table; 2], ExportError> {
    let (mut devices, mut holes) = (Vec::new(), Vec::new());
    for of in asked.merchants {
        let read = Terminals::read(asked.reading, Some(*of)).map_err(ExportError::views("terminals"))?;
        for terminal in read.list(asked.registry, asked.at) {
            holes.extend(terminal.holes.iter().map(|hole| hole_row(&terminal, *hole)));
            devices.push(row(*of, &terminal));
        }
    }
    Ok([devices_table(devices), holes_table(holes)])
}

fn devices_table(rows: Vec<Vec<Cell>>) -> Table {
    let columns = vec![
        MERCHANT,
        TERMINAL,
        EPOCH,
        Column::flag("registered", ["Enregistré", "Registered"], "The registry knows it."),
        Column::text(
            "shop_code",
            ["Boutique (code)", "Shop's code"],
            "The shop that it is assigned to, by the merchant's own code.",
        ),
        Column::text("model", ["Modèle", "Model"], "Its model."),
        Column::text(
            "ineligible",
            ["Non éligible", "Not eligible"],
            "Why it is not eligible; empty where it is, or is not registered.",
        ),
        Column::count("first_seq", ["Premier numéro", "First number"], "The first number of its sequence."),
        Column::count(
            "last_seq",
            ["Dernier numéro", "Last number"],
            "The last number in use, seen or stated; 0 is none.",
        ),
        Column::day("last_day", ["Dernier jour", "Last day"], "The last day on which it worked."),
        Column::moment("last_seen", ["Vu à", "Last seen"], "The last moment of what came from it."),
        Column::flag(
            "silent",
            ["Muet", "Silent"],
            "It usually works, its shop trades, and it has told nothing on the day of the export's moment.",
        ),
        Column::flag("replaced", ["Remplacé", "Replaced"], "Another device stands behind the number, or none."),
    ];
    let about = "A row is a device that is registered or that facts name, over all days (docs/views.md, terminals).";
    Table { name: "terminals", title: ["TPE", "Terminals"], about, columns, key: 3, rows }
}

fn row(of: MerchantId, terminal: &Terminal<'_>) -> Vec<Cell> {
    let assigned = terminal.assignment.map(|stated| &stated.what);
    let words = terminal.ineligible.iter().map(|why| Word::of(why.name(), |language| why.words(language)));
    vec![
        merchant(of),
        Cell::Text(terminal.terminal.to_string()),
        Cell::count(terminal.epoch.0),
        assigned.is_some().into(),
        Cell::text(assigned.and_then(|what| what.shop_code.as_deref()).unwrap_or_default()),
        Cell::text(assigned.and_then(|what| what.model.as_deref()).unwrap_or_default()),
        words.collect::<Vec<_>>().into(),
        Cell::count(terminal.first_seq.0),
        Cell::count(terminal.last_seq.0),
        terminal.last_day.into(),
        terminal.last_seen.into(),
        terminal.silence.is_some().into(),
        terminal.is_replaced.into(),
    ]
}

fn holes_table(rows: Vec<Vec<Cell>>) -> Table {
    let columns = vec![
        MERCHANT,
        TERMINAL,
        EPOCH,
        Column::count("first", ["Du numéro", "First"], "The first number that is missing."),
        Column::count("last", ["Au numéro", "Last"], "The last one behind it without a gap."),
        Column::text("owner", ["Explication", "Owner"], "Who answers for it, at the moment of the export."),
    ];
    let about =
        "A row is a run of numbers that no event of a device carried, over all days (docs/views.md, terminals).";
    Table { name: "holes", title: ["Numéros manquants", "Missing numbers"], about, columns, key: 4, rows }
}

fn hole_row(terminal: &Terminal<'_>, hole: Hole) -> Vec<Cell> {
    vec![
        merchant(terminal.merchant),
        Cell::Text(terminal.terminal.to_string()),
        Cell::count(terminal.epoch.0),
        Cell::count(hole.first.0),
        Cell::count(hole.last.0),
        Word::of(hole.owner.name(), |language| hole.owner.words(language)).into(),
    ]
}
