//! JSON as it stands in the text: keys in their order, doubles kept so that they can be refused by name, numbers only
//! as whole ones.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::fault::JsonFault;

/// An event has five levels: itself, the payload, the list, its entry, an amount.
const DEPTH_MAX: usize = 8;

/// One value.
#[derive(Debug)]
pub(super) enum Json {
    Null,
    Truth(bool),
    Whole(u64),
    /// A number that no field takes: negative, with a fraction, or above 64 bits.
    OtherNumber,
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Json {
    /// Reads a text that holds one value and nothing else.
    pub(super) fn parse(text: &str) -> Result<Self, JsonFault> {
        let mut parser = serde_json::Deserializer::from_str(text);
        let tree = Level(DEPTH_MAX).deserialize(&mut parser)?;
        parser.end()?;
        Ok(tree)
    }
}

/// Reads a value that may hold so many further levels.
#[derive(Clone, Copy)]
struct Level(usize);

impl Level {
    fn down<E: Error>(self) -> Result<Self, E> {
        self.0.checked_sub(1).map(Self).ok_or_else(|| E::custom("too deep"))
    }
}

impl<'de> DeserializeSeed<'de> for Level {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Truth(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Whole(value))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Json, E> {
        Ok(Json::OtherNumber)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Json, E> {
        Ok(Json::OtherNumber)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Json, E> {
        Ok(Json::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let (level, mut values) = (self.down()?, Vec::new());
        while let Some(value) = list.next_element_seed(level)? {
            values.push(value);
        }
        Ok(Json::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Json, A::Error> {
        let (level, mut entries) = (self.down()?, Vec::new());
        while let Some(key) = object.next_key()? {
            entries.push((key, object.next_value_seed(level)?));
        }
        Ok(Json::Object(entries))
    }
}
