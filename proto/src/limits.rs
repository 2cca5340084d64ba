//! How large things may be. Each number is part of the format: a record has 16 bits for its payload's length.

/// A payload. 65,535 bytes of a record - 104 of header - 5,327 for the sealed part and what is to come.
pub const PAYLOAD_BYTES_MAX: usize = 60_000;
/// A text that a publisher chose.
pub const TEXT_BYTES_MAX: usize = 256;
/// Entries of a list: instalments of a plan, tickets of a print.
pub const ENTRIES_MAX: usize = 64;
/// A line of JSON. What is longest written out is 64 texts of 256 control characters: 64 x (6 x 256 + names) < 128 KiB, and
/// there is an envelope. So what was taken as protobuf can be dumped and taken again.
pub const LINE_BYTES_MAX: usize = 256 * 1024;
