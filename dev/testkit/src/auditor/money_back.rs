//! Money that does not stay: refunds and disputes.

use talon_domain::fact::{ChargebackStage, Payload, RefundEnd};
use talon_domain::money::{Amount, Money};
use talon_domain::time::Day;

use super::anomaly::{
    CHARGEBACK_AMOUNT_MUST_BE_KNOWN, CURRENCY_MUST_AGREE, Found, MONEY_BACK_MUST_NOT_EXCEED_SALE,
    PAYMENT_MUST_BE_KNOWN, REFUND_MUST_BE_THE_SUM_OF_ITS_PARTS, REFUND_MUST_FOLLOW_ACCEPTANCE,
    REFUND_SPLIT_MUST_BE_KNOWN,
};
use super::content;
use super::debit::{COUNTS, COUNTS_NOTHING, HELD};
use super::outcome::Acceptance;
use super::payment::Sale;
use super::plan;
use super::slot::{self, Slot};
use super::witness::Told;

#[derive(Clone, Debug)]
pub(super) struct Refund {
    pub(super) slot: Slot,
    /// The provider's id of it; empty where nobody states one.
    pub(super) id: String,
    /// The request that it answers; empty where nobody states one.
    pub(super) request: String,
    pub(super) money: Money,
    /// Cash and rebate, in minor units.
    pub(super) split: Option<(u64, u64)>,
    pub(super) day: Day,
    pub(super) standing: u8,
}

#[derive(Clone, Debug)]
pub(super) struct Dispute {
    pub(super) slot: Slot,
    pub(super) money: Option<Money>,
    /// 1 opened, 2 won, 3 lost.
    pub(super) stage: u8,
    /// The provider's id of the payment, by the highest round that states one.
    pub(super) payment: Option<String>,
    pub(super) day: Day,
    pub(super) standing: u8,
}

/// Every refund, in the order of slots. One that failed and of which nobody tells an amount moved nothing.
/// One of a payment that is not the accepted one is held beside that payment's money.
pub(super) fn refunds(
    told: &[Told<'_>],
    acceptance: Option<&Acceptance>,
    is_known: bool,
    found: &mut Found,
) -> Vec<Refund> {
    let mut refunds = Vec::new();
    for one in told {
        let Payload::Refunded(shown) = &one.winner().fact.payload else { continue };
        let Some(money) = one.shown_money(content::AMOUNT) else { continue };
        let is_made = matches!(shown.end, RefundEnd::Completed { .. });
        let has_id = one.slot.family == slot::REFUND;
        let name = one.slot.text(0).to_owned();
        let (id, request) = if has_id {
            (name, one.shown_text(content::REQUEST_ID).unwrap_or_default())
        } else {
            (String::new(), name)
        };
        let split = split(one, money.amount.minor_units(), is_made, found);
        let standing = if is_made {
            let payment = one.shown_text(content::PAYMENT_ID);
            let is_other = acceptance.is_some_and(|accepted| accepted.is_other(payment.as_deref(), found));
            let standing = standing(&one.slot, is_known, found);
            if is_other { HELD } else { standing }
        } else {
            COUNTS_NOTHING
        };
        let day = one.winner().fact.header.day;
        refunds.push(Refund { slot: one.slot.clone(), id, request, money, split, day, standing });
    }
    refunds
}

fn standing(slot: &Slot, is_known: bool, found: &mut Found) -> u8 {
    if is_known {
        return COUNTS;
    }
    found.add(PAYMENT_MUST_BE_KNOWN, slot.clone());
    HELD
}

/// Cash and rebate of a refund. Where one is stated the other is the rest; where they are not the amount, the stated
/// cash counts as far as the amount goes, and the rest as rebate; where none is stated there is no split.
fn split(one: &Told<'_>, amount: u64, is_made: bool, found: &mut Found) -> Option<(u64, u64)> {
    let (cash, rebate) = (one.shown_number(content::CASH), one.shown_number(content::REBATE));
    let (split, adds_up) = match (cash, rebate) {
        (None, None) => {
            if is_made {
                found.add(REFUND_SPLIT_MUST_BE_KNOWN, one.slot.clone());
            }
            return None;
        }
        (Some(cash), Some(rebate)) => ((cash.min(amount), amount - cash.min(amount)), cash + rebate == amount),
        (Some(cash), None) => ((cash.min(amount), amount - cash.min(amount)), cash <= amount),
        (None, Some(rebate)) => ((amount - rebate.min(amount), rebate.min(amount)), rebate <= amount),
    };
    if is_made && !adds_up {
        found.add(REFUND_MUST_BE_THE_SUM_OF_ITS_PARTS, one.slot.clone());
    }
    Some(split)
}

/// Every dispute at its highest round, in the order of names; the amount is that of an earlier round where the highest
/// states none. "Opened 0, won or lost 1": what was opened or lost counts, what was won does not.
pub(super) fn disputes(
    told: &[Told<'_>],
    acceptance: Option<&Acceptance>,
    is_known: bool,
    found: &mut Found,
) -> Vec<Dispute> {
    let mut disputes: Vec<Dispute> = Vec::new();
    let mut taken: Option<Money> = None; // what the rounds so far took
    for one in told {
        let Payload::Chargeback(shown) = &one.winner().fact.payload else { continue };
        let mut dispute = Dispute {
            slot: one.slot.clone(),
            money: one.shown_money(content::AMOUNT),
            stage: shown.stage as u8,
            payment: one.shown_text(content::PAYMENT_ID),
            day: one.winner().fact.header.day,
            standing: COUNTS_NOTHING,
        };
        // Rounds of one dispute come one after the other, the highest last.
        if disputes.last().is_some_and(|last| last.slot.text(0) == one.slot.text(0)) {
            let earlier = disputes.pop().expect("there is a last one");
            dispute.money = dispute.money.or(earlier.money);
            dispute.payment = dispute.payment.or(earlier.payment);
        } else {
            taken = None;
        }
        taken = stated_by_stage(one, false).or(taken);
        // Won in part: that part is back, the rest is gone.
        if let (Some(taken), Some(given)) = (taken, stated_by_stage(one, true))
            && dispute.stage == ChargebackStage::Won as u8
            && taken.currency == given.currency
            && given.amount < taken.amount
        {
            let rest = taken.amount.minor_units() - given.amount.minor_units();
            dispute.money = Some(Money { amount: Amount::new(rest).expect("less than an amount"), ..taken });
            dispute.standing = COUNTS;
        }
        disputes.push(dispute);
    }
    for dispute in &mut disputes {
        if dispute.stage == ChargebackStage::Won as u8 && dispute.standing == COUNTS_NOTHING {
            continue;
        }
        if dispute.money.is_none() {
            found.add(CHARGEBACK_AMOUNT_MUST_BE_KNOWN, dispute.slot.clone());
        }
        dispute.standing = standing(&dispute.slot, is_known, found);
        let payment = dispute.payment.as_deref();
        if acceptance.is_some_and(|accepted| accepted.is_other(payment, found)) {
            dispute.standing = HELD;
        }
    }
    disputes
}

/// The amount that the best witness states who tells of a round as won, or as not won.
fn stated_by_stage(one: &Told<'_>, won: bool) -> Option<Money> {
    for witness in &one.witnesses {
        if let Payload::Chargeback(told) = &witness.fact.payload
            && (told.stage == ChargebackStage::Won) == won
            && told.amount.is_some()
        {
            return told.amount;
        }
    }
    None
}

/// What refunds that count have given back, in the sale's currency.
fn refunded(refunds: &[Refund], sale: &Sale) -> u128 {
    let mut sum = 0;
    for refund in refunds {
        if refund.standing == COUNTS && refund.money.currency == sale.currency {
            sum += u128::from(refund.money.amount.minor_units());
        }
    }
    sum
}

/// "A payment whose cash and rebate reach the sale is *closed*, whatever its status."
pub(super) fn is_closed(refunds: &[Refund], sale: Option<&Sale>) -> bool {
    let Some(sale) = sale else { return false };
    let refunded = refunded(refunds, sale);
    refunded > 0 && refunded >= sale.minor_units
}

/// "Refunds and chargebacks count in full; beyond the sale (+ fees when full) they raise
/// `money_back_must_not_exceed_sale`."
pub(super) fn against_sale(
    refunds: &[Refund],
    disputes: &[Dispute],
    sale: Option<&Sale>,
    plan: Option<&plan::PlanInForce<'_>>,
    told: &[Told<'_>],
    found: &mut Found,
) {
    let Some(sale) = sale else { return };
    let mut back = refunded(refunds, sale);
    for refund in refunds {
        if refund.standing == COUNTS && refund.money.currency != sale.currency {
            found.add(CURRENCY_MUST_AGREE, refund.slot.clone());
        }
    }
    for dispute in disputes.iter().filter(|dispute| dispute.standing == COUNTS) {
        let Some(money) = dispute.money else { continue };
        if money.currency == sale.currency {
            back += u128::from(money.amount.minor_units());
        } else {
            found.add(CURRENCY_MUST_AGREE, dispute.slot.clone());
        }
    }
    if back > sale.minor_units + plan::highest_cost(told, plan, sale.currency) {
        found.add(MONEY_BACK_MUST_NOT_EXCEED_SALE, Slot::new(slot::INITIATION, vec![]));
    }
}

/// "Before acceptance it is a cancel, after it a refund"; "a debit that counts stands for acceptance".
pub(super) fn after_acceptance(refunds: &[Refund], is_paid: bool, found: &mut Found) {
    for refund in refunds {
        if refund.standing == COUNTS && !is_paid {
            found.add(REFUND_MUST_FOLLOW_ACCEPTANCE, refund.slot.clone());
        }
    }
}
