//! The client's side: tables of a running projector, read as if they were here. Invariants:
//! - all answers of one session are of one state, the one that its hello names
//! - a projector that ends or is too slow is an error, never a missing row

use std::io;
use std::ops::ControlFlow;
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use talon_domain::ids::{PartitionId, Position};
use talon_domain::time::Instant;
use talon_journal::Positions;
use talon_projections::reading::{Each, Reading};
use talon_projections::store::{StoreError, Table};

use super::wire::{Hello, RESPONSE_BYTES_MAX, Request, Response, WireError, receive, send};
use super::with_short_path;
use crate::lag::Lag;
use crate::place::Place;

/// How long a projector may take for an answer: it may be in the middle of a commit.
const PATIENCE: Duration = Duration::from_secs(15);

/// A session with a running projector.
pub struct Remote {
    stream: Mutex<UnixStream>,
    hello: Hello,
}

/// Begins a session with the projector of a place; `None` if none answers there.
pub(crate) fn connect(place: &Place) -> Option<Remote> {
    let stream = with_short_path(&place.socket(), |path| UnixStream::connect(path)).ok()?;
    Remote::begin(stream).ok()
}

impl Remote {
    fn begin(mut stream: UnixStream) -> Result<Self, WireError> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        match Response::parse(&receive(&mut stream, RESPONSE_BYTES_MAX)?)? {
            Response::Hello(hello) => Ok(Self { stream: Mutex::new(stream), hello }),
            _ => Err(WireError::Malformed),
        }
    }

    /// The views that it keeps, with their versions.
    pub(crate) fn views(&self) -> &[(String, u16)] {
        &self.hello.views
    }

    /// What its state covers: the next position of each partition.
    pub fn positions(&self) -> Positions {
        let mut positions = Positions::beginning();
        for (partition, next) in (0..).zip(&self.hello.positions) {
            positions.set(PartitionId(partition), Position(*next));
        }
        positions
    }

    /// How far it was behind when the session began.
    pub fn lag(&self) -> Lag {
        Lag { records: self.hello.records_behind, since: self.hello.behind_since.map(Instant) }
    }

    fn ask(&self, request: &Request<'_>) -> Result<Vec<u8>, StoreError> {
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = send(&mut *stream, &request.encode());
        asked.and_then(|()| receive(&mut *stream, RESPONSE_BYTES_MAX)).map_err(unanswered)
    }
}

fn unanswered(error: WireError) -> StoreError {
    let source = match error {
        WireError::Io(source) => source,
        other => io::Error::other(other),
    };
    StoreError::Io { what: "asking the projector", source }
}

fn strange(answer: &Response<'_>) -> StoreError {
    match answer {
        Response::Failed(reason) => unanswered(WireError::Io(io::Error::other((*reason).to_owned()))),
        _ => unanswered(WireError::Malformed),
    }
}

impl Reading for Remote {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let answer = self.ask(&Request::Get { table: table.0, key })?;
        match Response::parse(&answer).map_err(unanswered)? {
            Response::Row(row) => Ok(row.map(<[u8]>::to_vec)),
            other => Err(strange(&other)),
        }
    }

    fn scan(&self, table: Table, from: &[u8], below: Option<&[u8]>, each: Each<'_>) -> Result<(), StoreError> {
        let mut from = from.to_vec();
        loop {
            let answer = self.ask(&Request::Scan { table: table.0, from: &from, below })?;
            let (rows, is_end) = match Response::parse(&answer).map_err(unanswered)? {
                Response::Rows { rows, is_end } => (rows, is_end),
                other => return Err(strange(&other)),
            };
            for (key, value) in &rows {
                if each(key, value) == ControlFlow::Break(()) {
                    return Ok(());
                }
            }
            match rows.last().filter(|_| !is_end) {
                // The first key behind the last one: no key lies between.
                Some((last, _)) => from = [last, &[0][..]].concat(),
                None => return Ok(()),
            }
        }
    }
}
