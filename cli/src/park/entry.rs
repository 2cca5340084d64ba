//! Entries and rows: the same statement as the domain holds it, and as a back office writes it.

use std::collections::BTreeMap;

use talon_domain::fact::{Assignment, Decided, FeePlan, Kind, Merchant, Payload, Shop, Source, Text};
use talon_domain::ids::{EventId, MerchantId, TerminalEpoch, TerminalId};
use talon_domain::time::Instant;
use talon_projections::registry::{Registry, Stated, epoch};

use super::column::{Column, What};

/// A row: its kind, and the cells that are filled.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    pub(crate) what: What,
    pub(crate) cells: BTreeMap<Column, String>,
}

/// A statement of the registry about a merchant, who decided it left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    Merchant(MerchantId, Merchant),
    Shop(MerchantId, Shop),
    Terminal(MerchantId, Box<Assignment>),
    FeePlan(MerchantId, Box<FeePlan>),
}

/// A statement that stands, and by whose word.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    pub(crate) entry: Entry,
    pub(crate) source: Source,
    pub(crate) event_id: EventId,
    pub(crate) occurred_at: Instant,
}

/// What a statement is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Merchant(MerchantId),
    Shop(MerchantId, Text),
    Terminal(MerchantId, u32, u16),
    FeePlan(MerchantId, Text, u32),
}

impl Row {
    pub(crate) const fn new(what: What) -> Self {
        Self { what, cells: BTreeMap::new() }
    }

    /// Fills a cell, if there is anything to fill it with.
    pub(crate) fn put(&mut self, column: Column, text: impl Into<String>) {
        let text = text.into();
        if !text.is_empty() {
            self.cells.insert(column, text);
        }
    }

    pub(crate) fn get(&self, column: Column) -> Option<&str> {
        self.cells.get(&column).map(String::as_str)
    }

    /// The columns in which two rows differ, each with what it was and what it is.
    pub(crate) fn changes<'r>(&'r self, before: &'r Self) -> Vec<(Column, Option<&'r str>, Option<&'r str>)> {
        let pairs = Column::ALL.iter().map(|column| (*column, before.get(*column), self.get(*column)));
        pairs.filter(|(_, was, is)| was != is).collect()
    }
}

impl Entry {
    pub(crate) const fn what(&self) -> What {
        match self {
            Self::Merchant(..) => What::Merchant,
            Self::Shop(..) => What::Shop,
            Self::Terminal(..) => What::Terminal,
            Self::FeePlan(..) => What::FeePlan,
        }
    }

    pub(crate) const fn merchant(&self) -> MerchantId {
        match self {
            Self::Merchant(merchant, _)
            | Self::Shop(merchant, _)
            | Self::Terminal(merchant, _)
            | Self::FeePlan(merchant, _) => *merchant,
        }
    }

    pub(crate) const fn kind(&self) -> Kind {
        match self {
            Self::Merchant(..) => Kind::MERCHANT_REGISTERED,
            Self::Shop(..) => Kind::SHOP_REGISTERED,
            Self::Terminal(..) => Kind::TERMINAL_ASSIGNED,
            Self::FeePlan(..) => Kind::FEE_PLAN_REGISTERED,
        }
    }

    pub(crate) fn key(&self) -> Key {
        match self {
            Self::Merchant(merchant, _) => Key::Merchant(*merchant),
            Self::Shop(merchant, shop) => Key::Shop(*merchant, shop.code.clone()),
            Self::Terminal(merchant, one) => Key::Terminal(*merchant, one.terminal.0, epoch(one.epoch).0),
            Self::FeePlan(merchant, plan) => Key::FeePlan(*merchant, plan.id.clone(), plan.version.get()),
        }
    }

    pub(crate) fn payload(&self) -> Payload {
        match self.clone() {
            Self::Merchant(_, merchant) => Payload::Merchant(merchant),
            Self::Shop(_, shop) => Payload::Shop(Box::new(shop)),
            Self::Terminal(_, assignment) => Payload::Assignment(assignment),
            Self::FeePlan(_, plan) => Payload::FeePlan(plan),
        }
    }

    /// Which of the statements about one thing it is.
    pub(crate) fn revision(&self) -> u64 {
        self.payload().revision()
    }

    /// The same, decided by somebody, in a revision.
    pub(crate) fn decided(&self, by: &Decided, revision: u64) -> Self {
        let mut entry = self.clone();
        let (decided, at) = match &mut entry {
            Self::Merchant(_, one) => (&mut one.decided, &mut one.revision),
            Self::Shop(_, one) => (&mut one.decided, &mut one.revision),
            Self::Terminal(_, one) => (&mut one.decided, &mut one.revision),
            Self::FeePlan(_, one) => (&mut one.decided, &mut one.revision),
        };
        *decided = by.clone();
        *at = revision;
        entry
    }
}

impl Standing {
    fn of<T: Clone>(stated: &Stated<T>, entry: impl FnOnce(T) -> Entry) -> Self {
        let (source, event_id, occurred_at) = (stated.source, stated.event_id, stated.occurred_at);
        Self { entry: entry(stated.what.clone()), source, event_id, occurred_at }
    }

    /// Everything that a registry holds, in the order of a file.
    pub(crate) fn all(registry: &Registry) -> Vec<Self> {
        let merchants = registry.merchants().map(|(of, one)| Self::of(one, |what| Entry::Merchant(of, what)));
        let shops = registry.shops().map(|(of, one)| Self::of(one, |what| Entry::Shop(of, what)));
        let terminals =
            registry.assignments().map(|(of, one)| Self::of(one, |what| Entry::Terminal(of, Box::new(what))));
        let plans = registry.fee_plans().map(|(of, one)| Self::of(one, |what| Entry::FeePlan(of, Box::new(what))));
        merchants.chain(shops).chain(terminals).chain(plans).collect()
    }

    /// What stands under a key.
    pub(crate) fn under(key: &Key, registry: &Registry) -> Option<Self> {
        Some(match key {
            Key::Merchant(of) => Self::of(registry.merchant(*of)?, |what| Entry::Merchant(*of, what)),
            Key::Shop(of, code) => Self::of(registry.shop(*of, code)?, |what| Entry::Shop(*of, what)),
            Key::Terminal(of, terminal, epoch) => {
                let one = registry.assignment(*of, TerminalId(*terminal), TerminalEpoch(*epoch))?;
                Self::of(one, |what| Entry::Terminal(*of, Box::new(what)))
            }
            Key::FeePlan(of, id, version) => {
                let one = registry.fee_plan(*of, id, *version)?;
                Self::of(one, |what| Entry::FeePlan(*of, Box::new(what)))
            }
        })
    }
}

impl Key {
    /// What it is called beside its merchant.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Merchant(merchant) => merchant.to_string(),
            Self::Shop(_, code) => code.to_string(),
            Self::Terminal(_, terminal, epoch) => format!("{terminal} e{epoch}"),
            Self::FeePlan(_, id, version) => format!("{id} v{version}"),
        }
    }
}
