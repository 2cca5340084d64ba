//! Events that a seed invents: every kind, well formed, with odd texts and edges of ranges. Texts carry a mark, so that a
//! fault that repeats a value is caught. They are made along the descriptors, with the demands of `docs/events.md` written
//! down once more: a field that is required, a range, a form.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, FieldDescriptor, Kind as Type, MessageDescriptor, Value};
use prost_types::Timestamp;
use talon_proto::DESCRIPTOR_SET;
use talon_proto::wire::{Event, Instalment, Money, Personal};

/// In every invented text that a publisher chose.
pub(crate) const MARK: &str = "zqzq";
/// In every invented phone.
pub(crate) const PHONE_MARK: &str = "63998";

/// What a fact of the message cannot do without.
const REQUIRED: &[(&str, &[&str])] = &[
    ("ApplicationTotal", &["application", "amount"]),
    ("CalendarRegistered", &["id", "closed_days"]),
    ("CardDebited", &["amount"]),
    ("ChargebackLost", &["dispute_id"]),
    ("ChargebackOpened", &["dispute_id", "amount"]),
    ("ChargebackWon", &["dispute_id"]),
    ("Chunk", &["bulk_id", "index", "content"]),
    ("ClosedDay", &["day"]),
    ("Commit", &["bulk_id", "count", "hash", "kind", "schema"]),
    ("DebitFailed", &["instalment"]),
    ("EmailSent", &["template"]),
    ("Establishment", &["nic"]),
    ("EventRefused", &["code", "event_id", "terminal", "seq"]),
    ("FactReversed", &["event_id"]),
    ("FeePlanRegistered", &["id", "provider", "installments_count"]),
    ("FoldActivated", &["version"]),
    ("Genesis", &["ledger_id", "partitions"]),
    ("InstalmentClaimed", &["instalment"]),
    ("InstalmentCovered", &["instalment"]),
    ("InstalmentDebited", &["instalment", "amount"]),
    ("MerchantRegistered", &["label"]),
    ("Money", &["currency"]),
    ("NoteAdded", &["stream", "code", "state", "author_code"]),
    ("PaymentInitiated", &["amount"]),
    ("PaymentReplaces", &["transaction_id"]),
    ("PayoutReturned", &["account", "payout_id"]),
    ("PayoutSent", &["account", "payout_id", "amount"]),
    ("PersonalDataOpened", &["merchant", "transaction_id"]),
    ("PlanRulesRegistered", &["id"]),
    ("PrincipalRegistered", &["number"]),
    ("PrintedTicket", &["kind"]),
    ("ReceiptReprinted", &["kind", "copy"]),
    ("RefundCompleted", &["amount"]),
    ("RefundRequested", &["request_id"]),
    ("ScheduleChosen", &["installments_count", "instalments"]),
    ("SchemaActivated", &["kind", "schema"]),
    ("Scope", &["source"]),
    ("SequenceVoided", &["terminal", "from", "to"]),
    ("SettlementLineRecorded", &["account", "kind", "amount"]),
    ("ShopRegistered", &["code"]),
    ("SmsDelivery", &["status"]),
    ("StatementImported", &["account", "file_hash"]),
    ("TerminalAssigned", &["terminal"]),
    ("TerminalTotals", &["terminal", "day"]),
    ("TicketsPrinted", &["tickets"]),
    ("TillTotals", &["shop", "till", "day", "tender", "amount"]),
];

/// Whether a fact cannot do without this field.
pub(crate) fn is_required(message: &str, field: &str) -> bool {
    REQUIRED.iter().any(|(name, fields)| *name == message && fields.contains(&field))
}

/// The range of a number that has one of its own, both ends included.
fn range(message: &str, field: &str) -> Option<(u32, u32)> {
    Some(match (message, field) {
        (_, "installments_count") => (1, 64),
        ("ReceiptReprinted", "copy") => (2, u32::MAX),
        ("FeePlanRegistered", "merchant_fee_bps" | "tax_bps" | "customer_fee_bps") => (0, 10_000),
        ("FeePlanRegistered", "payout_day") => (0, 31),
        ("Establishment", "nic") => (1, 99_999),
        ("Scope", "source") => (1, 5),
        ("SchemaActivated" | "Commit", "kind" | "schema")
        | ("FoldActivated", "version")
        | ("Genesis", "partitions") => (1, 65_535),
        ("Genesis", "partition") | (_, "epoch") => (0, 65_535),
        ("Genesis", "format") => (0, 255),
        _ => return None,
    })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), marked()]
}

fn marked() -> impl Strategy<Value = String> {
    "[ -~éß\u{1f600}\n\\\\\"]{0,20}".prop_map(|text| format!("{MARK}{text}"))
}

fn count() -> impl Strategy<Value = u32> {
    prop_oneof![0..4u32, any::<u32>()]
}

fn cents() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), 1..100_000u64, Just(1_000_000_000_000)]
}

fn time() -> impl Strategy<Value = Timestamp> {
    (946_681_200..5_648_742_000i64, prop_oneof![Just(0), Just(250_000_000), 0..1_000_000_000i32])
        .prop_map(|(seconds, nanos)| Timestamp { seconds, nanos })
}

fn uuid() -> impl Strategy<Value = String> {
    "[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
}

fn day() -> impl Strategy<Value = String> {
    "(20[0-9]{2}|21[0-3][0-9]|214[0-8])-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
}

/// A text of the form that a field has.
fn formed(field: &FieldDescriptor) -> BoxedStrategy<String> {
    match field.name() {
        "currency" => "(EUR|USD|XPF)".boxed(),
        "country" => "[A-Z]{2}".boxed(),
        "event_id" | "transaction_id" | "bulk_id" | "ledger_id" => uuid().boxed(),
        "stream" => "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}".boxed(),
        "hash" | "file_hash" | "seen" => "[0-9a-f]{64}".boxed(),
        "day" | "closed_from" => day().boxed(),
        name if name.ends_with("_day") => day().boxed(),
        _ => marked().boxed(),
    }
}

/// A line of a plan: the sum of its parts.
fn line() -> impl Strategy<Value = Instalment> {
    let small = || 0..300_000_000_000u64;
    (1..=u32::MAX, time(), small(), of(small()), of(small()), of(small())).prop_map(
        |(number, due, purchase, fee, interest, original)| {
            let eur = |minor_units| Money { currency: "EUR".into(), minor_units };
            let total = purchase + fee.unwrap_or(0) + interest.unwrap_or(0);
            Instalment {
                number,
                due_date: Some(due),
                purchase_amount: Some(eur(purchase)),
                customer_fee: fee.map(eur),
                customer_interest: interest.map(eur),
                total_amount: Some(eur(total)),
                original_purchase_amount: original.map(eur),
            }
        },
    )
}

fn value(field: &FieldDescriptor) -> BoxedStrategy<Value> {
    let (message, name) = (field.parent_message().name().to_owned(), field.name());
    let least = u32::from(is_required(&message, name));
    let (low, high) = range(&message, name).unwrap_or((least, u32::MAX));
    match field.kind() {
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Uint32 => prop_oneof![Just(low), Just(high), low..=high].prop_map(Value::U32).boxed(),
        Type::Uint64 if name == "minor_units" => cents().prop_map(Value::U64).boxed(),
        Type::Uint64 => prop_oneof![least.into()..4u64, any::<u64>().prop_map(move |n| n.max(least.into()))]
            .prop_map(Value::U64)
            .boxed(),
        Type::String => formed(field).prop_map(Value::String).boxed(),
        Type::Bytes => vec(any::<u8>(), 1..40).prop_map(|bytes| Value::Bytes(bytes.into())).boxed(),
        Type::Enum(choice) => {
            let numbers: Vec<_> = choice.values().map(|value| value.number()).filter(|number| *number > 0).collect();
            prop::sample::select(numbers).prop_map(Value::EnumNumber).boxed()
        }
        Type::Message(inner) => {
            let one = match inner.full_name() {
                "google.protobuf.Timestamp" => time().prop_map(move |at| transcoded(&at, &inner)).boxed(),
                "talon.v1.Instalment" => line().prop_map(move |line| transcoded(&line, &inner)).boxed(),
                // The amounts of one plan or refund are in one currency.
                "talon.v1.Money" => cents()
                    .prop_map(|minor_units| Money { currency: "EUR".into(), minor_units })
                    .prop_map(move |money| transcoded(&money, &inner))
                    .boxed(),
                _ => message_of(&inner),
            };
            one.prop_map(Value::Message).boxed()
        }
        other => panic!("{other:?}"),
    }
}

fn transcoded(message: &impl prost::Message, descriptor: &MessageDescriptor) -> DynamicMessage {
    DynamicMessage::decode(descriptor.clone(), &message.encode_to_vec()[..]).expect("the same message")
}

/// A message with all that it must hold, and some of what it may.
fn message_of(descriptor: &MessageDescriptor) -> BoxedStrategy<DynamicMessage> {
    let fields: Vec<_> = descriptor.fields().collect();
    let values: Vec<BoxedStrategy<Option<Value>>> = fields
        .iter()
        .map(|field| {
            let required = is_required(descriptor.name(), field.name());
            let value =
                if field.is_list() { vec(value(field), 1..5).prop_map(Value::List).boxed() } else { value(field) };
            if required { value.prop_map(Some).boxed() } else { of(value).boxed() }
        })
        .collect();
    let descriptor = descriptor.clone();
    values
        .prop_map(move |values| {
            let mut message = DynamicMessage::new(descriptor.clone());
            for (field, value) in fields.iter().zip(values) {
                if let Some(value) = value {
                    message.set_field(field, value);
                }
            }
            message
        })
        .boxed()
}

/// The payloads that a message lists, each with its kind's number.
fn payloads(of: &str) -> Vec<(u16, FieldDescriptor)> {
    let pool = DescriptorPool::decode(DESCRIPTOR_SET).expect("the embedded set");
    let message = pool.get_message_by_name(of).expect("a message");
    let payloads = message.fields().filter(|field| field.number() > 100);
    payloads.map(|field| (u16::try_from(field.number() - 100).expect("a kind"), field)).collect()
}

/// A payload that only the ledger writes: its kind's number, and its bytes.
pub(crate) fn own_payload() -> BoxedStrategy<(u16, Vec<u8>)> {
    let each = payloads("talon.v1.LedgerFact").into_iter().map(|(kind, field)| {
        let message = field.kind().as_message().expect("a payload").clone();
        message_of(&message).prop_map(move |payload| (kind, payload.encode_to_vec())).boxed()
    });
    prop::strategy::Union::new(each).boxed()
}

/// An event that holds nothing but a payload, and its kind's number.
fn payload() -> BoxedStrategy<(u16, Event)> {
    let each = payloads("talon.v1.Event").into_iter().map(|(kind, field)| {
        let event = field.parent_message().clone();
        value(&field)
            .prop_map(move |payload| {
                let mut message = DynamicMessage::new(event.clone());
                message.set_field(&field, payload);
                (kind, Event::decode(&message.encode_to_vec()[..]).expect("an event"))
            })
            .boxed()
    });
    prop::strategy::Union::new(each).boxed()
}

fn personal() -> impl Strategy<Value = Personal> {
    let email = prop_oneof![Just(String::new()), Just(format!("{MARK}@example.org"))];
    ("\\+3363998[0-9]{4}", email, text(), text()).prop_map(|(phone, email, name, note)| Personal {
        phone,
        email,
        name,
        note,
    })
}

/// An event that the door would take.
pub(crate) fn event() -> impl Strategy<Value = Event> {
    let place = (any::<u64>(), count(), count(), 0..=u32::from(u16::MAX), count());
    (uuid(), place, uuid(), time(), 1..=6i32, any::<bool>(), of(personal()), payload()).prop_map(
        |(event_id, place, payment, mut at, source, training, personal, (kind, event))| {
            let (merchant, shop, terminal, terminal_epoch, terminal_seq) = place;
            at.nanos = at.nanos / 1_000 * 1_000;
            Event {
                event_id,
                merchant,
                shop,
                terminal,
                terminal_epoch,
                terminal_seq,
                transaction_id: if (1_000..5_000).contains(&kind) { String::new() } else { payment },
                occurred_at: Some(at),
                source,
                training,
                personal,
                ..event
            }
        },
    )
}
