//! Payments that have no ticket of a kind, and why.

use talon_domain::anomaly::Language;
use talon_domain::fact::{End, Ordinal, Source, TicketKind};
use talon_domain::plan::Offer;
use talon_receipts::{NoTicket, Particulars, layout};

use crate::story::{AFTERNOON, Story, quoted};

/// What each of T1 to T4 is refused with; `None` is a ticket.
fn refused(story: &Story) -> [Option<NoTicket>; 4] {
    let state = story.state();
    let of = Particulars { state: &state, shop_name: None, masked_phone: None, copy: Ordinal::new(1) };
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
fn an_end_without_success_has_the_fourth() {
    use NoTicket::{EndedWithoutSuccess, InitiationUnknown, NotInProgress};
    let expected = [Some(NotInProgress), Some(EndedWithoutSuccess), Some(EndedWithoutSuccess), None];
    for end in [End::Refused(None), End::Expired, End::Cancelled(None)] {
        assert_eq!(refused(&begun().by(Source::Provider).ended(end)), expected, "{end:?}");
    }
    assert_eq!(refused(&Story::at(AFTERNOON).sms_sent())[0], Some(InitiationUnknown));
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
        No::Succeeded,
        No::NotEnded,
        No::EndOnlyAsked,
        No::OutcomeUnknown,
        No::NotLaidOut,
    ];
    for why in all {
        assert_eq!(why.to_string(), why.words(Language::English));
        assert_ne!(why.words(Language::French), why.words(Language::English));
    }
}
