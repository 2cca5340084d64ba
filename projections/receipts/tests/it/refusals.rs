//! Payments that have no ticket of a kind, and why.

use talon_domain::anomaly::Language;
use talon_domain::fact::{End, PlanChange, Source, TicketKind};
use talon_domain::plan::Offer;
use talon_receipts::{NoTicket, Particulars, layout};

use crate::story::{AFTERNOON, Story, postponed, quoted};

/// What each of T1 to T4 is refused with; `None` is a ticket.
fn refused(story: &Story) -> [Option<NoTicket>; 4] {
    let state = story.state();
    let of = Particulars::of(&state);
    [TicketKind::InProgress, TicketKind::Customer, TicketKind::Till, TicketKind::Ended]
        .map(|kind| layout(kind, &of).err())
}

fn begun() -> Story {
    Story::at(AFTERNOON).initiated(30_000).sms_sent()
}

#[test]
fn until_the_outcome_is_known_the_first_ticket_is_the_only_paper() {
    use NoTicket::{EndOnlyAsked, NotAccepted, NotEnded, OutcomeUnknown};
    assert_eq!(refused(&begun()), [None, Some(NotAccepted), Some(NotAccepted), Some(NotEnded)]);
    let asked = begun().by(Source::Terminal).ended(End::Cancelled(None));
    assert_eq!(refused(&asked), [None, Some(NotAccepted), Some(NotAccepted), Some(EndOnlyAsked)]);
    let timed_out = begun().ended(End::TimedOut);
    assert_eq!(refused(&timed_out), [None, Some(NotAccepted), Some(NotAccepted), Some(EndOnlyAsked)]);
    let unknown = begun().ended(End::Unknown(None));
    assert_eq!(refused(&unknown), [None, Some(OutcomeUnknown), Some(OutcomeUnknown), Some(OutcomeUnknown)]);
}

#[test]
fn a_success_has_the_second_and_the_third_once_its_schedule_is_known() {
    use NoTicket::{NotInProgress, ScheduleUnknown, Succeeded};
    let accepted = begun().by(Source::Provider).accepted();
    assert_eq!(
        refused(&accepted),
        [Some(NotInProgress), Some(ScheduleUnknown), Some(ScheduleUnknown), Some(Succeeded)]
    );
    let mut plan = quoted(30_000, Offer::Split(3), 0, AFTERNOON);
    assert_eq!(refused(&accepted.clone().chosen(&plan)), [Some(NotInProgress), None, None, Some(Succeeded)]);
    plan.instalments.clear();
    assert_eq!(refused(&accepted.chosen(&plan))[1], Some(ScheduleUnknown));
}

#[test]
fn what_was_agreed_has_no_paper_once_it_went_on_otherwise() {
    use NoTicket::{NotInProgress, PlanChanged, Succeeded};
    let plan = quoted(30_000, Offer::Split(3), 0, AFTERNOON);
    let sold = || Story::sold(AFTERNOON, 30_000, &plan);
    let kept = [Some(NotInProgress), None, None, Some(Succeeded)];
    let changed = [Some(NotInProgress), Some(PlanChanged), Some(PlanChanged), Some(Succeeded)];
    for (story, expected) in [
        (sold(), kept),
        (sold().refund_failed("refund_1", 5_000), kept),
        (sold().refund_requested("RETOUR-77", 5_000), kept),
        (sold().refunded("refund_1", 5_000, 0), changed),
        (sold().refunded("refund_1", 10_000, 20_000), changed),
        (sold().withdrawn(), changed),
        (sold().changed(2, &postponed(&plan, 2, 30), PlanChange::Rescheduled), changed),
        (sold().restated(2, &postponed(&plan, 2, 30)), changed),
        // Chosen again before the acceptance: that is what was agreed.
        (begun().chosen(&plan).restated(2, &postponed(&plan, 2, 30)).accepted(), kept),
    ] {
        assert_eq!(refused(&story), expected, "{:?}", story.state().plan);
        assert!(layout(TicketKind::Plan, &Particulars::of(&story.state())).is_ok(), "T7 says it");
    }
}

#[test]
fn an_end_without_success_has_the_fourth() {
    use NoTicket::{EndedWithoutSuccess, InitiationUnknown, NotInProgress};
    let expected = [Some(NotInProgress), Some(EndedWithoutSuccess), Some(EndedWithoutSuccess), None];
    for end in [End::Refused(None), End::Expired, End::Cancelled(None)] {
        assert_eq!(refused(&begun().by(Source::Provider).ended(end)), expected, "{end:?}");
    }
    assert_eq!(refused(&Story::at(AFTERNOON).sms_sent())[0], Some(InitiationUnknown));
}

#[test]
fn a_refund_has_a_paper_once_it_was_made_and_is_named() {
    use NoTicket::{RefundFailed, RefundNotNamed, RefundOnlyAsked, RefundUnknown};
    let of = |story: &Story, refund| {
        let state = story.state();
        layout(TicketKind::Refund, &Particulars { refund, ..Particulars::of(&state) }).err()
    };
    let sold = Story::sold(AFTERNOON, 30_000, &quoted(30_000, Offer::Split(3), 0, AFTERNOON));
    assert_eq!(of(&sold, None), Some(RefundUnknown));
    let asked = sold.clone().refund_requested("RETOUR-77", 5_000);
    assert_eq!(
        [None, Some("RETOUR-77"), Some("x")].map(|name| of(&asked, name)),
        [Some(RefundOnlyAsked), Some(RefundOnlyAsked), Some(RefundUnknown)]
    );
    let failed = sold.clone().refund_failed("refund_1", 5_000);
    assert_eq!([None, Some("refund_1")].map(|name| of(&failed, name)), [Some(RefundFailed); 2]);
    let one = failed.refunded("refund_2", 5_000, 0);
    assert_eq!([None, Some("refund_2"), Some("refund_1")].map(|name| of(&one, name)), [None, None, Some(RefundFailed)]);
    let two = one.refunded("refund_3", 1_000, 0);
    assert_eq!([None, Some("refund_3")].map(|name| of(&two, name)), [Some(RefundNotNamed), None]);
    let shared = sold.refunded_undivided(Some("a"), Some("r"), 1).refunded_undivided(Some("b"), Some("r"), 1);
    assert_eq!([Some("r"), Some("a")].map(|name| of(&shared, name)), [Some(RefundNotNamed), None]);
}

#[test]
fn every_refusal_says_why_in_both_languages() {
    use NoTicket as No;
    let all = [
        No::InitiationUnknown,
        No::NotInProgress,
        No::NotAccepted,
        No::EndedWithoutSuccess,
        No::ScheduleUnknown,
        No::PlanChanged,
        No::Succeeded,
        No::NotEnded,
        No::EndOnlyAsked,
        No::OutcomeUnknown,
        No::RefundUnknown,
        No::RefundNotNamed,
        No::RefundOnlyAsked,
        No::RefundFailed,
    ];
    for why in all {
        assert_eq!(why.to_string(), why.words(Language::English));
        assert_ne!(why.words(Language::French), why.words(Language::English));
    }
}
