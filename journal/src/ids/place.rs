//! A place in one word: where an id is, or which flight it is in.
//!
//! ```text
//! kept       bits 0-52 position, 53-58 partition, 62 late
//! in flight  bits 0-13 record of its batch, 16-47 flight, 62 late, 63 set
//! gone       all bits set
//! ```
//!
//! *Late* says that the id's own time was not near the time of its record; it stays with the place because it decides
//! in which run the id is looked for later.

use talon_domain::ids::{PartitionId, Position};

use super::{Flight, Known};

const POSITION_BITS: u32 = 53;
const PARTITION_MASK: u64 = 0x3f;
const RECORD_MASK: u64 = 0x3fff;
const FLIGHT_AT: u32 = 16;
const LATE: u64 = 1 << 62;
const IN_FLIGHT: u64 = 1 << 63;

/// Where an id is, in 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place(pub(crate) u64);

impl Place {
    /// Of an id that was never appended.
    pub(crate) const GONE: Self = Self(u64::MAX);

    pub(crate) const fn kept(partition: PartitionId, position: Position, is_late: bool) -> Self {
        let partition = (partition.0 as u64 & PARTITION_MASK) << POSITION_BITS;
        let position = position.0 & ((1 << POSITION_BITS) - 1);
        Self(partition | position | late(is_late))
    }

    pub(crate) const fn in_flight(flight: Flight, record: u64, is_late: bool) -> Self {
        Self(IN_FLIGHT | ((flight.0 as u64) << FLIGHT_AT) | (record & RECORD_MASK) | late(is_late))
    }

    pub(crate) const fn is_in_flight(self) -> bool {
        self.0 & IN_FLIGHT != 0
    }

    pub(crate) const fn is_late(self) -> bool {
        self.0 & LATE != 0
    }

    pub(crate) fn known(self) -> Known {
        if self.is_in_flight() {
            let flight = Flight(u32::try_from((self.0 >> FLIGHT_AT) & u64::from(u32::MAX)).unwrap_or_default());
            let record = usize::try_from(self.0 & RECORD_MASK).unwrap_or_default();
            return Known::InFlight { flight, record };
        }
        let partition = u16::try_from((self.0 >> POSITION_BITS) & PARTITION_MASK).unwrap_or_default();
        Known::Kept { partition: PartitionId(partition), position: Position(self.0 & ((1 << POSITION_BITS) - 1)) }
    }
}

const fn late(is_late: bool) -> u64 {
    if is_late { LATE } else { 0 }
}
