//! `talon open-items`: what is not finished, since when, and what stands behind it.

mod json;

use talon_domain::ids::{MerchantId, ShopId, TerminalId};
use talon_domain::money::Currency;
use talon_projections::open_items::{Asked, CauseGroup, Filter, OpenItem, by_cause, open_items, unregistered};

use crate::args::{Common, OpenItemsArgs, typed_moment};
use crate::exit::Exit;
use crate::show::{ID_COLUMNS, Screen, beneath, cut, money};
use crate::views::{self, Views};

/// How wide a shop's name is at most.
const SHOP_COLUMNS: usize = 16;

pub(crate) fn run(args: &OpenItemsArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let views = views::open(common, &args.as_of, args.merchant.map(MerchantId))?;
    let calendar = views.registry().working_days(&args.calendar);
    let asked = asked(args, &views, &calendar)?;
    let items = open_items(views.reading()?, &asked)?;
    let unchecked = unregistered(views.reading()?, &asked)?;
    if screen.is_json() {
        screen.json(&views.with_foot(json::answer(&items, &unchecked, &asked, screen.language)))?;
        return Ok(Exit::Done);
    }
    // A spreadsheet has one table: of the payments, unless the causes alone are asked for.
    if !args.list && (args.causes || !screen.is_csv()) {
        causes(&items, &asked, screen)?;
    }
    if !args.causes {
        table(&items, &views, screen)?;
    }
    let count =
        screen.count(items.len() as u64, ["paiement ouvert", "paiements ouverts"], ["open payment", "open payments"]);
    screen.line(&count)?;
    tell_unchecked(&unchecked, screen)?;
    views.foot(screen)?;
    Ok(Exit::Done)
}

/// Merchants of whose terminals nobody can say which are unknown.
fn tell_unchecked(merchants: &[MerchantId], screen: &mut Screen) -> std::io::Result<()> {
    let [first, others @ ..] = merchants else { return Ok(()) };
    let whose = if others.is_empty() {
        format!("{} {first}", screen.say("chez le commerçant", "at merchant"))
    } else {
        let count = merchants.len();
        let words = screen.say("commerçants, dont", "merchants, among them");
        format!("{} {count} {words} {first}", screen.say("chez", "at"))
    };
    let none = screen.say("aucun terminal n'est enregistré", "no terminal is registered");
    let so = screen.say(
        "on ne peut dire lesquels sont inconnus (talon register)",
        "nobody can say which are unknown (talon register)",
    );
    screen.remark(&format!("{none} {whose}: {so}"))
}

/// A cause in words, with its merchant where the list has several.
fn cause_words(group: &CauseGroup, several: bool, asked: &Asked<'_>, screen: &Screen) -> String {
    let words = group.words(screen.language, asked.at);
    match group.cause.merchant().filter(|_| several) {
        Some(merchant) => format!("{} {merchant}, {words}", screen.say("commerçant", "merchant")),
        None => words,
    }
}

/// Whether items are of more than one merchant.
fn are_several(items: &[OpenItem]) -> bool {
    items.windows(2).any(|pair| matches!(pair, [one, other] if one.key.merchant != other.key.merchant))
}

fn asked<'a>(
    args: &OpenItemsArgs,
    views: &'a Views,
    calendar: &'a talon_projections::working_days::WorkingDays,
) -> anyhow::Result<Asked<'a>> {
    let at = args.at.as_deref().map(typed_moment).transpose()?;
    let days = args.days.read()?;
    let mut asked = Asked::at(at.unwrap_or_else(|| views.at()), views.registry(), calendar);
    asked.filter = Filter {
        merchant: args.merchant.map(MerchantId),
        shop: args.place.shop.map(ShopId),
        terminal: args.place.terminal.map(TerminalId),
        provider: args.place.provider.clone(),
        days,
    };
    Ok(asked)
}

fn causes(items: &[OpenItem], asked: &Asked<'_>, screen: &mut Screen) -> std::io::Result<()> {
    let (groups, several) = (by_cause(items), are_several(items));
    if screen.is_csv() {
        let heads = [
            ("Commerçant", "Merchant"),
            ("Cause", "Cause"),
            (">Paiements", ">Payments"),
            ("Devise", "Currency"),
            (">Montant", ">Amount"),
            (">Jours ouvrés", ">Working days"),
        ];
        let rows = groups.iter().flat_map(|group| cause_rows(group, asked, screen)).collect();
        return screen.table_of(&heads, rows);
    }
    if groups.is_empty() {
        return Ok(());
    }
    let heads = [("Cause", "Cause"), (">Montant", ">Amount"), ("Le plus ancien", "Oldest")];
    let rows = groups.iter().map(|group| {
        let amounts = group.amounts.iter().map(|(currency, amount)| money(*currency, *amount, screen.language));
        let amounts = amounts.collect::<Vec<_>>().join(" + ");
        vec![cause_words(group, several, asked, screen), amounts, group.oldest.words(screen.language)]
    });
    let rows = rows.collect();
    screen.table_of(&heads, rows)?;
    screen.line("")
}

/// A cause, a row for each currency: what is added up is of one.
fn cause_rows(group: &CauseGroup, asked: &Asked<'_>, screen: &Screen) -> Vec<Vec<String>> {
    let words = group.cause.words(screen.language, asked.at);
    let row = |currency: Option<Currency>, amount: u128| {
        vec![
            group.cause.merchant().map(|merchant| merchant.to_string()).unwrap_or_default(),
            words.clone(),
            group.payments.to_string(),
            currency.map(|currency| currency.code().to_owned()).unwrap_or_default(),
            currency.map(|currency| screen.amount(currency, signed(amount))).unwrap_or_default(),
            group.oldest.business_days.to_string(),
        ]
    };
    if group.amounts.is_empty() {
        return vec![row(None, 0)];
    }
    group.amounts.iter().map(|(currency, amount)| row(Some(*currency), *amount)).collect()
}

fn table(items: &[OpenItem], views: &Views, screen: &mut Screen) -> std::io::Result<()> {
    if screen.is_csv() {
        return spreadsheet(items, screen);
    }
    if items.is_empty() {
        return Ok(());
    }
    let heads = [("Transaction", "Transaction"), ("Boutique", "Shop"), (">Montant", ">Amount"), ("Âge", "Age")];
    let rows = items.iter().flat_map(|item| rows(item, heads.len(), views, screen)).collect();
    screen.table_of(&heads, rows)
}

/// A payment, and below its id why it is open, and with which others it may be one purchase.
fn rows(item: &OpenItem, columns: usize, views: &Views, screen: &Screen) -> Vec<Vec<String>> {
    let practice = if item.key.training { " *" } else { "" };
    let whole = vec![
        format!("{}{practice}", item.key.stream),
        item.day.map(|day| cut(&views.shop_name(item.key.merchant, item.shop, day), SHOP_COLUMNS)).unwrap_or_default(),
        item.currency.map(|currency| money(currency, item.amount, screen.language)).unwrap_or_default(),
        item.age.words(screen.language),
    ];
    let twins = item.twins.len() as u64;
    let twins = (twins > 0).then(|| screen.count(twins, ["double ?", "doubles ?"], ["twin?", "twins?"]));
    let below = beneath([reasons(item, screen), twins.unwrap_or_default()], ID_COLUMNS, columns);
    std::iter::once(whole).chain(below).collect()
}

fn reasons(item: &OpenItem, screen: &Screen) -> String {
    item.reasons.iter().map(|reason| reason.reason.words(screen.language)).collect::<Vec<_>>().join(", ")
}

fn spreadsheet(items: &[OpenItem], screen: &mut Screen) -> std::io::Result<()> {
    let heads = [
        ("Commerçant", "Merchant"),
        ("Transaction", "Transaction"),
        ("Jour", "Day"),
        ("Boutique", "Shop"),
        ("TPE", "Terminal"),
        ("Prestataire", "Provider"),
        ("Devise", "Currency"),
        (">Montant", ">Amount"),
        (">Jours ouvrés", ">Working days"),
        ("Pourquoi", "Why"),
        (">Doubles ?", ">Twins?"),
    ];
    let rows = items.iter().map(|item| {
        vec![
            item.key.merchant.to_string(),
            item.key.stream.to_string(),
            item.day.map(|day| day.to_string()).unwrap_or_default(),
            item.shop.to_string(),
            item.terminal.to_string(),
            item.provider.clone(),
            item.currency.map(|currency| currency.code().to_owned()).unwrap_or_default(),
            item.currency.map(|currency| screen.amount(currency, signed(item.amount))).unwrap_or_default(),
            item.age.business_days.to_string(),
            reasons(item, screen),
            item.twins.len().to_string(),
        ]
    });
    let rows = rows.collect();
    screen.table_of(&heads, rows)
}

fn signed(amount: u128) -> i128 {
    i128::try_from(amount).unwrap_or(i128::MAX)
}
