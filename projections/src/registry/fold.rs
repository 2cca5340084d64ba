//! What a stream registers: its winning fact, if it is of the registry.

use super::row::Row;
use super::{Registered, Registry};
use crate::key::Fields;
use crate::reading::{Reading, read_row, strange_key, strange_row, walk};
use crate::rows::Rows;
use crate::store::{Merge, StoreError, Table};
use crate::table::REGISTERED;
use crate::view::{Known, View};

/// The view of the registry.
pub struct RegistryView;

impl View for RegistryView {
    fn name(&self) -> &'static str {
        "registry"
    }

    fn version(&self) -> u16 {
        1
    }

    fn tables(&self) -> &'static [(Table, Merge)] {
        &[(REGISTERED, Merge::Latest)]
    }

    fn rows(&self, known: &Known<'_>, rows: &mut Rows) {
        if let Some(registered) = known.stated.and_then(Registered::by) {
            rows.put(REGISTERED, |key| _ = key.stream_key(known.key), &Row::of(&registered));
        }
    }
}

impl Registry {
    /// What the rows of the view register.
    pub fn read(reading: &dyn Reading) -> Result<Self, StoreError> {
        let mut registry = Self::default();
        walk(reading, REGISTERED, &[], None, &mut |key, value| {
            let stream = Fields::of(key).stream_key().ok_or_else(strange_key)?;
            let registered = read_row::<Row>(value)?.registered().ok_or_else(strange_row)?;
            registry.put(stream.merchant, registered);
            Ok(())
        })?;
        Ok(registry)
    }
}
