//! What the chain's office states before the shops open: its companies, shops, terminals and what the providers take.
//! It is stated as everything else: facts of a person, who signs with a code.

use talon_domain::ids::MerchantId;
use talon_domain::time::Instant;

use super::book::{Book, Mouth, Of, Payload};
use super::chain::{CHAIN, COMPANIES, Counter, LILLE, LYON, Link, NANTES, Place, counters};
use super::hours::{TODAY, clock, later};
use super::json::Object;
use super::plans::{IN_3, IN_4};
use super::provider::{ALMA, ONEY};

const STATED: Instant = clock(7, 30);
/// A few minutes before the new device answers.
const SWAPPED: Instant = clock(12, 50);
const AUTHOR: &str = "RC4";

/// Everything that is stated, a second apart.
pub(super) fn stated(book: &mut Book) {
    let companies = COMPANIES.iter().map(|company| (company.merchant, "merchantRegistered", merchant(company.label)));
    let shops = CHAIN.into_iter().map(|place| (place.shop.merchant, "shopRegistered", shop(place)));
    let known = counters().filter(|counter| counter.terminal.is_registered);
    let devices = known.map(|counter| (counter.shop.merchant, "terminalAssigned", assigned(counter, 1, "")));
    let plans = FEE_PLANS.iter().map(|plan| (plan.merchant, "feePlanRegistered", plan.stated()));
    let all: Vec<_> = companies.chain(shops).chain(devices).chain(plans).collect();
    for (second, (merchant, kind, payload)) in (0..).zip(all) {
        state(book, merchant, later(STATED, second), kind, payload);
    }
    for counter in counters().filter(|counter| counter.terminal.replaced_at.is_some()) {
        let merchant = counter.shop.merchant;
        state(book, merchant, SWAPPED, "terminalAssigned", assigned(counter, 1, TODAY).long("revision", 1));
        state(book, merchant, later(SWAPPED, 1), "terminalAssigned", assigned(counter, 2, ""));
    }
}

/// It is there when it is stated: the office waits for the answer.
fn state(book: &mut Book, merchant: MerchantId, at: Instant, kind: &'static str, payload: Object) {
    book.tell(Mouth::Person, Of::Company(merchant), at, kind, Payload::Plain(payload)).sent = Some(at);
}

fn signed(payload: Object, reason: &str) -> Object {
    payload.text("authorCode", AUTHOR).text("reason", reason)
}

fn merchant(label: &str) -> Object {
    signed(Object::new().text("label", label).text("country", "FR"), "contract 2026-04")
}

fn shop(Place { shop, code, moved, .. }: Place) -> Object {
    let now = Object::new().number("nic", shop.shop.0);
    let establishments = match moved {
        None => vec![now],
        Some((before, from)) => vec![Object::new().number("nic", before), now.text("fromDay", from)],
    };
    let payload = Object::new().text("code", code).text("label", shop.name).text("town", shop.town);
    signed(payload.list("establishments", establishments.into_iter()), "opening of the season")
}

/// One device behind a terminal's number; the second of a swap from today on.
fn assigned(Counter { shop, terminal }: Counter, epoch: u16, until: &str) -> Object {
    let place = CHAIN.into_iter().find(|place| place.shop == shop);
    let code = place.map_or("", |place| place.code);
    let (range, model, connectivity) = match terminal.link {
        Link::Ethernet => ("TERMINAL_RANGE_TETRA_DESK", "Desk/5000", "CONNECTIVITY_ETHERNET"),
        Link::Sim => ("TERMINAL_RANGE_TETRA_MOVE", "Move/5000", "CONNECTIVITY_SIM"),
        Link::WiFi => ("TERMINAL_RANGE_TETRA_MOVE", "Move/5000", "CONNECTIVITY_WIFI"),
    };
    let number = terminal.number;
    let payload = Object::new()
        .number("terminal", number)
        .number("epoch", epoch.into())
        .text("shopCode", code)
        .text("serial", &format!("{:03}-{number:03}-{:03}", shop.merchant.0 % 1_000, 410 + epoch))
        .text("logicalId", &format!("{}-{}", code.to_lowercase(), terminal.till.to_lowercase()))
        .text("range", range)
        .text("model", model)
        .text("connectivity", connectivity)
        .number("firstSeq", terminal.first_seq(epoch))
        .text("fromDay", if epoch == 1 { "" } else { TODAY })
        .text("untilDay", until);
    signed(payload, if epoch == 1 && until.is_empty() { "opening of the season" } else { "device swapped" })
}

/// What a provider takes for one plan.
struct FeePlan {
    merchant: MerchantId,
    id: &'static str,
    provider: &'static str,
    count: u32,
    merchant_bps: u32,
    customer_bps: u64,
}

const fn fee_plan(merchant: MerchantId, id: &'static str, count: u32, merchant_bps: u32, customer_bps: u64) -> FeePlan {
    FeePlan { merchant, id, provider: ALMA.code, count, merchant_bps, customer_bps }
}

/// As the script's own prices are (`plans`).
const FEE_PLANS: [FeePlan; 8] = [
    fee_plan(LYON, "alma-3x", 3, 253, 0),
    fee_plan(LYON, "alma-4x", 4, 248, IN_4.fee_bps),
    FeePlan { provider: ONEY.code, ..fee_plan(LYON, "oney-3x", 3, 265, 0) },
    FeePlan { provider: ONEY.code, ..fee_plan(LYON, "oney-4x", 4, 260, IN_4.fee_bps) },
    fee_plan(NANTES, "alma-3x", 3, 253, IN_3.fee_bps),
    fee_plan(NANTES, "alma-4x", 4, 248, IN_4.fee_bps),
    fee_plan(LILLE, "alma-3x", 3, 253, 0),
    fee_plan(LILLE, "alma-4x", 4, 248, IN_4.fee_bps),
];

/// What the first provider takes of a company's sale in so many instalments, in basis points.
pub(super) fn merchant_bps(merchant: MerchantId, count: u32) -> Option<u32> {
    let is_it = |plan: &&FeePlan| plan.merchant == merchant && plan.count == count && plan.provider == ALMA.code;
    FEE_PLANS.iter().find(is_it).map(|plan| plan.merchant_bps)
}

impl FeePlan {
    fn stated(&self) -> Object {
        let customer = u32::try_from(self.customer_bps).unwrap_or(0);
        let payload = Object::new()
            .text("id", self.id)
            .number("version", 1)
            .text("provider", self.provider)
            .number("installmentsCount", self.count)
            .text("fromDay", "2026-01-01")
            .number("merchantFeeBps", self.merchant_bps)
            .number("taxBps", 2_000)
            .number("customerFeeBps", customer)
            .cents("purchaseLeast", 5_000)
            .cents("purchaseMost", 300_000)
            .text("rounding", "ROUNDING_HALF_UP")
            .text("roundingScope", "ROUNDING_SCOPE_LINE")
            .text("payoutRule", "PAYOUT_RULE_AFTER_DAYS")
            .number("payoutDay", 3);
        signed(payload, "contract 2026-04")
    }
}
