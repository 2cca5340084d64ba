//! Open items, as a clerk sees them: which payments, why, how old, and what stands behind them. The 25th of November 2026
//! is a Wednesday, and Paris is an hour ahead of the moments in these lines.

use talon_domain::anomaly::Language;
use talon_domain::ids::{MerchantId, ShopId, TerminalId};
use talon_domain::money::Currency;
use talon_projections::open_items::{Asked, Bucket, OpenItem, by_cause, open_items, unregistered};

use crate::facts::{MERCHANT, day, moment};
use crate::projected::{Projected, name, projected};

/// A terminal that is registered, so that only the payments are open.
const KNOWN: &str = "TerminalAssigned t417 e1\n TerminalAssigned t418 e1\n CalendarRegistered id=TARGET-2026\n";

fn given(lines: &str) -> Projected {
    projected(&format!("{KNOWN}{lines}"))
}

/// The items of a moment, with the usual measures or with others.
fn items_by(projected: &Projected, at: &str, measure: impl FnOnce(&mut Asked<'_>)) -> Vec<OpenItem> {
    let calendar = projected.registry.working_days("TARGET");
    let mut asked = Asked::at(moment(at), &projected.registry, &calendar);
    measure(&mut asked);
    open_items(projected.tables(), &asked).expect("in memory")
}

fn items(projected: &Projected, at: &str) -> Vec<OpenItem> {
    items_by(projected, at, |_| {})
}

/// `p1 300.00 3-7: outcome awaited 4, tickets not printed 3`.
fn shown(item: &OpenItem) -> String {
    let reason = |reason: &talon_projections::open_items::Reason| {
        format!("{} {}", reason.reason.words(Language::English), reason.age.business_days)
    };
    let reasons: Vec<_> = item.reasons.iter().map(reason).collect();
    let amount = format!("{}.{:02}", item.amount / 100, item.amount % 100);
    format!("{} {amount} {}: {}", name(item.key), item.age.bucket().name(), reasons.join(", "))
}

fn open(lines: &str, at: &str) -> Vec<String> {
    items(&given(lines), at).iter().map(shown).collect()
}

fn causes(items: &[OpenItem], at: &str) -> Vec<String> {
    by_cause(items).iter().map(|group| group.words(Language::English, moment(at))).collect()
}

#[test]
fn a_payment_in_progress_is_open_once_an_hour_is_over() {
    let lines = "PaymentInitiated t417 300.00 at=25T10:00";
    assert_eq!(open(lines, "25T10:59"), [""; 0]);
    assert_eq!(open(lines, "25T11:00"), ["p1 300.00 0-1: in progress too long 0"]);
    assert_eq!(open(lines, "26T11:00"), ["p1 300.00 1-3: in progress too long 1"]);
    assert_eq!(open(lines, "25T08:00"), ["p1 300.00 0-1: in progress too long 0"], "a clock far ahead hides nothing");
    let patient = items_by(&given(lines), "25T11:30", |asked| asked.in_progress_us *= 2);
    assert!(patient.is_empty());
}

#[test]
fn a_shop_that_stopped_waiting_waits_no_longer() {
    let lines = "PaymentInitiated t417 300.00 at=25T10:00
        ShopTimedOut t417 at=25T10:05";
    assert_eq!(open(lines, "25T10:06"), ["p1 300.00 0-1: outcome awaited 0"]);
}

/// Each reason with the one moment that makes it old: everything else happened on the 25th.
#[test]
fn a_reason_ages_from_the_moment_that_made_it_one() {
    let began = "PaymentInitiated t417 300.00 at=25T10:00";
    let papers = "TicketsPrinted t417 t2 t3 at=25T10:02";
    for (lines, reason) in [
        ("ShopTimedOut t417 at=19T10:00", "outcome awaited 5"),
        ("OutcomeUnknown t417 at=19T10:00", "outcome unknown 5"),
        (
            "PaymentCancelled person at=19T10:00\n ShopTimedOut t417 at=25T10:01",
            "cancellation asked 5, outcome awaited 1",
        ),
        ("PaymentAccepted 300.00 at=19T10:00", "accepted, not debited 5, tickets not printed 5"),
        ("InstalmentDebited 300.00 at=19T10:00", "tickets not printed 5"),
        (
            "TicketsPrinted t417 t3 at=19T10:00\n OutcomeUnknown t417 at=25T10:01",
            "ticket handed out, nothing debited 5, outcome unknown 1",
        ),
        (
            "RefundRequested 10.00 request=R1 at=19T10:00\n OutcomeUnknown t417 at=25T10:01",
            "refund awaited 5, outcome unknown 1",
        ),
        (
            "ChargebackOpened 10.00 dispute=C1 at=19T10:00\n OutcomeUnknown t417 at=25T10:01",
            "dispute open 5, outcome unknown 1",
        ),
    ] {
        let expected = format!("p1 300.00 3-7: {reason}");
        assert_eq!(open(&format!("{began}\n{lines}"), "26T10:00"), [expected]);
    }
    for (lines, reason) in [
        (
            "PaymentAccepted 300.00 at=25T10:01\n InstalmentDebited 300.00 id=D1 provider at=25T10:01\n InstalmentDebited 300.00 id=D2 provider at=19T10:00",
            "money in suspense 5",
        ),
        ("InstalmentDebited 300.00 at=25T10:01\n WithdrawalExercised at=19T10:00", "withdrawal to settle 5"),
        (
            "ShopTimedOut t417 at=25T10:01\n PaymentAccepted 300.00 at=19T10:00\n InstalmentDebited 300.00 at=25T10:01",
            "success after the shop's expiry 5",
        ),
    ] {
        let expected = format!("p1 300.00 3-7: {reason}");
        assert_eq!(open(&format!("{began}\n{papers}\n{lines}"), "26T10:00"), [expected]);
    }
}

#[test]
fn what_is_settled_is_not_open() {
    let debited = "PaymentInitiated t417 300.00\n InstalmentDebited 300.00\n TicketsPrinted t417 t2 t3";
    assert_eq!(open(debited, "30T10:00"), [""; 0]);
    for end in ["PaymentRefused", "PaymentExpired provider", "PaymentCancelled provider"] {
        assert_eq!(open(&format!("PaymentInitiated t417 300.00\n {end}"), "30T10:00"), [""; 0], "{end}");
    }
    let refunded = "InstalmentDebited 300.00\n RefundCompleted 300.00 id=F1\n PaymentInitiated t417 300.00";
    assert_eq!(open(refunded, "30T10:00"), [""; 0], "closed, though no ticket was printed");
    let won = format!("{debited}\n ChargebackOpened 300.00 dispute=C1\n ChargebackWon 300.00 dispute=C1");
    assert_eq!(open(&won, "30T10:00"), [""; 0]);
    let practice = "PaymentInitiated t417 300.00 training";
    assert_eq!(open(practice, "30T10:00"), [""; 0]);
}

#[test]
fn a_deferred_debit_is_awaited_once_its_day_is_over() {
    let lines = "PaymentInitiated t417 90.00 at=10T10:00
        ScheduleChosen 90.00 due=25T10:00 later=15 at=10T10:01
        PaymentAccepted 90.00 at=10T10:01
        TicketsPrinted t417 t2 t3 at=10T10:02";
    assert_eq!(open(lines, "25T22:59"), [""; 0]);
    assert_eq!(open(lines, "25T23:00"), ["p1 90.00 1-3: accepted, not debited 1"], "midnight in Paris");
    let debited = format!("{lines}\n InstalmentDebited 90.00 at=25T12:00");
    assert_eq!(open(&debited, "27T10:00"), [""; 0]);
}

#[test]
fn ages_are_working_days() {
    let lines = "TerminalAssigned t417 e1
        CalendarRegistered id=TARGET-2026 closed=2026-11-23
        ShopTimedOut t417 at=20T10:00";
    let age = |at: &str| items(&projected(lines), at)[0].age;
    let ages = ["20T20:00", "22T10:00", "23T10:00", "24T10:00", "26T10:00", "27T10:00"].map(age);
    assert_eq!(ages.map(|age| age.business_days), [0, 0, 0, 1, 3, 4], "a Friday, the weekend, a closed Monday");
    assert!(ages.iter().all(|age| !age.is_estimate));
    let unstated = &items(&projected("ShopTimedOut t417 at=20T10:00"), "24T10:00")[0].age;
    assert_eq!((unstated.business_days, unstated.is_estimate), (2, true), "Monday counts where nobody stated it");
    assert_eq!(unstated.bucket(), Bucket::UnderThree);
}

#[test]
fn an_age_has_words() {
    let words = |at: &str, language| items(&given("ShopTimedOut t417 at=20T10:00"), at)[0].age.words(language);
    assert_eq!(words("20T10:00", Language::French), "0 jour ouvré");
    assert_eq!(words("23T10:00", Language::English), "1 working day");
    assert_eq!(words("26T10:00", Language::French), "4 jours ouvrés");
    let unstated = projected("ShopTimedOut t417 at=20T10:00");
    assert_eq!(items(&unstated, "24T10:00")[0].age.words(Language::English), "about 2 working days");
}

#[test]
fn the_oldest_come_first_and_of_one_age_the_largest() {
    let lines = "ShopTimedOut t417 p1 at=25T10:00
        PaymentInitiated t417 p1 10.00 at=25T10:00
        PaymentInitiated t417 p2 20.00 at=25T08:00
        PaymentInitiated t417 p3 5.00 at=24T08:00
        PaymentInitiated t417 p4 30.00 at=25T09:00";
    let order: Vec<_> = items(&given(lines), "25T12:00").iter().map(|item| name(item.key)).collect();
    assert_eq!(order, ["p3", "p4", "p2", "p1"]);
}

#[test]
fn a_silent_terminal_is_one_cause() {
    let lines = "PaymentInitiated t417 seq=7 p1 60.00 at=25T18:40
        PaymentAccepted provider p1 60.00 at=25T18:44
        PaymentInitiated t417 seq=8 p2 70.00 at=25T18:42
        PaymentInitiated gateway t417 p3 80.00 at=25T18:50
        PaymentInitiated t418 seq=1 p4 10.00 at=25T18:30
        OutcomeUnknown t418 seq=2 p4 at=25T18:30
        PaymentInitiated t418 seq=3 p5 10.00 at=25T19:59
        PaymentRefused t418 seq=4 p5 at=25T20:00";
    let found = items(&given(lines), "25T20:10");
    assert_eq!(
        causes(&found, "25T20:10"),
        ["terminal 417 silent since 19:42: 3 payments", "outcome unknown: 1 payment"]
    );
    let group = &by_cause(&found)[0];
    assert_eq!(group.amounts.get(&Currency::EUR), Some(&21_000));
    assert_eq!(
        group.words(Language::French, moment("26T09:00")),
        "terminal 417 muet depuis le 2026-11-25 à 19:42 : 3 paiements"
    );
}

#[test]
fn when_a_shop_has_closed_nobody_is_silent_who_spoke_as_long_as_the_others() {
    let lines = "PaymentInitiated t417 seq=7 p1 60.00 at=25T18:42
        PaymentInitiated t418 seq=1 p2 10.00 at=25T18:50
        PaymentRefused t418 seq=2 p2 at=25T18:51";
    let at = |more: &str, at: &str| causes(&items(&given(&format!("{lines}\n{more}")), at), at);
    let open = ["in progress too long: 1 payment"];
    assert_eq!(at("", "25T20:10"), open);
    assert_eq!(at("", "29T12:00"), open, "on Sunday");
    let other_merchant = "PaymentRefused t418 seq=2 p3 m=552100554 at=26T09:00";
    assert_eq!(at(other_merchant, "26T09:30"), open, "another merchant's shops are open");
    let silent = ["terminal 417 silent since 2026-11-25 19:42: 1 payment"];
    assert_eq!(at("PaymentRefused t418 seq=3 p3 at=26T09:00", "26T09:30"), silent, "the next one speaks again");
}

#[test]
fn silence_explains_nothing_that_was_left_open_before_the_terminal_spoke_again() {
    let lines = "OutcomeUnknown t417 seq=7 p1 at=24T18:40
        PaymentInitiated t417 seq=7 p1 60.00 at=24T18:40
        PaymentInitiated t417 seq=6 p2 60.00 at=24T10:00
        InstalmentDebited p2 60.00 at=24T10:00
        TicketsPrinted t417 t2 t3 p2 at=24T10:00
        RefundRequested p2 10.00 request=R1 at=25T09:00
        PaymentRefused t417 seq=8 p3 at=25T09:00
        PaymentInitiated t417 seq=9 p3 10.00 at=25T09:00";
    let mut found = causes(&items(&given(lines), "25T20:00"), "25T20:00");
    found.sort();
    assert_eq!(found, ["outcome unknown: 1 payment", "refund awaited: 1 payment"]);
}

#[test]
fn a_terminal_is_silent_that_did_not_speak_up_to_the_end_of_trading() {
    let lines = "PaymentInitiated t417 seq=7 p1 60.00 at=25T18:42\n ShopTimedOut t417 seq=8 p1 at=25T18:43";
    let projected = given(lines);
    let at = |at: &str, ended: Option<&str>| {
        causes(&items_by(&projected, at, |asked| asked.trading_ended_at = ended.map(moment)), at)
    };
    let silent = "terminal 417 silent since 19:43: 1 payment";
    assert_eq!(at("25T19:10", None), ["outcome awaited: 1 payment"]);
    assert_eq!(at("25T19:10", Some("25T19:00")), [silent]);
    assert_eq!(at("25T19:10", Some("25T19:30")), ["outcome awaited: 1 payment"], "not over yet");
    assert_eq!(at("25T19:44", None), [silent]);
    let spoke_to_the_end = Some("25T18:40");
    assert_eq!(at("26T06:15", spoke_to_the_end), ["outcome awaited: 1 payment"], "the next morning");
}

#[test]
fn a_payment_of_an_unknown_terminal_is_open_though_it_is_finished() {
    let lines = "TerminalAssigned t417 e1 from=2026-11-25
        CalendarRegistered id=TARGET-2026
        PaymentInitiated t417 p1 30.00 at=24T09:00
        InstalmentDebited p1 30.00 at=24T09:01
        TicketsPrinted t417 t2 t3 p1 at=24T09:02
        PaymentInitiated t417 p2 30.00 at=25T09:00
        InstalmentDebited p2 30.00 at=25T09:01
        TicketsPrinted t417 t2 t3 p2 at=25T09:02
        PaymentInitiated t419 p3 40.00 at=25T09:50
        PaymentInitiated t419 p4 40.00 training at=25T09:50";
    let found = items(&projected(lines), "25T10:00");
    let shown: Vec<_> = found.iter().map(shown).collect();
    assert_eq!(shown, ["p1 30.00 1-3: terminal not in the registry 1", "p3 40.00 0-1: terminal not in the registry 0"]);
    let expected = ["terminal 417 is not in the registry: 1 payment", "terminal 419 is not in the registry: 1 payment"];
    assert_eq!(causes(&found, "25T10:00"), expected);
    let narrowed = |merchant, on: &str| {
        items_by(&projected(lines), "25T10:00", |asked| {
            asked.filter.merchant = Some(merchant);
            asked.filter.days = Some(day(on)..=day(on));
        })
    };
    assert_eq!(narrowed(MERCHANT, "2026-11-24").len(), 1);
    assert_eq!(narrowed(MERCHANT, "2026-11-23").len(), 0);
    assert_eq!(narrowed(MerchantId(7), "2026-11-24").len(), 0);
    let registered = format!("{lines}\n TerminalAssigned t417 e1 rev=2\n TerminalAssigned t419 e1");
    assert!(items(&projected(&registered), "25T10:00").is_empty());
}

/// Nobody can say which terminal is unknown where none is registered: that is said once.
#[test]
fn a_merchant_without_devices_is_one_remark_and_not_an_item_for_each_payment() {
    let lines = "PaymentInitiated t417 p1 30.00 at=24T09:00
        InstalmentDebited p1 30.00 at=24T09:01
        TicketsPrinted t417 t2 t3 p1 at=24T09:02
        PaymentInitiated t417 m=552100554 p2 30.00 at=25T09:00
        PaymentInitiated t417 m=998823504 p3 30.00 at=25T09:00
        TerminalAssigned t418 e1 m=552100554";
    let projected = projected(lines);
    let found: Vec<_> = items(&projected, "25T09:10").iter().map(shown).collect();
    assert_eq!(found, ["p2 30.00 0-1: terminal not in the registry 0"]);
    let without = |merchant| {
        let calendar = projected.registry.working_days("TARGET");
        let mut asked = Asked::at(moment("25T09:10"), &projected.registry, &calendar);
        asked.filter.merchant = merchant;
        unregistered(projected.tables(), &asked).expect("in memory")
    };
    assert_eq!(without(None), [MERCHANT, MerchantId(998_823_504)]);
    assert_eq!(without(Some(MERCHANT)), [MERCHANT]);
    assert_eq!(without(Some(MerchantId(552_100_554))), []);
}

#[test]
fn a_likely_double_is_shown_and_not_merged() {
    let lines = "PaymentInitiated t417 p1 60.00 at=25T10:00
        PhoneVerified t417 p1 bucket=7 at=25T10:01
        PaymentInitiated t417 p2 60.00 at=25T10:09
        PhoneVerified t417 p2 bucket=7 at=25T10:10
        PaymentInitiated t417 p3 60.00 at=25T10:11
        PhoneVerified t417 p3 bucket=8 at=25T10:12
        PaymentInitiated t417 p4 61.00 at=25T10:05
        PhoneVerified t417 p4 bucket=7 at=25T10:06";
    let projected = given(lines);
    let twins = |within: i64| {
        let items = items_by(&projected, "25T12:00", |asked| asked.twins_within_us = within * 60_000_000);
        let named =
            |item: &OpenItem| (name(item.key), item.twins.iter().map(|(key, _)| name(*key)).collect::<Vec<_>>());
        let mut found: Vec<_> = items.iter().map(named).filter(|(_, twins)| !twins.is_empty()).collect();
        found.sort();
        found
    };
    let both = [("p1".into(), vec!["p2".into()]), ("p2".into(), vec!["p1".into()])];
    assert_eq!(twins(10), both);
    assert_eq!(twins(8), []);
    assert_eq!(items(&projected, "25T12:00").len(), 4, "each stays an item");
}

#[test]
fn items_are_asked_for_by_place_provider_and_days() {
    let projected = given(
        "PaymentInitiated t417 shop=74 p1 10.00 by=alma at=24T09:00
        PaymentInitiated t418 shop=74 p2 20.00 by=oney at=25T09:00
        PaymentInitiated t418 shop=75 p3 30.00 by=alma at=25T09:00
        PaymentInitiated t417 m=552100554 p4 40.00 at=25T09:00",
    );
    let asked = |measure: &dyn Fn(&mut Asked<'_>)| {
        let mut names: Vec<_> = items_by(&projected, "25T12:00", measure).iter().map(|item| name(item.key)).collect();
        names.sort();
        names.join(" ")
    };
    assert_eq!(asked(&|_| {}), "p1 p2 p3 p4");
    assert_eq!(asked(&|asked| asked.filter.merchant = Some(MERCHANT)), "p1 p2 p3");
    assert_eq!(asked(&|asked| asked.filter.shop = Some(ShopId(74))), "p1 p2");
    assert_eq!(asked(&|asked| asked.filter.terminal = Some(TerminalId(418))), "p2 p3");
    assert_eq!(asked(&|asked| asked.filter.provider = Some("alma".into())), "p1 p3");
    let only = day("2026-11-24")..=day("2026-11-24");
    assert_eq!(asked(&|asked| asked.filter.days = Some(only.clone())), "p1");
}
