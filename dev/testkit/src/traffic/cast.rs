//! Who and what a history is about: two merchants with their payments, and few values for everything else.

use talon_domain::claim::natural_stream;
use talon_domain::fact::{Fact, FactHeader, Kind, Payload, Source, Text};
use talon_domain::ids::{
    EventId, MerchantId, PartitionId, PrincipalId, ShopId, StreamId, TerminalEpoch, TerminalId, TerminalSeq,
};
use talon_domain::money::{Amount, Currency, Money};
use talon_domain::time::Instant;

use super::{ABSENT, Dice};

/// The merchants, and the partitions of docs/format.md 3 that they are in.
const MERCHANTS: [(MerchantId, PartitionId); 2] =
    [(MerchantId(839_100_575), PartitionId(22)), (MerchantId(732_829_320), PartitionId(0))];

/// Every partition of a history.
pub(super) const PARTITIONS: [PartitionId; 2] = [PartitionId(0), PartitionId(22)];

pub(super) const fn partition_of(merchant: MerchantId) -> PartitionId {
    if merchant.0 == MERCHANTS[0].0.0 { MERCHANTS[0].1 } else { PartitionId(0) }
}

/// 2026-11-19T22:30:00Z: half an hour before the new law begins in Paris.
const EVE: Instant = Instant(1_795_127_400_000_000);
const MINUTE_US: i64 = 60_000_000;

/// The names that a history uses.
#[derive(Debug)]
pub(super) struct Cast {
    /// Event ids to come; a reversal may name one before it is told.
    ids: Vec<EventId>,
    told: usize,
    streams: Vec<StreamId>,
    /// How often a fact is about the first stream of the first merchant.
    focus: u32,
    sources: Vec<Source>,
}

impl Cast {
    pub(super) fn new(dice: &mut Dice) -> Self {
        let ids = (0..64).map(|_| EventId(uuid(dice))).collect();
        let streams = vec![StreamId(uuid(dice)), StreamId(uuid(dice))];
        let focus = dice.one_of(&[100, 95, 60]);
        let sources = match dice.below(5) {
            0 | 1 => Source::ALL.to_vec(),
            2 => vec![dice.one_of(&Source::ALL)],
            _ => vec![dice.one_of(&Source::ALL), Source::Provider, Source::Gateway],
        };
        Self { ids, told: 0, streams, focus, sources }
    }

    /// A new event id. Their order is chance, and not that of arrival.
    pub(super) fn event_id(&mut self, dice: &mut Dice) -> EventId {
        let id = self.ids.get(self.told).copied().unwrap_or_else(|| EventId(uuid(dice)));
        self.told += 1;
        id
    }

    /// An event id that was told, or that will perhaps be told.
    pub(super) fn some_event(&self, dice: &mut Dice) -> EventId {
        if dice.percent(5) { ABSENT } else { dice.one_of(&self.ids[..(self.told + 3).min(self.ids.len())]) }
    }

    pub(super) fn any_stream(&self, dice: &mut Dice) -> StreamId {
        dice.one_of(&self.streams)
    }

    pub(super) fn source(&self, dice: &mut Dice) -> Source {
        dice.one_of(&self.sources)
    }

    /// The fact of a payload, with a header that fits its kind.
    pub(super) fn fact(&mut self, dice: &mut Dice, kind: Kind, payload: Payload) -> Fact {
        let is_focused = dice.percent(self.focus);
        let mut merchant = if is_focused { MERCHANTS[0].0 } else { dice.one_of(&MERCHANTS).0 };
        let mut source = self.source(dice);
        let mut training = !is_focused && dice.percent(30);
        if kind.is_broadcast() || kind.0 >= Kind::TECHNICAL_FIRST {
            (merchant, training) = (MerchantId(0), false);
            source = if dice.percent(90) { Source::Ledger } else { source };
        }
        let stream = self.stream(dice, kind, &payload, is_focused);
        let occurred_at = moment(dice);
        let header = FactHeader {
            kind,
            schema: 1,
            recorded_at: moment(dice),
            occurred_at,
            merchant,
            shop: ShopId(dice.one_of(&[0, 0, 17, 18])),
            terminal: TerminalId(dice.one_of(&[0, 4, 4, 5])),
            terminal_seq: TerminalSeq(dice.one_of(&[0, 1, 1, 2])),
            terminal_epoch: TerminalEpoch(dice.one_of(&[0, 1, 1, 2])),
            day: occurred_at.paris_day().expect("in range"),
            principal: PrincipalId(dice.between(1, 3)),
            source,
            event_id: self.event_id(dice),
            stream,
            sealed: kind == Kind::PHONE_VERIFIED,
            training,
            imported: dice.percent(10),
            clock_doubtful: dice.percent(10),
        };
        Fact { header, payload }
    }
}

impl Cast {
    /// A payment, or what is made of a name; rarely the one where the other belongs: no door lets that in, and a fold reads
    /// what it finds.
    fn stream(&self, dice: &mut Dice, kind: Kind, payload: &Payload, is_focused: bool) -> StreamId {
        let natural = natural_stream(payload);
        let is_of_payment = kind.0 < 1_000 || kind == Kind::SUBJECT_ERASED || matches!(payload, Payload::Parked(_));
        if dice.percent(1) {
            return natural.unwrap_or(self.streams[0]);
        }
        if is_of_payment && is_focused {
            self.streams[0]
        } else if is_of_payment || dice.percent(1) {
            self.any_stream(dice)
        } else {
            natural.unwrap_or_default()
        }
    }
}

fn uuid(dice: &mut Dice) -> [u8; 16] {
    let (first, second) = (dice.roll().to_be_bytes(), dice.roll().to_be_bytes());
    let mut id = [0; 16];
    id[..8].copy_from_slice(&first);
    id[8..].copy_from_slice(&second);
    id[6] = 0x70 | (id[6] & 0x0f);
    id[8] = 0x80 | (id[8] & 0x3f);
    id
}

/// Few moments, over five days around the change of the law.
pub(super) fn moment(dice: &mut Dice) -> Instant {
    let minutes = i64::from(dice.one_of(&[0u32, 0, 1, 29, 30, 45])) + 1_440 * i64::from(dice.between(0, 4) / 2);
    Instant(EVE.0 + minutes * MINUTE_US)
}

pub(super) fn revision(dice: &mut Dice) -> u64 {
    dice.one_of(&[0, 0, 0, 0, 0, 0, 1, 2, 3])
}

pub(super) fn provider(dice: &mut Dice) -> Option<Text> {
    named(dice, 30, &["alma", "oney"])
}

/// A text of several, or none, as often as that.
pub(super) fn named(dice: &mut Dice, often: u32, texts: &[&str]) -> Option<Text> {
    dice.maybe(often, texts).map(Into::into)
}

pub(super) fn text(dice: &mut Dice, texts: &[&str]) -> Text {
    dice.one_of(texts).into()
}

/// A sale of 100.00 in parts, sometimes wrong, rarely nothing, rarely in another currency.
pub(super) fn money(dice: &mut Dice) -> Money {
    Money { currency: currency(dice), amount: amount(dice) }
}

pub(super) fn amount(dice: &mut Dice) -> Amount {
    let cents = dice.one_of(&[10_000, 10_000, 5_000, 5_000, 5_000, 5_200, 10_310, 2_500, 0]);
    Amount::new(cents).expect("a small amount")
}

pub(super) fn currency(dice: &mut Dice) -> Currency {
    if dice.percent(4) { Currency::parse("CHF").expect("a currency") } else { Currency::EUR }
}

pub(super) fn maybe_money(dice: &mut Dice, often: u32) -> Option<Money> {
    dice.percent(often).then(|| money(dice))
}
