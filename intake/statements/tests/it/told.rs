//! A file read to its end, as text that a person can check.

use std::io::Cursor;

use talon_domain::fact::{Direction, SettlementLine, Text};
use talon_domain::money::Money;
use talon_statements::{Came, Map, Numbering, Source, Sums, read, survey};

/// `-12.00`: from the merchant's side.
fn amount((money, direction): (Money, Direction)) -> String {
    let minor = money.amount.minor_units();
    let sign = if direction == Direction::Debit { "-" } else { "" };
    format!("{sign}{}.{:02}", minor / 100, minor % 100)
}

/// What a line says, in the order in which people ask.
pub(crate) fn line(line: &SettlementLine) -> String {
    let mut words = vec![line.kind.name().to_owned(), amount((line.amount, line.direction))];
    let mut name = |name: &str, text: Option<String>| words.extend(text.map(|text| format!("{name}={text}")));
    name("fee", line.merchant_fee.map(|fee| amount((fee, line.merchant_fee_direction))));
    name("tax", line.tax.map(|tax| amount((tax, line.tax_direction))));
    name("net", line.net.map(|net| amount((net, line.net_direction))));
    let texts = [
        ("id", &line.line_id),
        ("native", &line.native_type),
        ("payment", &line.payment_id),
        ("refund", &line.refund_id),
        ("dispute", &line.dispute_id),
        ("payout", &line.payout_id),
        ("in", &line.included_in_payout_id),
        ("reference", &line.reference),
        ("end_to_end", &line.end_to_end_id),
        ("bank", &line.bank_reference),
    ];
    texts.into_iter().for_each(|(of, text)| name(of, text.as_deref().map(str::to_owned)));
    name("booked", line.booking_day.map(|day| day.to_string()));
    name("value", line.value_day.map(|day| day.to_string()));
    name("occurrence", Some(line.occurrence.get()).filter(|count| *count > 1).map(|count| count.to_string()));
    name("revision", Some(line.revision).filter(|of| *of > 0).map(|of| of.to_string()));
    words.join(" ")
}

/// Every row of a file as a line of text; the error where it is not read.
pub(crate) fn told(file: &[u8], map: &Map, takes_balance: bool) -> String {
    let looked_at = survey(file).expect("memory");
    let source = Source { map, account: Text::from("account"), takes_balance };
    let (mut rows, mut numbering, mut sums) = (Vec::new(), Numbering::new(), Sums::new());
    let end = read(Cursor::new(file), &looked_at, &source, &mut |row| {
        let mut said = Vec::new();
        for mut one in row.said.clone().unwrap_or_default() {
            let came = numbering.number(&mut one.line);
            sums.add(&one.line);
            let came = match came {
                Came::First => "",
                Came::Again => " AGAIN",
                Came::Otherwise => " OTHERWISE",
            };
            said.push(format!("{} at={}{came}", line(&one.line), one.occurred_at.rfc3339()));
        }
        said.extend(row.said.err().map(|fault| {
            format!("REFUSED {} {} {:?}", fault.rule.number(), fault.rule.name(), fault.column.unwrap_or_default())
        }));
        said.extend(
            row.warnings
                .iter()
                .map(|of| format!("LOOK {} {:?}", of.kind.name(), of.place.as_deref().unwrap_or_default())),
        );
        rows.extend(said.into_iter().map(|said| format!("{}: {said}", row.line)));
        true
    });
    rows.extend(
        sums.warnings()
            .iter()
            .map(|of| format!("FILE {} {:?}", of.kind.name(), of.place.as_deref().unwrap_or_default())),
    );
    rows.extend(end.err().map(|error| format!("NOT READ: {error}")));
    rows.join("\n")
}

/// A file of Alma's.
pub(crate) fn alma(file: impl AsRef<[u8]>) -> String {
    told(file.as_ref(), &Map::alma().expect("a map"), true)
}
