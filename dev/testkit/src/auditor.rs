//! The auditor: a second implementation of the fold, in plain loops, that shares no code with it. It keeps every record
//! and judges from the beginning each time it is asked.
//!
//! It is written from the contract (`docs/format.md` 10, `docs/decisions/0007-shown-field-by-field.md`, and the contract
//! of the record and the fold, quoted as record.md): a comment in quotation marks is the sentence that the loop below
//! it carries out. It takes from the domain what a fact *is* (facts, ids, money, days, plans), and nothing of what
//! facts mean together. Where the two differ, one of them is wrong.
//!
//! ```text
//! record --> admission --> its stream --> slots --> joins --> reversals --> plan, debits, outcome, money back --> row
//!                    \--> the order of the ledger: activations, erasures, bulks
//! ```
//!
//! Invariant: no step is clever. Work may grow with the square of a history's length, or worse.
//!
//! This module does not know records, partitions' keys or engines: it is told facts, and in which partition.

mod admission;
mod anomaly;
pub mod books;
mod content;
mod debit;
mod join;
mod ledger_order;
mod money_back;
mod outcome;
mod payment;
mod plan;
mod reading;
mod reversal;
mod row;
mod slot;
mod witness;

use talon_domain::fact::Fact;
use talon_domain::ids::{PartitionId, StreamKey};

use admission::Admitted;

pub use admission::Admission;
pub use ledger_order::{Applied, Ruled};
pub use payment::{Component, summed};
pub use reading::read_row;
pub use slot::natural_stream;

/// What was audited so far.
#[derive(Debug, Default)]
pub struct Auditor {
    admitted: Vec<Admitted>,
}

/// What one stream adds up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audited {
    /// Which stream.
    pub key: StreamKey,
    /// The status's number, if it is a payment.
    pub status: Option<u8>,
    /// What it adds to every total.
    pub totals: Vec<Component>,
    /// Rules that are not kept: code, slot's name for people, slot's name in a row.
    pub anomalies: Vec<(u16, String, Vec<u8>)>,
    /// What was found at admission, outside the row: code, and the name of the first slot that the fact claims.
    pub notes: Vec<(u16, String)>,
    /// Messages with a link: number, the furthest report on it, and whether its link was opened.
    pub sms: Vec<(u32, Option<u8>, bool)>,
    /// The row of the state digest.
    pub row: Vec<u8>,
}

impl Auditor {
    /// An auditor who has heard nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next record of its partition.
    pub fn record(&mut self, partition: PartitionId, fact: &Fact) -> Admission {
        admission::admit(&mut self.admitted, partition, fact)
    }

    /// Every stream that can be read, in the order of keys.
    pub fn streams(&self) -> Vec<Audited> {
        let mut streams = Vec::new();
        for key in self.keys() {
            streams.extend(self.stream(key));
        }
        streams
    }

    /// Every stream that is told of, in their order. "Broadcast copies count once, those of partition 0."
    fn keys(&self) -> Vec<StreamKey> {
        let mut keys: Vec<StreamKey> = Vec::new();
        for admitted in self.admitted.iter().filter(|admitted| is_shown(admitted)) {
            let key = admitted.fact.header.stream_key();
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys.sort_unstable();
        keys
    }

    /// Every payment, in the order of keys.
    pub fn payments(&self) -> Vec<Audited> {
        let mut payments = self.streams();
        payments.retain(|audited| audited.status.is_some());
        payments
    }

    /// One stream; `None` where nothing can be read.
    fn stream(&self, key: StreamKey) -> Option<Audited> {
        let mut of_stream = self.admitted.iter().filter(|admitted| is_shown(admitted)).collect::<Vec<_>>();
        of_stream.retain(|admitted| admitted.fact.header.stream_key() == key);
        let facts: Vec<&Fact> = of_stream.iter().map(|admitted| &admitted.fact).collect();
        // "Parked records have no row."
        if facts.iter().all(|fact| matches!(fact.payload, talon_domain::fact::Payload::Parked(_))) {
            return None;
        }
        let judged = payment::judge(&facts);
        let anomalies = judged.anomalies.iter().map(|(code, slot)| (*code, slot.label(), row::name(slot))).collect();
        Some(Audited {
            key,
            status: judged.payment.as_ref().map(|payment| payment.status),
            totals: judged.payment.as_ref().map_or(vec![], |payment| payment::contributions(key, payment)),
            anomalies,
            notes: notes(&of_stream),
            sms: if judged.payment.is_some() { payment::sms(&judged.told) } else { vec![] },
            row: row::row(key, &judged),
        })
    }

    /// The state digest, as 64 hexadecimal digits.
    pub fn digest(&self) -> String {
        let rows: Vec<Vec<u8>> = self.streams().into_iter().map(|audited| audited.row).collect();
        row::digest(&rows)
    }

    /// Rulings on a partition's activations and erasures, in the order of the partition.
    pub fn rulings(&self, partition: PartitionId) -> Vec<Ruled> {
        ledger_order::rulings(&self.of_partition(partition))
    }

    /// A partition's bulks: those that are applied, and the names of those that are incomplete, with the code that says
    /// so.
    pub fn bulks(&self, partition: PartitionId) -> (Vec<Applied>, Vec<([u8; 16], u16)>) {
        let (applied, incomplete) = ledger_order::bulks(&self.of_partition(partition));
        (applied, incomplete.into_iter().map(|bulk| (bulk, anomaly::BULK_MUST_BE_COMPLETE)).collect())
    }

    fn of_partition(&self, partition: PartitionId) -> Vec<&Fact> {
        let mine = self.admitted.iter().filter(|admitted| admitted.partition == partition);
        mine.map(|admitted| &admitted.fact).collect()
    }
}

/// Whether a fact belongs to a stream that is shown.
fn is_shown(admitted: &Admitted) -> bool {
    let is_copy = admitted.fact.header.merchant.0 == 0 && admitted.partition.0 != 0;
    !is_copy && !ledger_order::is_judged_here(&admitted.fact.payload)
}

/// Conflicts of event ids, and clocks that are far from the ledger's. "Outside the digest: flags b3/b4 and what follows
/// from them", and conflicts.
fn notes(of_stream: &[&Admitted]) -> Vec<(u16, String)> {
    let mut notes = Vec::new();
    for admitted in of_stream {
        let claims = slot::claimed_by(&admitted.fact);
        let place = claims.first().map_or(slot::Slot::new(slot::INITIATION, vec![]), |(slot, _)| slot.clone());
        if admitted.is_contradicted {
            notes.push((anomaly::EVENT_ID_MUST_NAME_ONE_CONTENT, place.clone()));
        }
        if admitted.fact.header.clock_doubtful {
            notes.push((anomaly::CLOCK_SHOULD_BE_RIGHT, place));
        }
    }
    notes.sort();
    notes.dedup();
    notes.into_iter().map(|(code, slot)| (code, slot.label())).collect()
}
