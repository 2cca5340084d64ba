//! What the registry is asked: by name, or by number on a day.

use std::cmp::Reverse;

use talon_domain::fact::{Assignment, Calendar, Establishment, FeePlan, Merchant, Shop, Text};
use talon_domain::ids::{MerchantId, ShopId, TerminalEpoch, TerminalId};
use talon_domain::time::Day;

use super::{Registry, Stated, epoch};
use crate::working_days::WorkingDays;

/// Which fee plan is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeePlanInForce<'a> {
    /// None that is known.
    Nothing,
    /// This one.
    One(&'a FeePlan),
    /// These began on the same day, and nothing says which one counts.
    Several(Vec<&'a FeePlan>),
}

impl<'a> FeePlanInForce<'a> {
    /// Of plans that hold, those that began last.
    pub fn of(mut plans: Vec<&'a FeePlan>) -> Self {
        let last = plans.iter().map(|plan| plan.from_day).max();
        plans.retain(|plan| Some(plan.from_day) == last);
        match plans.as_slice() {
            [] => Self::Nothing,
            [one] => Self::One(one),
            _ => Self::Several(plans),
        }
    }
}

/// Whether what holds from one day to another, both included, holds on a day. An absent end is open.
pub fn holds_on(from: Option<Day>, until: Option<Day>, day: Day) -> bool {
    from.is_none_or(|from| from <= day) && until.is_none_or(|until| day <= until)
}

impl Registry {
    /// A merchant.
    pub fn merchant(&self, merchant: MerchantId) -> Option<&Stated<Merchant>> {
        self.merchants.get(&merchant)
    }

    /// All merchants, in the order of their numbers.
    pub fn merchants(&self) -> impl Iterator<Item = (MerchantId, &Stated<Merchant>)> {
        self.merchants.iter().map(|(merchant, stated)| (*merchant, stated))
    }

    /// A shop, by the chain's own code.
    pub fn shop(&self, merchant: MerchantId, code: &str) -> Option<&Stated<Shop>> {
        self.shops.get(&(merchant, Text::from(code)))
    }

    /// All shops, in the order of merchants and codes.
    pub fn shops(&self) -> impl Iterator<Item = (MerchantId, &Stated<Shop>)> {
        self.shops.iter().map(|((merchant, _), stated)| (*merchant, stated))
    }

    /// The shop that has this establishment number on a day; the first by its code if several claim it.
    pub fn shop_by_nic(&self, merchant: MerchantId, nic: ShopId, day: Day) -> Option<&Stated<Shop>> {
        self.shops_of(merchant).find(|shop| nic_on(&shop.what, day) == Some(nic))
    }

    /// A merchant's shops, in the order of their codes.
    pub fn shops_of(&self, merchant: MerchantId) -> impl Iterator<Item = &Stated<Shop>> {
        let from = self.shops.range((merchant, Text::default())..);
        from.take_while(move |((of, _), _)| *of == merchant).map(|(_, stated)| stated)
    }

    /// A device, by its number and epoch.
    pub fn assignment(
        &self,
        merchant: MerchantId,
        terminal: TerminalId,
        of: TerminalEpoch,
    ) -> Option<&Stated<Assignment>> {
        self.assignments.get(&(merchant, terminal, epoch(of)))
    }

    /// All devices, in the order of merchants, numbers and epochs.
    pub fn assignments(&self) -> impl Iterator<Item = (MerchantId, &Stated<Assignment>)> {
        self.assignments.iter().map(|((merchant, ..), stated)| (*merchant, stated))
    }

    /// Whether any device of a merchant is registered.
    pub fn has_devices(&self, merchant: MerchantId) -> bool {
        let first = (merchant, TerminalId(0), TerminalEpoch(0));
        self.assignments.range(first..=(merchant, TerminalId(u32::MAX), TerminalEpoch(u16::MAX))).next().is_some()
    }

    /// The device behind a number on a day: of those assigned, the one of the highest epoch.
    pub fn assignment_on(&self, merchant: MerchantId, terminal: TerminalId, day: Day) -> Option<&Stated<Assignment>> {
        let first = (merchant, terminal, TerminalEpoch(0));
        let of_number = self.assignments.range(first..=(merchant, terminal, TerminalEpoch(u16::MAX)));
        let assigned = of_number.filter(|(_, stated)| holds_on(stated.what.from_day, stated.what.until_day, day));
        assigned.map(|(_, stated)| stated).next_back()
    }

    /// All fee plans, in the order of merchants, names and versions.
    pub fn fee_plans(&self) -> impl Iterator<Item = (MerchantId, &Stated<FeePlan>)> {
        self.fee_plans.iter().map(|((merchant, ..), stated)| (*merchant, stated))
    }

    /// A version of a fee plan.
    pub fn fee_plan(&self, merchant: MerchantId, id: &str, version: u32) -> Option<&Stated<FeePlan>> {
        self.fee_plans.get(&(merchant, Text::from(id), version))
    }

    /// The fee plan in force for so many instalments, `(days, months)` later, on a day: of one name the version that began
    /// last, and the highest of those; of several names the one that began last.
    pub fn fee_plan_on(
        &self,
        merchant: MerchantId,
        provider: &str,
        installments_count: u32,
        deferral: (u32, u32),
        day: Day,
    ) -> FeePlanInForce<'_> {
        FeePlanInForce::of(self.fee_plans_on(merchant, provider, installments_count, deferral, day))
    }

    /// The fee plans of every name that are in force, each in the version that counts, in the order of names.
    pub fn fee_plans_on(
        &self,
        merchant: MerchantId,
        provider: &str,
        installments_count: u32,
        deferral: (u32, u32),
        day: Day,
    ) -> Vec<&FeePlan> {
        let fits = |plan: &FeePlan| {
            let asked = (provider, installments_count, deferral);
            (&*plan.provider, plan.installments_count, (plan.deferred_days, plan.deferred_months)) == asked
                && holds_on(plan.from_day, plan.until_day, day)
        };
        let own = self.fee_plans().filter(|(of, stated)| *of == merchant && fits(&stated.what));
        let mut plans: Vec<_> = own.map(|(_, stated)| &stated.what).collect();
        plans.sort_by_key(|plan| (&plan.id, Reverse((plan.from_day, plan.version.get()))));
        plans.dedup_by_key(|plan| &plan.id);
        plans
    }

    /// A calendar's version that counts: the highest.
    pub fn calendar(&self, id: &str) -> Option<&Stated<Calendar>> {
        let all = self.calendars.range((Text::from(id), 0)..=(Text::from(id), u32::MAX));
        all.map(|(_, stated)| stated).next_back()
    }

    /// All calendars, in the order of names and versions.
    pub fn calendars(&self) -> impl Iterator<Item = &Stated<Calendar>> {
        self.calendars.values()
    }

    /// The working days of every stated year of a calendar: "TARGET" is the years "TARGET-2026", "TARGET-2027"...
    pub fn working_days(&self, name: &str) -> WorkingDays {
        let mut days = WorkingDays::default();
        for calendar in self.calendars() {
            // Of one year the highest version comes last, and replaces the others.
            if let Some(year) = calendar_year(&calendar.what.id, name) {
                days.state(year, calendar.what.closed_days.iter().map(|(day, _)| *day));
            }
        }
        days
    }
}

/// The establishment number of a shop on a day: the last one that had begun; none of a shop that was closed.
pub fn nic_on(shop: &Shop, day: Day) -> Option<ShopId> {
    if shop.closed_from.is_some_and(|closed| closed <= day) {
        return None;
    }
    let begun = shop.establishments.iter().filter(|establishment| holds_on(establishment.from_day, None, day));
    let last: Option<&Establishment> = begun.max_by_key(|establishment| establishment.from_day);
    last.map(|establishment| establishment.nic)
}

/// The year that a calendar's id names: 2026 of "TARGET-2026".
fn calendar_year(id: &str, name: &str) -> Option<i32> {
    let year = id.strip_prefix(name)?.strip_prefix('-')?;
    (year.len() == 4 && year.bytes().all(|digit| digit.is_ascii_digit())).then(|| year.parse().ok())?
}
