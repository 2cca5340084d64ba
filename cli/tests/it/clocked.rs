//! A small ledger whose records were made by a clock of their own, over several days: what lists show of it never changes.
//! One merchant, two shops, two terminals, and of everything that a view shows one case.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use talon_domain::time::{Day, Instant};
use talon_intake::{Door, EventBatch, Group, Outcome, Publisher, Seals, genesis, new_ledger_id};
use talon_journal::{EmbeddedJournal, Folder, IdIndex, IndexSettings, SegmentSeed, WriterSettings};
use talon_proto::event_from_json;
use talon_vault::{Entropy, MasterKey, Vault};

use crate::talon::{Scratch, done, on};

pub(crate) const MERCHANT: &str = "732829320";
/// Sold in three, booked and paid out as expected.
pub(crate) const PAID: &str = "019ab9f4-d500-7aaa-8bbb-0102030405c1";
/// Booked with another fee; its second debit failed, its tickets were not printed.
pub(crate) const DIFFERS: &str = "019ab9f4-d500-7aaa-8bbb-0102030405c2";
/// Given back in part on the next day; nobody stated its plan.
pub(crate) const REFUNDED: &str = "019ab9f4-d500-7aaa-8bbb-0102030405c3";
/// Begun, and never heard of again.
pub(crate) const BEGUN: &str = "019ab9f4-d500-7aaa-8bbb-0102030405c4";
/// Its money came a day before everything else.
pub(crate) const LATE: &str = "019ab9f4-d500-7aaa-8bbb-0102030405c5";
/// The same purchase as the one that was begun, perhaps: same terminal, amount and phone.
pub(crate) const TWIN: &str = "019ab9f4-d500-7aaa-8bbb-0102030405c6";
/// Refused.
const REFUSED: &str = "019ab9f4-d500-7aaa-8bbb-0102030405c7";
/// The phone of both.
pub(crate) const PHONE: &str = "+33639980001";
/// The moment at which lists are asked.
pub(crate) const AT: &str = "2025-12-26T12:00:00Z";
/// Between money that came early and its payment; before the refund and the settlement.
pub(crate) const EARLY: &str = "2025-11-25T23:30:00Z";
/// A week after a day of trade, on which the terminal told nothing.
pub(crate) const QUIET: &str = "2025-12-01T12:00:00Z";

/// The ledger: made once, then only read.
pub(crate) fn clocked() -> &'static Path {
    static LEDGER: OnceLock<(Scratch, PathBuf)> = OnceLock::new();
    let (_, ledger) = LEDGER.get_or_init(|| {
        let scratch = Scratch::new();
        let ledger = scratch.path("ledger");
        make(&ledger);
        for name in ["TARGET", "FR"] {
            done(on(&ledger, &["calendar", "add", name, "2025", "--as", "op-7", "--reason", "a test"]));
        }
        (scratch, ledger)
    });
    ledger
}

/// `2025-11-24T09:00:00Z`.
fn moment(text: &str) -> Instant {
    let numbers: Vec<i64> =
        text.trim_end_matches('Z').split(['-', 'T', ':']).map(|n| n.parse().expect("a number")).collect();
    let [year, month, day, hour, minute, second] = numbers[..] else { panic!("{text}") };
    let part = |number: i64| u32::try_from(number).expect("small");
    let day = Day::of(i32::try_from(year).expect("a year"), part(month), part(day)).expect("a day");
    Instant((((i64::from(day.0) * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000)
}

fn settings() -> WriterSettings {
    WriterSettings::new("talon", Box::new(|| SegmentSeed { salt: 7, created_at: moment("2025-11-01T08:00:00Z") }))
}

/// Each line is recorded a second after it happened, or when it says.
fn make(ledger: &Path) {
    let mut entropy = Entropy::from_seed([7; 32]);
    let began = moment("2025-11-01T08:00:00Z");
    let id = new_ledger_id(began, &mut entropy);
    let records = genesis(id, "", began, &mut entropy).expect("no origin");
    for room in ["", "vault", "journal"] {
        std::fs::create_dir(ledger.join(room)).expect("a folder");
    }
    let master = MasterKey::generate(&mut entropy);
    master.write_new(&ledger.with_extension("key")).expect("a key");
    let vault = Vault::create(ledger, &master, id, Entropy::from_seed([8; 32])).expect("a vault");
    EmbeddedJournal::create(ledger, id, settings(), &records).expect("a journal");
    let journal = EmbeddedJournal::open(ledger, settings()).expect("a journal");
    let storage = Arc::new(Folder::index(ledger));
    let index = IdIndex::open(storage, &journal, &IndexSettings::new("talon", 7), &mut |_| {}).expect("an index");
    let mut door = Door::new(index, Seals::open(vault), entropy);
    let mut group = Group::new();
    for (number, (recorded, line)) in lines().into_iter().enumerate() {
        let mut events = EventBatch::new();
        events.push_with(number as u64 + 1, |out| Ok(event_from_json(line.as_bytes(), out)?));
        let outcomes = door.publish(&events, &Publisher::local(), recorded, &journal, &mut group).expect("room");
        assert!(outcomes.iter().all(|outcome| !matches!(outcome, Outcome::Refused(_))), "{line}\n{outcomes:?}");
    }
    door.close().expect("a vault");
}

/// Where an event comes from, and its number there.
#[derive(Clone, Copy)]
struct Spot {
    shop: u32,
    terminal: u32,
    seq: u32,
}

const NOWHERE: Spot = Spot { shop: 0, terminal: 0, seq: 0 };

const fn at_terminal(seq: u32) -> Spot {
    Spot { shop: 74, terminal: 417, seq }
}

/// Lines with the moments at which they are recorded.
#[derive(Default)]
struct Lines(Vec<(Instant, String)>);

impl Lines {
    fn tell(&mut self, at: &str, source: &str, from: Spot, of: Option<&str>, body: &str) {
        self.tell_late(at, at, source, from, of, body);
    }

    fn tell_late(&mut self, at: &str, recorded: &str, source: &str, from: Spot, of: Option<&str>, body: &str) {
        let number = self.0.len();
        let place = match from {
            Spot { shop: 0, .. } => String::new(),
            Spot { shop, terminal, seq: 0 } => format!(r#""shop":{shop},"terminal":{terminal},"#),
            Spot { shop, terminal, seq } => {
                format!(r#""shop":{shop},"terminal":{terminal},"terminalEpoch":1,"terminalSeq":{seq},"#)
            }
        };
        let of = of.map(|id| format!(r#""transactionId":"{id}","#)).unwrap_or_default();
        let line = format!(
            r#"{{"eventId":"019ab9f4-d580-7aaa-8bbb-0000{number:08x}","merchant":"{MERCHANT}",{place}{of}"occurredAt":"{at}","source":"{source}",{body}}}"#
        );
        self.0.push((Instant(moment(recorded).0 + 1_000_000), line));
    }
}

fn eur(cents: u32) -> String {
    format!(r#"{{"currency":"EUR","minorUnits":"{cents}"}}"#)
}

fn lines() -> Vec<(Instant, String)> {
    let mut lines = Lines::default();
    park(&mut lines);
    sales(&mut lines);
    evening(&mut lines);
    afterwards(&mut lines);
    settlement(&mut lines);
    lines.0
}

fn park(lines: &mut Lines) {
    let by = r#""authorCode":"op-7","reason":"a test""#;
    let stated = [
        format!(r#""merchantRegistered":{{"label":"Halles du Lin","country":"FR",{by}}}"#),
        format!(r#""shopRegistered":{{"code":"PAR1","label":"Lin Paris","establishments":[{{"nic":74}}],{by}}}"#),
        format!(
            r#""terminalAssigned":{{"terminal":417,"epoch":1,"shopCode":"PAR1","range":"tetra_move","model":"Move/5000","connectivity":"sim","fromDay":"2025-11-01",{by}}}"#
        ),
        format!(
            r#""feePlanRegistered":{{"id":"alma-3x","version":1,"provider":"alma","installmentsCount":3,"fromDay":"2025-01-01","merchantFeeBps":253,"taxBps":2000,"rounding":"half_up","roundingScope":"line","payoutRule":"after_days","payoutDay":2,{by}}}"#
        ),
    ];
    for body in stated {
        lines.tell("2025-11-01T09:00:00Z", "person", NOWHERE, None, &body);
    }
}

fn initiated(cents: u32, ticket: &str) -> String {
    format!(r#""paymentInitiated":{{"amount":{},"provider":"alma","tillId":"C1","tillTicket":"{ticket}"}}"#, eur(cents))
}

fn plan(version: u32, change: &str, share: u32, days: [&str; 3]) -> String {
    let entry = |(number, day): (usize, &&str)| {
        let share = eur(share);
        format!(
            r#"{{"number":{},"dueDate":"{day}T09:00:00Z","purchaseAmount":{share},"totalAmount":{share},"originalPurchaseAmount":{share}}}"#,
            number + 1
        )
    };
    let entries: Vec<_> = days.iter().enumerate().map(entry).collect();
    format!(
        r#""scheduleChosen":{{"version":{version},{change}"installmentsCount":3,"instalments":[{}],"provider":"alma"}}"#,
        entries.join(",")
    )
}

fn accepted(id: &str, cents: u32) -> String {
    format!(r#""paymentAccepted":{{"paymentId":"{id}","amount":{},"provider":"alma"}}"#, eur(cents))
}

fn debited(id: &str, cents: u32) -> String {
    format!(r#""cardDebited":{{"amount":{},"debitId":"{id}","provider":"alma"}}"#, eur(cents))
}

const PRINTED: &str = r#""ticketsPrinted":{"tickets":[{"kind":"t2_customer","copy":1},{"kind":"t3_till","copy":1}]}"#;
const DUE: [&str; 3] = ["2025-11-24", "2025-12-24", "2026-01-24"];

fn sales(lines: &mut Lines) {
    let shop = || Spot { seq: 0, ..at_terminal(0) };
    lines.tell("2025-11-24T09:00:00Z", "gateway", at_terminal(1), Some(PAID), &initiated(30_000, "T-1"));
    lines.tell("2025-11-24T09:01:00Z", "provider", shop(), Some(PAID), &plan(1, "", 10_000, DUE));
    lines.tell("2025-11-24T09:02:00Z", "provider", shop(), Some(PAID), &accepted("payment_1", 30_000));
    lines.tell("2025-11-24T09:02:00Z", "provider", shop(), Some(PAID), &debited("debit_1", 10_000));
    lines.tell("2025-11-24T09:03:00Z", "terminal", at_terminal(2), Some(PAID), PRINTED);
    lines.tell("2025-11-24T10:00:00Z", "gateway", at_terminal(3), Some(DIFFERS), &initiated(15_000, "T-2"));
    lines.tell("2025-11-24T10:01:00Z", "provider", shop(), Some(DIFFERS), &plan(1, "", 5_000, DUE));
    lines.tell("2025-11-24T10:02:00Z", "provider", shop(), Some(DIFFERS), &accepted("payment_2", 15_000));
    lines.tell("2025-11-24T10:02:00Z", "provider", shop(), Some(DIFFERS), &debited("debit_2", 5_000));
    lines.tell("2025-11-24T11:00:00Z", "gateway", at_terminal(4), Some(REFUNDED), &initiated(9_000, "T-3"));
    lines.tell("2025-11-24T11:02:00Z", "provider", shop(), Some(REFUNDED), &accepted("payment_3", 9_000));
    lines.tell("2025-11-24T11:02:00Z", "provider", shop(), Some(REFUNDED), &debited("debit_3", 9_000));
    lines.tell("2025-11-24T11:03:00Z", "terminal", at_terminal(5), Some(REFUNDED), PRINTED);
    let phone = format!(r#""personal":{{"phone":"{PHONE}"}},"#);
    // Number 7 never came, and number 8 came twice: the second is of another device.
    for (at, seq, of) in [("2025-11-24T12:00:00Z", 6, BEGUN), ("2025-11-24T12:05:00Z", 8, TWIN)] {
        lines.tell(at, "gateway", at_terminal(seq), Some(of), &initiated(6_000, "T-4"));
        let sms = format!(r#"{phone}"smsSent":{{"number":1}}"#);
        lines.tell(at, "gateway", at_terminal(seq + 3), Some(of), &sms);
    }
    lines.tell("2025-11-24T12:06:00Z", "gateway", at_terminal(8), Some(TWIN), r#""shopTimedOut":{}"#);
}

fn evening(lines: &mut Lines) {
    let total = |application: &str, count: u32, cents: u32| {
        format!(r#"{{"application":"{application}","count":{count},"amount":{}}}"#, eur(cents))
    };
    let of_terminal = [total("alma", 4, 60_000), total("cb", 9, 35_500)].join(",");
    let body = format!(
        r#""terminalTotals":{{"terminal":417,"epoch":1,"day":"2025-11-24","lastSeq":12,"lines":[{of_terminal}]}}"#
    );
    lines.tell("2025-11-24T19:00:00Z", "terminal", at_terminal(12), None, &body);
    let body = format!(
        r#""tillTotals":{{"shop":74,"till":"C1","day":"2025-11-24","tender":"ALMA","count":3,"amount":{}}}"#,
        eur(54_000)
    );
    lines.tell("2025-11-24T19:05:00Z", "gateway", NOWHERE, None, &body);
}

/// The days after: money that nobody knew a payment of, and the payment; a refund; an instalment that fails and one that is
/// moved.
fn afterwards(lines: &mut Lines) {
    let shop = || Spot { seq: 0, ..at_terminal(0) };
    lines.tell("2025-11-25T08:00:00Z", "provider", NOWHERE, Some(LATE), &debited("debit_5", 2_000));
    lines.tell_late(
        "2025-11-25T07:59:00Z",
        "2025-11-26T08:00:00Z",
        "gateway",
        at_terminal(13),
        Some(LATE),
        &initiated(6_000, "T-5"),
    );
    lines.tell_late(
        "2025-11-25T08:00:00Z",
        "2025-11-26T08:01:00Z",
        "provider",
        shop(),
        Some(LATE),
        &accepted("payment_5", 6_000),
    );
    lines.tell(
        "2025-11-26T08:02:00Z",
        "provider",
        shop(),
        Some(LATE),
        &plan(1, "", 2_000, ["2025-11-25", "2025-12-25", "2026-01-25"]),
    );
    let refund = format!(
        r#""refundCompleted":{{"refundId":"refund_3","amount":{},"cash":{},"rebate":{},"provider":"alma"}}"#,
        eur(3_000),
        eur(1_000),
        eur(2_000)
    );
    lines.tell("2025-11-26T09:00:00Z", "provider", shop(), Some(REFUNDED), &refund);
    let moved = plan(2, r#""change":"rescheduled","#, 10_000, ["2025-11-24", "2025-12-24", "2026-02-24"]);
    lines.tell("2025-11-27T09:00:00Z", "provider", shop(), Some(PAID), &moved);
    lines.tell("2025-11-26T10:00:00Z", "gateway", at_terminal(14), Some(REFUSED), &initiated(2_500, "T-6"));
    lines.tell("2025-11-26T10:01:00Z", "provider", shop(), Some(REFUSED), r#""paymentRefused":{"provider":"alma"}"#);
    let failed = format!(
        r#""debitFailed":{{"instalment":2,"attempt":1,"amount":{},"reason":"ceiling_reached","provider":"alma"}}"#,
        eur(5_000)
    );
    lines.tell("2025-12-24T03:00:00Z", "provider", shop(), Some(DIFFERS), &failed);
}

fn settlement(lines: &mut Lines) {
    let line = |number: u32, kind: &str, direction: &str, [gross, fee, tax]: [u32; 3], names: &str| {
        let fee = match fee {
            0 => String::new(),
            fee => format!(r#""merchantFee":{},"tax":{},"net":{},"#, eur(fee), eur(tax), eur(gross - fee)),
        };
        format!(
            r#""settlementLineRecorded":{{"account":"ALMA-1","lineId":"acc_{number}","kind":"{kind}","direction":"{direction}","amount":{},{fee}{names}"bookingDay":"2025-11-26","provider":"alma"}}"#,
            eur(gross)
        )
    };
    let told = [
        line(1, "payment", "credit", [30_000, 759, 127], r#""paymentId":"payment_1","includedInPayoutId":"payout_1","#),
        line(2, "payment", "credit", [15_000, 480, 80], r#""paymentId":"payment_2","includedInPayoutId":"payout_1","#),
        line(3, "payment", "credit", [9_900, 250, 42], r#""paymentId":"payment_9","#),
        line(4, "fee_waiver", "credit", [100, 0, 0], r#""paymentId":"payment_2","#),
    ];
    for body in told {
        lines.tell("2025-11-26T23:00:00Z", "provider", NOWHERE, None, &body);
    }
    let payout = format!(
        r#""payoutSent":{{"account":"ALMA-1","payoutId":"payout_1","amount":{},"day":"2025-11-27","provider":"alma"}}"#,
        eur(43_761)
    );
    lines.tell("2025-11-27T04:00:00Z", "provider", NOWHERE, None, &payout);
}
