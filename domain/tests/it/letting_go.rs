//! A fold may let its streams go, if somebody keeps them: restored before they are needed, nothing can be told from a
//! fold that let nothing go.

use std::collections::BTreeMap;

use proptest::prelude::*;
use talon_domain::digest::Digest;
use talon_domain::fact::Fact;
use talon_domain::fold::{Fold, Verdict};
use talon_domain::ids::{EventId, MerchantId, PartitionId, StreamKey};
use talon_domain::time::Day;

use crate::history::{PARTITION, fact};
use crate::laws::line;

/// A stream as it is kept: its facts in their order, and the places of conflicts.
type Kept = (Vec<Fact>, Vec<usize>);

/// Who keeps streams while a fold does not have them.
#[derive(Default)]
struct Keeper {
    streams: BTreeMap<StreamKey, Kept>,
    ids: BTreeMap<(MerchantId, EventId), StreamKey>,
}

impl Keeper {
    /// Takes all streams out of a fold.
    fn take(&mut self, fold: &mut Fold) {
        for (_, of) in fold.partitions() {
            for (key, stream) in of.all_streams() {
                let facts: Vec<_> = stream.facts().cloned().collect();
                self.ids.extend(facts.iter().map(|fact| ((key.merchant, fact.header.event_id), key)));
                self.streams.insert(key, (facts, stream.conflicts().collect()));
            }
        }
        fold.forget();
        assert_eq!(fold.partitions().flat_map(|(_, of)| of.all_streams()).count(), 0);
    }

    /// Gives a fold what it needs to admit a fact.
    fn give(&self, fold: &mut Fold, fact: &Fact) {
        let own = fact.header.stream_key();
        let of_id = self.ids.get(&(own.merchant, fact.header.event_id)).copied();
        for key in [Some(own), of_id].into_iter().flatten() {
            let Some((facts, conflicts)) = self.streams.get(&key) else { continue };
            if fold.number_of(PARTITION, key).is_none() {
                let number = fold.restore(PARTITION, facts.clone(), conflicts).expect("a stream has facts");
                assert_eq!(fold.number_of(PARTITION, key), Some(number));
                assert_eq!(fold.numbered(PARTITION, number).map(|(key, _)| key), Some(key));
            }
        }
    }

    fn digest(&self) -> Digest {
        let mut fold = Fold::new();
        for (facts, conflicts) in self.streams.values() {
            fold.restore(PARTITION, facts.clone(), conflicts).expect("a stream has facts");
        }
        fold.digest()
    }
}

/// Lines whose event ids meet, within their streams and across them; among them what is judged in order, and of a day
/// to come.
fn told() -> impl Strategy<Value = Vec<Fact>> {
    let beside = proptest::sample::select(
        &["SubjectErased ledger", "SchemaActivated ledger kind=2001", "FoldActivated ledger version=2"][..],
    );
    let any = prop_oneof![8 => line(), 2 => beside.prop_map(str::to_owned)];
    let numbered = (any, 1u32..9, 0u8..10).prop_map(|(line, number, day)| {
        let told = fact(&format!("{line} e={number}"), number);
        if day == 0 { of_the_next_day(told) } else { told }
    });
    proptest::collection::vec(numbered, 1..24)
}

fn of_the_next_day(mut fact: Fact) -> Fact {
    fact.header.day.0 += 1;
    fact
}

/// What became of each fact, and what the fold holds in the end; `forgets` says before which facts streams are let go.
fn letting_go(facts: &[Fact], mut fold: Fold, forgets: &[bool]) -> (Vec<Verdict>, Fold, Keeper) {
    let (mut keeper, mut verdicts) = (Keeper::default(), Vec::new());
    for (fact, forgets) in facts.iter().zip(forgets) {
        if *forgets {
            keeper.take(&mut fold);
        }
        keeper.give(&mut fold, fact);
        verdicts.push(fold.apply(PARTITION, fact.clone()));
    }
    keeper.take(&mut fold);
    (verdicts, fold, keeper)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_let_go_and_restored_is_as_if_it_had_stayed(
        facts in told(),
        forgets in proptest::collection::vec(any::<bool>(), 24),
        day in proptest::option::of(Just(Day::of(2026, 11, 25).expect("a day"))),
    ) {
        let begun = || day.map_or_else(Fold::new, Fold::effective_at);
        let mut stayed = begun();
        let expected: Vec<_> = facts.iter().map(|fact| stayed.apply(PARTITION, fact.clone())).collect();
        let (verdicts, fold, keeper) = letting_go(&facts, begun(), &forgets);
        prop_assert_eq!(verdicts, expected);
        prop_assert_eq!(fold.counts(), stayed.counts());
        prop_assert_eq!(keeper.digest(), stayed.digest());
        let notes = |fold: &Fold| fold.streams().map(|(key, stream)| (key, stream.notes())).collect::<Vec<_>>();
        let mut back = Fold::new();
        for (facts, conflicts) in keeper.streams.values() {
            back.restore(PARTITION, facts.clone(), conflicts);
        }
        prop_assert_eq!(notes(&back), notes(&stayed));
        let ordered = |fold: &Fold| fold.partitions().map(|(_, of)| format!("{:?} {:?}", of.rulings(), of.ordered())).collect::<Vec<_>>();
        prop_assert_eq!(ordered(&fold), ordered(&stayed));
    }
}

#[test]
fn what_is_restored_is_not_counted_and_what_is_of_a_later_day_is_still_known() {
    let mut fold = Fold::effective_at(Day::of(2026, 11, 25).expect("a day"));
    let (today, tomorrow) = (fact("SmsSent gateway n=1", 1), of_the_next_day(fact("SmsSent gateway n=2", 2)));
    assert_eq!(fold.apply(PARTITION, today.clone()), Verdict::Fact);
    assert_eq!(fold.apply(PARTITION, tomorrow.clone()), Verdict::Later);
    let mut keeper = Keeper::default();
    keeper.take(&mut fold);
    let counts = fold.counts();
    assert!(!fold.knows(PARTITION, &today) && fold.knows(PARTITION, &tomorrow));
    keeper.give(&mut fold, &today);
    assert_eq!(fold.counts(), counts);
    assert!(fold.knows(PARTITION, &today));
    assert_eq!(fold.apply(PARTITION, today), Verdict::Duplicate);
    assert_eq!(fold.apply(PARTITION, tomorrow), Verdict::Duplicate);
    assert_eq!(fold.restore(PartitionId(3), Vec::new(), &[]), None, "a stream has facts");
}
