//! Serving clients: each in a thread of its own, all at one state, while the projector waits. Invariants:
//! - a session ends at its deadline, and when its client is silent for too long or the projector is asked to stop
//! - an answer is about as long as a chunk, whatever was asked for

use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use talon_domain::time::Instant;
use talon_projections::reading::Reading;
use talon_projections::store::{StoreError, Table};

use super::wire::{Hello, REQUEST_BYTES_MAX, Request, Response, WireError, receive, send};
use crate::{Clock, Stop, micros};

/// How long a session lasts at most, and so how long clients can hold a projector up.
const SESSION_MAX: Duration = Duration::from_secs(10);
/// How long a client may be silent, or leave an answer unread.
const SILENCE_MAX: Duration = Duration::from_secs(1);
/// Rows are sent in chunks of about so many bytes.
const CHUNK_BYTES: usize = 64 << 10;

/// A key and its row.
type Row = (Vec<u8>, Vec<u8>);

/// What clients are served with.
#[derive(Clone, Copy)]
pub(crate) struct Serving<'s> {
    pub(crate) hello: &'s Hello,
    pub(crate) reading: &'s (dyn Reading + Sync),
    pub(crate) clock: Clock<'s>,
    pub(crate) stop: Stop<'s>,
}

/// Serves clients to their ends. What a client does wrong ends its session alone; a store that cannot be read is told.
pub(crate) fn serve_all(serving: Serving<'_>, clients: Vec<UnixStream>) -> Result<(), StoreError> {
    let until = Instant((serving.clock)().0.saturating_add(micros(SESSION_MAX)));
    std::thread::scope(|scope| {
        let sessions: Vec<_> = clients
            .into_iter()
            .map(|stream| scope.spawn(move || serve(serving, Patient { stream, clock: serving.clock, until })))
            .collect();
        sessions.into_iter().try_for_each(|session| {
            session.join().unwrap_or_else(|_| Err(StoreError::Broken("reading it panicked".to_owned())))
        })
    })
}

fn serve(serving: Serving<'_>, mut client: Patient<'_>) -> Result<(), StoreError> {
    let mut said = send(&mut client, &Response::Hello(serving.hello.clone()).encode());
    while said.is_ok() && !(serving.stop)() {
        let Ok(message) = receive(&mut client, REQUEST_BYTES_MAX) else { break };
        let Ok(request) = Request::parse(&message) else {
            said = send(&mut client, &Response::Failed("the request is none").encode());
            continue;
        };
        said = answer(serving.reading, &request, &mut client)?;
    }
    Ok(())
}

/// Answers one request: what the client made of it, or why the store cannot be read.
fn answer(
    reading: &dyn Reading,
    request: &Request<'_>,
    client: &mut Patient<'_>,
) -> Result<Result<(), WireError>, StoreError> {
    match request.answer(reading) {
        Ok(answer) => Ok(send(client, &answer)),
        Err(error) => {
            let _ = send(client, &Response::Failed(&error.to_string()).encode());
            Err(error)
        }
    }
}

impl Request<'_> {
    /// The answer to it from these tables, as it is sent.
    pub fn answer(&self, reading: &dyn Reading) -> Result<Vec<u8>, StoreError> {
        match *self {
            Self::Get { table, key } => {
                reading.get(Table(table), key).map(|row| Response::Row(row.as_deref()).encode())
            }
            Self::Scan { table, from, below } => chunk(reading, Table(table), from, below),
        }
    }
}

fn chunk(reading: &dyn Reading, table: Table, from: &[u8], below: Option<&[u8]>) -> Result<Vec<u8>, StoreError> {
    let mut rows: Vec<Row> = Vec::new();
    let (mut bytes, mut is_end) = (0usize, true);
    reading.scan(table, from, below, &mut |key, value| {
        if bytes >= CHUNK_BYTES {
            is_end = false;
            return ControlFlow::Break(());
        }
        bytes = bytes.saturating_add(key.len()).saturating_add(value.len()).saturating_add(8);
        rows.push((key.to_vec(), value.to_vec()));
        ControlFlow::Continue(())
    })?;
    let rows = rows.iter().map(|(key, value)| (key.as_slice(), value.as_slice())).collect();
    Ok(Response::Rows { rows, is_end }.encode())
}

/// A client's socket, which fails when its time is over.
struct Patient<'c> {
    stream: UnixStream,
    clock: Clock<'c>,
    until: Instant,
}

impl Patient<'_> {
    fn patience(&self) -> io::Result<Option<Duration>> {
        let left = self.until.0.saturating_sub((self.clock)().0);
        let left = u64::try_from(left).ok().filter(|left| *left > 0).ok_or(io::ErrorKind::TimedOut)?;
        // A clock that went back makes nobody wait longer.
        Ok(Some(Duration::from_micros(left).min(SILENCE_MAX)))
    }
}

impl Read for Patient<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(self.patience()?)?;
        self.stream.read(buffer)
    }
}

impl Write for Patient<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(self.patience()?)?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use talon_projections::store::{Merge, Tables};

    use super::super::wire::RESPONSE_BYTES_MAX;
    use super::*;

    #[test]
    fn a_client_that_keeps_asking_is_served_until_its_time_is_over() {
        let mut tables = Tables::in_memory(|_| Merge::Latest);
        tables.put(Table(7), b"key", b"row");
        let now = AtomicI64::new(0);
        let (server, mut client) = UnixStream::pair().expect("a pair");
        let (clock, stop) = (|| Instant(now.load(Ordering::Relaxed)), || false);
        let serving = Serving { hello: &Hello::default(), reading: &tables, clock: &clock, stop: &stop };
        let answers = std::thread::scope(|scope| {
            let served = scope.spawn(|| serve_all(serving, vec![server]));
            let mut answers = 0;
            let hello = receive(&mut client, RESPONSE_BYTES_MAX).expect("a hello");
            assert!(matches!(Response::parse(&hello), Ok(Response::Hello(_))));
            while send(&mut client, &Request::Get { table: 7, key: b"key" }.encode()).is_ok() {
                let Ok(answer) = receive(&mut client, RESPONSE_BYTES_MAX) else { break };
                assert_eq!(Response::parse(&answer).expect("an answer"), Response::Row(Some(b"row")));
                answers += 1;
                now.fetch_add(1_000_000, Ordering::Relaxed);
            }
            served.join().expect("it ends").expect("tables in memory");
            answers
        });
        assert!((9..=10).contains(&answers), "a session of ten seconds has {answers} answers, one a second");
    }

    #[test]
    fn a_request_that_is_none_is_told_and_the_session_goes_on() {
        let tables = Tables::in_memory(|_| Merge::Latest);
        let (server, mut client) = UnixStream::pair().expect("a pair");
        let (clock, stop) = (|| Instant(0), || false);
        let serving = Serving { hello: &Hello::default(), reading: &tables, clock: &clock, stop: &stop };
        std::thread::scope(|scope| {
            scope.spawn(|| serve_all(serving, vec![server]));
            receive(&mut client, RESPONSE_BYTES_MAX).expect("a hello");
            send(&mut client, &[200, 1]).expect("sent");
            let told = receive(&mut client, RESPONSE_BYTES_MAX).expect("an answer");
            assert!(matches!(Response::parse(&told), Ok(Response::Failed(_))));
            send(&mut client, &Request::Get { table: 7, key: b"key" }.encode()).expect("sent");
            let answer = receive(&mut client, RESPONSE_BYTES_MAX).expect("an answer");
            assert_eq!(Response::parse(&answer).expect("an answer"), Response::Row(None));
            drop(client);
        });
    }
}
