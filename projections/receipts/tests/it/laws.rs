//! Laws that hold for every payment, however strange its facts, and for every text that others choose.

use std::collections::BTreeSet;

use proptest::prelude::*;
use talon_domain::fact::{End, Ordinal, Source, TicketKind};
use talon_domain::slot::EndKind;
use talon_domain::state::{State, Status};
use talon_domain::time::Instant;
use talon_receipts::{Holder, Layout, NoTicket, Particulars, layout};

use crate::days::{DayStory, days};
use crate::golden::{PHONE, WIDTHS};
use crate::paper::{says, texts};
use crate::situations::twelve;
use crate::story::{AFTERNOON, Story, instant};
use crate::strange::{day, payment, strange, strange_or_none};

/// Every paper that a payment has, its refunds' among them.
fn papers_of<'a>(of: Particulars<'a>) -> Vec<(TicketKind, Layout)> {
    let names = of.state.refunds.iter().flat_map(|refund| [&refund.refund_id, &refund.request_id]);
    let refunds: Vec<Option<&'a str>> = names.map(Option::as_deref).collect();
    let about = refunds.into_iter().map(|refund| (TicketKind::Refund, refund));
    let kinds = TicketKind::ALL.iter().map(|kind| (*kind, None)).chain(about);
    kinds.filter_map(|(kind, refund)| Some((kind, layout(kind, &Particulars { refund, ..of }).ok()?))).collect()
}

fn fits(layout: &Layout) -> Result<(), TestCaseError> {
    for width in WIDTHS {
        for row in layout.text(width).lines() {
            prop_assert!(row.chars().count() <= width.columns(), "{row:?}");
            prop_assert!(row.chars().all(is_one_cell), "{row:?}");
            prop_assert_eq!(row, row.trim_end());
        }
    }
    Ok(())
}

/// Said in another way than the crate does: somebody who decides ended it, nobody took money, nothing is in doubt.
fn is_proven(state: &State) -> bool {
    let by_who_knows = |source| matches!(source, Source::Provider | Source::Bank | Source::Gateway);
    let decided =
        |kind| state.ends.iter().any(|end| !end.only_asked && end.end.kind() == kind && by_who_knows(end.source));
    let ended = match state.status {
        Status::Refused => decided(EndKind::Refused),
        Status::Expired => decided(EndKind::Expired),
        Status::Cancelled => decided(EndKind::Cancelled),
        Status::Accepted => {
            state.plan.as_ref().is_some_and(|agreed| agreed.plan.is_deferred())
                && state.acceptance.as_ref().is_some_and(|accepted| by_who_knows(accepted.source))
        }
        Status::Collected | Status::TimedOut | Status::Unknown | Status::InProgress => false,
    };
    let came_back = !state.refunds.is_empty() || !state.disputes.is_empty();
    ended && state.collected().is_empty() && state.suspense().is_empty() && !came_back
}

/// Letters of the upper half of ISO-8859-1, without the soft hyphen, and of ASCII.
fn is_one_cell(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{ff}')
}

/// A payment in twelve, as it goes on; together they have a paper of every kind.
fn in_twelve() -> Vec<State> {
    let begun = || Story::at(AFTERNOON).initiated(240_000).sms_sent();
    let refused = begun().by(Source::Provider).ended(End::Refused(None));
    let sold = Story::sold(AFTERNOON, 240_000, &twelve()).debit_failed(2);
    let refunded = sold.clone().refunded("refund_1", 24_176, 220_000);
    [begun(), refused, sold, refunded].iter().map(Story::state).collect()
}

#[test]
fn no_name_breaks_a_paper_of_any_kind_in_twelve_instalments() {
    let names = [
        "W".repeat(200),
        "Boulangerie ".repeat(20),
        "\u{202e}\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{200f}\u{627}\u{644}\u{633}\u{644}\u{627}\u{645}\u{2067}".to_owned(),
        "\u{0}\u{7}\u{8}\u{1b}[2J\u{1b}@\u{9b}\u{d}\u{a}\u{c}\u{7f}".to_owned(),
        "Z\u{335}\u{336}\u{337}\u{338}\u{34f}a\u{301}\u{302}\u{303}lgo".repeat(20),
        "👩‍👩‍👧‍👦🇫🇷🧑🏽‍🍳".repeat(12),
        String::new(),
    ];
    let mut kinds = BTreeSet::new();
    for name in &names {
        for state in in_twelve() {
            for (kind, layout) in papers_of(Particulars { shop_name: Some(name), ..Particulars::of(&state) }) {
                fits(&layout).expect("rows as wide as their paper");
                kinds.insert(kind);
            }
        }
        let [day, ..] = &days()[..] else { panic!("days") };
        fits(&DayStory { shop: name.clone(), ..day.clone() }.layout()).expect("rows as wide as their paper");
    }
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), TicketKind::ALL);
}

fn holder() -> impl Strategy<Value = Holder> {
    proptest::sample::select(&[Holder::Customer, Holder::Till][..])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_row_is_wider_than_its_paper(
        state in payment(), name in strange_or_none(), phone in strange_or_none(), copy in any::<u32>(),
        holder in holder(), at in any::<i64>(),
    ) {
        let (shop_name, masked_phone, copy) = (name.as_deref(), phone.as_deref(), Ordinal::new(copy));
        let reprinted_at = Some(Instant(at));
        let of = Particulars { shop_name, masked_phone, copy, holder, reprinted_at, ..Particulars::of(&state) };
        for (_, layout) in papers_of(of) {
            fits(&layout)?;
        }
    }

    #[test]
    fn no_row_of_a_day_is_wider_than_its_paper(day in day()) {
        fits(&day.layout())?;
    }

    #[test]
    fn no_debit_is_never_claimed_without_proof(state in payment()) {
        for (kind, layout) in papers_of(Particulars::of(&state)) {
            prop_assert!(!says(&layout, "AUCUN DEBIT") || is_proven(&state), "{state:#?}");
            let may_warn = !matches!(kind, TicketKind::InProgress | TicketKind::Refund);
            prop_assert_eq!(says(&layout, "DEBIT A VERIFIER"), may_warn && !state.suspense().is_empty());
        }
    }

    #[test]
    fn the_till_s_copy_does_not_depend_on_the_customer(state in payment(), phone in strange()) {
        let till = |masked_phone| Particulars { masked_phone, holder: Holder::Till, ..Particulars::of(&state) };
        for kind in [TicketKind::Till, TicketKind::Refund, TicketKind::Plan] {
            let without = layout(kind, &till(None));
            prop_assert_eq!(&without, &layout(kind, &till(Some(PHONE))));
            prop_assert_eq!(&without, &layout(kind, &till(Some(&phone))));
        }
    }

    #[test]
    fn a_duplicate_is_its_original_under_marks(state in payment(), copy in 2_u32.., holder in holder()) {
        let original = Particulars { holder, ..Particulars::of(&state) };
        let reprinted_at = Some(instant(AFTERNOON));
        let again = papers_of(Particulars { copy: Ordinal::new(copy), reprinted_at, ..original });
        let marks = [format!("DUPLICATA {copy}"), "DU 24/11/2025 14:05".to_owned()];
        for ((kind, original), (_, again)) in papers_of(original).iter().zip(&again) {
            let (head, foot) = (usize::from(state.key.training), texts(again).len() - 2);
            prop_assert_eq!(&texts(again)[head..head + 2], &marks[..], "{:?}", kind);
            prop_assert_eq!(&texts(again)[foot..], &marks[..]);
            let unmarked: Vec<_> = texts(again).into_iter().filter(|text| !marks.iter().any(|mark| mark == text)).collect();
            prop_assert_eq!(unmarked, texts(original));
        }
        prop_assert_eq!(papers_of(original).len(), again.len());
    }

    #[test]
    fn a_statement_and_a_schedule_are_of_the_same_payments(state in payment()) {
        let why = |kind| layout(kind, &Particulars::of(&state)).err();
        prop_assert_eq!(why(TicketKind::Customer), why(TicketKind::Till));
        // Of what was agreed and went on otherwise there is a statement only.
        let of_agreed = why(TicketKind::Customer).filter(|none| *none != NoTicket::PlanChanged);
        prop_assert_eq!(why(TicketKind::Plan), of_agreed);
    }

    #[test]
    fn a_refund_has_a_paper_if_it_was_made(state in payment()) {
        let made: Vec<_> = state.refunds.iter().filter(|refund| refund.standing.is_some()).collect();
        let unnamed = layout(TicketKind::Refund, &Particulars::of(&state));
        match made.len() {
            0 => prop_assert!(matches!(
                unnamed,
                Err(NoTicket::RefundUnknown | NoTicket::RefundOnlyAsked | NoTicket::RefundFailed)
            )),
            1 => prop_assert!(unnamed.is_ok()),
            _ => prop_assert_eq!(unnamed, Err(NoTicket::RefundNotNamed)),
        }
        for refund in made.iter().filter_map(|refund| refund.refund_id.as_deref()) {
            let of = Particulars { refund: Some(refund), ..Particulars::of(&state) };
            prop_assert!(layout(TicketKind::Refund, &of).is_ok());
        }
    }
}
