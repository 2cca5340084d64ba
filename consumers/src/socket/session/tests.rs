//! Sessions over a pair of sockets: what is put later is not seen, whoever is out of time or closed is cut off.

use talon_projections::store::{Merge, Tables};

use super::super::wire::RESPONSE_BYTES_MAX;
use super::*;

const NOW: Instant = Instant(0);
const TABLE: Table = Table(7);
const ASKED: Request<'_> = Request::Get { table: TABLE.0, key: b"key" };

fn tables() -> Tables {
    let mut tables = Tables::in_memory(|_| Merge::Latest);
    tables.put(TABLE, b"key", b"row");
    tables
}

fn serving(tables: &mut Tables) -> Arc<Serving> {
    Arc::new(Serving { hello: Hello::default(), snapshot: tables.snapshot() })
}

fn hear(client: &mut UnixStream) -> Result<Vec<u8>, WireError> {
    receive(client, RESPONSE_BYTES_MAX)
}

fn ask(client: &mut UnixStream) -> Vec<u8> {
    send(client, &ASKED.encode()).expect("sent");
    hear(client).expect("an answer")
}

#[test]
fn a_client_sees_one_state_while_rows_are_put_and_committed() {
    let (server, mut client) = UnixStream::pair().expect("a pair");
    let (mut tables, mut sessions) = (tables(), Sessions::default());
    sessions.begin(&serving(&mut tables), server, NOW);
    assert!(matches!(Response::parse(&hear(&mut client).expect("a hello")), Ok(Response::Hello(_))));
    for later in [&b"later"[..], b"still later"] {
        tables.put(TABLE, b"key", later);
        tables.commit(b"").expect("memory");
        assert_eq!(Response::parse(&ask(&mut client)).expect("an answer"), Response::Row(Some(b"row")));
    }
}

#[test]
fn a_client_is_served_until_its_time_is_over() {
    let (server, mut client) = UnixStream::pair().expect("a pair");
    let (mut tables, mut sessions) = (tables(), Sessions::default());
    sessions.begin(&serving(&mut tables), server, NOW);
    hear(&mut client).expect("a hello");
    let end = micros(SESSION_MAX);
    for later in [0, end / 2, end - 1] {
        sessions.look_after(Instant(later)).expect("tables in memory");
        ask(&mut client);
    }
    sessions.look_after(Instant(end)).expect("tables in memory");
    assert!(hear(&mut client).is_err(), "it is over");
}

#[test]
fn closing_cuts_off_whoever_waits_and_lets_the_snapshot_go() {
    let (mut tables, mut sessions) = (tables(), Sessions::default());
    let serving = serving(&mut tables);
    let mut clients: Vec<_> = std::iter::repeat_with(|| {
        let (server, client) = UnixStream::pair().expect("a pair");
        sessions.begin(&serving, server, NOW);
        client
    })
    .take(SESSIONS_MAX)
    .collect();
    clients.iter_mut().for_each(|client| drop(hear(client).expect("a hello")));
    assert_eq!(sessions.room(), 0);
    sessions.close();
    assert_eq!((sessions.room(), Arc::strong_count(&serving)), (SESSIONS_MAX, 1));
    clients.iter_mut().for_each(|client| drop(hear(client).expect_err("it is over")));
}

#[test]
fn a_request_that_is_none_is_told_and_the_session_goes_on() {
    let (server, mut client) = UnixStream::pair().expect("a pair");
    let (mut tables, mut sessions) = (tables(), Sessions::default());
    sessions.begin(&serving(&mut tables), server, NOW);
    hear(&mut client).expect("a hello");
    send(&mut client, &[200, 1]).expect("sent");
    assert!(matches!(Response::parse(&hear(&mut client).expect("an answer")), Ok(Response::Failed(_))));
    assert_eq!(Response::parse(&ask(&mut client)).expect("an answer"), Response::Row(Some(b"row")));
    drop(client);
    sessions.0.drain(..).try_for_each(Session::join).expect("it ends");
}
