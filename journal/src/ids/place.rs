//! A place in one word: where an id is, or which flight it is in.
//!
//! ```text
//! kept       bits 0-52 position, 53-58 partition, 61-62 kind
//! in flight  bits 0-13 record of its batch, 16-47 flight, 61-62 kind, 63 set
//! gone       all bits set
//! ```
//!
//! The *kind* says how the id's own time lay to the time of its record; it stays with the place because it decides in
//! which run the id is looked for later. There it is left out.

use talon_domain::ids::{PartitionId, Position};

use super::run::RunKind;
use super::{Flight, Known};

const POSITION_BITS: u32 = 53;
const PARTITION_MASK: u64 = 0x3f;
const RECORD_MASK: u64 = 0x3fff;
const FLIGHT_AT: u32 = 16;
const KIND_AT: u32 = 61;
const KIND_MASK: u64 = 3;
const IN_FLIGHT: u64 = 1 << 63;

/// Where an id is, in 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place(pub(crate) u64);

impl Place {
    /// Of an id that was never appended.
    pub(crate) const GONE: Self = Self(u64::MAX);

    pub(crate) const fn kept(partition: PartitionId, position: Position, kind: RunKind) -> Self {
        let partition = (partition.0 as u64 & PARTITION_MASK) << POSITION_BITS;
        let position = position.0 & ((1 << POSITION_BITS) - 1);
        Self(partition | position | (kind as u64) << KIND_AT)
    }

    pub(crate) const fn in_flight(flight: Flight, record: u64, kind: RunKind) -> Self {
        Self(IN_FLIGHT | ((flight.0 as u64) << FLIGHT_AT) | (record & RECORD_MASK) | (kind as u64) << KIND_AT)
    }

    pub(crate) const fn is_in_flight(self) -> bool {
        self.0 & IN_FLIGHT != 0
    }

    /// How the id's time lay; of a place in a run that is not known, and timely.
    pub(crate) fn kind(self) -> RunKind {
        let number = u8::try_from((self.0 >> KIND_AT) & KIND_MASK).ok();
        number.and_then(RunKind::from_number).unwrap_or(RunKind::Timely)
    }

    /// The place as a run has it.
    pub(crate) const fn bare(self) -> Self {
        Self(self.0 & !(KIND_MASK << KIND_AT))
    }

    pub(crate) fn known(self) -> Known {
        if self.is_in_flight() {
            let flight = Flight(u32::try_from((self.0 >> FLIGHT_AT) & u64::from(u32::MAX)).unwrap_or_default());
            let record = usize::try_from(self.0 & RECORD_MASK).unwrap_or_default();
            return Known::InFlight { flight, record };
        }
        let (partition, position) = self.kept_at();
        Known::Kept { partition, position }
    }

    /// Where a kept record is.
    pub(crate) fn kept_at(self) -> (PartitionId, Position) {
        let partition = u16::try_from((self.0 >> POSITION_BITS) & PARTITION_MASK).unwrap_or_default();
        (PartitionId(partition), Position(self.0 & ((1 << POSITION_BITS) - 1)))
    }
}
