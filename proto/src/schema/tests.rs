//! The compiled tables against the descriptors that they come from.

use talon_domain::fact::Family;

use super::*;

fn descriptors() -> DescriptorPool {
    DescriptorPool::decode(DESCRIPTOR_SET).expect("the embedded set")
}

#[test]
fn kinds_of_the_domain_are_the_payloads_of_the_schema() {
    let schema = Schema::of_talon();
    for &kind in Kind::KNOWN {
        let (field, _) = schema.payload(kind).unwrap_or_else(|| panic!("{} has no payload", kind.name()));
        assert_eq!(field.json.to_lowercase(), kind.name().to_lowercase());
    }
    let all = schema.event.fields().iter().chain(schema.ledger.fields());
    let payloads: Vec<_> = all.map(|field| field.number).filter(|number| *number > PAYLOAD_BASE).collect();
    assert_eq!(payloads.len(), Kind::KNOWN.len(), "a payload without a kind in the domain, or one that is in both");
}

#[test]
fn only_the_ledger_states_what_no_publisher_may() {
    let schema = Schema::of_talon();
    for &kind in Kind::KNOWN {
        let is_families = matches!(kind.family(), Family::Privacy | Family::Technical | Family::Control);
        let is_own = is_families || kind.is_broadcast() || kind == Kind::EVENT_REFUSED;
        assert_eq!(schema.is_ledgers_own(kind), is_own, "{}", kind.name());
    }
    for &kind in Kind::RESERVED {
        assert!(schema.payload(kind).is_none(), "{}", kind.name());
    }
}

#[test]
fn every_demand_names_a_field() {
    let pool = descriptors();
    let places: std::collections::BTreeSet<_> = Demand::places().collect();
    assert_eq!(places.len(), Demand::places().count(), "a field has two rows");
    for (message, field) in Demand::places() {
        let descriptor = pool.get_message_by_name(&format!("talon.v1.{message}"));
        let found = descriptor.and_then(|descriptor| descriptor.get_field_by_name(field));
        assert!(found.is_some(), "{message}.{field}");
    }
}

/// Payloads are kept for ever and in clear. What identifies a person has its own message, which is sealed.
#[test]
fn no_payload_can_hold_personal_data() {
    const PERSONAL: [&str; 12] =
        ["phone", "mobile", "email", "mail", "name", "address", "birth", "iban", "card_number", "pan", "cvv", "person"];
    let pool = descriptors();
    for message in pool.all_messages().filter(|message| message.package_name() == "talon.v1") {
        if message.name() == "Personal" {
            continue;
        }
        for field in message.fields() {
            let place = field.full_name().to_owned();
            let is_personal = matches!(field.kind(), prost_reflect::Kind::Message(m) if m.name() == "Personal");
            assert_eq!(is_personal, place == "talon.v1.Event.personal", "{place}");
            let parts: Vec<_> = field.name().split('_').collect();
            let named = PERSONAL.iter().find(|word| parts.contains(word) || field.name().ends_with(*word));
            assert!(named.is_none() || is_personal || message.name() == "Event", "{place}");
        }
    }
}
