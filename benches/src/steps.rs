//! The steps of the door, each by itself over the same batches: so that what became slower has an address.
//!
//! Each step is what the product does, called as the product calls it. Together they are less than the whole, which has a
//! row of its own: between them lie the loops, the memory that they share, and the answers.

use std::hint::black_box;
use std::io;
use std::path::Path;
use std::time::Duration;

use talon_domain::fact::FactHeader;
use talon_domain::ids::{PartitionId, Position};
use talon_domain::time::Instant;
use talon_intake::{EventBatch, Group, Publisher, holds_card_number};
use talon_journal::{Batch, Hit, IdIndex, IdKey, Journal as _, Record, encode_header, partition_of};
use talon_proto::{check_payload, check_personal, walk};
use talon_vault::{Entropy, MasterKey, Vault};

use crate::Workload;
use crate::clock::{self, Watch, timed};
use crate::ledger::Ledger;
use crate::report::{Row, Section};

/// Events of one batch, as a gateway that is busy sends them.
const BATCH: usize = 1_000;

/// Steps in the order in which an event goes through them.
struct Steps {
    generate: Row,
    decode: Row,
    scan: Row,
    seal: Row,
    recognise: Row,
    encode: Row,
    frame: Row,
    sync: Row,
    answer: Row,
    whole: Row,
}

/// Measures each step over so many events.
pub(crate) fn measured(dir: &Path, events: u64) -> io::Result<Section> {
    let batches = (events / BATCH as u64).max(1);
    let row = |name: &str, ns| Row::new(name, BATCH as u64).within_ns(ns);
    let mut steps = Steps {
        generate: row("generate and encode", 170),
        decode: row("decode and check", 130),
        scan: row("scan for card numbers", 15),
        seal: row("seal the personal part of one in five", 140),
        recognise: row("recognise: look up, claim, settle", 45),
        encode: row("encode", 30),
        frame: row("frame and CRC-32C", 15),
        sync: row("write and sync, a batch a sync", 130),
        answer: row("answer", 20),
        whole: Row::new("the door as a whole, up to the journal", BATCH as u64),
    };
    let mut bench = Bench::new(dir)?;
    for _ in 0..batches {
        bench.round(&mut steps)?;
    }
    let Steps { generate, decode, scan, seal, recognise, encode, frame, sync, answer, whole } = steps;
    Ok(Section {
        name: "steps",
        about: format!("nanoseconds an event, each step by itself, best and median of {batches} batches of {BATCH}"),
        rows: vec![generate, decode, scan, seal, recognise, encode, frame, sync, answer, whole],
    })
}

struct Bench {
    workload: Workload,
    batch: EventBatch,
    events: Vec<Vec<u8>>,
    vault: Vault,
    index: IdIndex,
    entropy: Entropy,
    ledger: Ledger,
    /// What is appended past the door has a journal of its own.
    bare: Ledger,
    group: Group,
    records: Batch,
    hits: Vec<Hit>,
}

impl Bench {
    fn new(dir: &Path) -> io::Result<Self> {
        let ledger = Ledger::create(&dir.join("steps"))?;
        let vault_dir = dir.join("steps-vault");
        std::fs::create_dir_all(vault_dir.join("vault"))?;
        let mut entropy = Entropy::from_os().map_err(io::Error::other)?;
        let master = MasterKey::generate(&mut entropy);
        let id = ledger.journal.identity().ledger_id;
        let vault = Vault::create(&vault_dir, &master, id, Entropy::from_os().map_err(io::Error::other)?);
        Ok(Self {
            workload: Workload::of(1),
            batch: EventBatch::new(),
            events: Vec::new(),
            vault: vault.map_err(io::Error::other)?,
            index: IdIndex::in_memory(),
            entropy,
            ledger,
            bare: Ledger::create(&dir.join("steps-bare"))?,
            group: Group::new(),
            records: Batch::new(),
            hits: Vec::new(),
        })
    }

    fn round(&mut self, steps: &mut Steps) -> io::Result<()> {
        let now = clock::now();
        let ((), generating) = timed(|| self.workload.fill(&mut self.batch, BATCH, now));
        steps.generate.took(generating);
        self.ask_for_events(now);
        self.decode(steps);
        let headers = self.headers(now)?;
        self.seal(&headers, steps)?;
        self.recognise(&headers, now, steps);
        self.encode(&headers, steps);
        self.append(steps)?;
        self.publish(now, steps)
    }

    /// The same workload once more, an event at a time: what the steps by themselves are given.
    fn ask_for_events(&mut self, now: Instant) {
        self.events.resize_with(BATCH, Vec::new);
        for event in &mut self.events {
            event.clear();
            self.workload.write(event, now);
        }
    }

    fn decode(&self, steps: &mut Steps) {
        let check = |texts: &mut dyn FnMut(&str) -> bool| {
            for event in &self.events {
                let Ok(envelope) = walk(event) else { continue };
                let _ = black_box((envelope.identity(), envelope.stream()));
                let _ = black_box(check_payload(envelope.kind, envelope.schema, envelope.payload, texts));
                let _ = black_box(envelope.personal.map(check_personal));
            }
        };
        let ((), plain) = timed(|| check(&mut |_| true));
        let ((), scanning) = timed(|| check(&mut |text| !holds_card_number(text)));
        steps.decode.took(plain);
        steps.scan.took(scanning.saturating_sub(plain));
    }

    fn headers(&mut self, now: Instant) -> io::Result<Vec<FactHeader>> {
        let mut batch = EventBatch::new();
        self.events.iter().for_each(|event| batch.push(1, event));
        let Ledger { journal, door } = &mut self.ledger;
        let mut group = Group::new();
        door.check(&batch, &Publisher::local(), now, journal, &mut group).map_err(io::Error::other)?;
        let records = group.batch().iter().filter_map(|(_, bytes)| Record::parse(bytes).ok());
        Ok(records.map(|record| record.fact_header()).collect())
    }

    fn seal(&mut self, headers: &[FactHeader], steps: &mut Steps) -> io::Result<()> {
        self.vault.prepare(BATCH).map_err(io::Error::other)?;
        let mut sealed = Vec::new();
        let watch = Watch::start();
        for (event, header) in self.events.iter().zip(headers).filter(|(_, header)| header.sealed) {
            let Some(personal) = walk(event).ok().and_then(|envelope| envelope.personal) else { continue };
            sealed.clear();
            let bytes = encode_header(header, 0, &[0; 16]);
            let phone = talon_proto::personal_phone(personal);
            self.vault.seal(&bytes, personal, phone, &mut sealed).map_err(io::Error::other)?;
        }
        steps.seal.took(watch.read());
        Ok(())
    }

    fn recognise(&mut self, headers: &[FactHeader], now: Instant, steps: &mut Steps) {
        let keys: Vec<_> =
            headers.iter().map(|header| IdKey { merchant: header.merchant, id: header.event_id }).collect();
        let places = (0..).map(|position| (PartitionId(0), Position(position)));
        self.hits.clear();
        let watch = Watch::start();
        let looked_up = self.index.look_up(&keys, &mut self.hits);
        assert!(looked_up.is_ok(), "an index in memory answers");
        self.index.begin(now);
        keys.iter().for_each(|key| self.index.claim(*key));
        self.index.settle(places);
        steps.recognise.took(watch.read());
    }

    fn encode(&mut self, headers: &[FactHeader], steps: &mut Steps) {
        self.records.clear();
        let payload_of = |event| walk(event).map(|envelope| envelope.payload).unwrap_or_default();
        let payloads: Vec<_> = self.events.iter().map(|event| payload_of(event.as_slice())).collect();
        let watch = Watch::start();
        for (payload, header) in payloads.into_iter().zip(headers) {
            let length = u16::try_from(payload.len()).unwrap_or_default();
            let bytes = encode_header(&FactHeader { sealed: false, ..header.clone() }, length, &self.entropy.salt());
            let _ = black_box(self.records.push(partition_of(header.merchant), &[&bytes, payload]));
        }
        steps.encode.took(watch.read());
    }

    fn append(&mut self, steps: &mut Steps) -> io::Result<()> {
        let batch = std::mem::take(&mut self.records);
        let (answer, framing) = timed(|| self.bare.journal.append(batch));
        let (appended, waiting) = timed(|| answer.wait());
        self.records = appended.map_err(io::Error::other)?.into_batch();
        steps.frame.took(framing);
        steps.sync.took(waiting);
        debug_assert!(self.records.iter().all(|(_, bytes)| Record::parse(bytes).is_ok()));
        Ok(())
    }

    fn publish(&mut self, now: Instant, steps: &mut Steps) -> io::Result<()> {
        let Ledger { journal, door } = &mut self.ledger;
        let group = std::mem::take(&mut self.group);
        let before = journal.ends();
        let (submitted, admitting) = timed(|| door.submit(&self.batch, &Publisher::local(), now, journal, group));
        submitted.map_err(io::Error::other)?;
        journal.wait(&before, Duration::from_secs(10)).map_err(io::Error::other)?;
        let (group, settling) = timed(|| door.settle());
        self.group = group.unwrap_or_default();
        steps.whole.took(admitting);
        steps.answer.took(settling);
        Ok(())
    }
}
