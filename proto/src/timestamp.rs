//! `google.protobuf.Timestamp`: seconds since 1970 and nanoseconds that count forward. Invariants:
//! - an instant that was read lies in the days 2000 to 2148 of Paris
//! - what is finer than a microsecond is cut, towards the past
//!
//! This module does not know time zones; RFC 3339 is the business of `json`.

use talon_domain::time::Instant;

use crate::fault::Rule;
use crate::fields::{Fields, Value, put_number};

const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// A timestamp as protobuf has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Timestamp {
    pub(crate) seconds: i64,
    pub(crate) nanos: u32,
}

impl Timestamp {
    /// Takes a message apart; any number of seconds is good.
    #[inline]
    pub(crate) fn parse(message: &[u8]) -> Result<Self, Rule> {
        let (mut seconds, mut nanos) = (None, None);
        for field in Fields::new(message) {
            let (number, value) = field.map_err(|_| Rule::Protobuf)?;
            let slot = match number {
                1 => &mut seconds,
                2 => &mut nanos,
                _ => return Err(Rule::FieldKnown),
            };
            let Value::Number(number) = value else { return Err(Rule::FieldType) };
            if slot.replace(number.cast_signed()).is_some() {
                return Err(Rule::FieldOnce);
            }
        }
        let nanos = nanos.unwrap_or(0);
        if !(0..NANOS_PER_SECOND).contains(&nanos) {
            return Err(Rule::Time);
        }
        let nanos = u32::try_from(nanos).map_err(|_| Rule::Time)?;
        Ok(Self { seconds: seconds.unwrap_or(0), nanos })
    }

    /// The instant; `None` outside what a record can carry.
    #[inline]
    pub(crate) fn instant(self) -> Option<Instant> {
        let micros = Instant::from_seconds(self.seconds)?.0.checked_add(i64::from(self.nanos / 1_000))?;
        Some(Instant(micros)).filter(|instant| instant.is_in_range())
    }

    /// The timestamp of an instant.
    pub(crate) fn of(instant: Instant) -> Self {
        let micros = instant.0.rem_euclid(1_000_000);
        Self { seconds: instant.seconds(), nanos: u32::try_from(micros * 1_000).unwrap_or(0) }
    }

    /// Its canonical bytes.
    pub(crate) fn encoded(self) -> Vec<u8> {
        let mut message = Vec::with_capacity(16);
        if self.seconds != 0 {
            put_number(&mut message, 1, self.seconds.cast_unsigned());
        }
        if self.nanos != 0 {
            put_number(&mut message, 2, self.nanos.into());
        }
        message
    }
}

/// Reads an instant that a record can carry.
#[inline]
pub(crate) fn read(message: &[u8]) -> Result<Instant, Rule> {
    Timestamp::parse(message)?.instant().ok_or(Rule::Time)
}
