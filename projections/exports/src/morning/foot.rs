//! The end of the page: what rests on notes, what changed since the morning before, and what all of it is made of.

use talon_projections::worklist::Item;

use super::changes::Change;
use super::gather::{Morning, at_stake};
use super::html::Html;
use super::parts::{long_table, place, section, table};
use super::voice::Voice;

/// Changes of one sort that the page lists; the others are counted.
const CHANGES_MAX: usize = 20;

/// Items that rest on a note.
pub(super) fn noted(html: &mut Html, morning: &Morning<'_>, resting: &[&Item], voice: Voice) {
    let sums = voice.sums(at_stake(resting.iter().copied()));
    let count = voice.count(resting.len(), ["noté", "notés"], ["noted", "noted"]);
    section(html, "noted", &format!("{count}, {sums}"), |html| {
        let heads = [
            voice.pick("N°", "No."),
            voice.pick("Quoi", "What"),
            voice.pick("Où", "Where"),
            voice.pick("Montant", "Amount"),
            voice.pick("État", "State"),
            voice.pick("Par", "By"),
            voice.pick("Confié à", "Handed to"),
            voice.pick("Jusqu'au", "Until"),
        ];
        let mut rows = resting.iter().filter_map(|item| {
            let said = &item.note.as_ref()?.said;
            Some(vec![
                item.number(),
                item.kind.words(voice.language).to_owned(),
                place(morning, item, voice),
                item.amount.map(|(currency, amount)| currency.words(amount, voice.language)).unwrap_or_default(),
                said.state.words(voice.language).to_owned(),
                said.author.to_string(),
                said.to.as_deref().unwrap_or_default().to_owned(),
                said.until.map(|day| voice.day(day)).unwrap_or_default(),
            ])
        });
        let classes = ["", "", "", "n", "", "", "", ""];
        long_table(html, voice.pick("Points notés", "Noted items"), (&heads, &classes), &mut rows, voice);
    });
}

/// What is not as it was the morning before.
pub(super) fn changed(html: &mut Html, morning: &Morning<'_>, voice: Voice) {
    let title = voice.pick("Depuis la veille", "Since the morning before");
    section(html, "changed", title, |html| {
        let Some(changes) = &morning.changes else {
            return html.words(
                "p",
                &[],
                voice.pick("La veille n'a pas été relue.", "The morning before was not looked at."),
            );
        };
        let sorts = [
            (voice.pick("Nouveaux", "New"), of(changes, |change| matches!(change, Change::New(_)))),
            (voice.pick("Changés", "Changed"), of(changes, |change| matches!(change, Change::Other(_)))),
            (voice.pick("Réglés", "Gone"), of(changes, |change| matches!(change, Change::Gone(_)))),
        ];
        for (name, items) in sorts {
            let sums = voice.sums(at_stake(items.iter().copied()));
            html.words("h3", &[], &format!("{name} ({}, {sums})", items.len()));
            if items.is_empty() {
                continue;
            }
            html.within("ul", &[], |html| {
                for item in items.iter().take(CHANGES_MAX) {
                    let amount = item.amount.map(|(currency, amount)| currency.words(amount, voice.language));
                    let words =
                        [item.number(), item.kind.words(voice.language).to_owned(), place(morning, item, voice)];
                    html.words("li", &[], &words.into_iter().chain(amount).collect::<Vec<_>>().join(", "));
                }
                let more = items.len().saturating_sub(CHANGES_MAX);
                if more > 0 {
                    html.words("li", &[], &format!("+ {more}"));
                }
            });
        }
    });
}

fn of(changes: &[Change], is: fn(&Change) -> bool) -> Vec<&Item> {
    let meant = changes.iter().filter(|change| is(change));
    meant
        .map(|change| match change {
            Change::New(item) | Change::Other(item) | Change::Gone(item) => item,
        })
        .collect()
}

/// What the page is as of: whoever asks the same positions gets the same page.
pub(super) fn stand(html: &mut Html, morning: &Morning<'_>, voice: Voice) {
    let stand = morning.stand();
    let title = voice.pick("Sur quoi cette page repose", "What this page is made of");
    section(html, "stand", title, |html| {
        html.within("p", &[], |html| {
            html.text(voice.pick("Registre ", "Ledger "));
            html.words("code", &[], &stand.ledger);
            html.text(voice.pick(", positions ", ", positions "));
            html.words("code", &[], &stand.positions);
        });
        if stand.aside > 0 {
            let words =
                voice.pick("enregistrements mis de côté, hors de tout chiffre", "records set aside, and in no figure");
            html.words("p", &[("class", "strong")], &format!("{} {words}", stand.aside));
        }
        let heads = [
            voice.pick("Partition", "Partition"),
            voice.pick("Enregistrements", "Records"),
            voice.pick("Racine (SHA-256)", "Root (SHA-256)"),
        ];
        let rows = stand
            .roots
            .iter()
            .map(|(partition, size, root)| vec![partition.to_string(), size.to_string(), root.clone()]);
        table(html, voice.pick("Racines", "Roots"), &heads, &["", "n", "code"], rows);
        let words = voice.pick(
            "Vérifier : talon verify --pin, avec une empreinte gardée ailleurs (talon root --out).",
            "To check: talon verify --pin, with a pin that is kept elsewhere (talon root --out).",
        );
        html.words("p", &[("class", "hint")], words);
    });
}
