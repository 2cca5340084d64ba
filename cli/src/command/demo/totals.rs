//! The day's totals: by shop and by provider, because two providers of one shop are never one total.

use std::collections::BTreeMap;

use talon_domain::contribution::{Account, contributions};
use talon_domain::fact::Text;
use talon_domain::ids::{MerchantId, ShopId};
use talon_domain::money::Currency;
use talon_domain::state::Status;
use talon_domain::time::Instant;

use super::{Payments, name_of};
use crate::demo::Day;
use crate::show::{Screen, money};

/// Whose total it is.
type Key = (MerchantId, ShopId, Text);

/// What a provider's day in a shop adds up to. Payments of other days count with what was moved today, and not as payments.
#[derive(Default)]
struct Total {
    payments: u32,
    succeeded: u32,
    ended: u32,
    unfinished: u32,
    sold: i128,
    collected: i128,
    refunded: i128,
    disputed: i128,
    suspense: i128,
}

pub(super) fn by_shop_and_provider(payments: &Payments, day: &Day, screen: &mut Screen) -> std::io::Result<()> {
    screen.heading(screen.say("La journée par boutique et prestataire (EUR)", "The day by shop and provider (EUR)"))?;
    let heads = [
        screen.say("Boutique", "Shop").to_owned(),
        screen.say("Prestataire", "Provider").to_owned(),
        format!(">{}", screen.say("Paiements", "Payments")),
        format!(">{}", screen.say("Aboutis", "Succeeded")),
        format!(">{}", screen.say("Sans suite", "Ended")),
        format!(">{}", screen.say("Ouverts", "Unfinished")),
        format!(">{}", screen.say("Ventes", "Sold")),
        format!(">{}", screen.say("Prélevé", "Collected")),
        format!(">{}", screen.say("Remboursé", "Refunded")),
        format!(">{}", screen.say("Contesté", "Disputed")),
        format!(">{}", screen.say("En attente", "Suspense")),
    ];
    let rows = totals(payments, day).iter().map(|(key, total)| row(key, total, day, screen)).collect();
    screen.table(&heads.each_ref().map(String::as_str), rows)
}

fn totals(payments: &Payments, day: &Day) -> BTreeMap<Key, Total> {
    let mut totals: BTreeMap<Key, Total> = BTreeMap::new();
    for (key, state) in payments.iter().filter(|(key, _)| !key.training) {
        if state.began_at.and_then(Instant::paris_day) == Some(day.date) {
            let provider = state.provider.clone().unwrap_or_default();
            totals.entry((key.merchant, state.shop, provider)).or_default().count(state.status);
        }
        for (key, minor_units) in contributions(state).into_iter().filter(|(key, _)| key.day == day.date) {
            let total = totals.entry((key.merchant, key.shop, key.provider)).or_default();
            *total.sum_of(key.account) += minor_units;
        }
    }
    totals
}

impl Total {
    fn count(&mut self, status: Status) {
        self.payments += 1;
        match status {
            Status::Collected | Status::Accepted => self.succeeded += 1,
            Status::Cancelled | Status::Refused | Status::Expired => self.ended += 1,
            Status::TimedOut | Status::Unknown | Status::InProgress => self.unfinished += 1,
        }
    }

    fn sum_of(&mut self, account: Account) -> &mut i128 {
        match account {
            Account::Sale => &mut self.sold,
            Account::Collected => &mut self.collected,
            Account::RefundCash | Account::RefundRebate | Account::RefundUndivided => &mut self.refunded,
            Account::Chargeback => &mut self.disputed,
            Account::Suspense | Account::SuspenseBack => &mut self.suspense,
        }
    }
}

fn row((merchant, shop, provider): &Key, total: &Total, day: &Day, screen: &Screen) -> Vec<String> {
    let euros = |minor: i128| money(Currency::EUR, minor.unsigned_abs(), screen.language).replace(" EUR", "");
    let mut row = vec![
        name_of(*merchant, *shop, &day.shops, screen),
        if provider.is_empty() { "-".to_owned() } else { provider.to_string() },
    ];
    row.extend([total.payments, total.succeeded, total.ended, total.unfinished].map(|count| count.to_string()));
    row.extend([total.sold, total.collected, total.refunded, total.disputed, total.suspense].map(euros));
    row
}
