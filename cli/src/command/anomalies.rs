//! `talon anomalies`: every rule that facts do not keep, also of what belongs to no payment, and what the order of the
//! ledger found void or incomplete.

use serde_json::{Value, json};
use talon_domain::anomaly::{Anomaly, Code, Language, Severity};
use talon_domain::fact::Kind;
use talon_domain::fold::Fold;
use talon_domain::ids::{EventId, PartitionId, StreamKey};
use talon_domain::ordered::{Ruling, VoidReason};
use talon_replay::Anomalous;

use crate::args::{AnomaliesArgs, Common};
use crate::exit::Exit;
use crate::ledger;
use crate::show::{Screen, anomaly_json, as_of_foot, as_of_json};

pub(crate) fn run(args: &AnomaliesArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let then = args.as_of.read()?;
    let journal = ledger::open_to_read(common.ledger()?)?;
    let history = ledger::history_as_of(&journal, &then)?;
    let mut found = talon_replay::anomalies(history.fold());
    found.retain(|one| args.lets_through(one));
    if screen.is_json() {
        let (fold, language) = (history.fold(), screen.language);
        let anomalies: Vec<_> = found.iter().map(|one| placed_json(one, language)).collect();
        let void: Vec<_> = voids(fold).map(|void| void.json()).collect();
        let bulk = |(partition, bulk, code): (PartitionId, EventId, Code)| json!({ "partition": partition.0, "bulkId": bulk.to_string(), "name": code.name() });
        let bulks: Vec<_> = incomplete(fold).map(bulk).collect();
        screen.json(&json!({
            "type": "anomalies", "anomalies": anomalies, "void": void, "incompleteBulks": bulks,
            "as_of": as_of_json(&then.as_of, history.positions()),
        }))?;
        return Ok(Exit::Done);
    }
    rows(&found, screen)?;
    beside(history.fold(), screen)?;
    let count = screen.count(found.len() as u64, ["anomalie", "anomalies"], ["anomaly", "anomalies"]);
    screen.line(&count)?;
    as_of_foot(&then, history.positions(), screen)?;
    Ok(Exit::Done)
}

impl AnomaliesArgs {
    fn lets_through(&self, one: &Anomalous) -> bool {
        self.merchant.is_none_or(|merchant| one.key.merchant.0 == merchant)
            && self.code.is_none_or(|code| one.anomaly.code.number() == code)
            && (!self.errors || one.anomaly.code.severity() == Severity::Error)
    }
}

fn rows(found: &[Anomalous], screen: &mut Screen) -> std::io::Result<()> {
    let heads = [
        ">Code".to_owned(),
        screen.say("Marchand", "Merchant").to_owned(),
        screen.say("Où", "Where").to_owned(),
        screen.say("Quoi", "What").to_owned(),
    ];
    let rows = found.iter().map(|Anomalous { key, is_payment, anomaly }| {
        let place = place(*key, *is_payment, anomaly);
        let sentence = anomaly.code.sentence(screen.language).to_owned();
        vec![anomaly.code.number().to_string(), key.merchant.to_string(), place, sentence]
    });
    let rows = rows.collect();
    screen.table(&heads.each_ref().map(String::as_str), rows)
}

/// A payment by its id; what belongs to none is named by its slot alone.
fn place(key: StreamKey, is_payment: bool, anomaly: &Anomaly) -> String {
    if is_payment { format!("{} {}", key.stream, anomaly.slot.label()) } else { anomaly.slot.label() }
}

fn placed_json(one: &Anomalous, language: Language) -> Value {
    let mut placed = anomaly_json(&one.anomaly, language);
    if let Value::Object(fields) = &mut placed {
        fields.insert("merchant".into(), one.key.merchant.to_string().into());
        fields.insert("stream".into(), one.key.stream.to_string().into());
        fields.insert("payment".into(), one.is_payment.into());
    }
    placed
}

/// What only the order of the ledger can say.
fn beside(fold: &Fold, screen: &mut Screen) -> std::io::Result<()> {
    for Void { partition, event, kind, reason } in voids(fold) {
        screen.line(&format!("p{partition} {event} {}: {}", kind.name(), reason.name()))?;
    }
    for (partition, bulk, code) in incomplete(fold) {
        screen.line(&format!("p{partition} {bulk}: {}", code.sentence(screen.language)))?;
    }
    Ok(())
}

/// A fact that the order of the ledger found void.
struct Void {
    partition: PartitionId,
    event: EventId,
    kind: Kind,
    reason: VoidReason,
}

impl Void {
    fn json(&self) -> Value {
        json!({
            "partition": self.partition.0, "eventId": self.event.to_string(), "kind": self.kind.name(),
            "reason": self.reason.name(),
        })
    }
}

fn voids(fold: &Fold) -> impl Iterator<Item = Void> {
    fold.partitions().flat_map(|(partition, fold)| {
        fold.rulings().all().iter().filter_map(move |(event, kind, ruling)| match ruling {
            Ruling::Void(reason) => Some(Void { partition, event: *event, kind: *kind, reason: *reason }),
            Ruling::Valid => None,
        })
    })
}

fn incomplete(fold: &Fold) -> impl Iterator<Item = (PartitionId, EventId, Code)> {
    fold.partitions().flat_map(|(partition, fold)| {
        fold.bulks().incomplete().map(move |(bulk, code)| (partition, EventId(bulk.0), code))
    })
}
