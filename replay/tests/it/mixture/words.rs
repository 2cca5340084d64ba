//! What payments, and some facts beside them, are told with: few words, so that they meet.

use talon_domain::fact::Kind;

/// Facts of payments in few words: `{A}` is an amount, `{N}` a small number, `{I}` one of a few names.
pub(super) const WORDS: &[(Kind, &str)] = &[
    (Kind::PAYMENT_INITIATED, r#"{"amount":{A},"provider":"alma","tillTicket":"T-{N}"}"#),
    (Kind::PAYMENT_INITIATED, r#"{"amount":{A},"provider":"oney","tillId":"{I}","tillTicket":"T-{N}"}"#),
    (Kind::PHONE_VERIFIED, r#"{"number":{N}}"#),
    (Kind::SMS_SENT, r#"{"number":{N}}"#),
    (Kind::SCHEDULE_CHOSEN, r#"{"version":{N},"installmentsCount":2,"instalments":[{L1},{L2}],"provider":"alma"}"#),
    (Kind::PAYMENT_ACCEPTED, r#"{"paymentId":"P{I}","amount":{A},"provider":"alma"}"#),
    (Kind::PAYMENT_ACCEPTED, r#"{"amount":{A}}"#),
    (Kind::CARD_DEBITED, r#"{"amount":{A}}"#),
    (Kind::INSTALMENT_DEBITED, r#"{"instalment":{N},"amount":{A},"debitId":"D{I}","paymentId":"P{I}"}"#),
    (Kind::INSTALMENT_DEBITED, r#"{"instalment":{N},"amount":{A}}"#),
    (Kind::DEBIT_FAILED, r#"{"instalment":{N}}"#),
    (Kind::PAYMENT_REFUSED, r#"{"attempt":{N}}"#),
    (Kind::PAYMENT_CANCELLED, r#"{"attempt":{N}}"#),
    (Kind::PAYMENT_EXPIRED, r#"{"attempt":{N}}"#),
    (Kind::REFUND_REQUESTED, r#"{"requestId":"Q{I}","amount":{A}}"#),
    (Kind::REFUND_COMPLETED, r#"{"refundId":"R{I}","requestId":"Q{I}","amount":{A}}"#),
    (Kind::REFUND_FAILED, r#"{"refundId":"R{I}","requestId":"Q{I}"}"#),
    (Kind::CHARGEBACK_OPENED, r#"{"disputeId":"X{I}","amount":{A},"round":{N}}"#),
    (Kind::CHARGEBACK_LOST, r#"{"disputeId":"X{I}","amount":{A},"round":{N}}"#),
    (Kind::INSTALMENT_COVERED, r#"{"instalment":{N}}"#),
    (
        Kind::SETTLEMENT_LINE_RECORDED,
        r#"{"account":"ALMA-1","lineId":"L{I}{N}","kind":"LINE_KIND_PAYMENT","amount":{A},"direction":"DIRECTION_CREDIT","paymentId":"P{I}","bookingDay":"2026-11-2{N}","provider":"alma"}"#,
    ),
    (
        Kind::PAYOUT_SENT,
        r#"{"account":"ALMA-1","payoutId":"W{I}","amount":{A},"direction":"DIRECTION_DEBIT","day":"2026-11-2{N}"}"#,
    ),
    (Kind::TERMINAL_TOTALS, r#"{"terminal":{N},"epoch":1,"day":"2026-11-2{N}","lastSeq":1{N}}"#),
    (Kind::SEQUENCE_VOIDED, r#"{"terminal":{N},"epoch":1,"from":{N},"to":7}"#),
];
