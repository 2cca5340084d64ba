//! A ledger in miniature: what the door does to a line, and the fold of what it lets in.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use talon_domain::anomaly::Code;
use talon_domain::fact::{Fact, FactHeader};
use talon_domain::fold::{Fold, Verdict};
use talon_domain::ids::PrincipalId;
use talon_domain::state::State;
use talon_intake::holds_card_number;
use talon_journal::partition_of;
use talon_proto::{check_payload, check_personal, decode, event_from_json, event_to_json, walk};

use crate::demo::script::{Arrival, Day, day};

const FIVE_MINUTES_US: i64 = 5 * 60 * 1_000_000;

/// The days of twenty seeds. A day is played once, and looked at by every test.
pub(crate) static DAYS: LazyLock<Vec<Ledger>> = LazyLock::new(|| (1..=20).map(Ledger::of).collect());

/// What a day comes to.
pub(crate) struct Ledger {
    pub(crate) day: Day,
    /// As they came, the second of a pair left out.
    pub(crate) facts: Vec<Fact>,
    pub(crate) fold: Fold,
    pub(crate) states: Vec<State>,
}

impl Ledger {
    fn of(seed: u64) -> Self {
        let day = day(seed);
        let mut fold = Fold::new();
        let mut facts = Vec::new();
        for arrival in &day.arrivals {
            let (fact, _) = entered(arrival);
            if fold.apply(partition_of(fact.header.merchant), fact.clone()) == Verdict::Fact {
                facts.push(fact);
            }
        }
        let states = fold.payments().map(|(key, stream)| stream.state(key)).collect();
        Self { day, facts, fold, states }
    }

    /// How often each rule is not kept.
    pub(crate) fn anomalies(&self) -> BTreeMap<Code, usize> {
        let notes = self.fold.streams().flat_map(|(_, stream)| stream.notes());
        let mut counts = BTreeMap::new();
        for anomaly in self.states.iter().flat_map(|state| state.anomalies.clone()).chain(notes) {
            *counts.entry(anomaly.code).or_default() += 1;
        }
        counts
    }
}

/// The fact that a line becomes, and the line that it would be written as again.
pub(crate) fn entered(arrival: &Arrival) -> (Fact, String) {
    let mut event = Vec::new();
    event_from_json(arrival.json.as_bytes(), &mut event).unwrap_or_else(|fault| panic!("{fault}: {}", arrival.json));
    let envelope = walk(&event).expect("an envelope");
    check_payload(envelope.kind, envelope.schema, envelope.payload, &mut |text| !holds_card_number(text))
        .unwrap_or_else(|fault| panic!("{fault:?}: {}", arrival.json));
    envelope.personal.map_or(Ok(()), check_personal).expect("a person");
    assert!(!holds_card_number(envelope.source_key));
    let header = FactHeader {
        kind: envelope.kind,
        schema: envelope.schema,
        recorded_at: arrival.at,
        occurred_at: envelope.occurred_at,
        merchant: envelope.merchant,
        shop: envelope.shop,
        terminal: envelope.terminal,
        terminal_seq: envelope.terminal_seq,
        terminal_epoch: envelope.terminal_epoch,
        day: envelope.occurred_at.paris_day().expect("a day"),
        principal: PrincipalId(1),
        source: envelope.source,
        event_id: envelope.identity().expect("a name"),
        stream: envelope.stream().expect("a payment"),
        sealed: envelope.personal.is_some(),
        training: envelope.training,
        imported: false,
        clock_doubtful: envelope.occurred_at.0 - arrival.at.0 > FIVE_MINUTES_US,
    };
    let canonical = event_to_json(&header, envelope.payload, envelope.personal).expect("readable");
    let payload = decode(header.kind, header.schema, envelope.payload);
    (Fact { header, payload }, canonical)
}
