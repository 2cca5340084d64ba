//! The parts of the page behind the exceptions: shops, charts, causes, what is owed, holes, notes, changes, and what it is as
//! of.

use std::collections::BTreeMap;

use talon_domain::money::Currency;
use talon_projections::worklist::{About, Item, Kind};

use super::changes::Change;
use super::chart::{Group, Legend, bars};
use super::gather::{Morning, at_stake};
use super::html::Html;
use super::voice::Voice;

/// Changes of one sort that the page lists; the others are counted.
const CHANGES_MAX: usize = 20;

/// A table: its caption for who cannot see it, heads, classes of columns, rows. The first cell of a row names it.
pub(super) fn table(html: &mut Html, caption: &str, heads: &[&str], classes: &[&str], rows: Vec<Vec<String>>) {
    html.within("div", &[("class", "wide"), ("role", "region"), ("aria-label", caption), ("tabindex", "0")], |html| {
        html.within("table", &[], |html| {
            html.words("caption", &[], caption);
            html.within("thead", &[], |html| {
                html.within("tr", &[], |html| {
                    for (head, class) in heads.iter().zip(classes) {
                        html.words("th", &[("scope", "col"), ("class", class)], head);
                    }
                });
            });
            html.within("tbody", &[], |html| rows.iter().for_each(|row| table_row(html, classes, row)));
        });
    });
}

fn table_row(html: &mut Html, classes: &[&str], row: &[String]) {
    html.within("tr", &[], |html| {
        for (nth, (cell, class)) in row.iter().zip(classes).enumerate() {
            let (tag, with): (_, &[_]) = match (nth, *class) {
                (0, _) => ("th", &[("scope", "row")]),
                (_, "") => ("td", &[]),
                (_, class) => ("td", &[("class", class)]),
            };
            html.words(tag, with, cell);
        }
    });
}

fn section(html: &mut Html, id: &'static str, title: &str, inner: impl FnOnce(&mut Html)) {
    html.within("section", &[("aria-labelledby", id)], |html| {
        html.words("h2", &[("id", id)], title);
        inner(html);
    });
}

/// What an item says, with the payment that it is about.
pub(super) fn what(item: &Item, morning: &Morning<'_>, voice: Voice) -> String {
    let says = item.says(morning.at(), voice.language);
    let payment = match &item.about {
        About::Open(open) => Some(open.key.stream),
        About::Owed(line, _) => line.stream.map(|key| key.stream),
        About::Contradiction(line) => Some(line.key.stream),
        About::Payout(..) | About::Totals(_) | About::Hole(..) | About::Terminal(..) => None,
    };
    match (payment, &item.about) {
        (Some(stream), _) => format!("{says}, {stream}"),
        (None, About::Owed(line, _)) => line.id.as_ref().map_or(says.clone(), |id| format!("{says}, {id}")),
        (None, _) => says,
    }
}

/// Where an item is: shop and terminal, else whose.
pub(super) fn place(morning: &Morning<'_>, item: &Item, voice: Voice) -> String {
    let shop = morning.shop_name(item.id.merchant, item.shop);
    let shop = if shop.is_empty() { morning.merchant_name(item.id.merchant) } else { shop };
    if item.terminal.0 == 0 { shop } else { format!("{shop}, {} {}", voice.pick("TPE", "terminal"), item.terminal) }
}

/// One line a shop.
pub(super) fn shops(html: &mut Html, morning: &Morning<'_>, voice: Voice) {
    let title = voice.pick("Les boutiques", "Shops");
    section(html, "shops", title, |html| {
        let heads = [
            voice.pick("Boutique", "Shop"),
            voice.pick("Ventes", "Sales"),
            voice.pick("Vendu", "Sold"),
            voice.pick("Caisse", "Till"),
            voice.pick("Terminaux", "Terminals"),
            voice.pick("Registre", "Ledger"),
            voice.pick("Prestataire", "Provider"),
            voice.pick("Pas encore inscrit", "Not booked yet"),
            voice.pick("Écart", "Difference"),
        ];
        let rows = morning.shops.iter().map(|((merchant, shop, currency), of)| {
            let name = morning.shop_name(*merchant, *shop);
            let name = if name.is_empty() {
                format!("{}, {}", morning.merchant_name(*merchant), voice.pick("sans boutique", "no shop"))
            } else {
                name
            };
            vec![
                name,
                of.sales.to_string(),
                voice.money(*currency, of.sold),
                voice.known(*currency, of.till),
                voice.known(*currency, of.terminal),
                voice.money(*currency, of.ledger()),
                voice.known(*currency, of.provider),
                if of.waiting == 0 {
                    String::new()
                } else {
                    format!("{} ({})", voice.money(*currency, of.not_booked), of.waiting)
                },
                if of.difference == 0 { String::new() } else { voice.money(*currency, of.difference) },
            ]
        });
        table(html, title, &heads, &["", "n", "n", "n", "n", "n", "n", "n", "n strong"], rows.collect());
        let words = voice.pick(
            "Registre : ventes moins remboursements. Écart : ce que le prestataire a inscrit, moins ce qui était attendu des mêmes ventes et remboursements. Une case vide : pas d'écart, ou rien de déclaré.",
            "Ledger: sales less refunds. Difference: what the provider booked, less what was expected of the same sales and refunds. A blank: no difference, or nothing stated.",
        );
        html.words("p", &[("class", "hint")], words);
    });
}

/// What is better looked at than read: the last days, and ages.
pub(super) fn charts(html: &mut Html, morning: &Morning<'_>, voice: Voice) {
    let title = voice.pick("Vendu et inscrit par jour", "Sold and booked by day");
    section(html, "days", title, |html| {
        let series = [voice.pick("vendu", "sold"), voice.pick("inscrit par le prestataire", "booked by the provider")];
        let mut currencies: Vec<_> = morning.days.keys().map(|(currency, _)| *currency).collect();
        currencies.dedup();
        for currency in currencies {
            let of_currency = morning.days.iter().filter(|((of, _), _)| *of == currency);
            let groups: Vec<_> = of_currency
                .map(|((_, day), sums)| Group {
                    name: voice.short_day(*day),
                    bars: [sums.sold, sums.settled].map(|sum| (sum, voice.money(currency, sum))).to_vec(),
                })
                .collect();
            let (id, heading) = (format!("days-{currency}"), format!("{title}, {currency}"));
            let about = voice.pick("Deux barres par jour : vendu, puis inscrit.", "Two bars a day: sold, then booked.");
            bars(html, &Legend { id: &id, title: &heading, about, series: &series }, &groups);
        }
    });
    let title = voice.pick("Âge des points ouverts", "Age of open items");
    section(html, "ages", title, |html| {
        let groups: Vec<_> = morning
            .ageing()
            .into_iter()
            .map(|(bucket, (count, sums))| {
                let words = if sums.is_empty() { count.to_string() } else { format!("{count}, {}", voice.sums(sums)) };
                let name = format!("{} {}", bucket.name(), voice.pick("j ouvrés", "w. days"));
                Group { name, bars: vec![(i128::try_from(count).unwrap_or(0), words)] }
            })
            .collect();
        let about =
            voice.pick("Une barre par tranche d'âge, en jours ouvrés.", "A bar for each step of age, in working days.");
        bars(html, &Legend { id: "ages-chart", title, about, series: &[] }, &groups);
    });
}

/// Payments that are not finished, by what stands behind them.
pub(super) fn causes(html: &mut Html, morning: &Morning<'_>, voice: Voice) {
    let title = voice.pick("Paiements non terminés, par cause", "Unfinished payments, by cause");
    section(html, "causes", title, |html| {
        let mut causes = BTreeMap::<String, (usize, BTreeMap<Currency, u128>, u32)>::new();
        for item in morning.items.iter().filter(|item| matches!(item.kind, Kind::Silent | Kind::Unknown | Kind::Open)) {
            let (words, payments) = cause(morning, item, voice);
            let (count, sums, oldest) = causes.entry(words).or_default();
            *count = count.saturating_add(payments);
            *oldest = (*oldest).max(item.age.business_days);
            super::gather::add(sums, item);
        }
        if causes.is_empty() {
            return html.words("p", &[], voice.pick("Aucun.", "None."));
        }
        let mut causes: Vec<_> = causes.into_iter().collect();
        causes.sort_by_key(|(_, (count, ..))| std::cmp::Reverse(*count));
        let rows = causes
            .into_iter()
            .map(|(words, (count, sums, oldest))| vec![words, count.to_string(), voice.sums(sums), oldest.to_string()]);
        let heads = [
            voice.pick("Cause", "Cause"),
            voice.pick("Paiements", "Payments"),
            voice.pick("Montant", "Amount"),
            voice.pick("Le plus ancien, jours ouvrés", "Oldest, working days"),
        ];
        table(html, title, &heads, &["", "n", "n", "n"], rows.collect());
    });
}

/// What stands behind an unfinished payment, or several.
fn cause(morning: &Morning<'_>, item: &Item, voice: Voice) -> (String, usize) {
    match &item.about {
        About::Terminal(cause, items) => {
            let whose = morning.merchant_name(item.id.merchant);
            (format!("{whose}, {}", cause.words(voice.language, morning.at())), items.len())
        }
        About::Open(open) => (open.cause.words(voice.language, morning.at()), 1),
        _ => (item.kind.words(voice.language).to_owned(), 1),
    }
}

/// What providers owe and what came: by status, and the payouts of the last days.
pub(super) fn owed(html: &mut Html, morning: &Morning<'_>, voice: Voice) {
    let title = voice.pick("Attendu et reçu", "Expected and received");
    section(html, "owed", title, |html| {
        let heads = [
            voice.pick("Commerçant", "Merchant"),
            voice.pick("Prestataire", "Provider"),
            voice.pick("État", "Status"),
            voice.pick("Lignes", "Lines"),
            voice.pick("Brut", "Gross"),
            voice.pick("Net", "Net"),
        ];
        let rows = morning.owed.iter().map(|((merchant, provider, currency, status), of)| {
            vec![
                morning.merchant_name(*merchant),
                provider.clone(),
                status.words(voice.language).to_owned(),
                of.count.to_string(),
                voice.money(*currency, of.gross),
                voice.money(*currency, of.net),
            ]
        });
        table(html, title, &heads, &["", "", "", "n", "n", "n"], rows.collect());
        payouts(html, morning, voice);
    });
}

fn payouts(html: &mut Html, morning: &Morning<'_>, voice: Voice) {
    let title = voice.pick("Virements des sept derniers jours", "Payouts of the last seven days");
    html.words("h3", &[], title);
    if morning.payouts.is_empty() {
        return html.words("p", &[], voice.pick("Aucun n'est annoncé.", "None is told."));
    }
    let heads = [
        voice.pick("Virement", "Payout"),
        voice.pick("Commerçant", "Merchant"),
        voice.pick("Jour", "Day"),
        voice.pick("Montant", "Amount"),
        voice.pick("Ses lignes", "Its lines"),
        voice.pick("Écart", "Difference"),
    ];
    let rows = morning.payouts.iter().map(|(merchant, payout)| {
        let in_currency =
            |amount: Option<i128>| payout.amount.map(|(currency, _)| voice.known(currency, amount)).unwrap_or_default();
        let back = if payout.is_returned { voice.pick(" (revenu)", " (came back)") } else { "" };
        vec![
            format!("{}{back}", payout.payout_id),
            morning.merchant_name(*merchant),
            voice.day(payout.day),
            in_currency(payout.amount.map(|(_, amount)| amount)),
            in_currency(payout.lines.map(|(_, net)| net)),
            in_currency(payout.difference().filter(|difference| *difference != 0)),
        ]
    });
    table(html, title, &heads, &["", "", "", "n", "n", "n strong"], rows.collect());
}

/// Numbers that are missing, with who answers for them.
pub(super) fn holes(html: &mut Html, morning: &Morning<'_>, voice: Voice) {
    let title = voice.pick("Trous dans les numéros des terminaux", "Holes in terminals' numbers");
    section(html, "holes", title, |html| {
        if morning.holes.is_empty() {
            return html.words("p", &[], voice.pick("Aucun.", "None."));
        }
        let heads = [
            voice.pick("Terminal", "Terminal"),
            voice.pick("Boutique", "Shop"),
            voice.pick("Numéros", "Numbers"),
            voice.pick("Qui en répond", "Who answers for it"),
        ];
        let rows = morning.holes.iter().map(|at| {
            let device = if at.epoch.0 > 1 { format!(" e{}", at.epoch) } else { String::new() };
            vec![
                format!("{}, {}{device}", morning.merchant_name(at.merchant), at.terminal),
                morning.shop_name(at.merchant, at.shop),
                if at.hole.first == at.hole.last {
                    at.hole.first.to_string()
                } else {
                    format!("{}\u{2013}{}", at.hole.first, at.hole.last)
                },
                at.hole.owner.words(voice.language).to_owned(),
            ]
        });
        table(html, title, &heads, &["", "", "", ""], rows.collect());
    });
}

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
        let rows = resting.iter().filter_map(|item| {
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
        table(
            html,
            voice.pick("Points notés", "Noted items"),
            &heads,
            &["", "", "", "n", "", "", "", ""],
            rows.collect(),
        );
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
        table(html, voice.pick("Racines", "Roots"), &heads, &["", "n", "code"], rows.collect());
        let words = voice.pick(
            "Vérifier : talon verify --pin, avec une empreinte gardée ailleurs (talon root --out).",
            "To check: talon verify --pin, with a pin that is kept elsewhere (talon root --out).",
        );
        html.words("p", &[("class", "hint")], words);
    });
}
