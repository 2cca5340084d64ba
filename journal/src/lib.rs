//! What is kept: records, the engines that hold them, and the checks that find damage.
//!
//! ```text
//! Batch --> Journal::append --> group --> segment, one sync --> mark --> Completion answers
//!                                            |
//!            Journal::{read, scan, wait} <---+    never past the durable end
//! ```
//!
//! Invariants:
//! - an append is answered with success only when a power cut can no longer take it back
//! - positions are dense from 0 in each partition, in the order in which records were handed over
//! - no reader sees a record that was not durable, or bytes that contradict their checksum
//! - after the first failed write or sync nothing is written any more; a full disk is told before anything is written,
//!   and stops nobody
//!
//! This crate does not know what a fact means, reads no clock and no random source (both come in as arguments), hashes
//! no leaf, opens no sealed part and knows neither protobuf nor async.

mod batch;
mod contract;
mod embedded;
mod error;
mod genesis;
mod ids;
mod layout;
mod memory;
mod partition;
mod record;
mod storage;

pub use batch::{BATCH_BYTES_MAX, BATCH_RECORDS_MAX, Batch, BatchError};
pub use contract::{Appended, Completion, Identity, Journal, Promise, Reader, Stored};
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub use embedded::fuzz;
pub use embedded::{
    Contents, EmbeddedJournal, Prefix, PrefixFile, Progress, SeedSource, SegmentSeed, SegmentSizes, SegmentStat,
    SummaryState, TornTail, Verified, WriterSettings, repair_begun, repair_cut_after, repair_cut_after_in, verify,
    verify_in,
};
pub use error::{AppendError, Damage, ErrorKind, Flaw, OpenError, ReadError, Span};
pub use ids::{Flight, Hit, IdIndex, IdKey, IndexError, IndexHealth, IndexProgress, IndexSettings, Known};
pub use memory::MemoryJournal;
pub use partition::{PARTITIONS, Positions, partition_of};
pub use record::{
    FORMAT, HEADER_BYTES, MAGIC, PAYLOAD_BYTES_MAX, RECORD_BYTES_MAX, Record, RecordError, encode_header,
};
pub use storage::{Access, Claim, Folder, Held, Storage, StorageFile, WriterLock};
