//! What a fact says, by kind. Every payload has a revision, which orders what one source says of the same thing.

use super::control::{Chunk, Commit, FoldActivated, SchemaActivated, SubjectErased};
use super::decision::NoteAdded;
use super::flow::{
    CardReplaced, DebitFailed, Debited, EmailSent, Ended, FactReversed, LinkOpened, PaymentAccepted, PaymentInitiated,
    PaymentReplaces, PhoneVerified, ScheduleChosen, SmsDelivery, SmsSent, TicketsPrinted,
};
use super::money_back::{Chargeback, InstalmentDefault, RefundRequested, Refunded, WithdrawalExercised};
use super::registry::{Assignment, Calendar, FeePlan, Merchant, PlanRules, Principal, Shop};
use super::settlement::{
    EventRefused, Payout, SequenceVoided, SettlementLine, StatementImported, TerminalTotals, TillTotals,
};
use super::{ChargebackStage, PayoutStage, Text};

/// What a fact says, by kind.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Payload {
    /// Kind 1.
    PaymentInitiated(PaymentInitiated),
    /// Kind 2.
    PhoneVerified(PhoneVerified),
    /// Kind 3.
    SmsSent(SmsSent),
    /// Kind 4.
    ScheduleChosen(Box<ScheduleChosen>),
    /// Kind 5.
    PaymentAccepted(PaymentAccepted),
    /// Kinds 6 and 7: a debit on the card is the debit of instalment 1.
    Debited(Debited),
    /// Kinds 8 and 19: a reprint is a print of a later copy.
    TicketsPrinted(TicketsPrinted),
    /// Kinds 9, 10, 11, 13 and 16: how an attempt ended, short of acceptance.
    Ended(Ended),
    /// Kind 12.
    DebitFailed(DebitFailed),
    /// Kind 14.
    SmsDelivery(SmsDelivery),
    /// Kind 15.
    LinkOpened(LinkOpened),
    /// Kind 17.
    PaymentReplaces(PaymentReplaces),
    /// Kind 18.
    EmailSent(EmailSent),
    /// Kind 20.
    FactReversed(FactReversed),
    /// Kinds 21 and 22.
    InstalmentDefault(InstalmentDefault),
    /// Kind 23.
    CardReplaced(CardReplaced),
    /// Kind 24.
    RefundRequested(RefundRequested),
    /// Kinds 25 and 26.
    Refunded(Box<Refunded>),
    /// Kind 27.
    WithdrawalExercised(WithdrawalExercised),
    /// Kinds 28, 29 and 30.
    Chargeback(Chargeback),
    /// Kind 1001.
    StatementImported(Box<StatementImported>),
    /// Kind 1002.
    SettlementLine(Box<SettlementLine>),
    /// Kinds 1003 and 1004.
    Payout(Box<Payout>),
    /// Kind 1011.
    TerminalTotals(TerminalTotals),
    /// Kind 1012.
    TillTotals(TillTotals),
    /// Kind 1013.
    SequenceVoided(SequenceVoided),
    /// Kind 1014.
    EventRefused(EventRefused),
    /// Kind 2021.
    NoteAdded(Box<NoteAdded>),
    /// Kind 4001.
    Merchant(Merchant),
    /// Kind 4002.
    Shop(Box<Shop>),
    /// Kind 4003.
    Assignment(Box<Assignment>),
    /// Kind 4004.
    FeePlan(Box<FeePlan>),
    /// Kind 4011.
    Calendar(Calendar),
    /// Kind 4012.
    PlanRules(PlanRules),
    /// Kind 4013.
    Principal(Principal),
    /// Kind 4021.
    SchemaActivated(SchemaActivated),
    /// Kind 4022.
    FoldActivated(FoldActivated),
    /// Kind 5001.
    SubjectErased(SubjectErased),
    /// Kind 65001.
    Chunk(Chunk),
    /// Kind 65002.
    Commit(Commit),
    /// Genesis and the technical log: kept for people, read by no fold.
    Inert,
    /// A kind or schema that this release cannot read: the bytes, kept for a release that can.
    Parked(Box<[u8]>),
}

impl Payload {
    /// Orders what one source says of the same thing: higher replaces lower, absent is 0, or the stage that it tells.
    pub const fn revision(&self) -> u64 {
        match self {
            Self::PaymentInitiated(p) => p.revision,
            Self::PhoneVerified(p) => p.revision,
            Self::SmsSent(p) => p.revision,
            Self::ScheduleChosen(p) => p.revision,
            Self::PaymentAccepted(p) => p.revision,
            Self::Debited(p) => p.revision,
            Self::TicketsPrinted(p) => p.revision,
            Self::Ended(p) => p.revision,
            Self::DebitFailed(p) => p.revision,
            Self::SmsDelivery(p) => p.revision,
            Self::LinkOpened(p) => p.revision,
            Self::PaymentReplaces(p) => p.revision,
            Self::EmailSent(p) => p.revision,
            Self::FactReversed(p) => p.revision,
            Self::InstalmentDefault(p) => p.revision,
            Self::CardReplaced(p) => p.revision,
            Self::RefundRequested(p) => p.revision,
            Self::Refunded(p) => stated_or(p.revision, p.end.stage()),
            Self::WithdrawalExercised(p) => p.revision,
            Self::Chargeback(p) => stated_or(p.revision, if is_open(p.stage) { 0 } else { 1 }),
            Self::StatementImported(p) => p.revision,
            Self::SettlementLine(p) => p.revision,
            Self::Payout(p) => stated_or(p.revision, if is_sent(p.stage) { 0 } else { 1 }),
            Self::TerminalTotals(p) => p.revision,
            Self::TillTotals(p) => p.revision,
            Self::SequenceVoided(p) => p.revision,
            Self::Merchant(p) => p.revision,
            Self::Shop(p) => p.revision,
            Self::Assignment(p) => p.revision,
            Self::FeePlan(p) => p.revision,
            Self::Calendar(p) => p.revision,
            Self::PlanRules(p) => p.revision,
            Self::Principal(p) => p.revision,
            Self::EventRefused(_)
            | Self::NoteAdded(_)
            | Self::SchemaActivated(_)
            | Self::FoldActivated(_)
            | Self::SubjectErased(_)
            | Self::Chunk(_)
            | Self::Commit(_)
            | Self::Inert
            | Self::Parked(_) => 0,
        }
    }
}

impl Payload {
    /// Whether it is judged at its place in the order of the ledger, against what came before it, and once for ever: a
    /// decision, an activation, an erasure, a part of a bulk. What is kept for people alone has its place there too.
    pub const fn is_judged_in_order(&self) -> bool {
        matches!(
            self,
            Self::NoteAdded(_)
                | Self::SchemaActivated(_)
                | Self::FoldActivated(_)
                | Self::SubjectErased(_)
                | Self::Chunk(_)
                | Self::Commit(_)
                | Self::Inert
        )
    }

    /// Registry code of who finances it, where the fact says so.
    pub fn provider(&self) -> Option<&Text> {
        let provider = match self {
            Self::PaymentInitiated(p) => &p.provider,
            Self::ScheduleChosen(p) => &p.provider,
            Self::PaymentAccepted(p) => &p.provider,
            Self::Debited(p) => &p.provider,
            Self::Ended(p) => &p.provider,
            Self::DebitFailed(p) => &p.provider,
            Self::InstalmentDefault(p) => &p.provider,
            Self::CardReplaced(p) => &p.provider,
            Self::RefundRequested(p) => &p.provider,
            Self::Refunded(p) => &p.provider,
            Self::WithdrawalExercised(p) => &p.provider,
            Self::Chargeback(p) => &p.provider,
            Self::SettlementLine(p) => &p.provider,
            Self::Payout(p) => &p.provider,
            Self::FeePlan(p) => return Some(&p.provider),
            Self::PlanRules(p) => &p.provider,
            _ => return None,
        };
        provider.as_ref()
    }
}

const fn stated_or(revision: u64, stage: u64) -> u64 {
    if revision == 0 { stage } else { revision }
}

const fn is_open(stage: ChargebackStage) -> bool {
    matches!(stage, ChargebackStage::Opened)
}

const fn is_sent(stage: PayoutStage) -> bool {
    matches!(stage, PayoutStage::Sent)
}
