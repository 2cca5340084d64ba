//! Files of a provider: reading their rows, numbering and adding up the lines, and making events of them, up to the door.
//! The file is made up: ids, amounts and times as an accounting export of Alma has them.

use std::fmt::Write as _;
use std::io::{self, Cursor};

use talon_domain::fact::Text;
use talon_domain::ids::MerchantId;
use talon_intake::line_event;
use talon_statements::{Map, Numbering, Source, Sums, read, survey};

use crate::clock::timed;
use crate::report::{Row, Section};

const MERCHANT: MerchantId = MerchantId(732_829_320);
const HEADER: &str = "Créée (Heure Europe/Paris);Montant brut (centimes);Frais Alma (centimes);Montant net (centimes);\
                      Montant TVA (centimes);Nombre d'échéances;Nom client;Email client;Identifiant ligne comptable;\
                      Identifiant paiement;Identifiant remboursement\n";

/// Measures over a file of so many rows.
pub(crate) fn measured(rows: u64, repeats: u32) -> io::Result<Section> {
    let [csv, json] = [accounting(rows), transactions(rows)];
    // 300,000 rows a second.
    let row = |name: &str| Row::new(name, rows).within_ns(3_333);
    let mut all = [
        row("CSV: survey, read, number and add up"),
        row("CSV: the same, and events for the door"),
        row("JSON: survey, read, number and add up"),
    ];
    let map = Map::alma().map_err(io::Error::other)?;
    for _ in 0..repeats {
        for (row, (file, makes_events)) in all.iter_mut().zip([(&csv, false), (&csv, true), (&json, false)]) {
            let (lines, taken) = timed(|| lines(file.as_bytes(), &map, makes_events));
            if lines? != rows {
                return Err(io::Error::other("a row of the file was not read"));
            }
            row.took(taken);
        }
    }
    Ok(Section {
        name: "statements",
        about: format!("nanoseconds a row of a provider's file, best and median of {repeats} times {rows} rows"),
        rows: all.into(),
    })
}

/// How many lines a file makes.
fn lines(file: &[u8], map: &Map, makes_events: bool) -> io::Result<u64> {
    let looked_at = survey(file)?;
    let source = Source { map, account: Text::from("alma"), takes_balance: true };
    let (mut numbering, mut sums, mut event, mut lines) = (Numbering::new(), Sums::new(), Vec::new(), 0);
    let read = read(Cursor::new(file), &looked_at, &source, &mut |row| {
        for mut said in row.said.into_iter().flatten() {
            numbering.number(&mut said.line);
            sums.add(&said.line);
            if makes_events {
                event.clear();
                line_event(MERCHANT, said.occurred_at, &said.line, &mut event);
            }
            lines += 1;
        }
        true
    });
    read.map(|()| lines).map_err(io::Error::other)
}

/// Gross and fee of the row of a number, in cents.
const fn amounts(number: u64) -> (u64, u64) {
    let gross = 1_000 + number * 7_919 % 200_000;
    (gross, gross * 38 / 1_000)
}

fn accounting(rows: u64) -> String {
    let mut file = HEADER.to_owned();
    for number in 0..rows {
        let (gross, fee) = amounts(number);
        let (day, hour, minute) = (1 + number % 28, 8 + number % 12, number % 60);
        let _ = writeln!(
            file,
            "2026-11-{day:02} {hour:02}:{minute:02}:00;{gross};{fee};{};{};3;Durand;durand@exemple.fr;\
             balance_txn_11{number:010x};payment_11{number:010x};",
            gross - fee,
            fee / 5
        );
    }
    file
}

fn transactions(rows: u64) -> String {
    let mut file = "{\"data\": [".to_owned();
    for number in 0..rows {
        let (gross, fee) = amounts(number);
        let _ = write!(
            file,
            "{}{{\"id\": \"balance_txn_11{number:010x}\", \"merchant_id\": \"merchant_11x\", \"amount\": {gross}, \
             \"net_amount\": {}, \"merchant_fee\": {fee}, \"payment_id\": \"payment_11{number:010x}\", \"refund_id\": null, \
             \"payout_id\": null, \"included_in_payout_id\": \"payout_4z\", \"kind\": \"from_transaction\", \
             \"comment\": null, \"available_on\": 1764201600, \"created\": {}, \"updated\": 1764054001}}",
            if number == 0 { "" } else { ", " },
            gross - fee,
            1_764_054_000 + number
        );
    }
    file + "], \"has_more\": false}"
}
