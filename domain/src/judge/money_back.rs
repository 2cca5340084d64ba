//! Money that does not stay: refunds, disputes, a withdrawal. Invariants:
//! - a refund or chargeback counts in full, whatever the sale is; what is beyond it is found, never cut
//! - a refund's cash and rebate are its amount, also where witnesses say otherwise
//! - of the rounds of a dispute the highest one counts: money is taken back once, however often it is fought over

use std::collections::BTreeSet;

use super::{Findings, outcome, plan};
use crate::anomaly::Code;
use crate::claims::Claims;
use crate::content::{Field, Value, statement_of};
use crate::fact::{ChargebackReason, ChargebackStage, Payload, RefundEnd};
use crate::money::{Amount, Money, Totals};
use crate::slot::{Slot, family};
use crate::state::{AgreedPlan, Dispute, Refund, RefundRequest, Sale, Split, Standing, Withdrawal};
use crate::witness::{Ranked, Witness};

/// What came back.
pub(super) struct MoneyBack {
    pub(super) requests: Vec<RefundRequest>,
    pub(super) refunds: Vec<Refund>,
    pub(super) disputes: Vec<Dispute>,
    pub(super) withdrawal: Option<Withdrawal>,
}

pub(super) fn judge(
    claims: &Claims<'_>,
    accepted: Option<&outcome::Accepted<'_>>,
    is_known: bool,
    found: &mut Findings,
) -> MoneyBack {
    let known = Known(is_known);
    let refunds = claims.families(family::REFUND, family::REFUND_WITHOUT_ID);
    let requests = claims.families(family::REFUND_REQUEST, family::REFUND_REQUEST);
    let answered = answered(claims);
    MoneyBack {
        requests: requests.filter_map(|ranked| request(&ranked, claims, &answered)).collect(),
        refunds: refunds.filter_map(|ranked| refund(&ranked, accepted, known, found)).collect(),
        disputes: disputes(claims, accepted, known, found),
        withdrawal: claims.get(&Slot::Withdrawal).map(|ranked| {
            let header = ranked.best().header();
            Withdrawal { occurred_at: header.occurred_at, day: header.day }
        }),
    }
}

/// Whether anything is known of the payment but the money that moved.
#[derive(Clone, Copy)]
struct Known(bool);

impl Known {
    fn standing(self, slot: &Slot<&str>, found: &mut Findings) -> Standing {
        found.add_if(!self.0, Code::PaymentMustBeKnown, slot);
        if self.0 { Standing::Counts } else { Standing::Suspense }
    }
}

fn request(ranked: &Ranked<'_, '_>, claims: &Claims<'_>, answered: &BTreeSet<&str>) -> Option<RefundRequest> {
    let (Slot::RefundRequest(id), Payload::RefundRequested(shown)) = (ranked.slot(), ranked.best().payload()) else {
        return None;
    };
    let tied = ranked.text(Field::RefundId).is_some_and(|refund| claims.has(&Slot::Refund(refund)));
    Some(RefundRequest {
        request_id: id.into(),
        amount: ranked.first(|witness| money(witness)),
        reason: shown.reason,
        occurred_at: ranked.best().header().occurred_at,
        is_answered: tied || answered.contains(id),
    })
}

/// The requests that a refund names.
fn answered<'a>(claims: &Claims<'a>) -> BTreeSet<&'a str> {
    let refunds = claims.families(family::REFUND, family::REFUND_WITHOUT_ID).flat_map(|ranked| ranked.all());
    let request = |witness: &Witness<'a>| match witness.payload() {
        Payload::Refunded(refund) => refund.request_id.as_deref(),
        _ => None,
    };
    refunds.filter_map(request).collect()
}

/// A refund of a payment that is not the accepted one settles what is held of that payment: it is held beside it.
fn refund(
    ranked: &Ranked<'_, '_>,
    accepted: Option<&outcome::Accepted<'_>>,
    known: Known,
    found: &mut Findings,
) -> Option<Refund> {
    let slot = ranked.slot();
    let (refund_id, request_id) = match slot {
        Slot::Refund(id) => (Some(id), ranked.text(Field::RequestId)),
        Slot::RefundWithoutId(request, _) => (None, Some(request).filter(|request| !request.is_empty())),
        _ => return None,
    };
    let shown = ranked.best();
    let Payload::Refunded(told) = shown.payload() else { return None };
    let money = ranked.first(|witness| money(witness))?;
    let is_made = matches!(told.end, RefundEnd::Completed { .. });
    let split = split(ranked, money.amount, is_made, found);
    Some(Refund {
        refund_id: refund_id.map(Into::into),
        request_id: request_id.map(Into::into),
        money,
        split,
        from_cancellation: number(ranked, Field::FromCancellation) == Some(1),
        occurred_at: shown.header().occurred_at,
        day: shown.header().day,
        standing: is_made.then(|| {
            let standing = known.standing(&slot, found);
            of_payment(ranked.text(Field::PaymentId), accepted, standing, found)
        }),
    })
}

/// Cash and rebate, so that they are the amount: where they are not, cash is what was stated, at most the amount.
fn split(ranked: &Ranked<'_, '_>, amount: Amount, is_made: bool, found: &mut Findings) -> Option<Split> {
    let part = |field| number(ranked, field).and_then(Amount::new);
    let (cash, rebate) = (part(Field::Cash), part(Field::Rebate));
    let rest = |part: Amount| Amount::new(amount.minor_units().saturating_sub(part.minor_units())).unwrap_or_default();
    let adds_up = match (cash, rebate) {
        (Some(cash), Some(rebate)) => cash.checked_add(rebate) == Some(amount),
        (Some(part), None) | (None, Some(part)) => part <= amount,
        (None, None) => true,
    };
    found.add_if(is_made && !adds_up, Code::RefundMustBeTheSumOfItsParts, &ranked.slot());
    found.add_if(is_made && cash.or(rebate).is_none(), Code::RefundSplitMustBeKnown, &ranked.slot());
    let cash = cash.or(rebate.map(rest)).map(|cash| cash.min(amount))?;
    Some(Split { cash, rebate: rest(cash) })
}

fn disputes(
    claims: &Claims<'_>,
    accepted: Option<&outcome::Accepted<'_>>,
    known: Known,
    found: &mut Findings,
) -> Vec<Dispute> {
    let mut disputes: Vec<Dispute> = Vec::new();
    let mut payments: Vec<Option<&str>> = Vec::new();
    let mut taken: Option<Money> = None;
    for ranked in claims.families(family::CHARGEBACK, family::CHARGEBACK) {
        let Some(round) = round(&ranked) else { continue };
        match disputes.last_mut() {
            Some(last) if last.dispute_id == round.dispute_id => {
                let money = round.money.or(last.money);
                *last = Dispute { money, ..round };
            }
            _ => {
                taken = None;
                disputes.push(round);
                payments.push(None);
            }
        }
        if let Some(payment) = payments.last_mut() {
            *payment = ranked.text(Field::PaymentId).or(*payment);
        }
        taken = of_stage(&ranked, |stage| stage != ChargebackStage::Won).or(taken);
        if let (Some(dispute), Some(taken)) = (disputes.last_mut(), taken) {
            lose_the_rest(dispute, taken, of_stage(&ranked, |stage| stage == ChargebackStage::Won));
        }
    }
    let lost = |dispute: &Dispute| dispute.stage != ChargebackStage::Won || dispute.standing.is_some();
    for (dispute, payment) in disputes.iter_mut().zip(payments).filter(|(dispute, _)| lost(dispute)) {
        let slot = Slot::Chargeback(&*dispute.dispute_id, dispute.round);
        found.add_if(dispute.money.is_none(), Code::ChargebackAmountMustBeKnown, &slot);
        dispute.standing = Some(of_payment(payment, accepted, known.standing(&slot, found), found));
    }
    disputes
}

/// Money that names a payment which is not the accepted one is held beside that payment's money.
fn of_payment(
    payment: Option<&str>,
    accepted: Option<&outcome::Accepted<'_>>,
    standing: Standing,
    found: &mut Findings,
) -> Standing {
    let is_other = accepted.is_some_and(|accepted| accepted.is_other(payment, found));
    if is_other { Standing::Suspense } else { standing }
}

/// What is stated of the amount by facts of such a stage.
fn of_stage(ranked: &Ranked<'_, '_>, is_meant: fn(ChargebackStage) -> bool) -> Option<Money> {
    ranked.first(|witness| match witness.payload() {
        Payload::Chargeback(told) if is_meant(told.stage) => told.amount,
        _ => None,
    })
}

/// A round that was won in part gives that part back; the rest is gone.
fn lose_the_rest(dispute: &mut Dispute, taken: Money, given: Option<Money>) {
    let Some(given) = given.filter(|given| given.currency == taken.currency && given.amount < taken.amount) else {
        return;
    };
    let rest = taken.amount.minor_units().saturating_sub(given.amount.minor_units());
    if let (ChargebackStage::Won, Some(amount)) = (dispute.stage, Amount::new(rest)) {
        dispute.money = Some(Money { amount, ..taken });
        dispute.standing = Some(Standing::Counts);
    }
}

fn round(ranked: &Ranked<'_, '_>) -> Option<Dispute> {
    let (Slot::Chargeback(id, round), Payload::Chargeback(shown)) = (ranked.slot(), ranked.best().payload()) else {
        return None;
    };
    let header = ranked.best().header();
    let reason = number(ranked, Field::Reason).and_then(|reason| u32::try_from(reason).ok());
    Some(Dispute {
        dispute_id: id.into(),
        round,
        stage: shown.stage,
        money: ranked.first(|witness| money(witness)),
        reason: reason.and_then(ChargebackReason::from_number),
        occurred_at: header.occurred_at,
        day: header.day,
        standing: None,
    })
}

fn money(witness: &Witness<'_>) -> Option<Money> {
    match statement_of(witness.payload(), Field::Amount)? {
        Value::Money(money) => Some(money),
        _ => None,
    }
}

fn number(ranked: &Ranked<'_, '_>, field: Field) -> Option<u64> {
    ranked.first(|witness| match statement_of(witness.payload(), field)? {
        Value::Number(number) => Some(number),
        _ => None,
    })
}

impl MoneyBack {
    /// Whether refunds that count have given back the whole sale.
    pub(super) fn reaches(&self, sale: &Sale) -> bool {
        let refunded = self.refunded().of(sale.currency);
        refunded > 0 && refunded >= sale.minor_units
    }

    fn refunded(&self) -> Totals {
        let counting = self.refunds.iter().filter(|refund| refund.standing == Some(Standing::Counts));
        counting.map(|refund| refund.money).collect()
    }

    /// Holds what came back against the sale; a full refund may add what the customer paid beyond it.
    pub(super) fn within(
        &self,
        sale: Option<&Sale>,
        agreed: Option<&AgreedPlan>,
        claims: &Claims<'_>,
        found: &mut Findings,
    ) {
        let Some(sale) = sale.filter(|_| self.has_moved()) else { return };
        let mut back = self.refunded();
        let disputed = self.disputes.iter().filter(|dispute| dispute.standing == Some(Standing::Counts));
        disputed.filter_map(|dispute| dispute.money).for_each(|money| back.add(money));
        let moved = || self.slots();
        for slot in moved().filter(|(_, money)| money.currency != sale.currency).map(|(slot, _)| slot) {
            found.add(Code::CurrencyMustAgree, slot);
        }
        let cost = agreed.map_or(0, |agreed| plan::highest_cost(claims, agreed, sale.currency));
        let limit = sale.minor_units.saturating_add(cost);
        if back.of(sale.currency) > limit {
            found.add(Code::MoneyBackMustNotExceedSale, Slot::Initiation);
        }
    }

    /// Whether anything came back.
    pub(super) fn has_moved(&self) -> bool {
        let refunds = self.refunds.iter().map(|refund| refund.standing);
        let disputes = self.disputes.iter().map(|dispute| dispute.standing);
        refunds.chain(disputes).any(|standing| standing == Some(Standing::Counts))
    }

    /// Every movement that counts, with the slot that tells it.
    fn slots(&self) -> impl Iterator<Item = (Slot, Money)> {
        let counts = |standing: Option<Standing>| standing == Some(Standing::Counts);
        let refunds = self.refunds.iter().filter(move |refund| counts(refund.standing));
        let disputes = self.disputes.iter().filter(move |dispute| counts(dispute.standing));
        let refunds = refunds.map(|refund| (refund.slot(), refund.money));
        refunds.chain(disputes.filter_map(|dispute| Some((dispute.slot(), dispute.money?))))
    }

    /// Before acceptance there is nothing to refund: it may have come late.
    pub(super) fn after_acceptance(&self, is_paid: bool, found: &mut Findings) {
        let counting = self.refunds.iter().filter(|refund| refund.standing == Some(Standing::Counts));
        for refund in counting.filter(|_| !is_paid) {
            found.add(Code::RefundMustFollowAcceptance, refund.slot());
        }
    }
}
