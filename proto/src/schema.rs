//! The schema as tables, compiled once from the embedded descriptor set, with the demands that types cannot express.
//! Invariants:
//! - a table holds every field of its message, in ascending order of number; at most 64, one of them a list
//! - every name is the schema's own and lives as long as the process: faults may point at it
//! - the descriptor set is ours: if it cannot be read, the build is broken, and the process stops
//!
//! This module does not read payloads; `check` and `json` walk them along these tables.

mod demand;

use std::sync::LazyLock;

use prost_reflect::{DescriptorPool, EnumDescriptor, FieldDescriptor, MessageDescriptor};
use talon_domain::fact::Kind;

pub(crate) use demand::{Form, Part};

use demand::Demand;

/// All messages of `talon.v1` and what they import, as protobuf describes itself (`google.protobuf.FileDescriptorSet`).
pub const DESCRIPTOR_SET: &[u8] = include_bytes!("gen/talon.v1.binpb");

/// A payload's field in `Event` has its kind's number plus this.
pub(crate) const PAYLOAD_BASE: u32 = 100;
/// The only version of every payload so far.
const SCHEMA_VERSION: u16 = 1;

/// What a fact may hold.
#[derive(Debug)]
pub(crate) struct Schema {
    /// The envelope, and below it every payload that a publisher may send.
    pub(crate) event: Message,
    /// The payloads that only the ledger writes.
    pub(crate) ledger: Message,
}

/// One message.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) name: &'static str,
    fields: Vec<Field>,
    /// For each number the place of its field in the table, from 1; 0 where there is none.
    places: Vec<u8>,
    /// Bit i is set if field i must be stated.
    pub(crate) required: u64,
    /// The field that the message's addends sum up to.
    pub(crate) sum: Option<&'static str>,
}

/// One field.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) number: u32,
    /// Its name in the `.proto` file.
    pub(crate) name: &'static str,
    /// Its name in JSON.
    pub(crate) json: &'static str,
    pub(crate) shape: Shape,
    pub(crate) list: bool,
    /// Zero is a statement, and not the same as absent.
    pub(crate) explicit: bool,
    pub(crate) least: u64,
    pub(crate) most: u64,
    pub(crate) part: Part,
    /// What a number counts as that is not stated; 0 is no count.
    pub(crate) absent: u64,
}

/// What a field holds.
#[derive(Debug)]
pub(crate) enum Shape {
    Truth,
    /// Up to 32 bits: a number in JSON.
    Number,
    /// Up to 64 bits: a text in JSON.
    Long,
    Choice(Choice),
    Text(Form),
    /// Base64 in JSON.
    Bytes,
    Time,
    Message(Message),
}

/// An enumeration.
#[derive(Debug)]
pub(crate) struct Choice {
    /// What all its names begin with: `SOURCE_`.
    prefix: &'static str,
    /// `provider, bank, gateway`: what a person may write.
    listed: &'static str,
    names: Vec<(u64, &'static str)>,
}

static SCHEMA: LazyLock<Schema> = LazyLock::new(Schema::compile);

impl Schema {
    /// The tables.
    #[inline]
    pub(crate) fn of_talon() -> &'static Self {
        &SCHEMA
    }

    fn compile() -> Self {
        let pool = DescriptorPool::decode(DESCRIPTOR_SET).unwrap_or_else(|error| unreachable!("embedded: {error}"));
        let message = |name: &str| {
            let found = pool.get_message_by_name(name).map(|descriptor| Message::compile(&descriptor));
            found.unwrap_or_else(|| unreachable!("embedded: {name}"))
        };
        Self { event: message("talon.v1.Event"), ledger: message("talon.v1.LedgerFact") }
    }

    /// The payload of a kind, and its name; `None` if this release does not know it.
    #[inline]
    pub(crate) fn payload(&self, kind: Kind) -> Option<(&Field, &Message)> {
        let number = PAYLOAD_BASE + u32::from(kind.0);
        let (_, field) = self.event.field(number).or_else(|| self.ledger.field(number))?;
        match &field.shape {
            Shape::Message(message) => Some((field, message)),
            _ => None,
        }
    }

    /// Whether only the ledger itself states a kind.
    pub(crate) fn is_ledgers_own(&self, kind: Kind) -> bool {
        self.ledger.field(PAYLOAD_BASE + u32::from(kind.0)).is_some()
    }

    /// Whether this release knows this version of a kind's payload.
    #[inline]
    pub(crate) const fn knows_version(schema: u16) -> bool {
        schema == SCHEMA_VERSION
    }

    /// The message that is sealed.
    pub(crate) fn personal(&self) -> (&Field, &Message) {
        match self.event.fields.iter().find(|field| field.name == "personal").map(|field| (field, &field.shape)) {
            Some((field, Shape::Message(message))) => (field, message),
            _ => unreachable!("embedded: Event.personal"),
        }
    }
}

impl Message {
    fn compile(descriptor: &MessageDescriptor) -> Self {
        let mut fields: Vec<_> = descriptor.fields().map(|field| Field::compile(descriptor.name(), &field)).collect();
        fields.sort_by_key(|field| field.number);
        assert!(fields.len() <= 64 && fields.iter().filter(|field| field.list).count() <= 1, "{}", descriptor.name());
        let required = fields.iter().rev().fold(0, |bits, field| bits << 1 | u64::from(field.least > 0));
        let adds_up = fields.iter().any(|field| field.part == Part::Addend);
        let sum = fields.iter().find(|field| adds_up && field.part == Part::Whole).map(|field| field.json);
        let places = Self::places(&fields);
        Self { name: kept(descriptor.name()), fields, places, required, sum }
    }

    fn places(fields: &[Field]) -> Vec<u8> {
        let mut places = vec![0; fields.last().map_or(0, |field| field.number as usize + 1)];
        for (field, place) in fields.iter().zip(1..) {
            places.iter_mut().skip(field.number as usize).take(1).for_each(|slot| *slot = place);
        }
        places
    }

    /// All fields, in ascending order of number.
    pub(crate) fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The field with this number, and its place in the table.
    #[inline]
    pub(crate) fn field(&self, number: u32) -> Option<(usize, &Field)> {
        let at = usize::from(*self.places.get(number as usize)?).checked_sub(1)?;
        self.fields.get(at).map(|field| (at, field))
    }

    /// The field that JSON calls so, in either spelling, and its place in the table.
    pub(crate) fn field_named(&self, name: &str) -> Option<(usize, &Field)> {
        self.fields.iter().enumerate().find(|(_, field)| field.json == name || field.name == name)
    }
}

impl Field {
    fn compile(message: &str, descriptor: &FieldDescriptor) -> Self {
        let demand = Demand::of(message, descriptor.name());
        let (shape, type_most) = Shape::compile(descriptor, demand.form);
        Self {
            number: descriptor.number(),
            name: kept(descriptor.name()),
            json: kept(descriptor.json_name()),
            shape,
            list: descriptor.is_list(),
            explicit: descriptor.supports_presence(),
            least: demand.least,
            most: demand.most.min(type_most),
            part: demand.part,
            absent: demand.absent,
        }
    }
}

impl Shape {
    fn compile(descriptor: &FieldDescriptor, form: Form) -> (Self, u64) {
        use prost_reflect::Kind as Type;
        match descriptor.kind() {
            Type::Bool => (Self::Truth, 1),
            Type::Uint32 => (Self::Number, u32::MAX.into()),
            Type::Uint64 => (Self::Long, u64::MAX),
            Type::String => (Self::Text(form), u64::MAX),
            Type::Bytes => (Self::Bytes, u64::MAX),
            Type::Enum(choice) => (Self::Choice(Choice::compile(&choice)), u64::MAX),
            Type::Message(message) if message.full_name() == "google.protobuf.Timestamp" => (Self::Time, u64::MAX),
            Type::Message(message) => (Self::Message(Message::compile(&message)), u64::MAX),
            other => unreachable!("embedded: {} is {other:?}, which has no table", descriptor.full_name()),
        }
    }
}

impl Choice {
    fn compile(descriptor: &EnumDescriptor) -> Self {
        let zero = descriptor.default_value();
        let prefix = zero.name().strip_suffix("UNSPECIFIED").unwrap_or_default();
        let short = |name: &str| name.strip_prefix(prefix).unwrap_or(name).to_lowercase();
        let stated = descriptor.values().filter(|value| value.number() != 0);
        let listed = stated.map(|value| short(value.name())).collect::<Vec<_>>().join(", ");
        let names = descriptor.values().map(|value| (value.number().unsigned_abs().into(), kept(value.name())));
        Self { prefix: kept(prefix), listed: kept(&listed), names: names.collect() }
    }

    /// The short names, one after the other.
    pub(crate) const fn listed(&self) -> &'static str {
        self.listed
    }

    /// The full name of a number.
    #[inline]
    pub(crate) fn name_of(&self, number: u64) -> Option<&'static str> {
        self.names.iter().find(|entry| entry.0 == number).map(|entry| entry.1)
    }

    /// The number of a name: in full, or without the prefix, in any case.
    pub(crate) fn number_of(&self, name: &str) -> Option<u64> {
        let is_named = |full: &str| {
            full.eq_ignore_ascii_case(name)
                || full.strip_prefix(self.prefix).is_some_and(|short| short.eq_ignore_ascii_case(name))
        };
        self.names.iter().find(|entry| is_named(entry.1)).map(|entry| entry.0)
    }
}

/// Keeps a name of the schema for the life of the process. The schema is compiled once.
fn kept(name: &str) -> &'static str {
    Box::leak(name.to_owned().into_boxed_str())
}

#[cfg(test)]
mod tests;
