//! The same morning as tables, whole: what the page leaves out is here. Ids, numbers of shops and tickets are texts.

use talon_domain::anomaly::Language;
use talon_domain::ids::StreamId;
use talon_projections::worklist::{About, Item, Kind, Owner};

use super::changes::Change;
use super::gather::Morning;
use crate::table::{Cell, Column, Table, Word};

/// The tables of a morning, in the order of the page.
pub fn tables(morning: &Morning<'_>, language: Language) -> Vec<Table> {
    let mut tables = vec![items(morning, language), shops(morning), payments(morning), owed(morning), payouts(morning)];
    tables.push(holes(morning));
    tables.extend(changed(morning, language));
    tables.push(stand(morning));
    tables
}

const ITEM_COLUMNS: [Column; 16] = [
    Column::text("item", ["N°", "No."], "Number of the item, as `talon note add` takes it."),
    Column::text("kind", ["Quoi", "What"], "What kind of item it is."),
    Column::text("says", ["De quoi il s'agit", "What it is"], "What is the matter, in words."),
    Column::text("owner", ["À qui", "Whose turn"], "Who has to do something first."),
    Column::text("merchant", ["SIREN", "SIREN"], "Whose."),
    Column::text("shop", ["NIC", "NIC"], "Establishment number of the shop; nothing where it is of none."),
    Column::text("shop_name", ["Boutique", "Shop"], "What the shop is called."),
    Column::text("terminal", ["TPE", "Terminal"], "Number of the terminal; nothing where it is of none."),
    Column::text("provider", ["Prestataire", "Provider"], "Registry code of the provider."),
    Column::text("stream", ["Paiement", "Payment"], "The payment, or what names the line, payout or terminal."),
    Column::day("day", ["Jour", "Day"], "The day that it is of."),
    Column::money("amount", ["Montant", "Amount"], "What is at stake."),
    Column::count("working_days", ["Jours ouvrés", "Working days"], "How old it is."),
    Column::text("note", ["Note", "Note"], "The state that somebody noted."),
    Column::text("noted_by", ["Noté par", "Noted by"], "The code of who noted it."),
    Column::day("until", ["Jusqu'au", "Until"], "When it is listed first again."),
];

fn items(morning: &Morning<'_>, language: Language) -> Table {
    Table {
        name: "items",
        title: ["À traiter", "To look at"],
        about: "An item of the morning's list; those that rest on a note are last.",
        columns: ITEM_COLUMNS.to_vec(),
        key: 1,
        rows: {
            let (open, resting) = morning.parted();
            open.into_iter().chain(resting).map(|item| item_row(morning, item, language)).collect()
        },
    }
}

fn kind_word(kind: Kind) -> Word {
    Word::of(kind.name(), |language| kind.words(language))
}

fn owner_word(owner: Owner) -> Word {
    Word::of(owner.name(), |language| owner.words(language))
}

fn number(number: u32) -> Cell {
    if number == 0 { Cell::Nothing } else { Cell::text(number.to_string()) }
}

fn item_row(morning: &Morning<'_>, item: &Item, language: Language) -> Vec<Cell> {
    let said = item.note.as_ref().map(|note| &note.said);
    vec![
        Cell::text(item.number()),
        kind_word(item.kind).into(),
        Cell::text(item.says(morning.at(), language)),
        owner_word(item.kind.owner()).into(),
        Cell::text(item.id.merchant.to_string()),
        if item.shop.0 == 0 { Cell::Nothing } else { Cell::text(item.shop.to_string()) },
        Cell::text(morning.shop_name(item.id.merchant, item.shop)),
        number(item.terminal.0),
        Cell::text(item.provider.clone()),
        Cell::text(item.id.stream.to_string()),
        item.day.into(),
        item.amount
            .map(|(currency, amount)| Cell::money(currency, i128::try_from(amount).unwrap_or(i128::MAX)))
            .unwrap_or_default(),
        Cell::count(item.age.business_days),
        said.map(|said| Word::of(said.state.name(), |language| said.state.words(language)).into()).unwrap_or_default(),
        said.map(|said| Cell::text(said.author.as_str())).unwrap_or_default(),
        said.and_then(|said| said.until).into(),
    ]
}

fn shops(morning: &Morning<'_>) -> Table {
    let rows = morning.shops.iter().map(|((merchant, shop, currency), of)| {
        let money = |minor| Cell::money(*currency, minor);
        vec![
            Cell::text(merchant.to_string()),
            if shop.0 == 0 { Cell::Nothing } else { Cell::text(shop.to_string()) },
            Cell::text(morning.shop_name(*merchant, *shop)),
            Cell::text(currency.code()),
            Cell::count(of.sales),
            money(of.sold),
            money(of.refunded),
            of.till.map(money).unwrap_or_default(),
            of.terminal.map(money).unwrap_or_default(),
            money(of.ledger()),
            of.provider.map(money).unwrap_or_default(),
            money(of.not_booked),
            Cell::count(of.waiting),
            money(of.difference),
        ]
    });
    Table {
        name: "shops",
        title: ["Boutiques", "Shops"],
        about: "A shop's day in one currency.",
        columns: vec![
            Column::text("merchant", ["SIREN", "SIREN"], "Whose."),
            Column::text("shop", ["NIC", "NIC"], "Establishment number; nothing for what is of no shop."),
            Column::text("shop_name", ["Boutique", "Shop"], "What the shop is called."),
            Column::text("currency", ["Devise", "Currency"], "Of all amounts of the row."),
            Column::count("sales", ["Ventes", "Sales"], "How many sales."),
            Column::money("sold", ["Vendu", "Sold"], "What was sold."),
            Column::money("refunded", ["Remboursé", "Refunded"], "What was given back."),
            Column::money("till", ["Caisse", "Till"], "What tills state, sales less refunds."),
            Column::money("terminal", ["Terminaux", "Terminals"], "What terminals state, sales less refunds."),
            Column::money("ledger", ["Registre", "Ledger"], "What the ledger counts, sales less refunds."),
            Column::money("provider", ["Prestataire", "Provider"], "What the provider booked of the day, before fees."),
            Column::money(
                "not_booked",
                ["Pas encore comptabilisé", "Not booked yet"],
                "What the provider has not booked yet.",
            ),
            Column::count("waiting", ["Lignes en attente", "Lines waiting"], "Of how many sales and refunds."),
            Column::money("difference", ["Écart", "Difference"], "Booked, less what was expected of the same."),
        ],
        key: 0,
        rows: rows.collect(),
    }
}

/// Every payment behind an item that tells of several, and every payment that is not finished.
fn payments(morning: &Morning<'_>) -> Table {
    let mut rows = Vec::new();
    for item in &morning.items {
        let opens = match &item.about {
            About::Terminal(_, opens) => opens.iter().collect(),
            About::Open(open) => vec![&**open],
            _ => Vec::new(),
        };
        for open in opens {
            let reasons: Vec<_> = open
                .reasons
                .iter()
                .map(|reason| {
                    let reason = reason.reason;
                    Word::of(reason.name(), |language| reason.words(language))
                })
                .collect();
            let amount = i128::try_from(open.amount).unwrap_or(i128::MAX);
            rows.push(vec![
                Cell::text(item.number()),
                Cell::text(open.key.merchant.to_string()),
                Cell::text(open.key.stream.to_string()),
                if open.shop.0 == 0 { Cell::Nothing } else { Cell::text(open.shop.to_string()) },
                number(open.terminal.0),
                Cell::text(open.provider.clone()),
                open.day.into(),
                open.currency.map(|currency| Cell::money(currency, amount)).unwrap_or_default(),
                reasons.into(),
                Cell::count(open.age.business_days),
                Cell::text(
                    open.twins
                        .iter()
                        .map(|(key, _)| key.stream)
                        .map(|stream: StreamId| stream.to_string())
                        .collect::<Vec<_>>()
                        .join(" "),
                ),
            ]);
        }
    }
    Table {
        name: "open_payments",
        title: ["Paiements ouverts", "Open payments"],
        about: "A payment that is not finished.",
        columns: vec![
            Column::text("item", ["N°", "No."], "The item that it is in."),
            Column::text("merchant", ["SIREN", "SIREN"], "Whose."),
            Column::text("transaction", ["Paiement", "Payment"], "Which payment."),
            Column::text("shop", ["NIC", "NIC"], "Establishment number of the shop."),
            Column::text("terminal", ["TPE", "Terminal"], "Number of the terminal."),
            Column::text("provider", ["Prestataire", "Provider"], "Registry code of the provider."),
            Column::day("day", ["Jour", "Day"], "The day for which it is listed."),
            Column::money("amount", ["Montant", "Amount"], "What it is about."),
            Column::text("reasons", ["Pourquoi", "Why"], "Why it is open, the oldest reason first."),
            Column::count("working_days", ["Jours ouvrés", "Working days"], "The age of the oldest reason."),
            Column::text(
                "twins",
                ["Doubles possibles", "Possible doubles"],
                "Payments that could be the same purchase.",
            ),
        ],
        key: 3,
        rows,
    }
}

fn owed(morning: &Morning<'_>) -> Table {
    let rows = morning.owed.iter().map(|((merchant, provider, currency, status), of)| {
        let status = *status;
        vec![
            Cell::text(merchant.to_string()),
            Cell::text(provider.clone()),
            Word::of(status.name(), |language| status.words(language)).into(),
            Cell::text(currency.code()),
            Cell::count(of.count),
            Cell::money(*currency, of.gross),
            Cell::money(*currency, of.net),
        ]
    });
    Table {
        name: "expected",
        title: ["Attendu et reçu", "Expected and received"],
        about: "What a provider owes a merchant and what it booked, by how far that came.",
        columns: vec![
            Column::text("merchant", ["SIREN", "SIREN"], "Whose."),
            Column::text("provider", ["Prestataire", "Provider"], "Registry code of who owes."),
            Column::text("status", ["État", "Status"], "How far it came."),
            Column::text("currency", ["Devise", "Currency"], "Of the row's amounts."),
            Column::count("lines", ["Lignes", "Lines"], "How many."),
            Column::money("gross", ["Brut", "Gross"], "Before fees: as booked, else as expected."),
            Column::money(
                "net",
                ["Net", "Net"],
                "After fees: as booked, else as expected; what is not known adds nothing.",
            ),
        ],
        key: 4,
        rows: rows.collect(),
    }
}

fn payouts(morning: &Morning<'_>) -> Table {
    let rows = morning.payouts.iter().map(|(merchant, payout)| {
        let money = |minor: Option<i128>| {
            payout.amount.zip(minor).map(|((currency, _), minor)| Cell::money(currency, minor)).unwrap_or_default()
        };
        vec![
            Cell::text(merchant.to_string()),
            Cell::text(payout.account.clone()),
            Cell::text(payout.payout_id.clone()),
            payout.day.into(),
            payout.is_returned.into(),
            money(payout.amount.map(|(_, amount)| amount)),
            money(payout.lines.map(|(_, net)| net)),
            money(payout.difference()),
        ]
    });
    Table {
        name: "payouts",
        title: ["Virements", "Payouts"],
        about: "A payout of the last seven days.",
        columns: vec![
            Column::text("merchant", ["SIREN", "SIREN"], "Whose."),
            Column::text("account", ["Compte", "Account"], "From which account."),
            Column::text("payout", ["Virement", "Payout"], "Its name there."),
            Column::day("day", ["Jour", "Day"], "The day on which it left."),
            Column::flag("returned", ["Revenu", "Came back"], "Whether it came back."),
            Column::money("amount", ["Montant", "Amount"], "How much was sent."),
            Column::money("lines", ["Ses lignes", "Its lines"], "What the lines that name it come to."),
            Column::money("difference", ["Écart", "Difference"], "Sent less its lines."),
        ],
        key: 0,
        rows: rows.collect(),
    }
}

fn holes(morning: &Morning<'_>) -> Table {
    let rows = morning.holes.iter().map(|at| {
        let owner = at.hole.owner;
        vec![
            Cell::text(at.merchant.to_string()),
            if at.shop.0 == 0 { Cell::Nothing } else { Cell::text(at.shop.to_string()) },
            number(at.terminal.0),
            Cell::count(at.epoch.0),
            Cell::count(at.hole.first.0),
            Cell::count(at.hole.last.0),
            Word::of(owner.name(), |language| owner.words(language)).into(),
        ]
    });
    Table {
        name: "holes",
        title: ["Trous", "Holes"],
        about: "Numbers of a terminal that named no event.",
        columns: vec![
            Column::text("merchant", ["SIREN", "SIREN"], "Whose."),
            Column::text("shop", ["NIC", "NIC"], "Establishment number of the shop."),
            Column::text("terminal", ["TPE", "Terminal"], "Number of the terminal."),
            Column::count("epoch", ["Époque", "Epoch"], "Which device behind the number, from 1."),
            Column::count("first", ["Premier", "First"], "The first number."),
            Column::count("last", ["Dernier", "Last"], "The last number."),
            Column::text("owner", ["Qui en répond", "Owner"], "Who answers for it."),
        ],
        key: 5,
        rows: rows.collect(),
    }
}

fn changed(morning: &Morning<'_>, language: Language) -> Option<Table> {
    let rows = morning.changes.as_ref()?.iter().map(|change| {
        let (word, item) = match change {
            Change::New(item) => (Word { name: "new", words: ["nouveau", "new"] }, item),
            Change::Other(item) => (Word { name: "changed", words: ["changé", "changed"] }, item),
            Change::Gone(item) => (Word { name: "gone", words: ["réglé", "gone"] }, item),
        };
        let mut row = vec![Cell::from(word)];
        row.extend(item_row(morning, item, language));
        row
    });
    let mut columns =
        vec![Column::text("change", ["Changement", "Change"], "What became of it since the morning before.")];
    columns.extend(ITEM_COLUMNS);
    Some(Table {
        name: "changes",
        title: ["Depuis la veille", "Since the day before"],
        about: "An item that is not as it was the morning before.",
        columns,
        key: 2,
        rows: rows.collect(),
    })
}

fn stand(morning: &Morning<'_>) -> Table {
    let stand = morning.stand();
    let mut rows = vec![
        vec![Cell::text("ledger"), Cell::text(stand.ledger.clone())],
        vec![Cell::text("positions"), Cell::text(stand.positions.clone())],
        vec![Cell::text("day"), Cell::text(morning.day().to_string())],
        vec![Cell::text("at"), Cell::text(morning.at().rfc3339())],
    ];
    rows.extend(stand.roots.iter().map(|(partition, size, root)| {
        vec![Cell::text(format!("root of partition {partition}, {size} records")), Cell::text(root.clone())]
    }));
    Table {
        name: "about",
        title: ["Sur quoi cela repose", "What it is made of"],
        about: "What the workbook is as of.",
        columns: vec![
            Column::text("name", ["Nom", "Name"], "What is told."),
            Column::text("value", ["Valeur", "Value"], "What it is."),
        ],
        key: 1,
        rows,
    }
}
