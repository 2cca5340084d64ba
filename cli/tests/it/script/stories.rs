//! Every story, held against what the fold makes of it: on each of twenty days somebody lives through it, and it ends as it
//! should.

use talon_domain::fact::{ChargebackStage, EmailTemplate, Kind, Payload, PlanChange, SmsStatus, TicketKind};
use talon_domain::ids::ShopId;
use talon_domain::money::Amount;
use talon_domain::open::{OpenReason, open_reasons};
use talon_domain::slot::Slot;
use talon_domain::state::{AgreedPlan, Progress, Refund, Standing, State, Status};

use super::ledger::{DAYS, Ledger};

/// The only payment of a day of which this holds.
fn only(ledger: &Ledger, holds: impl Fn(&State) -> bool) -> &State {
    let found: Vec<_> = ledger.states.iter().filter(|state| holds(state)).collect();
    assert_eq!(found.len(), 1, "{found:#?}");
    found[0]
}

fn any(ledger: &Ledger, holds: impl Fn(&State) -> bool) -> bool {
    ledger.states.iter().any(holds)
}

fn plan(state: &State) -> &AgreedPlan {
    state.plan.as_ref().expect("a plan")
}

fn progress(state: &State) -> Vec<Progress> {
    plan(state).instalments.iter().map(|instalment| instalment.progress).collect()
}

fn cents(amount: Amount) -> u128 {
    amount.minor_units().into()
}

fn sale(state: &State) -> u128 {
    state.sale.expect("a sale").minor_units
}

/// Cash and rebate, in cents.
fn split(refund: &Refund) -> (u128, u128) {
    let split = refund.split.expect("divided");
    (cents(split.cash), cents(split.rebate))
}

fn is_clean(state: &State) {
    assert_eq!((open_reasons(state), &state.anomalies[..]), (vec![], &[][..]), "{state:#?}");
}

#[test]
fn the_stories_of_the_till_happen() {
    for ledger in DAYS.iter() {
        assert!(any(ledger, |s| s.acceptance.as_ref().is_some_and(|a| a.attempt == 2)), "another card");
        assert!(any(ledger, |s| s.key.training), "practice");
        let held = ledger.states.iter().flat_map(|s| &s.debits).filter(|debit| debit.standing == Standing::Suspense);
        assert_eq!(held.count(), 2);
        assert!(any(ledger, |s| s.shop.0 == 0), "money of no known shop");
        let waited = ledger.states.iter().filter(|s| s.status == Status::TimedOut);
        assert!(waited.clone().count() > 0);
        waited.for_each(|s| assert_eq!(open_reasons(s), [OpenReason::OutcomeAwaited]));
        let duplicates = ledger.states.iter().filter(|s| s.prints.iter().any(|print| print.copy == 2));
        assert!(duplicates.clone().count() >= 2, "one that was asked for, one that the terminal printed again");
        duplicates.for_each(is_clean);
        assert!(ledger.facts.iter().any(|fact| fact.header.kind == Kind::RECEIPT_REPRINTED));
    }
}

#[test]
fn a_link_that_does_not_arrive_is_sent_again() {
    for ledger in DAYS.iter() {
        let twice: Vec<_> = ledger.states.iter().filter(|s| s.sms.len() == 2).collect();
        assert!(!twice.is_empty());
        for state in twice {
            let [first, second] = &state.sms[..] else { panic!("two") };
            assert_eq!((first.delivery, first.is_opened), (Some(SmsStatus::Undelivered), false));
            assert!(second.is_opened && second.delivery.is_none_or(|status| status == SmsStatus::Delivered));
            assert_eq!(state.status, Status::Collected);
        }
        let silent = |s: &State| s.sms.iter().all(|sms| sms.delivery.is_none());
        assert!(any(ledger, |s| silent(s) && s.status == Status::Collected), "no report is no failure");
        let written = |s: &State| s.emails.contains(&(EmailTemplate::Confirmation, 1));
        assert!(ledger.states.iter().filter(|s| written(s)).count() > 300);
    }
}

#[test]
fn a_wrong_phone_is_cancelled_and_another_payment_stands_in_for_it() {
    for ledger in DAYS.iter() {
        let second = only(ledger, |s| !s.replaces.is_empty());
        let first = only(ledger, |s| second.replaces == [s.key.stream]);
        assert_eq!((first.status, second.status), (Status::Cancelled, Status::Collected));
        assert_eq!((first.terminal, sale(first)), (second.terminal, sale(second)));
        is_clean(second);
    }
}

/// One plan and one debit that gateway and provider tell.
#[test]
fn a_plan_and_a_debit_told_by_two_mouths_are_one_each() {
    let told_twice = |ledger: &Ledger, state: &State, is_meant: &dyn Fn(&Slot) -> bool| {
        let told = ledger.fold.stream(state.key).expect("a stream").told();
        told.slots.iter().any(|filled| is_meant(&filled.slot) && filled.witnesses.len() == 2)
    };
    for ledger in DAYS.iter() {
        let both: Vec<_> = ledger
            .states
            .iter()
            .filter(|s| told_twice(ledger, s, &|slot| matches!(slot, Slot::Plan(1))))
            .filter(|s| told_twice(ledger, s, &|slot| matches!(slot, Slot::Debit(_))))
            .collect();
        assert!(!both.is_empty());
        for state in both {
            assert_eq!((state.debits.len(), plan(state).first_version), (1, 1));
            is_clean(state);
        }
    }
}

#[test]
fn what_was_told_in_error_and_taken_back_is_as_if_never_told() {
    for ledger in DAYS.iter() {
        let state = only(ledger, |s| !s.reversals.is_empty());
        assert!(state.reversals.iter().all(|reversal| reversal.is_effective));
        assert_eq!(state.debits.len(), 1);
        assert_eq!(cents(state.debits[0].money.amount), cents(plan(state).plan.instalments[0].total_amount));
        is_clean(state);
        // Without the reversal the wrong amount would show.
        let stream = ledger.fold.stream(state.key).expect("a stream");
        let untouched = stream.facts().filter(|fact| !matches!(fact.payload, Payload::FactReversed(_)));
        let before: talon_domain::stream::Stream = untouched.cloned().collect();
        assert_eq!(before.state(state.key).anomalies.len(), 1);
    }
}

/// G17: what was debited comes back in cash, fee and all; the rest is a rebate.
#[test]
fn a_full_refund_gives_back_the_first_instalment_with_its_fee_and_the_rest_as_a_rebate() {
    for ledger in DAYS.iter() {
        let state = only(ledger, |s| s.is_closed && s.refunds.iter().all(|refund| !refund.from_cancellation));
        let entries = &plan(state).plan.instalments;
        let [refund] = &state.refunds[..] else { panic!("one refund") };
        let (cash, rebate) = split(refund);
        let fee = cents(entries[0].customer_fee);
        assert!(fee > 0 && cash == cents(state.debits[0].money.amount));
        assert_eq!((cash + rebate, cents(refund.money.amount)), (sale(state) + fee, sale(state) + fee));
        assert_eq!((plan(state).version, plan(state).change), (2, Some(PlanChange::Refunded)));
        assert!(entries[1..].iter().all(|entry| cents(entry.total_amount) == 0));
        assert_eq!((state.status, state.shop), (Status::Collected, ShopId(19)));
        assert!(state.printed(TicketKind::Refund) && state.emails.contains(&(EmailTemplate::Refund, 1)));
        is_clean(state);
    }
}

#[test]
fn two_partial_refunds_add_up_and_each_has_its_paper() {
    for ledger in DAYS.iter() {
        let state = only(ledger, |s| s.refunds.len() == 2);
        let refunds = &state.refunds;
        let percent = |percent: u128| (sale(state) * percent).div_ceil(10_000) * 100;
        assert_eq!([split(&refunds[0]), split(&refunds[1])], [(0, percent(20)), (percent(10), percent(15))]);
        let together = percent(20) + percent(10) + percent(15);
        assert_eq!(state.refunded_with(&refunds[1]).iter().map(|(_, sum)| sum).collect::<Vec<_>>(), [together]);
        let rebates = sale(state) - plan(state).plan.instalments.iter().map(|e| cents(e.purchase_amount)).sum::<u128>();
        assert_eq!((plan(state).version, rebates), (3, percent(20) + percent(15)));
        let about: Vec<_> =
            state.prints.iter().filter(|p| p.kind == TicketKind::Refund).map(|p| Some(p.about.clone())).collect();
        assert_eq!(about, refunds.iter().map(|refund| refund.refund_id.clone()).collect::<Vec<_>>());
        assert!(!state.is_closed);
        is_clean(state);
    }
}

#[test]
fn a_refund_may_be_unanswered_fail_or_be_a_cancellation() {
    for ledger in DAYS.iter() {
        let asked = only(ledger, |s| s.refund_requests.iter().any(|request| !request.is_answered));
        assert_eq!((open_reasons(asked), asked.refunds.len()), (vec![OpenReason::RefundAwaited], 0));

        let failed = only(ledger, |s| s.refunds.iter().any(|refund| refund.standing.is_none()));
        assert!(failed.refunded().is_empty() && failed.refund_requests.iter().all(|request| request.is_answered));
        is_clean(failed);

        let cancelled = only(ledger, |s| s.refunds.iter().any(|refund| refund.from_cancellation));
        assert!(cancelled.is_closed && cancelled.ends.iter().any(|end| end.only_asked));
        assert_eq!(cancelled.status, Status::Collected);
        is_clean(cancelled);

        let by_oney = only(ledger, |s| s.provider.as_deref() == Some("oney") && !s.refunds.is_empty());
        assert_eq!(by_oney.shop, ShopId(10));
        is_clean(by_oney);
    }
}

#[test]
fn a_plan_is_postponed_paid_early_or_debited_from_another_card() {
    for ledger in DAYS.iter() {
        let postponed = only(ledger, |s| plan_change(s) == Some(PlanChange::Rescheduled));
        let [first, second, third] = &plan(postponed).plan.instalments[..] else { panic!("three") };
        assert!(first.due_date < second.due_date && second.due_date < third.due_date);
        assert_eq!(third.due_date.paris_day().map(|day| day.to_string()).as_deref(), Some("2026-12-24"));
        assert_eq!(second.due_date.paris_day().map(|day| day.to_string()).as_deref(), Some("2026-12-08"));
        assert_eq!(progress(postponed), [Progress::Collected, Progress::Due, Progress::Due]);
        assert!(postponed.prints.iter().any(|print| (print.kind, &*print.about) == (TicketKind::Plan, "2")));
        is_clean(postponed);

        let early = only(ledger, |s| {
            s.plan.as_ref().is_some_and(|agreed| agreed.instalments.iter().any(|instalment| instalment.paid_early))
        });
        assert_eq!(progress(early), [Progress::Collected; 3]);
        assert!(!plan(early).instalments[1].paid_early && plan(early).instalments[2].paid_early);
        is_clean(early);

        let replaced = only(ledger, |s| s.cards_replaced == 1);
        assert_eq!(progress(replaced)[1], Progress::Collected);
        is_clean(replaced);

        let second = |wanted| ledger.states.iter().filter(|s| nth(s, 1) == Some(wanted)).count();
        assert_eq!((second(Progress::Collected), second(Progress::Failed), second(Progress::Covered)), (8, 1, 1));
    }
}

fn plan_change(state: &State) -> Option<PlanChange> {
    state.plan.as_ref()?.change
}

fn nth(state: &State, at: usize) -> Option<Progress> {
    Some(state.plan.as_ref()?.instalments.get(at)?.progress)
}

#[test]
fn what_is_not_paid_is_covered_claimed_or_fails() {
    for ledger in DAYS.iter() {
        let state = only(ledger, |s| nth(s, 1) == Some(Progress::Covered));
        assert_eq!(progress(state), [Progress::Collected, Progress::Covered, Progress::Claimed, Progress::Failed]);
        is_clean(state);
    }
}

#[test]
fn disputes_take_money_back_until_they_are_won() {
    for ledger in DAYS.iter() {
        let stage = |wanted| only(ledger, |s| s.disputes.iter().any(|dispute| dispute.stage == wanted));
        let open = stage(ChargebackStage::Opened);
        assert_eq!(
            (open_reasons(open), open.disputes[0].standing),
            (vec![OpenReason::DisputeOpen], Some(Standing::Counts))
        );
        assert_eq!(open.disputes[0].money, Some(open.debits[0].money));
        let sold_on = open.sale.and_then(|sale| sale.day).map(|day| day.to_string());
        assert_eq!((sold_on.as_deref(), open.disputes[0].day.to_string().as_str()), (Some("2026-10-24"), "2026-11-24"));

        let won = stage(ChargebackStage::Won);
        assert_eq!((won.disputes[0].standing, won.disputes[0].round), (None, 1));
        is_clean(won);
    }
}

#[test]
fn who_withdraws_from_a_credit_has_to_be_paid_back() {
    for ledger in DAYS.iter() {
        let state = only(ledger, |s| s.withdrawal.is_some());
        assert_eq!(open_reasons(state), [OpenReason::WithdrawalToSettle]);
        assert_eq!((plan(state).plan.installments_count, state.status), (10, Status::Collected));
        assert!(state.sale.is_some_and(|sale| sale.day.is_some()), "the sale may stand");
    }
}
