//! The page: one file of HTML, with its style and its charts inside. It asks no server, runs no script, and prints on white.

use std::collections::BTreeMap;

use talon_domain::anomaly::Language;
use talon_projections::worklist::{Item, Kind};

use super::chart;
use super::foot;
use super::gather::{Morning, at_stake};
use super::html::Html;
use super::lists;
use super::parts;
use super::voice::Voice;

/// Items of one kind that the page lists; the others are in the workbook.
const LISTED_MAX: usize = 15;

const STYLE: &str = include_str!("style.css");

/// The page of a morning.
pub fn page(morning: &Morning<'_>, language: Language) -> String {
    let voice = Voice { language };
    let mut html = Html::default();
    let title = format!("{} {}", voice.pick("Rapprochement du", "Reconciliation of"), voice.day(morning.day()));
    html.raw("<!doctype html>\n");
    let lang = voice.pick("fr", "en");
    html.within("html", &[("lang", lang)], |html| {
        html.within("head", &[], |html| {
            html.empty("meta", &[("charset", "utf-8")]);
            html.empty("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
            html.words("title", &[], &title);
            html.within("style", &[], |html| html.raw(STYLE));
        });
        html.within("body", &[], |html| {
            html.raw(chart::PATTERNS);
            html.within("main", &[], |html| body(html, morning, &title, voice));
        });
    });
    html.raw("\n");
    html.end()
}

fn body(html: &mut Html, morning: &Morning<'_>, title: &str, voice: Voice) {
    let (open, resting) = morning.parted();
    html.within("header", &[], |html| {
        html.words("h1", &[], title);
        let when = format!("{} {}", voice.pick("Situation le", "As it stood on"), voice.moment(morning.at()));
        html.words("p", &[("class", "when")], &when);
        summary(html, &open, &resting, voice);
    });
    exceptions(html, morning, &open, voice);
    parts::shops(html, morning, voice);
    parts::charts(html, morning, voice);
    lists::causes(html, morning, voice);
    lists::owed(html, morning, voice);
    lists::holes(html, morning, voice);
    if !resting.is_empty() {
        foot::noted(html, morning, &resting, voice);
    }
    foot::changed(html, morning, voice);
    foot::stand(html, morning, voice);
}

/// How much there is to do, in two sentences.
fn summary(html: &mut Html, open: &[&Item], resting: &[&Item], voice: Voice) {
    let things =
        voice.count(open.len(), ["point à traiter", "points à traiter"], ["item to look at", "items to look at"]);
    let words = match open.first() {
        None => voice.pick("Rien à traiter : tout concorde.", "Nothing to do: everything agrees.").to_owned(),
        Some(first) => {
            let sums = voice.sums(at_stake(open.iter().copied()));
            let begin = voice.pick("Commencer par", "Begin with");
            format!("{things}, {sums}. {begin}{} {}.", voice.pick(" :", ":"), first.kind.words(voice.language))
        }
    };
    html.words("p", &[("class", "summary")], &words);
    if !resting.is_empty() {
        let sums = voice.sums(at_stake(resting.iter().copied()));
        let noted = voice.count(resting.len(), ["noté", "notés"], ["noted", "noted"]);
        html.words("p", &[], &format!("{noted}, {sums}."));
    }
}

/// What somebody should look at, kind by kind, with whose turn it is and what to do.
fn exceptions(html: &mut Html, morning: &Morning<'_>, open: &[&Item], voice: Voice) {
    html.within("section", &[("aria-labelledby", "first")], |html| {
        html.words("h2", &[("id", "first")], voice.pick("À traiter d'abord", "To look at first"));
        if open.is_empty() {
            return html.words("p", &[], voice.pick("Rien.", "Nothing."));
        }
        let mut kinds = BTreeMap::<Kind, Vec<&Item>>::new();
        open.iter().for_each(|item| kinds.entry(item.kind).or_default().push(item));
        for (kind, items) in &kinds {
            of_kind(html, morning, *kind, items, voice);
        }
        let hint = voice.pick(
            "Noter un point : talon note add NUMÉRO taken|waiting|known --as CODE --text \u{ab} \u{2026} \u{bb}",
            "To note an item: talon note add NUMBER taken|waiting|known --as CODE --text \u{201c}\u{2026}\u{201d}",
        );
        html.words("p", &[("class", "hint")], hint);
    });
}

fn of_kind(html: &mut Html, morning: &Morning<'_>, kind: Kind, items: &[&Item], voice: Voice) {
    let language = voice.language;
    let sums = voice.sums(at_stake(items.iter().copied()));
    html.within("article", &[], |html| {
        html.words("h3", &[], &format!("{} ({}, {sums})", kind.words(language), items.len()));
        html.within("p", &[("class", "advice")], |html| {
            let owner = format!("{}{} ", kind.owner().words(language), voice.pick(" :", ":"));
            html.words("strong", &[], &owner);
            html.text(kind.advice(language));
        });
        let heads = [
            voice.pick("N°", "No."),
            voice.pick("De quoi il s'agit", "What it is"),
            voice.pick("Où", "Where"),
            voice.pick("Jour", "Day"),
            voice.pick("Montant", "Amount"),
            voice.pick("Âge", "Age"),
        ];
        let rows = items.iter().take(LISTED_MAX).map(|item| row(morning, item, voice));
        parts::table(html, kind.words(language), &heads, &["", "", "", "d", "n", "n"], rows);
        let more = items.len().saturating_sub(LISTED_MAX);
        if more > 0 {
            let rest = voice.sums(at_stake(items.iter().skip(LISTED_MAX).copied()));
            let words = voice.count(
                more,
                ["autre dans le classeur", "autres dans le classeur"],
                ["more in the workbook", "more in the workbook"],
            );
            html.words("p", &[("class", "hint")], &format!("{words} ({rest})"));
        }
    });
}

fn row(morning: &Morning<'_>, item: &Item, voice: Voice) -> Vec<String> {
    vec![
        item.number(),
        parts::what(item, morning, voice),
        parts::place(morning, item, voice),
        voice.day(item.day),
        item.amount.map(|(currency, amount)| currency.words(amount, voice.language)).unwrap_or_default(),
        item.age.words(voice.language),
    ]
}
