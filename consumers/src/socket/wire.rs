//! What is said over the socket.
//!
//! ```text
//! a frame     version u8 = 1, length u32 little endian, so many bytes
//! the server  hello, once; then row, rows or failed for each request
//! the client  get, scan; or it hangs up
//! ```
//!
//! Invariants:
//! - a frame longer than its side may send is refused before a byte of it is read
//! - bytes that are no message, or more than one, are refused
//!
//! Both ends are of one machine and mostly of one release: another version is refused, and nothing is negotiated.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

/// This release's.
const VERSION: u8 = 1;
const HEAD_BYTES: usize = 5;

/// The longest request: two keys, which are short.
pub(super) const REQUEST_BYTES_MAX: usize = 256 << 10;
/// The longest answer: a chunk of rows, of which the last may be as long as a row can be (64 MiB in the store).
pub(super) const RESPONSE_BYTES_MAX: usize = 65 << 20;

/// Why a frame or a message was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// Another version.
    #[error("the other end speaks version {0} of the protocol, and this one {VERSION}")]
    Version(u8),
    /// Too long.
    #[error("a message of {bytes} bytes is longer than {bytes_max}")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// What it may have.
        bytes_max: usize,
    },
    /// No message.
    #[error("the bytes are no message")]
    Malformed,
    /// The other end hung up.
    #[error("the other end hung up")]
    Closed,
    /// The socket failed, or the other end was too slow.
    #[error("the other end could not be reached")]
    Io(#[from] io::Error),
}

/// What a client asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request<'a> {
    /// The row of a key.
    Get {
        /// The table.
        table: u16,
        /// The key.
        key: &'a [u8],
    },
    /// Rows in the order of their keys, as many as fit into an answer.
    Scan {
        /// The table.
        table: u16,
        /// From this key on.
        from: &'a [u8],
        /// Below this key, if one is named.
        #[serde(borrow)]
        below: Option<&'a [u8]>,
    },
}

/// What a projector answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Response<'a> {
    /// First of all.
    Hello(Hello),
    /// A row, if there is one.
    Row(#[serde(borrow)] Option<&'a [u8]>),
    /// Rows with their keys.
    Rows {
        /// In the order of their keys.
        #[serde(borrow)]
        rows: Vec<(&'a [u8], &'a [u8])>,
        /// Whether there are no more.
        is_end: bool,
    },
    /// It cannot be read.
    Failed(&'a str),
}

/// What a session speaks of, from its first answer to its last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The views and their versions.
    pub(crate) views: Vec<(String, u16)>,
    /// By partition: the next position.
    pub(crate) positions: Vec<u64>,
    /// Records that are not in it, as far as it is known.
    pub(crate) records_behind: u64,
    /// When the oldest of them was recorded, in microseconds.
    pub(crate) behind_since: Option<i64>,
}

impl<'a> Request<'a> {
    /// Reads a message.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, WireError> {
        parse(bytes)
    }

    /// Writes it.
    pub fn encode(&self) -> Vec<u8> {
        encode(self)
    }
}

impl<'a> Response<'a> {
    /// Reads a message.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, WireError> {
        parse(bytes)
    }

    /// Writes it.
    pub fn encode(&self) -> Vec<u8> {
        encode(self)
    }
}

fn parse<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, WireError> {
    match postcard::take_from_bytes(bytes) {
        Ok((message, [])) => Ok(message),
        _ => Err(WireError::Malformed),
    }
}

fn encode(message: &impl Serialize) -> Vec<u8> {
    // Numbers and bytes are written into memory, which does not fail.
    postcard::to_allocvec(message).unwrap_or_default()
}

/// Sends one message.
pub(super) fn send(to: &mut impl Write, message: &[u8]) -> Result<(), WireError> {
    let length = u32::try_from(message.len()).map_err(|_| WireError::Malformed)?;
    let mut frame = Vec::with_capacity(HEAD_BYTES.saturating_add(message.len()));
    frame.push(VERSION);
    frame.extend_from_slice(&length.to_le_bytes());
    frame.extend_from_slice(message);
    Ok(to.write_all(&frame)?)
}

/// Receives one message of at most so many bytes.
pub(super) fn receive(from: &mut impl Read, bytes_max: usize) -> Result<Vec<u8>, WireError> {
    let mut head = [0; HEAD_BYTES];
    fill(from, &mut head)?;
    let [version, length @ ..] = head;
    if version != VERSION {
        return Err(WireError::Version(version));
    }
    let bytes = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
    if bytes > bytes_max {
        return Err(WireError::TooLong { bytes, bytes_max });
    }
    let mut message = vec![0; bytes];
    fill(from, &mut message)?;
    Ok(message)
}

fn fill(from: &mut impl Read, buffer: &mut [u8]) -> Result<(), WireError> {
    from.read_exact(buffer).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => WireError::Closed,
        _ => WireError::Io(error),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_sent_is_received_and_no_more_is_read() {
        let requests = [
            Request::Get { table: 7, key: b"key" },
            Request::Scan { table: 8, from: b"", below: Some(b"z") },
            Request::Scan { table: 8, from: b"a\0", below: None },
        ];
        let mut wire = Vec::new();
        requests.iter().for_each(|request| send(&mut wire, &request.encode()).expect("room"));
        let mut rest = wire.as_slice();
        for request in requests {
            let message = receive(&mut rest, REQUEST_BYTES_MAX).expect("a message");
            assert_eq!(Request::parse(&message).expect("a request"), request);
        }
        assert!(matches!(receive(&mut rest, REQUEST_BYTES_MAX), Err(WireError::Closed)));
        let rows = Response::Rows { rows: vec![(b"a", b"1"), (b"b", b"")], is_end: true };
        assert_eq!(Response::parse(&rows.encode()).expect("an answer"), rows);
    }

    #[test]
    fn another_version_a_long_frame_and_a_cut_one_are_refused() {
        let mut wire = Vec::new();
        send(&mut wire, b"0123456789").expect("room");
        let of = |bytes: &[u8], bytes_max| receive(&mut &bytes[..], bytes_max).expect_err("refused");
        assert!(matches!(of(&wire, 9), WireError::TooLong { bytes: 10, bytes_max: 9 }));
        assert!(matches!(of(&wire[..14], 10), WireError::Closed));
        let mut other = wire.clone();
        other[0] = 2;
        assert!(matches!(of(&other, 10), WireError::Version(2)));
        let huge = [1, 255, 255, 255, 255];
        assert!(matches!(of(&huge, REQUEST_BYTES_MAX), WireError::TooLong { .. }));
    }

    #[test]
    fn a_request_with_bytes_behind_it_is_refused() {
        let mut bytes = Request::Get { table: 7, key: b"key" }.encode();
        bytes.push(0);
        assert!(matches!(Request::parse(&bytes), Err(WireError::Malformed)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_message_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            if let Ok(request) = Request::parse(&bytes) {
                let again = request.encode();
                prop_assert_eq!(Request::parse(&again).expect("a request"), request);
            }
            if let Ok(response) = Response::parse(&bytes) {
                let again = response.encode();
                prop_assert_eq!(Response::parse(&again).expect("an answer"), response);
            }
            let _ = receive(&mut bytes.as_slice(), 64);
        }
    }
}
