//! What terminals and tills state of a day beside what the ledger counts, and payments that may be why they differ.

use std::io;
use std::ops::RangeInclusive;

use serde_json::{Value, json};
use talon_domain::anomaly::Language;
use talon_domain::ids::MerchantId;
use talon_domain::time::Day;
use talon_projections::days::Filter;
use talon_projections::registry::nic_on;
use talon_projections::terminals::{Statement, Sum, Suspect, Teller, day_statements};

use crate::show::{ID_COLUMNS, Screen, beneath, cut};
use crate::views::Views;

/// The statements of some days, of a place if one is asked for: a terminal's are of the shop that it is assigned to.
pub(super) fn read(
    merchant: MerchantId,
    days: RangeInclusive<Day>,
    filter: &Filter,
    views: &Views,
) -> anyhow::Result<Vec<Statement>> {
    let mut statements = day_statements(views.reading()?, merchant, days)?;
    let registry = views.registry();
    let shop_of = |terminal, day| {
        let assigned = registry.assignment_on(merchant, terminal, day)?;
        nic_on(&registry.shop(merchant, assigned.what.shop_code.as_deref()?)?.what, day)
    };
    statements.retain(|one| {
        let (shop, terminal) = match &one.teller {
            Teller::Terminal(terminal) => (shop_of(*terminal, one.total.day), Some(*terminal)),
            Teller::Till(shop, _) => (Some(*shop), None),
        };
        filter.shop.is_none_or(|asked| shop == Some(asked))
            && filter.terminal.is_none_or(|asked| terminal == Some(asked))
            && filter.provider.as_deref().is_none_or(|asked| *one.total.application == *asked)
    });
    Ok(statements)
}

pub(super) fn tell(statements: &[Statement], screen: &mut Screen) -> io::Result<()> {
    if statements.is_empty() {
        return Ok(());
    }
    screen.heading(screen.say("Totaux des TPE et des caisses", "Totals of terminals and tills"))?;
    let heads = [
        ("Qui", "Who"),
        ("Devise", "Currency"),
        (">Annoncé", ">Stated"),
        (">Registre", ">Ledger"),
        (">Écart", ">Difference"),
    ];
    let rows = statements.iter().flat_map(|one| rows(one, heads.len(), screen)).collect();
    screen.table_of(&heads, rows)
}

/// A statement, and below it each payment that may be why it differs.
fn rows(one: &Statement, columns: usize, screen: &Screen) -> Vec<Vec<String>> {
    let total = &one.total;
    let sum = |sum: Sum| format!("{} / {}", sum.count, screen.amount(total.currency, sum.net));
    let who = format!("{} {} {}", total.day, teller_words(&one.teller, screen), cut(&total.application, 8));
    let difference = total.difference();
    let difference = match total.counted {
        None => screen.say("pas suivi", "not followed").to_owned(),
        Some(_) if total.agrees() => "-".to_owned(),
        Some(_) => format!("{:+} / {}", difference.count, screen.amount(total.currency, difference.net)),
    };
    let whole = vec![
        who,
        total.currency.code().to_owned(),
        sum(total.stated),
        total.counted.map_or_else(|| "-".to_owned(), sum),
        difference,
    ];
    let suspects = one.suspects.iter().map(|suspect| suspect.key.stream.to_string()).zip(&one.suspects);
    let suspects =
        suspects.flat_map(|(id, suspect)| [id, format!("  {}", suspect_words(suspect, one, screen))].into_iter());
    std::iter::once(whole).chain(beneath(suspects, ID_COLUMNS + 4, columns)).collect()
}

fn teller_words(teller: &Teller, screen: &Screen) -> String {
    match teller {
        Teller::Terminal(terminal) => format!("{} {terminal}", screen.say("TPE", "terminal")),
        Teller::Till(shop, till) => format!("{} {shop} {}", screen.say("caisse", "till"), cut(till, 12)),
    }
}

/// `209.34, refunded 50.00: is the difference, without a ticket`.
fn suspect_words(suspect: &Suspect, one: &Statement, screen: &Screen) -> String {
    let asked = i128::try_from(suspect.transaction.asked).unwrap_or(i128::MAX);
    let why: Vec<_> = suspect.why.iter().map(|why| why.words(screen.language)).collect();
    let colon = screen.say(" :", ":");
    let amount = |minor_units| screen.amount(one.total.currency, minor_units);
    let refunded = match suspect.transaction.refunded {
        0 => String::new(),
        refunded => {
            let refunded = i128::try_from(refunded).unwrap_or(i128::MAX);
            format!(", {} {}", screen.say("remboursé", "refunded"), amount(refunded))
        }
    };
    format!("{}{refunded}{colon} {}", amount(asked), why.join(", "))
}

pub(super) fn json(one: &Statement, language: Language) -> Value {
    let (total, difference) = (&one.total, one.total.difference());
    let sum = |sum: Sum| json!({ "count": sum.count, "net": sum.net.to_string() });
    let (terminal, shop, till) = match &one.teller {
        Teller::Terminal(terminal) => (Some(terminal.0), None, None),
        Teller::Till(shop, till) => (None, Some(shop.0), Some(&**till)),
    };
    json!({
        "terminal": terminal, "shop": shop, "till": till, "day": total.day.to_string(),
        "application": &*total.application, "currency": total.currency.code(),
        "stated": sum(total.stated), "counted": total.counted.map(sum), "agrees": total.agrees(),
        "difference": total.counted.map(|_| json!({
            "count": i64::try_from(difference.count).unwrap_or(i64::MAX), "net": difference.net.to_string(),
        })),
        "suspects": one.suspects.iter().map(|suspect| suspect_json(suspect, language)).collect::<Vec<_>>(),
    })
}

fn suspect_json(suspect: &Suspect, language: Language) -> Value {
    json!({
        "transaction": suspect.key.stream.to_string(), "status": suspect.transaction.status().name(),
        "asked": suspect.transaction.asked.to_string(), "refunded": suspect.transaction.refunded.to_string(),
        "why": suspect.why.iter().map(|why| json!({
            "name": why.name(), "words": why.words(language),
        })).collect::<Vec<_>>(),
    })
}
