//! A line of a table is a fact: `InstalmentDebited provider 69.78 i=2 id=D7 e=4 at=10:02`.
//!
//! The kind comes first; then, in any order, a source, an amount, `t2` for another payment, `training`, and `key=value`
//! for everything else. What a line leaves out is absent from the fact. Events are numbered by their line (`e=`).

use talon_domain::claim::natural_stream;
use talon_domain::fact::{Fact, FactHeader, Kind, Ordinal, Source, Text};
use talon_domain::ids::{
    EventId, MerchantId, PartitionId, PrincipalId, ShopId, StreamId, TerminalEpoch, TerminalId, TerminalSeq,
};
use talon_domain::money::{Amount, Currency, Money};
use talon_domain::time::{Day, Instant};

mod beside;
mod payment;

/// 2026-11-25T09:00:00Z.
pub(crate) const MORNING: Instant = Instant(1_795_597_200_000_000);
pub(crate) const MINUTE: i64 = 60_000_000;
pub(crate) const MERCHANT: MerchantId = MerchantId(732_829_320);

/// The partition that tables play in, unless a line names another: `p=3`.
pub(crate) const PARTITION: PartitionId = PartitionId(0);

pub(crate) fn event_id(number: u32) -> EventId {
    EventId(uuid(0xe, number))
}

pub(crate) fn stream_id(number: u32) -> StreamId {
    StreamId(uuid(0xa, number))
}

fn uuid(family: u8, number: u32) -> [u8; 16] {
    let mut id = [0; 16];
    id[6] = 0x70;
    id[8] = 0x80 | family;
    id[12..].copy_from_slice(&number.to_be_bytes());
    id
}

/// The facts in another order, one for each seed.
pub(crate) fn shuffled<T: Clone>(facts: &[T], seed: u64) -> Vec<T> {
    let mut random = seed;
    let mut order = facts.to_vec();
    for at in (1..order.len()).rev() {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        order.swap(at, usize::try_from(random >> 33).expect("31 bits") % (at + 1));
    }
    order
}

/// The partition whose record a line is.
pub(crate) fn partition(line: &str) -> PartitionId {
    let stated = line.split_whitespace().find_map(|word| word.strip_prefix("p="));
    stated.map_or(PARTITION, |number| PartitionId(number.parse().expect("a partition")))
}

/// The words of one line.
struct Words<'a> {
    line: &'a str,
    number: u32,
}

impl<'a> Words<'a> {
    fn all(&self) -> impl Iterator<Item = &'a str> {
        self.line.split_whitespace()
    }

    fn value(&self, key: &str) -> Option<&'a str> {
        self.all().find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    }

    fn has(&self, word: &str) -> bool {
        self.all().any(|other| other == word)
    }

    fn text(&self, key: &str) -> Option<Text> {
        self.value(key).map(Into::into)
    }

    fn count(&self, key: &str) -> u32 {
        self.value(key).map_or(0, |text| text.parse().unwrap_or_else(|_| panic!("{key} in: {}", self.line)))
    }

    fn ordinal(&self, key: &str) -> Ordinal {
        Ordinal::new(self.count(key))
    }

    fn source(&self) -> Source {
        let named = |word| Source::ALL.into_iter().find(|source| source.name() == word);
        self.all().find_map(named).unwrap_or(Source::Gateway)
    }

    fn amount(&self) -> Option<Money> {
        self.all().skip(1).find_map(|word| (!word.contains('=')).then(|| cents(word))?).map(|amount| Money {
            currency: self.value("currency").map_or(Currency::EUR, |code| Currency::parse(code).expect("a code")),
            amount,
        })
    }

    fn stream(&self) -> u32 {
        self.all().find_map(|word| word.strip_prefix('t')?.parse().ok()).unwrap_or(1)
    }

    fn occurred_at(&self) -> Instant {
        self.value("at").map_or(Instant(MORNING.0 + i64::from(self.number) * MINUTE), |at| self.instant(at))
    }

    /// `2026-11-25`.
    fn day(&self, key: &str) -> Option<Day> {
        let date = self.value(key)?;
        let numbers: Vec<u32> =
            date.split('-').map(|part| part.parse().unwrap_or_else(|_| panic!("a day: {date}"))).collect();
        Day::of(i32::try_from(numbers[0]).expect("a year"), numbers[1], numbers[2])
    }

    fn money(&self, key: &str) -> Option<Money> {
        let currency = self.value("currency").map_or(Currency::EUR, |code| Currency::parse(code).expect("a code"));
        self.value(key).map(|text| Money { currency, amount: cents(text).unwrap_or_else(|| panic!("{key}: {text}")) })
    }

    /// `10:05`, of the day that most tables play on, or a whole time.
    fn instant(&self, at: &str) -> Instant {
        let text = if at.len() == 5 { format!("2026-11-25T{at}:00Z") } else { at.to_owned() };
        let time = chrono::DateTime::parse_from_rfc3339(&text).unwrap_or_else(|_| panic!("a time in: {}", self.line));
        Instant(time.timestamp_micros())
    }
}

fn cents(word: &str) -> Option<Amount> {
    let (whole, part) = word.split_once('.')?;
    let minor = whole.parse::<u64>().ok()? * 100 + part.parse::<u64>().ok().filter(|_| part.len() == 2)?;
    Amount::new(minor)
}

/// The fact that a line tells; `number` is the line's, and the event's where it states none.
pub(crate) fn fact(line: &str, number: u32) -> Fact {
    let words = Words { line, number };
    let kind_name = words.all().next().expect("a kind");
    let kinds = [Kind::KNOWN, Kind::RESERVED].concat();
    let kind = *kinds.iter().find(|kind| kind.name() == kind_name).unwrap_or_else(|| panic!("{kind_name}"));
    let payload = payment::payload(kind, &words).unwrap_or_else(|| beside::payload(kind, &words));
    let stream = natural_stream(&payload).unwrap_or_else(|| stream_id(words.stream()));
    let occurred_at = words.occurred_at();
    let header = FactHeader {
        kind,
        schema: 1,
        recorded_at: words.value("rec").map_or(MORNING, |rec| words.instant(rec)),
        occurred_at,
        merchant: words.value("merchant").map_or(MERCHANT, |_| MerchantId(words.count("merchant").into())),
        shop: ShopId(words.count("shop")),
        terminal: TerminalId(words.count("terminal")),
        terminal_seq: TerminalSeq(words.count("seq")),
        terminal_epoch: TerminalEpoch(words.value("epoch").map_or(1, |epoch| epoch.parse().expect("an epoch"))),
        day: occurred_at.paris_day().expect("in range"),
        principal: PrincipalId(1),
        source: words.source(),
        event_id: event_id(words.value("e").map_or(number, |_| words.count("e"))),
        stream,
        sealed: kind == Kind::PHONE_VERIFIED,
        training: words.has("training"),
        imported: false,
        clock_doubtful: words.has("doubtful"),
    };
    Fact { header, payload }
}
