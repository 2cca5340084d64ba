//! `talon verify`: every checksum, order, zero, summary and identity. First the bytes, then what they claim: an
//! identity that stands on damaged bytes says nothing.

use serde_json::{Value, json};
use talon_journal::{Damage, Verified, verify};
use talon_replay::{Finding, Identities};

use crate::args::Common;
use crate::exit::Exit;
use crate::ledger;
use crate::show::{Bar, Screen, Tone};

pub(crate) fn run(common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let dir = common.ledger()?;
    ledger::require_ledger(dir)?;
    let bar = Bar::bytes(0, "checksums");
    let verified = verify(dir, &mut |progress| bar.at(progress.bytes, progress.bytes_total))?;
    bar.finish();
    let evidence_holds = verified.damages.iter().all(|damage| !damage.flaw.is_evidence());
    let findings = if evidence_holds { identities(dir)? } else { Vec::new() };
    let is_sound = verified.damages.is_empty() && findings.iter().all(|finding| !finding.oddity.is_damage());
    if screen.is_json() {
        screen.json(&report(&verified, &findings, is_sound))?;
    } else {
        tell(&verified, &findings, is_sound, screen)?;
    }
    Ok(if is_sound { Exit::Done } else { Exit::DamageFound })
}

fn identities(dir: &std::path::Path) -> anyhow::Result<Vec<Finding>> {
    let journal = ledger::open_to_read(dir)?;
    let bar = Bar::records(0, "identities");
    let checked = Identities::check(&journal, &mut |progress| bar.at(progress.done, progress.total))?;
    bar.finish();
    Ok(checked.findings)
}

fn report(verified: &Verified, findings: &[Finding], is_sound: bool) -> Value {
    json!({
        "ok": is_sound,
        "segments": verified.segments,
        "bytes": verified.bytes,
        "groups": verified.groups,
        "records": verified.records,
        "positions": verified.ends.iter().map(|(_, next)| next.0).collect::<Vec<_>>(),
        "torn": verified.torn.as_ref().map(|torn| json!({
            "file": torn.file, "offset": torn.offset, "bytes": torn.bytes, "firstLsn": torn.first_lsn,
        })),
        "damage": verified.damages.iter().map(damage_json).collect::<Vec<_>>(),
        "findings": findings.iter().map(|finding| json!({
            "partition": finding.partition.0, "position": finding.position.0,
            "oddity": finding.oddity.to_string(), "damage": finding.oddity.is_damage(),
        })).collect::<Vec<_>>(),
    })
}

fn damage_json(damage: &Damage) -> Value {
    json!({
        "file": damage.file,
        "offset": damage.offset,
        "bytes": damage.bytes,
        "flaw": damage.flaw.to_string(),
        "evidence": damage.flaw.is_evidence(),
        "records": damage.records.iter().map(|span| json!({
            "partition": span.partition.0, "first": span.first.0, "last": span.last.0,
        })).collect::<Vec<_>>(),
    })
}

fn tell(verified: &Verified, findings: &[Finding], is_sound: bool, screen: &mut Screen) -> std::io::Result<()> {
    for damage in &verified.damages {
        let line = screen.toned(&damage.to_string(), Tone::Bad);
        screen.line(&line)?;
    }
    for finding in findings {
        screen.line(&finding.to_string())?;
    }
    if let Some(torn) = &verified.torn {
        let words = screen.say(
            "un dernier groupe n'a jamais été durable ; le prochain écrivain le coupera",
            "a last group was never durable; the next writer cuts it",
        );
        let line = format!("{} offset {}: {words}", torn.file, torn.offset);
        screen.line(&line)?;
    }
    let counts = format!(
        "{} {}, {} {}, {} {}",
        verified.records,
        screen.say("enregistrements", "records"),
        verified.groups,
        screen.say("groupes", "groups"),
        verified.segments,
        screen.say("segments", "segments"),
    );
    let verdict = if is_sound {
        screen.toned(screen.say("tout se tient", "all is well"), Tone::Good)
    } else {
        screen.toned(screen.say("registre endommagé", "the ledger is damaged"), Tone::Bad)
    };
    screen.line(&format!("{counts}: {verdict}"))
}
