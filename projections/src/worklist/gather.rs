//! Gathering the list: each view brings its items, then notes are laid on them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use talon_domain::anomaly::Severity;
use talon_domain::claim::stream_of;
use talon_domain::ids::{MerchantId, ShopId, StreamId, TerminalEpoch, TerminalId};
use talon_domain::money::Currency;
use talon_domain::slot::Slot;
use talon_domain::time::{Day, Instant};

use super::item::{About, Item, Kind, Saying, number};
use crate::anomalies::{self, AnomalyLine};
use crate::notes::{ItemId, Note, notes};
use crate::open_items::{self, Ages, Cause, OpenItem, by_cause, open_items};
use crate::reading::Reading;
use crate::registry::{Registry, nic_on};
use crate::settlement::Settled;
use crate::store::StoreError;
use crate::terminals::{Owner as HoleOwner, Statement, Teller, Terminal, Terminals, day_statements};
use crate::transactions::{Transaction, row_of};
use crate::working_days::WorkingDays;

/// Every day that a fact can carry.
pub(super) const ALL_DAYS: RangeInclusive<Day> = Day(0)..=Day(u16::MAX);
/// So many days back a terminal's or a till's totals are items; older ones were somebody's morning.
const TOTALS_DAYS: u16 = 30;

/// A question: when, beside which registry, and whose list.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The moment.
    pub at: Instant,
    /// Who and what there is.
    pub registry: &'a Registry,
    /// Which days count for an age.
    pub calendar: &'a WorkingDays,
    /// Whose; all if nobody is named.
    pub merchants: Option<BTreeSet<MerchantId>>,
}

/// The list, and what it was made of that a morning tells besides.
#[derive(Clone, Debug, Default)]
pub struct Worklist {
    /// The items, in the order in which somebody should look.
    pub items: Vec<Item>,
    /// Settlement of each merchant, over all days.
    pub settled: BTreeMap<MerchantId, Settled>,
    /// Notes on what is no item any more.
    pub done: BTreeMap<ItemId, Note>,
}

/// The list of a moment.
pub fn worklist(reading: &dyn Reading, asked: &Asked<'_>) -> Result<Worklist, StoreError> {
    let terminals = Terminals::read(reading, None)?;
    let today = asked.at.paris_day().unwrap_or_default();
    let mut gathering =
        Gathering { reading, asked, ages: Ages::on(today, asked.calendar), items: Vec::new(), seen: BTreeSet::new() };
    let mut settled = BTreeMap::new();
    for merchant in merchants(asked, &terminals) {
        let of = gathering.settled(merchant)?;
        gathering.owed(merchant, &of)?;
        gathering.totals(merchant, today)?;
        settled.insert(merchant, of);
    }
    gathering.holes(&terminals);
    gathering.open()?;
    gathering.contradictions()?;
    let mut items = gathering.items;
    let mut notes = notes(reading)?;
    for item in &mut items {
        item.note = notes.remove(&item.id);
        item.rests = item.note.as_ref().is_some_and(|note| note.rests(&item.content, today));
    }
    items.sort_by_key(|item| (item.kind, Reverse(item.amount.map_or(0, |(_, amount)| amount)), item.id.clone()));
    Ok(Worklist { items, settled, done: notes })
}

/// Whose list it is: everybody whom facts or the registry name.
fn merchants(asked: &Asked<'_>, terminals: &Terminals) -> BTreeSet<MerchantId> {
    let named = terminals.merchants().chain(asked.registry.merchants().map(|(merchant, _)| merchant));
    let named: BTreeSet<_> = named.filter(|merchant| merchant.0 != 0).collect();
    match &asked.merchants {
        Some(wanted) => named.intersection(wanted).copied().collect(),
        None => named,
    }
}

impl Worklist {
    /// The items of a number: one, unless two share their first digits.
    pub fn numbered<'l>(&'l self, wanted: &'l str) -> impl Iterator<Item = &'l Item> {
        self.items.iter().filter(move |item| number(&item.id) == wanted)
    }
}

/// A list that is being made.
pub(super) struct Gathering<'a> {
    pub(super) reading: &'a dyn Reading,
    pub(super) asked: &'a Asked<'a>,
    pub(super) ages: Ages<'a>,
    items: Vec<Item>,
    seen: BTreeSet<ItemId>,
}

/// Where an item is, and of which day.
struct Place {
    shop: ShopId,
    terminal: TerminalId,
    provider: String,
    day: Day,
}

impl Gathering<'_> {
    /// Puts an item on the list. One name is one item: what bears it again is numbered.
    pub(super) fn put(&mut self, mut item: Item) {
        let (base, mut again) = (item.id.slot.clone(), 2u32);
        while !self.seen.insert(item.id.clone()) {
            item.id.slot = format!("{base}#{again}");
            again = again.saturating_add(1);
        }
        self.items.push(item);
    }

    fn item(&mut self, id: ItemId, kind: Kind, place: Place, content: [u8; 32], about: About) -> Item {
        let age = self.ages.of(place.day);
        Item {
            id,
            kind,
            about,
            shop: place.shop,
            terminal: place.terminal,
            provider: place.provider,
            day: place.day,
            amount: None,
            age,
            content,
            note: None,
            rests: false,
        }
    }

    fn is_wanted(&self, merchant: MerchantId) -> bool {
        self.asked.merchants.as_ref().is_none_or(|wanted| wanted.contains(&merchant))
    }

    /// What terminals and tills state that the ledger does not count so.
    fn totals(&mut self, merchant: MerchantId, today: Day) -> Result<(), StoreError> {
        let days = Day(today.0.saturating_sub(TOTALS_DAYS))..=today;
        for statement in day_statements(self.reading, merchant, days)? {
            if !statement.total.agrees() {
                self.statement(merchant, statement);
            }
        }
        Ok(())
    }

    fn statement(&mut self, merchant: MerchantId, statement: Statement) {
        let total = &statement.total;
        let (day, application) = (total.day, total.application.to_string());
        let (stream, shop, terminal) = self.teller(merchant, &statement);
        let mut said = Saying::begun();
        said.text(total.currency.code()).number(total.stated.net).number(total.stated.count.into());
        let counted = total.counted.unwrap_or_default();
        said.number(counted.net).number(counted.count.into());
        let amount = Some((total.currency, total.difference().net.unsigned_abs()));
        let id =
            ItemId { merchant, stream, code: "totals".to_owned(), slot: format!("{application} {}", total.currency) };
        let place = Place { shop, terminal, provider: application, day };
        let item = self.item(id, Kind::Totals, place, said.end(), About::Totals(Box::new(statement)));
        self.put(Item { amount, ..item });
    }

    /// The stream of a teller's totals, and where it stands.
    fn teller(&self, merchant: MerchantId, statement: &Statement) -> (StreamId, ShopId, TerminalId) {
        let (day, application) = (statement.total.day, &statement.total.application);
        match &statement.teller {
            Teller::Terminal(terminal) => {
                let assigned = self.asked.registry.assignment_on(merchant, *terminal, day);
                let epoch = assigned.map_or(TerminalEpoch(1), |stated| crate::registry::epoch(stated.what.epoch));
                let slot = Slot::TerminalTotals(*terminal, epoch, day);
                (stream_of(&slot), self.shop_of(merchant, *terminal, day), *terminal)
            }
            Teller::Till(shop, till) => {
                (stream_of(&Slot::TillTotals(*shop, till, day, application)), *shop, TerminalId(0))
            }
        }
    }

    fn shop_of(&self, merchant: MerchantId, terminal: TerminalId, day: Day) -> ShopId {
        let registry = self.asked.registry;
        let assigned = registry.assignment_on(merchant, terminal, day);
        let code = assigned.and_then(|stated| stated.what.shop_code.as_deref());
        let shop = code.and_then(|code| registry.shop(merchant, code));
        shop.and_then(|shop| nic_on(&shop.what, day)).unwrap_or_default()
    }

    /// Numbers of terminals whose events are lost.
    fn holes(&mut self, terminals: &Terminals) {
        let (registry, at) = (self.asked.registry, self.asked.at);
        for terminal in terminals.list(registry, at) {
            if self.is_wanted(terminal.merchant) {
                self.holes_of(&terminal);
            }
        }
    }

    fn holes_of(&mut self, terminal: &Terminal<'_>) {
        let (merchant, epoch) = (terminal.merchant, terminal.epoch);
        let day = terminal.last_day.unwrap_or_default();
        for hole in terminal.holes.iter().filter(|hole| hole.owner == HoleOwner::Unexplained) {
            let id = ItemId {
                merchant,
                stream: stream_of(&Slot::Assignment(terminal.terminal, epoch)),
                code: "hole".to_owned(),
                slot: hole.first.to_string(),
            };
            let shop = self.shop_of(merchant, terminal.terminal, day);
            let place = Place { shop, terminal: terminal.terminal, provider: String::new(), day };
            let mut said = Saying::begun();
            said.number(hole.first.0.into()).number(hole.last.0.into());
            let item = self.item(id, Kind::Hole, place, said.end(), About::Hole(epoch, *hole));
            self.put(item);
        }
    }

    /// Payments that are not finished: those that wait for one terminal are one item.
    fn open(&mut self) -> Result<(), StoreError> {
        let asked = open_items::Asked::at(self.asked.at, self.asked.registry, self.asked.calendar);
        let mut all = open_items(self.reading, &asked)?;
        all.retain(|item| self.is_wanted(item.key.merchant) && !item.key.training);
        let mut together = BTreeMap::<Cause, Vec<OpenItem>>::new();
        for item in all {
            match item.cause {
                Cause::Reason(_) => self.payment(item),
                cause => together.entry(cause).or_default().push(item),
            }
        }
        together.into_iter().for_each(|(cause, items)| self.terminal(cause, items));
        Ok(())
    }

    fn payment(&mut self, open: OpenItem) {
        let id = ItemId {
            merchant: open.key.merchant,
            stream: open.key.stream,
            code: "open".to_owned(),
            slot: String::new(),
        };
        let mut said = Saying::begun();
        open.reasons
            .iter()
            .for_each(|reason| _ = said.text(reason.reason.words(talon_domain::anomaly::Language::English)));
        said.number(i128::try_from(open.amount).unwrap_or(i128::MAX));
        let place = Place {
            shop: open.shop,
            terminal: open.terminal,
            provider: open.provider.clone(),
            day: open.day.unwrap_or_default(),
        };
        let (age, amount) = (open.age, open.currency.map(|currency| (currency, open.amount)));
        let item = self.item(id, Kind::Open, place, said.end(), About::Open(Box::new(open)));
        self.put(Item { amount, age, ..item });
    }

    fn terminal(&mut self, cause: Cause, items: Vec<OpenItem>) {
        let (merchant, terminal, kind) = match cause {
            Cause::SilentTerminal(merchant, terminal, _) => (merchant, terminal, Kind::Silent),
            Cause::UnknownTerminal(merchant, terminal) => (merchant, terminal, Kind::Unknown),
            Cause::Reason(_) => return items.into_iter().for_each(|item| self.payment(item)),
        };
        let day = items.iter().filter_map(|item| item.day).max().unwrap_or_default();
        let assigned = self.asked.registry.assignment_on(merchant, terminal, day);
        let epoch = assigned.map_or(TerminalEpoch(1), |stated| crate::registry::epoch(stated.what.epoch));
        let code = if kind == Kind::Silent { "silent" } else { "unknown" };
        let stream = stream_of(&Slot::Assignment(terminal, epoch));
        let id = ItemId { merchant, stream, code: code.to_owned(), slot: String::new() };
        let mut said = Saying::begun();
        items.iter().for_each(|item| _ = said.text(&item.key.stream.to_string()));
        let groups = by_cause(&items);
        let sums = groups.first().map(|group| group.amounts.clone()).unwrap_or_default();
        let amount = sums.into_iter().max_by_key(|(_, sum)| *sum);
        let age = groups.first().map(|group| group.oldest).unwrap_or_default();
        let shop = items.first().map(|item| item.shop).unwrap_or_default();
        let place = Place { shop, terminal, provider: String::new(), day };
        let item = self.item(id, kind, place, said.end(), About::Terminal(cause, items));
        self.put(Item { amount, age, ..item });
    }

    /// Facts that contradict each other, where the books cannot be right until that is settled, or somebody should look. What
    /// keeps its payment open is in that payment's item.
    fn contradictions(&mut self) -> Result<(), StoreError> {
        let filter = anomalies::Filter { is_cleared: Some(false), ..anomalies::Filter::default() };
        let open: BTreeSet<_> = self.items.iter().flat_map(payments_of).collect();
        for line in anomalies::list(self.reading, &filter)? {
            let is_told = open.contains(&line.key) || line.code.severity() == Severity::Notice;
            if self.is_wanted(line.key.merchant) && !is_told {
                self.contradiction(line)?;
            }
        }
        Ok(())
    }

    fn contradiction(&mut self, line: AnomalyLine) -> Result<(), StoreError> {
        let row = row_of(self.reading, line.key)?;
        let id = ItemId {
            merchant: line.key.merchant,
            stream: line.key.stream,
            code: line.code.name().to_owned(),
            slot: line.slot.clone(),
        };
        let place = Place {
            shop: row.as_ref().map(Transaction::shop).unwrap_or_default(),
            terminal: row.as_ref().map_or(TerminalId(0), Transaction::terminal),
            provider: row.as_ref().map(|row| row.provider.clone()).unwrap_or_default(),
            day: row.as_ref().and_then(Transaction::day).unwrap_or(line.since),
        };
        let amount: Option<(Currency, u128)> = row.and_then(|row| Some((row.currency()?, row.asked)));
        let mut said = Saying::begun();
        said.text(line.code.name()).text(&line.slot);
        let item = self.item(id, Kind::Contradiction, place, said.end(), About::Contradiction(Box::new(line)));
        self.put(Item { amount, ..item });
        Ok(())
    }
}

/// The payments that an item tells of.
fn payments_of(item: &Item) -> Vec<talon_domain::ids::StreamKey> {
    match &item.about {
        About::Open(open) => vec![open.key],
        About::Terminal(_, items) => items.iter().map(|item| item.key).collect(),
        _ => Vec::new(),
    }
}
