//! Silence: a registered terminal that usually works has told nothing on a day on which its shop trades. It may be
//! unplugged, cut off or moved; nobody is accused of anything.
//!
//! A day is a trading day of a shop if a payment that is no practice began there; the day that is asked for also if the
//! shop traded a week before it, so that a shop whose only terminal is silent is not taken for a closed one. What a
//! provider says of old payments is no sign of a device, and opens no shop.

use talon_domain::fact::Assignment;
use talon_domain::ids::MerchantId;
use talon_domain::time::{Day, Instant};

use super::{Counter, Terminals};
use crate::registry::{Registry, nic_on};

/// How many trading days before the one that is asked for are looked at.
const TRADING_DAYS: u16 = 7;
/// With fewer nothing is said.
const TRADING_DAYS_LEAST: u16 = 3;
/// How far back they are looked for.
const DAYS_BACK: u16 = 60;
const WEEK: u16 = 7;

/// A terminal is silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Silence {
    /// On this day, up to the moment that was asked for.
    pub day: Day,
    /// On so many of its shop's last trading days it worked.
    pub worked: u16,
    /// Of so many.
    pub trading_days: u16,
}

impl Terminals {
    /// Whether the device that is assigned on the day of a moment is silent.
    pub(super) fn silence(
        &self,
        merchant: MerchantId,
        (assigned, counter): (&Assignment, Option<&Counter>),
        registry: &Registry,
        at: Instant,
    ) -> Option<Silence> {
        let (day, counter) = (at.paris_day()?, counter?);
        let shop = &registry.shop(merchant, assigned.shop_code.as_deref()?)?.what;
        let trades = |day: Day| {
            let days = nic_on(shop, day).and_then(|nic| self.shops.get(&(merchant, nic)));
            days.is_some_and(|days| days.traded.contains(day.0.into()))
        };
        let is_open = trades(day) || trades(Day(day.0.saturating_sub(WEEK))) && nic_on(shop, day).is_some();
        if !is_open || counter.shows(day, at) {
            return None;
        }
        let before = (1..=DAYS_BACK).map(|back| Day(day.0.saturating_sub(back)));
        let (mut worked, mut trading_days) = (0u16, 0u16);
        for day in before.filter(|day| trades(*day)).take(TRADING_DAYS.into()) {
            trading_days = trading_days.saturating_add(1);
            worked = worked.saturating_add(counter.shows(day, at).into());
        }
        let usually = trading_days >= TRADING_DAYS_LEAST && worked > trading_days / 2;
        usually.then_some(Silence { day, worked, trading_days })
    }
}
