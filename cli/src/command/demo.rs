//! `talon demo`: a trading day, published through the same door as everything else, and what the ledger makes of it.
//!
//! The clock is the script's, so that a seed is a day: the same events, the same digest, on every machine. Behind the day
//! the demo asks what anybody may ask, by the commands that anybody would type.

mod totals;
mod walk;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde_json::Value;
use talon_domain::fact::TicketKind;
use talon_domain::ids::{MerchantId, ShopId, StreamKey};
use talon_domain::open::{OpenReason, open_reasons};
use talon_domain::state::State;
use talon_domain::stream::Stream;
use talon_domain::time::Instant;
use talon_intake::{EventBatch, Outcome, Publisher};
use talon_journal::Journal;
use talon_proto::event_from_json;
use talon_receipts::{Particulars, Width, layout};
use talon_replay::History;

use crate::args::{Common, DemoArgs};
use crate::command::publish::Tally;
use crate::command::receipt::masked_phone;
use crate::demo::{Day, Shop, Statement, day};
use crate::exit::{Exit, UsageError};
use crate::keys::{Masks, place};
use crate::ledger;
use crate::show::{Bar, Screen, Tone, money};
use walk::Walk;

/// Where the demo is left when nobody says where.
const DEFAULT_DIR: &str = "talon-demo";
/// Marks a folder that a demo made, and may make again.
const MARK: &str = ".talon-demo";
/// The script's minutes: what arrives in one is made durable together.
const MINUTE: i64 = 60_000_000;
/// How many payments that are open for the same reasons are listed one by one.
const OPEN_OF_A_KIND: usize = 2;

pub(crate) fn run(args: &DemoArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let dir = prepare(args.dir.as_deref())?;
    let day = day(args.seed);
    write_lines(&dir, &day)?;
    write_statements(&dir, &day)?;
    let ledger_dir = dir.join("ledger");
    let own_key = common.with_key(dir.join("ledger.key"));
    let tally = play(&ledger_dir, &day, &own_key)?;

    let journal = ledger::open_to_read(&ledger_dir)?;
    let history = ledger::history(&journal)?;
    let payments: Vec<_> = history.fold().payments().map(|(key, stream)| (key, stream.state(key))).collect();
    let walk = walk::of(&dir, &day, &payments, args.evening)?;
    if screen.is_json() {
        let mut answer = serde_json::json!({
            "type": "demo", "dir": dir.display().to_string(), "seed": args.seed, "appended": tally.appended,
            "duplicates": tally.duplicates, "payments": payments.len(), "featured": day.featured.to_string(),
            "digest": history.digest().1.to_string(), "statements": statements_json(&dir, &day),
        });
        if let (Some(fields), Value::Object(more)) = (answer.as_object_mut(), walk.json(&journal, common)?) {
            fields.extend(more);
        }
        screen.json(&answer)?;
        return Ok(Exit::Done);
    }
    opening(&dir, &day, &tally, &payments, screen)?;
    totals::by_shop_and_provider(&payments, &day, screen)?;
    open_items(&payments, &day.shops, screen)?;
    anomalies(&payments, &history, screen)?;
    terminals(&history, &day, screen)?;
    tickets(&journal, &ledger_dir, &own_key, &history, &day, screen)?;
    let exit = walk.take(screen)?;
    next_steps(&walk, &day, &history, screen)?;
    Ok(exit)
}

/// Where the provider's files are, and what is wrong in them on purpose.
fn statements_json(dir: &Path, day: &Day) -> Vec<Value> {
    let of = |statement: &Statement| {
        let differences =
            statement.differences.iter().map(|(what, id)| serde_json::json!({ "what": what.name(), "id": id }));
        serde_json::json!({
            "merchant": statement.merchant.to_string(),
            "file": dir.join(file_of(statement.merchant)).display().to_string(),
            "differences": differences.collect::<Vec<_>>(),
        })
    };
    day.statements.iter().map(of).collect()
}

/// An empty folder: the one that was asked for, or the demo's own, made anew.
fn prepare(asked: Option<&Path>) -> anyhow::Result<PathBuf> {
    let dir = asked.unwrap_or(Path::new(DEFAULT_DIR)).to_owned();
    let filled = fs::read_dir(&dir).is_ok_and(|mut entries| entries.next().is_some());
    if filled && (asked.is_some() || !dir.join(MARK).exists()) {
        return Err(UsageError(format!("{} is not empty: give an empty folder with --dir", dir.display())).into());
    }
    if filled {
        fs::remove_dir_all(&dir).with_context(|| format!("{} cannot be made anew", dir.display()))?;
    }
    fs::create_dir_all(&dir).with_context(|| format!("{} cannot be made", dir.display()))?;
    fs::write(dir.join(MARK), "made by `talon demo`; a further run replaces this folder\n")?;
    Ok(dir)
}

/// The day as a file. Its persons are invented; whoever copies this habit has real ones, so it is its owner's alone.
fn write_lines(dir: &Path, day: &Day) -> anyhow::Result<()> {
    let lines: String = day.arrivals.iter().flat_map(|arrival| [arrival.json.as_str(), "\n"]).collect();
    let path = dir.join("day.jsonl");
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    let written = file.and_then(|mut file| file.write_all(lines.as_bytes()));
    written.with_context(|| format!("{} cannot be written", path.display()))
}

/// What the provider's account says the next morning, a file for each company.
fn write_statements(dir: &Path, day: &Day) -> anyhow::Result<()> {
    for statement in &day.statements {
        let path = dir.join(file_of(statement.merchant));
        fs::write(&path, &statement.json).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}

fn file_of(merchant: MerchantId) -> String {
    format!("alma-{merchant}.json")
}

/// Publishes the day, minute by minute, by the script's clock.
fn play(dir: &Path, day: &Day, common: &Common) -> anyhow::Result<Tally> {
    let Some(first) = day.arrivals.first() else { bail!("the script tells of an empty day") };
    ledger::create(dir, None, "", &place(dir, common), first.at)?;
    let mut writing = ledger::open_to_write(dir, common)?;
    let bar = Bar::records(day.arrivals.len() as u64, "playing");
    let (mut tally, mut done) = (Tally::default(), 0u64);
    let mut events = EventBatch::new();
    for minute in day.arrivals.chunk_by(|a, b| a.at.0.div_euclid(MINUTE) == b.at.0.div_euclid(MINUTE)) {
        events.clear();
        for arrival in minute {
            done += 1;
            events.push_with(done, |out| Ok(event_from_json(arrival.json.as_bytes(), out)?));
        }
        let now = minute.last().map_or(Instant::default(), |arrival| arrival.at);
        let outcomes = writing.door.publish(&events, &Publisher::local(), now, &writing.journal, &mut writing.group)?;
        for outcome in &outcomes {
            tally.count(outcome);
            if let Outcome::Refused(refusal) = outcome {
                bail!("the demo's own event was refused: {refusal}");
            }
        }
        bar.at(done, day.arrivals.len() as u64);
    }
    bar.finish();
    writing.door.close()?; // the demo's own ledger: nothing but the disk can fail here
    Ok(tally)
}

type Payments = [(StreamKey, State)];

fn opening(dir: &Path, day: &Day, tally: &Tally, payments: &Payments, screen: &mut Screen) -> std::io::Result<()> {
    let line = format!(
        "{}, {}, {} ({}).",
        screen.count(day.shops.len() as u64, ["boutique", "boutiques"], ["shop", "shops"]),
        screen.count(payments.len() as u64, ["paiement", "paiements"], ["payment", "payments"]),
        screen.count(tally.appended, ["fait ajouté", "faits ajoutés"], ["fact appended", "facts appended"]),
        screen.count(
            tally.duplicates,
            ["répétition reconnue", "répétitions reconnues"],
            ["repeat recognised", "repeats recognised"]
        ),
    );
    screen.line(&line)?;
    screen.line(&dir.display().to_string())
}

fn known(merchant: MerchantId, shop: ShopId, shops: &[Shop]) -> Option<&Shop> {
    shops.iter().find(|known| (known.merchant, known.shop) == (merchant, shop))
}

/// A shop by its name; money that nobody has placed yet by its company.
fn name_of(merchant: MerchantId, shop: ShopId, shops: &[Shop], screen: &Screen) -> String {
    let nowhere = || format!("{merchant} {}", screen.say("boutique ?", "shop ?"));
    known(merchant, shop, shops).map_or_else(nowhere, |known| known.name.to_owned())
}

/// Payments that are not finished.
fn open(payments: &Payments) -> impl Iterator<Item = (&StreamKey, &State)> {
    let open = payments.iter().filter(|(key, state)| !key.training && !open_reasons(state).is_empty());
    open.map(|(key, state)| (key, state))
}

fn open_items(payments: &Payments, shops: &[Shop], screen: &mut Screen) -> std::io::Result<()> {
    let open: Vec<_> = open(payments).map(|(key, state)| (key, state, open_reasons(state))).collect();
    screen.heading(&format!("{} ({})", screen.say("Ce qui reste à faire", "What is open"), open.len()))?;
    let mut kinds: BTreeMap<_, usize> = BTreeMap::new();
    let mut is_shown = |reasons: &Vec<OpenReason>| {
        let of_it = kinds.entry(reasons.clone()).or_default();
        *of_it += 1;
        *of_it <= OPEN_OF_A_KIND
    };
    let rows: Vec<_> = open
        .iter()
        .filter(|(_, _, reasons)| is_shown(reasons))
        .map(|(key, state, reasons)| {
            let words: Vec<_> = reasons.iter().map(|reason| reason.words(screen.language)).collect();
            let sale = state.sale.map_or_else(|| "-".into(), |s| money(s.currency, s.minor_units, screen.language));
            vec![key.stream.to_string(), name_of(key.merchant, state.shop, shops, screen), sale, words.join(", ")]
        })
        .collect();
    let more = open.len() - rows.len();
    let heads = [
        "Transaction".to_owned(),
        screen.say("Boutique", "Shop").to_owned(),
        format!(">{}", screen.say("Vente", "Sale")),
        screen.say("Pourquoi", "Why").to_owned(),
    ];
    screen.table(&heads.each_ref().map(String::as_str), rows)?;
    if more > 0 {
        screen.line(&format!("  {more} {} `talon transactions --open`", screen.say("autres :", "more:")))?;
    }
    Ok(())
}

fn anomalies(payments: &Payments, history: &History, screen: &mut Screen) -> std::io::Result<()> {
    let mut found: BTreeMap<_, (u32, StreamKey)> = BTreeMap::new();
    for (key, state) in payments.iter().filter(|(key, _)| !key.training) {
        let notes = history.fold().stream(*key).map(Stream::notes).unwrap_or_default();
        for anomaly in state.anomalies.iter().chain(&notes) {
            found.entry(anomaly.code).or_insert((0, *key)).0 += 1;
        }
    }
    screen.heading(screen.say("Anomalies, et pourquoi", "Anomalies, and why"))?;
    for (code, (count, example)) in found {
        let sentence = format!(" {count:>3}x {}", code.sentence(screen.language));
        let number = code.number().to_string();
        screen.pieces(&[("  ", Tone::Plain), (&number, code.severity().into()), (&sentence, Tone::Plain)])?;
        let see = format!("            {} {}", screen.say("voir", "see"), example.stream);
        screen.pieces(&[(&see, Tone::Quiet)])?;
    }
    Ok(())
}

/// Every terminal with its holes, and what is found of them, in the evening: by the script's clock.
fn terminals(history: &History, day: &Day, screen: &mut Screen) -> std::io::Result<()> {
    let evening = day.arrivals.last().map(|arrival| arrival.at).unwrap_or_default();
    screen.heading(screen.say("Les TPE le soir", "The terminals in the evening"))?;
    super::terminals::show(history.fold(), evening, screen)
}

/// One customer's three tickets, side by side.
fn tickets(
    journal: &dyn Journal,
    dir: &Path,
    common: &Common,
    history: &History,
    day: &Day,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let mut masks = Masks::new(dir, common, journal.identity().ledger_id, screen)?;
    for key in history.keys_of(day.featured) {
        let Some(stream) = history.fold().stream(key) else { continue };
        let state = stream.state(key);
        let phone = masked_phone(journal, key, &mut masks)?;
        let shop = known(key.merchant, state.shop, &day.shops);
        let before = before_acceptance(&state, stream, key);
        let paper = |kind, state: &State| {
            let shop_name = shop.map(|shop| shop.name);
            let of = Particulars { shop_name, masked_phone: phone.as_deref(), ..Particulars::of(state) };
            layout(kind, &of).map(|layout| layout.text(Width::Columns24)).unwrap_or_default()
        };
        let papers = [
            paper(TicketKind::InProgress, &before),
            paper(TicketKind::Customer, &state),
            paper(TicketKind::Till, &state),
        ];
        screen.heading(screen.say("Les trois tickets d'une cliente", "One customer's three tickets"))?;
        side_by_side(&papers, screen)?;
    }
    Ok(())
}

/// The payment as it was when its first ticket was printed: the facts that came before its acceptance.
fn before_acceptance(state: &State, stream: &Stream, key: StreamKey) -> State {
    let Some(accepted) = &state.acceptance else { return state.clone() };
    let earlier = stream.facts().filter(|fact| fact.header.occurred_at < accepted.occurred_at);
    earlier.cloned().collect::<Stream>().state(key)
}

fn side_by_side(papers: &[String], screen: &mut Screen) -> std::io::Result<()> {
    let columns: Vec<Vec<&str>> = papers.iter().map(|paper| paper.lines().collect()).collect();
    let height = columns.iter().map(Vec::len).max().unwrap_or_default();
    for row in 0..height {
        let cells = columns.iter().map(|column| column.get(row).copied().unwrap_or_default());
        let line: Vec<_> = cells.map(|cell| format!("{cell:<24}")).collect();
        screen.line(format!("  {}", line.join("    ")).trim_end())?;
    }
    Ok(())
}

fn next_steps(walk: &Walk, day: &Day, history: &History, screen: &mut Screen) -> std::io::Result<()> {
    screen.heading(screen.say("Et ensuite", "What next"))?;
    walk.further(day).iter().try_for_each(|command| screen.line(&format!("  {command}")))?;
    let (fold, digest) = history.digest();
    screen.line("")?;
    screen.line(&format!("{} (fold {fold}) {digest}", screen.say("Empreinte de l'état", "State digest")))
}
