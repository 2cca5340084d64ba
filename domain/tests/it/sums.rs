//! Sums that papers show: what a plan still takes, and what refunds come to one after the other.

use talon_domain::fold::Fold;
use talon_domain::money::Currency;
use talon_domain::state::{Progress, State};

use crate::history::{PARTITION, fact};

fn told(lines: &[&str]) -> State {
    let mut fold = Fold::new();
    for (line, number) in lines.iter().zip(1..) {
        fold.apply(PARTITION, fact(line, number));
    }
    let (key, stream) = fold.payments().next().expect("a payment");
    stream.state(key)
}

#[test]
fn a_plan_still_takes_what_is_due_and_what_failed() {
    let state = told(&[
        "ScheduleChosen provider v=1 lines=10.00,20.00,30.00,40.00,50.00",
        "PaymentAccepted provider id=P",
        "CardDebited provider 10.00 id=D1",
        "DebitFailed provider i=2",
        "InstalmentCovered provider 30.00 i=3",
        "InstalmentClaimed provider 40.00 i=4",
    ]);
    let plan = state.plan.expect("a plan");
    assert_eq!(plan.due().of(Currency::EUR), 7_000);
    let by_progress = |progress| plan.sum_of(progress).of(Currency::EUR);
    let all = [Progress::Collected, Progress::Failed, Progress::Covered, Progress::Claimed, Progress::Due];
    assert_eq!(all.map(by_progress), [1_000, 2_000, 3_000, 4_000, 5_000]);
}

#[test]
fn refunds_add_up_by_their_clocks_and_one_that_failed_adds_nothing() {
    let state = told(&[
        "PaymentInitiated 100.00 at=09:00",
        "PaymentAccepted provider id=P at=09:05",
        "RefundCompleted provider 3.00 id=R3 cash=3.00 at=12:00",
        "RefundCompleted provider 1.00 id=R1 cash=1.00 at=10:00",
        "RefundCompleted provider 2.00 id=R2 cash=2.00 at=10:00",
        "RefundFailed provider 9.00 id=R9 at=11:00",
    ]);
    let sums = state.refunds.iter().map(|refund| {
        let [before, with] = [state.refunded_before(refund), state.refunded_with(refund)];
        (refund.refund_id.as_deref().unwrap_or_default(), before.of(Currency::EUR), with.of(Currency::EUR))
    });
    let expected = [("R1", 0, 100), ("R2", 100, 300), ("R3", 300, 600), ("R9", 300, 300)];
    assert_eq!(sums.collect::<Vec<_>>(), expected);
}
