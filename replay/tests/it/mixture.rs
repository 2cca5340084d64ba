//! Records of everything that a ledger may hold, with real payloads, from a seed: payments of few words, so that they
//! meet, every golden fact, and all that two daemons, a wrong clock or a later release may leave in a journal.
//!
//! Invariant: one seed gives the same records, on every machine.

use std::fs;
use std::path::Path;

use talon_domain::claim::natural_stream;
use talon_domain::fact::{FactHeader, Family, Kind, Source};
use talon_domain::ids::{
    EventId, MerchantId, PartitionId, PrincipalId, ShopId, StreamId, TerminalEpoch, TerminalId, TerminalSeq,
};
use talon_domain::time::{Day, Instant};
use talon_journal::{Batch, Journal as _, MemoryJournal, PARTITIONS, encode_header, partition_of};
use talon_proto::{broadcast_id_of, decode, payload_from_json};
use talon_testkit::traffic::Dice;

mod reordered;
mod words;

pub(crate) use reordered::reordered;
use words::WORDS;

use crate::ledgers::{LEDGER, NOW, genesis_header, genesis_payload, header, ledger};

const HOUR: i64 = 3_600_000_000;
/// Two merchants of one partition, and one of another.
const MERCHANTS: [MerchantId; 3] =
    [MerchantId(732_829_320), MerchantId(839_100_575), MerchantId(0x00aa_0000_0000_0001)];

/// A record that was told, to be told again.
#[derive(Clone)]
pub(crate) struct Told {
    pub(crate) partition: PartitionId,
    pub(crate) header: FactHeader,
    pub(crate) payload: Vec<u8>,
}

/// Tells records.
pub(crate) struct Mixture {
    dice: Dice,
    goldens: Vec<(Kind, Vec<u8>)>,
    told: Vec<Told>,
    batch: Batch,
    now: Instant,
    number: u64,
}

/// A journal with so many records of a mixture behind its geneses.
pub(crate) fn journal(seed: u64, records: usize) -> MemoryJournal {
    let journal = ledger(None);
    let mut mixture = Mixture::of(seed);
    while mixture.batch.len() < records {
        mixture.tell();
    }
    journal.append(mixture.batch).wait().expect("durable");
    journal
}

/// The golden payloads of `proto`, of every kind but genesis.
fn goldens() -> Vec<(Kind, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../proto/tests/golden");
    let mut paths: Vec<_> = fs::read_dir(folder).expect("goldens").map(|entry| entry.expect("a file").path()).collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let text = fs::read_to_string(path).expect("a text");
        let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
        let kind = Kind(value("kind")?.parse().expect("a number"));
        let hex = value("payload").unwrap_or_default();
        let bytes =
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex")).collect();
        (kind != Kind::GENESIS).then_some((kind, bytes))
    };
    let found: Vec<_> = paths.iter().filter_map(read).collect();
    assert!(found.len() > 100, "every kind has goldens");
    found
}

impl Mixture {
    pub(crate) fn of(seed: u64) -> Self {
        let dice = Dice::of(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0xc01d);
        Self { dice, goldens: goldens(), told: Vec::new(), batch: Batch::new(), now: NOW, number: 0 }
    }

    /// Tells one thing, in one record or several.
    fn tell(&mut self) {
        self.pass_time();
        match self.dice.below(100) {
            0..46 => self.fact_of_a_payment(),
            46..58 => self.golden(),
            58..70 => self.again(),
            70..78 => self.otherwise(),
            78..82 => self.reversal(),
            82..87 => self.parked(),
            87..91 => self.broadcast(),
            91..94 => self.bulk(),
            94..96 => self.erasure(),
            _ => self.foreign(),
        }
    }

    fn pass_time(&mut self) {
        self.now.0 += match self.dice.below(100) {
            0..70 => 1_000_000,
            70..85 => HOUR * 5,
            85..92 => HOUR * 24 * i64::from(self.dice.between(1, 40)),
            92..98 => -HOUR * i64::from(self.dice.between(1, 70)),
            _ => -1,
        };
    }

    /// The clock of the daemon that appends: once in a while one that no calendar has, in either direction.
    fn recorded_at(&mut self) -> Instant {
        match self.dice.below(300) {
            0 => Instant(i64::MAX - 5),
            1 => Instant(-7),
            _ => self.now,
        }
    }

    fn id(&mut self) -> EventId {
        self.number += 1;
        let ms = match self.dice.below(10) {
            // Made of old content: older than all that was committed.
            0..3 => 1_000_000_000_000 + u64::from(self.dice.between(0, 4)),
            _ => u64::try_from(self.now.0 / 1_000).expect("after 1970"),
        };
        let version = if ms < 1_100_000_000_000 { 8 } else { 7 };
        let id = u128::from(ms) << 80 | version << 76 | 0b10 << 62 | u128::from(self.number);
        EventId(id.to_be_bytes())
    }

    fn header(&mut self, kind: Kind) -> FactHeader {
        let recorded_at = self.recorded_at();
        let back = self.dice.one_of(&[0, 0, 0, HOUR, HOUR * 30, HOUR * 24 * 35, -HOUR * 20]);
        let occurred_at = Instant(self.now.0 - back);
        let merchant = self.dice.one_of(&MERCHANTS);
        FactHeader {
            recorded_at,
            occurred_at,
            merchant,
            day: occurred_at.paris_day().unwrap_or(Day(20_000)),
            shop: ShopId(self.dice.between(0, 2)),
            terminal: TerminalId(self.dice.between(0, 3)),
            terminal_seq: TerminalSeq(self.dice.between(0, 12)),
            terminal_epoch: TerminalEpoch(1),
            source: Source::from_number(self.dice.between(1, 5)).expect("a source"),
            event_id: self.id(),
            stream: self.payment(),
            sealed: self.dice.percent(20),
            training: self.dice.percent(8),
            imported: self.dice.percent(10),
            clock_doubtful: self.dice.percent(5),
            ..header(kind, 0)
        }
    }

    fn payment(&mut self) -> StreamId {
        let number = u8::try_from(self.dice.below(5)).expect("few");
        StreamId(crate::ledgers::id(200 + number))
    }

    fn fact_of_a_payment(&mut self) {
        let (kind, words) = self.dice.one_of(WORDS);
        let header = self.header(kind);
        let payload = self.written(kind, words);
        self.push_fact(header, payload);
    }

    fn written(&mut self, kind: Kind, words: &str) -> Vec<u8> {
        let amount = |minor: u32| format!(r#"{{"currency":"EUR","minorUnits":"{minor}"}}"#);
        let minor = self.dice.one_of(&[5_000, 10_000, 6_978]);
        let line = |number: u32| {
            let (due, of) = (format!("2026-1{number}-25T07:00:00Z"), amount(minor));
            format!(
                r#"{{"number":{number},"dueDate":"{due}","purchaseAmount":{of},"totalAmount":{of},"originalPurchaseAmount":{of}}}"#
            )
        };
        let number = self.dice.between(1, 3).to_string();
        let name = self.dice.one_of(&["a", "b", "c"]);
        let text = words.replace("{A}", &amount(minor)).replace("{N}", &number).replace("{I}", name);
        let text = text.replace("{L1}", &line(1)).replace("{L2}", &line(2));
        payload_from_json(kind, text.as_bytes()).unwrap_or_else(|fault| panic!("{text}: {fault}"))
    }

    fn golden(&mut self) {
        let (kind, payload) = self.any_golden();
        let header = self.header(kind);
        match kind.family() {
            Family::Technical | Family::Control => {
                let header = FactHeader { source: Source::Ledger, ..header };
                self.push_fact(header, payload);
            }
            _ => self.push_fact(header, payload),
        }
    }

    fn any_golden(&mut self) -> (Kind, Vec<u8>) {
        let at = self.dice.below(self.goldens.len());
        self.goldens[at].clone()
    }

    /// A fact in the stream of its name, if it has one, or in its payment's.
    fn push_fact(&mut self, header: FactHeader, payload: Vec<u8>) {
        let mut told = Told { partition: partition_of(header.merchant), header, payload };
        if let Some(own) = natural_stream(&decode(told.header.kind, told.header.schema, &told.payload)) {
            told.header.stream = own;
        }
        self.push(told);
    }

    fn push(&mut self, told: Told) {
        let length = u16::try_from(told.payload.len()).expect("small");
        let salt = self.dice.roll().to_le_bytes().repeat(2);
        let salt: [u8; 16] = salt.as_slice().try_into().expect("16 bytes");
        let mut sealed = vec![];
        if told.header.sealed {
            sealed.resize(1 + 3 + 8 + 16 + 16, 7);
            sealed[0] = 1;
            sealed[1] = u8::try_from(self.dice.below(4)).expect("few");
            sealed[2..4].fill(0);
        }
        self.batch
            .push(told.partition, &[&encode_header(&told.header, length, &salt), &told.payload, &sealed])
            .expect("room");
        self.told.push(told);
    }

    fn one_told(&mut self) -> Option<Told> {
        let at = self.dice.below(self.told.len().max(1));
        self.told.get(at).cloned()
    }

    /// The same fact: the same bytes, its fields in another order, or under other flags that nobody compares.
    fn again(&mut self) {
        let Some(mut told) = self.one_told() else { return };
        told.header.recorded_at = self.recorded_at();
        if self.dice.percent(50) {
            told.payload = reordered(&told.payload);
        }
        if self.dice.percent(30) {
            (told.header.imported, told.header.clock_doubtful) = (true, false);
            told.header.principal = PrincipalId(9);
        }
        self.push(told);
    }

    /// An event id in other words: in its stream, in another one, of another mouth, kind or partition.
    fn otherwise(&mut self) {
        let Some(mut told) = self.one_told() else { return };
        told.header.recorded_at = self.recorded_at();
        match self.dice.below(6) {
            0 => told.header.stream = self.payment(),
            1 => told.header.training = !told.header.training,
            2 => told.header.source = self.dice.one_of(&[Source::Provider, Source::Terminal]),
            3 => told.header.occurred_at.0 -= 1,
            4 if told.header.merchant.0 == 0 => {
                told.partition = PartitionId(u16::try_from(self.dice.below(3)).expect("few"));
            }
            _ => {
                let (kind, words) = self.dice.one_of(WORDS);
                (told.header.kind, told.payload) = (kind, self.written(kind, words));
            }
        }
        if told.header.merchant.0 == 0 {
            told.header.source = Source::Ledger;
        }
        self.push(told);
    }

    fn reversal(&mut self) {
        let Some(told) = self.one_told() else { return };
        let text = format!(r#"{{"eventId":"{}"}}"#, told.header.event_id);
        let Ok(payload) = payload_from_json(Kind::FACT_REVERSED, text.as_bytes()) else { return };
        let FactHeader { merchant, stream, training, .. } = told.header;
        let header = self.header(Kind::FACT_REVERSED);
        self.push_fact(FactHeader { merchant, stream, training, ..header }, payload);
    }

    fn parked(&mut self) {
        let (_, payload) = self.any_golden();
        let kind = self.dice.one_of(&[Kind(900), Kind(1_900), Kind(2_001), Kind(3_001), Kind::SMS_SENT]);
        let header = self.header(kind);
        self.push_fact(FactHeader { schema: 9, ..header }, payload);
    }

    /// One fact that names no merchant, in several partitions; a raw one may have one id in all of them, for several
    /// names.
    fn broadcast(&mut self) {
        let all: Vec<_> = self.goldens.iter().filter(|(kind, _)| kind.is_broadcast()).cloned().collect();
        let (kind, payload) = self.dice.one_of(&all);
        let header = self.header(kind);
        let original = header.event_id;
        let is_raw = self.dice.percent(30);
        for partition in [0, 1, 2, 5].map(PartitionId) {
            let payload = if is_raw && self.dice.percent(50) { self.dice.one_of(&all).1 } else { payload.clone() };
            if decode_fails(kind, &payload) || self.dice.percent(25) {
                continue;
            }
            let own = natural_stream(&decode(kind, 1, &payload)).unwrap_or_default();
            let event_id = if is_raw { original } else { broadcast_id_of(original, partition) };
            let header = FactHeader {
                merchant: MerchantId(0),
                source: Source::Ledger,
                stream: own,
                training: false,
                event_id,
                ..header.clone()
            };
            self.push(Told { partition, header, payload });
        }
    }

    /// What came in several parts.
    fn bulk(&mut self) {
        let all: Vec<_> =
            self.goldens.iter().filter(|(kind, _)| [Kind::CHUNK, Kind::COMMIT].contains(kind)).cloned().collect();
        let (kind, payload) = self.dice.one_of(&all);
        let header = self.header(kind);
        self.push_fact(FactHeader { source: Source::Ledger, stream: StreamId::default(), ..header }, payload);
    }

    fn erasure(&mut self) {
        let header = self.header(Kind::SUBJECT_ERASED);
        let all: Vec<_> = self.goldens.iter().filter(|(kind, _)| *kind == Kind::SUBJECT_ERASED).cloned().collect();
        let payload = self.dice.one_of(&all).1;
        let source = self.dice.one_of(&[Source::Ledger, Source::Person]);
        self.push_fact(FactHeader { source, ..header }, payload);
    }

    fn foreign(&mut self) {
        let partition = PartitionId(u16::try_from(self.dice.below(usize::from(PARTITIONS))).expect("few"));
        let recorded_at = self.recorded_at();
        match self.dice.below(4) {
            0 => self.batch.push(partition, &[&[0x54], &[0xff; 150]]).expect("room"),
            1 => {
                let header = FactHeader { recorded_at, ..genesis_header(90) };
                let payload = genesis_payload(LEDGER, partition);
                self.push(Told { partition, header, payload });
                self.told.pop();
            }
            2 => {
                let header = FactHeader { recorded_at, ..self.header(Kind::SMS_SENT) };
                self.push(Told { partition, header, payload: vec![] });
                self.told.pop();
            }
            _ => {
                let header = FactHeader { sealed: false, ..self.header(Kind::FOREIGN_STUB) };
                self.push(Told { partition, header, payload: vec![0; 40] });
                self.told.pop();
            }
        }
    }
}

fn decode_fails(kind: Kind, payload: &[u8]) -> bool {
    matches!(decode(kind, 1, payload), talon_domain::fact::Payload::Parked(_))
}

#[test]
fn a_mixture_holds_everything() {
    use talon_replay::History;
    let mut mixture = Mixture::of(1);
    for (kind, words) in WORDS {
        let payload = mixture.written(*kind, words);
        assert!(!decode_fails(*kind, &payload), "{words} is not read");
        assert_eq!(decode(*kind, 1, &payload), decode(*kind, 1, &reordered(&payload)), "{words}");
    }
    let history = History::of(&journal(1, 5_000), &mut |_| {}).expect("a history");
    let counts = history.fold().counts();
    let all = [counts.facts, counts.duplicates, counts.conflicts, counts.parked, counts.copies, history.foreign()];
    assert!(all.iter().all(|count| *count >= 50), "{counts:?}, {} foreign", history.foreign());
    assert!(history.control() > 64, "{} of the ledger's own working", history.control());
    assert!(history.fold().payments().count() >= 15);
}
