//! A vector of positions as text: `4:120,22:31`, partition and next position, in the order of partitions. It is printed
//! with an answer and typed again for the same one.
//!
//! Invariants:
//! - what is printed is read again as the same records
//! - a partition that is not named holds its genesis and nothing else; so every ledger's vector is short while it is young
//!
//! This module does not know which partitions a ledger fills.

use std::fmt::Write as _;

use talon_domain::ids::{PartitionId, Position};
use talon_journal::{ErrorKind, PARTITIONS, Positions};

/// The longest vector: each of 64 partitions with two digits, a colon, 16 digits (2^53) and a comma.
pub const VECTOR_BYTES_MAX: usize = 64 * (2 + 1 + 16 + 1);

/// Positions are below 2^53, on the wire and here.
const POSITION_END: u64 = 1 << 53;

/// A partition that nothing was published into holds its genesis.
const GENESIS_ONLY: Position = Position(1);

/// Why a text is no vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VectorError {
    /// Longer than any vector.
    #[error("a vector of positions has {VECTOR_BYTES_MAX} bytes at most, and this has {0}")]
    Length(usize),
    /// A part that is not two whole numbers.
    #[error("part {0} is not PARTITION:POSITION, as 4:120")]
    Form(usize),
    /// A partition that does not exist.
    #[error("part {0} names no partition: they are 0 to 63")]
    Partition(usize),
    /// A position that no record has.
    #[error("part {0} has a position beyond 2^53")]
    Position(usize),
    /// A partition that stands before one that it should follow, or twice.
    #[error("part {0} is out of order: each partition stands once, the smaller ones first")]
    Order(usize),
}

impl VectorError {
    /// Its stable code: the rule that is not kept.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Length(_) => "vector_must_be_short",
            Self::Form(_) => "part_must_be_partition_and_position",
            Self::Partition(_) => "partition_must_exist",
            Self::Position(_) => "position_must_be_below_2_53",
            Self::Order(_) => "partitions_must_ascend",
        }
    }

    /// Which of the five kinds.
    pub const fn kind(self) -> ErrorKind {
        ErrorKind::Rejected
    }
}

/// The vector as text: the partitions that hold more than their genesis, else partition 0.
pub fn vector_text(positions: &Positions) -> String {
    let mut text = String::new();
    for (partition, next) in positions.iter().filter(|(_, next)| *next > GENESIS_ONLY) {
        let comma = if text.is_empty() { "" } else { "," };
        let _ = write!(text, "{comma}{partition}:{next}"); // a String takes everything
    }
    if text.is_empty() { format!("0:{}", positions.next(PartitionId(0))) } else { text }
}

/// Reads a vector.
///
/// # Errors
/// Rejected, with the part that is wrong, from 1.
pub fn parse_vector(text: &str) -> Result<Positions, VectorError> {
    if text.len() > VECTOR_BYTES_MAX {
        return Err(VectorError::Length(text.len()));
    }
    let mut positions = Positions::beginning();
    (0..PARTITIONS).for_each(|partition| positions.set(PartitionId(partition), GENESIS_ONLY));
    let mut last = None;
    for (number, part) in (1..).zip(text.split(',')) {
        let (partition, next) = parse_part(part, number)?;
        if last.is_some_and(|last| partition <= last) {
            return Err(VectorError::Order(number));
        }
        positions.set(partition, next);
        last = Some(partition);
    }
    Ok(positions)
}

fn parse_part(part: &str, number: usize) -> Result<(PartitionId, Position), VectorError> {
    let (partition, next) = part.split_once(':').ok_or(VectorError::Form(number))?;
    let (partition, next) = (digits(partition, number)?, digits(next, number)?);
    let partition = u16::try_from(partition).ok().filter(|partition| *partition < PARTITIONS);
    let partition = partition.ok_or(VectorError::Partition(number))?;
    let next = Some(next).filter(|next| *next < POSITION_END).ok_or(VectorError::Position(number))?;
    Ok((PartitionId(partition), Position(next)))
}

fn digits(text: &str, number: usize) -> Result<u64, VectorError> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // More digits than a u64 has are a position that no record has, or a partition that does not exist.
    is_number.then(|| text.parse().unwrap_or(u64::MAX)).ok_or(VectorError::Form(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_is_read_as_it_is_printed() {
        for text in ["4:120,22:31", "0:1", "63:9007199254740991", "0:2,1:2,63:5"] {
            assert_eq!(parse_vector(text).map(|read| vector_text(&read)), Ok(text.to_owned()));
        }
        assert_eq!(parse_vector("4:1,5:0,9:2").map(|read| vector_text(&read)), Ok("9:2".to_owned()));
        assert_eq!(vector_text(&Positions::beginning()), "0:0");
        assert_eq!(parse_vector("4:120").map(|read| read.total()), Ok(120 + 63));
    }

    #[test]
    fn the_longest_vector_fits() {
        let mut positions = Positions::beginning();
        (0..PARTITIONS).for_each(|partition| positions.set(PartitionId(partition), Position(POSITION_END - 1)));
        let text = vector_text(&positions);
        assert!(text.len() <= VECTOR_BYTES_MAX, "{}", text.len());
        assert_eq!(parse_vector(&text), Ok(positions));
    }

    #[test]
    fn what_is_no_vector_is_refused_by_code_and_part() {
        for (text, error, code) in [
            ("", VectorError::Form(1), "part_must_be_partition_and_position"),
            ("4:120,", VectorError::Form(2), "part_must_be_partition_and_position"),
            ("4", VectorError::Form(1), "part_must_be_partition_and_position"),
            ("4:+1", VectorError::Form(1), "part_must_be_partition_and_position"),
            ("4:1 ,5:2", VectorError::Form(1), "part_must_be_partition_and_position"),
            ("64:1", VectorError::Partition(1), "partition_must_exist"),
            ("99999999999999999999999:1", VectorError::Partition(1), "partition_must_exist"),
            ("1:2,4:9007199254740992", VectorError::Position(2), "position_must_be_below_2_53"),
            ("4:99999999999999999999999", VectorError::Position(1), "position_must_be_below_2_53"),
            ("4:1,4:2", VectorError::Order(2), "partitions_must_ascend"),
            ("22:31,4:120", VectorError::Order(2), "partitions_must_ascend"),
        ] {
            assert_eq!(parse_vector(text), Err(error), "{text}");
            assert_eq!((error.code(), error.kind()), (code, ErrorKind::Rejected));
        }
        let long = "1:1,".repeat(VECTOR_BYTES_MAX);
        assert_eq!(parse_vector(&long), Err(VectorError::Length(long.len())));
        assert_eq!(VectorError::Length(9).code(), "vector_must_be_short");
    }
}
