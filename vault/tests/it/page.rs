//! The vault's file, held against docs/format.md.

use rusqlite::{Connection, OpenFlags};

use crate::new_vault;

const PAGE: &str = include_str!("../../../docs/format.md");

/// Tables and columns, in their order.
fn table() -> Vec<[&'static str; 2]> {
    let body = PAGE.split("<!-- table: vault -->").nth(1).unwrap().split("<!-- end -->").next().unwrap();
    let cells = |row: &'static str| row.trim_matches('|').split('|').map(str::trim).take(2).collect::<Vec<_>>();
    body.lines().skip(3).map(|row| cells(row).try_into().unwrap()).collect()
}

#[test]
fn the_file_lies_as_the_page_says() {
    let (dir, vault) = new_vault();
    vault.close().unwrap();
    let file = dir.path().join("vault/keys.sqlite");
    let db = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let number = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!((number("application_id"), number("user_version")), (0x5441_4c56, 1));
    let columns = "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' \
                   ORDER BY t.rootpage, c.cid";
    let mut query = db.prepare(columns).unwrap();
    let found = query.query_map([], |row| Ok([row.get::<_, String>(0)?, row.get(1)?])).unwrap();
    assert_eq!(found.map(Result::unwrap).collect::<Vec<_>>(), table());
}
