//! The situations of the golden papers: what was told, and which papers follow from it.

use talon_domain::fact::{CancellationReason, DefaultStage, End, PlanChange, RefusalReason, Source, TicketKind};
use talon_domain::plan::{Offer, Plan};
use talon_domain::time::Instant;
use talon_receipts::Holder;

use crate::golden::SHOP;
use crate::story::{AFTERNOON, PAYMENT_ID, Story, credit_of_ten, instant, less, postponed, quoted, stated};

pub(crate) struct Situation {
    pub(crate) name: &'static str,
    pub(crate) story: Story,
    pub(crate) shop: String,
    pub(crate) kinds: &'static [TicketKind],
    pub(crate) refund: Option<&'static str>,
    pub(crate) holder: Holder,
    pub(crate) copy: u32,
    pub(crate) reprinted_at: Option<Instant>,
}

const T1: &[TicketKind] = &[TicketKind::InProgress];
const T2_T3: &[TicketKind] = &[TicketKind::Customer, TicketKind::Till];
const T4: &[TicketKind] = &[TicketKind::Ended];
const T5: &[TicketKind] = &[TicketKind::Refund];
const T7: &[TicketKind] = &[TicketKind::Plan];

/// 8 November 2021, 16:50 in Paris: the published plan of three.
const NOVEMBER: i64 = 1_636_386_621;
/// 11 April 2022, 11:54 in Paris: the published plan that was refunded in full a day later.
const APRIL: i64 = 1_649_672_451;
const APRIL_REFUND: i64 = 1_649_770_695;
/// 20 November 2026, 10:00 in Paris: split payments have become consumer credit.
const NEW_LAW: i64 = 1_795_165_200;
const DAY: i64 = 86_400;

fn situation(name: &'static str, kinds: &'static [TicketKind], story: Story) -> Situation {
    let (shop, holder) = (SHOP.to_owned(), Holder::Customer);
    Situation { name, story, shop, kinds, refund: None, holder, copy: 1, reprinted_at: None }
}

pub(crate) fn situations() -> Vec<Situation> {
    [in_progress(), accepted(), ended(), refunded(), held(), changed(), credits(), marked()]
        .into_iter()
        .flatten()
        .collect()
}

fn begun() -> Story {
    Story::at(AFTERNOON).initiated(30_000)
}

fn in_progress() -> Vec<Situation> {
    vec![
        situation("in-progress", T1, begun().sms_sent()),
        situation("in-progress-without-sms", T1, begun()),
        situation("outcome-unknown", T1, begun().sms_sent().ended(End::Unknown(None))),
        situation("timed-out", T1, begun().sms_sent().by(Source::Terminal).ended(End::TimedOut)),
    ]
}

fn three() -> Plan {
    quoted(20_000, Offer::Split(3), 310, NOVEMBER)
}

fn sold_in_three() -> Story {
    Story::sold(NOVEMBER, 20_000, &three())
}

pub(crate) fn twelve() -> Plan {
    stated(&[[(20_000, 4_176, 0)].as_slice(), &[(20_000, 0, 0); 11]].concat(), Some(190), AFTERNOON)
}

fn accepted() -> Vec<Situation> {
    let two = quoted(45_000, Offer::Split(2), 0, 1_638_350_762);
    let four = quoted(129_900, Offer::Split(4), 3_014, AFTERNOON);
    let deferred = quoted(16_500, Offer::DeferredDays(15), 0, 1_735_208_969);
    let sold_later = Story::at(1_735_208_969).initiated(16_500).sms_sent().chosen(&deferred).accepted();
    vec![
        situation("three", T2_T3, sold_in_three()),
        situation("two", T2_T3, Story::sold(1_638_350_762, 45_000, &two)),
        situation("four-with-fee", T2_T3, Story::sold(AFTERNOON, 129_900, &four)),
        situation("deferred", T2_T3, sold_later),
        situation("debited-twice", T2_T3, sold_in_three().debited("debit_2", 6_978, PAYMENT_ID)),
    ]
}

fn ended() -> Vec<Situation> {
    let decided = |end| begun().sms_sent().by(Source::Provider).ended(end);
    let cancelled = |reason| decided(End::Cancelled(Some(reason)));
    let three = quoted(30_000, Offer::Split(3), 0, AFTERNOON);
    // Two acceptances of one sale; the first is cancelled, and the debit of the second is held.
    let held = begun()
        .chosen(&three)
        .accepted_as("payment_1")
        .accepted_as("payment_2")
        .debited("debit_1", 10_000, "payment_2")
        .ended(End::Cancelled(None));
    vec![
        situation("refused", T4, decided(End::Refused(Some(RefusalReason::CardDeclined)))),
        situation("refused-says-the-terminal", T4, begun().by(Source::Terminal).ended(End::Refused(None))),
        situation("expired", T4, decided(End::Expired)),
        situation("cancelled", T4, cancelled(CancellationReason::RequestedByMerchant)),
        situation("abandoned", T4, cancelled(CancellationReason::RequestedByCustomer)),
        situation("cancelled-with-held-debit", T4, held),
    ]
}

/// The published full refund: 352,99 EUR are 118,33 EUR in cash and 234,66 EUR of rebate.
pub(crate) fn refunded_in_full() -> Story {
    let plan = quoted(35_199, Offer::Split(3), 100, APRIL);
    let sold =
        Story::sold(APRIL, 35_199, &plan).on(APRIL_REFUND).refunded("refund_11xYwNWIaO3IE9ZaY5Cs", 11_833, 23_466);
    sold.changed(2, &less(&plan, &[(1, 0), (2, 11_733), (3, 11_733)]), PlanChange::Refunded)
}

/// Two partial refunds: 40,00 EUR off the last instalment, then 30,00 EUR of which a part goes back to the card.
fn refunded_in_parts() -> Story {
    let first = less(&three(), &[(3, 4_000)]);
    let second = less(&three(), &[(3, 5_000)]);
    sold_in_three()
        .on(NOVEMBER + 3 * DAY)
        .refunded("refund_1", 0, 4_000)
        .changed(2, &first, PlanChange::Refunded)
        .on(NOVEMBER + 9 * DAY)
        .refunded("refund_2", 2_000, 1_000)
        .changed(3, &second, PlanChange::Refunded)
}

fn refunded() -> Vec<Situation> {
    let cancelled = sold_in_three().on(NOVEMBER + DAY).cancelled_after_success("refund_1", 6_978, 13_332);
    let undivided = sold_in_three().on(NOVEMBER + DAY).refunded_undivided(None, Some("RETOUR-77"), 5_000);
    vec![
        situation("refunded", T5, refunded_in_full()),
        Situation { holder: Holder::Till, ..situation("refunded-till", T5, refunded_in_full()) },
        Situation { refund: Some("refund_1"), ..situation("refunded-first-part", T5, refunded_in_parts()) },
        Situation { refund: Some("refund_2"), ..situation("refunded-second-part", T5, refunded_in_parts()) },
        situation("cancelled-after-success", T5, cancelled),
        situation("refunded-undivided", T5, undivided),
        situation("after-refund", T7, refunded_in_full()),
        situation("after-two-refunds", T7, refunded_in_parts()),
    ]
}

fn held() -> Vec<Situation> {
    let unknown = Story::at(AFTERNOON).by(Source::Provider).refunded("refund_1", 5_000, 0);
    let too_much = sold_in_three().on(NOVEMBER + DAY).refunded("refund_1", 6_978, 43_022);
    vec![situation("refund-held", T5, unknown), situation("refund-too-high", T5, too_much)]
}

fn changed() -> Vec<Situation> {
    let four = quoted(129_900, Offer::Split(4), 3_014, AFTERNOON);
    let sold_in_four = || Story::sold(AFTERNOON, 129_900, &four);
    let rescheduled =
        sold_in_three().on(NOVEMBER + 20 * DAY).changed(2, &postponed(&three(), 2, 30), PlanChange::Rescheduled);
    let ended_badly = sold_in_four()
        .on(AFTERNOON + 31 * DAY)
        .debit_failed(2)
        .on(AFTERNOON + 70 * DAY)
        .defaulted(3, DefaultStage::Covered)
        .on(AFTERNOON + 100 * DAY)
        .defaulted(4, DefaultStage::Claimed);
    let early = sold_in_three().on(NOVEMBER + 5 * DAY).debited_of(2, "debit_2", 6_666, PAYMENT_ID).changed(
        2,
        &three(),
        PlanChange::PaidEarly,
    );
    vec![
        situation("rescheduled", T7, rescheduled.clone()),
        Situation { holder: Holder::Till, ..situation("rescheduled-till", T7, rescheduled) },
        situation("covered", T7, ended_badly),
        situation("paid-early", T7, early),
        situation("unchanged", T7, sold_in_three()),
    ]
}

fn credits() -> Vec<Situation> {
    let new_law = stated(&[(6_668, 310, 0), (6_666, 0, 0), (6_666, 0, 0)], Some(2_150), NEW_LAW);
    let sold_under_new_law = || Story::sold(NEW_LAW, 20_000, &new_law);
    let withdrawn = sold_under_new_law().on(NEW_LAW + 3 * DAY).withdrawn().refunded("refund_1", 6_978, 13_332);
    vec![
        situation("credit-of-ten", &[TicketKind::Customer, TicketKind::Till, TicketKind::Plan], ten()),
        situation("twelve", &[TicketKind::Customer, TicketKind::Till, TicketKind::Plan], sold_in_twelve()),
        situation("new-law", &[TicketKind::Customer, TicketKind::Till, TicketKind::Plan], sold_under_new_law()),
        situation("withdrawn", T7, withdrawn),
    ]
}

fn ten() -> Story {
    Story::sold(1_634_819_600, 45_000, &credit_of_ten())
}

fn sold_in_twelve() -> Story {
    Story::sold(AFTERNOON, 240_000, &twelve())
}

fn marked() -> Vec<Situation> {
    let hostile = "\u{202e}\u{1b}[2J東京 ﬁn\n\tЖ".to_owned() + &"W\u{301}\u{200d}".repeat(200);
    let reprinted_at = Some(instant(NOVEMBER + 12 * DAY));
    let again = |copy, of: Situation| Situation { copy, reprinted_at, ..of };
    vec![
        again(2, situation("duplicate", T2_T3, sold_in_three())),
        again(12, Situation { refund: Some("refund_2"), ..situation("duplicate", T5, refunded_in_parts()) }),
        again(3, Situation { holder: Holder::Till, ..situation("duplicate", T7, refunded_in_parts()) }),
        situation("practice", T1, Story::at(AFTERNOON).for_practice().initiated(30_000).sms_sent()),
        Situation { shop: hostile.clone(), ..situation("hostile-name", T2_T3, sold_in_three()) },
        Situation { shop: hostile.clone(), ..situation("hostile-name", T5, refunded_in_full()) },
        Situation { shop: hostile, ..situation("hostile-name", T7, refunded_in_full()) },
    ]
}
