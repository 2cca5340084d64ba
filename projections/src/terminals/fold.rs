//! What one stream comes to in terminals: the numbers that its facts carried, the days on which devices and shops were
//! named, what is said of numbers, and both sides of the totals of a day.

use std::collections::BTreeMap;

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
use crate::cells::{Cells, Code};
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
        let mut seen = Seen::default();
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
#[derive(Default)]
struct Seen {
    numbers: BTreeMap<(Device, u32), Number>,
    days: BTreeMap<(Device, Day), Cells>,
    shops: BTreeMap<(ShopId, Day), Cells>,
    registry: i128,
}

/// A number that facts of one stream carry. The facts of one kind are one event that several mouths tell; what one mouth
/// tells twice under a number is two events.
#[derive(Default)]
struct Number {
    first: Option<Instant>,
    told: Vec<((Kind, Source), i128)>,
}

impl Seen {
    fn see(&mut self, fact: &Fact) {
        let header = &fact.header;
        if header.kind.family() == Family::Registry {
            self.registry = self.registry.saturating_add(1);
            return;
        }
        self.shops.entry((header.shop, header.day)).or_default().add(FACTS, 1);
        if header.terminal.0 == 0 {
            return;
        }
        let device = (header.merchant, header.terminal, epoch(header.terminal_epoch));
        let at = happened(fact);
        if header.terminal_seq.0 != 0 {
            self.numbers.entry((device, header.terminal_seq.0)).or_default().see((header.kind, header.source), at);
        }
        let day = self.days.entry((device, header.day)).or_default();
        day.add(FACTS, 1);
        // What a provider says of the terminal's payment months later is no sign of the device.
        let is_its_own = header.terminal_seq.0 != 0 || matches!(header.source, Source::Terminal | Source::Gateway);
        if is_its_own {
            day.add(FIRST, at.0.into());
            day.add(LAST, at.0.into());
        }
        if header.source == Source::Terminal && !header.imported {
            let delay = i128::from(header.recorded_at.0).saturating_sub(header.occurred_at.0.into());
            day.add(DELAY, delay);
        }
    }

    fn put(self, merchant: MerchantId, rows: &mut Rows) {
        let mut blocks = BTreeMap::<(Device, u32), Vec<(Code, i128)>>::new();
        for ((device, seq), number) in self.numbers {
            let (block, place) = block(seq);
            let cells = blocks.entry((device, block)).or_insert_with(|| Vec::with_capacity(8));
            cells.push((used(place), number.events()));
            cells.extend(number.first.map(|at| (used_first(place), seconds(at))));
        }
        for ((device, block), cells) in blocks {
            rows.add(SEQUENCES, |key| _ = write_device(key, device).u32(block), &cells);
        }
        for ((device, day), cells) in self.days {
            rows.add(DEVICE_DAYS, |key| _ = write_device(key, device).day(day), &listed(&cells));
        }
        for ((shop, day), cells) in self.shops {
            rows.add(SHOP_DAYS, |key| _ = key.merchant(merchant).shop(shop).day(day), &listed(&cells));
        }
        if self.registry > 0 {
            let nowhere = (ShopId(0), Day(0));
            let cells = [(REGISTRY, self.registry)];
            rows.add(SHOP_DAYS, |key| _ = key.merchant(merchant).shop(nowhere.0).day(nowhere.1), &cells);
        }
    }
}

impl Number {
    fn see(&mut self, mouth: (Kind, Source), at: Instant) {
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        match self.told.iter_mut().find(|(known, _)| *known == mouth) {
            Some((_, times)) => *times = times.saturating_add(1),
            None => self.told.push((mouth, 1)),
        }
    }

    /// Of each kind as many events as the mouth that told most of them told.
    fn events(&self) -> i128 {
        let mut kinds = BTreeMap::<Kind, i128>::new();
        for ((kind, _), times) in &self.told {
            let most = kinds.entry(*kind).or_default();
            *most = (*most).max(*times);
        }
        kinds.values().sum()
    }
}

fn listed(cells: &Cells) -> Vec<(Code, i128)> {
    cells.iter().collect()
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
