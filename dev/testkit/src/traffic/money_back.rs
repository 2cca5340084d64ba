//! Money that does not stay, drawn by chance: instalments that were not paid, refunds with ids and without, disputes in
//! rounds.

use talon_domain::fact::{
    Chargeback, ChargebackReason, ChargebackStage, DefaultStage, InstalmentDefault, Kind, Payload, RefundEnd,
    RefundFailureReason, RefundReason, RefundRequested, Refunded, WithdrawalExercised,
};

use super::Dice;
use super::cast::{amount, maybe_money, money, named, provider, revision, text};
use super::flow::{instalment, number};

pub(super) fn payload(dice: &mut Dice, kind: Kind) -> Payload {
    let (provider, revision) = (provider(dice), revision(dice));
    match kind {
        Kind::INSTALMENT_COVERED | Kind::INSTALMENT_CLAIMED => Payload::InstalmentDefault(InstalmentDefault {
            instalment: instalment(dice),
            stage: if kind == Kind::INSTALMENT_COVERED { DefaultStage::Covered } else { DefaultStage::Claimed },
            amount: maybe_money(dice, 50),
            provider,
            revision,
        }),
        Kind::REFUND_REQUESTED => Payload::RefundRequested(RefundRequested {
            request_id: text(dice, &["R1", "R1", "R2"]),
            amount: maybe_money(dice, 50),
            refund_id: named(dice, 40, &["F1", "F2", "F3"]),
            reason: dice.maybe(40, &RefundReason::ALL[..2]),
            provider,
            revision,
        }),
        Kind::REFUND_COMPLETED | Kind::REFUND_FAILED => Payload::Refunded(Box::new(Refunded {
            refund_id: named(dice, 60, &["F1", "F2", "F3"]),
            request_id: named(dice, 40, &["R1", "R2"]),
            amount: if kind == Kind::REFUND_COMPLETED { Some(money(dice)) } else { maybe_money(dice, 40) },
            end: if kind == Kind::REFUND_COMPLETED {
                completed(dice)
            } else {
                RefundEnd::Failed(dice.maybe(40, &RefundFailureReason::ALL[..2]))
            },
            provider,
            revision,
        })),
        Kind::WITHDRAWAL_EXERCISED => Payload::WithdrawalExercised(WithdrawalExercised { provider, revision }),
        _ => Payload::Chargeback(Chargeback {
            dispute_id: text(dice, &["C1", "C1", "C2"]),
            round: number(dice),
            stage: match kind {
                Kind::CHARGEBACK_OPENED => ChargebackStage::Opened,
                Kind::CHARGEBACK_WON => ChargebackStage::Won,
                _ => ChargebackStage::Lost,
            },
            payment_id: named(dice, 30, &["P1", "P2"]),
            amount: if kind == Kind::CHARGEBACK_OPENED { Some(money(dice)) } else { maybe_money(dice, 30) },
            reason: dice.maybe(30, &ChargebackReason::ALL[..2]),
            provider,
            revision,
        }),
    }
}

fn completed(dice: &mut Dice) -> RefundEnd {
    RefundEnd::Completed {
        cash: dice.percent(50).then(|| amount(dice)),
        rebate: dice.percent(40).then(|| amount(dice)),
        from_cancellation: dice.percent(20),
        payment_id: named(dice, 20, &["P1", "P2"]),
    }
}
