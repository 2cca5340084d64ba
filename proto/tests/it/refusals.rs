//! What is refused, by which rule, at which place: one row each.

use talon_domain::fact::Kind;
use talon_proto::{Rule, check_payload, check_personal, event_from_json, walk};

use crate::checked;

const HEAD: &str = r#""eventId":"019ab9f4-d580-7aaa-8bbb-0102030405aa","merchant":732829320,
    "transactionId":"019ab9f4-d1a0-7c3e-9a51-33c0ffee0001","occurredAt":"2025-11-25T07:00:00Z","source":"gateway""#;

/// How an event that differs from a good one in these members is taken: "rule at path".
fn verdict(members: &str) -> String {
    let (line, mut event) = (format!("{{{HEAD},{members}}}"), Vec::new());
    if let Err(fault) = event_from_json(line.as_bytes(), &mut event) {
        assert!(event.is_empty(), "nothing is appended on failure");
        return format!("{} at {}", fault.rule(), fault.path());
    }
    let result = walk(&event).and_then(|envelope| {
        envelope.identity()?;
        envelope.stream()?;
        envelope.personal.map_or(Ok(()), check_personal)?;
        checked(&envelope)
    });
    result.map_or_else(|fault| format!("{} at {}", fault.rule, fault.path), |()| "fine".to_owned())
}

fn rows(rows: &[(&str, &str)]) {
    for (members, expected) in rows {
        assert_eq!(verdict(members), *expected, "{members}");
    }
}

#[test]
fn a_fact_says_what_it_cannot_do_without() {
    rows(&[
        (r#""paymentInitiated":{"amount":{"currency":"EUR","minorUnits":1}}"#, "fine"),
        (r#""paymentInitiated":{}"#, "field_must_be_stated at paymentInitiated.amount"),
        (r#""paymentInitiated":{"amount":null}"#, "field_must_be_stated at paymentInitiated.amount"),
        (r#""paymentInitiated":{"amount":{}}"#, "field_must_be_stated at paymentInitiated.amount.currency"),
        (r#""cardDebited":{}"#, "field_must_be_stated at cardDebited.amount"),
        (
            r#""instalmentDebited":{"amount":{"currency":"EUR"}}"#,
            "field_must_be_stated at instalmentDebited.instalment",
        ),
        (r#""instalmentDebited":{"instalment":1}"#, "field_must_be_stated at instalmentDebited.amount"),
        (r#""debitFailed":{"attempt":1}"#, "field_must_be_stated at debitFailed.instalment"),
        (r#""ticketsPrinted":{"tickets":[]}"#, "field_must_be_stated at ticketsPrinted.tickets"),
        (r#""ticketsPrinted":{"tickets":[{}]}"#, "field_must_be_stated at ticketsPrinted.tickets[0].kind"),
        (r#""scheduleChosen":{"installmentsCount":1}"#, "field_must_be_stated at scheduleChosen.instalments"),
        (r#""training":true"#, "event_must_have_one_payload at the event"),
    ]);
}

#[test]
fn values_keep_to_their_ranges() {
    rows(&[
        (
            r#""cardDebited":{"amount":{"currency":"EUR","minorUnits":1000000000001}}"#,
            "value_must_be_in_range at cardDebited.amount.minorUnits",
        ),
        (
            r#""cardDebited":{"amount":{"currency":"eur"}}"#,
            "currency_must_be_three_capitals at cardDebited.amount.currency",
        ),
        (r#""terminalEpoch":65536,"paymentExpired":{}"#, "value_must_be_in_range at terminalEpoch"),
        (r#""terminalEpoch":65535,"paymentExpired":{}"#, "fine"),
        (r#""schema":2,"paymentExpired":{}"#, "schema_must_be_known at schema"),
        (r#""schema":65536,"paymentExpired":{}"#, "value_must_be_in_range at schema"),
        (r#""smsSent":{"number":4294967296}"#, "value_must_be_in_range at smsSent.number"),
        (r#""smsSent":{"number":-1}"#, "value_must_be_in_range at smsSent.number"),
        (r#""smsSent":{"revision":"18446744073709551616"}"#, "value_must_be_in_range at smsSent.revision"),
        (r#""smsSent":{"number":1.0}"#, "value_must_be_in_range at smsSent.number"),
        (r#""smsSent":{"number":"+1"}"#, "value_must_have_its_type at smsSent.number"),
        (r#""smsSent":{"number":true}"#, "value_must_have_its_type at smsSent.number"),
        (r#""paymentRefused":{"reason":5}"#, "choice_must_be_known at paymentRefused.reason"),
        (r#""paymentRefused":{"reason":"because"}"#, "choice_must_be_known at paymentRefused.reason"),
        (r#""paymentRefused":{"reason":"Card_Declined"}"#, "fine"),
    ]);
    let long = format!(r#""smsSent":{{"messageId":"{}"}}"#, "é".repeat(129));
    assert_eq!(verdict(&long), "text_must_be_at_most_256_bytes at smsSent.messageId");
    let many = format!(r#""ticketsPrinted":{{"tickets":[{}]}}"#, [r#"{"kind":1}"#; 65].join(","));
    assert_eq!(verdict(&many), "list_must_have_at_most_64_entries at ticketsPrinted.tickets");
}

/// A plan of two lines with these parts: purchase, fee, interest, total, and a currency each.
fn plan(second: &str) -> String {
    let first = r#"{"number":1,"dueDate":"2025-11-25T07:00:00Z","purchaseAmount":{"currency":"EUR","minorUnits":5},
        "totalAmount":{"currency":"EUR","minorUnits":5}}"#;
    let second =
        second.replace('(', r#"{"currency":"EUR","minorUnits":"#).replace('[', r#"{"currency":"USD","minorUnits":"#);
    let second = second.replace([')', ']'], "}");
    format!(
        r#""scheduleChosen":{{"installmentsCount":2,"instalments":[{first},{{"number":2,"dueDate":"2025-12-25T07:00:00Z",{second}}}]}}"#
    )
}

#[test]
fn a_line_of_a_plan_is_the_sum_of_its_parts_in_one_currency() {
    for (second, expected) in [
        (r#""purchaseAmount":(5),"customerFee":(2),"customerInterest":(1),"totalAmount":(8)"#, "fine"),
        (
            r#""purchaseAmount":(5),"customerFee":(2),"totalAmount":(8)"#,
            "line_must_be_the_sum_of_its_parts at scheduleChosen.instalments[1].totalAmount",
        ),
        (
            r#""purchaseAmount":(5),"customerFee":[0],"totalAmount":(5)"#,
            "amounts_must_have_one_currency at scheduleChosen.instalments[1].customerFee",
        ),
        (
            r#""purchaseAmount":(5),"totalAmount":(5),"originalPurchaseAmount":[5]"#,
            "amounts_must_have_one_currency at scheduleChosen.instalments[1].originalPurchaseAmount",
        ),
        (
            r#""purchaseAmount":[5],"totalAmount":[5]"#,
            "amounts_must_have_one_currency at scheduleChosen.instalments[1]",
        ),
        (r#""purchaseAmount":(5),"totalAmount":(5),"originalPurchaseAmount":(9)"#, "fine"),
    ] {
        assert_eq!(verdict(&plan(second)), expected, "{second}");
    }
}

#[test]
fn days_lie_in_2000_to_2148() {
    for (due, expected) in [
        ("1999-12-31T22:59:59Z", "time_must_be_in_2000_to_2148 at scheduleChosen.instalments[0].dueDate"),
        ("1999-12-31T23:00:00Z", "fine"),
        ("2148-12-31T22:59:59.999999999Z", "fine"),
        ("2148-12-31T23:00:00Z", "time_must_be_in_2000_to_2148 at scheduleChosen.instalments[0].dueDate"),
        ("2026-02-30T00:00:00Z", "time_must_be_in_2000_to_2148 at scheduleChosen.instalments[0].dueDate"),
    ] {
        let plan = plan(r#""purchaseAmount":(5),"totalAmount":(5)"#);
        assert_eq!(verdict(&plan.replacen("2025-11-25T07:00:00Z", due, 1)), expected, "{due}");
    }
}

#[test]
fn what_nobody_knows_is_refused_by_its_place() {
    rows(&[
        (r#""paymentInitiated":{"amuont":{}}"#, "field_must_be_known at paymentInitiated.key 1"),
        (r#""paymentTeleported":{}"#, "kind_must_be_known at key 6"),
        (r#""colour":"red","paymentExpired":{}"#, "field_must_be_known at key 6"),
        (r#""merchant":1,"paymentExpired":{}"#, "field_must_occur_once at merchant"),
        (r#""paymentExpired":{"attempt":1,"attempt":1}"#, "field_must_occur_once at paymentExpired.attempt"),
        (r#""paymentExpired":{},"payment_expired":{}"#, "field_must_occur_once at paymentExpired"),
        (r#""paymentExpired":{},"smsSent":{}"#, "event_must_have_one_payload at paymentExpired"),
        (r#""paymentExpired":[]"#, "value_must_have_its_type at paymentExpired"),
        (r#""ticketsPrinted":{"tickets":{}}"#, "value_must_have_its_type at ticketsPrinted.tickets"),
        (r#""ticketsPrinted":{"tickets":[null]}"#, "value_must_have_its_type at ticketsPrinted.tickets[0]"),
        (r#""paymentExpired":{"attempt":[[[[[[[[[]]]]]]]]]}"#, "json_must_not_be_deep at the event"),
    ]);
    let mut out = Vec::new();
    let fault = event_from_json(br#"{"paymentInitiated":{"amuont":{}}}"#, &mut out).expect_err("a slip");
    assert_eq!(fault.expected, Some("amount"));
    assert_eq!(fault.to_string(), "field_must_be_known at paymentInitiated.key 1: perhaps amount was meant");
}

#[test]
fn a_person_is_reachable_or_not_stated() {
    rows(&[
        (r#""personal":{"phone":"+33639980010","email":"client@example.org"},"phoneVerified":{}"#, "fine"),
        (r#""personal":{},"phoneVerified":{}"#, "fine"),
        (r#""personal":{"phone":"0639980010"},"phoneVerified":{}"#, "phone_must_be_e164 at personal.phone"),
        (r#""personal":{"email":"client"},"phoneVerified":{}"#, "email_must_be_an_address at personal.email"),
        (r#""personal":{"iban":"x"},"phoneVerified":{}"#, "field_must_be_known at personal.key 1"),
    ]);
    let unknown = check_personal(b"\x2a\x01x").expect_err("field 5");
    assert_eq!((unknown.rule, unknown.path.to_string().as_str()), (Rule::FieldKnown, "personal.field 5"));
}

#[test]
fn an_event_has_one_id_and_one_payment() {
    let event = |head: &str| {
        let mut out = Vec::new();
        let line = format!(r#"{{{head}"merchant":1,"occurredAt":"2025-11-25T07:00:00Z","source":1,"smsSent":{{}}}}"#);
        event_from_json(line.as_bytes(), &mut out).expect("json");
        let envelope = walk(&out).expect("an envelope");
        let text = |fault: talon_proto::Fault| fault.rule;
        (envelope.identity().map_err(text).map(|id| id.to_string()), envelope.stream().map_err(text).map(drop))
    };
    let made = "019ab9cf-e180-898d-b43c-77e965dda0b0".to_owned();
    assert_eq!(event(r#""sourceKey":"a","#), (Ok(made), Err(Rule::FieldStated)));
    assert_eq!(event("").0, Err(Rule::OneId));
    assert_eq!(event(r#""eventId":"019ab9cf-e180-898d-b43c-77e965dda0b0","sourceKey":"a","#).0, Err(Rule::OneId));
    assert_eq!(event(r#""eventId":"019AB9CF-E180-898D-B43C-77E965DDA0B0","#).0, Err(Rule::Id));
    assert_eq!(event(r#""sourceKey":"a","transactionId":"x","#).1, Err(Rule::Id));
}

#[test]
fn what_belongs_to_no_payment_names_none() {
    const LINE: &str = r#""settlementLineRecorded":{"account":"A","kind":"fee","amount":{"currency":"EUR"}}"#;
    rows(&[
        (LINE, "transaction_must_not_be_stated at transactionId"),
        (r#""merchantRegistered":{"label":"Maison Exemple"}"#, "transaction_must_not_be_stated at transactionId"),
    ]);
    let stream = |members: &str| {
        let head = HEAD.replace(r#""transactionId":"019ab9f4-d1a0-7c3e-9a51-33c0ffee0001","#, "");
        let mut event = Vec::new();
        event_from_json(format!("{{{head},{members}}}").as_bytes(), &mut event).expect("an event");
        let envelope = walk(&event).expect("an envelope");
        envelope.stream().map_err(|fault| format!("{} at {}", fault.rule, fault.path))
    };
    assert!(stream(LINE).is_ok());
    assert_eq!(stream(r#""linkOpened":{}"#), Err("field_must_be_stated at transactionId".into()));
    assert_eq!(stream(r#""shopRegistered":{}"#), Err("field_must_be_stated at shopRegistered.code".into()));
    assert_eq!(stream(r#""schema":2,"shopRegistered":{"code":"A"}"#), Err("schema_must_be_known at schema".into()));
}

/// A terminal, a shop, a payout would look like a payment if somebody could state its name as one.
#[test]
fn no_transaction_id_reaches_what_a_name_makes() {
    let envelope = |stream: &str, members: &str| {
        let head = HEAD.replace("019ab9f4-d1a0-7c3e-9a51-33c0ffee0001", stream);
        let mut event = Vec::new();
        event_from_json(format!("{{{head},{members}}}").as_bytes(), &mut event).expect("an event");
        walk(&event).expect("an envelope").stream()
    };
    for terminal in 1..=600 {
        let assigned = format!(r#""terminalAssigned":{{"terminal":{terminal},"epoch":3}}"#);
        let made = envelope("", &assigned).expect("a stream");
        let fault = envelope(&made.to_string(), r#""linkOpened":{}"#).expect_err("no payment");
        assert_eq!((fault.rule, fault.path.to_string().as_str()), (Rule::Id, "transactionId"), "{made}");
        let mut as_payment = made;
        as_payment.0[6] |= 0x80;
        as_payment.0[8] = as_payment.0[8] & 0x3f | 0x80;
        assert_ne!(envelope(&as_payment.to_string(), r#""linkOpened":{}"#), Ok(made));
    }
}

#[test]
fn what_only_the_ledger_states_is_refused_by_name() {
    rows(&[
        (r#""genesis":{}"#, "kind_must_be_a_publishers at genesis"),
        (r#""schema_activated":{"kind":14}"#, "kind_must_be_a_publishers at schemaActivated"),
        (r#""subjectErased":{"authorCode":"C7"}"#, "kind_must_be_a_publishers at subjectErased"),
        (r#""started":null"#, "kind_must_be_a_publishers at started"),
        (r#""decisionProposed":{}"#, "kind_must_be_known at key 6"),
    ]);
}

#[test]
fn an_empty_text_is_none() {
    let fault = |kind, payload: &[u8]| {
        let fault = check_payload(kind, 1, payload, &mut |_| true).err();
        fault.map(|fault| format!("{} at {}", fault.rule, fault.path))
    };
    let stated = |place: &str| Some(format!("field_must_be_stated at {place}"));
    assert_eq!(fault(Kind::SHOP_REGISTERED, b"\x0a\x00"), stated("shopRegistered.code"));
    assert_eq!(fault(Kind::FACT_REVERSED, b"\x0a\x00"), stated("factReversed.eventId"));
    assert_eq!(fault(Kind::SHOP_REGISTERED, b"\x0a\x01A\x12\x00\x2a\x00"), None, "no label, never closed");
    assert_eq!(fault(Kind::CARD_DEBITED, b"\x0a\x02\x0a\x00"), stated("cardDebited.amount.currency"));
}

#[test]
fn a_text_that_is_no_json_is_located() {
    for (line, rule, place) in [
        (&b"{\"merchant\":}"[..], Rule::Json, Some((1, 13))),
        (b"{} {}", Rule::Json, Some((1, 4))),
        (b"{\n\"shop\":\"\xff\"}", Rule::Utf8, Some((2, 9))),
        (b"", Rule::Json, Some((1, 0))),
        (b"[]", Rule::JsonType, None),
    ] {
        let fault = event_from_json(line, &mut Vec::new()).expect_err("no event");
        assert_eq!((fault.rule(), fault.place.map(|place| (place.line, place.column))), (rule, place), "{line:?}");
    }
    let large = event_from_json(&vec![b' '; talon_proto::LINE_BYTES_MAX + 1], &mut Vec::new()).expect_err("large");
    assert_eq!(large.rule(), Rule::Size);
}

#[test]
fn bytes_that_would_lose_something_are_refused() {
    let faults = |kind, payload: &[u8]| {
        let fault = check_payload(kind, 1, payload, &mut |_| true).expect_err("a fault");
        format!("{} at {}", fault.rule, fault.path)
    };
    for (payload, expected) in [
        (&b"\x08\x01\x08\x01"[..], "field_must_occur_once at paymentExpired.attempt"),
        (b"\x0a\x01\x01", "field_must_have_its_type at paymentExpired.attempt"),
        (b"\x10\x01", "field_must_have_its_type at paymentExpired.provider"),
        (b"\x12\x01\xff", "text_must_be_utf8 at paymentExpired.provider"),
        (b"\x20\x01", "field_must_be_known at paymentExpired.field 4"),
        (b"\x08", "event_must_be_protobuf at paymentExpired"),
        (b"\x08\x80\x80\x80\x80\x10", "value_must_be_in_range at paymentExpired.attempt"),
    ] {
        assert_eq!(faults(Kind::PAYMENT_EXPIRED, payload), expected, "{payload:02x?}");
    }
    assert_eq!(faults(Kind::DECISION_PROPOSED, b""), "kind_must_be_known at the event");
    assert_eq!(faults(Kind(65_535), b""), "kind_must_be_known at the event");
    let negative = b"\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
    assert_eq!(faults(Kind::PAYMENT_REFUSED, negative), "choice_must_be_known at paymentRefused.reason");
    for (event, expected) in [
        (&b"\x70\x01"[..], "field_must_be_known at field 14"),
        (b"\x58\x02", "value_must_be_in_range at training"),
        (b"\x18\x01\x18\x01", "field_must_occur_once at merchant"),
        (b"\xaa\x06\x00\xaa\x06\x00", "event_must_have_one_payload at paymentInitiated"),
        (b"\xaa\x06\x00", "field_must_be_stated at source"),
        (b"\xaa\x06\x00\x50\x07", "choice_must_be_known at source"),
        (b"\xaa\x06\x00\x50\x01", "field_must_be_stated at occurredAt"),
        (b"\x4a\x02\x10\x01", "time_must_be_in_2000_to_2148 at occurredAt"),
    ] {
        let fault = walk(event).expect_err("a fault");
        let said = format!("{} at {}", fault.rule, fault.path);
        assert_eq!(said, expected, "{event:02x?}");
    }
    let newer = walk(b"\xf2\x3e\x00").expect_err("kind 906");
    assert_eq!((newer.rule, newer.path.to_string().as_str()), (Rule::KindKnown, "field 1006"));
    let large = [&b"\xaa\x06\xe1\xd4\x03"[..], &vec![0; 60_001]].concat();
    assert_eq!(walk(&large).expect_err("large").rule, Rule::Size);
}

#[test]
fn every_free_text_is_shown_to_the_scan() {
    let line = format!(
        r#"{{{HEAD},"paymentInitiated":{{"amount":{{"currency":"EUR"}},"provider":"alma","tillId":"a","tillTicket":"b",
        "cashierCode":"c","terminalClock":"d"}}}}"#
    );
    let mut event = Vec::new();
    event_from_json(line.as_bytes(), &mut event).expect("an event");
    let envelope = walk(&event).expect("an envelope");
    let mut seen = Vec::new();
    let mut scan = |text: &str| {
        seen.push(text.to_owned());
        text != "c"
    };
    let fault = check_payload(envelope.kind, 1, envelope.payload, &mut scan).expect_err("c is refused");
    assert_eq!(
        fault.to_string().split(':').next(),
        Some("text_must_hold_no_card_number at paymentInitiated.cashierCode")
    );
    assert_eq!(seen, ["alma", "a", "b", "c"]);
}
