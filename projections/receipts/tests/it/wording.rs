//! What a paper may say, by what the facts prove.

use talon_domain::fact::{ChargebackStage, End, Ordinal, PlanChange, RefusalReason, Source, TicketKind};
use talon_domain::plan::{Offer, Plan};
use talon_domain::regime::LegalRegime;
use talon_receipts::{CreditWarning, Holder, Layout, Line, Particulars, Width, layout};

use crate::golden::{PHONE, SHOP};
use crate::paper::{says, texts, values};
use crate::story::{AFTERNOON, PAYMENT_ID, Story, credit_of_ten, instant, less, quoted, stated};

fn paper(kind: TicketKind, story: &Story) -> Layout {
    paper_of(kind, story, Some(PHONE), 1)
}

fn paper_of(kind: TicketKind, story: &Story, masked_phone: Option<&str>, copy: u32) -> Layout {
    let (state, copy) = (story.state(), Ordinal::new(copy));
    layout(kind, &Particulars { shop_name: Some(SHOP), masked_phone, copy, ..Particulars::of(&state) })
        .expect("a ticket")
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

#[test]
fn a_duplicate_that_is_not_stated_as_one_is_the_original() {
    let reprinted_at = Some(instant(AFTERNOON));
    let state = begun().state();
    let original = layout(TicketKind::InProgress, &Particulars::of(&state));
    for copy in [0, 1].map(Ordinal::new) {
        assert_eq!(
            layout(TicketKind::InProgress, &Particulars { copy, reprinted_at, ..Particulars::of(&state) }),
            original
        );
    }
}

#[test]
fn money_that_came_back_takes_the_promise_of_no_debit_away() {
    let refused = |story: Story| paper(TicketKind::Ended, &story.by(Source::Provider).ended(End::Refused(None)));
    assert!(says(&refused(begun()), "AUCUN DEBIT"));
    for story in [
        begun().refunded("refund_1", 5_000, 0),
        begun().refunded_undivided(Some("refund_1"), None, 5_000),
        begun().refund_failed("refund_1", 5_000),
        begun().disputed(5_000, ChargebackStage::Opened),
        begun().disputed(5_000, ChargebackStage::Won),
    ] {
        assert!(!says(&refused(story), "AUCUN DEBIT"));
    }
    assert!(says(&refused(begun().refund_requested("RETOUR-77", 5_000)), "AUCUN DEBIT"), "asking moves no money");

    let plan = quoted(16_500, Offer::DeferredDays(15), 0, AFTERNOON);
    let sold = Story::at(AFTERNOON).initiated(16_500).chosen(&plan).accepted();
    assert!(says(&paper(TicketKind::Customer, &sold), "AUCUN DEBIT CE JOUR"));
    let rebated = paper(TicketKind::Plan, &sold.refunded("refund_1", 0, 16_500));
    for claimed in ["AUCUN DEBIT", "PRELEVEMENT LE", "A VENIR", "RESTE A PRELEVER"] {
        assert!(!says(&rebated, claimed), "nothing is left to be taken: {claimed}");
    }
}

fn sold() -> Story {
    Story::sold(AFTERNOON, 30_000, &quoted(30_000, Offer::Split(3), 0, AFTERNOON))
}

fn refund(story: &Story, refund: Option<&str>) -> Layout {
    let state = story.state();
    layout(TicketKind::Refund, &Particulars { refund, ..Particulars::of(&state) }).expect("a ticket")
}

#[test]
fn a_refund_is_found_by_its_id_its_request_or_its_amount() {
    let story = sold()
        .refunded("RETOUR-2", 1_000, 0)
        .refunded_undivided(Some("refund_2"), Some("RETOUR-2"), 2_000)
        .refunded_undivided(None, Some("RETOUR-3"), 3_000)
        .refunded_undivided(None, None, 4_000);
    for (name, amount) in [("RETOUR-2", "10,00"), ("refund_2", "20,00"), ("RETOUR-3", "30,00"), ("4000 EUR", "40,00")] {
        assert_eq!(values(&refund(&story, Some(name)), "CE REMBOURSEMENT"), [format!("{amount} EUR")], "{name}");
    }
    let before = |name| values(&refund(&story, Some(name)), "DEJA REMBOURSE").concat();
    assert_eq!(["RETOUR-2", "refund_2", "4000 EUR"].map(before), ["0,00 EUR", "10,00 EUR", "60,00 EUR"]);
}

#[test]
fn a_refund_that_counts_says_when_the_whole_sale_is_given_back() {
    let of = |cash, rebate| refund(&sold().refunded("refund_1", cash, rebate), None);
    let whole = "ACHAT ENTIEREMENT REMBOURSE";
    assert!(!says(&of(9_999, 20_000), whole));
    assert!(says(&of(10_000, 20_000), whole) && !says(&of(10_000, 20_000), "FRAIS CLIENT"));
    assert!(says(&of(10_000, 20_001), "TOTAL A VERIFIER") && !says(&of(10_000, 20_001), whole), "no fee explains it");
    let held = refund(&Story::at(AFTERNOON).by(Source::Provider).refunded("refund_1", 10_000, 20_000), None);
    assert!(says(&held, "REMBOURSEMENT A VERIFIER") && !says(&held, "TOTAL REMBOURSE") && !says(&held, whole));
}

#[test]
fn a_statement_after_a_withdrawal_or_a_whole_refund_claims_nothing() {
    let credit = || credit_of(5, AFTERNOON, None);
    let of = |story: Story| paper(TicketKind::Plan, &story);
    let claims = |layout: &Layout| {
        ["A VENIR", "MONTANT TOTAL DU", "RESTE A PRELEVER", "DROIT DE RETRACTATION"].map(|words| says(layout, words))
    };
    assert_eq!(claims(&of(credit())), [true; 4]);
    let cents = credit().state().sale.expect("a sale").minor_units;
    let cents = u64::try_from(cents).expect("small");
    for over in [credit().withdrawn(), credit().refunded("refund_1", 0, cents)] {
        let layout = of(over);
        assert_eq!(claims(&layout), [false; 4], "{layout:#?}");
        assert!(says(&layout, "A ACTUALISER") && says(&layout, "PRETEUR"));
    }
    assert_eq!(claims(&of(credit().refunded("refund_1", 0, 1_000))), [true, false, false, true], "a part of it");
}

#[test]
fn what_the_plan_still_takes_is_printed_only_where_the_plan_says_so() {
    let plan = quoted(30_000, Offer::Split(3), 0, AFTERNOON);
    let left = |story: &Story, of| values(&refund(story, Some(of)), "RESTE A PRELEVER").concat();
    let rebated = sold().refunded("refund_1", 0, 4_000);
    assert_eq!(left(&rebated, "refund_1"), "", "the plan is older than the refund");
    let restated = rebated.clone().changed(2, &less(&plan, &[(3, 4_000)]), PlanChange::Refunded);
    assert_eq!(left(&restated, "refund_1"), "160,00 EUR");
    let corrected = rebated.changed(2, &plan, PlanChange::Corrected);
    assert_eq!(left(&corrected, "refund_1"), "", "it was changed for another reason");
    let again = restated.refunded("refund_2", 0, 1_000);
    assert_eq!((left(&again, "refund_1"), left(&again, "refund_2")), (String::new(), String::new()));
}

#[test]
fn a_statement_that_is_older_than_a_rebate_says_so_and_claims_nothing_due() {
    let of = |story: &Story| paper(TicketKind::Plan, story);
    let (behind, due) = ("ECHEANCIER A ACTUALISER", "RESTE A PRELEVER");
    for (story, is_behind) in [
        (sold(), false),
        (sold().refunded("refund_1", 5_000, 0), false),
        (sold().refunded("refund_1", 0, 5_000), true),
        (sold().refunded_undivided(Some("refund_1"), None, 5_000), true),
        (sold().withdrawn(), true),
        (sold().refund_failed("refund_1", 5_000), false),
    ] {
        let layout = of(&story);
        assert_eq!((says(&layout, behind), says(&layout, due)), (is_behind, !is_behind), "{layout:#?}");
    }
    let taken = (2..=3).fold(sold(), |story, n| story.debited_of(n, &format!("debit_{n}"), 10_000, PAYMENT_ID));
    assert_eq!(values(&of(&taken), due), ["0,00 EUR"], "all is taken");
}

#[test]
fn a_paper_for_the_till_bears_the_till_s_numbers_and_no_phone() {
    let state = sold().refunded("refund_1", 0, 5_000).state();
    for kind in [TicketKind::Refund, TicketKind::Plan] {
        let of = |holder| {
            let masked_phone = Some(PHONE);
            layout(kind, &Particulars { holder, masked_phone, ..Particulars::of(&state) }).expect("a ticket")
        };
        let (customer, till) = (of(Holder::Customer), of(Holder::Till));
        assert!(says(&customer, PHONE) && says(&customer, "EXEMPLAIRE CLIENT") && !says(&customer, "CAISSIER"));
        assert!(!says(&till, PHONE) && says(&till, "A CONSERVER DANS LA CAISSE") && says(&till, "CAISSIER"));
    }
}

/// 20 November 2026 00:00 in Paris.
const NEW_LAW: i64 = 1_795_129_200;

fn credit_of(count: usize, start: i64, regime: Option<LegalRegime>) -> Story {
    let plan = stated(&vec![(5_000, 0, 0); count], Some(2_150), start);
    Story::sold(start, 5_000 * count as u64, &Plan { legal_regime: regime, ..plan })
}

#[test]
fn a_credit_is_warned_of_in_the_words_of_its_contract_s_day() {
    let old =
        "UN CREDIT VOUS ENGAGE ET DOIT ETRE REMBOURSE. VERIFIEZ VOS CAPACITES DE REMBOURSEMENT AVANT DE VOUS ENGAGER.";
    let new = "ATTENTION ! UN CREDIT COUTE DE L'ARGENT ET DOIT ETRE REMBOURSE !";
    let outside = Some(LegalRegime::OutsideConsumerCredit);
    let credit = Some(LegalRegime::ConsumerCredit);
    for (count, start, regime, warning) in [
        (3, AFTERNOON, None, None),
        (4, AFTERNOON, credit, Some(old)),
        (5, AFTERNOON, None, Some(old)),
        (5, AFTERNOON, outside, Some(old)),
        // A story's acceptance is its fourth fact, three minutes after its start.
        (3, NEW_LAW - 181, None, None),
        (5, NEW_LAW - 181, None, Some(old)),
        (3, NEW_LAW - 180, None, Some(new)),
        (5, NEW_LAW - 180, None, Some(new)),
        (5, NEW_LAW - 180, outside, None),
    ] {
        let story = credit_of(count, start, regime);
        for kind in [TicketKind::Customer, TicketKind::Plan] {
            let layout = paper(kind, &story);
            let printed = [old, new].map(|words| says(&layout, words));
            assert_eq!(printed, [old, new].map(|words| warning == Some(words)), "{count} {start} {regime:?}");
            let mentions = ["TAEG", "NOMBRE D'ECHEANCES", "MONTANT TOTAL DU", "DROIT DE RETRACTATION", "RCS NANTERRE"];
            assert_eq!(
                mentions.map(|words| says(&layout, words)),
                [warning.is_some(); 5],
                "{count} {start} {regime:?}"
            );
        }
        assert!(!says(&paper(TicketKind::Till, &story), "RETRACTATION"), "the till needs no warning");
    }
    assert_eq!(CreditWarning::ALL.len(), 2, "each wording is tried above");
}

#[test]
fn a_contract_keeps_its_words_when_its_plan_is_changed_under_the_new_law() {
    let plan = credit_of_ten();
    let changed = Story::sold(AFTERNOON, 45_000, &plan).on(NEW_LAW + 86_400).changed(2, &plan, PlanChange::Rescheduled);
    let layout = paper(TicketKind::Plan, &changed);
    assert!(says(&layout, "UN CREDIT VOUS ENGAGE") && !says(&layout, "ATTENTION !"));
}

#[test]
fn a_credit_without_a_stated_rate_or_a_known_lender_prints_neither() {
    let plan = Plan { annual_interest_rate_bps: None, ..credit_of_ten() };
    let told = Story::at(AFTERNOON).by(Source::Provider).chosen(&plan).accepted();
    let layout = paper(TicketKind::Customer, &told);
    assert!(says(&layout, "CREDIT") && !says(&layout, "TAEG") && !says(&layout, "PRETEUR"));
}

#[test]
fn a_withdrawal_takes_the_place_of_the_right_to_it() {
    let layout = paper(TicketKind::Plan, &credit_of(5, AFTERNOON, None).withdrawn());
    assert!(says(&layout, "RETRACTATION EXERCEE LE 24/11/2025") && !says(&layout, "DROIT DE RETRACTATION"));
    assert!(texts(&layout).contains(&"ECHEANCIER A ACTUALISER"));
}
