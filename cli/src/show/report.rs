//! What became of statements: row by row, in words or as JSON.

use std::io;

use serde_json::{Value, json};

use super::{Screen, Tone};
use crate::park::{Refused, What};
use crate::register::{Became, Report};

/// Tells what became of one statement.
pub(crate) fn tell_one(report: &Report, screen: &mut Screen) -> io::Result<()> {
    if screen.is_json() {
        return screen.json(&report_json(report, screen));
    }
    let about = [what(report, screen), report.name.clone().unwrap_or_default()].join(" ");
    if let Some(words) = failure(report, screen) {
        screen.remark(&format!("{}: {words}", about.trim()))?;
    } else {
        let became = became(report, screen).to_owned();
        screen.pieces(&[(about.trim(), Tone::Plain), (": ", Tone::Plain), (&became, tone(&report.became))])?;
    }
    for change in changes(report, screen) {
        screen.line(&format!("  {change}"))?;
    }
    Ok(())
}

/// Tells what became of a file's rows: each but those that changed nothing, then how many met which fate.
pub(crate) fn tell_all(reports: &[Report], preview: bool, screen: &mut Screen) -> io::Result<()> {
    if screen.is_json() {
        for report in reports {
            let told = report_json(report, screen);
            screen.json(&told)?;
        }
        return screen.json(&total_json(reports, preview));
    }
    let heads = [
        format!(">{}", screen.say("Ligne", "Row")),
        screen.say("Type", "Type").to_owned(),
        screen.say("Commerçant", "Merchant").to_owned(),
        screen.say("Nom", "Name").to_owned(),
        screen.say("Issue", "Outcome").to_owned(),
        screen.say("Détail", "Detail").to_owned(),
    ];
    let told = reports.iter().filter(|report| !matches!(report.became, Became::Same));
    let rows: Vec<_> = told.map(|report| row(report, screen)).collect();
    if !rows.is_empty() {
        screen.table(&heads.each_ref().map(String::as_str), rows)?;
    }
    let counts = [
        screen.count(count(reports, "new"), ["nouvelle", "nouvelles"], ["new"; 2]),
        screen.count(count(reports, "changed"), ["modifiée", "modifiées"], ["changed"; 2]),
        screen.count(count(reports, "same"), ["inchangée", "inchangées"], ["same"; 2]),
        screen.count(count(reports, "refused"), ["refusée", "refusées"], ["refused"; 2]),
    ];
    screen.line(&counts.join(", "))?;
    if preview {
        let nothing = screen.say("aperçu : rien n'a été ajouté", "preview: nothing was appended").to_owned();
        screen.line(&nothing)?;
    }
    if count(reports, "not_appended") + count(reports, "unknown") > 0 {
        screen.remark(screen.say(
            "Le registre n'a pas tout pris : importez le même fichier encore une fois, sans rien y changer.",
            "The ledger did not take everything: import the same file again, unchanged.",
        ))?;
    }
    Ok(())
}

fn count(reports: &[Report], name: &str) -> u64 {
    reports.iter().filter(|report| report.became.name() == name).count() as u64
}

fn row(report: &Report, screen: &Screen) -> Vec<String> {
    let detail = failure(report, screen).unwrap_or_else(|| changes(report, screen).join("; "));
    vec![
        report.line.map(|line| line.to_string()).unwrap_or_default(),
        what(report, screen),
        report.merchant.map(|merchant| merchant.to_string()).unwrap_or_default(),
        report.name.clone().unwrap_or_default(),
        became(report, screen).to_owned(),
        detail,
    ]
}

fn what(report: &Report, screen: &Screen) -> String {
    report.what.map(|what| what.words(screen.language).to_owned()).unwrap_or_default()
}

fn became<'w>(report: &Report, screen: &Screen) -> &'w str {
    match report.became {
        Became::New => screen.say("nouveau", "new"),
        Became::Changed => screen.say("modifié", "changed"),
        Became::Same => screen.say("rien à changer", "nothing to change"),
        Became::Refused(_) => screen.say("refusé", "refused"),
        Became::NotAppended(_) => screen.say("non ajouté", "not appended"),
        Became::Unknown(_) => screen.say("inconnu", "unknown"),
    }
}

const fn tone(became: &Became) -> Tone {
    match became {
        Became::New | Became::Changed => Tone::Good,
        Became::Same => Tone::Quiet,
        Became::Refused(_) | Became::NotAppended(_) | Became::Unknown(_) => Tone::Bad,
    }
}

fn failure(report: &Report, screen: &Screen) -> Option<String> {
    match &report.became {
        Became::Refused(refused) => Some(refused.words(screen.language)),
        Became::NotAppended(reason) | Became::Unknown(reason) => Some(reason.clone()),
        Became::New | Became::Changed | Became::Same => None,
    }
}

/// `town: Paris -> Lyon`.
fn changes(report: &Report, screen: &Screen) -> Vec<String> {
    let nothing = screen.say("(rien)", "(nothing)");
    let or_nothing = |text: &Option<String>| text.clone().unwrap_or_else(|| nothing.to_owned());
    let changes = report.changes.iter();
    changes
        .map(|(column, was, is)| {
            format!("{}: {} -> {}", column.label(screen.language), or_nothing(was), or_nothing(is))
        })
        .collect()
}

fn report_json(report: &Report, screen: &Screen) -> Value {
    let refused = match &report.became {
        Became::Refused(refused) => Some(refused),
        _ => None,
    };
    let reason = match &report.became {
        Became::NotAppended(reason) | Became::Unknown(reason) => Some(reason),
        _ => None,
    };
    json!({
        "type": "statement",
        "row": report.line,
        "what": report.what.map(What::name),
        "merchant": report.merchant.map(|merchant| merchant.to_string()),
        "called": report.name,
        "outcome": report.became.name(),
        "revision": report.revision,
        "eventId": report.event_id.map(|id| id.to_string()),
        "changes": report.changes.iter().map(|(column, was, is)| json!({
            "field": column.name(), "was": was, "is": is,
        })).collect::<Vec<_>>(),
        "code": refused.map(Refused::number),
        "name": refused.map(Refused::name),
        "place": refused.map(Refused::place),
        "advice": refused.map(|refused| refused.advice(screen.language)),
        "message": refused.map(|refused| refused.words(screen.language)),
        "reason": reason,
    })
}

fn total_json(reports: &[Report], preview: bool) -> Value {
    json!({
        "type": "import",
        "preview": preview,
        "new": count(reports, "new"),
        "changed": count(reports, "changed"),
        "same": count(reports, "same"),
        "refused": count(reports, "refused"),
        "notAppended": count(reports, "not_appended"),
        "unknown": count(reports, "unknown"),
    })
}
