//! What each kind shows in the state digest, held against the table of docs/format.md: found in the rows of all golden facts.

use std::collections::{BTreeMap, BTreeSet};

use talon_domain::fact::{Fact, FactHeader, Kind, Source};
use talon_domain::ids::*;
use talon_domain::stream::Stream;
use talon_domain::time::Instant;
use talon_proto::decode;

use crate::golden::goldens;

const PAGE: &str = include_str!("../../../docs/format.md");

fn table(name: &str) -> Vec<Vec<&'static str>> {
    let body = PAGE.split(&format!("<!-- table: {name} -->")).nth(1).expect("the table");
    let rows = body.split("<!-- end -->").next().unwrap_or_default().lines().skip(3);
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// Takes the front of a content apart: so many bytes, a text, a number of items.
struct Content<'a>(&'a [u8]);

impl<'a> Content<'a> {
    fn take(&mut self, count: usize) -> &'a [u8] {
        let (head, rest) = self.0.split_at(count);
        self.0 = rest;
        head
    }

    fn skip(&mut self, count: usize) {
        self.0 = &self.0[count..];
    }

    fn count(&mut self) -> usize {
        u32::from_le_bytes(self.take(4).try_into().expect("four bytes")) as usize
    }

    fn text(&mut self) {
        let length = self.count();
        self.skip(length);
    }

    fn each(&mut self, item: impl Fn(&mut Self)) {
        (0..self.count()).for_each(|_| item(self));
    }

    /// Passes a value of a type of the page.
    fn pass(&mut self, value: &str) {
        match value {
            "text" => self.text(),
            "u64" => self.skip(8),
            "money" => self.skip(11),
            "plan" => {
                self.skip(12);
                self.each(|content| content.skip(4 + 8 + 3 + 5 * 8));
            }
            "list: text application, u32 count, money, u8 direction" => self.each(|content| {
                content.text();
                content.skip(4 + 11 + 1);
            }),
            "list: u32 NIC, u16 from_day, 0 where absent" => self.each(|content| content.skip(6)),
            "list: u16 day, text label" => self.each(|content| {
                content.skip(2);
                content.text();
            }),
            "list: u64 merchant, u8 source" => self.each(|content| content.skip(9)),
            other => panic!("no such type: {other}"),
        }
    }
}

fn shown_by(kind: Kind, payload: &[u8]) -> BTreeSet<u8> {
    let header = FactHeader {
        kind,
        schema: 1,
        recorded_at: Instant(0),
        occurred_at: Instant(0),
        merchant: MerchantId(1),
        shop: ShopId(0),
        terminal: TerminalId(0),
        terminal_seq: TerminalSeq(0),
        terminal_epoch: TerminalEpoch(0),
        day: talon_domain::time::Day(20_417),
        principal: PrincipalId(0),
        source: Source::Provider,
        event_id: EventId([1; 16]),
        stream: StreamId([2; 16]),
        sealed: false,
        training: false,
        imported: false,
        clock_doubtful: false,
    };
    let stream: Stream = [Fact { header, payload: decode(kind, 1, payload) }].into_iter().collect();
    let types: BTreeMap<u8, &str> =
        table("fields").iter().map(|row| (row[0].parse().expect("a number"), row[2])).collect();
    let mut shown = BTreeSet::new();
    for slot in stream.told().slots {
        let mut content = Content(&slot.content);
        while !content.0.is_empty() {
            let field = content.take(1)[0];
            shown.insert(field);
            content.pass(types[&field]);
        }
    }
    shown
}

#[test]
fn every_kind_shows_what_the_page_says() {
    let mut shown: BTreeMap<Kind, BTreeSet<u8>> = BTreeMap::new();
    for golden in goldens() {
        shown.entry(golden.kind).or_default().extend(shown_by(golden.kind, &golden.payload));
    }
    let rows: Vec<String> = shown.iter().filter(|(_, fields)| !fields.is_empty()).map(row).collect();
    let page: Vec<String> = table("shown").iter().map(|row| format!("| {} | {} |", row[0], row[1])).collect();
    assert_eq!(rows.join("\n"), page.join("\n"));
}

fn row((kind, fields): (&Kind, &BTreeSet<u8>)) -> String {
    let fields: Vec<String> = fields.iter().map(u8::to_string).collect();
    format!("| {} | {} |", kind.0, fields.join(", "))
}
