//! What the door does when files of its index are damaged: it makes the index again, and tries so until it can.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::sync::Arc;

use talon_domain::fact::Kind;
use talon_domain::ids::PrincipalId;
use talon_intake::{
    Broadcast, BroadcastError, Door, EventBatch, IntakeError, MessageSource, Messages, Outcome, Refusal, Seals,
};
use talon_journal::{IdIndex, IndexError, IndexSettings};
use talon_proto::payload_from_json;
use talon_testkit::{Disk, Fault};
use talon_vault::Entropy;

use crate::bench::{Bench, INITIATED, NOW, line};

/// Small enough that a few hundred ids make runs, and without filters, so that blocks are read.
fn settings() -> IndexSettings {
    IndexSettings { generation_ids: 64, section_blocks: 1, filter_bytes: 0, ..IndexSettings::new("a test", 5) }
}

/// Closes the door, and opens one whose index is on this disk and has nothing left to do.
fn open_door(bench: &mut Bench, disk: &Disk) {
    bench.door = door(IdIndex::in_memory());
    let index = IdIndex::open(Arc::new(disk.clone()), &bench.journal, &settings(), &mut |_| ());
    let mut index = index.expect("an index");
    let _ = index.rest(); // a merge may meet the damage
    bench.door = door(index);
}

fn door(index: IdIndex) -> Door {
    Door::new(index, Seals::imagined(), Entropy::from_seed([3; 32]))
}

fn publish_many(bench: &mut Bench, numbers: std::ops::Range<u32>) {
    let lines: Vec<_> = numbers.map(|number| line(number, INITIATED)).collect();
    for lines in lines.chunks(20) {
        let outcomes = bench.publish(&lines.join("\n"));
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Appended(_))), "{outcomes:?}");
    }
}

/// Damages every run between its header and its table, so that only whoever reads a block meets it.
fn damaged(disk: &Disk) -> BTreeMap<String, Vec<u8>> {
    let mut files = disk.files();
    for (_, bytes) in files.iter_mut().filter(|(name, _)| name.starts_with("run-")) {
        let end = bytes.len() - 4_096;
        bytes[4_196..end].iter_mut().step_by(4_096).for_each(|byte| *byte ^= 1);
    }
    files
}

#[test]
fn an_index_that_could_not_be_made_again_is_made_again_with_the_next_batch() {
    let (mut bench, disk) = (Bench::new(), Disk::new());
    open_door(&mut bench, &disk);
    publish_many(&mut bench, 1..401);
    bench.door = door(IdIndex::in_memory());
    let files = damaged(&disk);
    let mut failed = 0;
    for ahead in 0..16 {
        let disk = Disk::of(&files);
        open_door(&mut bench, &disk);
        disk.arm(disk.operations() + ahead, Fault::Error(ErrorKind::Other));
        let mut events = EventBatch::new();
        let said = line(1, INITIATED);
        Messages::new(said.as_bytes(), MessageSource::JsonLines).fill(&mut events, 10).expect("bytes in memory");
        let first = bench.door.publish(&events, &bench.publisher, NOW, &bench.journal, &mut bench.group);
        assert!(!matches!(first, Err(IntakeError::Index(IndexError::Damaged { .. }))), "{ahead}: {first:?}");
        failed += usize::from(first.is_err());
        let second = bench.one(&said);
        assert!(matches!(second, Outcome::Duplicate(_)), "{ahead}: {second:?}");
    }
    assert!(failed > 2, "{failed}");
}

#[test]
fn a_broadcast_makes_a_damaged_index_again_too() {
    let calendar = |reason: &str| {
        let text = format!(
            r#"{{"id":"TARGET-2026","version":1,"closedDays":[{{"day":"2026-12-25","label":"Christmas Day"}}],"authorCode":"op-1","reason":"{reason}"}}"#
        );
        payload_from_json(Kind::CALENDAR_REGISTERED, text.as_bytes()).expect("a calendar")
    };
    let tell = |bench: &mut Bench, payload: &[u8]| {
        let (kind, source_key, principal) = (Kind::CALENDAR_REGISTERED, "calendar:TARGET-2026:1", PrincipalId(1));
        bench.door.broadcast(&Broadcast { kind, source_key, payload, principal }, NOW, &bench.journal)
    };
    let (mut bench, disk) = (Bench::new(), Disk::new());
    open_door(&mut bench, &disk);
    publish_many(&mut bench, 1..101);
    assert_eq!(tell(&mut bench, &calendar("a year")).expect("told").appended, 64);
    publish_many(&mut bench, 101..301);
    bench.door = door(IdIndex::in_memory());
    open_door(&mut bench, &Disk::of(&damaged(&disk)));
    let told = tell(&mut bench, &calendar("a better year"));
    assert!(matches!(told, Err(BroadcastError::Refused(Refusal::Conflict { .. }))), "{told:?}");
}
