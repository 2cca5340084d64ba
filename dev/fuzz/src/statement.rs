//! Files of providers: any bytes are read to an end, what is read fits into a fact, and what it says is what the door reads.
//! The first byte chooses the map.

use std::io::Cursor;

use talon_domain::fact::{Payload, Text};
use talon_domain::ids::MerchantId;
use talon_proto::{check_payload, decode, walk};
use talon_statements::{Map, Numbering, Source, StatementError, Sums, read, survey};

/// A map with whatever a map can say.
const MAP: &str = r#"
format = "fuzz"
signs = "by_kind"
credits = ["C"]
debits = ["D"]
[columns]
line_id = "id"
kind = "k"
happened_at = "t"
value_day = "v"
amount = "a"
net = "n"
fee = "f"
tax = "x"
currency = "c"
payout_id = "p"
included_in_payout_id = "i"
reference = "r"
[kinds]
C = "payout"
"#;

/// Any bytes as a statement.
pub fn statement(bytes: &[u8]) {
    let Some((choice, file)) = bytes.split_first() else { return };
    let map = match choice % 3 {
        0 => Map::alma(),
        1 => Map::oney(),
        _ => Map::parse(MAP),
    };
    let map = map.expect("a map");
    let looked_at = survey(file).expect("memory");
    let source = Source { map: &map, account: Text::from("account"), takes_balance: choice % 3 == 0 };
    let (mut numbering, mut sums, mut before) = (Numbering::new(), Sums::new(), 0);
    let end = read(Cursor::new(file), &looked_at, &source, &mut |row| {
        assert!(row.line > before, "rows come in their order");
        before = row.line;
        for mut said in row.said.into_iter().flatten() {
            numbering.number(&mut said.line);
            sums.add(&said.line);
            let (mut event, merchant) = (Vec::new(), MerchantId(732_829_320));
            talon_intake::line_event(merchant, said.occurred_at, &said.line, &mut event);
            let walked = walk(&event).expect("an event");
            check_payload(walked.kind, walked.schema, walked.payload, &mut |_| true).expect("a payload");
            let Payload::SettlementLine(line) = decode(walked.kind, walked.schema, walked.payload) else {
                panic!("a line is a line");
            };
            assert_eq!(
                (line.amount, line.booking_day, &line.line_id),
                (said.line.amount, said.line.booking_day, &said.line.line_id)
            );
        }
        true
    });
    if let Err(error) = end {
        assert!(!matches!(error, StatementError::Io(_)), "{error}");
    }
    let _ = Map::parse(&String::from_utf8_lossy(file));
}
