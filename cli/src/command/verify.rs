//! `talon verify`: every checksum, order, zero, summary and identity. First the bytes, then what they claim: an
//! identity that stands on damaged bytes says nothing. Of the vault, what can be seen without the master key. The
//! incarnation is held against the restores and repairs that the ledger tells of. Pins are held against the roots of
//! what is there, in the pass that looks at identities.

use std::path::Path;

use serde_json::{Value, json};
use talon_domain::ids::Position;
use talon_journal::{Damage, Journal, Positions, ReadError, Verified, verify};
use talon_replay::{Finding, Identities};
use talon_vault::{Vault, VaultError};

use crate::args::{Common, VerifyArgs};
use crate::exit::Exit;
use crate::show::{Bar, Screen, Tone};
use crate::{book, incarnation, ledger};

mod kept;
mod pinned;

/// How many records pass between two words of progress.
const TELL_EVERY: u64 = 8_192;

use kept::KeptViews;
use pinned::Pinned;

pub(crate) fn run(args: &VerifyArgs, common: &Common, screen: &mut Screen) -> anyhow::Result<Exit> {
    let dir = common.ledger()?;
    ledger::require_ledger(dir)?;
    let mut pinned = Pinned::read(&args.pins)?;
    pinned.refuse_strangers(dir)?;
    let verified = checksums(dir)?;
    let evidence_holds =
        verified.damages_beyond == 0 && verified.damages.iter().all(|damage| !damage.flaw.is_evidence());
    let (findings, vault, told) =
        if evidence_holds { behind_the_bytes(dir, &mut pinned)? } else { (Vec::new(), Keys::NotChecked, None) };
    let kept = if evidence_holds { KeptViews::check(dir, &ledger::open_to_read(dir)?)? } else { None };
    let holds = findings.iter().all(|finding| !finding.oddity.is_damage())
        && !pinned.is_damage()
        && !kept.as_ref().is_some_and(KeptViews::is_damage);
    let is_sound = verified.damages.is_empty() && holds && !vault.is_damage();
    let life = incarnation::of(dir).ok();
    warn_of_life(dir, life, told, screen)?;
    if screen.is_json() {
        let mut report = report(&verified, &findings, &vault, is_sound, [life, told], &pinned);
        if let Value::Object(fields) = &mut report {
            fields.insert("views".to_owned(), kept.as_ref().map_or(Value::Null, KeptViews::report));
        }
        screen.json(&report)?;
    } else {
        tell(&verified, &findings, screen)?;
        pinned.tell(screen)?;
        kept.iter().try_for_each(|kept| kept.tell(screen))?;
        tell_vault(&vault, screen)?;
        conclude(&verified, is_sound, screen)?;
    }
    Ok(if is_sound { Exit::Done } else { Exit::DamageFound })
}

/// The bytes themselves: of an embedded ledger its files, of one on Kafka what the brokers hand out.
fn checksums(dir: &Path) -> anyhow::Result<Verified> {
    if book::address(dir)?.is_some() {
        let journal = ledger::open_to_read(dir)?;
        let bar = Bar::records(journal.ends().total(), "checksums");
        let verified = read_through(&journal, &mut |done| bar.at(done, journal.ends().total()))?;
        bar.finish();
        return Ok(verified);
    }
    let bar = Bar::bytes(0, "checksums");
    let verified = verify(dir, &mut |progress| bar.at(progress.bytes, progress.bytes_total))?;
    bar.finish();
    Ok(verified)
}

/// Every record of a topic once: the client holds each batch against its checksum, and the reader each offset against the
/// one before it.
fn read_through(journal: &dyn Journal, progress: &mut dyn FnMut(u64)) -> anyhow::Result<Verified> {
    let mut verified = Verified {
        segments: 0,
        bytes: 0,
        groups: 0,
        records: 0,
        ends: Positions::beginning(),
        torn: None,
        damages: Vec::new(),
        damages_beyond: 0,
    };
    let mut reader = journal.scan(&Positions::beginning())?;
    loop {
        match reader.next() {
            Ok(Some(stored)) => {
                verified.ends.set(stored.partition, Position(stored.position.0 + 1));
                verified.records += 1;
                verified.bytes += stored.bytes.len() as u64;
            }
            Ok(None) => return Ok(verified),
            Err(ReadError::Corrupt(damage)) => {
                verified.damages.push(*damage);
                return Ok(verified);
            }
            Err(error) => return Err(error.into()),
        }
        if verified.records.is_multiple_of(TELL_EVERY) {
            progress(verified.records);
        }
    }
}

/// The vault's file, as far as it can be looked at without the master key.
enum Keys {
    Sound,
    NotChecked,
    Wrong(VaultError),
}

impl Keys {
    /// A copy for an auditor has no vault, a busy one cannot be looked at now: that is no damage.
    const fn is_damage(&self) -> bool {
        use VaultError::{Damaged, OtherLedger, Unfinished};
        matches!(self, Self::Wrong(Damaged { .. } | OtherLedger { .. } | Unfinished { .. }))
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Sound => "sound",
            Self::Wrong(VaultError::Absent { .. }) => "absent",
            wrong if wrong.is_damage() => "damaged",
            Self::NotChecked | Self::Wrong(_) => "not_checked",
        }
    }
}

/// Whoever publishes goes by the number: one that is too low hides that something was taken back.
fn warn_of_life(dir: &Path, life: Option<u32>, told: Option<u32>, screen: &mut Screen) -> std::io::Result<()> {
    let Some((life, told)) = life.zip(told).filter(|(life, told)| life < told) else { return Ok(()) };
    let path = dir.join("incarnation");
    let says = screen
        .say("attention : le registre fut rétabli ou réparé sous", "warning: the ledger was restored or repaired as");
    let but = screen.say("et ce fichier dit", "and this file says");
    let advice = screen.say(
        "écrivez-y le plus grand numéro qu'une réponse a porté, celui-là au moins",
        "write the highest number into it that any answer carried, that one at least",
    );
    screen.remark(&format!("{says} {told}, {but} {life}: {}; {advice}", path.display()))
}

/// What is behind bytes that hold: findings, what becomes of pins, the vault, and the incarnation that facts tell.
fn behind_the_bytes(dir: &Path, pinned: &mut Pinned) -> anyhow::Result<(Vec<Finding>, Keys, Option<u32>)> {
    let journal = ledger::open_to_read(dir)?;
    let vault = Vault::check(dir, journal.identity().ledger_id);
    let bar = Bar::records(0, "identities");
    let (checked, states) =
        Identities::check_pinned(&journal, pinned.pins(), &mut |progress| bar.at(progress.done, progress.total))?;
    bar.finish();
    pinned.became(states);
    Ok((checked.findings, vault.map_or_else(Keys::Wrong, |()| Keys::Sound), incarnation::told(&journal)?))
}

fn report(
    verified: &Verified,
    findings: &[Finding],
    vault: &Keys,
    is_sound: bool,
    lives: [Option<u32>; 2],
    pinned: &Pinned<'_>,
) -> Value {
    let [life, told] = lives;
    json!({
        "type": "verification",
        "ok": is_sound,
        "incarnation": life,
        "incarnationTold": told,
        "segments": verified.segments,
        "bytes": verified.bytes,
        "groups": verified.groups,
        "records": verified.records,
        "positions": verified.ends.iter().map(|(_, next)| next.0).collect::<Vec<_>>(),
        "vault": vault.name(),
        "torn": verified.torn.as_ref().map(|torn| json!({
            "file": torn.file, "offset": torn.offset, "bytes": torn.bytes, "firstLsn": torn.first_lsn,
        })),
        "damage": verified.damages.iter().map(damage_json).collect::<Vec<_>>(),
        "damageBeyond": verified.damages_beyond,
        "findings": findings.iter().map(|finding| json!({
            "partition": finding.partition.0, "position": finding.position.0,
            "oddity": finding.oddity.to_string(), "damage": finding.oddity.is_damage(),
        })).collect::<Vec<_>>(),
        "pins": pinned.report(),
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

fn tell(verified: &Verified, findings: &[Finding], screen: &mut Screen) -> std::io::Result<()> {
    for damage in &verified.damages {
        screen.pieces(&[(&damage.to_string(), Tone::Bad)])?;
    }
    if verified.damages_beyond > 0 {
        let words = screen.say("autres endroits endommagés", "more damaged places");
        screen.pieces(&[(&format!("{} {words}", verified.damages_beyond), Tone::Bad)])?;
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
    Ok(())
}

fn tell_vault(vault: &Keys, screen: &mut Screen) -> std::io::Result<()> {
    match vault {
        Keys::Sound => Ok(()),
        Keys::NotChecked => screen.line(screen.say("coffre de clés non vérifié", "the vault was not looked at")),
        Keys::Wrong(VaultError::Absent { .. }) => screen.line(screen.say(
            "pas de coffre de clés ici : les données personnelles restent fermées",
            "there is no vault here: personal data stay closed",
        )),
        Keys::Wrong(error) => screen.pieces(&[(&error.to_string(), Tone::Bad)]),
    }
}

fn conclude(verified: &Verified, is_sound: bool, screen: &mut Screen) -> std::io::Result<()> {
    let counts = [
        screen.count(verified.records, ["enregistrement", "enregistrements"], ["record", "records"]),
        screen.count(verified.groups, ["groupe", "groupes"], ["group", "groups"]),
        screen.count(verified.segments, ["segment", "segments"], ["segment", "segments"]),
    ]
    .join(", ");
    let verdict = if is_sound {
        (screen.say("tout se tient", "all is well"), Tone::Good)
    } else {
        (screen.say("registre endommagé", "the ledger is damaged"), Tone::Bad)
    };
    screen.pieces(&[(&format!("{counts}: "), Tone::Plain), verdict])
}
