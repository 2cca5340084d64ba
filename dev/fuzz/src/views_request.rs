//! What a client asks a projector: any bytes are a request or refused; a request is answered with the rows that a plain
//! map holds between the same keys, and the answer reads back.

use std::collections::BTreeMap;
use std::ops::Bound;

use talon_consumers::{Request, Response};
use talon_projections::store::{Merge, Table, Tables};

/// The table that holds something; any other one is empty.
const TABLE: Table = Table(7);

type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

/// Any bytes as a request, and as an answer.
pub fn views_request(bytes: &[u8]) {
    if let Ok(answer) = Response::parse(bytes) {
        assert_eq!(Response::parse(&answer.encode()).expect("our own"), answer, "an answer reads back");
    }
    let Ok(request) = Request::parse(bytes) else { return };
    assert!(request.encode().len() <= bytes.len());
    assert_eq!(Request::parse(&request.encode()).expect("our own"), request, "a request reads back");
    let rows = rows();
    let answer = request.answer(&tables(&rows)).expect("tables in memory");
    match (request, Response::parse(&answer).expect("our own")) {
        (Request::Get { table, key }, Response::Row(row)) => {
            let held = rows.get(key).filter(|_| Table(table) == TABLE);
            assert_eq!(row, held.map(Vec::as_slice));
        }
        (Request::Scan { table, from, below }, Response::Rows { rows: found, is_end }) => {
            let held: Vec<(&[u8], &[u8])> = between(&rows, from, below)
                .filter(|_| Table(table) == TABLE)
                .map(|(key, value)| (key.as_slice(), value.as_slice()))
                .collect();
            assert_eq!(found, held[..found.len()], "the first of them, in their order");
            assert!(is_end == (found.len() == held.len()) && (is_end || !found.is_empty()), "and how many more");
        }
        (request, answer) => panic!("{request:?} was answered with {answer:?}"),
    }
}

fn between<'r>(
    rows: &'r Rows,
    from: &'r [u8],
    below: Option<&'r [u8]>,
) -> impl Iterator<Item = (&'r Vec<u8>, &'r Vec<u8>)> {
    let from = rows.range::<[u8], _>((Bound::Included(from), Bound::Unbounded));
    from.take_while(move |(key, _)| below.is_none_or(|below| key.as_slice() < below))
}

/// Rows whose keys are short, so that searching bytes finds them; together they are more than one answer.
fn rows() -> Rows {
    let row = |n: u8| ([b"", &[n][..], &[n, 0], b"key"][usize::from(n % 4)].to_vec(), vec![n; 4_000]);
    (0..80).map(row).collect()
}

fn tables(rows: &Rows) -> Tables {
    let mut tables = Tables::in_memory(|_| Merge::Latest);
    rows.iter().for_each(|(key, value)| tables.put(TABLE, key, value));
    tables
}
