//! Who and what there is: merchants, shops, terminals, fee plans, calendars, rules, principals. Each says who decided it,
//! by code, and why.

use super::choice::{Connectivity, PayoutRule, Remainder, Rounding, RoundingScope, TerminalRange};
use super::{Ordinal, Source, Text};
use crate::ids::{MerchantId, PrincipalId, ShopId, TerminalEpoch, TerminalId, TerminalSeq};
use crate::money::Money;
use crate::time::Day;

/// Who decided, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// The person's code, never a name.
    pub author_code: Option<Text>,
    /// In a few words.
    pub reason: Option<Text>,
}

/// A merchant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merchant {
    /// What its papers call it.
    pub label: Text,
    /// ISO 3166.
    pub country: Option<Text>,
    /// From when on it is no more.
    pub closed_from: Option<Day>,
    /// Who decided it.
    pub decided: Decided,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// A shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shop {
    /// The chain's own code.
    pub code: Text,
    /// What is written above its door.
    pub label: Option<Text>,
    /// Where.
    pub town: Option<Text>,
    /// Its establishment numbers, one after the other.
    pub establishments: Vec<Establishment>,
    /// From when on it is no more.
    pub closed_from: Option<Day>,
    /// Who decided it.
    pub decided: Decided,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// An establishment number of a shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Establishment {
    /// The NIC.
    pub nic: ShopId,
    /// From when on; since ever where absent.
    pub from_day: Option<Day>,
}

/// A device behind a terminal's number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The number.
    pub terminal: TerminalId,
    /// Which device.
    pub epoch: TerminalEpoch,
    /// The shop's own code.
    pub shop_code: Option<Text>,
    /// What is engraved on the device.
    pub serial: Option<Text>,
    /// What the gateway calls it.
    pub logical_id: Option<Text>,
    /// Its family.
    pub range: Option<TerminalRange>,
    /// Its model.
    pub model: Option<Text>,
    /// How it reaches the gateway.
    pub connectivity: Option<Connectivity>,
    /// The first sequence number that it uses; absent is 1.
    pub first_seq: TerminalSeq,
    /// Since when.
    pub from_day: Option<Day>,
    /// Until when.
    pub until_day: Option<Day>,
    /// Who decided it.
    pub decided: Decided,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// What a provider takes for one plan, and when it pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeePlan {
    /// Its name.
    pub id: Text,
    /// Which version, from 1.
    pub version: Ordinal,
    /// Whose.
    pub provider: Text,
    /// For plans of so many instalments.
    pub installments_count: u32,
    /// And so many days.
    pub deferred_days: u32,
    /// And so many months.
    pub deferred_months: u32,
    /// Since when.
    pub from_day: Option<Day>,
    /// Until when.
    pub until_day: Option<Day>,
    /// Of the purchase, tax included.
    pub merchant_fee_bps: u32,
    /// For each payment.
    pub merchant_fee_fixed: Option<Money>,
    /// Tax within the fee.
    pub tax_bps: u32,
    /// What the customer pays.
    pub customer_fee_bps: u32,
    /// The smallest purchase.
    pub purchase_least: Option<Money>,
    /// The largest purchase.
    pub purchase_most: Option<Money>,
    /// What becomes of half a cent.
    pub rounding: Option<Rounding>,
    /// What is rounded.
    pub rounding_scope: Option<RoundingScope>,
    /// When it pays.
    pub payout_rule: Option<PayoutRule>,
    /// Days after, day of the week from 1, or day of the month.
    pub payout_day: u32,
    /// Who decided it.
    pub decided: Decided,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// The days on which something is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Its name: "TARGET-2026".
    pub id: Text,
    /// Which version, from 1.
    pub version: Ordinal,
    /// The days, each with what it is called.
    pub closed_days: Vec<(Day, Option<Text>)>,
    /// Who decided it.
    pub decided: Decided,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// By which rules a provider's plans are predicted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanRules {
    /// Their name.
    pub id: Text,
    /// Which version, from 1.
    pub version: Ordinal,
    /// Whose.
    pub provider: Option<Text>,
    /// Where left-over cents go.
    pub remainder: Option<Remainder>,
    /// Since when.
    pub from_day: Option<Day>,
    /// Who decided it.
    pub decided: Decided,
    /// Orders what one source says of it.
    pub revision: u64,
}

/// Who may publish what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Its number.
    pub number: PrincipalId,
    /// What it is called.
    pub label: Option<Text>,
    /// For whom (0 is every merchant) and with whose mouth.
    pub scopes: Vec<(MerchantId, Source)>,
    /// It may publish no more.
    pub revoked: bool,
    /// Who decided it.
    pub decided: Decided,
    /// Orders what one source says of it.
    pub revision: u64,
}
