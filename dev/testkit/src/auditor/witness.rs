//! Witnesses: the facts that tell of one slot, whose word is shown, and where they contradict each other
//! (record.md 2 B; docs/decisions/0007).

use talon_domain::fact::{ChargebackStage, Fact, Payload, PayoutStage, RefundEnd, Source};
use talon_domain::ids::EventId;
use talon_domain::money::Money;

use super::content::{self, Stated};
use super::slot::{self, Slot};

/// One fact as a witness of one slot. A fact that tells of several papers is a witness of several slots.
#[derive(Clone, Debug)]
pub(super) struct Witness<'a> {
    pub(super) slot: Slot,
    pub(super) fact: &'a Fact,
    /// Whether it stated the number in the slot's name.
    pub(super) is_numbered: bool,
}

impl Witness<'_> {
    pub(super) const fn id(&self) -> EventId {
        self.fact.header.event_id
    }

    pub(super) fn authority(&self) -> u8 {
        authority(self.fact.header.source, &self.slot)
    }

    pub(super) fn stated(&self) -> Vec<Stated> {
        content::stated_by(&self.fact.payload)
    }

    pub(super) fn revision(&self) -> u64 {
        revision(&self.fact.payload)
    }

    /// "The value shown is chosen by 1. authority, 2. revision, higher wins, absent = 0; 3. `event_id`, smallest as
    /// bytes. Nothing else, ever."
    pub(super) fn is_better_than(&self, other: &Self) -> bool {
        if self.authority() != other.authority() {
            return self.authority() > other.authority();
        }
        if self.revision() != other.revision() {
            return self.revision() > other.revision();
        }
        self.id().0 < other.id().0
    }
}

/// "Authority - provider > bank > gateway > terminal > person > ledger; for prints: terminal > gateway > person >
/// provider > bank > ledger."
pub(super) const fn authority(source: Source, slot: &Slot) -> u8 {
    if slot.family == slot::PRINT {
        match source {
            Source::Terminal => 6,
            Source::Gateway => 5,
            Source::Person => 4,
            Source::Provider => 3,
            Source::Bank => 2,
            Source::Ledger => 1,
        }
    } else if slot.family >= 201 {
        // "Ledger, person, provider, bank, gateway, terminal" (docs/decisions/0012).
        match source {
            Source::Ledger => 6,
            Source::Person => 5,
            Source::Provider => 4,
            Source::Bank => 3,
            Source::Gateway => 2,
            Source::Terminal => 1,
        }
    } else {
        money_authority(source)
    }
}

/// The authority of a source wherever no paper is concerned.
pub(super) const fn money_authority(source: Source) -> u8 {
    match source {
        Source::Provider => 6,
        Source::Bank => 5,
        Source::Gateway => 4,
        Source::Terminal => 3,
        Source::Person => 2,
        Source::Ledger => 1,
    }
}

/// What orders the tellings of one source: "the provider's `updated`, a stage: completed 1, failed 2; opened 0, won or
/// lost 1". A stage counts where no revision is stated.
pub(super) fn revision(payload: &Payload) -> u64 {
    let (stated, stage) = match payload {
        Payload::PaymentInitiated(p) => (p.revision, 0),
        Payload::PhoneVerified(p) => (p.revision, 0),
        Payload::SmsSent(p) => (p.revision, 0),
        Payload::ScheduleChosen(p) => (p.revision, 0),
        Payload::PaymentAccepted(p) => (p.revision, 0),
        Payload::Debited(p) => (p.revision, 0),
        Payload::TicketsPrinted(p) => (p.revision, 0),
        Payload::Ended(p) => (p.revision, 0),
        Payload::DebitFailed(p) => (p.revision, 0),
        Payload::SmsDelivery(p) => (p.revision, 0),
        Payload::LinkOpened(p) => (p.revision, 0),
        Payload::PaymentReplaces(p) => (p.revision, 0),
        Payload::EmailSent(p) => (p.revision, 0),
        Payload::FactReversed(p) => (p.revision, 0),
        Payload::InstalmentDefault(p) => (p.revision, 0),
        Payload::CardReplaced(p) => (p.revision, 0),
        Payload::RefundRequested(p) => (p.revision, 0),
        Payload::Refunded(p) => (p.revision, if matches!(p.end, RefundEnd::Completed { .. }) { 1 } else { 2 }),
        Payload::WithdrawalExercised(p) => (p.revision, 0),
        Payload::Chargeback(p) => (p.revision, u64::from(p.stage != ChargebackStage::Opened)),
        Payload::StatementImported(p) => (p.revision, 0),
        Payload::SettlementLine(p) => (p.revision, 0),
        Payload::Payout(p) => (p.revision, u64::from(p.stage != PayoutStage::Sent)),
        Payload::TerminalTotals(p) => (p.revision, 0),
        Payload::TillTotals(p) => (p.revision, 0),
        Payload::SequenceVoided(p) => (p.revision, 0),
        Payload::Merchant(p) => (p.revision, 0),
        Payload::Shop(p) => (p.revision, 0),
        Payload::Assignment(p) => (p.revision, 0),
        Payload::FeePlan(p) => (p.revision, 0),
        Payload::Calendar(p) => (p.revision, 0),
        Payload::PlanRules(p) => (p.revision, 0),
        Payload::Principal(p) => (p.revision, 0),
        _ => (0, 0),
    };
    if stated == 0 { stage } else { stated }
}

/// A slot that somebody tells of: its witnesses, the best one first.
#[derive(Clone, Debug)]
pub(super) struct Told<'a> {
    pub(super) slot: Slot,
    pub(super) witnesses: Vec<Witness<'a>>,
}

impl<'a> Told<'a> {
    /// Whose word is shown.
    pub(super) fn winner(&self) -> &Witness<'a> {
        &self.witnesses[0]
    }

    /// What is shown of a field: "what the best witness leaves out is shown from the next best that says it".
    pub(super) fn shown(&self, field: u8) -> Option<Vec<u8>> {
        for witness in &self.witnesses {
            for stated in witness.stated() {
                if stated.field == field {
                    return Some(stated.value);
                }
            }
        }
        None
    }

    pub(super) fn shown_text(&self, field: u8) -> Option<String> {
        self.shown(field).map(|value| content::as_text(&value))
    }

    pub(super) fn shown_number(&self, field: u8) -> Option<u64> {
        self.shown(field).map(|value| content::as_number(&value))
    }

    pub(super) fn shown_money(&self, field: u8) -> Option<Money> {
        self.shown(field).map(|value| content::as_money(&value))
    }

    /// What is shown of every field, in the order of the fields' numbers.
    pub(super) fn shown_content(&self) -> Vec<Stated> {
        let mut shown: Vec<Stated> = Vec::new();
        for witness in &self.witnesses {
            for stated in witness.stated() {
                if shown.iter().all(|other| other.field != stated.field) {
                    shown.push(stated);
                }
            }
        }
        shown.sort();
        shown
    }

    /// The fields on which witnesses contradict each other: "two contents of one source at equal revision, or a content
    /// of another source that equals none of the winning source's revisions"; "for each field, over sets of stated
    /// values". The winning source of a field is the one whose word is shown.
    pub(super) fn contradicted_fields(&self) -> Vec<u8> {
        let mut fields = Vec::new();
        for Stated { field, .. } in self.shown_content() {
            let mut told = Vec::new(); // (source, revision, value), the best witness first
            for witness in &self.witnesses {
                for stated in witness.stated() {
                    if stated.field == field {
                        told.push((witness.fact.header.source, witness.revision(), stated.value));
                    }
                }
            }
            if contradict(&told, field == content::STAGE) {
                fields.push(field);
            }
        }
        fields
    }
}

/// "Revision is never content", and a stage is a revision: a source that has not heard of the last one contradicts
/// nobody.
fn contradict(told: &[(Source, u64, Vec<u8>)], is_stage: bool) -> bool {
    let winning_source = told[0].0;
    for (source, revision, value) in told {
        let mut equals_one_of_the_winning_source = false;
        for (other_source, other_revision, other_value) in told {
            if source == other_source && revision == other_revision && value != other_value {
                return true;
            }
            if *other_source == winning_source && other_value == value {
                equals_one_of_the_winning_source = true;
            }
        }
        let is_behind = is_stage && *revision < told[0].1;
        if !equals_one_of_the_winning_source && !is_behind {
            return true;
        }
    }
    false
}

/// Puts witnesses together that tell of one slot: slots in their order, the best witness of each first. A fact that
/// claims one slot twice is one witness, numbered if either claim is.
pub(super) fn by_slot(all: Vec<Witness<'_>>) -> Vec<Told<'_>> {
    let mut told: Vec<Told<'_>> = Vec::new();
    for witness in all {
        let Some(found) = told.iter_mut().find(|told| told.slot == witness.slot) else {
            told.push(Told { slot: witness.slot.clone(), witnesses: vec![witness] });
            continue;
        };
        if let Some(twin) = found.witnesses.iter_mut().find(|other| other.id() == witness.id()) {
            twin.is_numbered |= witness.is_numbered;
            continue;
        }
        let mut place = 0;
        while place < found.witnesses.len() && found.witnesses[place].is_better_than(&witness) {
            place += 1;
        }
        found.witnesses.insert(place, witness);
    }
    told.sort_by(|a, b| a.slot.cmp(&b.slot));
    told
}
