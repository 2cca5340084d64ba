//! Sessions: each client is served by a thread of its own, from a snapshot, while the projector goes on.
//!
//! Invariants:
//! - a session ends at its deadline, when its client is silent for too long, and when sessions are closed: then nothing
//!   reads the store any more
//! - at most so many are open at once, and so many snapshots are kept
//! - an answer is about as long as a chunk, whatever was asked for

use std::io;
use std::net::Shutdown;
use std::ops::ControlFlow;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use talon_domain::time::Instant;
use talon_projections::reading::Reading;
use talon_projections::store::{Snapshot, StoreError, Table};

use super::wire::{Hello, REQUEST_BYTES_MAX, Request, Response, WireError, receive, send};
use crate::micros;

/// How long a session lasts at most: a digest of all views takes minutes where there are a hundred million events.
const SESSION_MAX: Duration = Duration::from_mins(10);
/// How long a client may be silent, or leave an answer unread.
const SILENCE_MAX: Duration = Duration::from_secs(5);
/// How many clients are served at once.
const SESSIONS_MAX: usize = 8;
/// Rows are sent in chunks of about so many bytes.
const CHUNK_BYTES: usize = 64 << 10;

/// A key and its row.
type Row = (Vec<u8>, Vec<u8>);

/// What clients are served with.
pub(crate) struct Serving {
    pub(crate) hello: Hello,
    pub(crate) snapshot: Snapshot,
}

/// The sessions that are open.
#[derive(Default)]
pub(crate) struct Sessions(Vec<Session>);

struct Session {
    /// The client, as its thread has it.
    stream: UnixStream,
    until: Instant,
    thread: JoinHandle<Result<(), StoreError>>,
}

impl Sessions {
    /// How many more can be begun.
    pub(crate) fn room(&self) -> usize {
        SESSIONS_MAX.saturating_sub(self.0.len())
    }

    /// Begins to serve a client. One that cannot be served is sent away.
    pub(crate) fn begin(&mut self, serving: &Arc<Serving>, client: UnixStream, now: Instant) {
        let serving = Arc::clone(serving);
        let begun = patient(&client).and_then(|()| client.try_clone()).and_then(|stream| {
            let thread = thread::Builder::new().name("session".to_owned()).spawn(move || serve(&serving, client))?;
            Ok(Session { stream, thread, until: Instant(now.0.saturating_add(micros(SESSION_MAX))) })
        });
        self.0.extend(begun);
    }

    /// Ends those that have lasted too long, and lets go of those that have ended. What a client does wrong ends its
    /// session alone; a store that could not be read is told.
    pub(crate) fn look_after(&mut self, now: Instant) -> Result<(), StoreError> {
        self.0.iter().filter(|session| session.until <= now).for_each(Session::end);
        let ended: Vec<_> = self.0.extract_if(.., |session| session.thread.is_finished()).collect();
        ended.into_iter().try_for_each(Session::join)
    }

    /// Ends all of them, and waits for that: at most as long as an answer takes.
    pub(crate) fn close(&mut self) {
        self.0.iter().for_each(Session::end);
        // What such a session has found is found again.
        self.0.drain(..).for_each(|session| drop(session.join()));
    }
}

impl Drop for Sessions {
    fn drop(&mut self) {
        self.close();
    }
}

impl Session {
    /// Whoever reads or writes hears that it is over.
    fn end(&self) {
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    fn join(self) -> Result<(), StoreError> {
        self.thread.join().unwrap_or_else(|_| Err(StoreError::Broken("reading it panicked".to_owned())))
    }
}

/// Whoever is silent for too long is not heard any more.
fn patient(client: &UnixStream) -> io::Result<()> {
    client.set_read_timeout(Some(SILENCE_MAX))?;
    client.set_write_timeout(Some(SILENCE_MAX))
}

fn serve(serving: &Serving, mut client: UnixStream) -> Result<(), StoreError> {
    let mut said = send(&mut client, &Response::Hello(serving.hello.clone()).encode());
    while said.is_ok() {
        let Ok(message) = receive(&mut client, REQUEST_BYTES_MAX) else { break };
        let Ok(request) = Request::parse(&message) else {
            said = send(&mut client, &Response::Failed("the request is none").encode());
            continue;
        };
        said = answer(&serving.snapshot, &request, &mut client)?;
    }
    Ok(())
}

/// Answers one request: what the client made of it, or why the store cannot be read.
fn answer(
    reading: &dyn Reading,
    request: &Request<'_>,
    client: &mut UnixStream,
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

#[cfg(test)]
mod tests;
