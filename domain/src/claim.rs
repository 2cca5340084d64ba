//! Which slots a fact claims, and the streams that are made of a slot's own name. Invariants:
//! - a claim depends on one fact alone
//! - a fact that belongs to no payment claims one slot, and its stream is made of that slot's name
//!
//! Stream of a natural key: the first 16 bytes of SHA-256("talon.stream" || 0x00 || slot family || 0x00 || natural key),
//! with the four bits of a UUID's version set to 0, so that no transaction id can ever be one; the natural key is the
//! slot's parts as text, with 0x00 between them and nowhere else (docs/events.md lists them).

use sha2::{Digest as _, Sha256};

use crate::content::line_name;
use crate::fact::{
    DefaultStage, Ended, Fact, Ordinal, Payload, PrintedTicket, Refunded, SettlementLine, Source, TicketsPrinted,
};
use crate::ids::StreamId;
use crate::slot::{EndKind, LineKey, Slot};

/// A slot that a fact claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim<'a> {
    pub(crate) slot: Slot<&'a str>,
    /// Whether it stated the number that names the slot; a slot without one counts as numbered.
    pub(crate) is_numbered: bool,
}

/// The stream that a fact makes for itself; `None` for what belongs to a payment, and for what belongs to nothing.
pub fn natural_stream(payload: &Payload) -> Option<StreamId> {
    // A note claims no slot: it lies where its item does.
    let mut stream = if let Payload::NoteAdded(note) = payload { Some(note.stream) } else { None };
    each_slot(payload, Source::Ledger, &mut |claim| {
        if !claim.slot.is_of_payment() {
            stream = Some(stream_of(&claim.slot));
        }
    });
    stream
}

/// The stream that the name of a slot beside payments makes, whether or not any fact claims it.
pub fn stream_of(slot: &Slot<&str>) -> StreamId {
    let (mut key, mut is_first) = (Vec::new(), true);
    slot.texts(&mut |part| {
        if !std::mem::replace(&mut is_first, false) {
            key.push(0);
        }
        part.bytes().for_each(|byte| put_plain(byte, &mut key));
    });
    let mut hash = Sha256::new();
    for part in [&b"talon.stream"[..], &[0], slot.name().as_bytes(), &[0], &key] {
        hash.update(part);
    }
    let mut id = StreamId::default();
    id.0.iter_mut().zip(hash.finalize()).for_each(|(byte, hashed)| *byte = hashed);
    id.0[6] &= 0x0f;
    id
}

/// The byte between parts stands nowhere else: 0x00 in a text is 0x01 0x01, and 0x01 is 0x01 0x02.
fn put_plain(byte: u8, key: &mut Vec<u8>) {
    match byte {
        0 | 1 => key.extend([1, byte.saturating_add(1)]),
        byte => key.push(byte),
    }
}

/// The slots that a fact claims, in the order of its own content.
pub fn slots_of(fact: &Fact) -> Vec<Slot> {
    let mut slots = Vec::new();
    each_claim(fact, &mut |claim| slots.push(claim.slot.owned()));
    slots
}

/// What a fact claims, in the order of its own content. One fact may tell of several papers.
pub(crate) fn each_claim<'a>(fact: &'a Fact, put: &mut dyn FnMut(Claim<'a>)) {
    each_slot(&fact.payload, fact.header.source, put);
}

fn each_slot<'a>(payload: &'a Payload, source: Source, put: &mut dyn FnMut(Claim<'a>)) {
    let mut unique = |slot| put(Claim { slot, is_numbered: true });
    match payload {
        Payload::PaymentInitiated(_) => unique(Slot::Initiation),
        Payload::PhoneVerified(p) => numbered(put, p.number, Slot::Phone),
        Payload::SmsSent(p) => numbered(put, p.number, Slot::Sms),
        Payload::SmsDelivery(p) => numbered(put, p.number, |n| Slot::SmsDelivery(n, p.status)),
        Payload::LinkOpened(p) => numbered(put, p.number, Slot::LinkOpened),
        Payload::ScheduleChosen(p) => unique(Slot::Plan(p.version.get())),
        Payload::PaymentAccepted(p) => unique(Slot::Acceptance(p.payment_id.as_deref().unwrap_or_default())),
        Payload::Debited(p) => unique(p.debit_id.as_deref().map_or(Slot::DebitWithoutId(p.instalment), Slot::Debit)),
        Payload::TicketsPrinted(p) => printed(p, put),
        Payload::Ended(p) => ended(p, source, put),
        Payload::DebitFailed(p) => numbered(put, p.attempt, |n| Slot::DebitFailure(p.instalment, n)),
        Payload::InstalmentDefault(p) => unique(match p.stage {
            DefaultStage::Covered => Slot::Covered(p.instalment),
            DefaultStage::Claimed => Slot::Claimed(p.instalment),
        }),
        Payload::CardReplaced(p) => numbered(put, p.number, Slot::CardReplaced),
        Payload::RefundRequested(p) => unique(Slot::RefundRequest(&p.request_id)),
        Payload::Refunded(p) => {
            put(Claim { slot: refund(p), is_numbered: p.refund_id.is_some() || p.request_id.is_some() });
        }
        Payload::WithdrawalExercised(_) => unique(Slot::Withdrawal),
        Payload::EmailSent(p) => numbered(put, p.number, |n| Slot::Email(p.template, n)),
        Payload::PaymentReplaces(p) => unique(Slot::Replaces(p.replaced)),
        Payload::Chargeback(p) => numbered(put, p.round, |n| Slot::Chargeback(&p.dispute_id, n)),
        Payload::FactReversed(p) => unique(Slot::Reversal(p.reversed)),
        other => beside_payments(other, &mut unique),
    }
}

fn beside_payments<'a>(payload: &'a Payload, unique: &mut dyn FnMut(Slot<&'a str>)) {
    match payload {
        Payload::StatementImported(p) => unique(Slot::Statement(&p.account, p.file_hash)),
        Payload::SettlementLine(p) => unique(Slot::Line(&p.account, line_key(p))),
        Payload::Payout(p) => unique(Slot::Payout(&p.account, &p.payout_id)),
        Payload::TerminalTotals(p) => unique(Slot::TerminalTotals(p.terminal, p.epoch, p.day)),
        Payload::TillTotals(p) => unique(Slot::TillTotals(p.shop, &p.till, p.day, &p.tender)),
        Payload::SequenceVoided(p) => unique(Slot::SequenceVoided(p.terminal, p.epoch, p.from, p.to)),
        Payload::EventRefused(p) => unique(Slot::EventRefused(p.event_id)),
        Payload::Merchant(_) => unique(Slot::Merchant),
        Payload::Shop(p) => unique(Slot::Shop(&p.code)),
        Payload::Assignment(p) => unique(Slot::Assignment(p.terminal, p.epoch)),
        Payload::FeePlan(p) => unique(Slot::FeePlan(&p.id, p.version.get())),
        Payload::Calendar(p) => unique(Slot::Calendar(&p.id, p.version.get())),
        Payload::PlanRules(p) => unique(Slot::PlanRules(&p.id, p.version.get())),
        Payload::Principal(p) => unique(Slot::Principal(p.number)),
        _ => {}
    }
}

fn numbered<'a>(put: &mut dyn FnMut(Claim<'a>), number: Ordinal, slot: impl FnOnce(u32) -> Slot<&'a str>) {
    put(Claim { slot: slot(number.get()), is_numbered: number.stated().is_some() });
}

fn printed<'a>(print: &'a TicketsPrinted, put: &mut dyn FnMut(Claim<'a>)) {
    for PrintedTicket { kind, about, copy } in &print.tickets {
        numbered(put, *copy, |copy| Slot::Print(*kind, about.as_deref().unwrap_or_default(), copy));
    }
}

/// A shop may ask for an end, or believe in one; only who can know decides it.
fn ended<'a>(ended: &Ended, source: Source, put: &mut dyn FnMut(Claim<'a>)) {
    let only_asks = matches!(source, Source::Terminal | Source::Person | Source::Ledger);
    numbered(put, ended.attempt, |attempt| match ended.end.kind() {
        kind @ (EndKind::Cancelled | EndKind::Expired) if only_asks => Slot::CancelAsked(kind, attempt),
        kind => Slot::Outcome(kind, attempt),
    });
}

fn refund(refund: &Refunded) -> Slot<&str> {
    match (refund.refund_id.as_deref(), refund.request_id.as_deref()) {
        (Some(id), _) => Slot::Refund(id),
        (None, Some(request)) => Slot::RefundWithoutId(request, None),
        (None, None) => Slot::RefundWithoutId("", refund.amount),
    }
}

fn line_key(line: &SettlementLine) -> LineKey<&str> {
    let content = || LineKey::Content(line_name(line), line.occurrence.get());
    line.line_id.as_deref().map_or_else(content, LineKey::Id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{TerminalEpoch, TerminalId, is_v7_or_v8};

    #[test]
    fn two_names_never_share_a_stream() {
        let line = |account, id| stream_of(&Slot::Line(account, LineKey::Id(id)));
        let streams = [
            line("a\0b", "c"),
            line("a", "b\0c"),
            line("a\u{1}\u{1}b", "c"),
            line("a", "b\u{1}\u{1}c"),
            line("a", "b"),
        ];
        let distinct: std::collections::BTreeSet<_> = streams.iter().collect();
        assert_eq!(distinct.len(), streams.len());
    }

    #[test]
    fn no_name_makes_a_transaction_id() {
        let devices = (1..=2_000).map(|terminal| Slot::Assignment(TerminalId(terminal), TerminalEpoch(3)));
        for stream in devices.map(|slot| stream_of(&slot)) {
            assert!(!is_v7_or_v8(&stream.0) && StreamId::parse(&stream.to_string()).is_none(), "{stream}");
        }
    }
}
