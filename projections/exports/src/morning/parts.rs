//! What the parts of the page share - tables, sections, how an item is told - and the first of them behind the exceptions:
//! shops, and charts.

use talon_projections::worklist::{About, Item};

use super::chart::{Group, Legend, bars};
use super::gather::Morning;
use super::html::Html;
use super::voice::Voice;

/// Rows of a long list on the page; the others are in the workbook.
const ROWS_MAX: usize = 60;

/// The beginning of a table that may be long, and how many rows are left out.
pub(super) fn long_table(
    html: &mut Html,
    caption: &str,
    (heads, classes): (&[&str], &[&str]),
    mut rows: &mut dyn Iterator<Item = Vec<String>>,
    voice: Voice,
) {
    table(html, caption, heads, classes, (&mut rows).take(ROWS_MAX));
    let more = rows.count();
    if more > 0 {
        let others = ["autre dans le classeur", "autres dans le classeur"];
        html.words("p", &[("class", "hint")], &voice.count(more, others, ["more in the workbook"; 2]));
    }
}

/// A table: its caption for who cannot see it, heads, classes of columns, rows. The first cell of a row names it.
pub(super) fn table(
    html: &mut Html,
    caption: &str,
    heads: &[&str],
    classes: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) {
    html.within("div", &[("class", "wide"), ("role", "group"), ("aria-label", caption), ("tabindex", "0")], |html| {
        html.within("table", &[], |html| {
            html.words("caption", &[], caption);
            html.within("thead", &[], |html| {
                html.within("tr", &[], |html| {
                    for (head, class) in heads.iter().zip(classes) {
                        html.words("th", &[("scope", "col"), ("class", class)], head);
                    }
                });
            });
            html.within("tbody", &[], |html| rows.for_each(|row| table_row(html, classes, &row)));
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

pub(super) fn section(html: &mut Html, id: &'static str, title: &str, inner: impl FnOnce(&mut Html)) {
    html.within("section", &[("aria-labelledby", id)], |html| {
        html.words("h2", &[("id", id)], title);
        inner(html);
    });
}

/// What an item says, with the payment that it is about.
pub(super) fn what(item: &Item, morning: &Morning<'_>, voice: Voice) -> String {
    let payment = match &item.about {
        About::Open(open) => Some(open.key.stream),
        About::Owed(line, _) => line.stream.map(|key| key.stream),
        About::Contradiction(line) => Some(line.key.stream),
        About::Payout(..) | About::Totals(_) | About::Hole(..) | About::Terminal(..) => None,
    };
    // A payout is told with its name.
    let reference = item.reference().filter(|_| !matches!(item.about, About::Payout(..))).map(str::to_owned);
    let says = item.says(morning.at(), voice.language);
    let ids = reference.into_iter().chain(payment.map(|stream| stream.to_string()));
    [says].into_iter().chain(ids).collect::<Vec<_>>().join(", ")
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
            voice.pick("Pas encore comptabilisé", "Not booked yet"),
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
        table(html, title, &heads, &["", "n", "n", "n", "n", "n", "n", "n", "n strong"], rows);
        let words = voice.pick(
            "Registre : ventes moins remboursements. Écart : ce que le prestataire a comptabilisé, moins ce qui était attendu des mêmes ventes et remboursements. Une case vide : pas d'écart, ou rien de déclaré.",
            "Ledger: sales less refunds. Difference: what the provider booked, less what was expected of the same sales and refunds. A blank: no difference, or nothing stated.",
        );
        html.words("p", &[("class", "hint")], words);
    });
}

/// What is better looked at than read: the last days, and ages.
pub(super) fn charts(html: &mut Html, morning: &Morning<'_>, voice: Voice) {
    let title = voice.pick("Vendu et comptabilisé par jour", "Sold and booked by day");
    section(html, "days", title, |html| {
        let series =
            [voice.pick("vendu", "sold"), voice.pick("comptabilisé par le prestataire", "booked by the provider")];
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
            let about =
                voice.pick("Deux barres par jour : vendu, puis comptabilisé.", "Two bars a day: sold, then booked.");
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
