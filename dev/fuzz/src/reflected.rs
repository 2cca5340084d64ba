//! A second reader of events and of their JSON, which knows nothing but the schema's descriptor and shares no code with
//! ours: prost-reflect.

use std::sync::LazyLock;

use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, ReflectMessage as _, Value};
use talon_proto::DESCRIPTOR_SET;

static EVENT: LazyLock<MessageDescriptor> = LazyLock::new(|| {
    let pool = DescriptorPool::decode(DESCRIPTOR_SET).expect("the embedded set");
    pool.get_message_by_name("talon.v1.Event").expect("the event")
});

/// An event as the second reader sees it.
pub(crate) fn decode(event: &[u8]) -> DynamicMessage {
    DynamicMessage::decode(EVENT.clone(), event).expect("what was accepted can be decoded")
}

/// A line of JSON as the second reader sees it.
pub(crate) fn from_json(line: &str) -> DynamicMessage {
    let mut parser = serde_json::Deserializer::from_str(line);
    let read = DynamicMessage::deserialize(EVENT.clone(), &mut parser).expect("what was written can be read");
    parser.end().expect("one object");
    read
}

/// Shows every text of a message with the name of its field, and fails on a field that the schema does not have.
pub(crate) fn texts(message: &DynamicMessage, show: &mut dyn FnMut(&str, &str)) {
    assert_eq!(message.unknown_fields().count(), 0, "an unknown field of {}", message.descriptor().full_name());
    for (field, value) in message.fields() {
        look(field.name(), value, show);
    }
}

fn look(name: &str, value: &Value, show: &mut dyn FnMut(&str, &str)) {
    match value {
        Value::String(text) => show(name, text),
        Value::Message(message) => texts(message, show),
        Value::List(values) => values.iter().for_each(|value| look(name, value, show)),
        _ => {}
    }
}
