//! What a paper may say, by what the facts prove.

use talon_domain::fact::{End, Ordinal, RefusalReason, Source, TicketKind};
use talon_domain::plan::{Offer, Plan};
use talon_receipts::{Layout, Line, Particulars, Width, layout};

use crate::golden::{PHONE, SHOP};
use crate::story::{AFTERNOON, PAYMENT_ID, Story, credit_of_ten, instant, quoted};

fn paper(kind: TicketKind, story: &Story) -> Layout {
    paper_of(kind, story, Some(PHONE), 1)
}

fn paper_of(kind: TicketKind, story: &Story, masked_phone: Option<&str>, copy: u32) -> Layout {
    let (state, copy) = (story.state(), Ordinal::new(copy));
    layout(kind, &Particulars { state: &state, shop_name: Some(SHOP), masked_phone, copy }).expect("a ticket")
}

/// Every text of a layout, in order; a pair gives two.
fn texts<'a>(layout: &'a Layout) -> Vec<&'a str> {
    let of = |line: &'a Line| match line {
        Line::Text { text, .. } => vec![text.as_str()],
        Line::KeyValue { key, value, .. } => vec![key.as_str(), value.as_str()],
        Line::Row { left, right } => vec![left.as_str(), right.as_str()],
        _ => Vec::new(),
    };
    layout.lines().iter().flat_map(of).collect()
}

fn says(layout: &Layout, words: &str) -> bool {
    texts(layout).iter().any(|text| text.contains(words))
}

fn begun() -> Story {
    Story::at(AFTERNOON).initiated(30_000).sms_sent()
}

#[test]
fn no_debit_is_promised_only_when_who_can_know_said_so() {
    let refused = |source| begun().by(source).ended(End::Refused(None));
    for (story, proven) in [
        (refused(Source::Provider), true),
        (refused(Source::Gateway), true),
        (refused(Source::Terminal), false),
        (refused(Source::Person), false),
        // The first attempt was resolved, or was not.
        (begun().ended_at(End::Unknown(None), 1).ended_at(End::Refused(None), 1), true),
        (begun().ended_at(End::Unknown(None), 1).ended_at(End::Refused(None), 2), false),
        (begun().ended_at(End::Refused(None), 1).ended_at(End::Expired, 2), true),
        (begun().ended_at(End::TimedOut, 1).ended_at(End::Refused(None), 2), false),
        (begun().ended_at(End::TimedOut, 1).ended_at(End::Refused(None), 1), true),
    ] {
        let layout = paper(TicketKind::Ended, &story);
        assert_eq!(says(&layout, "AUCUN DEBIT"), proven, "{layout:#?}");
    }
}

#[test]
fn a_refusal_s_reason_is_never_printed() {
    let of = |reason| paper(TicketKind::Ended, &begun().by(Source::Provider).ended(End::Refused(reason)));
    for reason in [
        RefusalReason::ByProvider,
        RefusalReason::CardDeclined,
        RefusalReason::StrongAuthenticationFailed,
        RefusalReason::NotEligible,
    ] {
        assert_eq!(of(Some(reason)), of(None), "{reason:?}");
    }
}

#[test]
fn a_deferred_plan_is_announced_and_not_called_a_debit() {
    let plan = quoted(16_500, Offer::DeferredMonths(1), 0, AFTERNOON);
    let sold = |plan: &Plan| Story::at(AFTERNOON).initiated(16_500).sms_sent().chosen(plan).accepted();
    let layout = paper(TicketKind::Customer, &sold(&plan));
    for words in ["PAIEMENT DIFFERE", "AUCUN DEBIT CE JOUR", "PRELEVEMENT LE 24/12/2025"] {
        assert!(says(&layout, words), "{words}");
    }
    let taken = paper(TicketKind::Customer, &sold(&plan).debited("debit_1", 16_500, PAYMENT_ID));
    assert!(!says(&taken, "AUCUN DEBIT") && says(&taken, "DONT PRELEVE"));
    let mut undeclared = plan.clone();
    undeclared.deferred_months = 0;
    assert!(!says(&paper(TicketKind::Customer, &sold(&undeclared)), "AUCUN DEBIT"), "its debit at once may be untold");
    let mut today = plan;
    today.instalments[0].due_date = instant(AFTERNOON + 3_600);
    assert!(!says(&paper(TicketKind::Customer, &sold(&today)), "AUCUN DEBIT"), "it is due on the day itself");
}

#[test]
fn due_dates_are_the_provider_s_on_a_clock_in_paris() {
    // 1 October 2025 00:30 in Paris; a month later by the provider's rule is 30 October 23:30.
    let plan = quoted(20_000, Offer::Split(2), 0, 1_759_271_400);
    let layout = paper(TicketKind::Customer, &Story::sold(1_759_271_400, 20_000, &plan));
    assert!(says(&layout, "01/10/2025") && says(&layout, "30/10/2025") && !says(&layout, "01/11/2025"));
}

#[test]
fn printed_sums_are_the_plan_s() {
    let plan = credit_of_ten();
    let layout = paper(TicketKind::Customer, &Story::sold(1_634_819_600, 45_000, &plan));
    let cents =
        |text: &str| text.strip_suffix(" EUR").map(|t| t.replace([' ', ','], "").parse::<u128>().expect("digits"));
    let rows: u128 = layout
        .lines()
        .iter()
        .filter_map(|line| if let Line::Row { right, .. } = line { cents(right.as_str()) } else { None })
        .sum();
    let value = |name: &str| {
        let of = |line: &Line| match line {
            Line::KeyValue { key, value, .. } if key.as_str() == name => cents(value.as_str()),
            _ => None,
        };
        layout.lines().iter().find_map(of)
    };
    assert_eq!(Some(rows), plan.total().map(|sum| sum.1));
    assert_eq!(value("TOTAL CLIENT"), plan.total().map(|sum| sum.1));
    assert_eq!(value("INTERETS"), plan.cost().map(|sum| sum.1));
    assert_eq!(value("ACHAT"), Some(45_000));
    assert_eq!(value("DONT PRELEVE"), Some(4_773));
    assert!(says(&layout, "17,19 %"));
}

#[test]
fn duplicates_are_marked_at_head_and_foot_and_differ_in_nothing_else() {
    let story = begun();
    let original = paper(TicketKind::InProgress, &story);
    let copy = paper_of(TicketKind::InProgress, &story, Some(PHONE), 12);
    let unmarked: Vec<_> = texts(&copy).into_iter().filter(|text| *text != "DUPLICATA 12").collect();
    assert_eq!((texts(&copy).len() - unmarked.len(), unmarked), (2, texts(&original)));
    assert_eq!(paper_of(TicketKind::InProgress, &story, Some(PHONE), 0), original, "not stated is the original");
}

#[test]
fn a_number_that_hides_too_little_is_hidden_whole() {
    let shown = |phone| texts(&paper_of(TicketKind::InProgress, &begun(), phone, 1)).join("|");
    assert!(shown(Some("+352 ** ** ** 56")).contains("+352 ** ** ** 56"));
    for clear in ["+33612345612", "06 12 34 56 12", "０６１２３４５６"] {
        let text = shown(Some(clear));
        assert!(text.contains("TELEPHONE|** ** ** ** **") && !text.contains(clear), "{text}");
    }
    assert!(!shown(None).contains("TELEPHONE"));
}

#[test]
fn a_paper_ends_with_a_cut() {
    let layout = paper(TicketKind::InProgress, &begun());
    assert_eq!(layout.lines().last(), Some(&Line::Cut));
    assert!(layout.text(Width::Columns42).ends_with("CE TICKET NE VAUT PAS PAIEMENT\n"));
}
