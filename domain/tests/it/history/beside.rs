//! Facts beside payments, and what is judged in the order of the ledger, from the words of a line.

use sha2::{Digest as _, Sha256};
use talon_domain::fact::{
    ApplicationTotal, Assignment, BulkId, Calendar, Chunk, Commit, Decided, Direction, Establishment, EventRefused,
    FeePlan, FoldActivated, Kind, LineKind, Merchant, NoteAdded, NoteState, Payload, Payout, PayoutStage, PlanRules,
    Principal, SchemaActivated, SequenceVoided, SettlementLine, Shop, Source, StatementImported, SubjectErased,
    TerminalTotals, TillTotals,
};
use talon_domain::ids::{MerchantId, PrincipalId, ShopId, TerminalEpoch, TerminalId, TerminalSeq};

use super::{Words, cents, event_id, stream_id};

pub(super) fn payload(kind: Kind, words: &Words<'_>) -> Payload {
    let revision = words.count("rev").into();
    let decided = Decided::default();
    let text = |key: &str| words.text(key).unwrap_or_else(|| panic!("{key} in: {}", words.line));
    match kind {
        Kind::STATEMENT_IMPORTED => Payload::StatementImported(Box::new(StatementImported {
            account: text("account"),
            file_hash: Sha256::digest(text("file").as_bytes()).into(),
            format: words.text("format"),
            lines: words.count("lines"),
            first_day: words.day("from"),
            last_day: words.day("until"),
            revision,
        })),
        Kind::SETTLEMENT_LINE_RECORDED => line(words, revision),
        Kind::PAYOUT_SENT => payout(words, PayoutStage::Sent),
        Kind::PAYOUT_RETURNED => payout(words, PayoutStage::Returned),
        Kind::TERMINAL_TOTALS => totals(words, revision),
        Kind::TILL_TOTALS => Payload::TillTotals(TillTotals {
            shop: ShopId(words.count("shop")),
            till: text("till"),
            day: words.day("day").expect("a day"),
            tender: text("tender"),
            count: words.count("count"),
            amount: words.amount().expect("an amount"),
            direction: Direction::Credit,
            revision,
        }),
        Kind::SEQUENCE_VOIDED => Payload::SequenceVoided(SequenceVoided {
            terminal: TerminalId(words.count("terminal")),
            epoch: epoch(words),
            from: TerminalSeq(words.count("from")),
            to: TerminalSeq(words.count("to")),
            reason: words.text("reason"),
            revision,
        }),
        Kind::EVENT_REFUSED => Payload::EventRefused(EventRefused {
            code: words.count("code"),
            event_id: event_id(words.count("of")),
            terminal: TerminalId(words.count("terminal")),
            epoch: epoch(words),
            seq: TerminalSeq(words.count("seq")),
        }),
        Kind::SCHEMA_ACTIVATED => Payload::SchemaActivated(SchemaActivated {
            kind: words.count("kind"),
            schema: words.count("schema"),
            decided,
        }),
        Kind::FOLD_ACTIVATED => Payload::FoldActivated(FoldActivated { version: words.count("version"), decided }),
        Kind::NOTE_ADDED => Payload::NoteAdded(Box::new(NoteAdded {
            stream: stream_id(words.count("of")),
            code: text("code"),
            slot: words.text("slot"),
            state: NoteState::from_number(words.count("state")).unwrap_or(NoteState::Taken),
            until: None,
            to: words.text("to"),
            author: text("author"),
            seen: None,
        })),
        Kind::SUBJECT_ERASED => Payload::SubjectErased(SubjectErased { decided }),
        Kind::CHUNK => Payload::Chunk(Chunk {
            bulk: BulkId(event_id(words.count("bulk")).0),
            index: words.count("index"),
            content: text("bytes").as_bytes().into(),
        }),
        Kind::COMMIT => Payload::Commit(Commit {
            bulk: BulkId(event_id(words.count("bulk")).0),
            count: words.count("count"),
            hash: Sha256::digest(text("whole").as_bytes()).into(),
            kind: words.count("kind"),
            schema: 1,
        }),
        kind if Kind::RESERVED.contains(&kind) => Payload::Parked(text("bytes").as_bytes().into()),
        _ => registry(kind, words),
    }
}

fn registry(kind: Kind, words: &Words<'_>) -> Payload {
    let (revision, decided) = (words.count("rev").into(), Decided::default());
    let text = |key: &str| words.text(key).unwrap_or_else(|| panic!("{key} in: {}", words.line));
    match kind {
        Kind::MERCHANT_REGISTERED => Payload::Merchant(Merchant {
            label: text("label"),
            country: words.text("country"),
            closed_from: words.day("closed"),
            decided,
            revision,
        }),
        Kind::SHOP_REGISTERED => Payload::Shop(Box::new(Shop {
            code: text("code"),
            label: words.text("label"),
            town: words.text("town"),
            establishments: vec![Establishment { nic: ShopId(words.count("nic")), from_day: words.day("from") }],
            closed_from: words.day("closed"),
            decided,
            revision,
        })),
        Kind::TERMINAL_ASSIGNED => Payload::Assignment(Box::new(Assignment {
            terminal: TerminalId(words.count("terminal")),
            epoch: epoch(words),
            shop_code: words.text("code"),
            serial: words.text("serial"),
            logical_id: None,
            range: None,
            model: words.text("model"),
            connectivity: None,
            first_seq: TerminalSeq(words.count("first")),
            from_day: words.day("from"),
            until_day: words.day("until"),
            decided,
            revision,
        })),
        Kind::FEE_PLAN_REGISTERED => Payload::FeePlan(Box::new(FeePlan {
            id: text("id"),
            version: words.ordinal("v"),
            provider: text("provider"),
            installments_count: words.count("count"),
            deferred_days: 0,
            deferred_months: 0,
            from_day: words.day("from"),
            until_day: words.day("until"),
            merchant_fee_bps: words.count("bps"),
            merchant_fee_fixed: None,
            tax_bps: 0,
            customer_fee_bps: 0,
            purchase_least: None,
            purchase_most: None,
            rounding: None,
            rounding_scope: None,
            payout_rule: None,
            payout_day: 0,
            decided,
            revision,
        })),
        Kind::CALENDAR_REGISTERED => Payload::Calendar(Calendar {
            id: text("id"),
            version: words.ordinal("v"),
            closed_days: words.day("closed").into_iter().map(|day| (day, None)).collect(),
            decided,
            revision,
        }),
        Kind::PLAN_RULES_REGISTERED => Payload::PlanRules(PlanRules {
            id: text("id"),
            version: words.ordinal("v"),
            provider: words.text("provider"),
            remainder: None,
            from_day: None,
            decided,
            revision,
        }),
        Kind::PRINCIPAL_REGISTERED => Payload::Principal(Principal {
            number: PrincipalId(words.count("number")),
            label: words.text("label"),
            scopes: vec![(MerchantId(0), Source::Gateway)],
            revoked: words.has("revoked"),
            decided,
            revision,
        }),
        other => panic!("{other:?} cannot stand in a table"),
    }
}

fn epoch(words: &Words<'_>) -> TerminalEpoch {
    TerminalEpoch(u16::try_from(words.count("epoch").max(1)).expect("an epoch"))
}

fn line(words: &Words<'_>, revision: u64) -> Payload {
    let direction = if words.has("debit") { Direction::Debit } else { Direction::Credit };
    Payload::SettlementLine(Box::new(SettlementLine {
        account: words.text("account").expect("an account"),
        line_id: words.text("id"),
        occurrence: words.ordinal("occurrence"),
        kind: if words.has("refund") { LineKind::Refund } else { LineKind::Payment },
        native_type: words.text("type"),
        amount: words.amount().expect("an amount"),
        direction,
        merchant_fee: words.money("fee"),
        merchant_fee_direction: if words.has("waived") { Direction::Credit } else { Direction::Debit },
        tax: words.money("tax"),
        tax_direction: Direction::Debit,
        net: words.money("net"),
        net_direction: direction,
        payment_id: words.text("payment"),
        refund_id: None,
        dispute_id: words.text("dispute"),
        payout_id: None,
        included_in_payout_id: words.text("payout"),
        reference: words.text("reference"),
        end_to_end_id: words.text("e2e"),
        bank_reference: words.text("bankref"),
        booking_day: words.day("booked"),
        value_day: words.day("value"),
        provider: words.text("provider"),
        file_hash: None,
        revision,
    }))
}

fn payout(words: &Words<'_>, stage: PayoutStage) -> Payload {
    let direction = if words.has("debit") { Direction::Debit } else { Direction::Credit };
    Payload::Payout(Box::new(Payout {
        account: words.text("account").expect("an account"),
        payout_id: words.text("id").expect("a payout"),
        stage,
        amount: words.amount(),
        direction: (stage == PayoutStage::Sent).then_some(direction),
        day: words.day("day"),
        reference: words.text("reference"),
        provider: words.text("provider"),
        revision: words.count("rev").into(),
    }))
}

/// `alma=3:209.34` for each application.
fn totals(words: &Words<'_>, revision: u64) -> Payload {
    let application = |word: &str| {
        let (application, rest) = word.split_once('=')?;
        let (count, amount) = rest.split_once(':')?;
        let amount =
            talon_domain::money::Money { currency: talon_domain::money::Currency::EUR, amount: cents(amount)? };
        let count = count.parse().ok()?;
        Some(ApplicationTotal { application: application.into(), count, amount, direction: Direction::Credit })
    };
    Payload::TerminalTotals(TerminalTotals {
        terminal: TerminalId(words.count("terminal")),
        epoch: epoch(words),
        day: words.day("day").expect("a day"),
        last_seq: TerminalSeq(words.count("last")),
        lines: words.all().filter_map(application).collect(),
        revision,
    })
}
