//! The lists of the page: unfinished payments by cause, what is expected and came, holes with who answers for them.

use std::collections::BTreeMap;

use talon_domain::money::Currency;
use talon_projections::worklist::{About, Item, Kind};

use super::gather::Morning;
use super::html::Html;
use super::parts::{long_table, section};
use super::voice::Voice;

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
        let mut rows = causes
            .into_iter()
            .map(|(words, (count, sums, oldest))| vec![words, count.to_string(), voice.sums(sums), oldest.to_string()]);
        let heads = [
            voice.pick("Cause", "Cause"),
            voice.pick("Paiements", "Payments"),
            voice.pick("Montant", "Amount"),
            voice.pick("Le plus ancien, jours ouvrés", "Oldest, working days"),
        ];
        long_table(html, title, (&heads, &["", "n", "n", "n"]), &mut rows, voice);
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
        let mut rows = morning.owed.iter().map(|((merchant, provider, currency, status), of)| {
            vec![
                morning.merchant_name(*merchant),
                provider.clone(),
                status.words(voice.language).to_owned(),
                of.count.to_string(),
                voice.money(*currency, of.gross),
                voice.money(*currency, of.net),
            ]
        });
        long_table(html, title, (&heads, &["", "", "", "n", "n", "n"]), &mut rows, voice);
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
    let mut rows = morning.payouts.iter().map(|(merchant, payout)| {
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
    long_table(html, title, (&heads, &["", "", "", "n", "n", "n strong"]), &mut rows, voice);
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
        let mut rows = morning.holes.iter().map(|at| {
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
        long_table(html, title, (&heads, &["", "", "", ""]), &mut rows, voice);
    });
}
