//! A slot's name with texts of its own: judges borrow names from facts, states keep them.

use super::{LineKey, Slot};

impl Slot<&str> {
    /// The same name, with texts of its own.
    pub(crate) fn owned(&self) -> Slot {
        self.map(|text| (*text).into())
    }
}

impl<T> Slot<T> {
    /// The same name, with its texts held another way.
    fn map<U>(&self, text: impl Fn(&T) -> U) -> Slot<U> {
        match self {
            Self::Initiation => Slot::Initiation,
            Self::Phone(n) => Slot::Phone(*n),
            Self::Sms(n) => Slot::Sms(*n),
            Self::SmsDelivery(n, status) => Slot::SmsDelivery(*n, *status),
            Self::LinkOpened(n) => Slot::LinkOpened(*n),
            Self::Plan(n) => Slot::Plan(*n),
            Self::Acceptance(id) => Slot::Acceptance(text(id)),
            Self::Outcome(kind, n) => Slot::Outcome(*kind, *n),
            Self::CancelAsked(kind, n) => Slot::CancelAsked(*kind, *n),
            Self::Debit(id) => Slot::Debit(text(id)),
            Self::DebitWithoutId(n) => Slot::DebitWithoutId(*n),
            Self::DebitFailure(instalment, n) => Slot::DebitFailure(*instalment, *n),
            Self::Covered(n) => Slot::Covered(*n),
            Self::Claimed(n) => Slot::Claimed(*n),
            Self::CardReplaced(n) => Slot::CardReplaced(*n),
            Self::RefundRequest(id) => Slot::RefundRequest(text(id)),
            Self::Refund(id) => Slot::Refund(text(id)),
            Self::RefundWithoutId(request, amount) => Slot::RefundWithoutId(text(request), *amount),
            Self::Withdrawal => Slot::Withdrawal,
            Self::Print(kind, about, copy) => Slot::Print(*kind, text(about), *copy),
            Self::Email(template, n) => Slot::Email(*template, *n),
            Self::Replaces(stream) => Slot::Replaces(*stream),
            Self::Chargeback(id, n) => Slot::Chargeback(text(id), *n),
            Self::Reversal(event) => Slot::Reversal(*event),
            Self::Statement(account, hash) => Slot::Statement(text(account), *hash),
            Self::Line(account, LineKey::Id(id)) => Slot::Line(text(account), LineKey::Id(text(id))),
            Self::Line(account, LineKey::Content(hash, n)) => Slot::Line(text(account), LineKey::Content(*hash, *n)),
            Self::Payout(account, id) => Slot::Payout(text(account), text(id)),
            Self::TerminalTotals(terminal, epoch, day) => Slot::TerminalTotals(*terminal, *epoch, *day),
            Self::TillTotals(shop, till, day, tender) => Slot::TillTotals(*shop, text(till), *day, text(tender)),
            Self::SequenceVoided(terminal, epoch, from, to) => Slot::SequenceVoided(*terminal, *epoch, *from, *to),
            Self::EventRefused(event) => Slot::EventRefused(*event),
            Self::Merchant => Slot::Merchant,
            Self::Shop(code) => Slot::Shop(text(code)),
            Self::Assignment(terminal, epoch) => Slot::Assignment(*terminal, *epoch),
            Self::FeePlan(id, version) => Slot::FeePlan(text(id), *version),
            Self::Calendar(id, version) => Slot::Calendar(text(id), *version),
            Self::PlanRules(id, version) => Slot::PlanRules(text(id), *version),
            Self::Principal(number) => Slot::Principal(*number),
        }
    }
}
