//! `talon erase`: a payment's person is erased. The ledger says so, and the keys are destroyed; no record changes.

use std::collections::BTreeSet;

use serde_json::json;
use talon_domain::fact::Kind;
use talon_domain::ids::{MerchantId, StreamId};
use talon_intake::{Erased, Subject};
use talon_journal::{Journal, Positions, Record};
use talon_proto::payload_from_json;

use crate::args::{Common, EraseArgs};
use crate::exit::{Exit, UsageError};
use crate::ledger::Writing;
use crate::show::Screen;
use crate::{clock, ledger};

pub(crate) fn run(args: &EraseArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let stream = StreamId::parse(&args.transaction)
        .ok_or_else(|| UsageError(format!("{} is no payment's id", args.transaction)))?;
    let said = json!({ "authorCode": args.author_code, "reason": args.reason });
    let payload = payload_from_json(Kind::SUBJECT_ERASED, said.to_string().as_bytes())?;
    let Writing { journal, mut door, .. } = ledger::open_to_write(common.ledger()?, common)?;
    let subjects = subjects(stream, &journal)?;
    if subjects.is_empty() {
        return Err(UsageError(format!("{stream} is in no record")).into());
    }
    for (merchant, training) in subjects {
        let subject = Subject { merchant, stream, training };
        let erased = door.erase(&subject, &payload, clock::now(), &journal)?;
        tell(&subject, &erased, screen)?;
    }
    door.close()?;
    Ok(Exit::Done)
}

/// Whose payments have this id: as a rule one merchant's.
fn subjects(stream: StreamId, journal: &dyn Journal) -> anyhow::Result<BTreeSet<(MerchantId, bool)>> {
    let mut subjects = BTreeSet::new();
    let mut reader = journal.scan(&Positions::beginning())?;
    while let Some(stored) = reader.next()? {
        let Ok(record) = Record::parse(stored.bytes) else { continue };
        let header = record.fact_header();
        if header.stream == stream && header.merchant.0 != 0 {
            subjects.insert((header.merchant, header.training));
        }
    }
    Ok(subjects)
}

fn tell(subject: &Subject, erased: &Erased, screen: &mut Screen) -> std::io::Result<()> {
    let keys = u64::try_from(erased.keys).unwrap_or(u64::MAX);
    if screen.is_json() {
        return screen.json(&json!({
            "type": "erasure", "merchant": subject.merchant.0, "transactionId": subject.stream.to_string(),
            "training": subject.training, "keys": keys, "before": erased.was_told,
            "partition": erased.place.partition.0, "position": erased.place.position.0,
        }));
    }
    let destroyed = screen.count(keys, ["clé détruite", "clés détruites"], ["key destroyed", "keys destroyed"]);
    let told = screen.say("le registre le dit en", "the ledger says so at");
    screen.line(&format!("{} ({}): {destroyed}; {told} {}", subject.stream, subject.merchant, erased.place))
}
