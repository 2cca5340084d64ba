//! How payments go: which facts, in which order, with which content. Amounts are fixed for a story, so that its plan adds
//! up; what differs from payment to payment is left blank.

use std::fmt::Write as _;

use super::template::{EVENT_ID, LETTERS, MERCHANT, PHONE, SEQ, SHOP, TERMINAL, TIME, TRANSACTION_ID, Template};

/// One way in which a payment goes.
pub(super) struct Story {
    /// So often among a hundred.
    pub(super) weight: u64,
    /// In how many parts.
    parts: u64,
    ending: Ending,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Debited,
    Refused,
    Refunded,
}

/// All of them.
pub(super) const STORIES: [Story; 5] = [
    Story { weight: 54, parts: 3, ending: Ending::Debited },
    Story { weight: 20, parts: 2, ending: Ending::Debited },
    Story { weight: 16, parts: 4, ending: Ending::Debited },
    Story { weight: 6, parts: 3, ending: Ending::Refused },
    Story { weight: 4, parts: 3, ending: Ending::Refunded },
];

/// What each part comes to, in cents; the first one bears the fee.
const PART: u64 = 10_000;
const FEE: u64 = 155;

const REFUSED: &str = r#""paymentRefused":{"attempt":1,"reason":"card_declined","provider":"alma"}"#;

impl Story {
    /// Its facts, one after the other.
    pub(super) fn templates(&self) -> Vec<Template> {
        let mut facts = self.beginning();
        match self.ending {
            Ending::Refused => facts.push(event("provider", "", REFUSED)),
            Ending::Debited => facts.extend(self.success()),
            Ending::Refunded => facts.extend(self.success().into_iter().chain(self.refund())),
        }
        facts.iter().map(|json| Template::of(json)).collect()
    }

    fn beginning(&self) -> Vec<String> {
        let purchase = money(self.parts * PART);
        let initiated = format!(
            r#""paymentInitiated":{{"amount":{purchase},"provider":"alma","tillId":"C1","tillTicket":"C1-4711","cashierCode":"14"}}"#
        );
        vec![
            event("gateway", "", &initiated),
            event("gateway", &format!(r#""personal":{{"phone":"{PHONE}"}},"#), r#""phoneVerified":{"number":1}"#),
            event("gateway", "", &format!(r#""smsSent":{{"number":1,"messageId":"sms_{LETTERS}"}}"#)),
            event("terminal", "", r#""ticketsPrinted":{"tickets":[{"kind":"t1_in_progress"}]}"#),
        ]
    }

    fn success(&self) -> Vec<String> {
        let accepted = format!(
            r#""paymentAccepted":{{"paymentId":"payment_{LETTERS}","amount":{},"provider":"alma"}}"#,
            money(self.parts * PART)
        );
        let debited = format!(
            r#""cardDebited":{{"amount":{},"debitId":"installment_{LETTERS}","paymentId":"payment_{LETTERS}","provider":"alma"}}"#,
            money(PART + FEE)
        );
        let personal = format!(r#""personal":{{"phone":"{PHONE}"}},"#);
        vec![
            event("provider", "", &self.schedule()),
            event("provider", "", &accepted),
            event("provider", "", &debited),
            event(
                "terminal",
                "",
                r#""ticketsPrinted":{"tickets":[{"kind":"t2_customer","about":"1"},{"kind":"t3_till","about":"1"}]}"#,
            ),
            event(
                "gateway",
                &personal,
                &format!(r#""smsDelivery":{{"number":1,"status":"delivered","messageId":"sms_{LETTERS}"}}"#),
            ),
        ]
    }

    fn refund(&self) -> Vec<String> {
        let amount = money(self.parts * PART);
        let asked = format!(r#""refundRequested":{{"requestId":"R-{LETTERS}","amount":{amount},"provider":"alma"}}"#);
        let done = format!(
            r#""refundCompleted":{{"requestId":"R-{LETTERS}","refundId":"refund_{LETTERS}","amount":{amount},"rebate":{},"provider":"alma"}}"#,
            money((self.parts - 1) * PART)
        );
        vec![event("gateway", "", &asked), event("provider", "", &done)]
    }

    fn schedule(&self) -> String {
        let mut entries = String::new();
        for number in 1..=self.parts {
            let (fee, total) = if number == 1 { (FEE, PART + FEE) } else { (0, PART) };
            let separator = if number == 1 { "" } else { "," };
            let fee = if fee == 0 { String::new() } else { format!(r#""customerFee":{},"#, money(fee)) };
            let _ = write!(
                entries,
                r#"{separator}{{"number":{number},"dueDate":"2027-0{number}-15T09:15:10Z","purchaseAmount":{},{fee}"totalAmount":{}}}"#,
                money(PART),
                money(total)
            );
        }
        format!(
            r#""scheduleChosen":{{"version":1,"installmentsCount":{},"instalments":[{entries}],"customerTotalCost":{},"annualInterestRateBps":1749,"legalRegime":"outside_consumer_credit","provider":"alma"}}"#,
            self.parts,
            money(FEE)
        )
    }
}

fn money(cents: u64) -> String {
    format!(r#"{{"currency":"EUR","minorUnits":"{cents}"}}"#)
}

/// The event around a payload. What a provider says has no number of a terminal.
fn event(source: &str, personal: &str, payload: &str) -> String {
    let seq = if source == "provider" { String::new() } else { format!(r#""terminalSeq":{SEQ},"#) };
    format!(
        r#"{{"eventId":"{EVENT_ID}","merchant":"{MERCHANT}","shop":{SHOP},"terminal":{TERMINAL},"terminalEpoch":1,{seq}"transactionId":"{TRANSACTION_ID}","occurredAt":"{TIME}","source":"{source}",{personal}{payload}}}"#
    )
}
