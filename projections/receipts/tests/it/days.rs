//! Ends of days: what devices state, and what the ledger counted beside it.

use talon_domain::fact::{ApplicationTotal, Direction, Ordinal, TerminalTotals};
use talon_domain::ids::{ShopId, TerminalEpoch, TerminalId, TerminalSeq};
use talon_domain::money::Currency;
use talon_domain::time::{Day, Instant};
use talon_receipts::{ApplicationDay, DayOfTerminal, DeviceDay, Layout, Tally, end_of_day};

use crate::golden::SHOP;
use crate::story::{AFTERNOON, MERCHANT, eur, instant};

/// 24 November 2025, 19:32 in Paris.
const EVENING: i64 = AFTERNOON + 5 * 3_600 + 27 * 60;

/// A device's totals, and the numbers that are missing.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) stated: TerminalTotals,
    pub(crate) stated_at: Option<Instant>,
    pub(crate) missing: Option<Vec<(TerminalSeq, TerminalSeq)>>,
}

/// An application's total: its code, what the terminal states, what the ledger counted.
pub(crate) type Total = (String, Tally, Option<Tally>);

/// A terminal's day.
#[derive(Clone, Debug)]
pub(crate) struct DayStory {
    pub(crate) name: &'static str,
    pub(crate) shop: String,
    pub(crate) devices: Vec<Device>,
    pub(crate) totals: Vec<Total>,
    pub(crate) training: bool,
    pub(crate) copy: u32,
}

impl DayStory {
    pub(crate) fn layout(&self) -> Layout {
        let devices: Vec<_> = self.devices.iter().map(of_device).collect();
        let totals: Vec<_> = self.totals.iter().map(of_application).collect();
        end_of_day(&DayOfTerminal {
            merchant: MERCHANT,
            shop: ShopId(74),
            shop_name: Some(&self.shop),
            terminal: TerminalId(3),
            day: instant(EVENING).paris_day().expect("in range"),
            training: self.training,
            devices: &devices,
            totals: &totals,
            copy: Ordinal::new(self.copy),
            reprinted_at: (self.copy > 1).then(|| instant(EVENING + 43_200)),
        })
    }
}

fn of_device(Device { stated, stated_at, missing }: &Device) -> DeviceDay<'_> {
    DeviceDay { stated, stated_at: *stated_at, missing: missing.as_deref() }
}

fn of_application((application, stated, counted): &Total) -> ApplicationDay<'_> {
    ApplicationDay { application, currency: Currency::EUR, stated: *stated, counted: *counted }
}

pub(crate) fn line(application: &str, count: u32, cents: u64, direction: Direction) -> ApplicationTotal {
    ApplicationTotal { application: application.into(), count, amount: eur(cents), direction }
}

pub(crate) fn device(epoch: u16, last_seq: u32, lines: Vec<ApplicationTotal>) -> Device {
    let day: Day = instant(EVENING).paris_day().expect("in range");
    let (terminal, epoch, last_seq) = (TerminalId(3), TerminalEpoch(epoch), TerminalSeq(last_seq));
    let stated = TerminalTotals { terminal, epoch, day, last_seq, lines, revision: 0 };
    Device { stated, stated_at: Some(instant(EVENING)), missing: Some(Vec::new()) }
}

fn day(name: &'static str, devices: Vec<Device>, totals: Vec<Total>) -> DayStory {
    DayStory { name, shop: SHOP.to_owned(), devices, totals, training: false, copy: 1 }
}

const fn tally(count: u64, net: i128) -> Tally {
    Tally { count, net }
}

fn ranges(ranges: &[(u32, u32)]) -> Vec<(TerminalSeq, TerminalSeq)> {
    ranges.iter().map(|(first, last)| (TerminalSeq(*first), TerminalSeq(*last))).collect()
}

/// Alma and cards on one terminal; an event is lost, so the ledger counted one sale less.
fn two_applications_and_a_hole() -> DayStory {
    use Direction::{Credit, Debit};
    let lines = vec![
        line("alma", 12, 264_990, Credit),
        line("alma", 1, 6_000, Debit),
        line("cb", 48, 1_204_315, Credit),
        line("oney", 2, 61_000, Credit),
    ];
    let device = Device { missing: Some(ranges(&[(117, 117), (120, 122)])), ..device(1, 131, lines) };
    let totals = vec![
        ("alma".to_owned(), tally(13, 258_990), Some(tally(12, 243_990))),
        ("cb".to_owned(), tally(48, 1_204_315), None),
        ("oney".to_owned(), tally(2, 61_000), Some(tally(2, 61_000))),
    ];
    day("two-applications", vec![device], totals)
}

pub(crate) fn days() -> Vec<DayStory> {
    use Direction::{Credit, Debit};
    let swapped = vec![
        device(1, 118, vec![line("alma", 4, 80_000, Credit)]),
        device(2, 9, vec![line("alma", 1, 20_000, Credit), line("alma", 2, 130_000, Debit)]),
    ];
    let swapped = day("swapped", swapped, vec![("alma".to_owned(), tally(7, -30_000), Some(tally(7, -30_000)))]);
    let quiet = Device { missing: None, ..device(1, 0, Vec::new()) };
    let untold = day("untold", Vec::new(), vec![("alma".to_owned(), tally(0, 0), Some(tally(3, 90_000)))]);
    vec![
        two_applications_and_a_hole(),
        DayStory { name: "duplicate", copy: 2, ..two_applications_and_a_hole() },
        swapped,
        DayStory { training: true, ..day("quiet", vec![quiet], Vec::new()) },
        untold,
    ]
}
