//! `talon transaction`: one payment, in words.

use anyhow::bail;
use serde_json::Value;
use talon_domain::anomaly::{Anomaly, Persistence};
use talon_domain::ids::{StreamId, StreamKey};
use talon_domain::money::{Amount, Money};
use talon_domain::open::open_reasons;
use talon_domain::state::{Progress, Standing, State};
use talon_domain::stream::Stream;
use talon_domain::time::Instant;
use talon_replay::History;

use crate::args::{Common, TransactionArgs};
use crate::command::transactions::{plan_words, tone};
use crate::exit::{Exit, UsageError};
use crate::ledger;
use crate::show::{Screen, Tone, as_of_foot, as_of_json, money, payment_json, totals};

pub(crate) fn run(args: &TransactionArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let (id, then) = (id(&args.id)?, args.as_of.read()?);
    let journal = ledger::open_to_read(common.ledger()?)?;
    let history = ledger::history_as_of(&journal, &then)?;
    for key in known(&history, id)? {
        let Some(stream) = history.fold().stream(key) else { continue };
        let state = stream.state(key);
        if screen.is_json() {
            let mut payment = payment_json(&state, stream, screen.language);
            if let Value::Object(fields) = &mut payment {
                fields.insert("as_of".into(), as_of_json(&then.as_of, history.positions()));
            }
            screen.json(&payment)?;
        } else {
            tell(&state, stream, screen)?;
        }
    }
    if !screen.is_json() && then.is_asked {
        screen.line("")?;
        as_of_foot(&then, history.positions(), screen)?;
    }
    Ok(Exit::Done)
}

/// A transaction id, as it was typed.
pub(crate) fn id(text: &str) -> anyhow::Result<StreamId> {
    StreamId::parse(text).ok_or_else(|| {
        UsageError("a transaction id is a UUID in lower case, as 019ab9f4-d500-7aaa-8bbb-0102030405bb".into()).into()
    })
}

/// The streams of an id: usually one.
pub(crate) fn known(history: &History, id: StreamId) -> anyhow::Result<Vec<StreamKey>> {
    let keys = history.keys_of(id);
    if keys.is_empty() {
        bail!("no transaction {id} in this ledger");
    }
    Ok(keys)
}

/// The whole story of a payment.
pub(crate) fn tell(state: &State, stream: &Stream, screen: &mut Screen) -> std::io::Result<()> {
    let language = screen.language;
    screen.heading(&format!("Transaction {}", state.key.stream))?;
    let status = state.status.words(language).to_owned();
    let sale = state.sale.map_or_else(|| "-".into(), |sale| money(sale.currency, sale.minor_units, language));
    let facts = [
        (screen.say("État", "Status"), status),
        (screen.say("Vente", "Sale"), sale),
        (screen.say("Prélevé", "Collected"), totals(&state.collected(), language)),
        (screen.say("Remboursé", "Refunded"), totals(&state.refunded(), language)),
        (screen.say("En attente", "In suspense"), totals(&state.suspense(), language)),
        (screen.say("Plan", "Plan"), plan_words(state, screen)),
        (screen.say("Prestataire", "Provider"), state.provider.as_deref().unwrap_or("-").to_owned()),
        (
            screen.say("Lieu", "Place"),
            format!(
                "{} {} / {} {} / {} {}",
                screen.say("commerçant", "merchant"),
                state.key.merchant,
                screen.say("boutique", "shop"),
                state.shop,
                screen.say("TPE", "terminal"),
                state.terminal
            ),
        ),
    ];
    for (at, (name, value)) in facts.map(|(name, value)| (format!("  {name:<12} "), value)).into_iter().enumerate() {
        let tone = if at == 0 { tone(state.status) } else { Tone::Plain };
        screen.pieces(&[(&name, Tone::Plain), (&value, tone)])?;
    }
    if state.key.training {
        let practice = screen.say("  exercice : ne compte pas", "  practice: counts no money").to_owned();
        screen.line(&practice)?;
    }
    instalments(state, screen)?;
    money_back(state, screen)?;
    story(state, stream, screen)?;
    open(state, screen)?;
    anomalies(state.anomalies.iter().chain(&stream.notes()), screen)
}

fn instalments(state: &State, screen: &mut Screen) -> std::io::Result<()> {
    let Some(agreed) = &state.plan else { return Ok(()) };
    let title = format!("{} v{}", screen.say("Échéancier", "Schedule"), agreed.version);
    screen.heading(&title)?;
    for instalment in &agreed.instalments {
        let entry = &instalment.entry;
        let progress = instalment.progress;
        let is_early = progress == Progress::Collected && instalment.paid_early;
        let early = screen.say("payée d'avance", "paid early");
        let word = if is_early { early } else { progress.words(screen.language) };
        let tone = match progress {
            Progress::Collected => Tone::Good,
            Progress::Covered => Tone::Quiet,
            Progress::Claimed | Progress::Failed => Tone::Bad,
            Progress::Due => Tone::Plain,
        };
        let amount = money(entry.currency, entry.total_amount.minor_units().into(), screen.language);
        let line = format!("  {:>2}  {}  {amount:>16}  ", entry.number, date(entry.due_date));
        screen.pieces(&[(&line, Tone::Plain), (word, tone)])?;
    }
    Ok(())
}

/// Refunds, each with its two movements, and disputes.
fn money_back(state: &State, screen: &mut Screen) -> std::io::Result<()> {
    if state.refunds.is_empty() && state.disputes.is_empty() {
        return Ok(());
    }
    screen.heading(screen.say("Rendu", "Money back"))?;
    let language = screen.language;
    let of = |whole: Money, amount: Amount| money(whole.currency, amount.minor_units().into(), language);
    for refund in &state.refunds {
        let split = refund.split.map_or_else(
            || screen.say("non ventilé", "not divided").to_owned(),
            |split| {
                let (cash, rebate) = (of(refund.money, split.cash), of(refund.money, split.rebate));
                format!("{} {cash}, {} {rebate}", screen.say("versé", "cash"), screen.say("remise", "rebate"))
            },
        );
        let name = refund.refund_id.as_deref().or(refund.request_id.as_deref()).unwrap_or("-");
        let (when, amount) = (date(refund.occurred_at), of(refund.money, refund.money.amount));
        let line = format!("  {when}  {amount:>16}  {name}  ({split}){}", standing_words(refund.standing, screen));
        screen.line(&line)?;
    }
    for dispute in &state.disputes {
        let amount = dispute.money.map_or_else(|| "?".into(), |money| of(money, money.amount));
        let (name, round) = (&dispute.dispute_id, dispute.round);
        let what = screen.say("contestation", "dispute");
        let stage = dispute.stage.words(language);
        let line = format!("  {}  {amount:>16}  {what} {name} ({round}) {stage}", date(dispute.occurred_at));
        screen.line(&line)?;
    }
    Ok(())
}

fn standing_words(standing: Option<Standing>, screen: &Screen) -> &'static str {
    match standing {
        Some(Standing::Counts) => "",
        Some(Standing::Suspense) => screen.say(" en attente", " in suspense"),
        None => screen.say(" échoué", " failed"),
    }
}

fn story(state: &State, stream: &Stream, screen: &mut Screen) -> std::io::Result<()> {
    screen.heading(screen.say("Histoire", "Story"))?;
    for moment in &stream.told().timeline {
        let (hour, minute) = moment.occurred_at.paris_time();
        let told = if moment.witnesses > 1 { format!(" x{}", moment.witnesses) } else { String::new() };
        let words = moment.slot.words(screen.language);
        let what = format!("  {} {hour:02}:{minute:02}  {words} ", date(moment.occurred_at));
        let who = format!("({}{told})", moment.source.name());
        screen.pieces(&[(&what, Tone::Plain), (&who, Tone::Quiet)])?;
    }
    for debit in state.debits.iter().filter(|debit| debit.standing == Standing::Suspense) {
        let amount = money(debit.money.currency, debit.money.amount.minor_units().into(), screen.language);
        let line = format!("  {} {amount}", screen.say("en attente :", "in suspense:"));
        screen.line(&line)?;
    }
    Ok(())
}

fn open(state: &State, screen: &mut Screen) -> std::io::Result<()> {
    let reasons = open_reasons(state);
    if reasons.is_empty() {
        return Ok(());
    }
    screen.heading(screen.say("Reste à faire", "Open"))?;
    for reason in reasons {
        screen.line(&format!("  {}", reason.words(screen.language)))?;
    }
    Ok(())
}

/// Anomalies, a sentence each.
pub(crate) fn anomalies<'a>(all: impl Iterator<Item = &'a Anomaly>, screen: &mut Screen) -> std::io::Result<()> {
    let all: Vec<_> = all.collect();
    if all.is_empty() {
        return Ok(());
    }
    screen.heading(screen.say("Anomalies", "Anomalies"))?;
    for anomaly in all {
        let waiting = match anomaly.code.persistence() {
            Persistence::Transient => screen.say(" (peut se résoudre)", " (may clear)"),
            Persistence::Permanent => "",
        };
        let code = anomaly.code.number().to_string();
        let words = format!(" {}: {}{waiting}", anomaly.slot.label(), anomaly.code.sentence(screen.language));
        screen.pieces(&[("  ", Tone::Plain), (&code, anomaly.code.severity().into()), (&words, Tone::Plain)])?;
    }
    Ok(())
}

fn date(at: Instant) -> String {
    at.paris_day().map_or_else(|| at.rfc3339(), |day| day.to_string())
}
