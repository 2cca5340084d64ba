//! What becomes of an entry, beside what the registry holds and what earlier rows said. Invariants:
//! - what says the same as what stands appends nothing; what says something else is the next revision
//! - a row that is accepted stands for the rows behind it, and a row that is refused for none
//! - shops are held against the park as the whole file leaves it: two of them may swap their numbers
//! - nothing is accepted that the door would refuse
//!
//! Whose word weighs more is the domain's rule; here a person is only told that theirs would not count.

use std::collections::{BTreeMap, BTreeSet};

use talon_domain::fact::{Decided, Fact, FactHeader, Source, Text};
use talon_domain::ids::{EventId, PrincipalId, ShopId, StreamId, TerminalEpoch, TerminalId, TerminalSeq};
use talon_domain::time::Instant;
use talon_intake::{Refusal, holds_card_number, new_event_id};
use talon_projections::registry::Registry;
use talon_projections::siren::is_siret;
use talon_proto::{check_payload, event_from_json, walk};
use talon_vault::Entropy;

use super::column::{Column, What};
use super::entry::{Entry, Key, Row, Standing};
use super::fault::{Fault, Refused, Rule};
use super::nics::{Claim, Nics};
use super::said;

/// What becomes of an entry.
#[derive(Clone, Debug)]
pub(crate) enum Fate {
    /// Nothing stood there.
    New,
    /// Something else stands there: it becomes the next revision. The row that it replaces.
    Changed(Row),
    /// The same stands already.
    Same,
    /// It is not said.
    Refused(Refused),
}

/// A fate, and the event to publish for it.
#[derive(Clone, Debug)]
pub(crate) struct Decision {
    pub(crate) fate: Fate,
    pub(crate) revision: u64,
    /// The event's id and bytes, of what is new or changed.
    pub(crate) event: Option<(EventId, Vec<u8>)>,
}

impl Decision {
    pub(crate) const fn refused(refused: Refused) -> Self {
        Self { fate: Fate::Refused(refused), revision: 0, event: None }
    }
}

/// Judges entries, each kind after those that it needs.
pub(crate) struct Judge {
    registry: Registry,
    by: Decided,
    now: Instant,
    entropy: Entropy,
    /// What earlier rows of this file said.
    said: BTreeMap<Key, Row>,
}

impl Judge {
    pub(crate) const fn new(registry: Registry, by: Decided, now: Instant, entropy: Entropy) -> Self {
        Self { registry, by, now, entropy, said: BTreeMap::new() }
    }

    /// Decides what becomes of entries, in the order of their file within each kind.
    pub(crate) fn decide(&mut self, entries: &[&Entry]) -> Vec<Decision> {
        let mut decisions: Vec<Option<Decision>> = vec![None; entries.len()];
        for what in What::ALL {
            let of_kind = || entries.iter().zip(0usize..).filter(move |(entry, _)| entry.what() == what);
            let mut judged: Vec<_> = of_kind().map(|(entry, at)| (at, *entry, self.judge(entry))).collect();
            if what == What::Shop {
                self.settle(&mut judged);
            }
            for (at, _, decision) in judged {
                if let Some(slot) = decisions.get_mut(at) {
                    *slot = Some(decision);
                }
            }
        }
        decisions.into_iter().flatten().collect()
    }

    fn judge(&mut self, entry: &Entry) -> Decision {
        self.try_decide(entry).unwrap_or_else(Decision::refused)
    }

    /// No two shops have one number on one day: what is new or changed is held against all of the file.
    fn settle(&mut self, judged: &mut [(usize, &Entry, Decision)]) {
        let claim = |(at, entry, decision): &(usize, &Entry, Decision)| match entry {
            Entry::Shop(merchant, shop) if decision.event.is_some() => {
                Some((*at, Claim { merchant: *merchant, shop: shop.clone() }))
            }
            _ => None,
        };
        let (places, claims): (Vec<_>, Vec<_>) = judged.iter().filter_map(claim).unzip();
        if claims.is_empty() {
            return;
        }
        let taken = Nics::of(&self.registry).settle(&claims);
        let taken: BTreeMap<usize, bool> = places.into_iter().zip(taken).collect();
        let mut refused = BTreeSet::new();
        for (at, entry, decision) in judged {
            match taken.get(at) {
                Some(true) => {
                    let said = entry.decided(&self.by, decision.revision);
                    let event_id = decision.event.as_ref().map(|(event_id, _)| *event_id).unwrap_or_default();
                    self.registry.take(&self.fact(&said, event_id));
                }
                Some(false) => {
                    refused.insert(entry.key());
                    *decision = Decision::refused(Fault::at(Rule::NicOfOneShop, Column::Nic).into());
                }
                // The same row a second time.
                None if refused.contains(&entry.key()) => {
                    *decision = Decision::refused(Fault::at(Rule::NicOfOneShop, Column::Nic).into());
                }
                None => {}
            }
        }
    }

    fn try_decide(&mut self, entry: &Entry) -> Result<Decision, Refused> {
        let (key, row) = (entry.key(), entry.row());
        match self.said.get(&key) {
            Some(said) if *said == row => return Ok(Decision { fate: Fate::Same, revision: 0, event: None }),
            Some(_) => return Err(Fault::of(Rule::StatedOnce).into()),
            None => {}
        }
        let standing = Standing::under(&key, &self.registry);
        // What stands already is no news, by whatever rule it would not be taken today.
        if let Some(standing) = standing.as_ref().filter(|standing| standing.entry.row() == row) {
            self.said.insert(key, row);
            return Ok(Decision { fate: Fate::Same, revision: standing.entry.revision(), event: None });
        }
        self.hold(entry)?;
        let decision = match standing {
            // A person's word stands above all but the ledger's own.
            Some(standing) if standing.source == Source::Ledger => {
                return Err(Fault::of(Rule::WordStands).into());
            }
            Some(standing) => {
                let revision = standing.entry.revision().saturating_add(1);
                let event = Some(self.say(entry, revision)?);
                Decision { fate: Fate::Changed(standing.entry.row()), revision, event }
            }
            None => Decision { fate: Fate::New, revision: 0, event: Some(self.say(entry, 0)?) },
        };
        self.said.insert(key, row);
        Ok(decision)
    }

    /// The rules that need the registry.
    fn hold(&self, entry: &Entry) -> Result<(), Fault> {
        let merchant = entry.merchant();
        if matches!(entry, Entry::Merchant(..)) {
            return Ok(());
        }
        let registered =
            self.registry.merchant(merchant).ok_or(Fault::at(Rule::MerchantRegistered, Column::Merchant))?;
        match entry {
            Entry::Shop(_, shop) => {
                let is_french = registered.what.country.as_deref().is_none_or(|country| country == "FR");
                let all_valid = shop.establishments.iter().all(|one| is_siret(merchant, one.nic));
                if is_french && !all_valid { Err(Fault::at(Rule::SiretValid, Column::Nic)) } else { Ok(()) }
            }
            Entry::Terminal(_, one) => {
                let code = one.shop_code.as_deref().unwrap_or_default();
                let shop = self.registry.shop(merchant, code);
                shop.map(drop).ok_or(Fault::at(Rule::ShopRegistered, Column::Shop))
            }
            Entry::Merchant(..) | Entry::FeePlan(..) => Ok(()),
        }
    }

    /// Makes the event, holds it against the door's rules, and lets it stand for what follows; a shop stands once it is
    /// settled.
    fn say(&mut self, entry: &Entry, revision: u64) -> Result<(EventId, Vec<u8>), Refused> {
        let entry = entry.decided(&self.by, revision);
        let event_id = new_event_id(self.now, &mut self.entropy);
        let line = said::event(&entry, event_id, self.now).to_string();
        let mut event = Vec::new();
        event_from_json(line.as_bytes(), &mut event).map_err(|fault| Refused::Door(fault.into()))?;
        fit(&event).map_err(Refused::Door)?;
        if entry.what() != What::Shop {
            self.registry.take(&self.fact(&entry, event_id));
        }
        Ok((event_id, event))
    }

    fn fact(&self, entry: &Entry, event_id: EventId) -> Fact {
        let header = FactHeader {
            kind: entry.kind(),
            schema: 1,
            recorded_at: self.now,
            occurred_at: self.now,
            merchant: entry.merchant(),
            shop: ShopId(0),
            terminal: TerminalId(0),
            terminal_seq: TerminalSeq(0),
            terminal_epoch: TerminalEpoch(0),
            day: self.now.paris_day().unwrap_or_default(),
            principal: PrincipalId(1),
            source: Source::Person,
            event_id,
            stream: StreamId::default(),
            sealed: false,
            training: false,
            imported: false,
            clock_doubtful: false,
        };
        Fact { header, payload: entry.payload() }
    }
}

/// What the door will say of an event's payload.
fn fit(event: &[u8]) -> Result<(), Refusal> {
    let envelope = walk(event)?;
    let mut clean = |text: &str| !holds_card_number(text);
    Ok(check_payload(envelope.kind, envelope.schema, envelope.payload, &mut clean)?)
}

/// Who decided, and why.
pub(crate) fn decided(author_code: &str, reason: &str) -> Decided {
    let text = |text: &str| Some(Text::from(text.trim())).filter(|text| !text.is_empty());
    Decided { author_code: text(author_code), reason: text(reason) }
}
