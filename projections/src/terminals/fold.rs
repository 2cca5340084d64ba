//! What one stream comes to in terminals: the numbers that its facts carried, the days on which devices and shops were
//! named, what is said of numbers, and both sides of the totals of a day.

use talon_domain::fact::{Direction, Fact, Family, Kind, Payload, Source, Text};
use talon_domain::ids::{MerchantId, ShopId, TerminalId};
use talon_domain::money::{Currency, Money};
use talon_domain::state::{Refund, Standing, State};
use talon_domain::stream::Stream;
use talon_domain::time::{Day, Instant};

use super::happened;
use super::row::{
    COUNT, DELAY, Device, FACTS, FIRST, LAST, Line, NET, PAYMENTS, REGISTRY, TOTALS, TRADE, Teller, Word, block,
    seconds, used, used_first, write_device, write_provider,
};
use crate::cells::Code;
use crate::registry::epoch;
use crate::rows::Rows;
use crate::store::{Merge, Table};
use crate::table::{COUNTED, DEVICE_DAYS, SEQUENCE_WORDS, SEQUENCES, SHOP_DAYS, STATED};
use crate::view::{Known, View};

/// The view of terminals.
pub struct TerminalsView;

impl View for TerminalsView {
    fn name(&self) -> &'static str {
        "terminals"
    }

    fn version(&self) -> u16 {
        1
    }

    fn tables(&self) -> &'static [(Table, Merge)] {
        &[
            (SEQUENCES, Merge::Cells),
            (DEVICE_DAYS, Merge::Cells),
            (SHOP_DAYS, Merge::Cells),
            (SEQUENCE_WORDS, Merge::Latest),
            (STATED, Merge::Latest),
            (COUNTED, Merge::Cells),
        ]
    }

    fn rows(&self, known: &Known<'_>, rows: &mut Rows) {
        if known.key.merchant.0 == 0 {
            return;
        }
        let mut seen = Seen::with_room_for(known.stream.facts().count());
        known.stream.facts().for_each(|fact| seen.see(fact));
        seen.put(known.key.merchant, rows);
        if let Some(fact) = known.stated {
            state(known, fact, rows);
        }
        if let Some(state) = known.state.filter(|_| !known.key.training) {
            trade(state, rows);
            count(state, known.stream, rows);
        }
    }
}

/// What the facts of one stream carried, whatever they say: one of a kind that cannot be read yet has a number, too.
struct Seen {
    devices: Vec<Told>,
    /// Of each fact.
    shops: Vec<(ShopId, Day)>,
    registry: i128,
}

/// What a fact told that names a device.
#[derive(Clone, Copy)]
struct Told {
    device: Device,
    day: Day,
    seq: u32,
    kind: Kind,
    source: Source,
    at: Instant,
    /// What a provider says of the terminal's payment months later is no sign of the device.
    is_its_own: bool,
    /// Microseconds until it was recorded, of what the terminal told itself.
    delay: Option<i128>,
}

impl Seen {
    fn with_room_for(facts: usize) -> Self {
        Self { devices: Vec::with_capacity(facts), shops: Vec::with_capacity(facts), registry: 0 }
    }

    fn see(&mut self, fact: &Fact) {
        let header = &fact.header;
        if header.kind.family() == Family::Registry {
            self.registry = self.registry.saturating_add(1);
            return;
        }
        self.shops.push((header.shop, header.day));
        if header.terminal.0 == 0 {
            return;
        }
        let delay = i128::from(header.recorded_at.0).saturating_sub(header.occurred_at.0.into());
        self.devices.push(Told {
            device: (header.merchant, header.terminal, epoch(header.terminal_epoch)),
            day: header.day,
            seq: header.terminal_seq.0,
            kind: header.kind,
            source: header.source,
            at: happened(fact),
            is_its_own: header.terminal_seq.0 != 0 || matches!(header.source, Source::Terminal | Source::Gateway),
            delay: Some(delay).filter(|_| header.source == Source::Terminal && !header.imported),
        });
    }

    fn put(&mut self, merchant: MerchantId, rows: &mut Rows) {
        self.put_days(rows);
        self.put_numbers(rows);
        self.shops.sort_unstable();
        for facts in self.shops.chunk_by(|a, b| a == b) {
            let Some((shop, day)) = facts.first().copied() else { continue };
            let cells = [(FACTS, count_of(facts))];
            rows.add(SHOP_DAYS, |key| _ = key.merchant(merchant).shop(shop).day(day), &cells);
        }
        if self.registry > 0 {
            let nowhere = (ShopId(0), Day(0));
            let cells = [(REGISTRY, self.registry)];
            rows.add(SHOP_DAYS, |key| _ = key.merchant(merchant).shop(nowhere.0).day(nowhere.1), &cells);
        }
    }

    fn put_days(&mut self, rows: &mut Rows) {
        self.devices.sort_unstable_by_key(|told| (told.device, told.day));
        for told in self.devices.chunk_by(|a, b| (a.device, a.day) == (b.device, b.day)) {
            let Some(Told { device, day, .. }) = told.first().copied() else { continue };
            let its_own = told.iter().filter(|told| told.is_its_own).map(|told| told.at.0);
            let cells = [
                Some((FACTS, count_of(told))),
                its_own.clone().min().map(|at| (FIRST, at.into())),
                its_own.max().map(|at| (LAST, at.into())),
                told.iter().filter_map(|told| told.delay).min().map(|delay| (DELAY, delay)),
            ];
            rows.add_some(DEVICE_DAYS, |key| _ = write_device(key, device).day(day), cells.into_iter().flatten());
        }
    }

    fn put_numbers(&mut self, rows: &mut Rows) {
        self.devices.retain(|told| told.seq != 0);
        self.devices.sort_unstable_by_key(|told| (told.device, told.seq, told.kind, told.source));
        let place = |told: &Told| (told.device, block(told.seq).0);
        for told in self.devices.chunk_by(|a, b| place(a) == place(b)) {
            let Some((device, block)) = told.first().map(place) else { continue };
            let numbers = told.chunk_by(|a, b| a.seq == b.seq).flat_map(number);
            rows.add_some(SEQUENCES, |key| _ = write_device(key, device).u32(block), numbers);
        }
    }
}

fn count_of<T>(facts: &[T]) -> i128 {
    i128::try_from(facts.len()).unwrap_or(i128::MAX)
}

/// A number that facts of one stream carry, by their kinds and sources: how many events it stands for, and the first.
fn number(told: &[Told]) -> impl Iterator<Item = (Code, i128)> {
    let place = told.first().map_or(0, |told| block(told.seq).1);
    let first = told.iter().map(|told| told.at).min();
    let first = first.map(|at| (used_first(place), seconds(at)));
    std::iter::once((used(place), events(told))).chain(first)
}

/// The facts of one kind are one event that several mouths tell; what one mouth tells twice under a number is two events.
/// So, of each kind as many as the mouth that told most of them told.
fn events(told: &[Told]) -> i128 {
    let kinds = told.chunk_by(|a, b| a.kind == b.kind);
    let most = |kind: &[Told]| kind.chunk_by(|a, b| a.source == b.source).map(count_of).max().unwrap_or(0);
    kinds.map(most).sum()
}

/// A terminal or a till, or who speaks for it, states something.
fn state(known: &Known<'_>, fact: &Fact, rows: &mut Rows) {
    let merchant = known.key.merchant;
    match &fact.payload {
        Payload::TerminalTotals(p) => {
            let device = (merchant, p.terminal, epoch(p.epoch));
            say(known, device, Word::Last(p.last_seq.0, happened(fact).0), rows);
            rows.add(DEVICE_DAYS, |key| _ = write_device(key, device).day(p.day), &[(TOTALS, 1)]);
            let lines = p.lines.iter().map(|line| line_of(&line.application, line.count, line.amount, line.direction));
            tell(known, p.day, &Teller::Terminal(p.terminal), &lines.collect::<Vec<_>>(), rows);
        }
        Payload::TillTotals(p) => {
            let line = line_of(&p.tender, p.count, p.amount, p.direction);
            tell(known, p.day, &Teller::Till(p.shop, p.till.clone()), &[line], rows);
        }
        Payload::SequenceVoided(p) => {
            let word = Word::Voided(p.from.0, p.to.0);
            say(known, (merchant, p.terminal, epoch(p.epoch)), word, rows);
        }
        Payload::EventRefused(p) if p.terminal.0 != 0 => {
            say(known, (merchant, p.terminal, epoch(p.epoch)), Word::Refused(p.seq.0), rows);
        }
        _ => {}
    }
}

fn say(known: &Known<'_>, device: Device, word: Word, rows: &mut Rows) {
    let (stream, training) = (known.key.stream, known.key.training);
    rows.put(SEQUENCE_WORDS, |key| _ = write_device(key, device).stream(stream, training), &word);
}

/// Totals of practice are nobody's money.
fn tell(known: &Known<'_>, day: Day, teller: &Teller, lines: &[Line], rows: &mut Rows) {
    let stream = known.key;
    if !stream.training {
        let write = |key: &mut crate::key::Key| {
            _ = teller.write(key.merchant(stream.merchant).day(day)).stream(stream.stream, stream.training);
        };
        rows.put(STATED, write, &lines);
    }
}

fn line_of(application: &str, count: u32, amount: Money, direction: Direction) -> Line {
    let minor_units = i128::from(amount.amount.minor_units());
    let net = if direction == Direction::Debit { minor_units.saturating_neg() } else { minor_units };
    Line::new(application, amount.currency, count, net)
}

/// A shop trades on the day on which a payment begins there.
fn trade(state: &State, rows: &mut Rows) {
    if let Some(day) = state.began_at.and_then(Instant::paris_day) {
        rows.add(SHOP_DAYS, |key| _ = key.merchant(state.key.merchant).shop(state.shop).day(day), &[(TRADE, 1)]);
    }
}

/// The ledger counts a payment: its sale on the sale's day for the terminal and the till of the payment; a refund on its
/// own day for the terminal that its facts name, and for the payment's till if that is the payment's terminal.
fn count(state: &State, stream: &Stream, rows: &mut Rows) {
    let Some(provider) = &state.provider else { return };
    let merchant = state.key.merchant;
    rows.add(COUNTED, |key| write_provider(key, merchant, provider), &[(PAYMENTS, 1)]);
    let till = state.initiation.as_ref().and_then(|began| began.till_id.clone());
    let till = till.map(|till| Teller::Till(state.shop, till));
    let mut add = |teller: Option<&Teller>, day: Day, currency: Currency, net: i128| {
        let Some(teller) = teller else { return };
        let write = |key: &mut crate::key::Key| {
            let key = teller.write(key.merchant(merchant).day(day));
            key.text(provider).bytes(currency.code().as_bytes());
        };
        rows.add(COUNTED, write, &[(COUNT, 1), (NET, net)]);
    };
    let at = |terminal: TerminalId| Some(Teller::Terminal(terminal)).filter(|_| terminal.0 != 0);
    if let Some((sale, day)) = state.sale.and_then(|sale| Some((sale, sale.day?))) {
        let net = i128::try_from(sale.minor_units).unwrap_or(i128::MAX);
        add(at(state.terminal).as_ref(), day, sale.currency, net);
        add(till.as_ref(), day, sale.currency, net);
    }
    for refund in state.refunds.iter().filter(|refund| refund.standing == Some(Standing::Counts)) {
        let back = i128::from(refund.money.amount.minor_units()).saturating_neg();
        let terminal = terminal_of(refund, stream);
        add(at(terminal).as_ref(), refund.day, refund.money.currency, back);
        let till = till.as_ref().filter(|_| terminal.0 != 0 && terminal == state.terminal);
        add(till, refund.day, refund.money.currency, back);
    }
}

/// The terminal that a refund's own facts name; 0 is none.
fn terminal_of(refund: &Refund, stream: &Stream) -> TerminalId {
    let named = stream.facts().filter(|fact| tells(fact, refund)).map(|fact| fact.header.terminal);
    named.filter(|terminal| terminal.0 != 0).min().unwrap_or_default()
}

fn tells(fact: &Fact, refund: &Refund) -> bool {
    let same = |a: &Option<Text>, b: &Option<Text>| a.is_some() && a == b;
    match &fact.payload {
        Payload::RefundRequested(p) => refund.request_id.as_ref() == Some(&p.request_id),
        Payload::Refunded(p) => {
            let without_name = p.refund_id.is_none() && p.request_id.is_none();
            same(&p.refund_id, &refund.refund_id)
                || same(&p.request_id, &refund.request_id)
                || without_name && p.amount == Some(refund.money)
        }
        _ => false,
    }
}
