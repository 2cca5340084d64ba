//! Lines in the canonical JSON of `talon.v1`: keys in the order of the schema, what is default left out, 64-bit numbers
//! as text. The order is the caller's to keep, who writes fields as `docs/events.md` lists them.

use serde_json::Value;

/// A JSON object while it is written.
#[derive(Clone, Default)]
pub(super) struct Object(String);

impl Object {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// A text; an empty one is left out.
    pub(super) fn text(self, key: &str, value: &str) -> Self {
        if value.is_empty() { self } else { self.raw(key, &Value::from(value).to_string()) }
    }

    /// A number of up to 32 bits; 0 is left out.
    pub(super) fn number(self, key: &str, value: u32) -> Self {
        if value == 0 { self } else { self.stated(key, value) }
    }

    /// A number of which 0 is a statement.
    pub(super) fn stated(self, key: &str, value: u32) -> Self {
        self.raw(key, &value.to_string())
    }

    /// A number of up to 64 bits; 0 is left out.
    pub(super) fn long(self, key: &str, value: u64) -> Self {
        if value == 0 { self } else { self.raw(key, &format!("\"{value}\"")) }
    }

    /// A truth; what does not hold is left out.
    pub(super) fn truth(self, key: &str, holds: bool) -> Self {
        if holds { self.raw(key, "true") } else { self }
    }

    /// An amount in euro.
    pub(super) fn cents(self, key: &str, cents: u64) -> Self {
        self.object(key, &Self::new().text("currency", "EUR").long("minorUnits", cents))
    }

    /// An object in this one.
    pub(super) fn object(self, key: &str, inner: &Self) -> Self {
        self.raw(key, &inner.line())
    }

    /// Several of them.
    pub(super) fn list(self, key: &str, entries: impl Iterator<Item = Self>) -> Self {
        let entries: Vec<_> = entries.map(|entry| entry.line()).collect();
        self.raw(key, &format!("[{}]", entries.join(",")))
    }

    /// The object as it is sent.
    pub(super) fn line(&self) -> String {
        format!("{{{}}}", self.0)
    }

    fn raw(mut self, key: &str, value: &str) -> Self {
        if !self.0.is_empty() {
            self.0.push(',');
        }
        self.0.extend(["\"", key, "\":", value]);
        self
    }
}
